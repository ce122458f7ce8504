"""How the library is: health of every service, counts, what is to be done, and what that means."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from common import errors
from common.samples import Stage
from gateway.models import mismatch
from gateway.services import Counting, Counts, Detector, Embedder, Encoder, Feature

T = TypeVar("T")
_LOST = {
    "embedder": "nothing can be imported and no question answered",
    "detector": "objects and texts of new photos wait until it is back",
    "index": "photos can be neither found nor listed nor imported",
    "analysis": "there are no new clusters, maps and duplicates until it is back",
}
_WITHOUT = {
    Stage.DETECT: "No object detector: photos are found as a whole and by the texts in them, "
    "but not by the single things in them.",
    Stage.OCR: "No text reader: texts in photos cannot be found.",
}


class Health(Protocol):
    """One service behind the gateway."""

    name: str

    async def ailing(self, *, most_s: float) -> str: ...


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service: the models in it, and why it is not serving ("" when it is)."""

    name: str
    message: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All of it; `pending` and `failed` count photos."""

    services: tuple[ServiceState, ...]
    counts: Counts
    pending: Mapping[Stage, int]
    notices: tuple[str, ...]
    speeds: Mapping[Stage, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """What goes on in the background: photos a second of each stage, and sentences about others."""

    speeds: Callable[[], Mapping[Stage, float]]
    notices: Callable[[], Sequence[str]] = tuple


class Reporter:
    """Asks every service at the same time, each for at most `most_s` seconds."""

    def __init__(
        self,
        services: Sequence[Health],
        counting: Counting,
        *,
        embedder: Embedder,
        detector: Detector,
        work: Work,
        most_s: float = 4.0,
    ) -> None:
        self._services, self._counting = services, counting
        self._embedder, self._detector, self._most_s = embedder, detector, most_s
        self._work = work
        # What the detector said last: while it is away its work is still to be done.
        self._features: tuple[Feature, ...] | None = None

    async def report(self) -> Report:
        """Return how the library is now; a service that is away is part of the answer."""
        ailing, counted, encoder, features = await asyncio.gather(
            asyncio.gather(*(one.ailing(most_s=self._most_s) for one in self._services)),
            self._within(self._counting.counts()),
            _known(self._within(self._embedder.encoder())),
            _known(self._within(self._detector.features())),
        )
        self._features = features or self._features
        messages = dict(zip((one.name for one in self._services), ailing, strict=True))
        counts = counted if isinstance(counted, Counts) else Counts()
        if isinstance(counted, errors.SemapixError) and not messages["index"]:
            # Counts that nobody knows must not look like zeros.
            messages["index"] = f"the index does not tell what it holds: {counted}"
        models = {
            "embedder": (encoder.model,) if encoder else (),
            "detector": tuple(one.model for one in features or () if one.available),
        }
        states = tuple(
            ServiceState(name, message, models.get(name, ())) for name, message in messages.items()
        )
        return Report(
            services=states,
            counts=counts,
            pending=_pending(counts, self._features),
            speeds=self._work.speeds(),
            notices=(
                *_notices(states, features or (), encoder=encoder, counts=counts),
                *self._work.notices(),
            ),
        )

    async def _within(self, answer: Awaitable[T]) -> T | errors.SemapixError:
        """Return the answer, or why there is none."""
        try:
            return await asyncio.wait_for(answer, self._most_s)
        except errors.SemapixError as error:
            return error
        except TimeoutError:
            return errors.TooSlow(f"no answer within {self._most_s:g} s")


async def _known(answer: Awaitable[T | errors.SemapixError]) -> T | None:
    """Return the answer, None if there is none: `ailing` says why."""
    found = await answer
    return None if isinstance(found, errors.SemapixError) else found


def _pending(counts: Counts, features: Sequence[Feature] | None) -> dict[Stage, int]:
    """Return what is missing of the stages that can be done, of all while nobody knows."""
    if features is None:
        return {stage: count for stage, count in counts.missing.items() if count}
    can = {Stage.WHOLE, *(one.stage for one in features if one.available)}
    return {stage: count for stage, count in counts.missing.items() if count and stage in can}


def _notices(
    states: Sequence[ServiceState],
    features: Sequence[Feature],
    *,
    encoder: Encoder | None,
    counts: Counts,
) -> tuple[str, ...]:
    away = [f"{_capital(one.message)}: {_LOST[one.name]}." for one in states if one.message]
    without = [_WITHOUT[one.stage] for one in features if not one.available]
    return (*away, *_mismatch(encoder, counts), *without, *_failures(counts.failed))


def _mismatch(encoder: Encoder | None, counts: Counts) -> list[str]:
    if encoder is None or counts.fingerprint in ("", encoder.fingerprint):
        return []
    return [f"{_capital(str(mismatch(encoder)))}. Until then nothing is found or imported."]


def _failures(failed: Mapping[Stage, int]) -> list[str]:
    names: dict[Stage, str] = {Stage.DETECT: "objects", Stage.OCR: "texts"}
    return [
        f"The {names[stage]} of {count:,} photo{'s' if count != 1 else ''} could not be looked for."
        for stage, count in failed.items()
        if count and stage in names
    ]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
