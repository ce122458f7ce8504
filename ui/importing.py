"""An import that outlives its gateway: every photo gets one outcome, none is lost on the way."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from common import errors
from ui.answers import Imported, Outcome, PhotoSource

HOPELESS = (errors.InvalidInput, errors.NotFound, errors.Mismatch, errors.DataLoss)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 8.0


class Gateway(Protocol):
    """What an import needs of `ui.client.Client`."""

    def import_photos(self, sources: Iterator[PhotoSource]) -> Iterator[Imported]: ...


@dataclass(slots=True)
class Tally:
    """Exact counts of an import, and what a person should hear of.

    `resent_duplicates` counts the duplicates whose first sending got no answer: the gateway died
    or failed in between. They may have been in the library before or been added by this import
    just before it died; nobody can tell any more, so they count as duplicates.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    resent_duplicates: int = 0
    problems: list[Imported] = field(default_factory=list)

    def add(self, imported: Imported) -> None:
        self.counts[imported.outcome] += 1
        if imported.outcome not in (Outcome.ADDED, Outcome.DUPLICATE):
            self.problems.append(imported)

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
        self._sent: set[int] = set()
        self._trouble = ""
        self._moved_at = time.monotonic()
        self._first_pause_s = self._pause_s = first_pause_s

    def run(self) -> Iterator[Imported]:
        """Yield one outcome per photo, `item` being its place in the sources."""
        while self._open:
            resent = frozenset(self._sent)
            for imported in self._round():
                yield self._counted(imported, resent)
            if self._open and not self._worth_another_round():
                for imported in self._given_up():
                    yield self._counted(imported, resent)

    def _round(self) -> Iterator[Imported]:
        """Send what is open once; yield what got its outcome for good."""
        numbers = list(self._open)
        self._trouble = "the gateway ended the import before every photo had its outcome"
        try:
            for imported in self._gateway.import_photos(self._drawn(numbers)):
                number = numbers[imported.item]
                if imported.outcome is Outcome.FAILED:
                    self._trouble = imported.message
                elif self._open.pop(number, None):
                    self._moved_at, self._pause_s = time.monotonic(), self._first_pause_s
                    yield replace(imported, item=number)
        except errors.SemapixError as error:
            self._trouble = str(error)
            if isinstance(error, HOPELESS):
                self._patience_s = 0.0

    def _drawn(self, numbers: Sequence[int]) -> Iterator[PhotoSource]:
        for number in numbers:
            self._sent.add(number)
            yield self._open[number]

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

    def _counted(self, imported: Imported, resent: frozenset[int]) -> Imported:
        self.tally.add(imported)
        if imported.outcome is Outcome.DUPLICATE and imported.item in resent:
            self.tally.resent_duplicates += 1
        return imported
