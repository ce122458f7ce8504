"""What happens on the Search page: a question becomes a query, an answer becomes cards."""

import dataclasses
from dataclasses import dataclass

from markupsafe import Markup

from common import errors
from ui import answers, client, finding, standing_out
from ui.web import cards, pictures, result_cards, words
from ui.web.question_form import Form, address

NO_BREAK = result_cards.NO_BREAK
HINT = cards.empty(
    "Search your photos by what they show",
    "“a dog on the beach”, a word printed on a sign, or a picture that looks like it.",
)
CUT = "The text is longer than the model reads: its end was ignored."
# The least that the page asks for: nearly everything, whatever the model makes of the words.
LEAST = 0.001
NOT_TOLD = (
    "The address of this page carries the question, so it can be shared and reloaded; "
    "an uploaded picture it cannot carry."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on the page: where it goes on, the line above, the cards, how many photos."""

    query: answers.Query
    head: Markup
    cards: Markup
    count: int
    address: str


class Search:
    """What happens on the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library

    def find(self, form: Form) -> tuple[str, Shown | None]:
        """Return the photos that answer, or a sentence, and what `more` goes on from."""
        if not form.asks:
            return _page(HINT, ""), None
        try:
            query = self._query(form)
            return self._found(query, standing_out.answered(self._library, query), form)
        except OSError as error:
            trouble = f"The picture cannot be read: {error.strerror}"
        except errors.InvalidInput as error:
            trouble = error.complaint[:1].upper() + error.complaint[1:]
        except errors.SemapixError as error:
            trouble = words.sentence(error)
        return _page(cards.problem(trouble), address(form)), None

    def more(self, shown: Shown | None) -> tuple[str, Shown | None]:
        """Return the photos shown and those of the next page."""
        if shown is None:
            return _page(HINT, ""), None
        try:
            answer = self._library.search(shown.query)
        except errors.SemapixError as error:
            trouble = cards.problem(words.sentence(error))
            return _page(_grid(shown) + trouble, shown.address), shown
        return _grown(shown, answer)

    def ask(self, form: Form) -> answers.Answer:
        """Return the answer itself. Raises OSError, SemapixError."""
        return standing_out.answered(self._library, self._query(form))

    def _query(self, form: Form) -> answers.Query:
        """Return the query with whole ids of photos. Raises OSError, InvalidInput, NotFound."""
        query = form.query()
        terms = (
            dataclasses.replace(term, photo_id=finding.full_id(self._library, term.photo_id))
            if term.photo_id
            else term
            for term in query.terms
        )
        return dataclasses.replace(query, terms=tuple(terms))

    def _found(
        self, query: answers.Query, answer: answers.Answer, form: Form
    ) -> tuple[str, Shown | None]:
        head = _head(query, answer)
        if standing_out.nothing_did(query, answer):
            return _page(head + _nothing_stands_out(form), address(form)), None
        if not answer.hits:
            return _page(head + _nothing(query), address(form)), None
        return _grown(Shown(query, head, Markup(""), 0, address(form)), answer)


def _grown(shown: Shown, answer: answers.Answer) -> tuple[str, Shown]:
    """Return the page with another page of photos below the others."""
    grown = dataclasses.replace(
        shown,
        query=dataclasses.replace(shown.query, page_token=answer.next_page_token),
        cards=shown.cards + result_cards.results(answer),
        count=shown.count + len(answer.hits),
    )
    rest = result_cards.more(grown.count) if answer.next_page_token else Markup("")
    return _page(_grid(grown) + rest, shown.address), grown


def _grid(shown: Shown) -> Markup:
    return shown.head + Markup('<div class="results">{}</div>').format(shown.cards)


def _page(content: Markup, at: str) -> Markup:
    """Return the content with the address that the page's script puts into the address bar."""
    return Markup('<div class="found" data-address="{}">{}</div>').format(at, content)


def _head(query: answers.Query, answer: answers.Answer) -> Markup:
    """Return how many and how fast, what was looked for, and what was left out."""
    took = f"{answer.compute_ms + answer.queue_ms:.0f} ms"
    parts = [f"{words.count(len(answer.hits), 'photo')} in {took}", asked(query.terms)]
    parts += [_bounds(answer)] if answer.thresholds else []
    notes = [CUT] if answer.truncated else []
    notes += [standing_out.STRANGE] if answer.is_strange else []
    notes += [NOT_TOLD] if any(term.image for term in query.terms) else []
    line = cards.quiet(" · ".join(filter(None, parts)))
    return line + pictures.joined(map(cards.note, notes))


def asked(terms: tuple[answers.Term, ...]) -> str:
    """Return what is added up and pushed away, in words; a single plain text needs none."""
    if len(terms) == 1 and terms[0].weight == 1 and terms[0].text:
        return ""
    return " ".join(_told(term, first=not at) for at, term in enumerate(terms))


def _told(term: answers.Term, *, first: bool) -> str:
    sign = "less" if term.weight < 0 else "" if first else "plus"
    size = f"{abs(term.weight):g} ×" if abs(term.weight) != 1 else ""
    return " ".join(filter(None, (sign, size, _subject(term))))


def _subject(term: answers.Term) -> str:
    if term.text:
        return f"“{term.text}”"
    if term.image:
        return "the picture"
    return f"{'a region of ' if term.box else ''}photo {term.photo_id[:8]}"


def _bounds(answer: answers.Answer) -> str:
    scores = {threshold.score for threshold in answer.thresholds.values()}
    if len(scores) == 1:
        return f"least score: {words.percent(*scores)}"
    told = (
        f"{words.KINDS[kind].name.lower()} {words.percent(threshold.score)}".replace(" ", NO_BREAK)
        for kind, threshold in answer.thresholds.items()
    )
    return "least score: " + ", ".join(told)


def _nothing_stands_out(form: Form) -> Markup:
    if form.picture:  # an address cannot carry it
        advice = Markup(
            "No photo scores above unrelated ones. Set “Least score” to see the nearest."
        )
    else:
        nearest = address(dataclasses.replace(form, threshold=LEAST))
        told = Markup('No photo scores above unrelated ones. <a href="{}">See the nearest</a>')
        advice = told.format(nearest)
    return cards.empty("Nothing stands out", advice)


def _nothing(query: answers.Query) -> Markup:
    advice = "Use other words, or look with a picture."
    if query.filter != answers.Query(()).filter:
        advice = "Loosen the filter, or use other words."
    elif query.auto_threshold:
        advice = "No photo scores above unrelated ones. Switch “Automatic” off to see the nearest."
    elif query.threshold:
        advice = "Lower the least score, or use other words."
    return cards.empty("Nothing found", advice)
