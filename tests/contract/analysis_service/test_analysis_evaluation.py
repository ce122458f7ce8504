"""`semapix evaluate clusters`: vectors of a real server with a small model, a folder to a sheet."""

import asyncio
import contextlib
import functools
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image

from analysis_service import embedder_client, evaluation
from common import clients, errors, server, statuses, vectors
from common.evaluations import Exam
from common.vectors import Floats, normalised
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import embedder_pb2_grpc as rpc


class Colours(rpc.EmbedderServiceServicer):
    """Pictures become the mean of their colour; a picture that is none is refused by itself."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    async def EmbedImages(
        self, request: pb.EmbedImagesRequest, context: Any
    ) -> pb.EmbedImagesResponse:
        self.batches.append(len(request.images))
        return pb.EmbedImagesResponse(embeddings=[self._one(one.image) for one in request.images])

    def _one(self, image: bytes) -> pb.ImageEmbedding:
        try:
            pixels = np.asarray(Image.open(io.BytesIO(image)).convert("RGB"), dtype=np.float32)
        except OSError:
            refused = errors.InvalidInput("image", "is not a picture")
            return pb.ImageEmbedding(status=statuses.item(refused))
        row = normalised(pixels.mean(axis=(0, 1)) + 1)
        return pb.ImageEmbedding(vectors=[{"values": vectors.pack(row)}])


@pytest.fixture
async def served() -> AsyncIterator[tuple[Colours, grpc.Channel]]:
    """The model, and a connection to its server."""
    model = Colours()

    def register(target: grpc.aio.Server) -> None:
        rpc.add_EmbedderServiceServicer_to_server(model, target)

    names = ["semapix.v1.EmbedderService"]
    async with server.running(register, names=names, address="127.0.0.1:0") as running:
        await running.set_ready()
        with clients.blocking_channel(f"127.0.0.1:{running.port}") as channel:
            yield model, channel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photos of each of three colours."""
    labels: dict[str, list[str]] = {}
    (tmp_path / "images").mkdir()
    for place, colour in enumerate(("red", "green", "blue")):
        for number in range(6):
            shade = [10 * number, 10 * number, 10 * number]
            shade[place] = 255
            name = f"{colour}-{number}.png"
            Image.new("RGB", (4, 4), tuple(shade)).save(tmp_path / "images" / name)
            labels.setdefault(colour, []).append(name)
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path


async def embedded(channel: grpc.Channel, files: list[Path], told: list[int]) -> Floats:
    return await asyncio.to_thread(embedder_client.embedded, channel, files, report=told.append)


async def test_every_file_has_its_row_in_its_place(served: Any, folder: Path) -> None:
    model, channel = served
    told: list[int] = []
    rows = await embedded(channel, sorted((folder / "images").iterdir()), told)
    assert rows.dtype == np.float32
    assert [int(at) for at in rows.argmax(axis=1)] == [2] * 6 + [1] * 6 + [0] * 6
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-6)
    assert (model.batches, told) == ([8, 8, 2], [8, 16, 18])


async def test_a_file_that_is_no_picture_is_named(served: Any, folder: Path) -> None:
    (folder / "images" / "bad.png").write_bytes(b"no picture")
    with pytest.raises(errors.InvalidInput, match=r"bad\.png.*not a picture"):
        await embedded(served[1], sorted((folder / "images").iterdir()), [])


async def test_the_sheet_of_a_folder(
    served: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[tuple[int, int]] = []
    sheet = await asyncio.to_thread(
        evaluation.evaluate,
        Exam(folder),
        lambda *done: told.append(done),
        embedding=lambda model: contextlib.nullcontext(
            functools.partial(embedder_client.embedded, served[1])
        ),
    )
    assert (sheet.photos, sheet.labels) == (18, 3)
    assert told == [(8, 18), (16, 18), (18, 18)]
    assert {row.method for row in sheet.rows} == {
        *("dbscan", "dbscan, suggested eps", "hdbscan", "k-means, k=3")
    }
    assert max(row.ari for row in sheet.rows if row.method == "dbscan") == 1
    assert sheet.plot == "semapix-clusters.svg"
    assert (tmp_path / sheet.plot).stat().st_size > 1000


def test_an_embedder_that_does_not_come_up_is_told() -> None:
    with (
        pytest.raises(errors.Unavailable, match="did not come up"),
        embedder_client.embedder("no-such-folder/model"),
    ):
        raise AssertionError("it came up")
