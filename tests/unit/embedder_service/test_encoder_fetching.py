"""Fetching of checkpoints, by the hub's own client, from a small hub on this machine."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from common.model_catalogue import State
from embedder_service import checkpoints
from embedder_service.shelf import Encoders

MODEL = "somebody/small-clip"
COMMIT = "c" * 40
LARGE = (".safetensors", ".bin")
FETCH = """
import sys
from pathlib import Path
from common import errors
from embedder_service import fetching
try:
    print(fetching.fetch(sys.argv[1], Path(sys.argv[2])))
except errors.SemapixError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


class Hub(ThreadingHTTPServer):
    """Serves one model as a hub does: its list of files with hashes, and the files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.folder = folder
        self.lies: set[str] = set()
        self.sent: list[str] = []

    def listed(self) -> dict[str, object]:
        files = [self._file(path) for path in sorted(self.folder.iterdir())]
        return {"id": MODEL, "sha": COMMIT, "siblings": files}

    def digest(self, path: Path) -> str:
        """Return what the hub calls the hash of a file: SHA-256 for large ones, else git's."""
        content = path.read_bytes() if path.name not in self.lies else b"something else"
        if path.suffix in LARGE:
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def _file(self, path: Path) -> dict[str, object]:
        size, digest = path.stat().st_size, self.digest(path)
        lfs = {"sha256": digest, "size": size, "pointerSize": 130}
        large = {"lfs": lfs} if path.suffix in LARGE else {}
        return {"rfilename": path.name, "size": size, "blobId": digest, **large}


class Answers(BaseHTTPRequestHandler):
    """Answers as the hub does."""

    server: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _answer(self) -> None:
        path = self.server.folder / self.path.rpartition("/")[2]
        if self.path.startswith(f"/api/models/{MODEL}"):
            self._send(json.dumps(self.server.listed()).encode(), {})
        elif self.path.startswith(f"/{MODEL}/resolve/") and path.is_file():
            self.server.sent += [path.name] if self.command == "GET" else []
            heads = {"ETag": f'"{self.server.digest(path)}"', "X-Repo-Commit": COMMIT}
            self._send(path.read_bytes(), heads)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()

    def _send(self, body: bytes, heads: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in {**heads, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def hub(small_clip: Path, tmp_path: Path) -> Iterator[Hub]:
    """A hub that has the small CLIP, and more files than are needed."""
    folder = tmp_path / "served"
    shutil.copytree(small_clip, folder)
    for extra in ("pytorch_model.bin", "README.md", "run_me.py"):
        folder.joinpath(extra).write_bytes(b"not to be fetched")
    with Hub(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fetch(endpoint: str, model: str, cache: Path) -> "subprocess.CompletedProcess[str]":
    """Fetch in a process of its own: the hub's client reads its address when it is imported."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-c", FETCH, model, str(cache)],
        env={**own, "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def at(hub: Hub) -> str:
    return f"http://127.0.0.1:{hub.server_port}"


def test_fetched_checkpoint_is_whole_and_holds_safetensors_alone(hub: Hub, tmp_path: Path) -> None:
    done = fetch(at(hub), MODEL, tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    folder = checkpoints.cached(MODEL, tmp_path / "cache")
    assert str(folder) == done.stdout.strip()
    assert hub.sent[-1] == "model.safetensors"
    assert not {"pytorch_model.bin", "README.md", "run_me.py"} & set(hub.sent)


def test_fetched_checkpoint_is_listed_as_cached(hub: Hub, tmp_path: Path) -> None:
    assert fetch(at(hub), MODEL, tmp_path / "cache").returncode == 0
    models = {model.name: model for model in Encoders(tmp_path / "cache").listing().models}
    assert (models[MODEL].state, models[MODEL].dimension) == (State.CACHED, 16)
    assert models[MODEL].size_bytes > 100_000


def test_checkpoint_without_safetensors_comes_as_a_pickle_read_as_weights_only(
    hub: Hub, tmp_path: Path
) -> None:
    hub.folder.joinpath("model.safetensors").unlink()
    assert fetch(at(hub), MODEL, tmp_path / "cache").returncode == 0
    assert hub.sent[-1] == "pytorch_model.bin"


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.json"])
def test_file_with_another_hash_is_refused_and_removed(hub: Hub, tmp_path: Path, name: str) -> None:
    hub.lies.add(name)
    done = fetch(at(hub), MODEL, tmp_path / "cache")
    assert f"DataLoss: {name} arrived with another hash" in done.stderr
    assert checkpoints.cached(MODEL, tmp_path / "cache") is None
    assert not list((tmp_path / "cache").rglob(name))


def test_model_of_another_kind_is_refused_before_its_weights_are_fetched(
    hub: Hub, tmp_path: Path
) -> None:
    hub.folder.joinpath("config.json").write_text('{"model_type": "bert"}')
    done = fetch(at(hub), MODEL, tmp_path / "cache")
    assert f"Mismatch: {MODEL} is not a CLIP model" in done.stderr
    assert "model.safetensors" not in hub.sent


def test_model_that_the_hub_has_not_is_said_in_one_sentence(hub: Hub, tmp_path: Path) -> None:
    done = fetch(at(hub), "somebody/else", tmp_path / "cache")
    assert done.stderr == "NotFound: the model hub has no somebody/else, or not for everybody\n"


def test_without_a_network_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    done = fetch("http://127.0.0.1:9", MODEL, tmp_path / "cache")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"Unavailable: {MODEL} cannot be downloaded, the model hub does not")
    assert "embedder.model" in sentence
