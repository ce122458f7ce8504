"""Waiting for a service that is away: it may be starting again."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from common import errors

T = TypeVar("T")
log = logging.getLogger(__name__)
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 3.0
OVERLOADED_ATTEMPTS = 5
_AWAY = (errors.Unavailable, errors.TooSlow)


class Patience:
    """Tries again while a service is away, together for all callers of that service.

    What counts is how long the service has been away, not how long one caller has waited: after
    `patience_s` everybody who is waiting gives up, and whoever comes then tries only once, until
    nobody has asked for as long: what was away hours ago says nothing of now.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._away_since: float | None = None
        self._last_failure = -math.inf
        self._callers = 0

    async def until_done(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return what `attempt` returns. Raises its last error when the patience is over."""
        if not self._callers and time.monotonic() - self._last_failure > self._patience_s:
            self._away_since = None
        self._callers += 1
        try:
            return await self._tried(attempt)
        finally:
            self._callers -= 1

    async def _tried(self, attempt: Callable[[], Awaitable[T]]) -> T:
        wait_s, refusals = FIRST_WAIT_S, 0
        while True:
            try:
                result = await attempt()
            except errors.Overloaded as error:
                refusals += 1
                if refusals == OVERLOADED_ATTEMPTS:
                    raise
                await asyncio.sleep(error.retry_after_s * refusals)
            except _AWAY as error:
                self._check(error)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            else:
                self._away_since = None
                return result

    def _check(self, error: errors.SemapixError) -> None:
        now = self._last_failure = time.monotonic()
        if self._away_since is None:
            log.warning("%s; waiting up to %g s", error, self._patience_s)
            self._away_since = now
        if now - self._away_since >= self._patience_s:
            raise error
