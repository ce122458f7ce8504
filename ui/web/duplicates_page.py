"""The Duplicates page: photos there are twice, and which of them to keep."""

from collections.abc import Iterator

import gradio as gr

from ui import analyses, client
from ui.analyses import DuplicateKind
from ui.web import blocks
from ui.web.duplicate_cards import View
from ui.web.duplicates import NONE_YET, Duplicates, Shown

SENSES = {
    "Same picture": DuplicateKind.EXACT,
    "Looks the same": DuplicateKind.NEAR,
    "Shows the same": DuplicateKind.SEMANTIC,
}
USUAL_SENSE = "Looks the same"
USUAL_BITS, MOST_BITS = 4, 16
USUAL_COSINE, LEAST_COSINE = 0.96, 0.8


class DuplicatesPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._duplicates = Duplicates(library)
        self._gone = gr.State(())
        with gr.Row(elem_classes="controls"):
            self._lay_out()
            start = gr.Button(
                "Find duplicates",
                variant="primary",
                scale=0,
                min_width=180,
                elem_id="duplicates-start",
            )
        # What is said has a button in it: one script for both blocks.
        self.said = _block("duplicates-said")
        self.found = _block("duplicates-found", NONE_YET)
        given = [self._sense, self._bits, self._cosine]
        start.click(self._find, given, self.shown, api_name="duplicates", **blocks.SHOWN)
        self._sense.input(_counts, self._sense, given[1:], **blocks.QUIET)
        self.found.turn(self._turn, None, self.shown, **blocks.QUIET)
        self.found.remove_photos(self._remove, None, self.shown, **blocks.QUIET)
        self.said.bring_back(self._bring_back, self._gone, self.shown, **blocks.QUIET)

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self.said, self.found, self._gone]

    def refresh(self) -> list[object]:
        """Return those found last; without any, leave what is shown."""
        newest = self._duplicates.newest()
        return _values(newest) if newest else [gr.skip()] * 3

    def _lay_out(self) -> None:
        self._sense = gr.Radio(
            list(SENSES),
            value=USUAL_SENSE,
            label="What is twice",
            scale=2,
            min_width=420,
            elem_id="twice-sense",
        )
        self._bits = gr.Slider(
            0,
            MOST_BITS,
            value=USUAL_BITS,
            step=1,
            label="Differing bits",
            info="of 64, in their looks",
            elem_id="twice-bits",
        )
        self._cosine = gr.Slider(
            LEAST_COSINE,
            1.0,
            value=USUAL_COSINE,
            step=0.005,
            label="Least cosine",
            info="of what they show",
            interactive=False,
            elem_id="twice-cosine",
        )

    def _find(self, sense: str, bits: float, cosine: float) -> Iterator[list[object]]:
        parameters = analyses.DuplicateParameters(SENSES[sense])
        if parameters.kind is DuplicateKind.NEAR:
            parameters = analyses.DuplicateParameters(DuplicateKind.NEAR, 0.0, int(bits))
        if parameters.kind is DuplicateKind.SEMANTIC:
            parameters = analyses.DuplicateParameters(DuplicateKind.SEMANTIC, cosine)
        yield from map(_values, self._duplicates.find(parameters))

    def _turn(self, event: gr.EventData) -> list[object]:
        return _values(self._duplicates.view(_view(event)))

    def _remove(self, event: gr.EventData) -> list[object]:
        return _values(self._duplicates.remove(_view(event), str(event.photos).split()))

    def _bring_back(self, event: gr.EventData, gone: tuple[str, ...]) -> list[object]:
        return _values(self._duplicates.bring_back(_view(event), gone))


def _view(event: gr.EventData) -> View:
    return View(str(event.analysis_id), max(int(event.page), 0))


def _values(shown: Shown) -> list[object]:
    return [shown.said, shown.found, shown.gone]


def _counts(sense: str) -> list[object]:
    """Return the sliders; each counts for one sense alone."""
    kind = SENSES[sense]
    return [
        gr.update(interactive=kind is DuplicateKind.NEAR),
        gr.update(interactive=kind is DuplicateKind.SEMANTIC),
    ]


def _block(elem_id: str, value: str = "") -> gr.HTML:
    return gr.HTML(
        value,
        elem_id=elem_id,
        elem_classes="cards",
        js_on_load=blocks.script("cards.js") + blocks.script("duplicates.js"),
        padding=False,
    )
