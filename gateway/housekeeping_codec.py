"""Messages of HousekeepingService to values and back; checks what callers send."""

from collections.abc import Sequence

from common import codec, errors
from gateway.codec import MAX_IDS, at_most, ids_from
from gateway.keeping import Checked, Finding, TrashPage
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import index_keeping_pb2 as keeping
from semapix.v1 import index_pb2


def some_ids_from(photo_ids: Sequence[str]) -> list[str]:
    """Return the ids, of which there may be none. Raises InvalidInput."""
    at_most(len(photo_ids), MAX_IDS, field="photo_ids")
    return ids_from(photo_ids) if photo_ids else []


def page_to(page: TrashPage) -> pb.ListTrashResponse:
    """Return the message."""
    photos = [
        keeping.TrashedPhoto(facts=codec.facts_to(one.facts), trashed_at_s=one.trashed_at_s)
        for one in page.photos
    ]
    return pb.ListTrashResponse(photos=photos, next_page_token=page.next_token, total=page.total)


def checked_to(one: Checked) -> pb.CheckLibraryResponse:
    """Return the message."""
    message = pb.CheckLibraryResponse(step=one.step, done=one.done, total=one.total)
    if one.finding:
        message.finding.CopyFrom(_finding_to(one.finding))
    return message


def _finding_to(finding: Finding) -> keeping.Finding:
    return keeping.Finding(
        kind=int(finding.trouble),  # type: ignore[arg-type]
        id=finding.id,
        message=finding.message,
        repaired=finding.repaired,
    )


def scope_from(number: int) -> pb.ClearScope.ValueType:
    """Return the scope. Raises InvalidInput if it is unspecified or unknown."""
    if not number or number not in pb.ClearScope.values():
        raise errors.InvalidInput("scope", f"{number} is not a scope: say what to clear")
    return pb.ClearScope.ValueType(number)


def vectors_to(chunk: index_pb2.StreamVectorsResponse) -> pb.ExportVectorsResponse:
    """Return the message, the samples by their ids alone."""
    vectors = [
        pb.ExportedVector(sample_id=one.sample.sample_id, vector=one.vector)
        for one in chunk.samples
    ]
    return pb.ExportVectorsResponse(vectors=vectors, fingerprint=chunk.fingerprint)
