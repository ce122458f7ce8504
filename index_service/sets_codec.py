"""Messages of VectorSetService to values and back; checks what strangers send."""

from collections.abc import Sequence

from common import errors, vector_sets_codec, vectors
from common.vector_sets import Lacking, VectorSet
from common.vectors import Floats
from index_service import codec
from semapix.v1 import vector_sets_pb2 as pb

MAX_DIMENSION = 16_384
MAX_FINGERPRINT, MAX_MODEL, MAX_ADDRESS = 128, 4_096, 1_024
MAX_PHOTOS, DEFAULT_PHOTOS = 256, 16
MAX_VECTORS = 4_096
MAX_NUMBER = 2**63 - 1


def set_from(message: pb.VectorSet) -> VectorSet:
    """Return the set. Raises InvalidInput for one that cannot be."""
    if not 1 <= message.dimension <= MAX_DIMENSION:
        complaint = f"{message.dimension} is not between 1 and {MAX_DIMENSION:,}"
        raise errors.InvalidInput("set.dimension", complaint)
    codec.at_most(len(message.model), "set.model", most=MAX_MODEL)
    codec.at_most(len(message.embedder), "set.embedder", most=MAX_ADDRESS)
    fingerprint_from(message.fingerprint, "set.fingerprint")
    return vector_sets_codec.set_from(message)


def fingerprint_from(text: str, field: str = "fingerprint") -> str:
    """Return the fingerprint. Raises InvalidInput for none, or one that is too long."""
    codec.counted(text, field, most=MAX_FINGERPRINT)
    return text


def page_from(request: pb.ListLackingRequest) -> tuple[int, int]:
    """Return how many photos, and the number to go on after. Raises InvalidInput."""
    size = codec.at_most(request.page_size, "page_size", most=MAX_PHOTOS) or DEFAULT_PHOTOS
    if not request.page_token:
        return size, 0
    number = int(request.page_token) if request.page_token.isascii() and _is_number(request) else -1
    if not 0 <= number <= MAX_NUMBER:
        raise errors.InvalidInput("page_token", "is not one that this service gave")
    return size, number


def _is_number(request: pb.ListLackingRequest) -> bool:
    return request.page_token.isdigit() and len(request.page_token) < 20


def page_to(found: Sequence[Lacking], after: int) -> pb.ListLackingResponse:
    """Return the message."""
    photos = map(vector_sets_codec.lacking_to, found)
    return pb.ListLackingResponse(photos=photos, next_page_token=str(after) if after else "")


def vectors_from(request: pb.AddVectorsRequest) -> dict[str, Floats]:
    """Return the vectors by sample id, in their order. Raises InvalidInput."""
    codec.counted(request.vectors, "vectors", most=MAX_VECTORS)
    found = {}
    for number, one in enumerate(request.vectors):
        field = f"vectors[{number}]"
        codec.at_most(len(one.sample_id), f"{field}.sample_id", most=MAX_FINGERPRINT)
        found[one.sample_id] = vectors.unpack(one.vector.values, field=f"{field}.vector")
    return found
