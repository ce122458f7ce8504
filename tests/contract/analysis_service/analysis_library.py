"""A small library behind a real server: an index of fixed vectors."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np

from common import codec, errors, samples, statuses, vectors
from common.samples import Kind, PhotoFacts, Sample
from common.vectors import Floats
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc

PER_MESSAGE = 3


def sample(number: int, kind: Kind = Kind.PHOTO) -> Sample:
    """Return a sample whose ids follow `number`."""
    return Sample(f"{number:032x}", samples.photo_id(str(number).encode()), kind)


def places(*counts: int, dimension: int = 8) -> Floats:
    """Return unit rows: so many near each axis in turn."""
    axes = np.eye(dimension).repeat([*counts, *[0] * (dimension - len(counts))], axis=0)
    noise = 0.02 * np.random.default_rng(0).normal(size=axes.shape)
    return vectors.normalised((axes + noise).astype(np.float32))


@dataclass
class Library(rpc.IndexServiceServicer):
    """An index of fixed vectors, whose stream can be held or cut short."""

    rows: Floats = field(default_factory=lambda: places(4, 3, 1))
    kinds: dict[int, Kind] = field(default_factory=dict)
    revision: int = 7
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    ends_early: bool = False
    streams: int = 0
    gone: set[int] = field(default_factory=set)
    facts: dict[int, PhotoFacts] = field(default_factory=dict)

    async def BatchGetEntries(
        self, request: pb.BatchGetEntriesRequest, context: Any
    ) -> pb.BatchGetEntriesResponse:
        numbers = {sample(number).photo_id: number for number in range(len(self.rows))}
        assert request.omit_samples
        found = [self._entry(numbers[photo_id]) for photo_id in request.photo_ids]
        return pb.BatchGetEntriesResponse(results=found)

    def _entry(self, number: int) -> pb.EntryResult:
        if number in self.gone:
            return pb.EntryResult(status=statuses.item(errors.NotFound("it is gone")))
        facts = self.facts.get(number, PhotoFacts(sample(number).photo_id, 40, 30, 9, "JPEG"))
        return pb.EntryResult(entry=pb.Entry(facts=codec.facts_to(facts)))

    async def GetStats(self, request: pb.GetStatsRequest, context: Any) -> pb.GetStatsResponse:
        return pb.GetStatsResponse(
            revision=self.revision,
            fingerprint="f00d",
            samples=self._counts_from(0),
            since=[pb.SamplesSince(samples=self._counts_from(mark)) for mark in request.marks],
        )

    def _counts_from(self, mark: int) -> list[pb.KindCount]:
        """Return the counts by kind of the rows from `mark` on that are there."""
        there = (number for number in range(mark, len(self.rows)) if number not in self.gone)
        counts = Counter(self.kinds.get(number, Kind.PHOTO) for number in there)
        return [pb.KindCount(kind=int(kind), count=n) for kind, n in counts.items()]  # type: ignore[arg-type]

    async def StreamVectors(
        self, request: pb.StreamVectorsRequest, context: Any
    ) -> AsyncIterator[pb.StreamVectorsResponse]:
        self.streams += 1
        await self.gate.wait()
        chosen = [
            number
            for number in range(len(self.rows))
            if number not in self.gone
            and (not request.kinds or self.kinds.get(number, Kind.PHOTO) in request.kinds)
        ]
        for start in range(0, max(1, len(chosen)), PER_MESSAGE):
            yield self._message(chosen[start : start + PER_MESSAGE], len(chosen))
            if self.ends_early:
                return

    def _message(self, chosen: list[int], total: int) -> pb.StreamVectorsResponse:
        items = [
            pb.VectorSample(
                sample=codec.sample_to(sample(number, self.kinds.get(number, Kind.PHOTO))),
                vector={"values": vectors.pack(self.rows[number])},
            )
            for number in chosen
        ]
        return pb.StreamVectorsResponse(
            samples=items,
            revision=self.revision,
            fingerprint="f00d",
            total=total,
            mark=len(self.rows),
        )

    def register(self, target: grpc.aio.Server) -> None:
        """Answer on `target`."""
        rpc.add_IndexServiceServicer_to_server(self, target)
