"""Messages of IndexService to domain values and back; checks what strangers send."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from common import codec, errors, statuses, vectors
from common.samples import Entry, Kind
from index_service.changes import Change, Delete, Outcome, Put, VectorSample
from index_service.listing import Listing, Stats
from index_service.streaming import VectorStream
from semapix.v1 import index_pb2 as pb
from semapix.v1 import types_pb2 as types

MAX_SAMPLES = 1_000
MAX_TEXT = 20_000
MAX_MARKS = 1_000
MAX_BYTES = 2**63 - 1
MAX_PAGE, DEFAULT_PAGE = 1_000, 100
MAX_SKIP = 10**9


def counted(items: Sequence[object], field: str, *, most: int, least: int = 1) -> None:
    """Raise InvalidInput unless there are `least` to `most` items."""
    if len(items) < least:
        raise errors.InvalidInput(field, "is empty")
    at_most(len(items), field, most=most)


def at_most(value: int, field: str, *, most: int) -> int:
    """Return `value`. Raises InvalidInput if it is above `most`."""
    if value > most:
        raise errors.InvalidInput(field, f"{value} is over the limit of {most}")
    return value


def puts_from(request: pb.PutPhotosRequest) -> list[Change | Outcome]:
    """Return the changes; a photo that is none is an outcome already."""
    return [
        _or_refused(partial(put_from, photo, request.fingerprint, f"photos[{at}]"))
        for at, photo in enumerate(request.photos)
    ]


def deletes_from(photo_ids: Iterable[str]) -> list[Change | Outcome]:
    """Return the changes; an id that is none is an outcome already."""
    return [
        _or_refused(partial(_delete_from, photo_id, f"photo_ids[{at}]"))
        for at, photo_id in enumerate(photo_ids)
    ]


def _delete_from(photo_id: str, path: str) -> Delete:
    return Delete(codec.checked_photo_id(photo_id, path))


def _or_refused(change: Callable[[], Change]) -> Change | Outcome:
    try:
        return change()
    except errors.InvalidInput as error:
        return Outcome(0, error=error)


def put_from(message: pb.PhotoUpdate, fingerprint: str, path: str) -> Put:
    """Return the change. Raises InvalidInput, naming the field below `path`."""
    at_most(message.facts.bytes, f"{path}.facts.bytes", most=MAX_BYTES)
    facts = codec.facts_from(message.facts, f"{path}.facts")
    counted(message.samples, f"{path}.samples", most=MAX_SAMPLES, least=0)
    samples = [
        _vector_sample_from(sample, f"{path}.samples[{number}]")
        for number, sample in enumerate(message.samples)
    ]
    stages = [
        codec.stage_record_from(stage, f"{path}.stages[{number}].stage")
        for number, stage in enumerate(message.stages)
    ]
    return Put(facts, tuple(samples), tuple(stages), fingerprint, path, message.import_id)


def _vector_sample_from(message: pb.VectorSample, path: str) -> VectorSample:
    sample = codec.sample_from(message.sample, f"{path}.sample")
    at_most(len(sample.text), f"{path}.sample.text", most=MAX_TEXT)
    vector = vectors.unpack(message.vector.values, field=f"{path}.vector")
    return VectorSample(sample, vector)


def vector_sample_to(item: VectorSample) -> pb.VectorSample:
    """Return the message."""
    vector = types.Vector(values=vectors.pack(item.vector))
    return pb.VectorSample(sample=codec.sample_to(item.sample), vector=vector)


def entry_to(entry: Entry) -> pb.Entry:
    """Return the message."""
    return pb.Entry(
        facts=codec.facts_to(entry.facts),
        samples=[codec.sample_to(sample) for sample in entry.samples],
        stages=[codec.stage_record_to(record) for record in entry.stages],
    )


def entry_result_to(found: Mapping[str, Entry], photo_id: str) -> pb.EntryResult:
    """Return what is known of one photo."""
    entry = found.get(photo_id)
    if entry is None:
        return pb.EntryResult(status=statuses.item(errors.NotFound(f"no photo {photo_id[:80]}")))
    return pb.EntryResult(status=statuses.item(), entry=entry_to(entry))


def chunk_to(chunk: Sequence[VectorSample], stream: VectorStream) -> pb.StreamVectorsResponse:
    """Return the message."""
    return pb.StreamVectorsResponse(
        samples=[vector_sample_to(item) for item in chunk],
        revision=stream.meta.revision,
        fingerprint=stream.meta.fingerprint,
        total=stream.total,
        mark=stream.mark,
    )


def listing_from(request: pb.ListEntriesRequest) -> Listing:
    """Return the listing. Raises InvalidInput."""
    size = at_most(request.page_size, "page_size", most=MAX_PAGE) or DEFAULT_PAGE
    missing = request.missing_stage
    stage = codec.stage_from(missing, "missing_stage") if missing else None
    skip = at_most(request.skip, "skip", most=MAX_SKIP)
    return Listing(size, request.page_token, stage, request.oldest_first, skip)


def stats_to(stats: Stats, *, disk_bytes: int) -> pb.GetStatsResponse:
    """Return the message."""
    return pb.GetStatsResponse(
        photos=stats.photos,
        samples=_counts_to(stats.samples),
        fingerprint=stats.meta.fingerprint,
        dimension=stats.meta.dimension,
        revision=stats.meta.revision,
        missing=[pb.StageCount(stage=int(s), count=n) for s, n in stats.missing.items()],  # type: ignore[arg-type]
        disk_bytes=disk_bytes,
        failed=[pb.StageCount(stage=int(s), count=n) for s, n in stats.failed.items()],  # type: ignore[arg-type]
        since=[pb.SamplesSince(samples=_counts_to(counts)) for counts in stats.since],
    )


def _counts_to(counts: Mapping[Kind, int]) -> list[pb.KindCount]:
    return [pb.KindCount(kind=int(kind), count=count) for kind, count in counts.items()]  # type: ignore[arg-type]


def marks_from(request: pb.GetStatsRequest) -> list[int]:
    """Return the marks. Raises InvalidInput if they are too many, or one is none."""
    at_most(len(request.marks), "marks", most=MAX_MARKS)
    return [at_most(n, f"marks[{at}]", most=MAX_BYTES) for at, n in enumerate(request.marks)]


def kinds_from(numbers: Iterable[int]) -> list[Kind]:
    """Return the kinds named, all when none is. Raises InvalidInput."""
    named = [codec.kind_from(number, f"kinds[{at}]") for at, number in enumerate(numbers)]
    return sorted(set(named)) or list(Kind)
