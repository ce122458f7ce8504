"""Blocks that show cards, and what a click on one of them brings back."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

import gradio as gr

from common.samples import Box
from ui.web import pictures

STATIC = resources.files("ui.web") / "static"


Block = gr.components.Component
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
SHOWN: dict[str, Any] = {"show_progress": "minimal"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The photo, and perhaps the region of it, that somebody clicked on."""

    photo_id: str
    box: Box | None = None


def script(name: str) -> str:
    """Return a file of static/."""
    return (STATIC / name).read_text(encoding="utf-8")


def cards(elem_id: str, value: str = "") -> gr.HTML:
    """Return a block whose buttons send open_photo, more_like, remove_photo and forget_like."""
    return gr.HTML(
        value, elem_id=elem_id, elem_classes="cards", js_on_load=script("cards.js"), padding=False
    )


def sentences(elem_id: str, value: str = "") -> gr.HTML:
    """Return a block of text that is read aloud when it changes."""
    return gr.HTML(value, elem_id=elem_id, elem_classes="sentences", js_on_load=None, padding=False)


class Acts:
    """What one person does on a page, as the value of a State, which every handler is given.

    A refresh that is overtaken by it would bring back what was before, so it shows nothing.
    """

    def __init__(self) -> None:
        self._begun = 0

    def begin(self) -> None:
        """Note that something is done."""
        self._begun += 1

    def unless_overtaken(self, refresh: Callable[[], list[object]]) -> list[object]:
        """Return what `refresh` fills blocks with, or what leaves them as they are."""
        before, filled = self._begun, refresh()
        return filled if before == self._begun else [gr.skip()] * len(filled)


def chosen(event: gr.EventData) -> Chosen:
    """Return what was clicked on. Raises InvalidInput for a region that is none."""
    region = str(event.box)
    box = pictures.box_from_words(region) if region else None
    return Chosen(str(event.photo_id), box)


def item(event: gr.EventData) -> str:
    """Return the id of what was clicked on."""
    return str(event.item)


def nothing() -> None:
    """Empty a block."""
