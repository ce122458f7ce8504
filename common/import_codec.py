"""Imports: messages to values and back."""

import re

from common import codec, errors
from common.imports import ImportRecord, ImportState, Item, Outcome, RedoScope, Rejection
from common.samples import Reason
from semapix.v1 import import_records_pb2 as pb

_IMPORT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_SOURCE_CHARS = 4096


def checked_import_id(text: str, field: str = "import_id") -> str:
    """Return `text`. Raises InvalidInput unless it can be the id of an import."""
    if not _IMPORT_ID.fullmatch(text):
        message = f"{text[:80]!r} is not 1 to 64 letters, digits, - and _"
        raise errors.InvalidInput(field, message)
    return text


def record_to(record: ImportRecord) -> pb.ImportRecord:
    """Return the message."""
    return pb.ImportRecord(
        import_id=record.import_id,
        label=record.label,
        state=int(record.state),  # type: ignore[arg-type]
        paths=record.paths,
        in_place=record.in_place,
        total=record.total,
        total_bytes=record.total_bytes,
        added=record.added,
        duplicate=record.duplicate,
        rejected=record.rejected,
        failed=record.failed,
        created_at_s=record.created_at_s,
        changed_at_s=record.changed_at_s,
    )


def record_from(message: pb.ImportRecord) -> ImportRecord:
    """Return the value; an unspecified state is RUNNING. Raises InvalidInput for a bad id."""
    return ImportRecord(
        import_id=checked_import_id(message.import_id),
        label=message.label,
        state=ImportState(message.state or ImportState.RUNNING),
        paths=tuple(message.paths),
        in_place=message.in_place,
        total=message.total,
        total_bytes=message.total_bytes,
        added=message.added,
        duplicate=message.duplicate,
        rejected=message.rejected,
        failed=message.failed,
        created_at_s=message.created_at_s,
        changed_at_s=message.changed_at_s,
    )


def state_from(number: int, field: str = "state") -> ImportState:
    """Return the state. Raises InvalidInput if it is unspecified or unknown."""
    try:
        return ImportState(number)
    except ValueError:
        raise errors.InvalidInput(field, f"{number} is not a state of an import") from None


def scope_from(number: int, field: str = "scope") -> RedoScope:
    """Return the scope, MISSING if it is unspecified. Raises InvalidInput if it is unknown."""
    try:
        return RedoScope(number or RedoScope.MISSING)
    except ValueError:
        raise errors.InvalidInput(field, f"{number} is not a scope") from None


def item_to(item: Item) -> pb.ImportItem:
    """Return the message."""
    return pb.ImportItem(
        source=item.source,
        photo_id=item.photo_id,
        outcome=int(item.outcome or 0),  # type: ignore[arg-type]
        reason=int(item.reason),  # type: ignore[arg-type]
        message=item.message,
    )


def item_from(message: pb.ImportItem, field: str = "item") -> Item:
    """Return the value. Raises InvalidInput for an id that is none, or an unknown outcome."""
    if message.photo_id:
        codec.checked_photo_id(message.photo_id, f"{field}.photo_id")
    if len(message.source) > MAX_SOURCE_CHARS:
        raise errors.InvalidInput(f"{field}.source", f"has over {MAX_SOURCE_CHARS:,} characters")
    try:
        outcome = Outcome(message.outcome) if message.outcome else None
        reason = Reason(message.reason)
    except ValueError as error:
        raise errors.InvalidInput(f"{field}.outcome", str(error)) from None
    return Item(message.source, message.photo_id, outcome, reason, message.message)


def rejection_to(rejection: Rejection) -> pb.Rejection:
    """Return the message."""
    return pb.Rejection(
        rejection_id=rejection.rejection_id,
        source=rejection.source,
        photo_id=rejection.photo_id,
        reason=int(rejection.reason),  # type: ignore[arg-type]
        message=rejection.message,
        import_id=rejection.import_id,
        rejected_at_s=rejection.rejected_at_s,
    )


def rejection_from(message: pb.Rejection) -> Rejection:
    """Return the value."""
    return Rejection(
        rejection_id=message.rejection_id,
        source=message.source,
        photo_id=message.photo_id,
        reason=Reason(message.reason),
        message=message.message,
        import_id=message.import_id,
        rejected_at_s=message.rejected_at_s,
    )
