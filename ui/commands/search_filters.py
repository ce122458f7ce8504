"""The options of `semapix search` that say which photos may be found at all."""

import dataclasses
from enum import StrEnum
from typing import Annotated, Any

import typer

from ui import options
from ui.filters import Filter, Orientation, Span, span

_TIME = "as 2023, 2023-06-10 or 2022..2023-06"


def _option(*names: str, help: str, min: int | None = None) -> Any:  # noqa: A002
    """Return an option in the panel of filters; the arguments are those of typer."""
    return typer.Option(*names, help=help, min=min, rich_help_panel="Only photos")


class Shape(StrEnum):
    """What --orientation takes."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


@dataclasses.dataclass(frozen=True, slots=True)
class FilterOptions:
    """Each may be left out; a photo must satisfy all that are given."""

    kinds: Annotated[
        str,
        _option(help="Only samples of these kinds, as person,animal."),
    ] = ""
    label: Annotated[
        list[str] | None,
        _option(help="A thing that was detected in it, as dog; repeatable."),
    ] = None
    taken: Annotated[str, _option(help=f"When it was taken, {_TIME}.")] = ""
    imported: Annotated[str, _option(help=f"When it was imported, {_TIME}.")] = ""
    format: Annotated[
        list[str] | None,
        _option(help="File format, as JPEG; repeatable."),
    ] = None
    camera: Annotated[
        list[str] | None,
        _option(help="Part of the camera's make or model; repeatable."),
    ] = None
    words: Annotated[
        str,
        _option(help="Words that were read in it, letter by letter."),
    ] = ""
    fuzzy: Annotated[
        bool,
        _option("--fuzzy", help="Let a few letters of --words be wrong."),
    ] = False
    orientation: Annotated[Shape | None, _option(help="Shape of the photo.")] = None
    min_size: Annotated[int, _option(min=0, help="Least pixels of the longer side.")] = 0


def filter_from(given: FilterOptions) -> Filter:
    """Return the filter. Raises BadParameter for a time or kind that is none."""
    if given.fuzzy and not given.words:
        raise typer.BadParameter("--fuzzy says how to look for --words: give words, too")
    return Filter(
        kinds=options.kinds(given.kinds),
        labels=tuple(given.label or ()),
        taken=_span(given.taken, "--taken"),
        imported=_span(given.imported, "--imported"),
        formats=tuple(given.format or ()),
        cameras=tuple(given.camera or ()),
        read_text=given.words,
        fuzzy=given.fuzzy,
        orientation=Orientation[given.orientation.name] if given.orientation else None,
        min_long_side_px=given.min_size,
    )


def _span(text: str, option: str) -> Span:
    try:
        return span(text) if text else Span()
    except ValueError as error:
        raise typer.BadParameter(f"{option}: {error}") from None
