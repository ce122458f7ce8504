"""What a gateway and its decoder say to each other: a line of JSON, then bytes.

No pickle: what decodes strangers' bytes must not be able to run anything in the gateway.
"""

import dataclasses
import json
from dataclasses import dataclass, field

from common import images
from common.samples import Taken

TROUBLES = {
    trouble.__name__: trouble
    for trouble in (
        images.NotAnImage,
        images.DamagedImage,
        images.TooLargeImage,
        images.UndecodableImage,
    )
}
END = b"\n"
READY = b"ready" + END


@dataclass(frozen=True, slots=True)
class Prepared:
    """A small upright JPEG, and what the original was; pixels are upright."""

    jpeg: bytes
    width: int
    height: int
    format: str
    taken: Taken = field(default_factory=Taken)
    perceptual_hash: str = ""
    pixel_hash: str = ""
    sharpness: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to prepare: that in a file, or without a path the `size` bytes that follow."""

    path: str
    size: int
    long_side: int
    field: str

    def line(self) -> bytes:
        """Return the line."""
        return json.dumps(dataclasses.astuple(self)).encode() + END


def order_from(line: bytes) -> Order:
    """Return the order of a line."""
    return Order(*json.loads(line))


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an order; `size` bytes of JPEG follow, which `prepared` lacks.

    Without `prepared` it failed: `errno` of a file that cannot be read, else the name of a class in
    TROUBLES; `message` says why.
    """

    prepared: Prepared | None = None
    size: int = 0
    trouble: str = ""
    errno: int = 0
    message: str = ""

    def line(self) -> bytes:
        """Return the line."""
        one = self.prepared
        looks = one and (one.perceptual_hash, one.pixel_hash, one.sharpness)
        facts = one and (one.width, one.height, one.format, looks)
        told = one and dataclasses.astuple(one.taken)
        rest = (self.size, self.trouble, self.errno, self.message)
        return json.dumps([facts, told, *rest]).encode() + END

    def result(self, order: Order, jpeg: bytes) -> Prepared:
        """Return what was prepared, with its JPEG. Raises BadImage or OSError."""
        if self.errno:
            raise OSError(self.errno, self.message, order.path)
        if self.prepared is None:
            raise TROUBLES[self.trouble](order.field, self.message)
        return dataclasses.replace(self.prepared, jpeg=jpeg)


def reply_from(line: bytes) -> Reply:
    """Return the reply of a line."""
    facts, told, size, trouble, errno, message = json.loads(line)
    prepared = None
    if facts:
        width, height, form, looks = facts
        prepared = Prepared(b"", width, height, form, Taken(*told), *looks)
    return Reply(prepared, size, trouble, errno, message)
