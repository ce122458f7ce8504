"""Approximate search for large kinds: a frozen HNSW graph, and a scan of what came since."""

import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import hnswlib
import numpy as np

from common.vectors import Floats
from index_service import apart
from index_service.blocks import Places
from index_service.brute import BruteIndex
from index_service.changes import Numbers
from index_service.members import Groups, Members, members_of
from index_service.sketches import Sketches, signs_of
from index_service.vector_index import Neighbours, Rows

LINKS = 16
BUILD_WIDTH = 200
# Wide enough to find the 10 nearest of 100,000, for captions among photos too, which lie far from
# all of them: tests/benchmarks/bench_graph.py.
SEARCH_WIDTH = 192
CHUNK = 256
# A small graph is written sooner than a copy of the process is made.
AT_ONCE_BYTES = 2**24
# Past this share of a kind a scan costs less than walking the graph.
_SCAN_SHARE = 0.05
_OUTDATED_SHARE = 0.2
# Hidden samples may lie denser around a query than elsewhere.
_SPARE = 32
# hnswlib adds in another order than NumPy.
_ROUNDING = 1e-5


class Graph:
    """A graph over the samples that a kind had at one time; it never changes.

    Equal vectors are one node: as many nodes in one spot would link to one another alone, and what
    lies behind them could not be reached. A walk may still end on an island of samples that have
    little to do with the rest, so what sketches find likely is looked at, too.
    """

    def __init__(
        self, graph: hnswlib.Index, members: Members, groups: Groups, sketches: Sketches
    ) -> None:
        graph.set_ef(SEARCH_WIDTH)
        self._graph, self.members, self._groups = graph, members, groups
        self.sketches = sketches

    def __len__(self) -> int:
        return len(self.members.numbers)

    @property
    def last(self) -> int:
        """The highest number of a sample in it: later samples have higher ones."""
        return int(self.members.numbers[-1])

    def walked(self, query: Floats, count: int) -> Places | None:
        """Return the nodes nearest to `query`, `count` or some more, nearest first.

        All where there are fewer; None where the graph has no way to so many.
        """
        width = min(max(SEARCH_WIDTH, count + _SPARE), len(self._groups))
        try:
            labels, distances = self._graph.knn_query(query, k=width, num_threads=1)
        except RuntimeError:
            # hnswlib finds no more than hang together, and says so only by raising.
            return None
        last = distances[0][min(count, width) - 1] + _ROUNDING
        found: Places = labels[0][: np.searchsorted(distances[0], last, side="right")]
        return found.astype(np.intp)

    def numbers(self, nodes: Places) -> Numbers:
        """Return the samples at these nodes."""
        return self._groups.numbers(nodes)

    def likely(self, query: Floats, count: int) -> Numbers:
        """Return the samples at `count` to twice as many nodes that sketches say are near."""
        return self._groups.numbers(self.sketches.likely(query, count))

    def save(self, path: Path) -> None:
        """Write the graph to `path`; members and sketches are the caller's to keep. Raises OSError.

        hnswlib holds Python's lock while it writes, as long as the disk takes.
        """
        if self._graph.index_file_size() <= AT_ONCE_BYTES:
            self._graph.save_index(str(path))
        elif not apart.run(lambda: self._graph.save_index(str(path))):
            raise OSError(f"cannot write {path}")
        # hnswlib does not say so when the disk is full.
        if path.stat().st_size != self._graph.index_file_size():
            raise OSError(f"cannot write {path}: it has {path.stat().st_size} bytes only")

    @classmethod
    def load(cls, path: Path, members: Members, sketches: Sketches, *, dimension: int) -> "Graph":
        """Return a saved graph; check the sum of its file before.

        Raises RuntimeError if the file is none, ValueError for sketches of something else.
        """
        graph = hnswlib.Index(space="ip", dim=dimension)
        graph.load_index(str(path))
        groups = Groups(members)
        if len(sketches) != len(groups):
            raise ValueError(f"{len(sketches)} sketches are not of {len(groups)} vectors")
        return cls(graph, members, groups, sketches)


def build(rows: BruteIndex, *, threads: int, stop: threading.Event) -> Graph | None:
    """Return a graph over `rows`, at least one; None if `stop` was set meanwhile."""
    members = members_of(rows.chunks(CHUNK))
    groups = Groups(members)
    graph = hnswlib.Index(space="ip", dim=rows.dimension)
    graph.init_index(len(groups), M=LINKS, ef_construction=BUILD_WIDTH, random_seed=1)
    signs = []
    for at in range(0, len(groups), CHUNK):
        if stop.is_set():
            return None
        vectors = rows.vectors_of(groups.firsts(at, at + CHUNK))
        graph.add_items(vectors, np.arange(at, at + len(vectors)), num_threads=threads)
        signs.append(signs_of(vectors))
    return Graph(graph, members, groups, Sketches(np.concatenate(signs)))


class GraphIndex:
    """A `VectorIndex` that asks a graph for what is old and scans what is new."""

    is_walked = True

    def __init__(self, rows: BruteIndex, graph: Graph) -> None:
        self.rows, self.graph = rows, graph
        self._first_new = rows.rows_up_to(graph.last)
        self._hidden = len(graph) - rows.live_up_to(graph.last)

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(self, query: Floats, count: int) -> Neighbours:
        """Return the nearest samples, nearest first; very many come of a scan."""
        return self.begun(query, count)()

    def begun(self, query: Floats, count: int) -> Callable[[], Neighbours]:
        """Walk the graph, without Python's lock; the call of what is returned has the nearest."""
        walk = self._walk(query, count)
        return lambda: self._ended(walk, query, count)

    def _walk(self, query: Floats, count: int) -> Places | None:
        """Return a way to at least `count` samples of the graph; None where a scan is better."""
        total = len(self.graph)
        visible = total - self._hidden
        asked = count
        if self._hidden:
            asked = math.ceil(count * total / max(visible, 1)) + _SPARE
        if visible < count or asked > max(SEARCH_WIDTH, _SCAN_SHARE * total):
            return None
        return self.graph.walked(query, asked)

    def _ended(self, walk: Places | None, query: Floats, count: int) -> Neighbours:
        """Return the nearest of what was walked to and what sketches find likely.

        A scan is better where too much on the walk is gone, and where the nearest of all is not on
        it: then it was lost.
        """
        if walk is None:
            return self.rows.nearest(query, count)
        walked = self.graph.numbers(walk)
        if len(self.rows.rows_of(walked)) < count:
            return self.rows.nearest(query, count)
        numbers = np.concatenate((walked, self.graph.likely(query, count)))
        found = self.rows.nearest_of(numbers, self._first_new, query, count)
        lost = self._is_lost(walked, int(found.numbers[0]))
        return self.rows.nearest(query, count) if lost else found

    def _is_lost(self, walked: Numbers, nearest: int) -> bool:
        return nearest <= self.graph.last and nearest not in walked

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
