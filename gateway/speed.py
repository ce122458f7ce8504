"""How fast something goes at present."""

import time
from collections import deque
from collections.abc import Callable


class Speed:
    """Counts what happens; the speed is that of the last `window_s` seconds of the clock."""

    def __init__(self, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s, self._clock = window_s, clock
        self._times: deque[float] = deque()
        self._since: float | None = None

    def note(self) -> None:
        """Count one now."""
        now = self._clock()
        self._forget(now)
        if not self._times:
            self._since = now
        self._times.append(now)

    @property
    def per_s(self) -> float:
        """How many a second; 0 while nothing has happened for the whole window."""
        now = self._clock()
        self._forget(now)
        if len(self._times) < 2 or self._since is None:
            return 0.0
        # Since the first one, where it is younger than the window: a start is not slow.
        return len(self._times) / max(min(self._window_s, now - self._since), 1e-3)

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] < now - self._window_s:
            self._times.popleft()
