"""Prints how the graph compares with scanning: recall@10, milliseconds a query, their ratio.

Clustered unit vectors: noise of norm `spread` around random centres, 100 vectors a centre.
Usage: bench_index.py [samples] [dimension]
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from common import vectors
from common.vectors import Floats
from index_service import graph as graphs
from index_service.brute import BruteIndex
from index_service.graph import Graph, GraphIndex
from index_service.vector_index import Neighbours, Rows

QUERIES = 200
NEAREST = 10
SPREADS = (0.5, 1.0)


def clustered(rng: np.random.Generator, centres: Floats, count: int, spread: float) -> Floats:
    """Return unit vectors around centres drawn at random, shape (count, d)."""
    chosen = centres[rng.integers(len(centres), size=count)]
    noise = rng.standard_normal(chosen.shape, dtype=np.float32) / np.sqrt(chosen.shape[1])
    return vectors.normalised(chosen + np.float32(spread) * noise)


def timed(search: Callable[[Floats], Neighbours], queries: Floats) -> tuple[list[set[int]], float]:
    """Return the numbers found for each query and the median of milliseconds a query."""
    found, times_ms = [], []
    for query in queries:
        started = time.perf_counter()
        nearest = search(query)
        times_ms.append(1e3 * (time.perf_counter() - started))
        found.append(set(nearest.numbers.tolist()))
    return found, float(np.median(times_ms))


def built(rows: BruteIndex) -> tuple[Graph, float]:
    """Return the graph of `rows` and the seconds it took."""
    started = time.perf_counter()
    graph = graphs.build(rows, threads=2, stop=threading.Event())
    assert graph is not None
    return graph, time.perf_counter() - started


def checked_s(graph: Graph, rows: BruteIndex) -> float:
    """Return the seconds it takes to load a saved graph and compare it with the catalogue."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "graph.hnsw")
        graph.save(path)
        started = time.perf_counter()
        Graph.load(path, graph.shortening, graph.members)
        assert graph.members.cover(rows.chunks(graphs.CHUNK))
    return time.perf_counter() - started


def measure(count: int, dimension: int, spread: float) -> str:
    """Return one line of the table."""
    rng = np.random.default_rng(0)
    centres = vectors.normalised(
        rng.standard_normal((max(1, count // 100), dimension), dtype=np.float32)
    )
    numbers = np.arange(count, dtype=np.int64)
    confidences = np.ones(count, np.float32)
    rows = Rows(numbers, numbers, confidences, clustered(rng, centres, count, spread))
    brute = BruteIndex.empty(dimension).changed(rows, ())
    graph, build_s = built(brute)
    index = GraphIndex(brute, graph)
    queries = clustered(rng, centres, QUERIES, spread)
    exact, scan_ms = timed(lambda query: brute.nearest(query, NEAREST), queries)
    near, graph_ms = timed(lambda query: index.nearest(query, NEAREST), queries)
    recall = np.mean([len(a & b) / NEAREST for a, b in zip(exact, near, strict=True)])
    return (
        f"{spread:6.1f} {recall:9.3f} {graph_ms:9.2f} {scan_ms:8.2f} {scan_ms / graph_ms:6.1f}"
        f" {build_s:8.1f} {checked_s(graph, brute):7.1f}"
    )


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    dimension = int(sys.argv[2]) if len(sys.argv) > 2 else 512
    print(f"{count} clustered vectors of {dimension} dimensions, {QUERIES} queries")
    print("spread recall@10  graph ms  scan ms  ratio  build s  load s")
    for spread in SPREADS:
        print(measure(count, dimension, spread), flush=True)


if __name__ == "__main__":
    main()
