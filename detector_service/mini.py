"""The embedded object detector: small, trained by this project, at hand without a network."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from torch import Tensor

from common.samples import OBJECT_KINDS
from detector_service import boxes, classes, weights
from detector_service.findings import About, Detection
from detector_service.mini_network import SIZE_PX, MiniNetwork
from detector_service.mini_regions import Found

NAME = "mini"
PATH = Path(__file__).parent / "weights" / "mini.safetensors"
FORMAT = "semapix mini detector 1"
CONFIDENCE = 0.45
# Below this share of its kind's score a class is a guess, and the object stays without a name.
MIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file of weights holds: class names and the state of a network."""

    names: tuple[str, ...]
    state: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class MiniDetector:
    """A loaded network and the classes it knows; it names a class only where one stands out."""

    about: About
    names: tuple[str, ...]
    confidence: float
    network: MiniNetwork

    def detect(self, image: Image.Image) -> list[Detection]:
        """Return the objects of an upright RGB picture, most confident first."""
        with torch.inference_mode():
            (found,) = self.network(pixels(image).to(self.about.device))
        return self._detections(found)

    def _detections(self, found: Found) -> list[Detection]:
        result = []
        for row in range(len(found.scores)):
            score = float(found.scores[row])
            box = boxes.relative_box(found.boxes[row].tolist(), SIZE_PX, SIZE_PX)
            if box and score >= self.confidence:
                kind = OBJECT_KINDS[int(found.kinds[row])]
                result.append(Detection(kind, self._label(found, row), box, min(score, 1.0)))
        return result

    def _label(self, found: Found, row: int) -> str:
        sure = float(found.shares[row]) >= MIN_SHARE
        return self.names[int(found.classes[row])] if sure else ""


def pixels(image: Image.Image) -> Tensor:
    """Return an RGB picture as the network takes it, (1, 3, SIZE_PX, SIZE_PX) in [-1, 1]."""
    square = image.resize((SIZE_PX, SIZE_PX), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.array(square, dtype=np.uint8))
    return (values.permute(2, 0, 1)[None].float() - 127) / 128


def kinds_of(names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the place of each class's kind in OBJECT_KINDS."""
    return tuple(OBJECT_KINDS.index(classes.kind_of(name)) for name in names)


def load(path: Path, *, device: str, confidence: float) -> MiniDetector:
    """Return the detector with the weights at `path`; a confidence of 0 takes what suits it.

    Raises FileNotFoundError, or ValueError for a file that does not hold these weights.
    """
    fingerprint = weights.fingerprint(path)
    try:
        read = stored(path)
        network = MiniNetwork(kinds_of(read.names), half=fast_in_bf16(device))
        network.load_state_dict(read.state)
    except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise ValueError(f"{path} does not hold the weights of {NAME}: {error}") from error
    network.settle().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    about = About(NAME, fingerprint, device)
    return MiniDetector(about, read.names, confidence or CONFIDENCE, network)


def fast_in_bf16(device: str) -> bool:
    """Say whether the device computes bfloat16 faster than float32."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported())
    can = torch.cpu.get_capabilities()
    return bool(can.get("amx_bf16") or can.get("avx512_bf16"))


def stored(path: Path) -> Stored:
    """Return what the file at `path` holds; ValueError or SafetensorError for another file."""
    with safe_open(path, framework="pt") as file:
        told = file.metadata() or {}
        if told.get("format") != FORMAT:
            raise ValueError(f"its format is {told.get('format')!r}, not {FORMAT!r}")
        names = tuple(str(name) for name in json.loads(told["classes"]))
        state = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
    return Stored(names, state)
