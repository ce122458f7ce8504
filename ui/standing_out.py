"""Whether anything in a library stands out for a question; for one without sense nothing does."""

import dataclasses

from ui.answers import Answer, Query, Searching
from ui.filters import Filter

STRANGE = "The model makes little sense of these words: what they bring is a guess."


def answered(library: Searching, query: Query) -> Answer:
    """Return what answers `query`, no photo where none scores above unrelated ones.

    Whoever sets a threshold, be it 0, or a filter judges for themselves. Photos like one of the
    library are the nearest ones, however far they are.
    """
    if _is_open(query):
        best = library.search(dataclasses.replace(query, limit=1, auto_threshold=True))
        if _is_silent(best):
            return best
    return library.search(query)


def nothing_did(query: Query, answer: Answer) -> bool:
    """Return whether `answer` is empty because nothing stood out for `query`."""
    return _is_open(query) and _is_silent(answer)


def _is_open(query: Query) -> bool:
    judged = query.threshold is not None or query.auto_threshold or query.filter != Filter()
    terms = any(term.text or term.image for term in query.terms)
    return terms and not judged and not query.page_token


def _is_silent(answer: Answer) -> bool:
    """Return whether nothing came where it can be told that nothing is meant.

    There were unrelated samples to compare with, or the text means nothing to the model.
    """
    compared = any(threshold.background for threshold in answer.thresholds.values())
    return (compared or answer.is_strange) and not answer.hits
