"""The pieces of an import put together into photos, by the rules of the stream."""

from collections.abc import Callable
from dataclasses import dataclass

from common import errors
from common.imports import Outcome
from common.samples import Reason
from gateway.references import Reference
from gateway.spool import Spool, TooManyBytes, Upload

MAX_CHUNK_BYTES = 2**20
MAX_SOURCE_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of one photo as it came."""

    item: int
    source: str
    chunk: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of one photo, or archive, of an import; `entry` as in Received."""

    item: int
    source: str
    outcome: Outcome
    photo_id: str = ""
    reason: Reason = Reason.NONE
    message: str = ""
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """A photo that was received whole; whoever takes it discards the upload in the end.

    `entry` is its place in the archive that is the item, from 1; 0: it is the item.
    """

    item: int
    source: str
    photo_id: str
    upload: Upload | Reference
    entry: int = 0


@dataclass(slots=True)
class _Open:
    """The photo whose pieces are coming; once it is answered the rest of them is skipped."""

    item: int
    source: str
    upload: Upload | None = None
    answered: bool = False


Step = Callable[[Piece], list[Received | Imported]]


class Receiver:
    """Puts the pieces of one stream together; blocking, one thread at a time."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._next = 0
        self._open: _Open | None = None

    def take(self, piece: Piece) -> list[Received | Imported]:
        """Return what the piece completes or spoils. Raises InvalidInput if it is out of order."""
        found: list[Received | Imported] = []
        if piece.item == self._next:
            found += self.end()
            self._next += 1
            self._open = _Open(piece.item, piece.source[:MAX_SOURCE_CHARS])
            found += self._added(self._begin, piece)
        elif self._open is None or piece.item != self._open.item:
            raise errors.InvalidInput(
                "item", f"{piece.item} is out of order: the next photo is item {self._next}"
            )
        else:
            found += self._added(self._continue, piece)
        if piece.last:
            self._open = None
        return found

    def end(self) -> list[Received | Imported]:
        """Return the outcome of the photo that lacks its last piece, if there is one."""
        found = self._rejected(Reason.INCOMPLETE, "its last piece did not come")
        self._open = None
        return found

    def _added(self, step: Step, piece: Piece) -> list[Received | Imported]:
        try:
            return step(piece)
        except TooManyBytes as error:
            return self._rejected(Reason.TOO_LARGE, str(error))
        except OSError as error:
            return self._answered(Outcome.FAILED, f"it cannot be stored: {error.strerror or error}")

    def _begin(self, piece: Piece) -> list[Received | Imported]:
        if len(piece.source) > MAX_SOURCE_CHARS:
            message = f"its source has more than {MAX_SOURCE_CHARS:,} characters"
            return self._rejected(Reason.INCOMPLETE, message)
        if self._open:
            self._open.upload = self._spool.receive()
        return self._continue(piece)

    def _continue(self, piece: Piece) -> list[Received | Imported]:
        photo = self._open
        if photo is None or photo.upload is None:
            return []
        if len(piece.chunk) > MAX_CHUNK_BYTES:
            message = f"a piece has {len(piece.chunk):,} bytes, at most {MAX_CHUNK_BYTES:,} may be"
            return self._rejected(Reason.INCOMPLETE, message)
        photo.upload.add(piece.chunk)
        if not piece.last:
            return []
        if not photo.upload.size:
            return self._rejected(Reason.EMPTY, "it has no bytes")
        return [Received(photo.item, photo.source, photo.upload.finish(), photo.upload)]

    def _rejected(self, reason: Reason, message: str) -> list[Received | Imported]:
        return self._answered(Outcome.REJECTED, message, reason=reason)

    def _answered(
        self, outcome: Outcome, message: str, *, reason: Reason = Reason.NONE
    ) -> list[Received | Imported]:
        """Drop what came of the open photo, and answer it unless it is answered."""
        spoiled = self._open
        if spoiled is None or spoiled.answered:
            return []
        if spoiled.upload:
            spoiled.upload.discard()
        spoiled.upload, spoiled.answered = None, True
        return [Imported(spoiled.item, spoiled.source, outcome, reason=reason, message=message)]
