"""`semapix search`: by texts, pictures and photos, weighted and signed, filtered and explained."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from common import errors
from ui import finding, options, question_text, standing_out
from ui.answers import Query, Term
from ui.client import Client
from ui.commands import search_filters, search_tables

NOTHING_STANDS_OUT = (
    "nothing stands out: no photo scores above unrelated ones (--threshold 0 shows the nearest)"
)
app = typer.Typer()


@dataclasses.dataclass(frozen=True, slots=True)
class SearchOptions(search_filters.FilterOptions):
    text: Annotated[
        str,
        typer.Argument(help='What the photo shows, or "2:beach + sunset - people", or photo:ID.'),
    ] = ""
    image: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A picture to find like ones."),
    ] = None
    weights: Annotated[
        str, typer.Option(help="What kinds count for, as person=2,text=0; 0 hides a kind.")
    ] = ""
    top: Annotated[int, typer.Option(min=1, max=1000, help="Photos wanted.")] = 10
    threshold: Annotated[
        str,
        typer.Option(help="Least score, 0.5 is as likely as not; auto: more than unrelated ones."),
    ] = ""
    mean: Annotated[
        bool, typer.Option("--mean", help="Rank by the mean of a photo's samples, not its best.")
    ] = False
    explain: Annotated[
        bool, typer.Option("--explain", help="Show every sample that matched, and its numbers.")
    ] = False
    page: Annotated[
        str, typer.Option(help="Token of a further page, as the page before showed it.")
    ] = ""


@options.command(app, "search", SearchOptions)
def search(given: SearchOptions, common: options.Common) -> None:
    """Find photos by texts, by a picture (--image), by photos (photo:ID), or by filters alone."""
    query = Query(
        terms=_terms(given),
        weights=options.weights(given.weights),
        limit=given.top,
        threshold=_threshold(given.threshold),
        auto_threshold=given.threshold == "auto",
        mean=given.mean,
        filter=search_filters.filter_from(given),
        page_token=given.page,
    )
    if not query.terms and query.filter == Query(()).filter:
        raise typer.BadParameter("give a text, --image FILE, or a filter such as --label dog")
    with common.client() as client:
        terms = tuple(_looked_up(term, client) for term in query.terms)
        query = dataclasses.replace(query, terms=terms)
        answer = standing_out.answered(client, query)
    nothing = NOTHING_STANDS_OUT if standing_out.nothing_did(query, answer) else "no photo matches"
    common.show(answer, lambda: search_tables.show(answer, explain=given.explain, nothing=nothing))


def _terms(given: SearchOptions) -> tuple[Term, ...]:
    try:
        terms = question_text.parsed(given.text) if given.text.strip() else ()
    except errors.InvalidInput as error:
        raise typer.BadParameter(str(error)) from None
    if given.image:
        return (*terms, Term(image=given.image.read_bytes()))
    return terms


def _looked_up(term: Term, client: Client) -> Term:
    """Return the term with the whole id of its photo."""
    if not term.photo_id:
        return term
    return dataclasses.replace(term, photo_id=finding.full_id(client, term.photo_id))


def _threshold(text: str) -> float | None:
    if text in ("", "auto"):
        return None
    try:
        threshold = float(text)
    except ValueError:
        threshold = -1.0
    if not 0 <= threshold <= 1:
        raise typer.BadParameter(f"--threshold {text}: neither a number from 0 to 1 nor auto")
    return threshold
