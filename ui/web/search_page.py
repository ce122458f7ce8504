"""The Search page: words and a picture, weights per kind, results with the region that matched."""

from pathlib import Path

import gradio as gr

from common.samples import Kind
from ui import client
from ui.web import blocks, cards, search, words

HINT = cards.empty(
    "Search your photos by what they show",
    "“a dog on the beach”, a word printed on a sign, or a picture that looks like it.",
)


class SearchPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._search = search.Search(library)
        self._like = gr.State(None)
        with gr.Row(elem_classes="ask"):
            self._text = gr.Textbox(
                show_label=False,
                label="Words",
                placeholder="What do you look for?",
                container=False,
                scale=8,
                elem_id="search-text",
            )
            self._go = gr.Button("Search", variant="primary", scale=1, elem_id="search-go")
        self._chip = blocks.cards("search-like")
        with gr.Row(elem_classes="columns"):
            with gr.Column(scale=1, min_width=260, elem_classes="side"):
                self._lay_out_filters()
            with gr.Column(scale=4, min_width=320):
                self.results = blocks.cards("search-results", HINT)
        self._wire()

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `alike` fills."""
        return [self._text, self._picture, self._like, self._chip, self.results]

    @property
    def filters(self) -> list[blocks.Block]:
        """The blocks that `alike` takes after what was chosen."""
        return [*self._weights, self._threshold, self._limit]

    def alike(self, like: blocks.Chosen, *filters: float) -> list[object]:
        """Return the page for a search that starts from a photo or a region alone."""
        question = search.Question(like=like)
        chip = cards.likeness(like.photo_id, like.box)
        return ["", None, like, chip, self._search.find(question, _filters(filters))]

    def _lay_out_filters(self) -> None:
        self._picture = gr.Image(
            label="Looks like this picture",
            type="filepath",
            sources=["upload"],
            height=140,
            placeholder="Drop a picture here",
            buttons=[],
            elem_id="search-picture",
        )
        self._limit = gr.Dropdown(
            search.LIMITS, value=20, label="Results at most", elem_id="search-limit"
        )
        self._threshold = gr.Slider(
            0, 1, value=0, step=0.05, label="Least score", elem_id="search-threshold"
        )
        with gr.Accordion("What counts how much", open=False, elem_id="search-weights"):
            self._weights = [_slider(kind) for kind in search.KINDS]

    def _wire(self) -> None:
        inputs = [self._text, self._picture, self._like, *self.filters]
        for asked in (self._text.submit, self._go.click):
            asked(self._find, inputs, self.results, api_name="search", **blocks.SHOWN)
        forget = self._chip.forget_like(_forgotten, None, [self._like, self._chip], **blocks.QUIET)
        forget.then(self._find, inputs, self.results, **blocks.QUIET)

    def _find(
        self, text: str, picture: str | None, like: blocks.Chosen | None, *filters: float
    ) -> str:
        question = search.Question(text, Path(picture) if picture else None, like)
        return self._search.find(question, _filters(filters))


def _filters(values: tuple[float, ...]) -> search.Filters:
    *weights, threshold, limit = values
    return search.Filters(weights, threshold, int(limit))


def _forgotten() -> tuple[None, str]:
    return None, ""


def _slider(kind: Kind) -> gr.Slider:
    return gr.Slider(
        0,
        3,
        value=1,
        step=0.1,
        label=words.KINDS[kind].name,
        elem_id=f"weight-{kind.name}",
        elem_classes=["weight", f"kind-{kind.name.lower()}"],
    )
