"""Messages of a filter to a filter."""

from collections.abc import Sequence

from common import codec, errors
from index_service import read_texts
from index_service.codec import at_most, counted
from index_service.filters import Filter, Orientation, Span
from index_service.read_texts import ReadText
from semapix.v1 import filters_pb2 as pb

MAX_WORDS = 100


def filter_from(message: pb.SearchFilter, field: str = "filter") -> Filter:
    """Return the filter. Raises InvalidInput naming the field below `field` that is wrong."""
    return Filter(
        kinds=frozenset(
            codec.kind_from(kind, f"{field}.kinds[{at}]") for at, kind in enumerate(message.kinds)
        ),
        labels=_words(message.labels, f"{field}.labels"),
        taken=_span(message, "taken", field),
        imported=_span(message, "imported", field),
        formats=_words(message.formats, f"{field}.formats"),
        cameras=_words(message.cameras, f"{field}.cameras"),
        read_text=_read_text(message, f"{field}.read_text.text"),
        orientation=_orientation(message.orientation, f"{field}.orientation"),
        min_long_side_px=message.min_long_side_px,
    )


def _words(words: Sequence[str], field: str) -> tuple[str, ...]:
    counted(words, field, most=MAX_WORDS, least=0)
    for at, word in enumerate(words):
        if not word.strip():
            raise errors.InvalidInput(f"{field}[{at}]", "is blank: leave it out")
    return tuple(word.strip() for word in words)


def _span(message: pb.SearchFilter, name: str, field: str) -> Span | None:
    if not message.HasField(name):  # type: ignore[arg-type]
        return None
    times: pb.TimeRange = getattr(message, name)
    span = Span(
        times.from_s if times.HasField("from_s") else None,
        times.until_s if times.HasField("until_s") else None,
    )
    if span.from_s is None and span.until_s is None:
        raise errors.InvalidInput(f"{field}.{name}", "has neither a beginning nor an end")
    if span.from_s is not None and span.until_s is not None and span.from_s >= span.until_s:
        raise errors.InvalidInput(f"{field}.{name}", "ends before it begins")
    return span


def _read_text(message: pb.SearchFilter, field: str) -> ReadText | None:
    if not message.HasField("read_text"):
        return None
    text = " ".join(message.read_text.text.replace("\0", " ").split())
    if len(text) < read_texts.SHORTEST:
        raise errors.InvalidInput(field, f"{text!r} has fewer than {read_texts.SHORTEST} letters")
    at_most(len(text), field, most=read_texts.LONGEST)
    return ReadText(text, message.read_text.fuzzy)


def _orientation(number: int, field: str) -> Orientation | None:
    if number not in pb.Orientation.values():
        raise errors.InvalidInput(field, f"{number} is not an orientation")
    return Orientation(number) if number else None
