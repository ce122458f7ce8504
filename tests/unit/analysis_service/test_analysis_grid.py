"""Figures of clusters against labels, and labels that cannot be right."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from analysis_service import evaluation, grid, grid_plot
from common import errors
from common.vectors import Floats, normalised


def places(count: int, each: int) -> Floats:
    """Return `each` unit rows around each of `count` axes."""
    rows = np.eye(12)[:count].repeat(each, axis=0)
    noise = 0.05 * np.random.default_rng(0).normal(size=rows.shape)
    return normalised((rows + noise).astype(np.float32))


def test_figures_count_what_they_say() -> None:
    found, names = np.array([0, 0, 0, 1, 1, -1]), np.array([0, 0, 1, 1, 1, 2])
    row = grid.judged(found, names, method="any")
    assert (row.clusters, row.purity, row.coverage) == (2, 0.8, round(5 / 6, 4))
    perfect = grid.judged(names, names, method="any")
    assert (perfect.purity, perfect.coverage, perfect.nmi, perfect.ari) == (1, 1, 1, 1)
    nothing = grid.judged(np.full(6, -1), names, method="any")
    assert (nothing.clusters, nothing.purity, nothing.coverage, nothing.ari) == (0, 0, 0, 0)


def test_every_method_finds_what_lies_apart() -> None:
    rows = list(grid.rows(places(4, 10), [name for name in "abcd" for _ in range(10)]))
    assert {row.method for row in rows} == {
        *("dbscan", "dbscan, suggested eps", "hdbscan", "k-means, k=4")
    }
    at_half = [row for row in rows if row.method == "dbscan" and row.eps == 0.5]
    assert [(row.clusters, row.ari) for row in at_half] == [(4, 1)] * 3
    assert rows[-1].ari == 1
    drawn = ElementTree.fromstring(grid_plot.svg(rows, 2))
    assert len(drawn.findall("{*}polyline")) == 4
    assert len(drawn.findall("{*}circle")) == 8
    told = {text.text for text in drawn.findall("{*}text")}
    assert {"hdbscan", "k-means, k=4"} <= told


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_photos_have_figures(count: int) -> None:
    assert all(0 <= row.coverage <= 1 for row in grid.rows(places(1, count), ["a"] * count))


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ([], "is not"),
        ({}, "no photo"),
        ({"a": "a.jpg"}, "no list"),
        ({"a": ["b.jpg"]}, "no such file"),
        ({"a": ["a.jpg"], "b": ["a.jpg"]}, "twice"),
    ],
)
def test_labels_that_cannot_be_right_are_named(tmp_path: Path, labels: object, why: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").touch()
    with pytest.raises(errors.NotFound, match="is not there"):
        evaluation.labelled(tmp_path)
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    with pytest.raises(errors.SemapixError, match=why):
        evaluation.labelled(tmp_path)
