"""A library of many samples with graphs, and what building those graphs holds up."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import clustered_vectors
import library_filled
import numpy as np

from common import vectors
from common.samples import Kind
from common.vectors import Floats
from index_service import library as libraries
from index_service.candidates import Wish
from index_service.changes import Put
from index_service.graph import GraphIndex
from index_service.library import Library
from index_service.scoring import Part, directions
from index_service.settings import Settings
from index_service.snapshot import MANIFEST

KINDS = (Kind.PHOTO, Kind.PERSON, Kind.OBJECT, Kind.TEXT)
ALIKE = dict.fromkeys(KINDS, 1.0)
NEAREST = 10
_ADDED, _FIRST_ADDED = 400, 10**8


def made(count: int, queries: int) -> tuple[Floats, Floats]:
    """Return vectors and queries: random clusters, and as many like real photos if there are any.

    Shuffled, so that every kind has both. A third of the queries are real captions then.
    """
    rng, half = np.random.default_rng(0), count // 2
    parts = [_clusters(rng, half + queries)]
    if clustered_vectors.VECTORS.is_dir():
        parts.append(clustered_vectors.photos_like_real(rng, count - half + queries))
        captions = clustered_vectors.clip("flickr8k_100x5/text_embeddings")[:queries]
    else:
        parts.append(_clusters(rng, count - half + queries))
        captions = np.zeros((0, clustered_vectors.DIMENSION), np.float32)
    rows = np.concatenate([part[:-queries] for part in parts])
    asked = np.concatenate([*(part[-queries:] for part in parts), captions])
    return rows[rng.permutation(len(rows))], asked[rng.permutation(len(asked))[:queries]]


def _clusters(rng: np.random.Generator, count: int) -> Floats:
    return clustered_vectors.around(rng, clustered_vectors.random_centres(rng, count), count, 1.0)


def prepared(folder: Path, rows: Floats, queries: Floats) -> str:
    """Leave a library with saved graphs in `folder`; return what building them disturbed."""
    started = time.monotonic()
    with libraries.opened(Settings(folder=folder, graph_from=10**9)) as library:
        library_filled.fill(library, rows, KINDS)
    filled_s = time.monotonic() - started
    with libraries.opened(Settings(folder=folder)) as library:
        built_s, put_s, search_s = _disturbed(library, folder, queries)
    return (
        f"{len(rows)} samples put in {filled_s:.0f} s, graphs built and saved in {built_s:.0f} s;"
        f" meanwhile the longest put took {1e3 * put_s:.0f} ms, the longest search"
        f" {1e3 * search_s:.0f} ms"
    )


def _disturbed(library: Library, folder: Path, queries: Floats) -> tuple[float, float, float]:
    """Put photos and search while graphs are built; return seconds, longest put and search."""
    started, over = time.monotonic(), threading.Event()
    longest = {"put": 0.0, "search": 0.0}

    def search() -> None:
        for at in range(10**9):
            if over.is_set():
                return
            wish = Wish(directions([Part(queries[at % len(queries)], False, 1.0)]), ALIKE, NEAREST)
            took = _seconds(lambda wish=wish: library.search(library.view, wish))  # type: ignore[misc]
            longest["search"] = max(longest["search"], took)
            time.sleep(0.05)

    thread = threading.Thread(target=search)
    thread.start()
    for photo in _unlike_any():
        if not _building(library, folder):
            break
        longest["put"] = max(longest["put"], _seconds(lambda photo=photo: library.apply([photo])))  # type: ignore[misc]
        time.sleep(0.1)
    over.set()
    thread.join()
    return time.monotonic() - started, longest["put"], longest["search"]


def _unlike_any() -> Iterator[Put]:
    """Yield photos that no query finds near."""
    rng = np.random.default_rng(1)
    for photo in range(_FIRST_ADDED, _FIRST_ADDED + 10**6):
        drawn = rng.standard_normal((len(KINDS), clustered_vectors.DIMENSION), dtype=np.float32)
        own = vectors.normalised(drawn)
        yield library_filled.put(photo, dict(zip(KINDS, own, strict=True)))


def _building(library: Library, folder: Path) -> bool:
    """Return whether a kind has no graph yet, or one that is not saved."""
    indices = library.view.indices.values()
    if not all(isinstance(index, GraphIndex) for index in indices):
        return True
    manifest = folder / libraries.GRAPHS / MANIFEST
    saved = json.loads(manifest.read_text())["graphs"] if manifest.exists() else []
    return len(saved) < len(indices)


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
