"""Long sequences in pieces."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def of(size: int, items: Iterable[T]) -> Iterator[list[T]]:
    """Yield lists of `size` items in their order; the last may be shorter."""
    source = iter(items)
    while piece := list(islice(source, size)):
        yield piece
