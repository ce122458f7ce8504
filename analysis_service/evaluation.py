"""`semapix evaluate clusters`: how well clusters of a folder's photos match its labels."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis_service import embedder_client, grid, grid_plot
from analysis_service.grid import Row
from common import errors
from common.evaluations import Exam, Progress

PLOT = Path("semapix-clusters.svg")
Embedding = Callable[[str], AbstractContextManager[embedder_client.Embed]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: a row per clustering, the best of DBSCAN by ARI, and where the plot is."""

    rows: tuple[Row, ...]
    photos: int
    labels: int
    best_eps: float | None
    best_min_samples: int | None
    plot: str


def evaluate(
    exam: Exam, progress: Progress, *, embedding: Embedding = embedder_client.embedding
) -> Sheet:
    """Return the figures of a folder with images/ and labels.json, {label: [files]}.

    The plot is written into the folder where the command runs. Raises InvalidInput or NotFound,
    naming what is wrong with the folder, Unavailable for an embedder that does not come up.
    """
    known = labelled(exam.folder)
    files = list(known)[: exam.first or None]
    with embedding(exam.model) as embedded:
        vectors = embedded(files, report=lambda done: progress(done, len(files)))
    rows = tuple(grid.rows(vectors, [known[path] for path in files]))
    best = max((row for row in rows if row.method == "dbscan"), key=lambda row: row.ari)
    PLOT.write_text(grid_plot.svg(rows, best.min_samples or 2), encoding="utf-8")
    labels = len({known[path] for path in files})
    return Sheet(rows, len(files), labels, best.eps, best.min_samples, str(PLOT))


def labelled(folder: Path) -> dict[Path, str]:
    """Return the label of each photo, in the order of labels.json."""
    known: dict[Path, str] = {}
    for label, names in _read(folder / "labels.json").items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise errors.InvalidInput("", f"labels.json: {label[:80]!r} has no list of files")
        for name in names:
            path = folder / "images" / name
            if path in known:
                raise errors.InvalidInput("", f"labels.json: {name[:80]!r} stands there twice")
            if not path.is_file():
                raise errors.NotFound(f"labels.json names {name[:80]!r}: no such file in images/")
            known[path] = label
    if not known:
        raise errors.InvalidInput("", "labels.json names no photo")
    return known


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise errors.NotFound(f"{path} is not there: it says {{label: [files]}}") from error
    except ValueError as error:
        raise errors.InvalidInput("", f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise errors.InvalidInput("", f"{path} is not {{label: [files]}}")
    return found
