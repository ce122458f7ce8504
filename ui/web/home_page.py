"""The Home page: drop files, watch them come in, page through the photos."""

import gradio as gr

from ui import client
from ui.web import blocks, home

REFRESH_S = 5.0


class HomePage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._home = home.Home(library)
        self._summary = blocks.sentences("home-summary")
        self._files = gr.File(
            label="Drop photos or archives here, or click to choose them",
            file_count="multiple",
            height=140,
            elem_id="home-files",
        )
        self._report = blocks.sentences("home-report")
        self.gallery = blocks.cards("home-gallery")
        with gr.Row(elem_classes="paging"):
            self._newer = gr.Button("← Newer", size="sm", interactive=False, elem_id="home-newer")
            self._place = blocks.sentences("home-place")
            self._older = gr.Button("Older →", size="sm", interactive=False, elem_id="home-older")
        self._paging = gr.State(home.Paging())
        self._wire()

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self._summary, *self._pages]

    def refresh(self) -> list[object]:
        """Return the summary and the newest photos."""
        return [self._home.summary(), *self._turned(home.Paging())]

    @property
    def _pages(self) -> list[blocks.Block]:
        return [self.gallery, self._place, self._paging, self._newer, self._older]

    def _wire(self) -> None:
        taken = self._files.upload(
            self._home.take, self._files, self._report, show_progress="hidden", api_name="import"
        )
        taken.then(blocks.nothing, None, self._files, **blocks.QUIET)
        taken.then(self.refresh, None, self.shown, **blocks.QUIET)
        self._newer.click(self._turn_newer, self._paging, self._pages, **blocks.QUIET)
        self._older.click(self._turn_older, self._paging, self._pages, **blocks.QUIET)
        gr.Timer(REFRESH_S).tick(self._home.summary, None, self._summary, **blocks.QUIET)

    def _turn_newer(self, paging: home.Paging) -> list[object]:
        return self._turned(paging.newer())

    def _turn_older(self, paging: home.Paging) -> list[object]:
        return self._turned(paging.older())

    def _turned(self, paging: home.Paging) -> list[object]:
        gallery, place, paging = self._home.gallery(paging)
        return [
            gallery,
            place,
            paging,
            gr.update(interactive=len(paging.visited) > 1),
            gr.update(interactive=bool(paging.next_token)),
        ]
