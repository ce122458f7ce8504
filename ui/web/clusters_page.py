"""The Clusters page: photos that lie together, and those that lie alone."""

from collections.abc import Iterator

import gradio as gr

from common import errors
from common.samples import Entry
from ui import analyses, client
from ui.web import blocks, cards, cluster_cards, jobs, reports, words

HINT = cards.empty("Photos that belong together", "Choose what to group, then find clusters.")
FETCHED = 1000


class Clusters:
    """What happens on the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def find(self, choice: str, eps: float, min_samples: float) -> Iterator[tuple[str, str]]:
        """Yield progress, then the clusters: (sentence, cards)."""
        parameters = analyses.ClusterParameters(eps, int(min_samples))
        try:
            for job in jobs.followed(self._library, parameters, choice):
                yield reports.job(job), ""
            yield self._result(job)
        except errors.SemapixError as error:
            yield cards.problem(words.sentence(error)), ""

    def newest(self) -> tuple[str, str] | None:
        """Return the clusters found last, None if there are none yet."""
        try:
            job = next(jobs.succeeded(self._library, analyses.ClusterParameters), None)
            return self._result(job) if job else None
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error)), ""

    def _result(self, job: analyses.Analysis) -> tuple[str, str]:
        found = self._library.analyses.clusters(job.analysis_id)
        ids = list(dict.fromkeys(s.photo_id for s in cluster_cards.shown_samples(found)))[:FETCHED]
        photos = self._library.photos(ids) if ids else []
        facts = {photo.facts.photo_id: photo.facts for photo in photos if isinstance(photo, Entry)}
        line = (
            f"{words.count(len(found.clusters), 'cluster')} among "
            f"{words.count(job.samples, 'picture')}. {jobs.age(job)}"
        )
        return cards.quiet(line), cluster_cards.clusters(found, facts)


class ClustersPage:
    """The blocks of the page, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._clusters = Clusters(library)
        with gr.Row(elem_classes="controls"):
            choice = gr.Dropdown(
                list(jobs.CHOICES), value="Whole photos", label="Group", elem_id="clusters-kinds"
            )
            eps = gr.Slider(
                0.02,
                1,
                value=0.2,
                step=0.01,
                label="Greatest distance (eps)",
                elem_id="clusters-eps",
            )
            least = gr.Slider(
                1,
                20,
                value=2,
                step=1,
                label="Least pictures in a cluster",
                elem_id="clusters-least",
            )
            start = gr.Button(
                "Find clusters", variant="primary", scale=0, min_width=180, elem_id="clusters-start"
            )
        self.said = blocks.sentences("clusters-said")
        self.found = blocks.cards("clusters-found", HINT)
        start.click(
            self._clusters.find,
            [choice, eps, least],
            [self.said, self.found],
            api_name="clusters",
            **blocks.SHOWN,
        )

    def refresh(self) -> tuple[object, object]:
        """Return sentence and cards of those found last; without any, leave what is shown."""
        return self._clusters.newest() or (gr.skip(), gr.skip())
