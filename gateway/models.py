"""The one model that a library is fixed to, against the one that the embedder runs."""

from dataclasses import dataclass, field

from common import errors
from gateway.encoding import Encoding
from gateway.second_vectors import SecondVectors
from gateway.services import TRANSIENT, Counting, Encoder


class ModelCheck:
    """Refuses vectors of another model before they are made."""

    def __init__(self, encoding: Encoding, counting: Counting) -> None:
        self._encoding, self._counting = encoding, counting
        self._fitting = ""

    async def now(self) -> None:
        """Raise Mismatch if the embedder runs another model; what is away is not waited for."""
        try:
            await self._encoding.with_encoder(self.fits)
        except TRANSIENT:
            return

    async def fits(self, encoder: Encoder) -> None:
        """Return if the library is made with `encoder`, or with none yet. Raises Mismatch."""
        if encoder.fingerprint == self._fitting:
            return
        library = (await self._counting.counts()).fingerprint
        if library and library != encoder.fingerprint:
            raise mismatch(encoder)
        self._fitting = library

    def forget(self) -> None:
        """Ask the library anew: it may have vectors of another model by now."""
        self._fitting = ""


@dataclass(frozen=True, slots=True)
class Encoders:
    """The embedder of the vectors that serve, its check, and that of the second set, if any."""

    encoding: Encoding
    check: ModelCheck
    second: SecondVectors = field(default_factory=SecondVectors)


def mismatch(encoder: Encoder) -> errors.Mismatch:
    """Return the sentence for a person."""
    return errors.Mismatch(
        f"the library was made with another model than {encoder.model}, which the embedder runs: "
        "start the embedder with the library's model"
    )
