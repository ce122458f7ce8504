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

from common.samples import Kind
from index_service.brute import BruteIndex
from index_service.changes import Meta
from index_service.graph import Graph

log = logging.getLogger(__name__)
FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class _File:
    """One graph: its file, the file's SHA-256, and the number of the last sample in it."""

    kind: str
    name: str
    sha256: str
    last: int


class Snapshots:
    """The graphs of one library in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, graphs: Mapping[Kind, Graph], meta: Meta) -> None:
        """Put `graphs` in the place of what was saved before. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        files = [self._write(kind, graph) for kind, graph in graphs.items()]
        manifest = {
            "format": FORMAT,
            "fingerprint": meta.fingerprint,
            "revision": meta.revision,
            "graphs": [asdict(file) for file in files],
        }
        self._commit(json.dumps(manifest, indent=1))
        self._sweep({file.name for file in files})

    def load(self, rows: Mapping[Kind, BruteIndex], meta: Meta) -> dict[Kind, Graph]:
        """Return the saved graphs that fit the library; those that do not are logged and left."""
        try:
            files = self._files(meta)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
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
            if _sha256(path) != file.sha256:
                raise ValueError("its checksum is wrong")
            graph = Graph.load(path, dimension=meta.dimension, last=file.last)
            own = rows[Kind[file.kind]]
            if not graph.covers(own.live_rows().up_to(file.last)):
                raise ValueError("it does not hold the vectors of the catalogue")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            log.warning("graph %s is of no use and is built again: %s", path, error)
            return None
        return graph

    def _write(self, kind: Kind, graph: Graph) -> _File:
        path = self._folder / f"{kind.name.lower()}-{uuid.uuid4().hex}.hnsw"
        graph.save(path)
        _flush(path)
        return _File(kind.name, path.name, _sha256(path), graph.last)

    def _commit(self, manifest: str) -> None:
        unfinished = self._folder / f"{MANIFEST}.part"
        unfinished.write_text(manifest, encoding="utf-8")
        _flush(unfinished)
        unfinished.replace(self._folder / MANIFEST)
        _flush(self._folder)

    def _sweep(self, names: set[str]) -> None:
        for path in self._folder.glob("*.hnsw"):
            if path.name not in names:
                path.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
