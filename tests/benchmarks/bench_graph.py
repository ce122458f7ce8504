"""Prints what the parameters of a graph cost and bring: how LINKS, BUILD_WIDTH, SEARCH_WIDTH of
`index_service/graph.py` were chosen.

Usage: bench_graph.py [samples]
"""

import sys
import time

import numpy as np
from usearch.index import Index

from common.vectors import Floats
from tests.benchmarks import clustered_vectors

QUERIES, NEAREST = 200, 10
BUILDS = ((12, 100), (16, 100), (16, 200), (24, 200))
WIDTHS = (128, 192, 256)


def nearest(rows: Floats, queries: Floats) -> list[set[int]]:
    """Return the numbers of the nearest rows of each query, by comparing with all."""
    return [set(np.argpartition(-(rows @ query), NEAREST)[:NEAREST].tolist()) for query in queries]


def built(rows: Floats, links: int, width: int) -> tuple[Index, float]:
    """Return a graph and the seconds it took."""
    graph = Index(
        ndim=rows.shape[1],
        metric="cos",
        dtype="i8",
        connectivity=links,
        expansion_add=width,
        enable_key_lookups=False,
    )
    started = time.perf_counter()
    graph.add(np.arange(len(rows)), rows, threads=2)
    return graph, time.perf_counter() - started


def searched(
    graph: Index, width: int, rows: Floats, asked: tuple[Floats, list[set[int]]]
) -> tuple[float, float]:
    """Return recall@10 and the median of milliseconds a query, exact cosines included."""
    shares, times_ms = [], []
    for query, wanted in zip(*asked, strict=True):
        started = time.perf_counter()
        near = np.asarray(graph.search(query, width, threads=1).keys, np.intp)
        best = near[np.argsort(-(rows[near] @ query))[:NEAREST]]
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
