"""The points of a map, grouped and coloured for the page's script."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from common import errors
from common.samples import Kind
from ui import analyses, client
from ui.web import jobs, words

PALETTE = (
    "#2563eb", "#e11d48", "#16a34a", "#d97706", "#7c3aed", "#0891b2",
    "#c026d3", "#65a30d", "#ea580c", "#4f46e5", "#0d9488", "#be123c",
)  # fmt: skip
ALONE = ("In no cluster", "#94a3b8")
NO_CLUSTERS = "No clusters of these pictures yet: find them on the Clusters page first."


@dataclass(slots=True)
class Group:
    """Points of one colour; entry i of every list is one point, `points` (photo id, words)."""

    name: str
    colour: str
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    z: list[float] = field(default_factory=list)
    points: list[tuple[str, str]] = field(default_factory=list)

    def add(self, point: analyses.MapPoint) -> None:
        """Append a point; coordinates are in [-1, 1]."""
        self.x.append(round(point.x, 4))
        self.y.append(round(point.y, 4))
        self.z.append(round(point.z, 4))
        whole = point.sample.kind is Kind.PHOTO
        self.points.append(
            (point.sample.photo_id, "" if whole else words.sample_name(point.sample))
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the script draws, and a sentence above it, perhaps empty."""

    groups: tuple[Group, ...]
    message: str = ""


def by_kind(found: analyses.PhotoMap) -> Drawing:
    """Return the points coloured by what they show."""
    groups: dict[str, Group] = {}
    for point in found.points:
        shown = words.KINDS[point.sample.kind]
        groups.setdefault(shown.name, Group(shown.name, shown.colour)).add(point)
    return Drawing(tuple(groups.values()), jobs.age(found.analysis))


def by_cluster(found: analyses.PhotoMap, clustering: analyses.Clustering | None) -> Drawing:
    """Return the points coloured by their cluster, largest first, those in none last."""
    if clustering is None:
        return Drawing(by_kind(found).groups, NO_CLUSTERS)
    numbers = _numbers(clustering)
    members: dict[int, Group] = defaultdict(lambda: Group(*ALONE))
    for number in sorted(set(numbers.values())):
        members[number] = Group(f"Cluster {number + 1}", PALETTE[number % len(PALETTE)])
    for point in found.points:
        members[numbers.get(point.sample.sample_id, -1)].add(point)
    groups = tuple(group for group in members.values() if group.points)
    return Drawing(groups, jobs.age(found.analysis))


def _numbers(clustering: analyses.Clustering) -> Mapping[str, int]:
    return {
        sample.sample_id: cluster.number
        for cluster in clustering.clusters
        for sample in cluster.samples
    }


def _clusters_of(library: client.Client, kinds: Set[Kind]) -> analyses.Clustering | None:
    """Return the newest clusters of the kinds on the map."""
    for job in jobs.succeeded(library, analyses.ClusterParameters):
        if kinds & set(job.kinds or (Kind.PHOTO,)):
            return library.analyses.clusters(job.analysis_id)
    return None


def drawing(library: client.Client, analysis_id: str, colour: str) -> Drawing:
    """Return a map as the page draws it; `colour` is "kind" or "cluster"."""
    if colour not in ("kind", "cluster"):
        raise errors.InvalidInput("colour", f"{colour!r} is neither 'kind' nor 'cluster'")
    found = library.analyses.map(analysis_id)
    if colour == "kind":
        return by_kind(found)
    return by_cluster(found, _clusters_of(library, {p.sample.kind for p in found.points}))
