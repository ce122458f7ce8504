"""A map of photos as one web page that needs no network."""

from collections.abc import Mapping
from html import escape

import plotly.graph_objects as go

from common.samples import Kind
from ui import console, naming
from ui.analyses import MapPoint, PhotoMap


def page(found: PhotoMap, names: Mapping[str, str]) -> str:
    """Return HTML that shows each sample as a point, coloured by kind, named by its photo."""
    flat = not any(point.z for point in found.points)
    figure = go.Figure()
    for kind in Kind:
        points = [point for point in found.points if point.sample.kind is kind]
        if points:
            figure.add_trace(_trace(kind, points, names, flat=flat))
    figure.update_layout(title=f"Semapix map, revision {found.analysis.revision}", height=800)
    return str(figure.to_html(include_plotlyjs=True, full_html=True))


def _trace(
    kind: Kind, points: list[MapPoint], names: Mapping[str, str], *, flat: bool
) -> go.Scatter | go.Scatter3d:
    axes = {"x": [p.x for p in points], "y": [p.y for p in points]}
    make = go.Scatter
    if not flat:
        axes["z"], make = [p.z for p in points], go.Scatter3d
    return make(
        **axes,
        mode="markers",
        marker={"size": 4},
        name=kind.name.lower(),
        text=[_hover(point, names) for point in points],
        hoverinfo="text",
    )


def _hover(point: MapPoint, names: Mapping[str, str]) -> str:
    name = names.get(point.sample.photo_id, "")
    return escape(console.clean(f"{name}: {naming.sample(point.sample)}"))
