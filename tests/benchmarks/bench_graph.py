"""Prints what the parameters of a graph cost and bring: how LINKS, BUILD_WIDTH and SEARCH_WIDTH of
`index_service/graph.py` were chosen. The last line of each kind of vectors is the index as it is.
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
from index_service.brute import BruteIndex
from index_service.graph import GraphIndex
from index_service.vector_index import Rows
from tests.benchmarks import clustered_vectors

QUERIES, NEAREST = 200, 10
# Links, build width.
BUILDS = ((16, 200), (12, 200), (16, 100), (24, 200))
WIDTHS = (64, 128, 192, 256)
Asked = tuple[Floats, list[set[int]]]


@dataclass(frozen=True, slots=True)
class Built:
    """A graph and the seconds it took."""

    graph: hnswlib.Index
    took_s: float

    def nearest(self, rows: Floats, query: Floats, *, width: int) -> list[int]:
        """Return the nearest of `width` that are compared exactly."""
        near = np.sort(self.graph.knn_query(query, k=width, num_threads=1)[0][0].astype(np.intp))
        best = np.argsort(-np.vecdot(rows[near], query))[:NEAREST]
        return [int(number) for number in near[best]]


def nearest(rows: Floats, queries: Floats) -> list[set[int]]:
    """Return the numbers of the nearest rows of each query, by comparing with all."""
    return [set(np.argpartition(-(rows @ query), NEAREST)[:NEAREST].tolist()) for query in queries]


def built(rows: Floats, links: int, width: int) -> Built:
    """Return a graph over `rows`."""
    started = time.perf_counter()
    graph = hnswlib.Index(space="ip", dim=rows.shape[1])
    graph.init_index(len(rows), M=links, ef_construction=width, random_seed=1)
    for at in range(0, len(rows), graphs.CHUNK):
        part = rows[at : at + graphs.CHUNK]
        graph.add_items(part, np.arange(at, at + len(part)), num_threads=2)
    graph.set_ef(1)
    return Built(graph, time.perf_counter() - started)


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
    print("| vectors | links | build width | build s |", end="")
    print("".join(f" {width} |" for width in WIDTHS), "\n", "|---" * (4 + len(WIDTHS)), "|", sep="")
    for name, (rows, queries) in clustered_vectors.sets(count, QUERIES).items():
        asked = queries, nearest(rows, queries)
        for links, width in BUILDS:
            one = built(rows, links, width)
            cells = [searched(partial(one.nearest, rows, width=ef), asked) for ef in WIDTHS]
            shown = " | ".join(cells)
            print(f"| {name} | {links} | {width} | {one.took_s:.0f} | {shown} |")
        print(f"| {name} | the index: {product(rows, asked)} |" + " |" * 6, flush=True)


if __name__ == "__main__":
    main()
