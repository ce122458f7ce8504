"""The Map page: every picture a point in space, near those that are like it."""

from collections.abc import Iterator

import gradio as gr

from common import errors
from ui import analyses, client
from ui.web import blocks, cards, jobs, reports, words

COLOURS = {"What it shows": "kind", "Cluster": "cluster"}
HINT = cards.empty("A map of your photos", "Pictures that are alike lie close together. Draw it.")
_TEMPLATE = """
<div class="map" data-source="${value}"><p class="map-words quiet"></p><div class="map-plot"></div>
<div class="map-tip" hidden><img alt=""><span></span></div></div>
"""


class Maps:
    """What happens on the page; `source` is the address from which the script gets the points."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def draw(self, choice: str, colour: str) -> Iterator[tuple[str, str]]:
        """Yield progress, then the map: (sentence, source)."""
        parameters = analyses.MapParameters(dimensions=3)
        try:
            for job in jobs.followed(self._library, parameters, choice):
                yield reports.job(job), ""
            yield self._result(job, colour)
        except errors.SemapixError as error:
            yield cards.problem(words.sentence(error)), ""

    def newest(self, colour: str) -> tuple[str, str] | None:
        """Return the map drawn last, None if there is none yet."""
        try:
            job = next(jobs.succeeded(self._library, analyses.MapParameters), None)
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error)), ""
        return self._result(job, colour) if job else None

    def _result(self, job: analyses.Analysis, colour: str) -> tuple[str, str]:
        line = f"{words.count(job.samples, 'picture')}. Drag to turn, scroll to zoom."
        return cards.quiet(line), f"maps/{job.analysis_id}?colour={COLOURS[colour]}"


class MapPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._maps = Maps(library)
        with gr.Row(elem_classes="controls"):
            choice = gr.Dropdown(
                list(jobs.CHOICES), value="Whole photos", label="Show", elem_id="map-kinds"
            )
            self.colour = gr.Radio(
                list(COLOURS), value="What it shows", label="Colour", elem_id="map-colour"
            )
            start = gr.Button(
                "Draw the map", variant="primary", scale=0, min_width=180, elem_id="map-start"
            )
        self.said = blocks.sentences("map-said", HINT)
        self.plot = gr.HTML(
            "",
            elem_id="map",
            padding=False,
            html_template=_TEMPLATE,
            js_on_load=blocks.script("map.js"),
        )
        shown = [self.said, self.plot]
        start.click(self._maps.draw, [choice, self.colour], shown, api_name="map", **blocks.SHOWN)
        self.colour.change(self.refresh, self.colour, shown, **blocks.QUIET)

    def refresh(self, colour: str) -> tuple[object, object]:
        """Return sentence and source of the map drawn last; without one, leave what is shown."""
        return self._maps.newest(colour) or (gr.skip(), gr.skip())
