"""Results of a search as HTML: a card per photo, with what matched outlined, and why."""

from markupsafe import Markup

from common.samples import Box, Hit, Kind, Match, Sample
from ui import answers
from ui.web import cards, pictures, words

BARS = 4
NO_BREAK = "\u00a0"
SCORED_LOWER = " The model makes little sense of the words, so pictures score the lower."


def results(answer: answers.Answer) -> Markup:
    """Return one card per photo, best first."""
    return pictures.joined(_card(hit, answer) for hit in answer.hits)


def _card(hit: Hit, answer: answers.Answer) -> Markup:
    """Return the whole photo with its best match outlined, score bars, why, and what to do next."""
    name = words.photo_name(hit.facts)
    outlines = [pictures.Outline(match.sample, match.score) for match in hit.matches[:BARS]]
    return Markup(
        '<article class="card" data-photo="{id}">'
        '<button type="button" class="frame" data-event="open_photo" data-photo="{id}"'
        ' aria-label="Open {name}">{shot}</button>'
        '<div class="caption"><strong title="{name}">{name}</strong>{bars}</div>'
        '{why}<div class="actions">{actions}</div></article>'
    ).format(
        id=hit.facts.photo_id,
        name=name,
        shot=pictures.shot(hit.facts, size_px=pictures.CARD_PX, outlines=outlines),
        bars=pictures.joined(_bar(match, answer) for match in hit.matches[:BARS]),
        why=_why(hit, answer) if hit.matches else "",
        actions=_like_buttons(hit),
    )


def _bar(match: Match, answer: answers.Answer) -> Markup:
    """Return one match as a line: icon, what it is, a bar of its score in [0, 1], percent."""
    name = words.sample_name(match.sample)
    return Markup(
        '<div class="score" data-sample="{id}" title="{name}: {numbers}">{icon}'
        '<span class="name">{name}</span><span class="bar"><i style="width:{width:.0f}%"></i>'
        "</span><b>{percent}</b></div>"
    ).format(
        id=match.sample.sample_id,
        name=name,
        numbers=", ".join(_numbers(match, answer)),
        icon=pictures.icon(match.sample.kind),
        width=100 * match.score,
        percent=words.percent(match.score),
    )


def _why(hit: Hit, answer: answers.Answer) -> Markup:
    """Return the numbers behind the place of the photo, folded up."""
    rows = pictures.joined(_row(match, answer) for match in hit.matches)
    return Markup(
        '<details class="why"><summary>Why this photo</summary><ul>{}</ul>'
        '<p class="quiet">{}</p></details>'
    ).format(rows, _ranked(hit, answer))


def _ranked(hit: Hit, answer: answers.Answer) -> str:
    if not hit.rank_score:
        return "Found by the filter alone."
    return (
        f"Ranked by {hit.rank_score:.3f}: the best score times weight. A score of 0.5 is as likely "
        "matched as not; weights move the order, never the threshold."
    ) + (SCORED_LOWER if answer.is_strange else "")


def _row(match: Match, answer: answers.Answer) -> Markup:
    sample = match.sample
    again = "" if _whole(sample) else _button("More like it", sample.photo_id, sample.box)
    return Markup(
        '<li data-sample="{}"><div>{}<span class="name">{}</span>{}</div>'
        '<div class="numbers">{}</div></li>'
    ).format(
        sample.sample_id,
        pictures.icon(sample.kind),
        words.sample_name(sample),
        again,
        " · ".join(one.replace(" ", NO_BREAK, 1) for one in _numbers(match, answer)),
    )


def _numbers(match: Match, answer: answers.Answer) -> tuple[str, ...]:
    return (
        f"cosine {match.cosine:.3f}",
        f"score {match.score:.3f}",
        f"weight {match.weight:g}",
        f"threshold {_bound(answer.thresholds.get(match.sample.kind))}",
    )


def _bound(threshold: answers.Threshold | None) -> str:
    if threshold is None:
        return "none"
    how = f", from {threshold.background:,} unrelated" if threshold.background else ""
    return f"{threshold.score:.3f}{how}"


def _like_buttons(hit: Hit) -> Markup:
    whole = _button("More like this", hit.facts.photo_id)
    best = hit.matches[0].sample if hit.matches else None
    if best is None or _whole(best) or best.kind is Kind.TEXT:
        return whole
    text = f"More like this {best.label or words.KINDS[best.kind].name.lower()}"
    return whole + _button(text, best.photo_id, best.box)


def _whole(sample: Sample) -> bool:
    return sample.kind is Kind.PHOTO


def _button(text: str, photo_id: str, box: Box | None = None) -> Markup:
    return cards.button("more_like", text, photo_id=photo_id, box=box)


def more(shown: int) -> Markup:
    """Return the button that asks for the next page, and how many photos are shown."""
    return Markup(
        '<div class="paging"><button type="button" class="action more" data-more>Show more</button>'
        '<span class="quiet">{} shown</span></div>'
    ).format(words.count(shown, "photo"))
