"""Messages of ImportService to values and back; checks what callers send, naming the field."""

from collections.abc import Sequence
from pathlib import Path

from common import codec, errors, import_codec
from common.imports import ImportRecord, Item, Rejection
from common.samples import Stage
from gateway.codec import at_most, sentence
from gateway.imports import Progress
from gateway.receiving import MAX_SOURCE_CHARS
from semapix.v1 import imports_pb2 as pb

MAX_LABEL_CHARS, MAX_PATHS, MAX_ITEMS = 200, 64, 1000


def record_from(request: pb.CreateImportRequest) -> ImportRecord:
    """Return the import to begin; its id is "" where the gateway is to make one."""
    at_most(len(request.label), MAX_LABEL_CHARS, field="label")
    at_most(len(request.paths), MAX_PATHS, field="paths")
    for number, path in enumerate(request.paths):
        at_most(len(path), MAX_SOURCE_CHARS, field=f"paths[{number}]")
    at_most(request.total_bytes, 2**62, field="total_bytes")
    at_most(request.total, 2**62, field="total")
    return ImportRecord(
        import_id=import_codec.checked_import_id(request.import_id) if request.import_id else "",
        label=request.label,
        paths=tuple(request.paths),
        in_place=request.in_place,
        total=request.total,
        total_bytes=request.total_bytes,
    )


def progress_to(progress: Progress) -> pb.Import:
    """Return the message."""
    return pb.Import(
        record=import_codec.record_to(progress.record),
        in_flight=progress.in_flight,
        photos_per_s=progress.photos_per_s,
        remaining_s=progress.remaining_s,
    )


def offers_from(messages: Sequence[pb.PhotoOffer]) -> list[Item]:
    """Return the photos that could be sent. Raises InvalidInput."""
    _check_count(len(messages), "photos")
    for number, one in enumerate(messages):
        at_most(len(one.source), MAX_SOURCE_CHARS, field=f"photos[{number}].source")
    return [
        Item(one.source, codec.checked_photo_id(one.photo_id, f"photos[{number}].photo_id"))
        for number, one in enumerate(messages)
    ]


def rejected_to(rejection: Rejection, *, kept: bool) -> pb.RejectedPhoto:
    """Return the message."""
    message = import_codec.rejection_to(rejection)
    message.message = sentence(message.message)
    return pb.RejectedPhoto(rejection=message, kept=kept)


def rejection_ids_from(numbers: Sequence[int]) -> list[int]:
    """Return the numbers. Raises InvalidInput for none, or too many."""
    _check_count(len(numbers), "rejection_ids")
    for place, number in enumerate(numbers):
        at_most(number, 2**62, field=f"rejection_ids[{place}]")
    return list(numbers)


def background_stages_from(numbers: Sequence[int]) -> list[Stage]:
    """Return the stages, each once. Raises InvalidInput for none, or one that is no background."""
    _check_count(len(numbers), "stages")
    stages = [codec.stage_from(number, f"stages[{at}]") for at, number in enumerate(numbers)]
    if Stage.WHOLE in stages:
        raise errors.InvalidInput("stages", "the whole photo is done when it is imported")
    return list(dict.fromkeys(stages))


def path_from(text: str) -> Path:
    """Return the path. Raises InvalidInput for one that no file can have."""
    if not text or "\0" in text:
        raise errors.InvalidInput("path", f"{text[:80]!r} is not a path")
    at_most(len(text), MAX_SOURCE_CHARS, field="path")
    return Path(text)


def _check_count(count: int, field: str) -> None:
    if not count:
        raise errors.InvalidInput(field, "is empty: send at least one")
    at_most(count, MAX_ITEMS, field=field)
