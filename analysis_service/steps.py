"""The steps of a job, as a person reads them, and how far each brings it."""

from enum import StrEnum


class Step(StrEnum):
    """What a job is doing; several belong to one type of analysis only."""

    WAITING = "waiting"
    READING = "reading vectors"
    FACTS = "reading photo facts"
    SUGGESTING = "suggesting eps"
    COUNTING = "counting neighbours"
    TYING = "tying neighbours"
    JOINING = "joining edges"
    GROWING = "growing clusters"
    MEASURING = "measuring clusters"
    COMPARING = "comparing photos"
    NEIGHBOURS = "finding neighbours"
    TSNE = "t-SNE"
    KEEPING = "keeping the result"
    DONE = "done"


_SPANS = {
    Step.WAITING: (0.0, 0.0),
    Step.READING: (0.0, 0.1),
    Step.FACTS: (0.1, 0.2),
    Step.SUGGESTING: (0.1, 0.3),
    Step.COUNTING: (0.3, 0.6),
    Step.TYING: (0.6, 0.9),
    Step.JOINING: (0.9, 0.95),
    Step.GROWING: (0.9, 0.95),
    Step.MEASURING: (0.95, 0.98),
    Step.COMPARING: (0.2, 0.98),
    Step.NEIGHBOURS: (0.1, 0.15),
    Step.TSNE: (0.15, 0.98),
    Step.KEEPING: (0.98, 1.0),
    Step.DONE: (1.0, 1.0),
}


def progress(step: Step, share: float) -> float:
    """Return how far the whole job is, in [0, 1], when `share` of `step`, in [0, 1], is done."""
    start, end = _SPANS[step]
    return start + (end - start) * min(1.0, max(0.0, share))
