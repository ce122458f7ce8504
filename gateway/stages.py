"""The background: objects and texts of the photos whose catalogue entry lacks them.

No state but the catalogue's: what to do is what is missing there, so a restart goes on by itself.
"""

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from common import errors
from common.samples import PhotoFacts, Stage, StageRecord
from gateway.describing import Describer, failed
from gateway.flow import Flow
from gateway.models import ModelCheck
from gateway.records import knows
from gateway.services import TRANSIENT, Catalogue, Encoder, Feature, Update
from gateway.speed import Speed

log = logging.getLogger(__name__)
# Texts take long: after a few the objects of newer photos come first again.
PAGE = {Stage.DETECT: 32, Stage.OCR: 4}
RECHECK_S = 20.0
LONGEST_WAIT_S = 15.0
LONGEST_HOLD_S = 60.0
MAX_STRIKES = 5
WINDOW_S = 60.0
ORDER = (Stage.DETECT, Stage.OCR)


@dataclass(frozen=True, slots=True)
class Pace:
    """Photos at the same time, seconds to wait after trouble, and whether imports come first."""

    at_once: int
    wait_s: float
    import_first: bool


class Background:
    """Does the missing stages whenever it is woken."""

    def __init__(
        self,
        describer: Describer,
        catalogue: Catalogue,
        *,
        check: ModelCheck,
        flow: Flow,
        pace: Pace,
    ) -> None:
        self._describer, self._catalogue, self._check = describer, catalogue, check
        self._flow, self._pace = flow, pace
        self._awake = asyncio.Event()
        # How often a service that was up failed on a photo; such photos are tried alone.
        self._strikes: Counter[tuple[str, Stage]] = Counter()
        self._given_up: set[tuple[str, Stage]] = set()
        self._speeds = {stage: Speed(WINDOW_S) for stage in ORDER}

    def wake(self) -> None:
        """Look soon for what is missing."""
        self._awake.set()

    def start_over(self) -> None:
        """Look soon for what is missing, what was given up included."""
        self._strikes.clear()
        self._given_up.clear()
        self.wake()

    def speeds(self) -> dict[Stage, float]:
        """Return how many photos a second each stage is done for at present."""
        return {stage: speed.per_s for stage, speed in self._speeds.items()}

    async def run(self) -> None:
        """Work until cancelled; services that are away are waited for."""
        wait_s = self._pace.wait_s
        while True:
            self._awake.clear()
            try:
                busy = await self.round()
            except Exception as error:  # the background outlives whatever befalls one round
                _log_wait(error)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            wait_s = self._pace.wait_s
            if not busy:
                await self._rest()

    async def round(self) -> bool:
        """Do one page of the first stage that is missing; return whether there was anything to do.

        Raises what a service that is away raises, and Mismatch if the model is not the library's.
        """
        features = {one.stage: one for one in await self._describer.detector.features()}
        for stage in ORDER:
            feature = features.get(stage)
            if feature is None or not feature.available:
                continue
            page = await self._missing(stage)
            if page:
                await self._describer.encoding.with_encoder(
                    functools.partial(self._do, page, feature)
                )
                return True
            self._forget(stage)
        return False

    def _forget(self, stage: Stage) -> None:
        """Drop the strikes of photos that were removed: no photo lacks the stage."""
        self._strikes = Counter({key: n for key, n in self._strikes.items() if key[1] is not stage})

    async def _rest(self) -> None:
        """Sleep until woken; now and again anyway, for a detector may have arrived."""
        try:
            await asyncio.wait_for(self._awake.wait(), RECHECK_S)
        except TimeoutError:
            return

    async def _missing(self, stage: Stage) -> list[PhotoFacts]:
        """Return the oldest photos that lack the stage and are not given up."""
        token = ""
        while True:
            page = await self._catalogue.page(size=PAGE[stage], token=token, missing=stage)
            facts = [
                one.facts
                for one in page.entries
                if (one.facts.photo_id, stage) not in self._given_up
            ]
            token = page.next_token
            if facts or not token:
                return facts

    async def _do(self, page: Sequence[PhotoFacts], feature: Feature, encoder: Encoder) -> None:
        await self._check.fits(encoder)
        turn = asyncio.Semaphore(1 if self._strikes else self._pace.at_once)

        async def one(facts: PhotoFacts) -> None:
            async with turn:
                if self._pace.import_first:
                    await self._flow.quiet(most_s=LONGEST_HOLD_S)
                await self._do_one(facts, feature, encoder)

        tasks = [asyncio.create_task(one(facts)) for facts in page]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _do_one(self, facts: PhotoFacts, feature: Feature, encoder: Encoder) -> None:
        key = (facts.photo_id, feature.stage)
        try:
            update = await self._describer.described(facts, feature, encoder)
        except errors.Overloaded as error:
            await asyncio.sleep(error.retry_after_s)
            raise
        except TRANSIENT as error:
            update = self._struck(facts, feature, error)
        except errors.Mismatch:
            raise
        except Exception as error:  # a photo that nobody foresaw must not hold up the others
            log.error("%s of photo %s failed", feature.stage.name, key[0], exc_info=error)
            update = failed(facts, feature, "internal error, see the log of the gateway")
        await self._commit(update, encoder)
        self._describer.forget(*key)
        self._strikes.pop(key, None)
        self._speeds[feature.stage].note()

    def _struck(self, facts: PhotoFacts, feature: Feature, error: errors.SemapixError) -> Update:
        """Raise `error` unless it befell this photo too often, services being up each time."""
        key = (facts.photo_id, feature.stage)
        self._strikes[key] += 1
        if self._strikes[key] < MAX_STRIKES:
            raise error
        log.warning("%s of photo %s is given up: %s", feature.stage.name, key[0], error)
        return failed(facts, feature, f"given up after {MAX_STRIKES} times: {error}")

    async def _commit(self, update: Update, encoder: Encoder) -> None:
        """Put; what the index refuses for good becomes a record of that, or is given up."""
        photo_id, record = update.facts.photo_id, update.record
        try:
            await self._catalogue.put(update, fingerprint=encoder.fingerprint)
        except (*TRANSIENT, errors.Mismatch):
            raise
        except errors.SemapixError as error:
            if not await knows(self._catalogue, photo_id):
                return
            log.error("%s of photo %s is refused: %s", record.stage.name, photo_id, error)
            if record.error:
                self._given_up.add((photo_id, record.stage))
                return
            refused = StageRecord(record.stage, record.model, str(error))
            await self._commit(Update(update.facts, refused), encoder)


def _log_wait(error: Exception) -> None:
    if isinstance(error, errors.SemapixError):
        log.info("stages wait: %s", error)
    else:
        log.error("a round of the stages failed", exc_info=error)
