"""Purity and coverage over eps as a picture that needs nothing to be looked at: SVG."""

from collections.abc import Iterator, Sequence

from analysis_service.grid import Row

WIDTH, HEIGHT, EDGE = 640, 400, 50
COLOURS = {"purity": "#1f77b4", "coverage": "#ff7f0e", "ari": "#2ca02c"}


def svg(rows: Sequence[Row], min_samples: int) -> str:
    """Return the curves of DBSCAN at one `min_samples`; there is at least one such row."""
    curve = [row for row in rows if row.method == "dbscan" and row.min_samples == min_samples]
    most = max(row.eps or 0 for row in curve)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *_axes(most, min_samples),
            *(_line(curve, name, most) for name in COLOURS),
            *_legend(),
            "</svg>\n",
        ]
    )


def _at(eps: float, value: float, most: float) -> tuple[float, float]:
    x = EDGE + (WIDTH - 2 * EDGE) * eps / most
    return round(x, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value, 1)


def _line(curve: Sequence[Row], name: str, most: float) -> str:
    places = (_at(row.eps or 0, max(0.0, getattr(row, name)), most) for row in curve)
    points = " ".join(f"{x},{y}" for x, y in places)
    return f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'


def _axes(most: float, min_samples: int) -> Iterator[str]:
    for step in range(6):
        value = step / 5
        x, y = _at(value * most, value, most)
        yield f'<text x="{EDGE - 8}" y="{y + 4}" text-anchor="end">{value:.1f}</text>'
        yield f'<path d="M{EDGE} {y}H{WIDTH - EDGE}" stroke="#ddd"/>'
        eps = f"{value * most:.2f}"
        yield f'<text x="{x}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{eps}</text>'
    title = f"DBSCAN, min_samples {min_samples}: eps"
    yield f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">{title}</text>'


def _legend() -> Iterator[str]:
    for place, (name, colour) in enumerate(COLOURS.items()):
        yield f'<text x="{EDGE + 110 * place}" y="{EDGE - 20}" fill="{colour}">{name}</text>'
