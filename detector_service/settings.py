"""Settings of the detector service, section `detector`."""

from dataclasses import dataclass

from common.images import Limits


@dataclass(frozen=True, slots=True)
class Settings:
    """Read once at the start.

    objects: "auto" (the best detector whose weights are at hand, else none), "none", "fasterrcnn"
    (weights in the torch hub cache), "mini" (weights that come with the package), a .pth file of
    Faster R-CNN, a .safetensors file of mini, or an .onnx file.
    ocr: "easyocr" or "none". device: "auto", "cpu", "cuda", "cuda:1".
    object_confidence, text_confidence: what is less certain is left out, in (0, 1]; 0 takes the
    value that suits the model.
    max_waiting: pictures that may wait to be decoded, and for each feature.
    """

    address: str = "127.0.0.1:50052"
    objects: str = "auto"
    ocr: str = "easyocr"
    device: str = "auto"
    object_confidence: float = 0.0
    text_confidence: float = 0.0
    max_waiting: int = 32
    max_image_bytes: int = 64 * 2**20
    max_pixels: int = 200_000_000

    @property
    def limits(self) -> Limits:
        """What one picture may cost."""
        return Limits(self.max_image_bytes, self.max_pixels)

    def __post_init__(self) -> None:
        for name in ("object_confidence", "text_confidence"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise ValueError(f"detector.{name} = {value} is not between 0 and 1")
        for name in ("max_waiting", "max_image_bytes", "max_pixels"):
            if getattr(self, name) < 1:
                raise ValueError(f"detector.{name} = {getattr(self, name)} is not at least 1")
