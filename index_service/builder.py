"""Builds graphs beside the searches, swaps them in and saves them."""

import logging
import threading
from pathlib import Path

from common.samples import Kind
from index_service import graph as graphs
from index_service.brute import BruteIndex
from index_service.graph import Graph, GraphIndex
from index_service.indices import Index, Indices, View, rows_of
from index_service.snapshot import Snapshots

log = logging.getLogger(__name__)


class Builder:
    """A thread that keeps the graphs of a library in step with its vectors."""

    def __init__(self, indices: Indices, folder: Path, *, graph_from: int, threads: int) -> None:
        self._indices, self._snapshots = indices, Snapshots(folder)
        self._graph_from, self._threads = graph_from, threads
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="graphs", daemon=True)
        self._saved: dict[Kind, Graph] = {}

    def start(self) -> None:
        """Take over the graphs that were saved and fit, and build what is missing."""
        view = self._indices.view
        rows = {kind: rows_of(index) for kind, index in view.indices.items()}
        self._saved = self._snapshots.load(rows, view.meta)
        for kind, graph in self._saved.items():
            self._indices.adopt(kind, graph, fingerprint=view.meta.fingerprint)
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """Look soon whether a graph must be built."""
        self._wake.set()

    def close(self) -> None:
        """Give up a graph that is being built, save those that are not, and end the thread."""
        self._stop.set()
        self.wake()
        self._thread.join()
        self._save()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            view = self._indices.view
            for kind, index in view.indices.items():
                self._mend(kind, index, view.meta.fingerprint)
            self._save()

    def _mend(self, kind: Kind, index: Index, fingerprint: str) -> None:
        rows = rows_of(index)
        if rows.is_sparse:
            self._indices.pack(kind, rows, rows.packed())
            view = self._indices.view
            if view.meta.fingerprint != fingerprint:  # the next round sees to those
                return
            index = view.indices[kind]
            rows = rows_of(index)
        if len(rows) < self._graph_from:
            if isinstance(index, GraphIndex):
                self._indices.adopt(kind, None, fingerprint=fingerprint)
        elif isinstance(index, BruteIndex) or index.is_outdated:
            self._build(kind, rows, fingerprint)

    def _build(self, kind: Kind, rows: BruteIndex, fingerprint: str) -> None:
        log.info("building the graph of %d %s samples", len(rows), kind.name)
        try:
            graph = graphs.build(rows, threads=self._threads, stop=self._stop)
        except (RuntimeError, MemoryError):
            log.exception("no graph for %s: it is searched by scanning", kind.name)
            return
        if graph:
            self._indices.adopt(kind, graph, fingerprint=fingerprint)
            log.info("the graph of %s serves", kind.name)

    def _save(self) -> None:
        """Save the graphs if they are not those that were saved."""
        view = self._indices.view
        current = _graphs(view)
        if current == self._saved:
            return
        try:
            self._snapshots.save(current, view.meta)
            self._saved = current
        except (OSError, RuntimeError) as error:
            log.warning("the graphs are not saved, the next start builds them again: %s", error)


def _graphs(view: View) -> dict[Kind, Graph]:
    found = view.indices.items()
    return {kind: index.graph for kind, index in found if isinstance(index, GraphIndex)}
