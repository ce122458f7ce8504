"""How many photos are on their way in, and whether there is none at the moment."""

import asyncio


class Flow:
    """Lets at most `most` photos of all imports in at the same time."""

    def __init__(self, most: int) -> None:
        self._turn = asyncio.Semaphore(most)
        self._inside = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def enter(self) -> None:
        """Wait for a turn; until then no more of the stream is read."""
        await self._turn.acquire()
        self._inside += 1
        self._quiet.clear()

    def leave(self) -> None:
        """Let the next one in."""
        self._turn.release()
        self._inside -= 1
        if not self._inside:
            self._quiet.set()

    async def quiet(self, *, most_s: float) -> None:
        """Return once no photo is on its way in, or after `most_s` seconds."""
        try:
            await asyncio.wait_for(self._quiet.wait(), most_s)
        except TimeoutError:
            return
