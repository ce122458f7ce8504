"""Where vectors come from."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis_service.analyses import LibraryState
from analysis_service.staleness import Look
from common.samples import Kind, PhotoFacts, Sample
from common.vectors import Floats


@dataclass(frozen=True, slots=True, eq=False)
class VectorBatch:
    """Some samples with their unit vectors, shape (m, d), out of `total` of one library state."""

    samples: tuple[Sample, ...]
    vectors: Floats
    library: LibraryState
    total: int


class VectorSource(Protocol):
    """A library that can be read."""

    async def look(self, marks: Sequence[int]) -> Look:
        """Return the library as it is now, and what came after each mark. Raises Unavailable."""

    async def photos(self, photo_ids: Sequence[str]) -> list[PhotoFacts | None]:
        """Return the facts of at most 1,000 photos, in this order; None for one that is gone."""

    def read(self, kinds: Sequence[Kind]) -> AsyncIterator[VectorBatch]:
        """Yield the samples of `kinds` in the order of their ids, all of one state.

        Yields at least one batch, which may be empty. Raises Unavailable.
        """
