"""What the second set lacks, page by page for several workers, and when it is their turn."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from common.vector_sets import Lacking
from gateway.flow import Flow
from gateway.vector_sets import SecondSet

LONGEST_HOLD_S = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Photos embedded together, calls at the same time, whether imports come first, first wait."""

    most: int
    calls: int
    import_first: bool
    wait_s: float


class Turn:
    """When to go on: imports come first."""

    def __init__(self, flow: Flow, pace: Pace) -> None:
        self._flow, self.pace = flow, pace

    async def come(self) -> None:
        """Return once no photo is on its way in, or after a while."""
        if self.pace.import_first:
            await self._flow.quiet(most_s=LONGEST_HOLD_S)


class Pages:
    """Pages of what is lacking, shared by several workers."""

    def __init__(self, second: SecondSet, fingerprint: str, *, size: int) -> None:
        self._second, self._fingerprint, self._size = second, fingerprint, size
        self._lock = asyncio.Lock()
        self._token, self._is_over = "", False

    async def next(self) -> Sequence[Lacking]:
        """Return the next photos, none behind the last page."""
        async with self._lock:
            if self._is_over:
                return ()
            page = await self._second.lacking(self._fingerprint, size=self._size, token=self._token)
            self._token, self._is_over = page.next_token, not page.next_token
            return page.photos
