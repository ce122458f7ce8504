"""Which cluster of a new clustering is which of an earlier one.

Two clusters are the same if at least a third of the samples that are in either are in both. Only
samples count that both clusterings could have had: those that came later, and those that are gone,
say nothing about it. The pairs that overlap most are matched first.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

LEAST_OVERLAP = 1 / 3


@dataclass(frozen=True, slots=True)
class Identity:
    """A cluster as it was in clustering number `seen_in`; `name` is "" unless a person gave one."""

    cluster_id: str
    sample_ids: tuple[str, ...]
    seen_in: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """The clusters of the last clustering, and those with names that it did not find again.

    `first_seen` has the number of the clustering in which each sample first took part.
    """

    identities: tuple[Identity, ...] = ()
    first_seen: Mapping[str, int] = field(default_factory=dict)
    clusterings: int = 0

    def named(self, identity: Identity) -> "Register":
        """Return the register with `identity` in place of the one with its id, or beside all."""
        known = any(one.cluster_id == identity.cluster_id for one in self.identities)
        changed = tuple(
            replace(one, name=identity.name) if one.cluster_id == identity.cluster_id else one
            for one in self.identities
        )
        return replace(self, identities=changed if known else (*changed, identity))


def recognised(
    clusters: Sequence[Sequence[str]], samples: Sequence[str], *, known: Register
) -> tuple[list[str], Register]:
    """Return an id per cluster, and the register after it.

    `clusters` are the ids of their samples, `samples` those of all that took part.
    """
    now = known.clusterings + 1
    first_seen = {sample_id: known.first_seen.get(sample_id, now) for sample_id in samples}
    matched = _matched(_overlaps(clusters, first_seen, known.identities))
    found = tuple(
        _found(members, known.identities[matched[at]] if at in matched else None, now)
        for at, members in enumerate(clusters)
    )
    again = {identity.cluster_id for identity in found}
    asleep = (one for one in known.identities if one.name and one.cluster_id not in again)
    return [one.cluster_id for one in found], Register((*found, *asleep), first_seen, now)


def _found(members: Sequence[str], earlier: Identity | None, now: int) -> Identity:
    if earlier is None:
        return Identity(uuid.uuid4().hex, tuple(members), now)
    return replace(earlier, sample_ids=tuple(members), seen_in=now)


def _overlaps(
    clusters: Sequence[Sequence[str]],
    first_seen: Mapping[str, int],
    identities: Sequence[Identity],
) -> list[tuple[float, int, int, int]]:
    """Return (share, samples in both, cluster, identity) of each pair that overlaps enough."""
    homes: dict[str, list[int]] = defaultdict(list)
    for at, identity in enumerate(identities):
        for sample_id in identity.sample_ids:
            homes[sample_id].append(at)
    left = [sum(one in first_seen for one in identity.sample_ids) for identity in identities]
    found = []
    for cluster, members in enumerate(clusters):
        shared = Counter(home for one in members for home in homes.get(one, ()))
        for at, both in shared.items():
            comparable = sum(first_seen[one] <= identities[at].seen_in for one in members)
            share = both / (comparable + left[at] - both)
            if share >= LEAST_OVERLAP:
                found.append((share, both, cluster, at))
    return found


def _matched(overlaps: Sequence[tuple[float, int, int, int]]) -> dict[int, int]:
    """Return the identity of each cluster that has one, each at most once."""
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, cluster, identity in sorted(overlaps, key=lambda o: (-o[0], -o[1], o[2], o[3])):
        if cluster not in matched and identity not in taken:
            matched[cluster] = identity
            taken.add(identity)
    return matched
