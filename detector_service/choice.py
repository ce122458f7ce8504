"""Which models a service gets, by its settings and by which weights are at hand."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from detector_service import fasterrcnn, mini, ocr, onnx_detector
from detector_service.findings import Absent, ObjectDetector, TextReader
from detector_service.looking import Lookout
from detector_service.settings import Settings

log = logging.getLogger(__name__)
_LOADERS: dict[str, Callable[..., ObjectDetector]] = {
    ".onnx": onnx_detector.load,
    ".pth": fasterrcnn.load,
    ".safetensors": mini.load,
}


@dataclass(frozen=True, slots=True)
class Automatic:
    """The detector that `auto` takes, its weights, and a sentence that says why."""

    name: str
    path: Path
    reason: str


def device_for(wanted: str) -> str:
    """Return "cpu" or "cuda:N"; "auto" takes the first GPU if there is one.

    Raises ValueError for a device that is not there.
    """
    if wanted == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise ValueError(f"detector.device = {wanted!r} is no device: cpu or cuda:0") from error
    if device.type not in ("cpu", "cuda"):
        raise ValueError(f"detector.device = {wanted!r} cannot be used: use cpu or cuda:0")
    number = device.index or 0
    if device.type == "cuda" and number >= torch.cuda.device_count():
        raise ValueError(f"detector.device = {wanted!r}, but there is no such GPU: use cpu or auto")
    return f"cuda:{number}" if device.type == "cuda" else device.type


def lookout(settings: Settings) -> Lookout:
    """Return both models, loaded; the log says which they are, or why one is missing."""
    found = objects(settings), texts(settings)
    for feature, model in zip(("objects", "texts"), found, strict=True):
        if isinstance(model, Absent):
            log.warning("no model for %s: %s", feature, model.reason)
        else:
            log.info("model for %s: %s on %s", feature, model.about.name, model.about.device)
    return Lookout(*found, max_waiting=settings.max_waiting)


def objects(settings: Settings) -> ObjectDetector | Absent:
    """Return the object detector that `settings.objects` asks for, loaded.

    Raises FileNotFoundError or ValueError, saying what to do, for one that was asked for by name
    and cannot be had; "auto" goes without instead.
    """
    if settings.objects == "none":
        return Absent("object detection is switched off: set detector.objects to auto")
    if settings.objects == "auto":
        taken = automatic()
        return taken if isinstance(taken, Absent) else _loaded(taken.path, settings)
    return _loaded(_named(settings.objects), settings)


def automatic() -> Automatic | Absent:
    """Return the detector that `auto` takes: the best whose weights are at hand."""
    standard = fasterrcnn.cached_path()
    if standard.is_file():
        return Automatic(fasterrcnn.ID, standard, "its weights are in the cache of the torch hub")
    fetch = f"`semapix models fetch {fasterrcnn.ID}`"
    if mini.PATH.is_file():
        return Automatic(mini.NAME, mini.PATH, f"{fasterrcnn.ID} is not in the cache ({fetch})")
    return Absent(
        f"no object detector is at hand: {fetch} brings {fasterrcnn.NAME} to {standard},"
        " or set detector.objects to an .onnx file"
    )


def texts(settings: Settings) -> TextReader | Absent:
    """Return the reader that `settings.ocr` asks for, loaded.

    Raises FileNotFoundError where its weights are missing, ValueError for an unknown name.
    """
    if settings.ocr == "none":
        return Absent("reading texts is switched off: set detector.ocr to easyocr")
    if settings.ocr != ocr.SETTING:
        raise ValueError(f"detector.ocr = {settings.ocr!r} is not one of easyocr, none")
    return ocr.EasyOcr(device=device_for(settings.device), confidence=settings.text_confidence)


def _named(name: str) -> Path:
    known = {fasterrcnn.ID: fasterrcnn.cached_path(), mini.NAME: mini.PATH}
    path = known.get(name, Path(name))
    if path.suffix not in _LOADERS:
        raise ValueError(
            f"detector.objects = {name!r} is not one of auto, none, fasterrcnn, mini,"
            " a .pth file of Faster R-CNN, a .safetensors file of mini, an .onnx file"
        )
    if name == fasterrcnn.ID and not path.is_file():
        raise FileNotFoundError(
            f"the weights of {fasterrcnn.NAME} are not at {path}: run"
            f" `semapix models fetch {fasterrcnn.ID}`, or bring them there"
        )
    return path


def _loaded(path: Path, settings: Settings) -> ObjectDetector:
    load = _LOADERS[path.suffix]
    return load(path, device=device_for(settings.device), confidence=settings.object_confidence)
