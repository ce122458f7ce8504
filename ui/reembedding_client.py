"""Re-embedding as blocking calls with values."""

from dataclasses import dataclass
from enum import IntEnum

from semapix.v1 import reembedding_pb2 as pb
from semapix.v1.reembedding_pb2_grpc import ReembeddingServiceStub
from ui import calls

QUICK_S = 15.0


class State(IntEnum):
    """How it stands with a re-embedding; the numbers are those of the protos."""

    UNKNOWN = 0
    NONE = 1
    RUNNING = 2
    WAITING = 3
    HELD = 4


class Started(IntEnum):
    """What came of the wish to begin; the numbers are those of the protos."""

    UNKNOWN = 0
    BEGUN = 1
    UNNEEDED = 2
    ADOPTED = 3


@dataclass(frozen=True, slots=True)
class Reembedding:
    """How far it is; `message` says why it waits, `remaining_s` None is unknown."""

    state: State
    model: str
    fingerprint: str
    done: int
    total: int
    samples_per_s: float
    remaining_s: float | None
    message: str
    serving_fingerprint: str
    serving_model: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """What came of the wish to begin, with the model of the embedder named."""

    started: Started
    fingerprint: str
    model: str


class ReembeddingClient:
    """One library embedded anew."""

    def __init__(self, stub: ReembeddingServiceStub, address: str) -> None:
        self._stub, self._address = stub, address

    def start(self, embedder: str, *, timeout_s: float = QUICK_S) -> Beginning:
        """Begin with the model of the embedder at "host:port", or go on with it.

        Raises Mismatch beside another model or without room on the disk.
        """
        request = pb.StartReembeddingRequest(embedder=embedder)
        with calls.answered(self._address):
            answer = self._stub.StartReembedding(request, timeout=timeout_s)
        return Beginning(Started(answer.outcome), answer.fingerprint, answer.model)

    def state(self) -> Reembedding:
        """Return how far it is."""
        with calls.answered(self._address):
            request = pb.GetReembeddingRequest()
            one = self._stub.GetReembedding(request, timeout=QUICK_S).progress
        return Reembedding(
            state=State(one.state),
            model=one.model,
            fingerprint=one.fingerprint,
            done=one.done,
            total=one.total,
            samples_per_s=one.samples_per_s,
            remaining_s=one.remaining_s if one.HasField("remaining_s") else None,
            message=one.message,
            serving_fingerprint=one.serving_fingerprint,
            serving_model=one.serving_model,
        )

    def cancel(self) -> bool:
        """Drop what was embedded anew; return whether something was under way."""
        with calls.answered(self._address):
            request = pb.CancelReembeddingRequest()
            return self._stub.CancelReembedding(request, timeout=QUICK_S).cancelled
