"""One import by its id: what the gateway knows already is not sent."""

import hashlib
import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from common import errors, imports
from ui.answers import Imported, Outcome, PhotoSource

# Few, so that sending is not held up for long by asking.
ASKED_AT_ONCE = 32


class Call(Protocol):
    """A stream of photos under way."""

    def outcomes(self) -> Iterator[Imported]: ...

    def cancel(self) -> None: ...


class Imports(Protocol):
    """What a session needs of `ui.import_client.ImportClient`."""

    def send(self, sources: Iterable[PhotoSource], import_id: str) -> Call: ...

    def settle(
        self, import_id: str, offers: Sequence[tuple[str, str]]
    ) -> list[imports.Outcome | None]: ...


class InPlaceImports(Protocol):
    """What a session in place needs of `ui.import_client.ImportClient`."""

    def in_place(self, paths: Iterable[str], import_id: str) -> Iterator[Imported]: ...


@dataclass(frozen=True, slots=True)
class _Offer:
    place: int
    source: PhotoSource
    # "" for one that cannot be read: sending it will tell why.
    photo_id: str


class ImportSession:
    """Satisfies `ui.importing.Gateway`."""

    def __init__(self, imports: Imports, import_id: str) -> None:
        self._imports, self._import_id = imports, import_id

    def import_photos(self, sources: Iterator[PhotoSource]) -> Iterator[Imported]:
        """Yield the outcome of each photo, of those that are known without sending them."""
        round_ = _Round(self._imports, self._import_id, sources)
        try:
            yield from round_.outcomes()
        finally:
            round_.cancel()


class InPlaceSession:
    """Satisfies `ui.importing.Gateway`: the gateway reads the photos by their paths."""

    def __init__(self, imports: InPlaceImports, import_id: str) -> None:
        self._imports, self._import_id = imports, import_id

    def import_photos(self, sources: Iterator[PhotoSource]) -> Iterator[Imported]:
        """Yield the outcome of each photo; the name of a source is its absolute path."""
        return self._imports.in_place((source.name for source in sources), self._import_id)


class _Round:
    """Photos are read and asked about in gRPC's thread, outcomes awaited in one of our own."""

    def __init__(self, imports: Imports, import_id: str, sources: Iterator[PhotoSource]) -> None:
        self._imports, self._import_id, self._sources = imports, import_id, sources
        self._events: queue.SimpleQueue[Imported | Exception | None] = queue.SimpleQueue()
        self._places: list[int] = []
        self._trouble: errors.SemapixError | None = None
        self._call: Call | None = None

    def outcomes(self) -> Iterator[Imported]:
        """Yield outcomes as they come. Raises what either thread met."""
        self._call = self._imports.send(self._unknown(), self._import_id)
        threading.Thread(target=self._read, args=[self._call], daemon=True).start()
        while (event := self._events.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
        if self._trouble:
            raise self._trouble

    def cancel(self) -> None:
        """End the call, if it has not ended by itself."""
        if self._call:
            self._call.cancel()

    def _read(self, call: Call) -> None:
        try:
            for imported in call.outcomes():
                self._events.put(replace(imported, item=self._places[imported.item]))
        except Exception as error:  # it is raised where the outcomes are awaited
            self._events.put(error)
        else:
            self._events.put(None)

    def _unknown(self) -> Iterator[PhotoSource]:
        """Yield the photos that have to be sent; the others have their outcome at once."""
        offers = (_Offer(n, source, _hash(source)) for n, source in enumerate(self._sources))
        while some := list(islice(offers, ASKED_AT_ONCE)):
            try:
                found = self._settled([one for one in some if one.photo_id])
            except errors.SemapixError as error:
                self._trouble = error
                return
            for one in some:
                outcome = found.get(one.place)
                if outcome is None:
                    self._places.append(one.place)
                    yield one.source
                else:
                    self._events.put(_known(one, outcome))

    def _settled(self, offers: Sequence[_Offer]) -> dict[int, imports.Outcome | None]:
        if not offers:
            return {}
        asked = [(one.source.name, one.photo_id) for one in offers]
        answers = self._imports.settle(self._import_id, asked)
        return {one.place: answer for one, answer in zip(offers, answers, strict=True)}


def _hash(source: PhotoSource) -> str:
    digest = hashlib.sha256()
    try:
        for piece in source.pieces():
            digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def _known(offer: _Offer, outcome: imports.Outcome) -> Imported:
    message = ""
    if outcome is imports.Outcome.REJECTED:
        message = "rejected before by this import; `semapix rejected` says why"
    return Imported(
        offer.place, offer.source.name, Outcome(int(outcome)), offer.photo_id, message=message
    )
