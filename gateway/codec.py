"""Messages of the gateway to values and back; checks what callers send, naming the field."""

from collections.abc import Mapping, Sequence

from common import codec, errors
from common.samples import Entry, Stage
from gateway.originals import Originals
from gateway.receiving import Imported, Piece
from gateway.reporting import Report
from semapix.v1 import gateway_pb2 as pb
from semapix.v1 import index_pb2 as index

MAX_IDS = 1000


def piece_from(message: pb.ImportPhotosRequest) -> Piece:
    """Return the value."""
    return Piece(message.item, message.source, message.chunk, message.last)


def imported_to(imported: Imported) -> pb.ImportPhotosResponse:
    """Return the message."""
    return pb.ImportPhotosResponse(
        item=imported.item,
        source=imported.source,
        outcome=int(imported.outcome),  # type: ignore[arg-type]
        photo_id=imported.photo_id,
        reason=int(imported.reason),  # type: ignore[arg-type]
        message=sentence(imported.message),
        entry=imported.entry,
    )


def entry_from(message: index.Entry) -> Entry:
    """Return the value."""
    return Entry(
        codec.facts_from(message.facts),
        tuple(codec.sample_from(sample) for sample in message.samples),
        tuple(codec.stage_record_from(record) for record in message.stages),
    )


def photo_to(entry: Entry) -> pb.Photo:
    """Return the message."""
    return pb.Photo(
        facts=codec.facts_to(entry.facts),
        samples=[codec.sample_to(sample) for sample in entry.samples],
        stages=[codec.stage_record_to(record) for record in entry.stages],
    )


def ids_from(photo_ids: Sequence[str]) -> list[str]:
    """Return the ids. Raises InvalidInput for none, too many, or one that is no id."""
    _check_count("photo_ids", len(photo_ids), MAX_IDS)
    return [
        codec.checked_photo_id(photo_id, f"photo_ids[{number}]")
        for number, photo_id in enumerate(photo_ids)
    ]


def at_most(value: int, limit: int, *, field: str) -> int:
    """Return `value`. Raises InvalidInput if it is above `limit`."""
    if value > limit:
        raise errors.InvalidInput(field, f"{value:,} is more than {limit:,}")
    return value


def status_to(report: Report, *, version: str, originals: Originals) -> pb.GetStatusResponse:
    """Return the message."""
    counts = report.counts
    return pb.GetStatusResponse(
        services=[
            pb.ServiceStatus(
                name=one.name, serving=not one.message, models=one.models, message=one.message
            )
            for one in report.services
        ],
        photos=counts.photos,
        samples=[
            index.KindCount(kind=int(kind), count=count)  # type: ignore[arg-type]
            for kind, count in sorted(counts.samples.items())
        ],
        pending=stage_counts(report.pending),
        revision=counts.revision,
        version=version,
        notices=report.notices,
        original_bytes=originals.total_bytes,
        index_bytes=counts.disk_bytes,
        free_bytes=originals.free_bytes,
        fingerprint=counts.fingerprint,
        failed=stage_counts(counts.failed),
        speeds=[
            pb.StageSpeed(
                stage=int(stage),  # type: ignore[arg-type]
                photos_per_s=per_s,
                remaining_s=report.pending[stage] / per_s,
            )
            for stage, per_s in sorted(report.speeds.items())
            if per_s and report.pending.get(stage)
        ],
    )


def _check_count(field: str, count: int, limit: int) -> None:
    if not count:
        raise errors.InvalidInput(field, "is empty: send at least one")
    if count > limit:
        raise errors.InvalidInput(field, f"holds {count:,}, at most {limit:,} may be sent at once")


def sentence(message: str) -> str:
    """Return the message as a sentence."""
    ended = message if message.endswith((".", "!", "?")) or not message else f"{message}."
    return ended[:1].upper() + ended[1:]


def stage_counts(counts: Mapping[Stage, int]) -> list[index.StageCount]:
    """Return the messages, in the order of stages."""
    return [
        index.StageCount(stage=int(stage), count=count)  # type: ignore[arg-type]
        for stage, count in sorted(counts.items())
    ]
