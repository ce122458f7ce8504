"""A gateway over a real index, with fakes for the models: for what crosses both."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from common import clients
from common.batching import Batcher
from index_service import library, servicer_keeping
from index_service.settings import Settings
from semapix.v1 import gateway_pb2, index_keeping_pb2, search_pb2
from semapix.v1 import housekeeping_pb2 as pb
from semapix.v1 import housekeeping_pb2_grpc as rpc
from tests.contract.gateway.gateway_house import House, Served, photo

COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Kept:
    """A house with its housekeeping, and the ids of the photos in it."""

    house: House
    keeping: "rpc.HousekeepingServiceAsyncStub"
    ids: list[str]

    @property
    def folder(self) -> Path:
        return self.house.folder

    async def checked(self, *, repair: bool = False) -> list[index_keeping_pb2.Finding]:
        """Return what the check finds."""
        request = pb.CheckLibraryRequest(repair=repair)
        answers = [one async for one in clients.stream(self.keeping.CheckLibrary(request))]
        assert all(one.done <= one.total for one in answers)
        return [one.finding for one in answers if one.HasField("finding")]

    async def removed(self, *photo_ids: str, permanently: bool = False) -> list[int]:
        request = gateway_pb2.RemovePhotosRequest(photo_ids=photo_ids, permanently=permanently)
        answer = await clients.call(self.house.stub.RemovePhotos(request))
        return [status.code for status in answer.statuses]

    async def found(self, colour: str) -> list[str]:
        """Return the ids of the photos that a search finds, best first."""
        term = search_pb2.QueryTerm(text=colour)
        return [hit.facts.photo_id for hit in (await self.house.search(term)).hits]

    def path(self, photo_id: str, *, kind: str = "originals") -> Path:
        return self.folder / kind / photo_id[:2] / photo_id[2:4] / photo_id


@contextlib.asynccontextmanager
async def kept(folder: Path, **changes: Any) -> AsyncIterator[Kept]:
    """Run a gateway with three photos, over a real index."""
    async with contextlib.AsyncExitStack() as stack:
        owned = stack.enter_context(library.opened(Settings(folder=folder / "index")))
        writing = Batcher(owned.apply, max_batch=512, max_waiting=4_096)
        await stack.enter_async_context(writing.running())
        made = House(folder)
        made.served["index"] = Served(servicer_keeping.registered(owned, writing))
        for served in made.served.values():
            await served.start()
            stack.push_async_callback(served.stop)
        await stack.enter_async_context(made.gateway(**changes))
        channel = await stack.enter_async_context(clients.channel(made.address))
        outcomes = await made.imported(*[photo(colour) for colour in COLOURS])
        await made.idle()
        stub = cast("rpc.HousekeepingServiceAsyncStub", rpc.HousekeepingServiceStub(channel))
        yield Kept(made, stub, [outcome.photo_id for outcome in outcomes])
