"""The vector sets of the index as values."""

from collections.abc import Mapping
from typing import cast

from common import errors, statuses, vector_sets_codec
from common.vector_sets import Sets, VectorSet
from gateway.calls import Service
from gateway.vector_sets import LackingPage
from semapix.v1 import types_pb2 as types
from semapix.v1 import vector_sets_pb2 as pb
from semapix.v1 import vector_sets_pb2_grpc as rpc

QUICK_S = 10.0
WRITE_S = 60.0
# The vectors of the whole library are read before they serve.
SWAP_S = 900.0


class SetsClient:
    """Satisfies `vector_sets.SetBook` and `vector_sets.SecondSet`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        stub = rpc.VectorSetServiceStub(service.channel)
        self._stub = cast("rpc.VectorSetServiceAsyncStub", stub)

    async def sets(self) -> Sets:
        """Return both sets as they are."""
        request = pb.GetVectorSetsRequest()
        answer = await self._service.ask(self._stub.GetVectorSets, request, most_s=QUICK_S)
        return vector_sets_codec.sets_from(answer)

    async def begin(self, one: VectorSet) -> None:
        """Begin a second set, or note the embedder of one. Raises Mismatch where it cannot be."""
        request = pb.BeginVectorSetRequest(set=vector_sets_codec.set_to(one))
        await self._service.ask(self._stub.BeginVectorSet, request, most_s=WRITE_S)

    async def lacking(self, fingerprint: str, *, size: int, token: str = "") -> LackingPage:
        """Return a page of the photos with samples that the set lacks, oldest first."""
        request = pb.ListLackingRequest(fingerprint=fingerprint, page_size=size, page_token=token)
        answer = await self._service.ask(self._stub.ListLacking, request, most_s=QUICK_S)
        photos = tuple(map(vector_sets_codec.lacking_from, answer.photos))
        return LackingPage(photos, answer.next_page_token)

    async def add(
        self, fingerprint: str, made: Mapping[str, bytes]
    ) -> list[errors.SemapixError | None]:
        """Add vectors by sample id; return what is wrong with each. Raises Mismatch if unwanted."""
        vectors = [
            pb.SampleVector(sample_id=own, vector=types.Vector(values=vector))
            for own, vector in made.items()
        ]
        request = pb.AddVectorsRequest(fingerprint=fingerprint, vectors=vectors)
        answer = await self._service.ask(self._stub.AddVectors, request, most_s=WRITE_S)
        return [statuses.item_error(status) for status in answer.statuses]

    async def swap(self, fingerprint: str) -> None:
        """Have the second set serve. Raises Mismatch while it lacks a sample."""
        request = pb.SwapVectorSetsRequest(fingerprint=fingerprint)
        await self._service.ask(self._stub.SwapVectorSets, request, most_s=SWAP_S)

    async def drop(self, fingerprint: str) -> None:
        """Give the second set up."""
        request = pb.DropVectorSetRequest(fingerprint=fingerprint)
        await self._service.ask(self._stub.DropVectorSet, request, most_s=WRITE_S)

    async def sweep(self) -> int:
        """Delete some vectors of sets that there are no more; return how many."""
        request = pb.SweepVectorsRequest()
        answer = await self._service.ask(self._stub.SweepVectors, request, most_s=WRITE_S)
        return answer.deleted
