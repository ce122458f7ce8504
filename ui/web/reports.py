"""What the library says of itself in short, as HTML: the summary of Home, jobs."""

from markupsafe import Markup

from ui import analyses, answers, naming
from ui.web import cards, pictures, status_cards, words


def summary(status: answers.Status) -> Markup:
    """Return the number of photos, what is still being done, and the notices."""
    count = words.count(status.photos, "photo") if status.counted else "Photos: not known"
    notices = pictures.joined(map(cards.note, status.notices))
    return Markup('<div class="summary"><b class="count">{}</b><span>{}</span></div>{}').format(
        count, _waiting(status), notices
    )


def _waiting(status: answers.Status) -> str:
    pending = status_cards.above_zero(status.pending)
    waiting = ", ".join(f"{words.STAGES[stage]} in {number:,}" for stage, number in pending)
    if not waiting:
        return ""
    longest = max((speed.remaining_s for speed in status.speeds.values()), default=0.0)
    to_go = f", about {naming.duration(longest)} to go" if longest else ""
    return f"Still looking for {waiting}{to_go}"


def job(analysis: analyses.Analysis) -> Markup:
    """Return how far a job is."""
    return cards.progress(analysis.progress, (analysis.step or "waiting").capitalize())
