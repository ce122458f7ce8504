"""Why a photo is in an answer: its samples that matched, with what they were worth."""

from collections.abc import Iterator, Mapping, Sequence

from common.samples import Match, Sample
from index_service.candidates import KindSearch, Wish
from index_service.filters import Filter
from index_service.read_texts import Reading

MOST_SAMPLES = 10
Samples = Mapping[int, Sequence[tuple[int, Sample]]]


def matches(
    searches: Sequence[KindSearch], samples: Samples, wish: Wish
) -> dict[int, tuple[Match, ...]]:
    """Return the best samples that count, by number of photo; `samples` are those photos'."""
    by_number = {number: sample for own in samples.values() for number, sample in own}
    found: dict[int, list[tuple[float, int, Match]]] = {}
    for search in searches:
        own = [n for n, sample in by_number.items() if sample.kind is search.kind]
        for number, photo, rank, match in _scored(search, own, by_number, wish):
            found.setdefault(photo, []).append((-rank, number, match))
    return {photo: _best(own) for photo, own in found.items()}


def asked_for(
    samples: Samples, wanted: Filter, readings: Sequence[Reading]
) -> dict[int, tuple[Match, ...]]:
    """Return the samples that labels or a read text of the filter asked for, by number of photo."""
    labels = {label.lower() for label in wanted.labels}
    scores = {reading.number: reading.score for reading in readings}
    found: dict[int, list[tuple[float, int, Match]]] = {}
    for photo, own in samples.items():
        for number, sample in own:
            labelled = bool(sample.label) and sample.label.lower() in labels
            if labelled or number in scores:
                score = 1.0 if labelled else scores[number]
                match = Match(sample, cosine=0.0, score=score, weight=0.0)
                found.setdefault(photo, []).append((-score, number, match))
    return {photo: _best(own) for photo, own in found.items()}


def _best(own: list[tuple[float, int, Match]]) -> tuple[Match, ...]:
    return tuple(match for *_, match in sorted(own, key=lambda item: item[:2])[:MOST_SAMPLES])


def _scored(
    search: KindSearch, numbers: list[int], samples: Mapping[int, Sample], wish: Wish
) -> Iterator[tuple[int, int, float, Match]]:
    found = search.of(numbers)
    columns = (found.numbers, found.photos, found.ranks, found.cosines, found.scores, found.counts)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, photo, rank, cosine, score, counts in rows:
        if counts:
            weight = wish.weights[search.kind]
            yield number, photo, rank, Match(samples[number], cosine, score, weight)
