"""The answer to a search, for people."""

from rich.text import Text

from common.samples import Hit, Kind
from ui import console, naming, standing_out
from ui.answers import Answer

Line = tuple[str | Text, ...]


def show(answer: Answer, *, explain: bool, nothing: str) -> None:
    """Print a line for each photo, or for each sample that matched, or `nothing`."""
    rows = console.table("#>", "score>", "id", "photo", "what matches", *_columns(explain=explain))
    for place, hit in enumerate(answer.hits, 1):
        for number, line in enumerate(_lines(hit, explain=explain)):
            rows.add_row("" if number else str(place), *line)
    out = console.output()
    out.print(rows if answer.hits else nothing)
    for note in _notes(answer, explain=explain):
        out.print(note)


def _columns(*, explain: bool) -> tuple[str, ...]:
    return ("cosine>", "sample score>", "weight>", "confidence>") if explain else ("cosine>",)


def _lines(hit: Hit, *, explain: bool) -> list[Line]:
    """Return the cells of a photo behind its place: one line, or one for each match."""
    name = (naming.short_id(hit.facts.photo_id), console.cell(naming.photo(hit.facts)))
    if not hit.matches:
        return [(f"{hit.rank_score:.3f}", *name, "", *("" for _ in _columns(explain=explain)))]
    lines: list[Line] = []
    for match in hit.matches if explain else hit.matches[:1]:
        first = (f"{hit.rank_score:.3f}", *name) if not lines else ("", "", "")
        numbers = (match.score, match.weight, match.sample.confidence) if explain else ()
        shown = console.cell(naming.sample(match.sample))
        lines.append((*first, shown, f"{match.cosine:.3f}", *(f"{n:.3f}" for n in numbers)))
    return lines


def _notes(answer: Answer, *, explain: bool) -> list[str]:
    notes = []
    if answer.truncated:
        notes.append("The text is longer than the model reads; its end was ignored.")
    if answer.is_strange:
        notes.append(standing_out.STRANGE)
    if explain and answer.understood is not None:
        known = f"at least {answer.understood:.2f}, a factor in scores of pictures"
        notes.append(f"words understood: {known}")
    hidden = [kind.name.lower() for kind in Kind if answer.weights.get(kind) == 0]
    if hidden:
        notes.append(f"hidden: {', '.join(hidden)}")
    if answer.thresholds and (explain or any(one.background for one in answer.thresholds.values())):
        each = (f"{kind.name.lower()} {one.score:.2f}" for kind, one in answer.thresholds.items())
        notes.append(f"least score: {', '.join(each)}")
    if answer.next_page_token:
        notes.append(f"more: --page {answer.next_page_token}")
    return notes
