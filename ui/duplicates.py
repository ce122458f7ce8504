"""Duplicates as the gateway found them, with the names of photos, for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from common import errors
from ui import analyses, naming
from ui.client import Client

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Copy:
    """A photo of a group; `like_best`: the same as the best by itself, not by way of others only.

    `sharpness` is the variance of the Laplacian of its brightness. `differing_bits` of 64 and
    `cosine` are to the best; None where the kind has no such thing.
    """

    photo_id: str
    name: str
    width: int
    height: int
    bytes: int
    sharpness: float
    like_best: bool
    differing_bits: int | None
    cosine: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """At least two photos, the best first, and `why` it is the best.

    `min_cosine`: the least cosine that ties a semantic group together; None in others.
    """

    best: str
    why: str
    photos: tuple[Copy, ...]
    min_cosine: float | None = None

    def others(self) -> list[str]:
        """Return the ids of all but the best, without those that only a chain ties to it."""
        return [one.photo_id for one in self.photos[1:] if one.like_best]


@dataclass(frozen=True, slots=True)
class Found:
    """Groups, largest first, among so many photos; `stale`: the library has changed since.

    `not_compared`: photos that have no hash or show but a surface.
    """

    kind: str
    groups: tuple[Group, ...]
    photos: int
    not_compared: int
    stale: bool


def named(client: Client, kept: analyses.Duplicates) -> Found:
    """Return the groups of an analysis with names, without photos that were removed since.

    A group whose best is gone has no other best: it is left out until the search is run again.
    """
    names = _names(client, [one.photo_id for group in kept.groups for one in group.photos])
    parameters = kept.analysis.parameters
    assert isinstance(parameters, analyses.DuplicateParameters)
    return Found(
        parameters.kind.name.lower(),
        tuple(found for group in kept.groups if (found := _group(group, names))),
        kept.analysis.samples,
        kept.not_compared,
        kept.analysis.stale,
    )


def _names(client: Client, photo_ids: Sequence[str]) -> dict[str, str]:
    found = {}
    for at in range(0, len(photo_ids), BATCH):
        for entry in client.photos(photo_ids[at : at + BATCH]):
            if not isinstance(entry, errors.SemapixError):
                found[entry.facts.photo_id] = naming.photo(entry.facts)
    return found


def _group(group: analyses.DuplicateGroup, names: dict[str, str]) -> Group | None:
    left = [one for one in group.photos if one.photo_id in names]
    if len(left) < 2 or left[0] is not group.photos[0]:
        return None
    copies = tuple(_copy(one, names[one.photo_id]) for one in left)
    return Group(copies[0].photo_id, group.why, copies, group.min_cosine)


def _copy(one: analyses.DuplicatePhoto, name: str) -> Copy:
    return Copy(
        one.photo_id,
        name,
        width=one.width,
        height=one.height,
        bytes=one.bytes,
        sharpness=round(one.sharpness, 1),
        like_best=one.like_best,
        differing_bits=one.differing_bits,
        cosine=one.cosine,
    )
