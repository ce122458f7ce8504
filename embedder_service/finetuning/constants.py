"""The constants of a fine-tuned model's scores, estimated on the watched background."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from common.calibration import Pair
from embedder_service import calibration, texts
from embedder_service.calibration import Calibrations
from embedder_service.finetuning import batches
from embedder_service.finetuning.background import Captioned
from embedder_service.finetuning.measuring import Measurable, Vectors
from embedder_service.training import alike
from embedder_service.training.constants import rewritten

LEAST_PHOTOS = 40
MOST_PHOTOS = 400
PART = 0.8


def estimated(model: Measurable, photos: Sequence[Captioned], seen: Vectors) -> Calibrations:
    """Return constants per pair of modalities; `seen` are the vectors of `photos`.

    Matched are a caption and its photo, a photo and its mirrored middle, a caption and itself with
    two letters swapped; unmatched are a caption and other photos, other photos, and the nearest
    caption of another photo. Raises ValueError where matched pairs are not closer.
    """
    photos = photos[:MOST_PHOTOS]
    pairs = {
        Pair.TEXT_IMAGE: _of_captions(seen, len(photos)),
        Pair.IMAGE_IMAGE: _of_pictures(model, photos, seen),
        Pair.TEXT_TEXT: _of_texts(model, photos),
    }
    return calibration.fit_every(pairs)


def _of_captions(seen: Vectors, count: int) -> alike.Pairs:
    cosines = seen.texts @ seen.pictures[:count].T
    own = np.array([[row in owner for row in range(count)] for owner in seen.owners])
    return alike.Pairs(cosines[own], cosines[~own])


def _of_pictures(model: Measurable, photos: Sequence[Captioned], seen: Vectors) -> alike.Pairs:
    pictures = seen.pictures[: len(photos)]
    varied = model.see([model.prepare(_mirrored_middle(batches.opened(each))) for each in photos])
    cosines = pictures @ pictures.T
    return alike.Pairs((pictures * varied).sum(1), cosines[np.triu_indices(len(photos), 1)])


def _of_texts(model: Measurable, photos: Sequence[Captioned]) -> alike.Pairs:
    captions = list(dict.fromkeys(texts.normalised(each.captions[0]) for each in photos))
    own, again = model.read(captions), model.read([rewritten(text) for text in captions])
    cosines = own @ own.T
    np.fill_diagonal(cosines, -1)
    matched = np.concatenate([(own * again).sum(1), np.ones(len(own), dtype=np.float32)])
    return alike.Pairs(matched, cosines.max(1))


def _mirrored_middle(image: Image.Image) -> Image.Image:
    width, height = (max(1, round(PART * side)) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    middle = image.crop((left, top, left + width, top + height))
    return middle.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
