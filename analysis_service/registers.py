"""Registers of clusters on disk, one file for each choice of kinds: ids and names live here."""

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from analysis_service import identities
from analysis_service.analyses import Outcome
from analysis_service.clusters import Clusters
from analysis_service.durable import write_durably
from analysis_service.identities import Identity, Register
from analysis_service.specs import Spec
from common.samples import Kind, Sample

log = logging.getLogger(__name__)
FOLDER, FORMAT = "identities", 1
_UNREADABLE = (OSError, ValueError, KeyError, TypeError)
Kinds = tuple[Kind, ...]


class Registers:
    """The registers of one folder. Any thread may call."""

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        self._folder = folder / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        self._read: dict[Kinds, Register] = {}
        self._lock = threading.Lock()

    def recognised(self, spec: Spec, samples: Sequence[Sample], outcome: Outcome) -> Outcome:
        """Return `outcome` with the ids of its clusters, if it has any, and remember them."""
        if not isinstance(outcome, Clusters):
            return outcome
        found = list(outcome.clusters)
        for run, kinds in enumerate(spec.runs):
            places = [at for at, cluster in enumerate(found) if cluster.run == run]
            members = [[samples[row].sample_id for row in found[at].rows] for at in places]
            all_ids = [sample.sample_id for sample in samples if sample.kind in kinds]
            with self._lock:
                ids, after = identities.recognised(members, all_ids, known=self._register(kinds))
                self._keep(kinds, after)
            for at, cluster_id in zip(places, ids, strict=True):
                found[at] = replace(found[at], cluster_id=cluster_id)
        return replace(outcome, clusters=tuple(found))

    def names(self, spec: Spec) -> Mapping[str, str]:
        """Return the names that persons gave, by cluster id."""
        with self._lock:
            known = [one for kinds in spec.runs for one in self._register(kinds).identities]
        return {identity.cluster_id: identity.name for identity in known if identity.name}

    def name(self, kinds: Kinds, cluster_id: str, name: str, *, members: Sequence[str]) -> None:
        """Give a cluster a name, "" to take it away; durable on return."""
        with self._lock:
            register = self._register(kinds)
            identity = Identity(cluster_id, tuple(members), register.clusterings, name)
            self._keep(kinds, register.named(identity))

    def files(self) -> list[tuple[str, bytes]]:
        """Return name and content of each file, whole."""
        with self._lock:
            return [(path.name, path.read_bytes()) for path in sorted(self._folder.glob("*.json"))]

    def clear(self) -> None:
        """Forget all clusters and names."""
        with self._lock:
            for path in self._folder.glob("*.json"):
                path.unlink()
            self._read.clear()

    def _register(self, kinds: Kinds) -> Register:
        if kinds not in self._read:
            self._read[kinds] = _loaded(self._file(kinds))
        return self._read[kinds]

    def _keep(self, kinds: Kinds, register: Register) -> None:
        write_durably(self._file(kinds), [json.dumps({"format": FORMAT, **asdict(register)})])
        self._read[kinds] = register

    def _file(self, kinds: Kinds) -> Path:
        return self._folder / f"{'-'.join(kind.name.lower() for kind in kinds)}.json"


def _loaded(path: Path) -> Register:
    """Return the register; one that cannot be read is set aside, since ids begin anew then."""
    if not path.exists():
        return Register()
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields.pop("format") != FORMAT:
            raise ValueError("was written in another format")
        known = [
            Identity(**{**one, "sample_ids": tuple(one["sample_ids"])})
            for one in fields.pop("identities")
        ]
        return Register(tuple(known), **fields)
    except _UNREADABLE as error:
        aside = path.with_suffix(".unreadable")
        log.warning("%s cannot be read and becomes %s: %r", path, aside.name, error)
        path.replace(aside)
        return Register()
