"""`semapix export --cluster N` means that cluster of the newest clustering that succeeded."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from common import errors
from common.samples import Kind, Sample
from ui import selections
from ui.analyses import (
    Analysis,
    AnalysisState,
    Cluster,
    Clustering,
    ClusterParameters,
    MapParameters,
)

OLD = Analysis(
    "old", ClusterParameters(), (), AnalysisState.SUCCEEDED, 1.0, "", 1, 3, 1, 1, "", False
)
JOBS = [
    replace(OLD, analysis_id="map", parameters=MapParameters()),
    replace(OLD, analysis_id="running", state=AnalysisState.RUNNING),
    replace(OLD, analysis_id="new"),
    OLD,
]


class Library:
    """Analyses of a library whose newest clustering has one cluster of two photos."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.analyses = SimpleNamespace(list=lambda: self.jobs, clusters=self.clusters)

    def clusters(self, analysis_id):
        samples = tuple(Sample(f"{n:032x}", photo, Kind.PERSON) for n, photo in enumerate("bab"))
        return Clustering(OLD, (Cluster(4, samples, 0.1, analysis_id),), ())


def test_each_photo_of_the_cluster_once_nearest_to_the_centre_first():
    assert selections.of_cluster(Library(JOBS), 4).ids == ("b", "a")


@pytest.mark.parametrize(("jobs", "why"), [(JOBS, "no cluster 3"), (JOBS[:2], "no clusters")])
def test_what_is_not_there_is_named(jobs, why):
    with pytest.raises(errors.NotFound, match=why):
        selections.of_cluster(Library(jobs), 3)
