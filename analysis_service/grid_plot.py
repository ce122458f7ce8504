"""The figures over eps, other methods beside them, as a picture that needs nothing else: SVG."""

from collections.abc import Iterator, Sequence

from analysis_service.grid import Row

WIDTH, HEIGHT, EDGE, BESIDE = 760, 400, 50, 170
COLOURS = {"purity": "#1f77b4", "coverage": "#ff7f0e", "nmi": "#9467bd", "ari": "#2ca02c"}


def svg(rows: Sequence[Row], min_samples: int) -> str:
    """Return the curves of DBSCAN at one `min_samples`; there is at least one such row.

    The figures of HDBSCAN at the same, and of k-means, stand to the right as dots.
    """
    curve = [row for row in rows if row.method == "dbscan" and row.min_samples == min_samples]
    beside = [row for row in rows if row.eps is None and row.min_samples in (min_samples, None)]
    most = max(row.eps or 0 for row in curve)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *_axes(most, min_samples),
            *(_line(curve, name, most) for name in COLOURS),
            *(dot for place, row in enumerate(beside) for dot in _dots(row, place)),
            *_legend(),
            "</svg>\n",
        ]
    )


def _at(eps: float, value: float, most: float) -> tuple[float, float]:
    return round(EDGE + (WIDTH - EDGE - BESIDE) * eps / most, 1), _height(value)


def _height(value: float) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * max(0.0, value), 1)


def _line(curve: Sequence[Row], name: str, most: float) -> str:
    places = (_at(row.eps or 0, getattr(row, name), most) for row in curve)
    points = " ".join(f"{x},{y}" for x, y in places)
    return f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'


def _dots(row: Row, place: int) -> Iterator[str]:
    """Yield the figures of a method without eps, one above the other, and its name below."""
    x = WIDTH - BESIDE + 45 + 85 * place
    yield f'<text x="{x}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{row.method}</text>'
    for name, colour in COLOURS.items():
        y = _height(getattr(row, name))
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'


def _axes(most: float, min_samples: int) -> Iterator[str]:
    for step in range(6):
        value = step / 5
        x, y = _at(value * most, value, most)
        yield f'<text x="{EDGE - 8}" y="{y + 4}" text-anchor="end">{value:.1f}</text>'
        yield f'<path d="M{EDGE} {y}H{WIDTH - BESIDE}" stroke="#ddd"/>'
        eps = f"{value * most:.2f}"
        yield f'<text x="{x}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{eps}</text>'
    title, x = f"DBSCAN, min_samples {min_samples}: eps", (EDGE + WIDTH - BESIDE) / 2
    yield f'<text x="{x}" y="{HEIGHT - 10}" text-anchor="middle">{title}</text>'


def _legend() -> Iterator[str]:
    for place, (name, colour) in enumerate(COLOURS.items()):
        yield f'<text x="{EDGE + 110 * place}" y="{EDGE - 20}" fill="{colour}">{name}</text>'
