"""How far a library has moved on since it was analysed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analysis_service.analyses import Analysis, LibraryState, State
from common.samples import Kind

Counts = Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Look:
    """A library as it is: its samples by kind, and those that came after each mark asked about."""

    library: LibraryState
    samples: Counts = field(default_factory=dict)
    since: Mapping[int, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Age:
    """Whether a library has changed since, and how many samples came and went."""

    stale: bool = False
    added: int = 0
    removed: int = 0


def age(analysis: Analysis, seen: Look | None) -> Age:
    """Return the age of a result beside what was seen last; what has no result has none.

    A sample that comes back from the trash came; one that came and went again is not counted.
    """
    if seen is None or analysis.state is not State.SUCCEEDED or analysis.library == seen.library:
        return Age()
    since = seen.since.get(-1 if analysis.library.mark is None else analysis.library.mark)
    if since is None:
        return Age(stale=True)
    added = _sum(since, analysis.spec.kinds)
    still_there = _sum(seen.samples, analysis.spec.kinds) - added
    come_back, gone = still_there - analysis.samples, analysis.samples - still_there
    return Age(stale=True, added=added + max(0, come_back), removed=max(0, gone))


def marks(analyses: Iterable[Analysis]) -> tuple[int, ...]:
    """Return the marks to ask about, each once."""
    found = (analysis.library.mark for analysis in analyses if analysis.state is State.SUCCEEDED)
    return tuple(dict.fromkeys(mark for mark in found if mark is not None))


def _sum(counts: Counts, kinds: Iterable[Kind]) -> int:
    return sum(counts.get(kind, 0) for kind in kinds)
