"""Which photos are meant: an answer, clusters, groups of duplicates, ids, or all there are."""

from collections.abc import Iterable
from dataclasses import dataclass

from common import errors
from common.samples import Sample
from ui import finding
from ui.analyses import AnalysisState, Cluster, Clustering, ClusterParameters
from ui.answers import Query, Term
from ui.client import Client
from ui.duplicates import Found


@dataclass(frozen=True, slots=True)
class Section:
    """Ids of photos in their order; a cluster or a group has a title."""

    ids: tuple[str, ...]
    title: str = ""


def of_query(client: Client, text: str, *, most: int) -> Section:
    """Return what answers `text`, best first."""
    answer = client.search(Query((Term(text=text),), limit=most))
    return Section(tuple(hit.facts.photo_id for hit in answer.hits))


def of_ids(client: Client, names: str) -> Section:
    """Return the photos of ids, which may be shortened, with commas between. Raises NotFound."""
    given = (finding.full_id(client, name) for name in names.split(",") if name.strip())
    return Section(tuple(dict.fromkeys(given)))


def of_all(client: Client) -> Section:
    """Return all photos, newest first."""
    return Section(tuple(photo.facts.photo_id for photo in finding.every_photo(client)))


def of_cluster(client: Client, number: int) -> Section:
    """Return the photos of a cluster found last, nearest to its centre first. Raises NotFound."""
    for cluster in newest(client).clusters:
        if cluster.number == number:
            return Section(_photos(cluster.samples))
    raise errors.NotFound(f"there is no cluster {number}: `semapix clusters` shows which there are")


def of_clusters(client: Client) -> list[Section]:
    """Return the clusters found last, each with its name. Raises NotFound."""
    return [
        Section(_photos(cluster.samples), titled(cluster)) for cluster in newest(client).clusters
    ]


def of_duplicates(found: Found) -> list[Section]:
    """Return the groups, the best photo of each first."""
    return [
        Section(tuple(one.photo_id for one in group.photos), f"{found.kind} {group.photos[0].name}")
        for group in found.groups
    ]


def newest(client: Client) -> Clustering:
    """Return the clusters asked for last. Raises NotFound if there are none."""
    for job in client.analyses.list():
        if isinstance(job.parameters, ClusterParameters) and job.state is AnalysisState.SUCCEEDED:
            return client.analyses.clusters(job.analysis_id)
    raise errors.NotFound("no clusters have been found yet: run `semapix clusters`")


def titled(cluster: Cluster) -> str:
    """Return the name of a cluster, or the guess marked as one, or its number."""
    guess = f"{cluster.suggested_name}?" if cluster.suggested_name else ""
    return cluster.name or guess or f"cluster {cluster.number}"


def _photos(samples: Iterable[Sample]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sample.photo_id for sample in samples))
