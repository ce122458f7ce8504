"""The points of a map, grouped and coloured for the page's script."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from common import errors
from common.samples import Kind
from ui import analyses, client, finding
from ui.web import cluster_names, jobs, periods, words

PALETTE = (
    "#2563eb", "#e11d48", "#16a34a", "#d97706", "#7c3aed", "#0891b2",
    "#c026d3", "#65a30d", "#ea580c", "#4f46e5", "#0d9488", "#be123c",
)  # fmt: skip
GREY = "#94a3b8"
ALONE = ("In no cluster", GREY)
SMALLER = ("Smaller clusters", "#64748b")
NO_CLUSTERS = "No clusters of these pictures yet: find them on the Clusters page first."
NO_TIMES = "No photo on this map tells when it was taken."
COLOURINGS = ("kind", "cluster", "time")


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
    """What the script draws, in space or flat, and a sentence above it, perhaps empty."""

    groups: tuple[Group, ...]
    message: str = ""
    flat: bool = False


def drawing(library: client.Client, analysis_id: str, colour: str) -> Drawing:
    """Return a map as the page draws it. Raises InvalidInput for a colouring that is none."""
    if colour not in COLOURINGS:
        raise errors.InvalidInput("colour", f"{colour!r} is none of {', '.join(COLOURINGS)}")
    found = library.analyses.map(analysis_id)
    if colour == "kind":
        return by_kind(found)
    if colour == "time":
        return by_time(found, _taken(library))
    return by_cluster(found, _clusters_of(library, {p.sample.kind for p in found.points}))


def by_kind(found: analyses.PhotoMap) -> Drawing:
    """Return the points coloured by what they show."""
    groups: dict[str, Group] = {}
    for point in found.points:
        shown = words.KINDS[point.sample.kind]
        groups.setdefault(shown.name, Group(shown.name, shown.colour)).add(point)
    return _drawing(found, list(groups.values()))


def by_cluster(found: analyses.PhotoMap, clustering: analyses.Clustering | None) -> Drawing:
    """Return the points coloured by their cluster, largest first, those in none last."""
    if clustering is None:
        return _drawing(found, list(by_kind(found).groups), NO_CLUSTERS)
    numbers = _numbers(clustering)
    largest = clustering.clusters[: len(PALETTE)]
    groups = [
        Group(cluster_names.name(one), colour)
        for one, colour in zip(largest, PALETTE, strict=False)
    ]
    groups += [Group(*SMALLER), Group(*ALONE)]
    for point in found.points:
        number = numbers.get(point.sample.sample_id)
        groups[-1 if number is None else min(number, len(groups) - 2)].add(point)
    return _drawing(found, groups)


def by_time(found: analyses.PhotoMap, taken: Mapping[str, int]) -> Drawing:
    """Return the points coloured by when their photo was taken, by seconds since 1970 per id."""
    if not any(point.sample.photo_id in taken for point in found.points):
        return _drawing(found, list(by_kind(found).groups), NO_TIMES)
    spans = periods.spread(
        {taken[p.sample.photo_id] for p in found.points if p.sample.photo_id in taken}
    )
    groups = [Group(span.name, span.colour) for span in spans] + [Group("Not known", GREY)]
    for point in found.points:
        at_s = taken.get(point.sample.photo_id)
        place = -1 if at_s is None else periods.place(spans, at_s)
        groups[place].add(point)
    return _drawing(found, groups)


def _drawing(found: analyses.PhotoMap, groups: list[Group], message: str = "") -> Drawing:
    flat = isinstance(found.analysis.parameters, analyses.MapParameters) and (
        found.analysis.parameters.dimensions == jobs.FLAT
    )
    some = tuple(group for group in groups if group.points)
    return Drawing(some, message or jobs.age(found.analysis), flat)


def _numbers(clustering: analyses.Clustering) -> Mapping[str, int]:
    """Return the place of each sample's cluster in the order of the answer."""
    return {
        sample.sample_id: place
        for place, cluster in enumerate(clustering.clusters)
        for sample in cluster.samples
    }


def _clusters_of(library: client.Client, kinds: Set[Kind]) -> analyses.Clustering | None:
    """Return the newest clusters of the kinds on the map."""
    for job in jobs.succeeded(library, analyses.ClusterParameters):
        if kinds & set(job.kinds or (Kind.PHOTO,)):
            return library.analyses.clusters(job.analysis_id)
    return None


def _taken(library: client.Client) -> Mapping[str, int]:
    """Return when each photo that tells it was taken, by the clock of its camera."""
    return {
        photo.facts.photo_id: photo.facts.taken.at_s
        for photo in finding.every_photo(library)
        if photo.facts.taken.at_s is not None
    }
