"""`python -m gateway.decoder`: decodes pictures for a gateway, and may be killed at any moment.

Reads orders from its input and replies on its output until the input ends. It lives apart from the
gateway because a picture may hang or crash what decodes it.
"""

import ctypes
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

import pillow_heif

from common import images
from gateway import exif, measures, perceptual
from gateway.decoder_wire import READY, Order, Prepared, Reply, order_from

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def confine(memory_bytes: int) -> None:
    """Limit the memory of this process, and let it end with the gateway, whatever it does then."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def prepared(encoded: bytes, limits: images.Limits, *, long_side: int, field: str) -> Prepared:
    """Return the picture upright, no side above `long_side` pixels. Raises BadImage."""
    decoded = images.decode(encoded, limits=limits, field=field, long_side=long_side)
    return Prepared(
        images.working_copy(decoded.image, long_side=long_side),
        decoded.width,
        decoded.height,
        decoded.format,
        exif.taken(decoded.exif),
        perceptual.perceptual_hash(decoded.image),
        measures.pixel_hash(decoded.image),
        measures.sharpness(decoded.image),
    )


def replied(order: Order, encoded: bytes, limits: images.Limits) -> tuple[Reply, bytes]:
    """Return the reply to an order, and the JPEG that follows it."""
    try:
        if order.path:
            encoded = Path(order.path).read_bytes()
        made = prepared(encoded, limits, long_side=order.long_side, field=order.field)
    except images.BadImage as error:
        return Reply(trouble=type(error).__name__, message=error.complaint), b""
    except OSError as error:
        return Reply(errno=error.errno or 1, message=error.strerror or str(error)), b""
    return Reply(made, len(made.jpeg)), made.jpeg


def serve(orders: BinaryIO, replies: BinaryIO, limits: images.Limits) -> None:
    """Say that all is ready, then do orders until there are no more."""
    replies.write(READY)
    replies.flush()
    while line := orders.readline():
        order = order_from(line)
        reply, jpeg = replied(order, orders.read(order.size), limits)
        replies.write(reply.line())
        replies.write(jpeg)
        replies.flush()


def main() -> None:
    """Serve one gateway: the arguments are the limits of bytes, of pixels and of memory."""
    max_bytes, max_pixels, memory_bytes = map(int, sys.argv[1:])
    confine(memory_bytes)
    pillow_heif.register_heif_opener()
    serve(sys.stdin.buffer, sys.stdout.buffer, images.Limits(max_bytes, max_pixels))


if __name__ == "__main__":
    main()
