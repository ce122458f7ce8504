"""`semapix evaluate search`: how well the whole product finds the photos of a folder by text."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from common import errors, questions, samples
from common.evaluations import Exam, Progress
from common.questions import Questions
from ui.answers import Outcome, Query, Searching, Status, Term
from ui.client import Client
from ui.commands import importing
from ui.search_rows import MOST_PHOTOS, WAYS, Answers, Asked, Row, percentiles
from ui.temporary_library import running

PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class SearchSheet:
    """What is printed: one row per way to search, all on the same photos and queries.

    first_p50_ms and first_p99_ms: a search for one photo by a text that is new, which embeds it.
    failed_stages: photo stages that could not be done. models: those of each service that has some.
    """

    rows: tuple[Row, ...]
    photos: int
    queries: int
    first_p50_ms: float
    first_p99_ms: float
    failed_stages: int
    models: dict[str, str]
    fingerprint: str


def evaluate(exam: Exam, progress: Progress) -> SearchSheet:
    """Return the figures of a library that real services make of the folder's photos.

    Raises InvalidInput or NotFound, naming what is wrong with the folder, Unavailable for services
    that do not come up or do not finish.
    """
    asked = questions.first(questions.read(exam.folder), exam.first)
    if not asked.questions:
        raise errors.InvalidInput("first", f"{exam.first}: nothing is asked of these photos")
    with running(model=exam.model) as client:
        status = _imported(client, asked)
        return judged(client, by_id(asked), status, progress)


def by_id(asked: Questions) -> list[Asked]:
    """Return the questions with photo ids in place of files; files that are alike are one photo."""
    ids = [samples.photo_id(path.read_bytes()) for path in asked.photos]
    return [
        Asked(
            each.text,
            frozenset(ids[place] for place in each.relevant),
            frozenset(ids[place] for place in each.ignored),
        )
        for each in asked.questions
    ]


def judged(
    searching: Searching, asked: Sequence[Asked], status: Status, progress: Progress
) -> SearchSheet:
    """Return the figures of a library that is complete. Raises InvalidInput, naming the query."""
    limit = min(status.photos, MOST_PHOTOS)
    ways = [Answers(way, limit) for way in WAYS]
    firsts: list[float] = []
    for number, question in enumerate(asked, start=1):
        try:
            started = time.perf_counter()
            served = searching.search(Query((Term(text=question.text),), limit=1)).weights
            firsts.append((time.perf_counter() - started) * 1000)
            for way in ways:
                way.ask(searching, question, served)
        except errors.InvalidInput as error:
            raise errors.InvalidInput("", f"query {question.text[:80]!r}: {error}") from error
        progress(number, len(asked))
    first_p50_ms, first_p99_ms = percentiles(firsts)
    return SearchSheet(
        rows=tuple(way.row(status.samples) for way in ways),
        photos=status.photos,
        queries=len(asked),
        first_p50_ms=first_p50_ms,
        first_p99_ms=first_p99_ms,
        failed_stages=sum(status.failed.values()),
        models={one.name: ", ".join(one.models) for one in status.services if one.models},
        fingerprint=status.fingerprint,
    )


def _imported(client: Client, asked: Questions) -> Status:
    """Import the photos and wait for their stages; return the status of the complete library."""
    tally = importing.send(client, asked.photos, PATIENCE_S).tally
    for problem in tally.problems:
        raise errors.InvalidInput("", f"{problem.source} is not imported: {problem.message}")
    if tally.unsent or tally.counts[Outcome.UNPACKED]:
        raise errors.InvalidInput("", "images/ holds archives, or the import was cancelled")
    status = importing.finish_stages(client, PATIENCE_S)
    if status.remaining:
        raise errors.Unavailable(
            f"{status.remaining} photo stages were not done: nothing moved for {PATIENCE_S:.0f} s"
        )
    return status
