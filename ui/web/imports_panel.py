"""The imports that run, and the one that ended last, with buttons that hold and end them."""

import time
from collections.abc import Callable, Iterable

import gradio as gr

from common import errors
from common.imports import ImportState
from ui import client
from ui.import_client import ImportProgress
from ui.web import blocks, cards, import_cards, pictures, words
from ui.web.uploads import Uploads

FRESH_S = 600
ACTIVE = (ImportState.RUNNING, ImportState.PAUSED)
LOOKED_AT = 20


class ImportsPanel:
    """What a page shows of imports; several pages share `uploads`."""

    def __init__(self, library: client.Client, uploads: Uploads) -> None:
        self._library, self._uploads = library, uploads

    def shown(self) -> str:
        """Return the imports under way, or the one that ended just now; else nothing."""
        try:
            found = self._library.imports.list(limit=LOOKED_AT)
        except errors.SemapixError:
            return ""  # the summary beside it says why
        return self._cards(worth_showing(found, now_s=time.time()))

    def act(self, verb: str) -> Callable[[gr.EventData], str]:
        """Return what pauses, resumes or cancels the import that was clicked on."""

        def acted(event: gr.EventData) -> str:
            try:
                getattr(self._library.imports, verb)(blocks.item(event))
            except errors.SemapixError as error:
                return cards.problem(words.sentence(error)) + self.shown()
            return self.shown()

        return acted

    def wire(self, block: gr.HTML) -> None:
        """Let the buttons in `block` work."""
        block.pause_import(self.act("pause"), None, block, **blocks.QUIET)
        block.resume_import(self.act("resume"), None, block, **blocks.QUIET)
        block.cancel_import(self.act("cancel"), None, block, **blocks.QUIET)

    def _cards(self, found: Iterable[ImportProgress]) -> str:
        return pictures.joined(
            import_cards.card(one, self._uploads.find(one.record.import_id)) for one in found
        )


def worth_showing(found: Iterable[ImportProgress], *, now_s: float) -> list[ImportProgress]:
    """Return the imports under way, newest first; where there is none, one that ended lately."""
    every = list(found)
    active = [one for one in every if one.record.state in ACTIVE]
    fresh = [one for one in every if now_s - one.record.changed_at_s < FRESH_S]
    return active or fresh[:1]
