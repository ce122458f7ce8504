"""Messages of vector sets to values and back."""

from common import codec
from common.vector_sets import Lacking, Sets, VectorSet
from semapix.v1 import vector_sets_pb2 as pb


def set_from(message: pb.VectorSet) -> VectorSet:
    """Return the set."""
    return VectorSet(message.fingerprint, message.dimension, message.model, message.embedder)


def set_to(one: VectorSet) -> pb.VectorSet:
    """Return the message."""
    return pb.VectorSet(
        fingerprint=one.fingerprint,
        dimension=one.dimension,
        model=one.model,
        embedder=one.embedder,
    )


def sets_from(message: pb.GetVectorSetsResponse) -> Sets:
    """Return both sets."""
    second = set_from(message.second) if message.HasField("second") else None
    return Sets(set_from(message.serving), second, message.samples, message.done)


def sets_to(found: Sets) -> pb.GetVectorSetsResponse:
    """Return the message."""
    return pb.GetVectorSetsResponse(
        serving=set_to(found.serving),
        second=set_to(found.second) if found.second else None,
        samples=found.samples,
        done=found.done,
    )


def lacking_from(message: pb.LackingPhoto) -> Lacking:
    """Return the photo and its samples."""
    return Lacking(message.photo_id, tuple(map(codec.sample_from, message.samples)))


def lacking_to(one: Lacking) -> pb.LackingPhoto:
    """Return the message."""
    return pb.LackingPhoto(photo_id=one.photo_id, samples=map(codec.sample_to, one.samples))
