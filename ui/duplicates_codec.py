"""Duplicates: messages to values and back."""

from semapix.v1 import analysis_pb2
from semapix.v1 import duplicates_pb2 as pb
from ui import analyses


def parameters_to(given: analyses.DuplicateParameters) -> pb.DuplicateParameters:
    """Return the message."""
    return pb.DuplicateParameters(
        kind=int(given.kind),  # type: ignore[arg-type]
        min_cosine=given.min_cosine,
        max_differing_bits=given.max_differing_bits,
    )


def parameters_from(message: pb.DuplicateParameters) -> analyses.DuplicateParameters:
    """Return what was asked for; no kind is NEAR."""
    kind = analyses.DuplicateKind(message.kind or analyses.DuplicateKind.NEAR)
    bits = message.max_differing_bits if message.HasField("max_differing_bits") else None
    return analyses.DuplicateParameters(kind, message.min_cosine, bits)


def duplicates_from(
    message: analysis_pb2.GetDuplicatesResponse, analysis: analyses.Analysis
) -> analyses.Duplicates:
    """Return the groups."""
    return analyses.Duplicates(analysis, tuple(map(_group, message.groups)), message.not_compared)


def _group(message: pb.DuplicateGroup) -> analyses.DuplicateGroup:
    least = message.min_cosine if message.HasField("min_cosine") else None
    return analyses.DuplicateGroup(tuple(map(_photo, message.photos)), message.why, least)


def _photo(message: pb.DuplicatePhoto) -> analyses.DuplicatePhoto:
    return analyses.DuplicatePhoto(
        message.photo_id,
        message.width,
        message.height,
        message.bytes,
        message.sharpness,
        message.like_best,
        message.differing_bits if message.HasField("differing_bits") else None,
        message.cosine if message.HasField("cosine") else None,
    )
