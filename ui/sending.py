"""Photos on their way to the gateway, in pieces."""

from collections import deque
from collections.abc import Iterable, Iterator

from semapix.v1 import gateway_pb2 as pb
from ui import answers


class Sending:
    """The pieces of one import on their way; gRPC draws them in a thread of its own."""

    def __init__(self, sources: Iterable[answers.PhotoSource], import_id: str = "") -> None:
        self._sources, self._import_id = sources, import_id
        self._unreadable: deque[answers.Imported] = deque()
        self.broken: set[int] = set()

    def requests(self) -> Iterator[pb.ImportPhotosRequest]:
        for item, source in enumerate(self._sources):
            try:
                for request in _requests(item, source):
                    request.import_id, self._import_id = self._import_id, ""
                    yield request
            except OSError as error:
                self.broken.add(item)
                self._unreadable.append(_unreadable(item, source, error))

    def unreadable(self) -> Iterator[answers.Imported]:
        while self._unreadable:
            yield self._unreadable.popleft()


def _requests(item: int, source: answers.PhotoSource) -> Iterator[pb.ImportPhotosRequest]:
    """Yield pieces one behind the file, so that the last is known to be the last.

    Where reading breaks off no last piece is sent: the gateway drops what it got.
    """
    name = sendable(source.name)[:4096]
    pieces = source.pieces()
    held = next(pieces, b"")
    for piece in pieces:
        yield pb.ImportPhotosRequest(item=item, source=name, chunk=held)
        name, held = "", piece
    yield pb.ImportPhotosRequest(item=item, source=name, chunk=held, last=True)


def _unreadable(item: int, source: answers.PhotoSource, error: OSError) -> answers.Imported:
    message = f"cannot be read: {error.strerror or error}"
    return answers.Imported(item, source.name, answers.Outcome.UNREADABLE, message=message)


def sendable(name: str) -> str:
    """Return `name` without the half characters that Python reads undecodable file names as."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
