"""The vectors of a library in memory: one index per kind, replaced as a whole by each change."""

import logging
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from common.samples import Kind
from common.vectors import Floats
from index_service import reading
from index_service.brute import BruteIndex
from index_service.changes import AddedSample, Effects, Meta
from index_service.graph import Graph, GraphIndex
from index_service.vector_index import Rows

log = logging.getLogger(__name__)
Index = BruteIndex | GraphIndex


@dataclass(frozen=True, slots=True)
class View:
    """All indices at one revision; it stays as it is while it is searched."""

    meta: Meta
    indices: Mapping[Kind, Index]


class Indices:
    """Holds the view that counts now. One writer publishes, a builder swaps graphs in."""

    def __init__(self, view: View) -> None:
        self._view, self._swapping = view, threading.Lock()

    @property
    def view(self) -> View:
        """The view that counts now."""
        return self._view

    def publish(self, effects: Effects, meta: Meta) -> None:
        """Make committed changes visible, all at once."""
        with self._swapping:
            indices = dict(self._view.indices)
            for kind, (added, gone) in _by_kind(effects).items():
                index = indices.get(kind) or BruteIndex.empty(meta.dimension)
                indices[kind] = index.changed(_rows(added, meta.dimension), gone)
            self._view = View(meta, MappingProxyType(indices))

    def replace(self, view: View) -> None:
        """Search `view` from now on, the newest there is."""
        with self._swapping:
            self._view = view

    def adopt(self, kind: Kind, graph: Graph | None, *, fingerprint: str) -> None:
        """Search `kind` by `graph` from now on, or by scanning when there is none.

        Nothing happens if vectors of another fingerprint serve by now.
        """
        with self._swapping:
            index = self._view.indices.get(kind)
            if index is None or self._view.meta.fingerprint != fingerprint:
                return
            rows = rows_of(index)
            adopted = GraphIndex(rows, graph) if graph else rows
            indices = {**self._view.indices, kind: adopted}
            self._view = View(self._view.meta, MappingProxyType(indices))

    def pack(self, kind: Kind, before: BruteIndex, packed: BruteIndex) -> None:
        """Search `kind` in `packed`, which was made of `before`, and what changed since."""
        with self._swapping:
            index = self._view.indices.get(kind)
            rows = packed.caught_up(before, rows_of(index)) if index else None
            if index is None or rows is None:
                return
            own = index.on(rows) if isinstance(index, GraphIndex) else rows
            indices = {**self._view.indices, kind: own}
            self._view = View(self._view.meta, MappingProxyType(indices))


def rows_of(index: Index) -> BruteIndex:
    """Return the vectors behind `index`."""
    return index if isinstance(index, BruteIndex) else index.rows


def loaded(connection: sqlite3.Connection) -> View:
    """Return the view of the catalogue as it is, without graphs."""
    meta = reading.meta(connection)
    counts = {kind: reading.vector_count(connection, [kind]) for kind in Kind}
    indices = {
        kind: _loaded_kind(connection, kind, meta, count) for kind, count in counts.items() if count
    }
    return View(meta, MappingProxyType(indices))


def _loaded_kind(connection: sqlite3.Connection, kind: Kind, meta: Meta, count: int) -> BruteIndex:
    index = BruteIndex.empty(meta.dimension)
    for chunk in reading.vector_rows(connection, kind, meta):
        numbers, photos, confidences, blobs = zip(*chunk, strict=True)
        rows = Rows(
            np.array(numbers, np.int64),
            np.array(photos, np.int64),
            np.array(confidences, np.float32),
            _matrix(blobs, meta.dimension),
        )
        index = index.changed(rows, ())
    if len(index) < count:
        log.error(
            "%d samples of %s lack a vector and are not found: `semapix check --repair` mends that",
            count - len(index),
            kind.name,
        )
    return index


def _matrix(blobs: Sequence[bytes], dimension: int) -> Floats:
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(-1, dimension)


def _by_kind(effects: Effects) -> dict[Kind, tuple[list[AddedSample], list[int]]]:
    found: dict[Kind, tuple[list[AddedSample], list[int]]] = defaultdict(lambda: ([], []))
    for item in effects.added:
        found[item.sample.sample.kind][0].append(item)
    for kind, number in effects.gone:
        found[kind][1].append(number)
    return found


def _rows(added: Sequence[AddedSample], dimension: int) -> Rows:
    vectors = [item.sample.vector for item in added]
    return Rows(
        np.array([item.number for item in added], np.int64),
        np.array([item.photo for item in added], np.int64),
        np.array([item.sample.sample.confidence for item in added], np.float32),
        np.array(vectors, np.float32).reshape(len(added), dimension),
    )
