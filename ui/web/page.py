"""The page as a whole: its tabs, and what leads from one to another."""

import gradio as gr

from common import errors
from ui import client
from ui.web import blocks, cards, question_form, words
from ui.web.api_page import ApiPage
from ui.web.clusters_page import ClustersPage
from ui.web.duplicates_page import DuplicatesPage
from ui.web.home_page import HomePage
from ui.web.map_page import MapPage
from ui.web.photo_dialog import PhotoDialog
from ui.web.search_page import SearchPage
from ui.web.status_page import StatusPage
from ui.web.uploads import Uploads

TITLE = "Semapix"
BRAND = '<h1><img src="static-semapix/icon.svg" alt="">Semapix</h1>'
KEPT_S = 3600
CONCURRENT = 8


def build(library: client.Client) -> gr.Blocks:
    """Return the page of one library."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(KEPT_S, KEPT_S))
    with page:
        gr.HTML(BRAND, elem_id="title", js_on_load=None, padding=False)
        _Page(library, page)
    page.queue(default_concurrency_limit=CONCURRENT)
    # Gradio looks for events a thousand times a second, which is 7 % of a core while nobody looks.
    page._queue.sleep_when_free = 0.01
    return page


class _Page:
    def __init__(self, library: client.Client, page: gr.Blocks) -> None:
        uploads = Uploads(library)
        with gr.Tabs(elem_id="tabs") as self._tabs:
            with gr.Tab("Home", id="home") as home_tab:
                self._home = HomePage(library, uploads)
            with gr.Tab("Search", id="search"):
                self._search = SearchPage(library)
            with gr.Tab("Clusters", id="clusters") as clusters_tab:
                self._clusters = ClustersPage(library)
            with gr.Tab("Map", id="map") as map_tab:
                self._map = MapPage(library)
            with gr.Tab("Duplicates", id="duplicates") as duplicates_tab:
                self._duplicates = DuplicatesPage(library)
            with gr.Tab("Status", id="status") as status_tab:
                self._status = StatusPage(library, uploads)
            with gr.Tab("API", id="api") as api_tab:
                self._api = ApiPage(library)
        self._dialog = PhotoDialog(library)
        self._home.refreshed_by(page.load)
        self._open_what_the_address_tells(page)
        self._refresh_when_selected(home_tab, clusters_tab, map_tab, status_tab)
        for tab, part in ((duplicates_tab, self._duplicates), (api_tab, self._api)):
            tab.select(part.refresh, None, part.shown, **blocks.QUIET)
        self._wire_cards()

    def _refresh_when_selected(
        self, home: gr.Tab, clusters: gr.Tab, drawn: gr.Tab, status: gr.Tab
    ) -> None:
        self._home.refreshed_by(home.select)
        found, plot = self._clusters, self._map
        clusters.select(found.refresh, None, found.shown, **blocks.QUIET)
        drawn.select(plot.refresh, plot.asked, [plot.said, plot.plot], **blocks.QUIET)
        status.select(self._status.refresh, None, self._status.shown, **blocks.QUIET)
        self._tabs.select(self._status.keep_fresh, None, self._status.timer, **blocks.QUIET)

    def _open_what_the_address_tells(self, page: gr.Blocks) -> None:
        """A search that was shared, reloaded or kept as a bookmark is there again."""
        shown = [self._tabs, *self._search.shown]
        page.load(
            self._opened, self._search.at, shown, js="() => [location.search]", **blocks.QUIET
        )

    def _opened(self, at: str) -> list[object]:
        if not question_form.tells(at):
            return [gr.skip()] * (1 + len(self._search.shown))
        return [gr.Tabs(selected="search"), *self._search.restored(at)]

    def _wire_cards(self) -> None:
        dialog, search = self._dialog, self._search
        found = (self._clusters.found, self._map.plot, self._duplicates.found)
        for block in (self._home.gallery, search.results, *found):
            dialog.opens_from(block)
        for block in (search.results, dialog.block):
            block.more_like(
                self._show_alike, search.filters, [self._tabs, *search.shown], **blocks.QUIET
            )
        removed = dialog.block.remove_photo(
            dialog.remove, None, [dialog.block, dialog.said], **blocks.QUIET
        )
        restored = dialog.said.restore_photo(dialog.restore, None, dialog.said, **blocks.QUIET)
        for changed in (removed, restored):
            self._home.refreshed_by(changed.then)
            twice = self._duplicates
            changed.then(twice.refresh, None, twice.shown, **blocks.QUIET)

    def _show_alike(self, event: gr.EventData, *filled: object) -> list[object]:
        """Go to the Search page with what is like the photo or region that was clicked on."""
        to_search = gr.Tabs(selected="search")
        try:
            return [to_search, *self._search.alike(blocks.chosen(event), *filled)]
        except errors.SemapixError as error:
            trouble = cards.problem(words.sentence(error))
            kept = [gr.skip()] * (len(self._search.shown) - 2)
            return [to_search, *kept, trouble, None]
