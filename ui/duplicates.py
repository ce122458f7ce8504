"""Groups of photos that are the same, look the same or show the same, and the best of each."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from common import errors
from common.samples import PhotoFacts
from ui import best_photo, looks, naming
from ui.analyses import DuplicateGroup
from ui.best_photo import Look
from ui.client import Client

DEFAULT_DISTANCE = 4
BATCH = 1000
THUMBNAIL_PX = 320
Report = Callable[[int, int], None]
T = TypeVar("T")


class DuplicateKind(StrEnum):
    """How much the photos of a group are the same."""

    EXACT = "exact"
    NEAR = "near"
    SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class Copy:
    """A photo of a group; `sharpness` is the variance of the Laplacian of its thumbnail.

    `differing_bits`: in how many bits of 64 its hash differs from that of the best; None in
    semantic groups.
    """

    photo_id: str
    name: str
    width: int
    height: int
    bytes: int
    sharpness: float
    differing_bits: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least two photos, the best first, and `why` it is the best.

    `min_cosine`: the least cosine that ties a semantic group together; None in others.
    """

    best: str
    why: str
    photos: tuple[Copy, ...]
    min_cosine: float | None = None

    def others(self, distance: int) -> list[str]:
        """Return the ids of all but the best, without those that only a chain ties to it.

        In groups by hash: those that differ from the best in more than `distance` bits.
        """
        return [one.photo_id for one in self.photos[1:] if (one.differing_bits or 0) <= distance]


@dataclass(frozen=True, slots=True)
class Found:
    """Groups, largest first, among so many photos; `stale`: the library has changed since.

    `without_hash`: photos that could not be compared, for they have no hash or show but a surface.
    """

    kind: DuplicateKind
    groups: tuple[Group, ...]
    photos: int
    without_hash: int = 0
    stale: bool = False


def by_hash(
    client: Client, photos: Sequence[PhotoFacts], distance: int, *, report: Report
) -> list[Group]:
    """Return groups of photos that look alike, from one to the next `distance` bits at most."""
    found = looks.groups(photos, distance)
    return [
        _group([_look(client, facts)[0] for facts in alike], by_hash=True)
        for alike in _reported(found, report)
    ]


def exact(client: Client, photos: Sequence[PhotoFacts], *, report: Report) -> list[Group]:
    """Return groups of the same picture in different files.

    Their hashes and sizes in pixels are equal, and the thumbnails that are made of them, byte for
    byte; what a file says beside its picture may differ.
    """
    found = []
    for alike in _reported(looks.groups(photos, 0), report):
        same: dict[tuple[int, int, bytes], list[Look]] = {}
        for facts in alike:
            look, digest = _look(client, facts)
            if digest:
                same.setdefault((facts.width, facts.height, digest), []).append(look)
        found += [_group(group, by_hash=True) for group in same.values() if len(group) > 1]
    return sorted(found, key=lambda group: -len(group.photos))


def semantic(client: Client, groups: Sequence[DuplicateGroup], *, report: Report) -> list[Group]:
    """Return the groups of an analysis without photos that were removed since."""
    facts = _facts(client, [photo_id for group in groups for photo_id in group.photo_ids])
    found = []
    for group in _reported(groups, report):
        left = [facts[photo_id] for photo_id in group.photo_ids if photo_id in facts]
        if len(left) > 1:
            measured = [_look(client, one)[0] for one in left]
            found.append(_group(measured, min_cosine=group.min_cosine))
    return found


def _facts(client: Client, photo_ids: Sequence[str]) -> dict[str, PhotoFacts]:
    facts = {}
    for at in range(0, len(photo_ids), BATCH):
        for entry in client.photos(photo_ids[at : at + BATCH]):
            if not isinstance(entry, errors.SemapixError):
                facts[entry.facts.photo_id] = entry.facts
    return facts


def _reported(groups: Sequence[T], report: Report) -> Iterator[T]:
    for done, group in enumerate(groups, start=1):
        yield group
        report(done, len(groups))


def _look(client: Client, facts: PhotoFacts) -> tuple[Look, bytes]:
    """Return how sharp a photo is and the hash of its thumbnail; 0 and b"" without one."""
    try:
        jpeg = client.thumbnail(facts.photo_id, size_px=THUMBNAIL_PX)
    except (errors.NotFound, errors.DataLoss, errors.InvalidInput):
        return Look(facts, 0.0), b""
    return Look(facts, best_photo.sharpness(jpeg)), hashlib.sha256(jpeg).digest()


def _group(
    looked: Sequence[Look], *, by_hash: bool = False, min_cosine: float | None = None
) -> Group:
    """Return the group, its best photo first."""
    chosen, why = best_photo.best(looked)
    ordered = [chosen, *(look for look in looked if look is not chosen)]
    copies = (_copy(look, chosen.facts if by_hash else None) for look in ordered)
    return Group(chosen.facts.photo_id, why, tuple(copies), min_cosine)


def _copy(look: Look, best: PhotoFacts | None) -> Copy:
    facts = look.facts
    return Copy(
        facts.photo_id,
        naming.photo(facts),
        width=facts.width,
        height=facts.height,
        bytes=facts.bytes,
        sharpness=round(look.sharpness, 1),
        differing_bits=looks.differing_bits(best, facts) if best else None,
    )
