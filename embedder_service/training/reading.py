"""What the part of the text tower that is never trained makes of texts, computed once and kept."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from embedder_service import chunks, mini_towers, minilm, texts

log = logging.getLogger(__name__)
Halves = npt.NDArray[np.float16]
Places = npt.NDArray[np.intp]
BATCH = 128


@dataclass(frozen=True, slots=True)
class Texts:
    """Distinct normalised texts, float16.

    `states` (tokens, 384) are those before the last layers, text after text, text n from
    `starts[n]` to `starts[n + 1]`; `plain` (n, 384) are the text tower's own unit rows.
    """

    texts: tuple[str, ...]
    states: Halves
    starts: Places
    plain: Halves

    def rows(self, wanted: Sequence[str]) -> Places:
        """Return the row of each text."""
        places = {text: row for row, text in enumerate(self.texts)}
        return np.array([places[texts.normalised(text)] for text in wanted], dtype=np.intp)

    def reading(self, rows: Places, device: torch.device) -> minilm.Reading:
        """Return the states of some texts, padded to the longest of them."""
        first, lengths = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        steps = np.arange(lengths.max())
        read = steps[None, :] < lengths[:, None]
        tokens = np.where(read, first[:, None] + steps[None, :], first[:, None])
        states = torch.from_numpy(self.states[tokens]).to(device).float()
        return minilm.Reading(states, torch.from_numpy(read).to(device))


def of(tower: mini_towers.TextTower, wanted: Iterable[str], cache: Path) -> Texts:
    """Return all `wanted` texts as the tower reads them; the file `cache` keeps what was read."""
    known = _stored(cache)
    lacking = {texts.normalised(text) for text in wanted} - set(known.texts)
    if not lacking:
        return known
    fresh = sorted(lacking, key=lambda text: (len(text), text))
    every = _joined(known, [_read(tower, batch) for batch in chunks.of(BATCH, fresh)])
    names = np.array(every.texts)
    np.savez(cache, texts=names, states=every.states, starts=every.starts, plain=every.plain)
    log.info("%s: %d texts", cache.name, len(every.texts))
    return every


def _read(tower: mini_towers.TextTower, batch: Sequence[str]) -> Texts:
    shared = tower.shared(batch)
    lengths = shared.read.sum(1).cpu().numpy()
    return Texts(
        tuple(batch),
        states=shared.states[shared.read].half().cpu().numpy(),
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        plain=tower.rest(shared).plain.half().cpu().numpy(),
    )


def _joined(known: Texts, others: Sequence[Texts]) -> Texts:
    parts = [known, *others]
    lengths = np.concatenate([np.diff(part.starts) for part in parts])
    return Texts(
        tuple(text for part in parts for text in part.texts),
        states=np.concatenate([part.states for part in parts]),
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp),
        plain=np.concatenate([part.plain for part in parts]),
    )


def _stored(cache: Path) -> Texts:
    if not cache.is_file():
        nothing = np.zeros((0, mini_towers.TEXT_WIDTH), dtype=np.float16)
        return Texts((), nothing, np.zeros(1, dtype=np.intp), nothing)
    with np.load(cache) as stored:
        texts_read = tuple(stored["texts"].tolist())
        return Texts(texts_read, stored["states"], stored["starts"], stored["plain"])
