"""The Clusters page: photos that lie together, and those that lie alone."""

from collections.abc import Iterator

import gradio as gr

from ui import analyses, client
from ui.web import blocks, jobs
from ui.web.cluster_cards import Part, View
from ui.web.clusters import NONE_YET, Clusters, Shown

METHODS = {method.name: method for method in analyses.ClusterMethod}
FARTHEST = 1.0


class ClustersPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._clusters = Clusters(library)
        self._current = gr.State("")
        with gr.Row(elem_classes="controls"):
            self._lay_out()
            with gr.Column(scale=0, min_width=180, elem_classes="starts"):
                start = gr.Button("Find clusters", variant="primary", elem_id="clusters-start")
                chance = gr.Button("One at random", elem_id="clusters-chance")
        self.said = blocks.sentences("clusters-said")
        self.found = _found()
        given = [self._choice, self._method, self._suggest, self._eps, self._least]
        start.click(self._find, given, self.shown, api_name="clusters", **blocks.SHOWN)
        chance.click(self._any_one, self._current, self.shown, **blocks.QUIET)
        self._suggest.change(_eps_counts, given[1:3], self._eps, **blocks.QUIET)
        self._method.change(_eps_counts, given[1:3], self._eps, **blocks.QUIET)
        self.found.go_to(self._go_to, None, self.shown, **blocks.QUIET)
        self.found.name_cluster(self._name, None, self.shown, **blocks.QUIET)
        taken = self.found.take_eps(_taken, None, [self._suggest, self._eps], **blocks.QUIET)
        taken.then(self._find, given, self.shown, **blocks.QUIET)

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self.said, self.found, self._current]

    def refresh(self) -> list[object]:
        """Return those found last; without any, leave what is shown."""
        newest = self._clusters.newest()
        return _values(newest) if newest else [gr.skip()] * 3

    def _lay_out(self) -> None:
        self._choice = gr.Dropdown(
            list(jobs.CHOICES), value="Whole photos", label="Group", elem_id="clusters-kinds"
        )
        self._method = gr.Dropdown(
            list(METHODS),
            value=next(iter(METHODS)),
            label="How",
            elem_id="clusters-method",
        )
        self._eps = gr.Slider(
            0.01,
            FARTHEST,
            value=0.2,
            step=0.005,
            label="Distance (eps)",
            elem_id="clusters-eps",
        )
        self._suggest = gr.Checkbox(
            label="Suggested distance",
            info="as the photos themselves suggest",
            elem_id="clusters-suggest",
        )
        self._least = gr.Slider(
            1, 20, value=2, step=1, label="Least pictures", elem_id="clusters-least"
        )

    def _find(
        self, choice: str, method: str, suggest: object, eps: float, least: float
    ) -> Iterator[list[object]]:
        parameters = analyses.ClusterParameters(
            eps=0.0 if suggest else eps,
            min_samples=int(least),
            suggest=bool(suggest),
            method=METHODS[method],
        )
        yield from map(_values, self._clusters.find(parameters, choice))

    def _any_one(self, analysis_id: str) -> list[object]:
        if not analysis_id:
            return [gr.skip()] * 3
        return _values(self._clusters.any_one(analysis_id))

    def _go_to(self, event: gr.EventData) -> list[object]:
        return _values(self._clusters.view(_view(event)))

    def _name(self, event: gr.EventData) -> list[object]:
        named = self._clusters.name(_view(event), str(event.cluster_id), str(event.name))
        return _values(named)


def _view(event: gr.EventData) -> View:
    part = Part(str(event.part))
    return View(str(event.analysis_id), part, max(int(event.number), 0), max(int(event.page), 0))


def _values(shown: Shown) -> list[object]:
    return [shown.said, shown.found, shown.analysis_id]


def _eps_counts(method: str, suggest: object) -> object:
    """Return the slider, which counts for nothing with a suggestion and without DBSCAN."""
    uses = METHODS[method] is analyses.ClusterMethod.DBSCAN and not suggest
    return gr.update(interactive=uses)


def _taken(event: gr.EventData) -> list[object]:
    return [False, min(float(event.eps), FARTHEST)]


def _found() -> gr.HTML:
    return gr.HTML(
        NONE_YET,
        elem_id="clusters-found",
        elem_classes="cards",
        js_on_load=blocks.script("cards.js") + blocks.script("clusters.js"),
        padding=False,
    )
