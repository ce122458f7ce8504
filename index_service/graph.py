"""Approximate search for large kinds: a frozen HNSW graph, and a scan of what came since."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import hnswlib
import numpy as np

from common.vectors import Floats
from index_service import shortening as shortenings
from index_service.brute import BruteIndex
from index_service.changes import Numbers
from index_service.members import Groups, Members, members_of
from index_service.shortening import Shortening
from index_service.vector_index import Neighbours, Rows, joined

LINKS = 16
BUILD_WIDTH = 200
# How many are looked at, and how many when those do not settle it: tests/benchmarks/bench_graph.py.
SEARCH_WIDTH, FAR_WIDTH = 96, 640
CHUNK = 256
# Past this share of a kind a scan costs less than walking the graph.
_SCAN_SHARE = 0.05
_OUTDATED_SHARE = 0.2
# Hidden samples may lie denser around a query than elsewhere.
_SPARE = 16
# Of what is asked for so many must be settled. What a short vector leaves out of a cosine lies so
# many spreads above its mean for one sample in a thousand.
_SETTLED_SHARE, _SPREADS = 0.25, 3.0


@dataclass(frozen=True, slots=True)
class Near:
    """Samples by rising number, and the cosines by their short vectors.

    `beyond` is the most that any other sample has by its short vector, as far as the graph found.
    """

    numbers: Numbers
    estimates: Floats
    beyond: float


class Graph:
    """A graph over the samples that a kind had at one time; it never changes.

    It holds short vectors: enough to find who may be near, while the vectors themselves, held once,
    tell how near. Equal vectors are one node: as many nodes in one spot would link to one another
    alone, and what lies behind them could not be reached.
    """

    def __init__(
        self, graph: hnswlib.Index, shortening: Shortening, members: Members, groups: Groups
    ) -> None:
        # A search is as wide as what it asks for.
        graph.set_ef(1)
        self._graph, self.shortening = graph, shortening
        self.members, self._groups = members, groups

    def __len__(self) -> int:
        return len(self.members.numbers)

    @property
    def last(self) -> int:
        """The highest number of a sample in it: later samples have higher ones."""
        return int(self.members.numbers[-1])

    def near(self, query: Floats, width: int) -> Near | None:
        """Return at least `width` samples near `query`, all where there are fewer.

        None where the graph has no way to so many.
        """
        short, width = self.shortening.of_query(query), min(width, len(self._groups))
        try:
            labels, distances = self._graph.knn_query(short, k=width, num_threads=1)
        except RuntimeError:
            # hnswlib finds no more than hang together, and says so only by raising.
            return None
        numbers, sizes = self._groups.numbers(labels[0].astype(np.intp))
        estimates = 1 - np.repeat(distances[0], sizes)
        order = np.argsort(numbers)
        beyond = float(estimates[-1]) if width < len(self._groups) else -1.0
        return Near(numbers[order], estimates[order], beyond)

    def save(self, path: Path) -> None:
        """Write the graph to `path`; the rest is the caller's to keep. Raises OSError."""
        self._graph.save_index(str(path))
        # hnswlib does not say so when the disk is full.
        if path.stat().st_size != self._graph.index_file_size():
            raise OSError(f"cannot write {path}: it has {path.stat().st_size} bytes only")

    @classmethod
    def load(cls, path: Path, shortening: Shortening, members: Members) -> "Graph":
        """Return a saved graph. Raises RuntimeError if the file is none; check its sum before."""
        graph = hnswlib.Index(space="ip", dim=shortening.length)
        graph.load_index(str(path))
        return cls(graph, shortening, members, Groups(members))


def build(rows: BruteIndex, *, threads: int, stop: threading.Event) -> Graph | None:
    """Return a graph over `rows`, at least one; None if `stop` was set meanwhile."""
    members = members_of(rows.chunks(CHUNK))
    groups, shortening = Groups(members), _shortening(rows, members.numbers)
    graph = hnswlib.Index(space="ip", dim=shortening.length)
    graph.init_index(len(groups), M=LINKS, ef_construction=BUILD_WIDTH, random_seed=1)
    for at in range(0, len(groups), CHUNK):
        if stop.is_set():
            return None
        firsts = groups.firsts(at, at + CHUNK)
        short = shortening.of_rows(rows.vectors_of(firsts))
        graph.add_items(short, np.arange(at, at + len(firsts)), num_threads=threads)
    return Graph(graph, shortening, members, groups)


def _shortening(rows: BruteIndex, numbers: Numbers) -> Shortening:
    """Return the shortening that fits a sample of `numbers`, always the same of the same."""
    drawn = np.random.default_rng(1).permutation(len(numbers))[: shortenings.SAMPLE]
    parts = np.array_split(numbers[np.sort(drawn)], math.ceil(len(drawn) / CHUNK))
    return shortenings.fitted((rows.vectors_of(part) for part in parts), rows.dimension)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Samples that a graph found, and whether hardly another can be among the best of them."""

    neighbours: Neighbours
    is_settled: bool


class GraphIndex:
    """A `VectorIndex` that asks a graph for what is old and scans what is new."""

    def __init__(self, rows: BruteIndex, graph: Graph) -> None:
        self.rows, self.graph = rows, graph
        self._first_new = rows.rows_up_to(graph.last)
        self._hidden = len(graph) - rows.live_up_to(graph.last)

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(self, query: Floats, count: int) -> Neighbours:
        """Return the nearest samples, nearest first; very many come of a scan."""
        old = self._old(query, count)
        if old is None:
            return self.rows.nearest(query, count)
        if self.rows.last == self.graph.last:
            return old.nearest(count)
        new = self.rows.nearest_from(self._first_new, query, count)
        return joined(old, new).nearest(count)

    def _old(self, query: Floats, count: int) -> Neighbours | None:
        """Return at least `count` samples of the graph; None where a scan is the way to them."""
        total = len(self.graph)
        visible = total - self._hidden
        asked = math.ceil(count * total / max(visible, 1)) + _SPARE
        if visible < count or asked > max(SEARCH_WIDTH, _SCAN_SHARE * total):
            return None
        found = self._compared(query, count, max(SEARCH_WIDTH, asked))
        if found is not None and not found.is_settled:
            found = self._compared(query, count, max(FAR_WIDTH, asked))
        return found.neighbours if found else None

    def _compared(self, query: Floats, count: int, width: int) -> _Compared | None:
        near = self.graph.near(query, width)
        if near is None:
            return None
        places, there = self.rows.found(near.numbers)
        if len(places) < count:
            return None
        found = self.rows.at(places, query)
        errors = found.cosines - near.estimates[there]
        beyond = near.beyond + float(np.mean(errors) + _SPREADS * np.std(errors))
        settled = math.ceil(_SETTLED_SHARE * count)
        least = np.partition(found.cosines, -settled)[-settled]
        return _Compared(found, bool(least >= beyond))

    def scan(self, query: Floats) -> Neighbours:
        """Return all samples by rising number."""
        return self.rows.scan(query)

    def of(self, numbers: Numbers, query: Floats) -> Neighbours:
        """Return those of the samples `numbers` that there are, by rising number."""
        return self.rows.of(numbers, query)

    def changed(self, added: Rows, gone: Sequence[int]) -> "GraphIndex":
        """Return the index with the rows `added` less the samples `gone`; the graph stays."""
        return GraphIndex(self.rows.changed(added, gone), self.graph)

    def on(self, rows: BruteIndex) -> "GraphIndex":
        """Return the index with the same samples in other rows."""
        return GraphIndex(rows, self.graph)

    @property
    def is_outdated(self) -> bool:
        """Whether so much came or went that another graph pays."""
        new = len(self.rows) - self.rows.live_up_to(self.graph.last)
        return new + self._hidden > _OUTDATED_SHARE * len(self.graph)
