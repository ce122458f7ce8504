"""The service as its own process: it is killed, restarted, and finds all it has acknowledged."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc

from common import clients
from semapix.v1 import index_pb2 as pb
from semapix.v1 import index_pb2_grpc as rpc
from tests.contract.index_service import index_calls as calls
from tests.unit.index_service import index_values as values

ROOT = Path(__file__).parents[3]
LIVES = 3


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def started(folder: Path, port: int) -> "subprocess.Popen[str]":
    settings = {
        "SEMAPIX_INDEX_FOLDER": str(folder),
        "SEMAPIX_INDEX_ADDRESS": f"127.0.0.1:{port}",
        "SEMAPIX_INDEX_GRAPH_FROM": "40",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "index_service"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def living(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", rpc.IndexServiceStub]]:
    """Run the service until the block ends, however it ended by then."""
    port = free_port()
    process = started(folder, port)
    try:
        with clients.blocking_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(timeout=60)
            yield process, rpc.IndexServiceStub(channel)
    finally:
        process.kill()
        process.communicate()


class Writing:
    """Puts photos one after another until the service dies; knows those acknowledged."""

    def __init__(self, stub: rpc.IndexServiceStub, first: int) -> None:
        self._stub, self.next = stub, first
        self.acknowledged: list[int] = []
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with contextlib.suppress(grpc.RpcError):
            while True:
                number, self.next = self.next, self.next + 1
                items = [*values.put(number).samples, *values.texts(number, 2)]
                request = calls.putting(values.put(number, items))
                answer = self._stub.PutPhotos(request, timeout=10)
                assert answer.results[0].status.code == 0
                self.acknowledged.append(number)


def check(stub: rpc.IndexServiceStub, acknowledged: list[int]) -> None:
    """Assert that every photo acknowledged is whole and found, and none is half there."""
    for number in acknowledged[-30:]:
        found = stub.SearchVectors(calls.searching(number, limit=1))
        assert found.hits[0].facts.photo_id == values.photo_id(number)
    streamed = stub.StreamVectors(pb.StreamVectorsRequest())
    owners = [item.sample.photo_id for message in streamed for item in message.samples]
    assert {owners.count(photo) for photo in set(owners)} <= {3}
    assert {values.photo_id(number) for number in acknowledged} <= set(owners)
    assert stub.GetStats(pb.GetStatsRequest()).photos == len(set(owners))


def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    first = 0
    for life in range(LIVES):
        with living(tmp_path) as (process, stub):
            check(stub, acknowledged)
            writing = Writing(stub, first)
            writing.thread.start()
            time.sleep(0.15 + 0.11 * life)
            process.send_signal(signal.SIGKILL)
            writing.thread.join()
        acknowledged += writing.acknowledged
        first = writing.next
    with living(tmp_path) as (_, stub):
        check(stub, acknowledged)
    assert len(acknowledged) > LIVES


def test_sigterm_ends_it_well_and_a_second_one_is_refused(tmp_path: Path) -> None:
    with living(tmp_path) as (process, stub):
        stub.PutPhotos(calls.putting(values.put(1)))
        second = started(tmp_path, free_port())
        _, said = second.communicate(timeout=60)
        assert second.returncode == 1
        assert f"belongs to another index_service, process {process.pid}" in said
        assert "Traceback" not in said
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def test_damaged_catalogue_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"\x00broken" * 1_000)
    process = started(tmp_path, free_port())
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "index_service cannot run: the catalogue" in said
    assert "Traceback" not in said
