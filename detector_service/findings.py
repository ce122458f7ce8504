"""What is found in a picture, and the two seams behind which models find it."""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from common.samples import Box, Kind


@dataclass(frozen=True, slots=True)
class About:
    """A model as people see it; `fingerprint` is the SHA-256 of its weights, hex."""

    name: str
    fingerprint: str
    device: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a model could be; `reason` is a sentence that says why and what to do."""

    reason: str


@dataclass(frozen=True, slots=True)
class Detection:
    """An object: one of the six kinds, the class name, where, and how certain, in [0, 1]."""

    kind: Kind
    label: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; lines of one block share its number. `confidence` in [0, 1]."""

    text: str
    box: Box
    confidence: float
    block: int


class ObjectDetector(Protocol):
    """Finds objects. `detect` blocks and is called by one thread at a time."""

    @property
    def about(self) -> About:
        """Which model this is."""

    def detect(self, image: Image.Image) -> list[Detection]:
        """Return the objects of an upright RGB picture, most confident first."""


class TextReader(Protocol):
    """Reads texts. `read` blocks and is called by one thread at a time."""

    @property
    def about(self) -> About:
        """Which model this is."""

    def read(self, image: Image.Image) -> list[Line]:
        """Return the lines of an upright RGB picture: blocks from top to bottom, lines as read."""
