"""The best of photos that show the same: which to keep, and why."""

from collections.abc import Callable, Sequence

from common.samples import PhotoFacts

# So much less is no worse: the same picture scaled by a program differs by a pixel or two.
NEARLY_PIXELS, NEARLY_SHARP = 0.95, 0.9


def best(photos: Sequence[PhotoFacts]) -> tuple[PhotoFacts, str]:
    """Return the best of at least one photo, and why it is.

    The most pixels, of those the sharpest, of those the most bytes, then the one imported first.
    """
    left, reasons = list(photos), []
    for reason, value, share in _MEASURES:
        most = max(map(value, left))
        better = [facts for facts in left if value(facts) >= share * most]
        if len(better) < len(left):
            reasons.append(reason)
        left = better
    if len(left) > 1:
        reasons.append("imported first")
    chosen = min(left, key=lambda facts: (facts.imported_at_s, facts.photo_id))
    return chosen, ", ".join(reasons)


_MEASURES: tuple[tuple[str, Callable[[PhotoFacts], float], float], ...] = (
    ("most pixels", lambda facts: facts.width * facts.height, NEARLY_PIXELS),
    ("sharpest", lambda facts: facts.sharpness, NEARLY_SHARP),
    ("most bytes", lambda facts: facts.bytes, 1.0),
)
