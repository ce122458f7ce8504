"""A small real index: entries and vectors in dictionaries."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from common import codec, errors, statuses, vectors
from common.samples import Entry, Stage, StageRecord, stage_of
from gateway.codec import entry_from
from semapix.v1 import filters_pb2 as filters
from semapix.v1 import index_keeping_pb2 as keeping
from semapix.v1 import index_keeping_pb2_grpc as keeping_rpc
from semapix.v1 import index_pb2 as index
from semapix.v1 import index_pb2_grpc as index_rpc
from semapix.v1 import types_pb2 as types

DISK_BYTES = 4096


class FakeIndex(index_rpc.IndexServiceServicer):
    """Entries and vectors in dictionaries; ranks by weight x cosine."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.trash: dict[str, Entry] = {}
        self.vectors: dict[str, Any] = {}
        self.fingerprint = ""
        self.on_put: Callable[[str, str, str], None] = lambda *_: None
        self.searches: list[index.SearchVectorsRequest] = []
        self.puts = 0
        self.stats_error: errors.SemapixError | None = None
        self.stats_s = 0.0
        self.search_error: errors.SemapixError | None = None

    async def PutPhotos(self, request: index.PutPhotosRequest, context: Any) -> Any:
        self.fingerprint = self.fingerprint or request.fingerprint
        if request.fingerprint != self.fingerprint:
            raise errors.Mismatch("vectors of another model")
        self.puts += 1
        results = [index.PutResult(status=self._put(update)) for update in request.photos]
        return index.PutPhotosResponse(results=results, revision=self.puts)

    def _put(self, update: index.PhotoUpdate) -> types.ItemStatus:
        new = entry_from(
            index.Entry(
                facts=update.facts,
                samples=[one.sample for one in update.samples],
                stages=update.stages,
            )
        )
        photo_id, stages = new.facts.photo_id, {record.stage for record in new.stages}
        old = self.entries.get(photo_id)
        if old is None and Stage.WHOLE not in stages:
            return statuses.item(errors.InvalidInput("stages", "a new photo needs STAGE_WHOLE"))
        for one in update.samples:
            self.vectors[one.sample.sample_id] = vectors.unpack(one.vector.values)
        kept = [s for s in old.samples if stage_of(s.kind) not in stages] if old else []
        records = [r for r in old.stages if r.stage not in stages] if old else []
        self.entries[photo_id] = Entry(
            old.facts if old else new.facts, (*kept, *new.samples), (*records, *new.stages)
        )
        if old is None:
            self.on_put(update.import_id, next(iter(new.facts.sources), ""), photo_id)
        return statuses.item()

    async def DeletePhotos(self, request: index.DeletePhotosRequest, context: Any) -> Any:
        gone = [
            self.entries.pop(photo_id, None) or self.trash.pop(photo_id, None)
            for photo_id in request.photo_ids
        ]
        missing = errors.NotFound("no such photo")
        found = [statuses.item(None if entry else missing) for entry in gone]
        return index.DeletePhotosResponse(statuses=found)

    async def BatchGetEntries(self, request: index.BatchGetEntriesRequest, context: Any) -> Any:
        found = [self.entries.get(photo_id) for photo_id in request.photo_ids]
        return index.BatchGetEntriesResponse(
            results=[
                index.EntryResult(status=statuses.item(), entry=entry_to(entry))
                if entry
                else index.EntryResult(status=statuses.item(errors.NotFound("no such photo")))
                for entry in found
            ]
        )

    async def ListEntries(self, request: index.ListEntriesRequest, context: Any) -> Any:
        found = [
            entry
            for entry in self.entries.values()
            if request.missing_stage not in {record.stage for record in entry.stages}
        ]
        at = int(request.page_token or 0) + request.skip
        size = request.page_size or 100
        more = at + size < len(found)
        return index.ListEntriesResponse(
            entries=[entry_to(entry) for entry in found[at : at + size]],
            next_page_token=str(at + size) if more else "",
            total=len(found),
        )

    async def GetStats(self, request: Any, context: Any) -> index.GetStatsResponse:
        await asyncio.sleep(self.stats_s)
        if self.stats_error:
            raise self.stats_error
        entries = list(self.entries.values())
        records = [record for entry in entries for record in entry.stages]
        kinds = [sample.kind for entry in entries for sample in entry.samples]
        return index.GetStatsResponse(
            photos=len(entries),
            samples=[index.KindCount(kind=kind, count=kinds.count(kind)) for kind in set(kinds)],
            missing=[_count(stage, len(entries) - _of(records, stage)) for stage in Stage],
            failed=[
                _count(stage, _of([one for one in records if one.error], stage)) for stage in Stage
            ],
            fingerprint=self.fingerprint,
            revision=self.puts,
            disk_bytes=DISK_BYTES,
        )

    async def SearchVectors(self, request: index.SearchVectorsRequest, context: Any) -> Any:
        self.searches.append(request)
        if self.search_error:
            raise self.search_error
        if request.query and request.fingerprint != self.fingerprint:
            raise errors.Mismatch("vectors of another model")
        weights = {one.kind: one.weight for one in request.weights}
        query = sum(one.weight * vectors.unpack(one.vector.values) for one in request.query)
        ranked = [_best(one, self.vectors, query, weights) for one in self.entries.values()]
        ranked.sort(key=lambda match: (-match.rank_score, match.facts.photo_id))
        kept = [one for one in ranked if one.facts.photo_id not in request.exclude_photo_ids]
        return _page(kept, request, self.puts)


def _page(
    kept: list[types.PhotoHit], request: index.SearchVectorsRequest, revision: int
) -> index.SearchVectorsResponse:
    """Return what comes behind `after`, and the threshold as if it had been made of 99 samples."""
    known = [one.facts.photo_id for one in kept]
    start = known.index(request.after.photo_id) + 1 if request.HasField("after") else 0
    page, more = kept[start : start + request.limit], start + request.limit < len(kept)
    last = page[-1] if page else types.PhotoHit()
    cut = filters.KindThreshold(kind=types.KIND_PHOTO, score=0.75, background=99)
    return index.SearchVectorsResponse(
        hits=page,
        revision=revision,
        thresholds=[cut] if request.auto_threshold else [],
        next=index.SearchCursor(rank=last.rank_score, photo_id=last.facts.photo_id)
        if more
        else None,
    )


class FakeKeeping(keeping_rpc.IndexKeepingServiceServicer):
    """The trash of a `FakeIndex`."""

    def __init__(self, index: FakeIndex) -> None:
        self._index = index

    async def TrashPhotos(self, request: keeping.TrashPhotosRequest, context: Any) -> Any:
        found = self._moved(request.photo_ids, self._index.entries, self._index.trash)
        return keeping.TrashPhotosResponse(statuses=found)

    async def UntrashPhotos(self, request: keeping.UntrashPhotosRequest, context: Any) -> Any:
        found = self._moved(request.photo_ids, self._index.trash, self._index.entries)
        return keeping.UntrashPhotosResponse(statuses=found)

    async def PurgePhotos(self, request: keeping.PurgePhotosRequest, context: Any) -> Any:
        found = self._moved(request.photo_ids, self._index.trash, {})
        return keeping.PurgePhotosResponse(statuses=found)

    async def ListTrashed(self, request: keeping.ListTrashedRequest, context: Any) -> Any:
        photos = [
            keeping.TrashedPhoto(facts=codec.facts_to(entry.facts), trashed_at_s=1)
            for photo_id, entry in sorted(self._index.trash.items())
            if photo_id in (request.photo_ids or [photo_id])
        ]
        return keeping.ListTrashedResponse(photos=photos, total=len(self._index.trash))

    def _moved(
        self, photo_ids: Iterable[str], source: dict[str, Entry], target: dict[str, Entry]
    ) -> list[types.ItemStatus]:
        known = [photo_id in source for photo_id in photo_ids]
        target |= {one: source.pop(one) for one in photo_ids if one in source}
        missing = errors.NotFound("no such photo")
        return [statuses.item(None if there else missing) for there in known]


def entry_to(entry: Entry) -> index.Entry:
    return index.Entry(
        facts=codec.facts_to(entry.facts),
        samples=[codec.sample_to(sample) for sample in entry.samples],
        stages=[codec.stage_record_to(record) for record in entry.stages],
    )


def _of(records: list[StageRecord], stage: Stage) -> int:
    return sum(record.stage is stage for record in records)


def _count(stage: Stage, count: int) -> index.StageCount:
    return index.StageCount(stage=int(stage), count=count)


def _best(entry: Entry, known: Any, query: Any, weights: Any) -> types.PhotoHit:
    if isinstance(query, int):  # no term at all
        return types.PhotoHit(facts=codec.facts_to(entry.facts))
    matches = [
        types.SampleMatch(
            sample=codec.sample_to(sample),
            cosine=float(known[sample.sample_id] @ query),
            score=float(known[sample.sample_id] @ query),
            weight=weights.get(sample.kind, 0.0),
        )
        for sample in entry.samples
    ]
    best = max(matches, key=lambda match: match.weight * match.score)
    return types.PhotoHit(
        facts=codec.facts_to(entry.facts), rank_score=best.weight * best.score, matches=[best]
    )
