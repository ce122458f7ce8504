"""Prints what a search costs and finds among many samples, through real processes.

Each photo has a sample of four kinds. A plain NumPy scan is compared with and is the oracle; the
thesis' way is the baseline. The gateway gets query vectors, so that no encoder is in the figures.
Usage: bench_search.py [samples] [queries of each weighting]
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import library_filled
import numpy as np
import search_library
import search_processes
from search_library import ALIKE, KINDS, NEAREST
from thesis_search import NumpyScan, ThesisSearch

from common import vectors
from common.samples import Kind
from common.vectors import Floats
from semapix.v1 import index_pb2, search_pb2, types_pb2

Weights = Mapping[Kind, float]
WEIGHTINGS: Mapping[str, Weights] = {
    "all alike": ALIKE,
    "photo alone": {Kind.PHOTO: 1.0},
    "person 3": {**ALIKE, Kind.PERSON: 3.0},
    "text 0.5": {**ALIKE, Kind.TEXT: 0.5},
    "photo 1, object 0.9": {Kind.PHOTO: 1.0, Kind.OBJECT: 0.9},
}
BY_THESIS = 7
# Other queries that come first, as they do for a service that has run for a while.
BEFORE = 100


@dataclass(slots=True)
class Times:
    """Milliseconds of searches, and the shares of the best photos that were found."""

    gateway: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    numpy: list[float] = field(default_factory=list)
    thesis: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)


class Bench:
    """One library, asked in every way."""

    def __init__(self, processes: search_processes.Processes, rows: Floats) -> None:
        photos = len(rows) // len(KINDS)
        kinds = [*KINDS] * photos
        numbers = np.repeat(np.arange(photos), len(KINDS)).tolist()
        self._numbers = {library_filled.photo_id(photo): photo for photo in range(photos)}
        self._processes = processes
        self._scan = NumpyScan(rows, kinds, numbers)
        self._thesis = ThesisSearch(rows, kinds, numbers)

    def warm(self, queries: Floats) -> None:
        """Ask without measuring; the thesis' way once, which then has its threads and memory."""
        for query in queries:
            self._by_gateway(query, ALIKE)
            self._server_ms(query, ALIKE)
        self._thesis.best(queries[0], ALIKE, NEAREST)

    def measured(self, queries: Floats, weights: Weights) -> Times:
        """Return times and recall of one weighting.

        One way after the other: the threads of a matrix product go on spinning for a while.
        """
        times = Times()
        found = [_timed(times.gateway, lambda q=q: self._by_gateway(q, weights)) for q in queries]
        times.server = [self._server_ms(query, weights) for query in queries]
        exact = [
            _timed(times.numpy, lambda q=q: self._scan.best(q, weights, NEAREST)) for q in queries
        ]
        times.recall = [
            len({*ours} & {*best}) / NEAREST for ours, best in zip(found, exact, strict=True)
        ]
        for query, best in zip(queries[:BY_THESIS], exact, strict=False):
            slow = _timed(times.thesis, lambda q=query: self._thesis.best(q, weights, NEAREST))
            assert {*slow} == {*best}, "the baselines differ"
        return times

    def _by_gateway(self, query: Floats, weights: Weights) -> list[int]:
        embedding = search_pb2.QueryEmbedding(
            vector=types_pb2.Vector(values=vectors.pack(query)),
            fingerprint=library_filled.FINGERPRINT,
        )
        answer = self._processes.gateway.Search(
            search_pb2.SearchRequest(
                terms=[search_pb2.QueryTerm(embedding=embedding)],
                weights=_messages({**dict.fromkeys(Kind, 0.0), **_undone(weights)}),
                limit=NEAREST,
            ),
            timeout=60,
        )
        return [self._numbers.get(hit.facts.photo_id, -1) for hit in answer.hits]

    def _server_ms(self, query: Floats, weights: Weights) -> float:
        answer = self._processes.index.SearchVectors(
            index_pb2.SearchVectorsRequest(
                query=[
                    index_pb2.QueryVector(
                        vector=types_pb2.Vector(values=vectors.pack(query)), weight=1
                    )
                ],
                fingerprint=library_filled.FINGERPRINT,
                weights=_messages(weights),
                limit=NEAREST,
            ),
            timeout=60,
        )
        return float(answer.timing.compute_ms)


def _undone(weights: Weights) -> Weights:
    """Return weights that are `weights` once the gateway has multiplied its defaults into them."""
    return {kind: weight * (2 if kind is Kind.TEXT else 1) for kind, weight in weights.items()}


def _messages(weights: Weights) -> list[types_pb2.KindWeight]:
    return [types_pb2.KindWeight(kind=int(k), weight=w) for k, w in weights.items()]  # type: ignore[arg-type]


def _timed(times_ms: list[float], call: Callable[[], list[int]]) -> list[int]:
    started = time.perf_counter()
    found = call()
    times_ms.append(1e3 * (time.perf_counter() - started))
    return found


def line(name: str, times: Times) -> str:
    """Return a row of the table."""
    gateway, server = np.array(times.gateway), np.array(times.server)
    p50, p99 = np.percentile(gateway, 50), np.percentile(gateway, 99)
    numpy, thesis = np.median(times.numpy), np.median(times.thesis)
    own = float(np.median(server))
    return (
        f"| {name} | {np.mean(times.recall):.4f} | {p50:.1f} | {p99:.1f} | {p99 / p50:.1f}"
        f" | {own:.2f} | {numpy:.1f} | {numpy / own:.1f} | {thesis:.0f} | {thesis / p50:.0f} |"
    )


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    queries = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    rows, drawn = search_library.made(count, queries + BEFORE)
    before, asked = np.split(drawn, [BEFORE])
    print(f"load at the start: {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        print(search_library.prepared(Path(folder, "index"), rows, asked), flush=True)
        with search_processes.running(Path(folder)) as processes:
            held = processes.index_bytes()
            print(
                f"index ready from the saved graphs in {processes.index_start_s:.1f} s,"
                f" resident {held / 2**20:.0f} MiB, {held / count:.0f} bytes a sample"
            )
            bench = Bench(processes, rows)
            bench.warm(before)
            print(
                "| weights | recall@10 | gateway p50 ms | p99 ms | p99/p50 | index's own ms |"
                " NumPy ms | NumPy/index | thesis ms | thesis/gateway |\n" + "|---" * 10 + "|"
            )
            for name, weights in WEIGHTINGS.items():
                print(line(name, bench.measured(asked, weights)), flush=True)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
