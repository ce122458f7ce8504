"""What happens on the Clusters page: found, looked through, named."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from common import errors
from common.samples import Entry
from ui import analyses, client
from ui.web import cards, cluster_cards, distance_plot, jobs, reports, words
from ui.web.cluster_cards import Part, View

FETCHED = 1000
NONE_YET = cards.empty("Photos that belong together", "Choose what to group, then find clusters.")
TOGETHER = cards.empty(
    "No clusters", "Every picture is on its own. Allow a greater distance, or fewer pictures."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence, the clusters, and the analysis that they are of, "" without one."""

    said: str = ""
    found: str = NONE_YET
    analysis_id: str = ""


class Clusters:
    """What happens on the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def find(self, parameters: analyses.ClusterParameters, choice: str) -> Iterator[Shown]:
        """Yield progress, then the clusters."""
        try:
            for job in jobs.followed(self._library, parameters, choice):
                yield Shown(reports.job(job), "")
            yield self._view(View(job.analysis_id))
        except errors.SemapixError as error:
            yield _trouble(error)

    def newest(self) -> Shown | None:
        """Return the clusters found last, None if there are none yet."""
        try:
            job = next(jobs.succeeded(self._library, analyses.ClusterParameters), None)
            return self._view(View(job.analysis_id)) if job else None
        except errors.SemapixError as error:
            return _trouble(error)

    def view(self, view: View) -> Shown:
        """Return a part of an analysis."""
        try:
            return self._view(view)
        except errors.SemapixError as error:
            return _trouble(error)

    def any_one(self, analysis_id: str) -> Shown:
        """Return a cluster that chance chose."""
        try:
            found = self._library.analyses.clusters(analysis_id, most_samples=1)
            if not found.clusters:
                return Shown("", TOGETHER, analysis_id)
            chosen = random.choice(found.clusters)
            return self._view(View(analysis_id, Part.ONE, chosen.number))
        except errors.SemapixError as error:
            return _trouble(error)

    def name(self, view: View, cluster_id: str, name: str) -> Shown:
        """Give a cluster a name, "" takes it away, and return the view again."""
        try:
            self._library.analyses.name_cluster(view.analysis_id, cluster_id, name.strip())
            return self._view(view)
        except errors.SemapixError as error:
            return _trouble(error, view.analysis_id)

    def _view(self, view: View) -> Shown:
        most = cluster_cards.NOISE if view.part is Part.ALL else 0
        found = self._library.analyses.clusters(view.analysis_id, most_samples=most)
        ids = list(dict.fromkeys(one.photo_id for one in cluster_cards.shown(found, view)))
        photos = self._library.photos(ids[:FETCHED]) if ids else []
        facts = {photo.facts.photo_id: photo.facts for photo in photos if isinstance(photo, Entry)}
        content = cluster_cards.clusters(found, view, facts)
        if view.part is Part.ALL:
            nothing = Markup("") if found.clusters else TOGETHER
            content = distance_plot.plots(found) + nothing + content
        return Shown(_line(found), content, view.analysis_id)


def _line(found: analyses.Clustering) -> str:
    job = found.analysis
    line = (
        f"{words.count(len(found.clusters), 'cluster')} among "
        f"{words.count(job.samples, 'picture')}. {jobs.age(job)}"
    )
    return cards.quiet(line)


def _trouble(error: errors.SemapixError, analysis_id: str = "") -> Shown:
    return Shown(cards.problem(words.sentence(error)), "", analysis_id)
