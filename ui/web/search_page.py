"""The Search page: words and a picture, weights per kind, results with the region that matched."""

from pathlib import Path

import gradio as gr
from gradio import events

from common import errors
from common.samples import Kind
from ui import client
from ui.web import blocks, cards, question_form, search, words
from ui.web.question_form import Form

GRAMMAR = (
    "<code>2:beach + sunset - people</code> counts beach double, adds sunset, pushes people away. "
    'What stands in <code>"quotes"</code> is text to the letter.'
)
LESS_ON_A_PHONE = (
    '<label class="action"><input type="checkbox" id="search-options"> Picture, weights, filters'
    "</label>"
)
ASKED = blocks.QUIET | blocks.SHOWN
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "GIF", "BMP", "MPO")
KIND_NAMES = [(words.KINDS[kind].name, kind.name) for kind in Kind]
PICTURE_AGAIN = (
    "This address was of a search with an uploaded picture, which it cannot carry: add it again."
)


class SearchPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._search = search.Search(library)
        self._like, self._shown = gr.State(None), gr.State(None)
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
        blocks.sentences("search-grammar", f'<p class="quiet">{GRAMMAR}</p>')
        self._chip = blocks.cards("search-like")
        blocks.sentences("search-toggle", LESS_ON_A_PHONE)
        with gr.Row(elem_classes="columns"):
            with gr.Column(scale=1, min_width=290, elem_classes="side"):
                self._lay_out_options()
            with gr.Column(scale=4, min_width=320):
                self.results = _results()
        self._wire()

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `alike` and `restored` fill."""
        return [*self._form, self._chip, *self._answer]

    @property
    def filters(self) -> list[blocks.Block]:
        """The blocks that `alike` takes after what was chosen."""
        return self._form

    @property
    def at(self) -> gr.Textbox:
        """The block that a script fills with the address of the page."""
        return self._at

    def alike(self, like: blocks.Chosen, *values: object) -> list[object]:
        """Return the page for a search that starts from a photo or a region alone."""
        given = _form(values)
        return self._filled(Form(like=like, weights=given.weights, limit=given.limit))

    def restored(self, at: str) -> list[object]:
        """Return the page that an address tells; the address that it has stays as it is."""
        try:
            form = question_form.from_address(at)
        except errors.InvalidInput as error:
            return [*self._values(Form()), "", cards.problem(str(error)), None]
        filled = self._filled(form)
        if question_form.lacks_picture(at):
            filled[-2] = f"{cards.note(PICTURE_AGAIN)}{filled[-2]}"
        return filled

    @property
    def _form(self) -> list[blocks.Block]:
        """The blocks in the order of the fields of `Form`."""
        filters = [self._kinds, *self._taken, self._words, self._formats]
        rest = [self._threshold, self._auto, self._limit, *filters]
        return [self._text, self._picture, self._like, *self._weights, *rest]

    @property
    def _answer(self) -> list[blocks.Block]:
        return [self.results, self._shown]

    def _lay_out_options(self) -> None:
        self._picture = gr.Image(
            label="Looks like this picture",
            type="filepath",
            sources=["upload"],
            height=140,
            placeholder="Drop a picture here",
            buttons=[],
            elem_id="search-picture",
        )
        self._threshold = gr.Slider(
            0, 1, value=0, step=0.05, label="Least score", elem_id="search-threshold"
        )
        self._auto = gr.Checkbox(
            label="Automatic",
            info="leaves out what scores no better than unrelated photos do",
            elem_id="search-auto",
        )
        with gr.Accordion("What counts how much", open=False, elem_id="search-weights"):
            self._weights = [_slider(kind) for kind in question_form.KINDS]
        with gr.Accordion("Only photos …", open=False, elem_id="search-filters"):
            self._lay_out_filters()
        self._limit = gr.Dropdown(
            question_form.LIMITS, value=20, label="Results at a time", elem_id="search-limit"
        )
        self._at = gr.Textbox(visible=False)

    def _lay_out_filters(self) -> None:
        self._kinds = gr.CheckboxGroup(
            KIND_NAMES, label="in which there is …", elem_id="search-kinds"
        )
        self._taken = [_date("taken from", "search-from"), _date("taken until", "search-until")]
        self._words = gr.Textbox(
            label="with these letters in them", placeholder="exit", elem_id="search-words"
        )
        self._formats = gr.Dropdown(
            FORMATS, multiselect=True, label="of these formats", elem_id="search-formats"
        )

    def _wire(self) -> None:
        for asked in (self._text.submit, self._go.click):
            asked(self._find, self._form, self._answer, **ASKED)
        at_once = [slider.release for slider in (*self._weights, self._threshold)]
        at_once += [self._auto.input, self._limit.input, self._kinds.input, self._formats.input]
        at_once += [box.submit for box in (*self._taken, self._words)]
        for changed in at_once:
            changed(self._find, self._form, self._answer, **blocks.QUIET)
        forget = self._chip.forget_like(_forgotten, None, [self._like, self._chip], **blocks.QUIET)
        forget.then(self._find, self._form, self._answer, **blocks.QUIET)
        events.api(self._found, api_name="search")
        self.results.more_results(self._search.more, self._shown, self._answer, **blocks.QUIET)
        self.results.go_back(self._go_back, None, self.shown, **blocks.QUIET)

    def _found(self, question: str, limit: int = 20) -> list[tuple[str, float]]:
        """Return ids of photos and what they are ranked by, best first, for scripts."""
        answer = self._search.ask(Form(text=question, limit=limit))
        return [(hit.facts.photo_id, hit.rank_score) for hit in answer.hits]

    def _find(self, *values: object) -> tuple[str, search.Shown | None]:
        return self._search.find(_form(values))

    def _go_back(self, event: gr.EventData) -> list[object]:
        return self.restored(str(event.address))

    def _filled(self, form: Form) -> list[object]:
        return [*self._values(form), _chip(form.like), *self._search.find(form)]

    @staticmethod
    def _values(form: Form) -> list[object]:
        """Return what the blocks of `_form` hold."""
        kinds = [kind.name for kind in form.kinds]
        return [
            form.text, None, form.like, *form.weights, form.threshold, form.auto, form.limit,
            kinds, form.taken_from, form.taken_to, form.read_text, list(form.formats),
        ]  # fmt: skip


def _form(values: tuple[object, ...]) -> Form:
    """Return the form of the blocks' values."""
    count = len(question_form.KINDS)
    text, picture, like = values[:3]
    threshold, auto, limit, kinds, begins, ends, read, formats = values[3 + count :]
    return Form(
        text=str(text or ""),
        picture=Path(str(picture)) if picture else None,
        like=like if isinstance(like, blocks.Chosen) else None,
        weights=tuple(float(str(weight)) for weight in values[3 : 3 + count]),
        threshold=float(str(threshold or 0)),
        auto=bool(auto),
        limit=int(str(limit or Form().limit)),
        kinds=tuple(Kind[name] for name in _names(kinds)),
        taken_from=str(begins or ""),
        taken_to=str(ends or ""),
        read_text=str(read or ""),
        formats=tuple(_names(formats)),
    )


def _names(chosen: object) -> list[str]:
    return [str(one) for one in chosen] if isinstance(chosen, list) else []


def _results() -> gr.HTML:
    script = blocks.script("cards.js") + blocks.script("results.js")
    return gr.HTML(
        search.HINT,
        elem_id="search-results",
        elem_classes="cards",
        js_on_load=script,
        padding=False,
    )


def _chip(like: blocks.Chosen | None) -> str:
    return cards.likeness(like.photo_id, like.box) if like else ""


def _forgotten() -> tuple[None, str]:
    return None, ""


def _date(label: str, elem_id: str) -> gr.Textbox:
    return gr.Textbox(label=label, placeholder="2023 or 2023-06-10", elem_id=elem_id)


def _slider(kind: Kind) -> gr.Slider:
    return gr.Slider(
        0,
        question_form.HEAVIEST,
        value=1,
        step=0.1,
        label=words.KINDS[kind].name,
        elem_id=f"weight-{kind.name}",
        elem_classes=["weight", f"kind-{kind.name.lower()}"],
    )
