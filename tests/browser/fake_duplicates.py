"""Duplicates of the fake library: the first photos in threes, the last of each tied by a chain."""

from collections.abc import Sequence

from semapix.v1 import analysis_pb2 as apb
from semapix.v1 import duplicates_pb2 as pb
from semapix.v1 import types_pb2 as tpb

THREE = 3
WHY = "most pixels, sharpest"


def answer(
    job: apb.Analysis, facts: Sequence[tpb.PhotoFacts], groups: int
) -> apb.GetDuplicatesResponse:
    """Return so many groups of three, the first of each the best."""
    threes = (facts[at : at + THREE] for at in range(0, groups * THREE, THREE))
    return apb.GetDuplicatesResponse(
        analysis=job,
        groups=[
            pb.DuplicateGroup(photos=map(_photo, range(THREE), three), why=WHY) for three in threes
        ],
    )


def _photo(number: int, facts: tpb.PhotoFacts) -> pb.DuplicatePhoto:
    return pb.DuplicatePhoto(
        photo_id=facts.photo_id,
        width=facts.width,
        height=facts.height,
        bytes=facts.bytes,
        sharpness=100,
        differing_bits=3 * number,
        like_best=number < THREE - 1,
    )
