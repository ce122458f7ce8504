"""Imports and removals side by side, each answer written into the ledger."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from common import errors
from tests.crash.crash_ledger import Ledger, State
from ui.answers import Imported, Outcome
from ui.client import Client

BATCH = 12
MOST_LIVE = 150
IN = (Outcome.ADDED, Outcome.DUPLICATE)


class Call(Enum):
    """What the services are killed in the middle of."""

    IMPORT = "import"
    REMOVAL = "removal"


@dataclass(frozen=True)
class Photo:
    """A photo as a client sends it."""

    name: str
    content: bytes

    def pieces(self) -> Iterator[bytes]:
        yield self.content


class Work:
    """Two threads that import and remove until they are told to stop."""

    def __init__(self, address: str, ledger: Ledger, draw: random.Random) -> None:
        self._address, self._ledger, self._draw = address, ledger, draw
        self._stop = threading.Event()
        self._under_way = {one: threading.Event() for one in Call}
        self._failures: list[Exception] = []
        self._threads = [
            threading.Thread(target=self._repeat, args=(step,), daemon=True)
            for step in (self._import, self._remove)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, call: "Call") -> None:
        """Return as soon as such a call is under way."""
        assert self._under_way[call].wait(60) or self._failures, f"no {call.value} in a minute"

    def under_way(self) -> list["Call"]:
        """Return the calls that are under way at this moment."""
        return [call for call, event in self._under_way.items() if event.is_set()]

    @contextlib.contextmanager
    def _during(self, call: "Call") -> Iterator[None]:
        self._under_way[call].set()
        try:
            yield
        finally:
            self._under_way[call].clear()

    def finish(self) -> None:
        """Let both come to their end. Raises what they did not foresee."""
        self._stop.set()
        for thread in self._threads:
            thread.join(240)
            assert not thread.is_alive(), "a call never ends"
        if self._failures:
            raise self._failures[0]

    def _repeat(self, step: Callable[[Client], None]) -> None:
        with Client(self._address) as client:
            while not self._stop.is_set():
                try:
                    step(client)
                except (errors.Unavailable, errors.TooSlow, errors.Cancelled):
                    self._stop.wait(0.2)  # without an answer the ledger stays in doubt
                except Exception as error:
                    self._failures.append(error)
                    return

    def _import(self, client: Client) -> None:
        """Import new photos and some of the trash, which come back by that."""
        full = self._ledger.count(State.LIVE) > MOST_LIVE
        new = [self._ledger.new_photo() for _ in range(2 if full else BATCH)]
        ids = [*new, *self._ledger.take(State.TRASHED, 2), *self._ledger.take(State.LIVE, 1)]
        self._draw.shuffle(ids)
        self._ledger.begin(ids, State.LIVE)
        originals = self._ledger.originals
        photos = [Photo(photo_id, originals[photo_id]) for photo_id in ids]
        torn = Photo("torn.jpg", originals[ids[0]][: self._draw.randrange(100, 400)])
        with self._during(Call.IMPORT):
            for one in client.import_photos([*photos, torn]):
                self._note(ids, one)

    def _note(self, ids: list[str], one: Imported) -> None:
        if one.item == len(ids):
            assert one.outcome in (Outcome.REJECTED, Outcome.FAILED), one
            return
        assert one.outcome in (*IN, Outcome.FAILED), one
        if one.outcome in IN:
            self._ledger.acknowledge(ids[one.item], State.LIVE)
            assert one.photo_id == ids[one.item]

    def _remove(self, client: Client) -> None:
        step = self._draw.choice([self._trash, self._trash, self._restore, self._delete])
        step(client)
        if self._draw.random() < 0.1:
            listed = [one.rejection.rejection_id for one in client.imports.rejected()]
            if listed:
                client.imports.forget(listed[:3])
        self._stop.wait(0.05)

    def _trash(self, client: Client) -> None:
        ids = self._ledger.take(State.LIVE, self._draw.randrange(1, 5))
        self._change(ids, State.TRASHED, client.remove)

    def _restore(self, client: Client) -> None:
        ids = self._ledger.take(State.TRASHED, self._draw.randrange(1, 4))
        self._change(ids, State.LIVE, client.housekeeping.restore)

    def _delete(self, client: Client) -> None:
        state = self._draw.choice([State.LIVE, State.TRASHED])
        ids = self._ledger.take(state, self._draw.randrange(1, 4))
        if state is State.LIVE:
            self._change(ids, State.ABSENT, lambda some: client.remove(some, permanently=True))
        elif ids:
            self._ledger.begin(ids, State.ABSENT)
            emptying = contextlib.closing(client.housekeeping.empty(ids))
            with self._during(Call.REMOVAL), emptying as steps:
                for deleted, total in steps:
                    assert deleted <= total
            for photo_id in ids:
                self._ledger.acknowledge(photo_id, State.ABSENT)

    def _change(
        self, ids: list[str], goal: State, call: Callable[[list[str]], list[object]]
    ) -> None:
        if not ids:
            return
        self._ledger.begin(ids, goal)
        with self._during(Call.REMOVAL):
            results = call(ids)
        for photo_id, error in zip(ids, results, strict=True):
            # One that asks twice, for the first answer got lost, hears that the photo is gone.
            done = goal is State.ABSENT and isinstance(error, errors.NotFound)
            assert done or error is None, f"{photo_id} cannot become {goal}: {error}"
            self._ledger.acknowledge(photo_id, goal)
