"""Messages of ReembeddingService to values and back."""

from common import errors
from common.vector_sets import VectorSet
from gateway.codec import sentence
from gateway.reembedding_state import Progress
from semapix.v1 import reembedding_pb2 as pb

MAX_ADDRESS = 1_024


def address_from(text: str) -> str:
    """Return the address. Raises InvalidInput unless it is host:port, perhaps several."""
    parts = [part.strip().rpartition(":") for part in text.split(",")]
    if len(text) > MAX_ADDRESS or not all(host and port.isdigit() for host, _, port in parts):
        raise errors.InvalidInput("embedder", f"{text[:80]!r} is not host:port, as 127.0.0.1:50051")
    return text


def progress_to(progress: Progress) -> pb.Reembedding:
    """Return the message."""
    sets, second = progress.sets, progress.sets.second or VectorSet()
    return pb.Reembedding(
        state=int(progress.state),  # type: ignore[arg-type]
        model=second.model,
        fingerprint=second.fingerprint,
        embedder=second.embedder,
        done=sets.done,
        total=sets.samples,
        samples_per_s=progress.per_s,
        remaining_s=progress.remaining_s,
        message=sentence(progress.message),
        serving_fingerprint=sets.serving.fingerprint,
        serving_model=sets.serving.model,
    )
