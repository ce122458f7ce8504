"""What happens on the Search page: a question becomes a query, an answer becomes cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common import errors
from common.samples import Kind
from ui import answers, client
from ui.web import blocks, cards, words

LIMITS = (10, 20, 50, 100)
KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Filters:
    """Weights in the order of `KINDS`, least score in [0, 1], number of photos."""

    weights: Sequence[float]
    threshold: float
    limit: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: a text, a picture in a file, a photo or region of the library, or all."""

    text: str = ""
    picture: Path | None = None
    like: blocks.Chosen | None = None

    def terms(self) -> tuple[answers.Term, ...]:
        """Return the parts that are given. Raises OSError if the picture cannot be read."""
        text = self.text.strip()
        terms = [answers.Term(text=text)] if text else []
        if self.picture:
            terms.append(answers.Term(image=self.picture.read_bytes()))
        if self.like:
            terms.append(answers.Term(photo_id=self.like.photo_id, box=self.like.box))
        return tuple(terms)


class Search:
    """What happens on the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def find(self, question: Question, filters: Filters) -> str:
        """Return the photos that answer, or a sentence."""
        try:
            terms = question.terms()
            if not terms:
                return cards.empty("What are you looking for?", "Type words, or add a picture.")
            return found(self._library.search(query(terms, filters)))
        except OSError as error:
            return cards.problem(f"The picture cannot be read: {error.strerror}")
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error))


def query(terms: tuple[answers.Term, ...], filters: Filters) -> answers.Query:
    """Return the query; a threshold of 0 is none."""
    return answers.Query(
        terms=terms,
        weights=dict(zip(KINDS, filters.weights, strict=True)),
        limit=filters.limit,
        threshold=filters.threshold or None,
    )


def found(answer: answers.Answer) -> str:
    """Return cards, below a line that says how many and how fast."""
    if not answer.hits:
        return cards.empty("Nothing found", "Lower the least score, or use other words.")
    line = (
        f"{words.count(len(answer.hits), 'photo')} in {answer.compute_ms + answer.queue_ms:.0f} ms"
    )
    cut = cards.note("The text is longer than the model reads: its end was ignored.")
    return cards.quiet(line) + (cut if answer.truncated else "") + cards.results(answer.hits)
