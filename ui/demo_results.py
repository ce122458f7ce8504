"""The demo's answers as a table, and whether they are good enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.samples import Hit
from ui import console, naming
from ui.demo_photos import Question

NEEDED_SHARE = 5 / 6


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its best photos."""

    question: Question
    hits: Sequence[Hit]

    @property
    def right(self) -> bool:
        """Return whether an expected photo came first."""
        return bool(self.hits) and self.question.is_right(self.hits[0].facts.sources)


def show(answered: Sequence[Answered]) -> None:
    """Print each question with its best photos, and a tick where the right one came first."""
    rows = console.table("query", "", "#>", "photo", "score>", "what matches")
    for one in answered:
        for place, hit in enumerate(one.hits, 1):
            first = place == 1
            rows.add_row(
                console.cell(one.question.title if first else "", "bold"),
                _mark(one) if first else "",
                str(place),
                console.cell(naming.photo(hit.facts)),
                f"{hit.rank_score:.3f}",
                console.cell(naming.sample(hit.matches[0].sample) if hit.matches else ""),
                end_section=place == len(one.hits),
            )
        if not one.hits:
            rows.add_row(console.cell(one.question.title, "bold"), _mark(one), "", "nothing found")
    console.output().print(rows)


def _mark(one: Answered) -> str:
    if not one.question.right:
        return ""
    return "[green]✓[/]" if one.right else "[red]✗[/]"


def verdict(answered: Sequence[Answered]) -> bool:
    """Print how many searches of each group put a right photo first.

    Return False if fewer than five in six of the text searches did.
    """
    good = True
    for group in ("text", "word", "picture"):
        judged = [one for one in answered if one.question.group == group and one.question.right]
        right = sum(one.right for one in judged)
        if judged:
            console.output().print(
                f"{group} searches: {right} of {len(judged)} right photo first", style="bold"
            )
        if group == "text" and judged:
            good = right / len(judged) >= NEEDED_SHARE
    return good
