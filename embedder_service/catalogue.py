"""Which model a name means. Looks at local files alone; nothing is ever downloaded here."""

import logging
from pathlib import Path

import torch
from PIL import Image

from embedder_service import checkpoints, hardware, mini
from embedder_service import encoder as encoders
from embedder_service.hardware import Hardware
from embedder_service.settings import Settings

log = logging.getLogger(__name__)
AUTO = "auto"


def chosen_by(settings: Settings) -> encoders.Encoder:
    """Return the model of the settings. Raises ValueError, naming the setting that is wrong."""
    torch.set_num_threads(settings.threads or torch.get_num_threads())
    return load(settings.model, hardware.choose(settings.device, settings.precision))


def load(model: str, where: Hardware, *, cache: Path | None = None) -> encoders.Encoder:
    """Return the model that `model` means, warmed up.

    "mini" is the embedded one; "auto" is the standard one if all its files are in the cache of the
    hub (`cache`, by default where its library keeps it), else "mini"; anything else is a folder
    with a CLIP checkpoint or a fine-tuned mini, or the hub id of a cached CLIP checkpoint.
    Raises ValueError, naming what is missing.
    """
    name = _automatic(cache) if model == AUTO else model
    chosen = _mini_or_clip(name, where, cache)
    chosen.encode_images([chosen.prepare(Image.new("RGB", (64, 64), "grey"))])
    chosen.encode_texts(["a photo"])
    log.info("model %s, %s on %s", name, where.precision, where.device)
    return chosen


def _automatic(cache: Path | None) -> str:
    taken = checkpoints.automatic(cache)
    log.info("auto takes %s: %s", taken.name, taken.reason)
    return taken.name


def _mini_or_clip(name: str, where: Hardware, cache: Path | None) -> encoders.Encoder:
    if name == mini.NAME:
        return mini.MiniEncoder(where)
    folder = Path(name).expanduser()
    if (folder / mini.HEADS_FILE).is_file():
        return mini.MiniEncoder(where, folder, model=name)
    if folder.is_dir():
        if lacking := checkpoints.missing(folder):
            raise ValueError(
                f"embedder.model = {name!r}: the folder has no {', no '.join(lacking)}"
            )
        return _clip(folder, name, where)
    snapshot = checkpoints.cached(name, cache)
    if snapshot is None:
        fetch = f"run `semapix models fetch {name}` or " if "/" in name else ""
        raise ValueError(
            f"embedder.model = {name!r} is not 'auto', 'mini', a folder, or a checkpoint with all "
            f"its files in the local cache: {fetch}give the path of a folder that holds it"
        )
    return _clip(snapshot, name, where)


def _clip(folder: Path, name: str, where: Hardware) -> encoders.Encoder:
    """Return the checkpoint in `folder`.

    Imported here, because transformers and torchvision take seconds and 200 MB that the embedded
    model does without.
    """
    import transformers

    from embedder_service import clip

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return clip.ClipEncoder(folder, model=name, hardware=where)
