"""The Map page: every picture a point in space, near those that are like it."""

from collections.abc import Iterator

import gradio as gr

from common import errors
from ui import analyses, client
from ui.web import blocks, cards, jobs, reports, words

COLOURS = {"What it shows": "kind", "Cluster": "cluster", "Time taken": "time"}
SPACES = {"3-D": jobs.DEEP, "2-D": jobs.FLAT}
WAYS = {"t-SNE": False, "PCA, at once": True}
HINT = cards.empty("A map of your photos", "Pictures that are alike lie close together. Draw it.")
_TEMPLATE = """
<div class="map" data-source="${value}"><p class="map-words quiet" role="status"></p>
<div class="map-bar"><div class="map-legend" role="group" aria-label="Legend"></div>
<div class="map-modes" role="group" aria-label="What dragging does" hidden>
<button type="button" class="action" data-mode="lasso">Lasso</button>
<button type="button" class="action" data-mode="select">Box</button>
<button type="button" class="action" data-mode="pan">Move</button></div></div>
<div class="map-stage"><button type="button" class="map-tip" tabindex="-1" hidden><img alt="">
<span></span></button><i class="map-ring" hidden></i></div>
<div class="map-picked" aria-live="polite"></div></div>
"""
_MOVES = {
    jobs.DEEP: "Drag to turn, scroll or pinch to zoom; point at a picture to see it.",
    jobs.FLAT: "Draw around pictures to see them below; scroll to zoom.",
}


class Maps:
    """What happens on the page; `source` is the address from which the script gets the points."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def draw(self, choice: str, space: str, way: str, colour: str) -> Iterator[tuple[str, str]]:
        """Yield progress, then the map: (sentence, source)."""
        parameters = analyses.MapParameters(dimensions=SPACES[space], pca_only=WAYS[way])
        try:
            for job in jobs.followed(self._library, parameters, choice):
                yield reports.job(job), ""
            yield self._result(job, colour)
        except errors.SemapixError as error:
            yield cards.problem(words.sentence(error)), ""

    def newest(self, space: str, colour: str) -> tuple[str, str] | None:
        """Return the map of that many dimensions drawn last, None if there is none yet."""
        try:
            every = jobs.succeeded(self._library, analyses.MapParameters)
            job = next((one for one in every if _dimensions(one) == SPACES[space]), None)
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error)), ""
        return self._result(job, colour) if job else None

    def _result(self, job: analyses.Analysis, colour: str) -> tuple[str, str]:
        line = f"{words.count(job.samples, 'picture')}. {_MOVES[_dimensions(job)]}"
        return cards.quiet(line), f"maps/{job.analysis_id}?colour={COLOURS[colour]}"


def _dimensions(job: analyses.Analysis) -> int:
    assert isinstance(job.parameters, analyses.MapParameters)
    return job.parameters.dimensions or jobs.DEEP


class MapPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._maps = Maps(library)
        with gr.Row(elem_classes="controls"):
            choice = gr.Dropdown(
                list(jobs.CHOICES), value="Whole photos", label="Show", elem_id="map-kinds"
            )
            way = gr.Dropdown(
                list(WAYS), value=next(iter(WAYS)), label="Lay out", elem_id="map-way"
            )
            self._space = gr.Radio(list(SPACES), value="3-D", label="Space", elem_id="map-space")
            self._colour = gr.Radio(
                list(COLOURS), value="What it shows", label="Colour", scale=2, elem_id="map-colour"
            )
            start = gr.Button(
                "Draw the map", variant="primary", scale=0, min_width=180, elem_id="map-start"
            )
        self.said = blocks.sentences("map-said", HINT)
        self.plot = _plot()
        given = [choice, self._space, way, self._colour]
        shown = [self.said, self.plot]
        start.click(self._maps.draw, given, shown, api_name="map", **blocks.SHOWN)
        self._colour.input(self.refresh, self.asked, shown, **blocks.QUIET)
        self._space.input(self._turned, given, shown, **blocks.QUIET)

    @property
    def asked(self) -> list[blocks.Block]:
        """The blocks that `refresh` takes."""
        return [self._space, self._colour]

    def refresh(self, space: str, colour: str) -> tuple[object, object]:
        """Return sentence and source of the map drawn last; without one, leave what is shown."""
        return self._maps.newest(space, colour) or (gr.skip(), gr.skip())

    def _turned(
        self, choice: str, space: str, way: str, colour: str
    ) -> Iterator[tuple[object, object]]:
        """Yield the map of the other number of dimensions, which is drawn if there is none."""
        newest = self._maps.newest(space, colour)
        if newest:
            yield newest
        else:
            yield from self._maps.draw(choice, space, way, colour)


def _plot() -> gr.HTML:
    return gr.HTML(
        "",
        elem_id="map",
        padding=False,
        html_template=_TEMPLATE,
        js_on_load="".join(map(blocks.script, ("cards.js", "picking.js", "map.js"))),
    )
