"""`semapix finetune` on a small CLIP as a person types it, and the service with what comes out."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image

from common import clients, vectors
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import embedder_pb2_grpc as rpc
from tests.unit.embedder_service.small_clips import small_config, write_clip

NAMES = {"Ann": "red", "Bob": "green", "Eve": "blue"}
BESIDE = ("yellow", "cyan", "magenta", "white", "grey", "orange", "brown", "pink")
OPTIONS = ("--least", "3", "--epochs", "10", "--batch", "8", "--rate", "0.005", "--tolerance", "9")


def picture(colour: str, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 60, (48, 48, 3), dtype=np.uint8)
    return Image.fromarray(np.asarray(Image.new("RGB", (48, 48), colour)) // 2 + noise)


def written(folder: Path) -> tuple[Path, Path]:
    """Write photos of names and captioned ones; return their folders."""
    for name, colour in NAMES.items():
        (folder / "names" / name).mkdir(parents=True)
        for seed in range(6):
            picture(colour, seed).save(folder / "names" / name / f"{seed}.png")
    (folder / "beside" / "images").mkdir(parents=True)
    for colour in BESIDE:
        picture(colour, 1).save(folder / "beside" / "images" / f"{colour}.png")
    captions = {f"{colour}.png": [f"a wall painted {colour}"] for colour in BESIDE}
    folder.joinpath("beside/captions.json").write_text(json.dumps(captions))
    return folder / "names", folder / "beside"


def finetuned(*words: str | Path) -> Any:
    """Return what `semapix finetune WORDS --json` prints."""
    line = [sys.executable, "-m", "ui.main", "finetune", *map(str, words), "--json"]
    result = subprocess.run(line, capture_output=True, text=True, timeout=240, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@contextlib.contextmanager
def served(model: Path) -> Iterator[rpc.EmbedderServiceStub]:
    """Run the service with a model until the block ends."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{chosen.getsockname()[1]}"
    given = {"SEMAPIX_EMBEDDER_ADDRESS": address, "SEMAPIX_EMBEDDER_MODEL": str(model)}
    command = [sys.executable, "-m", "embedder_service"]
    process = subprocess.Popen(command, env={**os.environ, **given})
    try:
        with clients.blocking_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=120)
            yield rpc.EmbedderServiceStub(channel)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_small_clip_learns_by_the_command_and_is_served_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "clip").mkdir()
    clip, out = write_clip(tmp_path / "clip", small_config()), tmp_path / "out"
    names, beside = written(tmp_path)
    told = finetuned(names, out, "--background", beside, "--model", clip, "--shuffle", *OPTIONS)
    curve = json.loads((out / "curve.json").read_text())
    assert min(point["target_loss"] for point in curve) < curve[0]["target_loss"]
    with served(out) as stub:
        info = stub.GetEncoderInfo(pb.GetEncoderInfoRequest(), timeout=30)
        answer = stub.EmbedTexts(pb.EmbedTextsRequest(texts=["a photo of ann"]), timeout=30)
    assert info.fingerprint == told["after"]["fingerprint"] != told["before"]["fingerprint"]
    row = vectors.unpack(answer.embeddings[0].vector.values, dimension=info.dimension)
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-3)
    assert "another's name" in (out / "MODEL_CARD.md").read_text()
