"""Search as the thesis did it: cosines to everything, weights row by row, sorted."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from common.samples import Kind
from common.vectors import Floats


class ThesisSearch:
    """All samples as a tensor and a table."""

    def __init__(self, vectors: Floats, kinds: Sequence[Kind], photos: Sequence[int]) -> None:
        self._vectors = torch.from_numpy(vectors)
        self._table = pd.DataFrame({"photo": photos, "kind": [kind.name for kind in kinds]})

    def best(self, query: Floats, weights: Mapping[Kind, float], count: int) -> list[int]:
        """Return the numbers of the best photos, best first."""
        own = {kind.name: weight for kind, weight in weights.items()}
        cosines = torch.nn.functional.cosine_similarity(
            self._vectors, torch.from_numpy(query)[None]
        )
        table = self._table.assign(cosine=cosines.numpy())
        table["score"] = table.apply(lambda row: row["cosine"] * own.get(row["kind"], 0.0), axis=1)
        ordered = table.sort_values("score", ascending=False).drop_duplicates("photo")
        return [int(photo) for photo in ordered["photo"].head(count)]


class NumpyScan:
    """The same answer by one product and array operations: the least a scan can cost."""

    def __init__(self, vectors: Floats, kinds: Sequence[Kind], photos: Sequence[int]) -> None:
        self._vectors, self._photos = vectors, np.array(photos)
        self._kinds = np.array([int(kind) for kind in kinds])

    def best(self, query: Floats, weights: Mapping[Kind, float], count: int) -> list[int]:
        """Return the numbers of the best photos, best first, ties in no order."""
        by_kind = np.zeros(max(Kind) + 1)
        for kind, weight in weights.items():
            by_kind[kind] = weight
        ranks = np.clip(self._vectors @ query, 0, 1) * by_kind[self._kinds]
        # A photo may come as often as it has samples.
        few = np.argpartition(-ranks, len(Kind) * count)[: len(Kind) * count]
        ordered = few[np.argsort(-ranks[few])]
        return list(dict.fromkeys(self._photos[ordered].tolist()))[:count]
