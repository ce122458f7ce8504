"""Graphs on disk: a cache that spares a start from building them again.

Graphs are written under names of their own; the manifest, renamed into place last, says which of
them count. Whatever is not as the catalogue has it is thrown away and built again.
"""

import hashlib
import json
import logging
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from common.samples import Kind
from index_service.brute import BruteIndex
from index_service.changes import Meta
from index_service.graph import CHUNK, Graph
from index_service.members import Members
from index_service.sketches import Sketches

log = logging.getLogger(__name__)
FORMAT = 6
MANIFEST, GRAPH, MEMBERS = "manifest.json", ".hnsw", ".npz"
_UNUSABLE = (OSError, ValueError, TypeError, KeyError)


@dataclass(frozen=True, slots=True)
class _File:
    """The graph of a kind: the name of its two files, and the SHA-256 of each."""

    kind: str
    name: str
    graph_sha256: str
    members_sha256: str


class Snapshots:
    """The graphs of one library in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, graphs: Mapping[Kind, Graph], meta: Meta) -> None:
        """Put `graphs` in the place of what was saved before. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            files = [self._write(kind, graph) for kind, graph in graphs.items()]
            manifest = {
                "format": FORMAT,
                "fingerprint": meta.fingerprint,
                "revision": meta.revision,
                "graphs": [asdict(file) for file in files],
            }
            self._commit(json.dumps(manifest, indent=1))
        finally:
            self._sweep(meta)

    def load(self, rows: Mapping[Kind, BruteIndex], meta: Meta) -> dict[Kind, Graph]:
        """Return the saved graphs that fit the library; those that do not are logged and left."""
        try:
            files = self._files(meta)
        except FileNotFoundError:
            return {}
        except _UNUSABLE as error:
            log.warning("the saved graphs are of no use and are built again: %s", error)
            return {}
        return {Kind[file.kind]: g for file in files if (g := self._fitting(file, rows, meta))}

    def _files(self, meta: Meta) -> list[_File]:
        found = json.loads((self._folder / MANIFEST).read_text(encoding="utf-8"))
        if found["format"] != FORMAT or found["fingerprint"] != meta.fingerprint:
            raise ValueError("they are of another model or another Semapix")
        if found["revision"] > meta.revision:
            raise ValueError(f"revision {found['revision']} is ahead of the catalogue's")
        return [_File(**file) for file in found["graphs"]]

    def _fitting(self, file: _File, rows: Mapping[Kind, BruteIndex], meta: Meta) -> Graph | None:
        """Return the graph if it is whole and has every old sample of its kind as it is now."""
        path = self._folder / Path(file.name).name
        try:
            _check_sum(path.with_suffix(GRAPH), file.graph_sha256)
            _check_sum(path.with_suffix(MEMBERS), file.members_sha256)
            members, sketches = _columns(path)
            graph = Graph.load(path.with_suffix(GRAPH), members, sketches, dimension=meta.dimension)
            own = rows[Kind[file.kind]]
            if not graph.members.cover(own.chunks(CHUNK, last=graph.last)):
                raise ValueError("it does not hold the vectors of the catalogue")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            log.warning("graph %s is of no use and is built again: %s", path, error)
            return None
        return graph

    def _write(self, kind: Kind, graph: Graph) -> _File:
        path = self._folder / f"{kind.name.lower()}-{uuid.uuid4().hex}"
        saved, members = path.with_suffix(GRAPH), path.with_suffix(MEMBERS)
        graph.save(saved)
        np.savez(
            members,
            numbers=graph.members.numbers,
            digests=graph.members.digests,
            signs=graph.sketches.signs,
        )
        for written in (saved, members):
            _flush(written)
        return _File(kind.name, path.name, _sha256(saved), _sha256(members))

    def _commit(self, manifest: str) -> None:
        unfinished = self._folder / f"{MANIFEST}.part"
        unfinished.write_text(manifest, encoding="utf-8")
        _flush(unfinished)
        unfinished.replace(self._folder / MANIFEST)
        _flush(self._folder)

    def _sweep(self, meta: Meta) -> None:
        """Remove the files that the manifest does not name, such as those of a save cut short."""
        try:
            names = {file.name for file in self._files(meta)}
        except _UNUSABLE:
            names = set()
        for path in self._folder.iterdir():
            if path.suffix in (GRAPH, MEMBERS) and path.stem not in names:
                path.unlink()


def _check_sum(path: Path, sha256: str) -> None:
    if _sha256(path) != sha256:
        raise ValueError(f"the checksum of {path.name} is wrong")


def _columns(path: Path) -> tuple[Members, Sketches]:
    with np.load(path.with_suffix(MEMBERS), allow_pickle=False) as columns:
        return Members(columns["numbers"], columns["digests"]), Sketches(columns["signs"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
