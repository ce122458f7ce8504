"""CLIP checkpoints on this machine: which are here, and which one `auto` takes. Loads no torch."""

import json
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub
from huggingface_hub import errors as hub_errors

STANDARD = "openai/clip-vit-base-patch32"
EMBEDDED = "mini"
CONFIG = "config.json"
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
PREPROCESSOR = "preprocessor_config.json"
_NEEDED = ((CONFIG,), (PREPROCESSOR,), ("tokenizer.json", "vocab.json"), WEIGHTS)


@dataclass(frozen=True, slots=True)
class Automatic:
    """The model that `auto` takes, and a sentence that says why."""

    name: str
    reason: str


def automatic(cache: Path | None = None) -> Automatic:
    """Return the standard model if all its files are in the cache of the hub, else "mini"."""
    if cached(STANDARD, cache):
        return Automatic(STANDARD, "it is the standard model and its files are in the cache")
    return Automatic(
        EMBEDDED, f"{STANDARD} is not in the cache (`semapix models fetch {STANDARD}`)"
    )


def cached(model: str, cache: Path | None = None) -> Path | None:
    """Return the folder of a checkpoint in the hub's cache, None unless all its files are there."""
    try:
        found = huggingface_hub.try_to_load_from_cache(model, CONFIG, cache_dir=cache)
    except hub_errors.HFValidationError:
        return None
    folder = Path(found).parent if isinstance(found, str) else None
    return folder if folder and not missing(folder) else None


def all_cached(cache: Path | None = None) -> dict[str, Path]:
    """Return the folder of every CLIP checkpoint in the hub's cache, by its id."""
    try:
        repositories = huggingface_hub.scan_cache_dir(cache).repos
    except hub_errors.CacheNotFound:
        return {}
    names = sorted(each.repo_id for each in repositories if each.repo_type == "model")
    found = {name: folder for name in names if (folder := cached(name, cache))}
    return {name: folder for name, folder in found.items() if is_clip(folder)}


def missing(folder: Path) -> list[str]:
    """Return the files of a CLIP checkpoint that `folder` lacks."""
    lacking = [
        " or ".join(names)
        for names in _NEEDED
        if not any((folder / name).is_file() for name in names)
    ]
    return lacking + [name for name in shards(folder) if not (folder / name).is_file()]


def shards(folder: Path) -> list[str]:
    """Return the files that the index of divided weights names, none where there is no index."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return []
    return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))


def is_clip(folder: Path) -> bool:
    """Say whether the configuration in `folder` is that of a CLIP model."""
    return bool(_config(folder).get("model_type") == "clip")


def dimension(folder: Path) -> int:
    """Return the dimension of the vectors, 0 where the configuration does not say."""
    return int(str(_config(folder).get("projection_dim", 0)))


def _config(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
