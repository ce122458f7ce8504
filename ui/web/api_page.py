"""The API page: every unary rpc of the gateway with its documentation, callable from here."""

import gradio as gr
from markupsafe import Markup

from common import errors
from ui import client
from ui.reflection_client import FieldDescription, Rpc
from ui.web import blocks, cards, pictures, rpc_examples, words

INTRODUCTION = cards.quiet(
    "What other programs can ask this library over gRPC. Streams of bytes and of progress are left "
    "out: they need a program."
)
NOTHING = "{}"
CHANGES = "This call changes the library: it does what it says as soon as it is called."


class ApiPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._rpcs, self._examples = library.reflection, rpc_examples.Examples(library)
        blocks.sentences("api-introduction", INTRODUCTION)
        # Custom values: scripts call without having asked for the choices before.
        self._choice = gr.Dropdown(
            [], label="What to call", allow_custom_value=True, elem_id="api-rpc"
        )
        self._about = blocks.sentences("api-about")
        with gr.Row(elem_classes="columns"):
            with gr.Column(min_width=320):
                self._request = gr.Code(
                    "{}", language="json", label="Request", elem_id="api-request"
                )
                call = gr.Button("Call", variant="primary", elem_id="api-call")
            with gr.Column(min_width=320):
                self._said = blocks.sentences("api-said")
                self._response = gr.Code(
                    NOTHING,
                    language="json",
                    label="Response",
                    interactive=False,
                    elem_id="api-response",
                )
        self._choice.input(self._chosen, self._choice, [self._about, self._request], **blocks.QUIET)
        inputs = [self._choice, self._request]
        call.click(
            self._call, inputs, [self._said, self._response], api_name="call", **blocks.SHOWN
        )

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self._choice, self._about, self._request]

    def refresh(self) -> list[object]:
        """Return the choice of rpcs, with the first one chosen."""
        try:
            rpcs = self._rpcs.rpcs()
        except errors.SemapixError as error:
            return [gr.skip(), cards.problem(words.sentence(error)), gr.skip()]
        choice = gr.Dropdown([rpc.name for rpc in rpcs], value=rpcs[0].name)
        return [choice, description(rpcs[0]), self._examples.of(rpcs[0])]

    def _chosen(self, name: str) -> tuple[object, object]:
        try:
            rpc = self._rpcs.rpc(name)
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error)), gr.skip()
        return description(rpc), self._examples.of(rpc)

    def _call(self, name: str, request: str) -> tuple[str, str]:
        try:
            return "", self._rpcs.call(name, request)
        except errors.SemapixError as error:
            code = Markup("<b>{}</b> {}").format(error.code.name, str(error))
            return Markup('<p class="problem" role="alert">{}</p>').format(code), NOTHING


def description(rpc: Rpc) -> Markup:
    """Return what an rpc is for, and the fields that go in and come out."""
    warning = cards.note(CHANGES) if rpc_examples.changes(rpc.name) else Markup("")
    fields = _fields("Request", rpc.request) + _fields("Response", rpc.response)
    return Markup('<p class="rpc">{}</p>{}{}').format(rpc.comment, warning, fields)


def _fields(title: str, fields: tuple[FieldDescription, ...]) -> Markup:
    rows = (
        Markup("<tr><th scope=row>{}</th><td>{}</td><td>{}</td></tr>").format(
            field.name, field.type, field.comment
        )
        for field in fields
    )
    return Markup(
        '<details class="fields"><summary>{}: {}</summary><table>{}</table></details>'
    ).format(title, words.count(len(fields), "field"), pictures.joined(rows))
