"""torchvision's Faster R-CNN with a ResNet-50 and a feature pyramid, trained on COCO."""

import functools
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.models import detection
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.ops.misc import FrozenBatchNorm2d
from torchvision.transforms.functional import to_tensor

from detector_service import boxes, classes, weights
from detector_service.findings import About, Detection

NAME = "fasterrcnn_resnet50_fpn"
ID = "fasterrcnn"
CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class FasterRcnn:
    """A loaded model; it removes duplicates by itself."""

    about: About
    confidence: float
    model: Any

    def detect(self, image: Image.Image) -> list[Detection]:
        """Return the objects of an upright RGB picture, most confident first."""
        with torch.inference_mode():
            (found,) = self.model([to_tensor(image).to(self.about.device)])
        candidates = boxes.Candidates(
            found["boxes"].cpu().numpy().astype(np.float32),
            found["scores"].cpu().numpy().astype(np.float32),
            found["labels"].cpu().numpy().astype(np.int64),
        )
        return boxes.detections(candidates, classes.COCO_91, image.size, confidence=self.confidence)


def published() -> Any:
    """Return torchvision's record of the COCO weights: its `url`, and `meta` with its figures."""
    return detection.FasterRCNN_ResNet50_FPN_Weights.COCO_V1


def cached_path() -> Path:
    """Return where torch hub keeps the COCO weights, whether they are there or not."""
    url: str = published().url
    return Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]


def load(path: Path, *, device: str, confidence: float) -> FasterRcnn:
    """Return the detector with the weights at `path`; a confidence of 0 means 0.5.

    Raises FileNotFoundError, or ValueError for a file that does not hold these weights.
    """
    fingerprint = weights.fingerprint(path)
    threshold = confidence or CONFIDENCE
    model = _architecture(threshold)
    try:
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except (RuntimeError, UnpicklingError, EOFError, LookupError, TypeError) as error:
        raise ValueError(f"{path} does not hold the weights of {NAME}: {error}") from error
    return FasterRcnn(About(NAME, fingerprint, device), threshold, model.eval().to(device))


def _architecture(threshold: float) -> Any:
    # As torchvision builds it for these weights: frozen normalisation without its epsilon.
    norm = functools.partial(FrozenBatchNorm2d, eps=0.0)
    backbone = resnet_fpn_backbone(backbone_name="resnet50", weights=None, norm_layer=norm)
    return detection.FasterRCNN(
        backbone, num_classes=len(classes.COCO_91), box_score_thresh=threshold
    )
