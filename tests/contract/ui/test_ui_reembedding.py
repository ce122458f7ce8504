"""`semapix reindex --model`, `--embedder` and `--cancel` against a gateway and a `semapix up`."""

import asyncio
import contextlib
import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from common import errors, server
from semapix.v1 import reembedding_pb2 as pb
from semapix.v1 import reembedding_pb2_grpc as rpc
from ui import library, model_choice
from ui.commands import reembedding
from ui.model_choice import ModelChoice


class FakeReembedding(rpc.ReembeddingServiceServicer):
    """Is half done when asked first, and over when asked again."""

    def __init__(self) -> None:
        self.outcome = pb.START_OUTCOME_BEGUN
        self.fingerprint, self.asked, self.cancelled = "new", [], 0
        self.refusal: errors.SemapixError | None = None
        # Called at each look, with how often there was one: the moves of somebody else.
        self.looked = lambda times: None
        self.looks = 0

    async def StartReembedding(self, request, context):
        self.asked.append(request.embedder)
        if self.refusal:
            raise self.refusal
        return pb.StartReembeddingResponse(outcome=self.outcome, fingerprint="new", model="X")

    async def GetReembedding(self, request, context):
        self.looks += 1
        self.looked(self.looks)
        over = self.looks > 1
        state = pb.REEMBEDDING_STATE_NONE if over else pb.REEMBEDDING_STATE_RUNNING
        progress = pb.Reembedding(state=state, done=5, total=10, samples_per_s=2)
        progress.serving_fingerprint = self.fingerprint if over else "old"
        return pb.GetReembeddingResponse(progress=progress)

    async def CancelReembedding(self, request, context):
        self.cancelled += 1
        return pb.CancelReembeddingResponse(cancelled=True)


@contextlib.contextmanager
def served(fake: FakeReembedding) -> Iterator[SimpleNamespace]:
    """Serve in a thread until the block ends."""
    ready, stop, loop = asyncio.Queue(), asyncio.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        def register(grpc_server):
            rpc.add_ReembeddingServiceServicer_to_server(fake, grpc_server)

        listening = server.running(register, names=[], address="127.0.0.1:0", drain_s=0.2)
        async with listening as serving:
            await serving.set_ready()
            await ready.put(serving.port)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(ready.get(), loop).result(30)
        yield SimpleNamespace(address=f"127.0.0.1:{port}")
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(reembedding, "POLL_S", 0.01)
    return FakeReembedding()


@pytest.fixture
def gateway(fake):
    with served(fake) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, gateway) -> Iterator[Path]:
    """A library that this process holds as `semapix up` does."""
    made = tmp_path / "library"
    made.mkdir()
    with (made / library.LOCK_FILE).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = library.RunningService(gateway.address, 1, "log")
        library.UpFile(1, str(made), {"gateway": running}).write()
        yield made


def test_an_embedder_that_runs_is_followed_to_the_end(semapix, fake, gateway):
    done = semapix("reindex", "--embedder", "host:1", "--json", gateway=gateway)
    assert (done.code, done.json["outcome"], fake.asked) == (0, "done", ["host:1"])
    assert "host:1" in done.json["message"]


def test_a_model_that_is_there_is_told(semapix, fake, gateway):
    fake.outcome = pb.START_OUTCOME_UNNEEDED
    done = semapix("reindex", "--embedder", "host:1", gateway=gateway)
    assert done.code == 0
    assert "nothing is left to do" in done.out
    assert not fake.looks


def test_an_end_without_the_model_was_a_cancellation(semapix, fake, gateway):
    fake.fingerprint = "old"
    done = semapix("reindex", "--embedder", "host:1", "--json", gateway=gateway)
    assert done.json["outcome"] == "cancelled"


def test_what_the_gateway_refuses_is_said(semapix, fake, gateway):
    fake.refusal = errors.Mismatch("no room for it")
    done = semapix("reindex", "--embedder", "host:1", gateway=gateway)
    assert (done.code, "no room for it" in done.err) == (1, True)


def test_up_is_asked_by_the_choice_and_followed(semapix, fake, folder, tmp_path):
    model = tmp_path / "mine"
    model.mkdir()

    def end(times: int) -> None:
        assert model_choice.read(folder).next == str(model)
        ModelChoice(str(model), outcome=model_choice.DONE, message="it runs now").write(folder)

    fake.looked = end
    done = semapix("reindex", "--model", model, "--json", "--library", folder)
    assert (done.code, done.json) == (0, {"outcome": "done", "message": "it runs now"})
    assert not fake.asked


def test_a_failure_of_up_is_exit_code_1_with_its_reason(semapix, fake, folder):
    failed = ModelChoice(outcome=model_choice.FAILED, message="no such model")
    fake.looked = lambda times: failed.write(folder)
    done = semapix("reindex", "--model", "X", "--library", folder)
    assert (done.code, "no such model" in done.err) == (1, True)


def test_one_that_is_under_way_is_watched_and_another_refused(semapix, fake, folder):
    ModelChoice("old", "X").write(folder)
    fake.looked = lambda times: ModelChoice("X", outcome=model_choice.DONE).write(folder)
    refused = semapix("reindex", "--model", "Y", "--library", folder)
    assert (refused.code, "anew with X" in refused.err) == (1, True)
    assert semapix("reindex", "--model", "X", "--library", folder).code == 0


def test_without_waiting_the_wish_is_left_to_up(semapix, fake, folder):
    done = semapix("reindex", "--model", "X", "--no-wait", "--json", "--library", folder)
    assert done.json["outcome"] == "begun"
    assert model_choice.read(folder) == ModelChoice(next="X")


def test_cancelling_takes_the_wish_back_first(semapix, fake, folder):
    ModelChoice("old", "X").write(folder)
    done = semapix("reindex", "--cancel", "--json", "--library", folder)
    assert (done.json["outcome"], fake.cancelled) == ("cancelled", 1)
    assert model_choice.read(folder) == ModelChoice("old")


def test_what_is_over_cannot_be_cancelled(semapix, fake, folder):
    ModelChoice("X", "X", handing=True).write(folder)
    done = semapix("reindex", "--cancel", "--library", folder)
    assert (done.code, "it is over" in done.err, fake.cancelled) == (1, True, 0)


def test_without_up_the_other_way_is_named(semapix, tmp_path):
    done = semapix("reindex", "--model", "X", "--library", tmp_path)
    assert (done.code, "--embedder HOST:PORT" in done.err) == (1, True)


@pytest.mark.parametrize("more", [("--embedder", "h:1"), ("--cancel",), ("--all",)])
def test_one_thing_at_a_time(semapix, more):
    assert semapix("reindex", "--model", "X", *more).code == 2
