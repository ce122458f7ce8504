"""What every model behind this service offers: pictures and texts to unit vectors of one space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from common.vectors import Floats
from embedder_service.calibration import Calibrations
from embedder_service.understanding import Understanding

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class About:
    """What a model is; vectors of equal `fingerprint` can be compared, whatever the rest says.

    Without `understanding` every text counts as understood.
    """

    model: str
    fingerprint: str
    dimension: int
    device: str
    precision: str
    max_tokens: int
    calibrations: Calibrations
    understanding: Understanding | None = None


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Unit rows, float32, shape (n, d), and which texts had more tokens than the model reads."""

    vectors: Floats
    truncated: tuple[bool, ...]


class Encoder(Protocol):
    """Pictures and texts as unit vectors of one space. Every method may run in any thread."""

    @property
    def about(self) -> About:
        """The model and the constants that belong to it."""
        ...

    def prepare(self, image: Image.Image) -> Pixels:
        """Return what `encode_images` wants of an RGB picture: resized and cropped."""
        ...

    def encode_images(self, pixels: Sequence[Pixels]) -> Floats:
        """Return unit rows, float32, shape (n, d), of prepared pictures."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        """Return the vectors of texts that passed `texts.normalised`."""
        ...


def encode_pictures(encoder: Encoder, images: Sequence[Image.Image]) -> Floats:
    """Return unit rows, float32, shape (n, d), of RGB pictures."""
    return encoder.encode_images([encoder.prepare(image) for image in images])
