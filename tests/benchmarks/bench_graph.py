"""Prints what the parameters of a graph cost and bring: how LINKS, BUILD_WIDTH, SEARCH_WIDTH of
`index_service/graph.py` were chosen.

Usage: bench_graph.py [samples]
"""

import sys
import time

import hnswlib
import numpy as np

from common.vectors import Floats
from tests.benchmarks import clustered_vectors

QUERIES, NEAREST = 200, 10
BUILDS = ((12, 100), (16, 100), (16, 200), (24, 200))
WIDTHS = (128, 192, 256)


def nearest(rows: Floats, queries: Floats) -> list[set[int]]:
    """Return the numbers of the nearest rows of each query, by comparing with all."""
    return [set(np.argpartition(-(rows @ query), NEAREST)[:NEAREST].tolist()) for query in queries]


def built(rows: Floats, links: int, width: int) -> tuple[hnswlib.Index, float]:
    """Return a graph and the seconds it took."""
    graph = hnswlib.Index(space="ip", dim=rows.shape[1])
    graph.init_index(len(rows), M=links, ef_construction=width, random_seed=1)
    started = time.perf_counter()
    graph.add_items(rows, np.arange(len(rows)), num_threads=2)
    return graph, time.perf_counter() - started


def searched(
    graph: hnswlib.Index, width: int, rows: Floats, asked: tuple[Floats, list[set[int]]]
) -> tuple[float, float]:
    """Return recall@10 and the median of milliseconds a query."""
    shares, times_ms = [], []
    graph.set_ef(width)
    for query, wanted in zip(*asked, strict=True):
        started = time.perf_counter()
        best = graph.knn_query(query, k=NEAREST, num_threads=1)[0][0]
        times_ms.append(1e3 * (time.perf_counter() - started))
        shares.append(len(wanted & set(best.tolist())) / NEAREST)
    return float(np.mean(shares)), float(np.median(times_ms))


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{count} vectors, {QUERIES} queries, recall@{NEAREST} and ms at search width {WIDTHS}")
    for name, (rows, queries) in clustered_vectors.sets(count, QUERIES).items():
        exact = nearest(rows, queries)
        for links, width in BUILDS:
            graph, build_s = built(rows, links, width)
            cells = [searched(graph, ef, rows, (queries, exact)) for ef in WIDTHS]
            shown = "  ".join(f"{recall:.3f} {ms:5.2f}" for recall, ms in cells)
            print(f"{name:20} M={links} build={width}: {build_s:6.1f} s  {shown}", flush=True)


if __name__ == "__main__":
    main()
