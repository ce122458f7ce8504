"""An import that outlives its gateway: every photo gets one outcome, none is lost on the way."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from common import errors
from ui.answers import Imported, Outcome, PhotoSource

HOPELESS = (
    errors.InvalidInput,
    errors.NotFound,
    errors.Mismatch,
    errors.DataLoss,
)
GOOD = (Outcome.ADDED, Outcome.DUPLICATE, Outcome.UNPACKED)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 8.0


class Gateway(Protocol):
    """What an import needs of `ui.import_session.ImportSession`."""

    def import_photos(self, sources: Iterator[PhotoSource]) -> Iterator[Imported]: ...


@dataclass(slots=True)
class Tally:
    """Exact counts of an import, and what a person should hear of; `unsent` if it was cancelled."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    problems: list[Imported] = field(default_factory=list)
    unsent: int = 0

    def add(self, imported: Imported) -> None:
        self.counts[imported.outcome] += 1
        if imported.outcome not in GOOD:
            self.problems.append(imported)

    @property
    def photos(self) -> int:
        """Photos that have an outcome; an archive is none."""
        return self.counts.total() - self.counts[Outcome.UNPACKED]

    @property
    def ok(self) -> bool:
        """True unless a photo failed or could not be read; a rejected one is no failure of ours."""
        return not self.counts[Outcome.FAILED] and not self.counts[Outcome.UNREADABLE]


class PatientImport:
    """Sends photos until each has an outcome or nothing has moved for `patience_s` seconds.

    Photos without an outcome, and those that failed because a service did, are sent again.
    `on_pause` hears a sentence before each pause.
    """

    def __init__(
        self,
        gateway: Gateway,
        sources: Sequence[PhotoSource],
        *,
        patience_s: float,
        on_pause: Callable[[str], None],
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self.tally = Tally()
        self._gateway, self._on_pause, self._patience_s = gateway, on_pause, patience_s
        self._open = dict(enumerate(sources))
        # Photos of archives that have their outcome, for an archive may be sent twice.
        self._entries: set[tuple[int, int]] = set()
        self._trouble = ""
        self._moved_at = time.monotonic()
        self._first_pause_s = self._pause_s = first_pause_s

    def run(self) -> Iterator[Imported]:
        """Yield one outcome per photo, `item` being its place in the sources."""
        while self._open:
            for imported in self._round():
                self.tally.add(imported)
                yield imported
            if self._open and not self._worth_another_round():
                for imported in self._given_up():
                    self.tally.add(imported)
                    yield imported

    def _round(self) -> Iterator[Imported]:
        """Send what is open once; yield what got its outcome for good."""
        numbers = list(self._open)
        self._trouble = "the gateway ended the import before every photo had its outcome"
        try:
            sources = (self._open[number] for number in numbers)
            for imported in self._gateway.import_photos(sources):
                number = numbers[imported.item]
                if imported.outcome is Outcome.FAILED:
                    self._trouble = imported.message
                elif self._is_new(number, imported.entry):
                    self._moved_at, self._pause_s = time.monotonic(), self._first_pause_s
                    yield replace(imported, item=number)
        except errors.Cancelled as error:
            self.tally.unsent = len(self._open)
            self._trouble = str(error)
            self._open.clear()
        except errors.SemapixError as error:
            self._trouble = str(error)
            if isinstance(error, HOPELESS):
                self._patience_s = 0.0

    def _is_new(self, number: int, entry: int) -> bool:
        """Note that a photo has its outcome; return whether it had none before."""
        if not entry:
            return self._open.pop(number, None) is not None
        known = (number, entry) in self._entries
        self._entries.add((number, entry))
        return not known

    def _worth_another_round(self) -> bool:
        """Pause if there is patience left. Return whether there is."""
        left = self._patience_s - (time.monotonic() - self._moved_at)
        if left <= 0:
            return False
        self._on_pause(f"{self._trouble} ({len(self._open)} to go, waiting up to {left:.0f} s)")
        time.sleep(min(self._pause_s, left))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return True

    def _given_up(self) -> Iterator[Imported]:
        for number, source in self._open.items():
            yield Imported(number, source.name, Outcome.FAILED, message=self._trouble)
        self._open.clear()
