"""From encoded pictures to what the model wants, in threads, bounded over all requests."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from common import errors, images
from common.samples import Box
from embedder_service.encoder import Encoder, Pixels


@dataclass(frozen=True, slots=True)
class Wanted:
    """An encoded picture, the regions of it to embed (none: all of it), and its field's name."""

    image: bytes
    regions: tuple[Box, ...]
    field: str

    @property
    def samples(self) -> int:
        """How many vectors it takes."""
        return max(1, len(self.regions))

    @property
    def load(self) -> int:
        """What it counts against `max_waiting`: its vectors, or its MiB where they are more."""
        return max(self.samples, len(self.image) >> 20)


Prepared = list[Pixels] | errors.SemapixError


class Preparation:
    """Decodes and crops in `threads` threads; a bad picture gives its error in its place."""

    def __init__(self, encoder: Encoder, *, limits: images.Limits, threads: int) -> None:
        self._encoder, self._limits = encoder, limits
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="prepare")

    async def pixels(self, pictures: Sequence[Wanted]) -> list[Prepared]:
        """Return, per picture, the pixels of each of its samples or why there are none."""
        loop = asyncio.get_running_loop()
        jobs = (loop.run_in_executor(self._threads, self._one, picture) for picture in pictures)
        return list(await asyncio.gather(*jobs))

    def close(self) -> None:
        """Let the threads go; pictures not begun are dropped."""
        self._threads.shutdown(cancel_futures=True)

    def _one(self, picture: Wanted) -> Prepared:
        try:
            whole = images.decode(
                picture.image, limits=self._limits, field=f"{picture.field}.image"
            ).image
        except images.BadImage as error:
            return error
        parts = [images.crop(whole, region) for region in picture.regions] or [whole]
        return [self._encoder.prepare(part) for part in parts]


class Admission:
    """Counts what is under way, so that memory stays bounded before anything is decoded."""

    def __init__(self, limit: int) -> None:
        self._limit, self._under_way = limit, 0

    @contextlib.contextmanager
    def of(self, load: int, *, retry_after_s: float) -> Iterator[None]:
        """Count `load` for the block. Raises Overloaded above the limit, unless it is alone."""
        if self._under_way and self._under_way + load > self._limit:
            raise errors.Overloaded(
                f"{self._under_way} pictures and regions are under way and {self._limit} may be: "
                "try again later",
                retry_after_s=retry_after_s,
            )
        self._under_way += load
        try:
            yield
        finally:
            self._under_way -= load
