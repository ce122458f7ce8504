"""What each kind counts for in a ranking: defaults of the service times what the caller says."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from common import errors
from common.samples import Kind


@dataclass(frozen=True, slots=True)
class Defaults:
    """Weights for queries by text and by picture; kinds not named weigh 1."""

    text: Mapping[Kind, float]
    picture: Mapping[Kind, float]

    def applied(self, wanted: Mapping[Kind, float], *, text_share: float) -> dict[Kind, float]:
        """Return the weight of every kind; of a mixed query `text_share` in [0, 1] is text.

        Raises InvalidInput if every kind is hidden.
        """
        weights = {
            kind: wanted.get(kind, 1.0)
            * (
                text_share * self.text.get(kind, 1.0)
                + (1 - text_share) * self.picture.get(kind, 1.0)
            )
            for kind in Kind
        }
        if not any(weights.values()):
            raise errors.InvalidInput("weights", "hide every kind: give one a weight above 0")
        return weights


def parsed(text: str, name: str) -> dict[Kind, float]:
    """Return the weights in "person=0.9,text=0.5". Raises ValueError, naming the setting `name`."""
    weights: dict[Kind, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, value = part.partition("=")
        try:
            weights[Kind[kind.strip().upper()]] = _weight(value)
        except (KeyError, ValueError):
            kinds = ", ".join(kind.name.lower() for kind in Kind)
            message = f"{name}: {part!r} is not kind=weight, a weight of at least 0 and one of"
            raise ValueError(f"{message} {kinds}") from None
    return weights


def _weight(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise ValueError(text)
    return value
