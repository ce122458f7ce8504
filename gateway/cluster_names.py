"""Names for clusters of pictures: the label nearest to the centre.

Vectors of texts and of pictures lie apart, so both are compared after the mean of their own kind
has been taken away: what is left says in what a cluster differs from the library, and a label from
all labels.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from common import errors
from common.vectors import Floats, normalised
from gateway.encoding import Encoding
from gateway.services import Encoder, TextVector

log = logging.getLogger(__name__)
# By how many standard deviations of all labels' cosines the best one stands out before it says
# something. Cosines themselves tell nothing across models: right names have 0.2 with CLIP and 0.6
# with the embedded model. Of 96 clusters of COCO's photos and crops with the latter, 70 of the 78
# names above 4 say what most of the cluster shows, and about half of those below.
LEAST_DEVIATIONS = 4.0
MOST_S = 30.0
# A cluster that is the whole library differs from it by rounding alone.
LEAST_DIFFERENCE = 1e-3


@dataclass(frozen=True, slots=True)
class Centre:
    """Centre of a cluster, and the mean of all vectors around it: little-endian float32.

    `spread` is the mean cosine distance of its samples to the centre, in [0, 2].
    """

    centre: bytes
    mean: bytes
    spread: float = 0.0

    def difference(self) -> Floats:
        """Return in what the mean of the cluster differs from that of all, shape (d,).

        The centre is that mean at unit length; without that it is 1 - `spread` long.
        """
        return (1 - self.spread) * _floats(self.centre) - _floats(self.mean)


@dataclass(frozen=True, slots=True, eq=False)
class _Labels:
    """Labels that could be embedded, and their vectors less the mean of all, unit rows."""

    labels: tuple[str, ...]
    vectors: Floats


class ClusterNames:
    """Names from one vocabulary, whose vectors are made once for each model."""

    def __init__(self, encoding: Encoding, vocabulary: Sequence[str]) -> None:
        self._encoding, self._vocabulary = encoding, tuple(vocabulary)
        self._made: dict[str, _Labels] = {}
        self._lock = asyncio.Lock()

    async def suggested(self, centres: Sequence[Centre], fingerprint: str) -> list[str]:
        """Return a name for each, "" where no label is near or no vectors of labels can be had."""
        if not centres:
            return []
        try:
            labels = await asyncio.wait_for(self._labels(fingerprint), MOST_S)
        except (errors.SemapixError, TimeoutError) as error:
            log.warning("clusters stay without suggested names: %s", error or "too slow")
            return [""] * len(centres)
        return await asyncio.to_thread(_nearest, labels, centres)

    async def _labels(self, fingerprint: str) -> _Labels:
        """Return the labels by that model. Raises Mismatch if the embedder runs another."""
        async with self._lock:
            if fingerprint not in self._made:
                self._made = {
                    fingerprint: await self._encoding.with_encoder(
                        lambda encoder: self._embedded(encoder, fingerprint)
                    )
                }
            return self._made[fingerprint]

    async def _embedded(self, encoder: Encoder, fingerprint: str) -> _Labels:
        if encoder.fingerprint != fingerprint:
            raise errors.Mismatch(
                f"the clusters were found with another model than {encoder.model}"
            )
        made = await self._encoding.texts(self._vocabulary, encoder)
        pairs = [
            (label, np.frombuffer(one.vector, dtype="<f4"))
            for label, one in zip(self._vocabulary, made.outcomes, strict=True)
            if isinstance(one, TextVector)
        ]
        if not pairs:
            raise errors.Unavailable("the embedder made no vector of any label")
        rows = np.stack([vector for _, vector in pairs])
        return _Labels(tuple(label for label, _ in pairs), normalised(rows - rows.mean(axis=0)))


def _nearest(labels: _Labels, centres: Sequence[Centre]) -> list[str]:
    """Return the nearest label of each centre, "" if it does not stand out among all labels."""
    rows = np.stack([one.difference() for one in centres])
    cosines = normalised(rows) @ labels.vectors.T
    best = cosines.argmax(axis=1)
    ahead = cosines.max(axis=1) - cosines.mean(axis=1)
    telling = ahead > LEAST_DEVIATIONS * cosines.std(axis=1)
    telling &= np.linalg.norm(rows, axis=1) > LEAST_DIFFERENCE
    return [
        labels.labels[at] if tells else ""
        for at, tells in zip(best.tolist(), telling.tolist(), strict=True)
    ]


def _floats(values: bytes) -> Floats:
    return np.frombuffer(values, dtype="<f4").astype(np.float32)
