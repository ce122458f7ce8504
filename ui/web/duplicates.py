"""What happens on the Duplicates page: groups are found, looked through, and thinned out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from common import errors
from ui import analyses, client, duplicates, finding
from ui.web import cards, duplicate_cards, jobs, reports, words
from ui.web.duplicate_cards import View

BATCH = 1000
NONE_YET = cards.empty(
    "Photos there are twice",
    "Choose how much they must be the same, then find them. "
    "Nothing goes into the trash before you say so.",
)
NONE_FOUND = cards.empty(
    "No duplicates", "No photo is there twice in this sense. Try another, or a looser measure."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence, the groups, where they stand, and the photos that can be brought back."""

    said: str = ""
    found: str = NONE_YET
    view: View | None = None
    gone: tuple[str, ...] = ()


class Duplicates:
    """What happens on the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def find(self, parameters: analyses.DuplicateParameters) -> Iterator[Shown]:
        """Yield progress, then the groups."""
        try:
            for job in jobs.followed(self._library, parameters):
                yield Shown(reports.job(job), "")
            yield self._view(View(job.analysis_id))
        except errors.SemapixError as error:
            yield _trouble(error)

    def newest(self) -> Shown | None:
        """Return the groups found last, None if none were looked for yet."""
        try:
            job = next(jobs.succeeded(self._library, analyses.DuplicateParameters), None)
            return self._view(View(job.analysis_id)) if job else None
        except errors.SemapixError as error:
            return _trouble(error)

    def view(self, view: View) -> Shown:
        """Return a page of groups."""
        try:
            return self._view(view)
        except errors.SemapixError as error:
            return _trouble(error)

    def remove(self, view: View, photo_ids: Sequence[str]) -> Shown:
        """Move photos into the trash; return the page without them, and a way back."""
        try:
            failed = finding.removed(self._library, photo_ids)
            gone = [one for one, error in zip(photo_ids, failed, strict=True) if not error]
            return self._view(view, said=duplicate_cards.removed(len(gone), failed), gone=gone)
        except errors.SemapixError as error:
            return _trouble(error)

    def bring_back(self, view: View, photo_ids: Sequence[str]) -> Shown:
        """Bring photos back that were just removed."""
        failed: list[errors.SemapixError | None] = []
        try:
            for at in range(0, len(photo_ids), BATCH):
                failed += self._library.housekeeping.restore(photo_ids[at : at + BATCH])
            return self._view(view, said=duplicate_cards.back(failed))
        except errors.SemapixError as error:
            return _trouble(error)

    def _view(self, view: View, *, said: str = "", gone: Sequence[str] = ()) -> Shown:
        kept = self._library.analyses.duplicates(view.analysis_id)
        found = duplicates.named(self._library, kept)
        content = duplicate_cards.groups(found, view) if found.groups else NONE_FOUND
        line = duplicate_cards.line(found) + (Markup("") if said else _age(kept.analysis))
        return Shown(said + line, content, view, tuple(gone))


def _age(job: analyses.Analysis) -> Markup:
    """Return a sentence when photos came; those that went are left out already."""
    return cards.quiet(jobs.age(job)) if job.added else Markup("")


def _trouble(error: errors.SemapixError) -> Shown:
    return Shown(cards.problem(words.sentence(error)), "")
