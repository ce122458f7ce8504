"""How it stands with a re-embedding, as values and as sentences for a person."""

from dataclasses import dataclass
from enum import IntEnum

from common.vector_sets import Sets

NAMED_AT_MOST = 3


class State(IntEnum):
    """How it stands; the numbers are those of the protos."""

    NONE = 1
    RUNNING = 2
    WAITING = 3
    HELD = 4


class Started(IntEnum):
    """What came of the wish to begin; the numbers are those of the protos."""

    BEGUN = 1
    UNNEEDED = 2
    ADOPTED = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is; `message` says why it waits or is held, `remaining_s` None is unknown."""

    state: State
    sets: Sets
    per_s: float = 0.0
    remaining_s: float | None = None
    message: str = ""


def notices(sets: Sets | None, message: str) -> tuple[str, ...]:
    """Return a sentence while a second set is built; `message` is why it waits, if it does."""
    if sets is None or sets.second is None:
        return ()
    name = sets.second.model or sets.second.fingerprint
    if message:
        return (f"Embedding anew with {name} waits: {message}.",)
    return (
        f"All photos are being embedded anew with {name}, {sets.done:,} of {sets.samples:,} "
        "samples so far: until all are done, searches use the vectors of before.",
    )


def sentence(failed: dict[str, str]) -> str:
    """Return that photos cannot be embedded, and why, by photo id."""
    shown = "; ".join(f"{own[:12]}: {why}" for own, why in list(failed.items())[:NAMED_AT_MOST])
    some = "photo" if len(failed) == 1 else "photos"
    return f"{len(failed):,} {some} cannot be embedded, import or remove them ({shown})"
