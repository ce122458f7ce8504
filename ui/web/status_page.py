"""The Status page: services, models, counts, imports and analyses in plain words; a check."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import gradio as gr

from common import errors
from ui import client
from ui.housekeeping import Finding
from ui.web import blocks, cards, status_cards, words
from ui.web.imports_panel import LOOKED_AT, ImportsPanel
from ui.web.uploads import Uploads

REFRESH_S = 3.0
Answer = TypeVar("Answer")


class StatusPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client, uploads: Uploads) -> None:
        self._library = library
        self._panel = ImportsPanel(library, uploads)
        self._state = blocks.sentences("status")
        with gr.Row(elem_classes="halves"):
            self._imports = blocks.cards("status-imports")
            self._jobs = blocks.sentences("status-jobs")
        with gr.Row(elem_classes="checks"):
            check = gr.Button("Check the library", size="sm", elem_id="status-check")
            repair = gr.Button("Check and repair", size="sm", elem_id="status-repair")
        self._found = blocks.sentences("status-found")
        # Only who looks at the page asks for it.
        self.timer = gr.Timer(REFRESH_S, active=False)
        self.timer.tick(self.refresh, None, self.shown, **blocks.QUIET)
        check.click(self._check, None, self._found, api_name="check", **blocks.SHOWN)
        repair.click(self._repair, None, self._found, api_name="repair", **blocks.SHOWN)
        self._wire_imports()

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self._state, self._imports, self._jobs]

    def refresh(self) -> list[str]:
        """Return the page as it is now."""
        library = self._library
        return [
            _told(library.status, status_cards.status),
            _told(lambda: library.imports.list(limit=LOOKED_AT // 2), status_cards.imports),
            _told(library.analyses.list, status_cards.jobs),
        ]

    @staticmethod
    def keep_fresh(event: gr.SelectData) -> gr.Timer:
        """Refresh while the page is the one that is looked at."""
        return gr.Timer(active=event.value == "Status")

    def _wire_imports(self) -> None:
        for verb in ("pause", "resume", "cancel"):
            clicked = getattr(self._imports, f"{verb}_import")
            acted = clicked(self._panel.act(verb), None, self._found, **blocks.QUIET)
            acted.then(self.refresh, None, self.shown, **blocks.QUIET)

    def _check(self) -> Iterator[str]:
        yield from self._checked(repair=False)

    def _repair(self) -> Iterator[str]:
        yield from self._checked(repair=True)

    def _checked(self, *, repair: bool) -> Iterator[str]:
        """Yield how far the check is, then what it found."""
        found: list[Finding] = []
        looked_at = 0
        try:
            for one in self._library.housekeeping.check(repair=repair):
                found += [one.finding] if one.finding else []
                looked_at = max(looked_at, one.done)
                yield cards.progress(one.done / max(one.total, 1), f"Looking at {one.step}")
        except errors.SemapixError as error:
            yield cards.problem(words.sentence(error))
            return
        yield status_cards.findings(found, looked_at)


def _told(ask: Callable[[], Answer], tell: Callable[[Answer], str]) -> str:
    """Return the answer in words, or why there is none."""
    try:
        return tell(ask())
    except errors.SemapixError as error:
        return cards.problem(words.sentence(error))
