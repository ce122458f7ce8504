"""The figures of a report, as PNG."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis_service.grid import Row
from analysis_service.report.likeness import Likeness
from analysis_service.report.weighing import WEIGHTINGS, Example
from common import images
from common.vectors import Floats

DPI = 110
SAME, OTHER = "#2a78b5", "#d9822b"
MEASURES = (("purity", SAME), ("coverage", OTHER), ("ari", "#2f8f5b"))
NAMED_CLASSES = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure: the name of its file without ending, what it is in a few words, and its PNG."""

    name: str
    title: str
    png: bytes


def matrix(found: Likeness, name: str, title: str) -> Chart:
    """Return the mean cosines class by class; with few classes the numbers stand in it."""
    count = len(found.classes)
    side = max(5.0, 0.34 * count + 2)
    figure = _figure(side + 1, side)
    axes = figure.add_subplot()
    shown = axes.imshow(found.matrix, cmap="viridis")
    axes.set_xticks(range(count), found.classes, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(count), found.classes)
    figure.colorbar(shown, label="mean cosine", shrink=0.8)
    if count <= NAMED_CLASSES:
        _numbers(axes, found.matrix)
    return _chart(figure, name, title)


def _numbers(axes: Axes, values: Floats) -> None:
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if value < middle else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour, size=8)


def histogram(found: Likeness, name: str, title: str) -> Chart:
    """Return how the cosines of pairs of one class and of two classes are spread."""
    figure = _figure(7, 3.6)
    axes = figure.add_subplot()
    least = float(min(found.same.min(), found.other.min()))
    steps = np.linspace(least, float(max(found.same.max(), found.other.max())), 60).tolist()
    for values, colour, label in (
        (found.same, SAME, "same class"),
        (found.other, OTHER, "different classes"),
    ):
        axes.hist(values, bins=steps, density=True, alpha=0.6, color=colour, label=label)
    text = f"threshold {found.threshold:.2f}"
    axes.axvline(found.threshold, color="black", linestyle="--", linewidth=1, label=text)
    axes.set(xlabel="cosine of a pair", ylabel="density", yticks=[])
    axes.legend(frameon=False)
    return _chart(figure, name, title)


def captions(cosines: Floats, name: str, title: str) -> Chart:
    """Return cosines of captions (rows) and pictures (columns), the own ones on the diagonal."""
    figure = _figure(6, 5)
    axes = figure.add_subplot()
    shown = axes.imshow(cosines, cmap="viridis")
    axes.set(xlabel="picture", ylabel="caption")
    figure.colorbar(shown, label="cosine", shrink=0.8)
    return _chart(figure, name, title)


def places(points: Floats, labels: Sequence[str], name: str, title: str) -> Chart:
    """Return a map: a point per sample, shape (n, 2) or wider, coloured by label."""
    classes = sorted(set(labels))
    many = len(classes) > NAMED_CLASSES
    figure = _figure(8.5 if many else 7.5, 5.6)
    axes = figure.add_subplot()
    colours = matplotlib.colormaps["gist_rainbow" if many else "tab20"]
    labelled = np.asarray(labels)
    for at, label in enumerate(classes):
        rows = points[labelled == label]
        colour = colours(at / len(classes)) if many else colours(at)
        marker = "osD^"[at % 4]
        axes.scatter(rows[:, 0], rows[:, 1], s=16, color=[colour], marker=marker, label=label)
    axes.set(aspect="equal")
    axes.set_axis_off()
    axes.legend(
        bbox_to_anchor=(1.01, 1), loc="upper left", frameon=False, fontsize=7, markerscale=1.4
    )
    return _chart(figure, name, title)


def sweep(rows: Sequence[Row], marks: Sequence[tuple[str, float]], name: str, title: str) -> Chart:
    """Return purity, coverage and ARI of DBSCAN over eps; `marks` name an eps each."""
    figure = _figure(7, 4)
    axes = figure.add_subplot()
    eps = [row.eps or 0.0 for row in rows]
    for measure, colour in MEASURES:
        label = "ARI" if measure == "ari" else measure
        values = [getattr(row, measure) if row.clusters else np.nan for row in rows]
        axes.plot(eps, values, color=colour, label=label)
    for at, (label, value) in enumerate(marks):
        style = ("--", ":", "-.")[at % 3]
        axes.axvline(value, color="grey", linestyle=style, linewidth=1.2, label=label)
    axes.set(xlabel="eps (cosine distance)", ylabel="share", ylim=(-0.03, 1.03))
    axes.legend(frameon=False, bbox_to_anchor=(1.01, 1), loc="upper left", fontsize=8)
    return _chart(figure, name, title)


def pictures(example: Example, photos: Sequence[Path], name: str, title: str) -> Chart:
    """Return the photos found first under each weighting, right ones framed in green."""
    columns = max(len(found) for found in example.found)
    figure = _figure(1.5 * columns, 1.8 * len(example.found))
    lines = figure.subfigures(len(example.found), 1, squeeze=False)
    for way, found, (line,) in zip(WEIGHTINGS, example.found, lines, strict=True):
        weights = f"photo {way.photo:g}, person {way.person:g}, things {way.thing:g}"
        line.suptitle(f"{way.name}: {weights}", x=0.01, ha="left", fontsize=9)
        for axes, photo in zip(line.subplots(1, columns, squeeze=False)[0], found, strict=True):
            _thumbnail(axes, photos[photo], is_right=photo in example.relevant)
    return _chart(figure, name, title)


def _thumbnail(axes: Axes, path: Path, *, is_right: bool) -> None:
    image = images.decode(path.read_bytes(), field=str(path), long_side=200).image
    axes.imshow(np.asarray(image))
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color="#22aa44" if is_right else "#cccccc", linewidth=4 if is_right else 1)


def curves(
    steps: Sequence[int], lines: Sequence[tuple[str, Sequence[float]]], name: str, title: str
) -> Chart:
    """Return a line per measure over the steps of a training."""
    figure = _figure(6, 3.4)
    axes = figure.add_subplot()
    for at, (label, values) in enumerate(lines):
        axes.plot(steps, values, marker="o", markersize=3, color=(SAME, OTHER)[at % 2], label=label)
    axes.set_xlabel("step")
    axes.legend(frameon=False)
    return _chart(figure, name, title)


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")


def _chart(figure: Figure, name: str, title: str) -> Chart:
    for axes in figure.axes:
        if axes.spines["top"].get_visible() and not axes.images:
            axes.spines[["top", "right"]].set_visible(False)
    png = io.BytesIO()
    figure.savefig(png, format="png", bbox_inches="tight")
    return Chart(name, title, png.getvalue())
