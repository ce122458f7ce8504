"""`python -m embedder_service.training.sense --data DIR --out DIR`: which texts `mini` understands.

Texts that mean something: captions, the words in them, names of things, and words of English,
single and a few together. Texts that do not are drawn (`senseless`). Training ends with it, too.
"""

import argparse
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from common.vectors import Floats
from embedder_service import calibration, hardware, mini, mini_towers, understanding
from embedder_service.encoder import Encoder
from embedder_service.training import class_names, material, photos, senseless
from embedder_service.understanding import Understanding

CAPTIONS, WORDS, GROUPS, SENSELESS = 400, 1_000, 1_000, 4_000
LEAST_LETTERS = 4
# Half of it times the sum of the squared weights is added to the mean loss; the features have a
# spread of one.
RIDGE = 5e-3
Read = Callable[[Sequence[str]], Floats]


def fitted(read: Read, captions: Sequence[str], *, seed: int = 0) -> Understanding:
    """Return what tells texts with a sense from those without, in vectors that `read` makes.

    Both sides count half. `captions` are of photos that the model may know: 400 of them are read,
    and all words in them.
    """
    rng = random.Random(seed)
    # By length, so that texts read together need little padding.
    yes = sorted(with_sense(captions, rng), key=len)
    no = sorted((senseless.drawn(rng) for _ in range(SENSELESS)), key=len)
    rows = read([*yes, *no]).astype(np.float64)
    scale = np.sqrt(rows.shape[1])
    design = np.concatenate([rows * scale, np.ones((len(rows), 1))], axis=1)
    counts = [len(yes), len(no)]
    found = calibration.logistic(
        design,
        targets=np.repeat([1.0, 0.0], counts),
        shares=np.repeat([0.5 / count for count in counts], counts),
        ridge=np.append(np.full(rows.shape[1], RIDGE), 0.0),
    )
    return Understanding(np.asarray(found[:-1] * scale, np.float32), float(found[-1]))


def fit(encoder: Encoder, captions: Sequence[str], folder: Path) -> Path:
    """Leave in `folder` which texts the encoder understands; return the file."""
    found = fitted(lambda texts: encoder.encode_texts(texts).vectors, captions)
    path = folder / understanding.FILE
    understanding.save(found, path, fingerprint=encoder.about.fingerprint)
    return path


def with_sense(captions: Sequence[str], rng: random.Random) -> list[str]:
    """Return texts that mean something, lower case."""
    chosen = [text.lower() for text in rng.sample(list(captions), min(CAPTIONS, len(captions)))]
    every = {word for text in captions for word in re.findall(r"\w+", text.lower())}
    heard = {word for word in every if re.fullmatch("[a-z]{3,}", word)}
    known = english()
    groups = [" ".join(rng.sample(known, rng.randint(2, 4))) for _ in range(GROUPS)]
    words = [*sorted(heard - senseless.FUNCTION_WORDS), *rng.sample(known, WORDS)]
    return [*chosen, *words, *class_names.NAMES, *groups]


def english() -> list[str]:
    """Return some 20,000 English words: those that the embedded reader has a token for."""
    whole = (
        word
        for word in mini_towers.vocabulary()
        if re.fullmatch(f"[a-z]{{{LEAST_LETTERS},}}", word)
    )
    return sorted({*whole} - senseless.FUNCTION_WORDS)


def main() -> None:
    """Fit what belongs to a `mini` in its folder."""
    given = _arguments()
    encoder = mini.MiniEncoder(hardware.choose(given.device), given.out)
    examples = photos.flickr8k(given.data / "flickr8k")
    captions = [text for one in examples if one.split == material.TRAIN for text in one.texts]
    print(f"{fit(encoder, captions, given.out)} tells which texts the model understands")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="embedder_service.training.sense", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with flickr8k/")
    parser.add_argument("--out", type=Path, required=True, help="folder with the weights of a mini")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda:0")
    return parser.parse_args()


if __name__ == "__main__":
    main()
