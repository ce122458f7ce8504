"""`semapix search`: by text, by picture, or by both."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from common.samples import Kind
from ui import console, naming, options
from ui.answers import Answer, Query, Term

app = typer.Typer()


@dataclasses.dataclass(frozen=True, slots=True)
class SearchOptions:
    text: Annotated[str, typer.Argument(help="What the photo shows, or words in it.")] = ""
    image: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A picture to find like ones."),
    ] = None
    weights: Annotated[
        str, typer.Option(help="What kinds count for, as person=2,text=0; 0 hides a kind.")
    ] = ""
    top: Annotated[int, typer.Option(min=1, max=1000, help="Photos wanted.")] = 10
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Least score; 0.5 is as likely as not.")
    ] = None
    mean: Annotated[
        bool, typer.Option("--mean", help="Rank by the mean of a photo's samples, not its best.")
    ] = False


@options.command(app, "search", SearchOptions)
def search(given: SearchOptions, common: options.Common) -> None:
    """Find photos by a text, by a picture (--image), or by both together."""
    query = Query(
        terms=_terms(given),
        weights=options.weights(given.weights),
        limit=given.top,
        threshold=given.threshold,
        mean=given.mean,
    )
    with common.client() as client:
        answer = client.search(query)
    common.show(answer, lambda: _print(answer))


def _terms(given: SearchOptions) -> tuple[Term, ...]:
    terms = []
    if given.text.strip():
        terms.append(Term(text=given.text))
    if given.image:
        terms.append(Term(image=given.image.read_bytes()))
    if not terms:
        raise typer.BadParameter("give a text, --image FILE, or both")
    return tuple(terms)


def _print(answer: Answer) -> None:
    rows = console.table("#>", "score>", "id", "photo", "what matches", "cosine>")
    for place, hit in enumerate(answer.hits, 1):
        best = hit.matches[0] if hit.matches else None
        rows.add_row(
            str(place),
            f"{hit.rank_score:.3f}",
            naming.short_id(hit.facts.photo_id),
            console.cell(naming.photo(hit.facts)),
            console.cell(naming.sample(best.sample) if best else ""),
            f"{best.cosine:.3f}" if best else "",
        )
    out = console.output()
    out.print(rows if answer.hits else "no photo matches")
    if answer.truncated:
        out.print("The text is longer than the model reads; its end was ignored.")
    hidden = [kind.name.lower() for kind in Kind if answer.weights.get(kind) == 0]
    if hidden:
        out.print(f"hidden: {', '.join(hidden)}")
