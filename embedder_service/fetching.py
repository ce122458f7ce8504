"""Downloads CLIP checkpoints into the cache of the hub, file by file, each verified by its hash."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
from huggingface_hub import errors as hub_errors
from huggingface_hub import hf_api

from common import errors
from embedder_service import calibration, checkpoints, understanding

_SMALL = (
    checkpoints.CONFIG,
    checkpoints.PREPROCESSOR,
    calibration.FILE,
    understanding.FILE,
    "tokenizer_config.json",
    "tokenizer.json",
    "special_tokens_map.json",
    "merges.txt",
    "vocab.json",
)
_BLOCK = 2**20


def fetch(model: str, cache: Path | None = None) -> Path:
    """Download the CLIP checkpoint `model` of the hub; return the folder in the cache.

    Nothing in it is executed: weights are safetensors, or, where the hub has none, a pickle that is
    only ever read with `weights_only`. The weights come last, so that an interrupted download never
    looks whole. Raises InvalidInput for a name that cannot be, NotFound, Mismatch for a model that
    is no CLIP, Unavailable without a network, DataLoss for a file with another hash.
    """
    with _explained(model):
        listed = {each.rfilename: each for each in _listed(model)}
        for name in _wanted(model, list(listed)):
            path = Path(huggingface_hub.hf_hub_download(model, name, cache_dir=cache))
            _verify(path, listed[name])
            if name == checkpoints.CONFIG and not checkpoints.is_clip(path.parent):
                raise errors.Mismatch(f"{model} is not a CLIP model: it cannot be the encoder")
    folder = checkpoints.cached(model, cache)
    if folder is None:
        raise errors.NotFound(f"{model} lacks a file that every CLIP checkpoint has")
    return folder


def _listed(model: str) -> list[hf_api.RepoSibling]:
    about = huggingface_hub.HfApi().model_info(model, files_metadata=True)
    return about.siblings or []


def _wanted(model: str, listed: list[str]) -> list[str]:
    """Return the files to download in order; safetensors where there are any."""
    small = [name for name in _SMALL if name in listed]
    weights = [name for name in listed if name in checkpoints.WEIGHTS]
    if checkpoints.CONFIG not in small or not weights:
        files = " or ".join(checkpoints.WEIGHTS)
        raise errors.NotFound(f"{model} has no {checkpoints.CONFIG}, or none of {files}")
    chosen = min(weights, key=checkpoints.WEIGHTS.index)
    parts = sorted(name for name in listed if name.startswith("model-") and "-of-" in name)
    divided = [name for name in parts if name.endswith(".safetensors")]
    return [*small, *(divided if chosen.endswith("index.json") else []), chosen]


def _verify(path: Path, listed: hf_api.RepoSibling) -> None:
    """Remove a file that is not what the hub lists, and raise DataLoss."""
    if listed.lfs is not None:
        right = listed.lfs.sha256 == _digest(path, hashlib.sha256())
    else:
        head = f"blob {path.stat().st_size}\0".encode()  # as git names the contents of a file
        right = listed.blob_id == _digest(path, hashlib.sha1(head, usedforsecurity=False))
    if not right:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise errors.DataLoss(
            f"{listed.rfilename} arrived with another hash than the hub names: it was removed,"
            " fetch the model again"
        )


def _digest(path: Path, digest: "hashlib._Hash") -> str:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def _explained(model: str) -> Iterator[None]:
    """Say in one sentence why the hub gave nothing."""
    try:
        yield
    except hub_errors.HFValidationError as error:
        raise errors.InvalidInput("", f"{model!r} is not the id of a model: {error}") from error
    except hub_errors.RepositoryNotFoundError as error:
        raise errors.NotFound(f"the model hub has no {model}, or not for everybody") from error
    except _no_answer() as error:
        raise errors.Unavailable(
            f"{model} cannot be downloaded, the model hub does not answer"
            f" ({_first_line(error)}): fetch it on a machine with a network and bring its folder,"
            " then set embedder.model to the path"
        ) from error


def _no_answer() -> tuple[type[Exception], ...]:
    """Return what the hub's client raises without an answer; its HTTP library changed its name."""
    http_error = hub_errors.HfHubHTTPError.__mro__[1]
    return (http_error, hub_errors.LocalEntryNotFoundError, hub_errors.OfflineModeIsEnabled)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
