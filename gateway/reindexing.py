"""Background stages to be done again, with what the detector can do now."""

from collections.abc import Callable, Sequence

from common import errors
from common.imports import RedoScope
from common.samples import Stage
from gateway.ledger import StageBook
from gateway.services import Detector

NAMES = {Stage.DETECT: "object detector", Stage.OCR: "text reader"}


class Reindexing:
    """Marks stages; `start` has the background look again at all that is missing."""

    def __init__(self, book: StageBook, detector: Detector, *, start: Callable[[], None]) -> None:
        self._book, self._detector, self._start = book, detector, start

    async def redo(self, stages: Sequence[Stage], scope: RedoScope) -> dict[Stage, int]:
        """Return how many photos each stage is to be done for now.

        Raises Mismatch if the detector cannot do one of the stages, Unavailable without it.
        """
        features = {one.stage: one for one in await self._detector.features()}
        for stage in stages:
            if stage not in features or not features[stage].available:
                raise errors.Mismatch(
                    f"there is no {NAMES[stage]} now: start the detector with one"
                )
        models = [(stage, features[stage].model) for stage in stages]
        pending = await self._book.redo(models, scope)
        self._start()
        return dict(zip(stages, pending, strict=True))
