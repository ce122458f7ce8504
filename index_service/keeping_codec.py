"""Messages of IndexKeepingService to domain values and back; checks what strangers send."""

import time
from collections.abc import Callable, Sequence

from common import codec, errors
from index_service import trash
from index_service.changes import Change, Delete, Outcome, Trash, Untrash
from index_service.codec import DEFAULT_PAGE, MAX_PAGE, at_most
from index_service.soundness import Finding, Looked
from index_service.trash import Trashed
from semapix.v1 import index_keeping_pb2 as pb


def trashes_from(photo_ids: Sequence[str]) -> list[Change | Outcome]:
    """Return the changes; an id that is none is an outcome already."""
    now = int(time.time())
    return _changes(photo_ids, lambda photo_id: Trash(photo_id, now))


def untrashes_from(photo_ids: Sequence[str]) -> list[Change | Outcome]:
    """Return the changes; an id that is none is an outcome already."""
    return _changes(photo_ids, Untrash)


def purges_from(photo_ids: Sequence[str]) -> list[Change | Outcome]:
    """Return the changes; an id that is none is an outcome already."""
    return _changes(photo_ids, lambda photo_id: Delete(photo_id, only_trashed=True))


def _changes(photo_ids: Sequence[str], change: Callable[[str], Change]) -> list[Change | Outcome]:
    changes: list[Change | Outcome] = []
    for at, photo_id in enumerate(photo_ids):
        try:
            changes.append(change(codec.checked_photo_id(photo_id, f"photo_ids[{at}]")))
        except errors.InvalidInput as error:
            changes.append(Outcome(0, error=error))
    return changes


def wanted_from(request: pb.ListTrashedRequest) -> trash.Wanted:
    """Return which part of the trash to list. Raises InvalidInput."""
    token = request.page_token
    if token:
        codec.checked_photo_id(token, "page_token")
    at_most(len(request.photo_ids), "photo_ids", most=MAX_PAGE)
    return trash.Wanted(
        at_most(request.page_size, "page_size", most=MAX_PAGE) or DEFAULT_PAGE,
        token,
        request.trashed_before_s,
        tuple(request.photo_ids),
    )


def trashed_to(photo: Trashed) -> pb.TrashedPhoto:
    """Return the message."""
    return pb.TrashedPhoto(facts=codec.facts_to(photo.facts), trashed_at_s=photo.trashed_at_s)


def finding_to(finding: Finding, looked: Looked) -> pb.CheckCatalogueResponse:
    """Return the message of one finding."""
    found = pb.Finding(
        kind=int(finding.trouble),  # type: ignore[arg-type]
        id=finding.photo_id,
        message=finding.message,
        repaired=finding.repaired,
    )
    return pb.CheckCatalogueResponse(finding=found, done=looked.done, total=looked.total)
