"""What the page says: kinds, sizes, counts and errors in plain words."""

import datetime
from dataclasses import dataclass

from common import errors
from common.samples import Kind, PhotoFacts, Sample, Stage

NAMELESS = "(no name)"
_ISOLATED = "\u2068\u2069"
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind is shown."""

    name: str
    colour: str


KINDS = {
    Kind.PHOTO: KindWords("Whole photo", "#64748b"),
    Kind.PERSON: KindWords("Person", "#e11d48"),
    Kind.VEHICLE: KindWords("Vehicle", "#2563eb"),
    Kind.OUTDOORS: KindWords("Street", "#d97706"),
    Kind.ANIMAL: KindWords("Animal", "#7c3aed"),
    Kind.SPORTS: KindWords("Sports", "#0891b2"),
    Kind.OBJECT: KindWords("Object", "#c026d3"),
    Kind.TEXT: KindWords("Text", "#16a34a"),
}
STAGES = {
    Stage.WHOLE: "the photo as a whole",
    Stage.DETECT: "persons and objects",
    Stage.OCR: "printed text",
}
_SENTENCES = {
    errors.Unavailable: "The library does not answer right now. It may be starting: wait a moment "
    "and try again.",
    errors.TooSlow: "The answer took too long. Try again, or ask for fewer results.",
    errors.Overloaded: "The library is busy. Try again in a moment.",
    errors.NotFound: "This photo is no longer in the library.",
}


def sentence(error: errors.SemapixError) -> str:
    """Return what went wrong and what to do, with the service's own words behind it."""
    meant = _SENTENCES.get(type(error))
    own = str(error).strip()
    return f"{meant} ({own})" if meant and own else meant or own or "Something went wrong."


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 photo", "2,500 photos"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Return bytes as "640 bytes", "1.2 MB" (powers of 1,000)."""
    value = float(number)
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def moment(seconds: int) -> str:
    """Return local date and time, empty for 0 (unknown)."""
    if not seconds:
        return ""
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%d %B %Y, %H:%M")


def photo_name(facts: PhotoFacts) -> str:
    """Return the file name under which the photo came first."""
    source = facts.sources[0] if facts.sources else ""
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2] or NAMELESS


def sample_name(sample: Sample) -> str:
    """Return what the sample shows: the text read, the class, or the kind.

    A text keeps its writing direction, and any direction marks in it, to itself.
    """
    if sample.kind is Kind.TEXT:
        return f"“{_ISOLATED[0]}{sample.text}{_ISOLATED[1]}”"
    return sample.label or KINDS[sample.kind].name


def percent(share: float) -> str:
    """Return a share in [0, 1] as "37 %"."""
    return f"{100 * share:.0f} %"
