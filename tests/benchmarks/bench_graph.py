"""Prints what the parameters of a graph cost and bring: how LINKS, BUILD_WIDTH, SEARCH_WIDTH and
FAR_WIDTH of `index_service/graph.py` and LENGTH of `index_service/shortening.py` were chosen.

A full line is a graph over the vectors as they are. The last column is the index as it is: it goes
from the first width to the second where the first does not settle the answer.
Usage: bench_graph.py [samples]
"""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import hnswlib
import numpy as np

from common.vectors import Floats
from index_service import graph as graphs
from index_service import shortening
from index_service.brute import BruteIndex
from index_service.graph import GraphIndex
from index_service.shortening import Shortening
from index_service.vector_index import Rows
from tests.benchmarks import clustered_vectors

QUERIES, NEAREST = 200, 10
FULL = clustered_vectors.DIMENSION
# Length of a vector, links, build width.
BUILDS = (
    (FULL, 16, 200),
    (192, 16, 200),
    (128, 16, 200),
    (128, 12, 200),
    (128, 16, 100),
    (96, 16, 200),
)
WIDTHS = (96, 256, 640)
Asked = tuple[Floats, list[set[int]]]


@dataclass(frozen=True, slots=True)
class Built:
    """A graph, what shortens vectors for it, and the seconds it took."""

    graph: hnswlib.Index
    short: Shortening | None
    took_s: float

    def nearest(self, rows: Floats, query: Floats, *, width: int) -> list[int]:
        """Return the nearest of `width` that are compared exactly."""
        asked = self.short.of_query(query) if self.short else query
        near = np.sort(self.graph.knn_query(asked, k=width, num_threads=1)[0][0].astype(np.intp))
        best = np.argsort(-np.vecdot(rows[near], query))[:NEAREST]
        return [int(number) for number in near[best]]


def nearest(rows: Floats, queries: Floats) -> list[set[int]]:
    """Return the numbers of the nearest rows of each query, by comparing with all."""
    return [set(np.argpartition(-(rows @ query), NEAREST)[:NEAREST].tolist()) for query in queries]


def built(rows: Floats, length: int, links: int, width: int) -> Built:
    """Return a graph over vectors of `length`."""
    started, short = time.perf_counter(), None
    if length < FULL:
        axes = shortening.fitted([rows[: shortening.SAMPLE]], FULL, length=length).axes
        short = Shortening(axes)
    graph = hnswlib.Index(space="ip", dim=length)
    graph.init_index(len(rows), M=links, ef_construction=width, random_seed=1)
    for at in range(0, len(rows), graphs.CHUNK):
        part = rows[at : at + graphs.CHUNK]
        part = short.of_rows(part) if short else part
        graph.add_items(part, np.arange(at, at + len(part)), num_threads=2)
    graph.set_ef(1)
    return Built(graph, short, time.perf_counter() - started)


def searched(find: Callable[[Floats], list[int]], asked: Asked) -> str:
    """Return recall@10 and the median of milliseconds a query."""
    shares, times_ms = [], []
    for query, wanted in zip(*asked, strict=True):
        started = time.perf_counter()
        found = find(query)
        times_ms.append(1e3 * (time.perf_counter() - started))
        shares.append(len(wanted & {*found}) / NEAREST)
    return f"{np.mean(shares):.4f}, {np.median(times_ms):.2f} ms"


def product(rows: Floats, asked: Asked) -> str:
    """Return the same of the index as it is, asked for as many as a search asks for first."""
    numbers = np.arange(len(rows), dtype=np.int64)
    own = Rows(numbers, numbers, np.ones(len(rows), np.float32), rows)
    brute = BruteIndex.empty(rows.shape[1]).changed(own, ())
    graph = graphs.build(brute, threads=2, stop=threading.Event())
    assert graph is not None
    index = GraphIndex(brute, graph)
    return searched(lambda query: index.nearest(query, 32).numbers[:NEAREST].tolist(), asked)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{count} vectors, {QUERIES} queries: recall@{NEAREST} and ms")
    print("| vectors | numbers | links | build width | build s |", end="")
    print("".join(f" {width} |" for width in WIDTHS), "\n", "|---" * (5 + len(WIDTHS)), "|", sep="")
    for name, (rows, queries) in clustered_vectors.sets(count, QUERIES).items():
        asked = queries, nearest(rows, queries)
        for length, links, width in BUILDS:
            one = built(rows, length, links, width)
            cells = [searched(partial(one.nearest, rows, width=ef), asked) for ef in WIDTHS]
            shown = " | ".join(cells)
            print(f"| {name} | {length} | {links} | {width} | {one.took_s:.0f} | {shown} |")
        print(f"| {name} | the index: {product(rows, asked)} |" + " |" * 6, flush=True)


if __name__ == "__main__":
    main()
