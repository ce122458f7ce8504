"""The Home page: drop files, watch them come in, page through the photos."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from ui import client
from ui.web import blocks, home
from ui.web.rejected_list import RejectedList
from ui.web.trash_view import TrashView
from ui.web.uploads import Uploads

REFRESH_S = 5.0
PROGRESS_S = 2.0


class HomePage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client, uploads: Uploads) -> None:
        self._home = home.Home(library, uploads)
        self._acts = gr.State(blocks.Acts())
        self._summary = blocks.sentences("home-summary")
        with gr.Row(elem_classes="drop"):
            self._files = _files("Photos, folders or archives", "multiple")
            self._folder = _files("A whole folder", "directory")
        self._report = blocks.cards("home-report")
        self._lay_out_paging()
        self.gallery = _gallery()
        self._paging = gr.State(home.Paging())
        self._rejected = RejectedList(library, self._acts)
        self._trash = TrashView(library, self._acts)
        self._wire()

    @property
    def _shown(self) -> list[blocks.Block]:
        """The blocks that `_refresh` fills."""
        kept = [*self._rejected.shown, *self._trash.shown]
        return [self._summary, self._report, *self._pages, *kept]

    def refreshed_by(self, event: Callable[..., object]) -> None:
        """Fill the page anew after `event`."""
        event(self._refresh, [self._paging, self._acts], self._shown, **blocks.QUIET)

    def _refresh(self, paging: home.Paging, acts: blocks.Acts) -> list[object]:
        return acts.unless_overtaken(lambda: self._filled(paging, there=True))

    def _filled(self, paging: home.Paging, *, there: bool) -> list[object]:
        """Return the summary, imports under way, the page, and what is kept aside."""
        kept = [*self._rejected.refresh(), *self._trash.refresh()]
        now = [self._home.summary(), self._home.panel.shown()]
        return [*now, *self._turned(paging, there=there), *kept]

    @property
    def _pages(self) -> list[blocks.Block]:
        steps = [self._newer, self._number, self._of, self._older]
        return [self.gallery, self._place, self._paging, *steps]

    def _lay_out_paging(self) -> None:
        with gr.Row(elem_classes="paging"):
            self._newer = _step("← Newer", "home-newer")
            self._place = blocks.sentences("home-place")
            self._number = gr.Number(
                1, label="Page", precision=0, minimum=1, visible=False, elem_id="home-page"
            )
            self._of = blocks.sentences("home-pages")
            self._older = _step("Older →", "home-older")

    def _wire(self) -> None:
        ways = ((self._files, self._home.take), (self._folder, self._home.take_folder))
        for files, take in ways:
            name = "import" if files is self._files else "import_folder"
            taken = files.upload(take, files, self._report, show_progress="hidden", api_name=name)
            taken.then(blocks.nothing, None, files, **blocks.QUIET)
            taken.then(self._arrived, self._acts, self._shown, **blocks.QUIET)
        self._home.panel.wire(self._report)
        at, asked = [self._paging, self._acts], [self._number, self._acts]
        self._newer.click(self._turn_newer, at, self._pages, **blocks.QUIET)
        self._older.click(self._turn_older, at, self._pages, **blocks.QUIET)
        self._number.submit(self._jump, asked, self._pages, **blocks.QUIET)
        for changed in (self._rejected.retried, self._trash.restored):
            shown = [self._summary, *self._pages]
            changed.then(self._newest, self._acts, shown, **blocks.QUIET)
        gr.Timer(REFRESH_S).tick(self._home.summary, None, self._summary, **blocks.QUIET)
        gr.Timer(PROGRESS_S).tick(self._home.panel.shown, None, self._report, **blocks.QUIET)

    def _arrived(self, acts: blocks.Acts) -> list[object]:
        return acts.unless_overtaken(lambda: self._filled(home.Paging(), there=False))

    def _newest(self, acts: blocks.Acts) -> list[object]:
        newest = home.Paging()
        return acts.unless_overtaken(lambda: [self._home.summary(), *self._turned(newest)])

    def _turn_newer(self, paging: home.Paging, acts: blocks.Acts) -> list[object]:
        acts.begin()
        return self._turned(paging.newer())

    def _turn_older(self, paging: home.Paging, acts: blocks.Acts) -> list[object]:
        acts.begin()
        return self._turned(paging.older())

    def _jump(self, number: float | None, acts: blocks.Acts) -> list[object]:
        acts.begin()
        return self._turned(home.page(int(number or 1)))

    def _turned(self, paging: home.Paging, *, there: bool = False) -> list[object]:
        """Return what shows the page; one that was `there` leaves a typed number alone."""
        shown = self._home.gallery(paging)
        count, several = home.pages(shown.total), shown.total > home.PAGE_SIZE
        stays = there and shown.paging.number == paging.number
        number: dict[str, Any] = {} if stays else {"value": shown.paging.number}
        return [
            shown.gallery,
            shown.place,
            shown.paging,
            gr.update(visible=several, interactive=shown.paging.first > 0),
            gr.update(visible=several, maximum=count, **number),
            f"of {count:,}" if several else "",
            gr.update(visible=several, interactive=bool(shown.paging.next_token)),
        ]


def _files(label: str, count: str) -> gr.File:
    whole = count == "directory"
    return gr.File(
        label=label,
        file_count="directory" if whole else "multiple",
        height=120,
        scale=1 if whole else 3,
        min_width=160 if whole else 240,
        elem_id="home-folder" if whole else "home-files",
    )


def _step(text: str, elem_id: str) -> gr.Button:
    return gr.Button(text, size="sm", interactive=False, visible=False, elem_id=elem_id)


def _gallery() -> gr.HTML:
    script = blocks.script("cards.js") + blocks.script("home.js")
    return gr.HTML(
        "", elem_id="home-gallery", elem_classes="cards", js_on_load=script, padding=False
    )
