"""Messages of duplicates to values and back."""

from analysis_service.analyses import Result
from analysis_service.clusters_codec import number
from analysis_service.duplicates import Copy, Duplicates
from analysis_service.specs import DuplicateKind, DuplicateParameters
from common import errors
from semapix.v1 import duplicates_pb2 as pb


def parameters_from(message: pb.DuplicateParameters, field: str) -> DuplicateParameters:
    """Return the checked parameters; 0 and unset are the defaults. Raises InvalidInput."""
    default = DuplicateParameters()
    try:
        kind = DuplicateKind(message.kind or default.kind)
    except ValueError:
        raise errors.InvalidInput(f"{field}.kind", f"{message.kind} is no kind") from None
    bits = default.max_differing_bits
    if message.HasField("max_differing_bits"):
        bits = message.max_differing_bits
    least = number(message.min_cosine) or default.min_cosine
    return DuplicateParameters(kind, least, bits).checked(field)


def parameters_to(parameters: DuplicateParameters) -> pb.DuplicateParameters:
    """Return the message, with every default spelled out."""
    return pb.DuplicateParameters(
        kind=int(parameters.kind),  # type: ignore[arg-type]
        min_cosine=parameters.min_cosine,
        max_differing_bits=parameters.max_differing_bits,
    )


def groups_to(result: Result, outcome: Duplicates) -> list[pb.DuplicateGroup]:
    """Return the groups in their order."""
    return [
        pb.DuplicateGroup(
            photos=[_photo(result.samples[copy.row].photo_id, copy) for copy in group.copies],
            min_cosine=group.min_cosine,
            why=group.why,
        )
        for group in outcome.groups
    ]


def _photo(photo_id: str, copy: Copy) -> pb.DuplicatePhoto:
    return pb.DuplicatePhoto(
        photo_id=photo_id,
        width=copy.width,
        height=copy.height,
        bytes=copy.bytes,
        sharpness=copy.sharpness,
        differing_bits=copy.differing_bits,
        cosine=copy.cosine,
        like_best=copy.like_best,
    )
