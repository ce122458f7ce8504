"""The index as values."""

import logging
from collections.abc import Sequence
from typing import cast

from common import codec, errors, statuses
from common.samples import Entry, Kind, Sample, Stage
from gateway import ranking_codec
from gateway.calls import Service
from gateway.codec import entry_from
from gateway.questions import Ranked, Ranking, VectorQuery
from gateway.services import Counts, Page, SecondMade, Update
from gateway.sets_client import SetsClient
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types

log = logging.getLogger(__name__)
QUICK_S = 10.0
PUT_S = 60.0
SEARCH_S = 30.0


class IndexClient:
    """Satisfies `services.Catalogue`, `services.Counting` and `questions.Searching`."""

    def __init__(self, service: Service) -> None:
        self._service, self._sets = service, SetsClient(service)
        self._stub = cast("rpc.IndexServiceAsyncStub", rpc.IndexServiceStub(service.channel))

    async def put(self, update: Update, *, fingerprint: str) -> None:
        """Commit one stage of one photo; durable on return."""
        request = pb.PutPhotosRequest(photos=[_update(update)], fingerprint=fingerprint)
        answer = await self._service.ask(self._stub.PutPhotos, request, most_s=PUT_S)
        error = statuses.item_error(answer.results[0].status)
        if error:
            raise error
        if update.second and update.second.vectors:
            await self._add(update.second)

    async def _add(self, second: SecondMade) -> None:
        """Add vectors to the second set; what it does not get now it lacks, and gets later."""
        try:
            await self._sets.add(second.fingerprint, second.vectors)
        except errors.SemapixError as error:
            log.info("vectors of the second set are made later: %s", error)

    async def delete(self, photo_ids: Sequence[str]) -> list[errors.SemapixError | None]:
        """Remove photos; return what went wrong with each, in order."""
        request = pb.DeletePhotosRequest(photo_ids=photo_ids)
        answer = await self._service.ask(self._stub.DeletePhotos, request, most_s=PUT_S)
        return [statuses.item_error(status) for status in answer.statuses]

    async def entries(
        self, photo_ids: Sequence[str], *, samples: bool
    ) -> list[Entry | errors.SemapixError]:
        """Return each photo or why there is none, in order."""
        request = pb.BatchGetEntriesRequest(photo_ids=photo_ids, omit_samples=not samples)
        answer = await self._service.ask(self._stub.BatchGetEntries, request, most_s=QUICK_S)
        return [statuses.item_error(one.status) or entry_from(one.entry) for one in answer.results]

    async def page(
        self, *, size: int = 0, token: str = "", missing: Stage | None = None, skip: int = 0
    ) -> Page:
        """Return a page of all photos, newest first, or of those without a stage, oldest first."""
        request = pb.ListEntriesRequest(
            page_size=size,
            page_token=token,
            missing_stage=int(missing or 0),  # type: ignore[arg-type]
            oldest_first=missing is not None,
            skip=skip,
        )
        answer = await self._service.ask(self._stub.ListEntries, request, most_s=QUICK_S)
        entries = tuple(entry_from(entry) for entry in answer.entries)
        return Page(entries, answer.next_page_token, answer.total)

    async def counts(self) -> Counts:
        """Return what the library holds now."""
        stats = await self._service.ask(self._stub.GetStats, pb.GetStatsRequest(), most_s=QUICK_S)
        return Counts(
            photos=stats.photos,
            samples={Kind(one.kind): one.count for one in stats.samples},
            missing={Stage(one.stage): one.count for one in stats.missing},
            failed={Stage(one.stage): one.count for one in stats.failed},
            fingerprint=stats.fingerprint,
            revision=stats.revision,
            disk_bytes=stats.disk_bytes,
        )

    async def search(self, query: VectorQuery, ranked: Ranked) -> Ranking:
        """Return the photos that lie nearest, weighted."""
        request = ranking_codec.request_to(query, ranked)
        answer = await self._service.ask(self._stub.SearchVectors, request, most_s=SEARCH_S)
        return ranking_codec.ranking_from(answer, ranked)


def _update(update: Update) -> pb.PhotoUpdate:
    return pb.PhotoUpdate(
        facts=codec.facts_to(update.facts),
        samples=[_vector_sample(sample, vector) for sample, vector in update.samples],
        stages=[codec.stage_record_to(update.record)],
        import_id=update.import_id,
    )


def _vector_sample(sample: Sample, vector: bytes) -> pb.VectorSample:
    return pb.VectorSample(sample=codec.sample_to(sample), vector=types.Vector(values=vector))
