"""The Search page as filled in, and the address that carries it: shared, reloaded, gone back to."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from common import errors
from common.samples import Kind
from ui import answers, filters, question_text
from ui.filters import Filter, Span
from ui.web import blocks, pictures

KINDS = tuple(Kind)
LIMITS = (10, 20, 50, 100)
EVEN = (1.0,) * len(KINDS)
HEAVIEST = 3.0


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the page. `weights` are in the order of `KINDS`; `threshold` 0 is none.

    `taken_from` and `taken_to` are dates as people write them, both count whole.
    """

    text: str = ""
    picture: Path | None = None
    like: blocks.Chosen | None = None
    weights: tuple[float, ...] = EVEN
    threshold: float = 0.0
    auto: bool = False
    limit: int = 20
    kinds: tuple[Kind, ...] = ()
    taken_from: str = ""
    taken_to: str = ""
    read_text: str = ""
    formats: tuple[str, ...] = ()

    @property
    def filter(self) -> Filter:
        """What photos may be found. Raises InvalidInput for a date that is none."""
        return Filter(
            kinds=self.kinds,
            taken=_span(self.taken_from.strip(), self.taken_to.strip()),
            read_text=self.read_text.strip(),
            formats=self.formats,
        )

    @property
    def asks(self) -> bool:
        """Whether there is anything to look for."""
        given = (self.text.strip(), self.picture, self.like, self.kinds, self.formats)
        return any(given) or any((self.taken_from, self.taken_to, self.read_text.strip()))

    def terms(self) -> Iterator[answers.Term]:
        """Yield the parts of the question that are given.

        Raises InvalidInput that says at which character the text is wrong, and OSError if the
        picture cannot be read.
        """
        if self.text.strip():
            yield from question_text.parsed(self.text)
        if self.picture:
            yield answers.Term(image=self.picture.read_bytes())
        if self.like:
            yield answers.Term(photo_id=self.like.photo_id, box=self.like.box)

    def query(self) -> answers.Query:
        """Return the query. Raises as `terms` and `filter`."""
        return answers.Query(
            terms=tuple(self.terms()),
            weights=dict(zip(KINDS, self.weights, strict=True)),
            limit=self.limit,
            threshold=self.threshold or None,
            auto_threshold=self.auto,
            filter=self.filter,
        )


def _span(begins: str, ends: str) -> Span:
    try:
        return filters.span(f"{begins}..{ends}") if begins or ends else Span()
    except ValueError as error:
        raise errors.InvalidInput("taken", str(error)) from None


def address(form: Form) -> str:
    """Return "?" and the form but for what is as ever; "" for an empty one.

    An uploaded picture has no address: only that there was one is told.
    """
    weights = zip(KINDS, form.weights, strict=True)
    told = {
        "q": form.text.strip(),
        "like": _like_words(form.like) if form.like else "",
        "picture": "1" if form.picture else "",
        "w": ",".join(f"{kind.name.lower()}={weight:g}" for kind, weight in weights if weight != 1),
        "min": f"{form.threshold:g}" if form.threshold else "",
        "auto": "1" if form.auto else "",
        "n": str(form.limit) if form.limit != Form().limit else "",
        "kinds": ",".join(kind.name.lower() for kind in form.kinds),
        "from": form.taken_from.strip(),
        "to": form.taken_to.strip(),
        "words": form.read_text.strip(),
        "format": ",".join(form.formats),
    }
    given = {name: words for name, words in told.items() if words}
    return "?" + urlencode(given, safe=",=@:") if form.asks else ""


_OURS = frozenset(
    ("q", "like", "picture", "w", "min", "auto", "n", "kinds", "from", "to", "words", "format")
)


def tells(search: str) -> bool:
    """Return whether an address tells of a question at all."""
    return not _OURS.isdisjoint(dict(parse_qsl(search.removeprefix("?"))))


def from_address(search: str) -> Form:
    """Return the form that `address` told. Raises InvalidInput, naming the part that is none."""
    told = dict(parse_qsl(search.removeprefix("?")))
    form = Form(
        text=told.get("q", ""),
        taken_from=told.get("from", ""),
        taken_to=told.get("to", ""),
        read_text=told.get("words", ""),
        auto=told.get("auto") == "1",
        formats=tuple(filter(None, told.get("format", "").split(","))),
    )
    return dataclasses.replace(
        form,
        like=_like(told["like"]) if "like" in told else None,
        weights=_weights(told.get("w", "")),
        threshold=_number(told, "min", 0.0, 1.0),
        limit=_limit(told),
        kinds=tuple(_kind("kinds", name) for name in told.get("kinds", "").split(",") if name),
    )


def lacks_picture(search: str) -> bool:
    """Return whether the question of an address had a picture, which it cannot carry."""
    return dict(parse_qsl(search.removeprefix("?"))).get("picture") == "1"


def _like_words(like: blocks.Chosen) -> str:
    region = "@" + pictures.box_words(like.box).replace(" ", ",") if like.box else ""
    return like.photo_id + region


def _like(text: str) -> blocks.Chosen:
    """Return photo and region of "ID" or "ID@x,y,width,height"."""
    try:
        (term,) = question_text.parsed(f"photo:{text}")
    except (errors.InvalidInput, ValueError):
        term = answers.Term()
    if not term.photo_id:
        raise _unread("like", text)
    return blocks.Chosen(term.photo_id, term.box)


def _weights(text: str) -> tuple[float, ...]:
    parts = (part.partition("=") for part in text.split(",") if part)
    told = {
        _kind("w", name): _number({name: number}, name, 0.0, HEAVIEST) for name, _, number in parts
    }
    return tuple(told.get(kind, 1.0) for kind in KINDS)


def _kind(name: str, text: str) -> Kind:
    try:
        return Kind[text.upper()]
    except KeyError:
        raise _unread(name, text) from None


def _limit(told: Mapping[str, str]) -> int:
    wanted = _number(told, "n", 0.0, 1000.0)
    return next((limit for limit in LIMITS if limit >= wanted > 0), Form().limit)


def _number(told: Mapping[str, str], name: str, least: float, most: float) -> float:
    try:
        number = float(told.get(name, "0"))
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        raise _unread(name, told[name])
    return number


def _unread(name: str, text: str) -> errors.InvalidInput:
    return errors.InvalidInput(name, f"the address has {text[:80]!r} here, which means nothing")
