"""`python -m embedder_service.training.clip_constants`: calibration constants of CLIP ViT-B/32.

Estimated from stored vectors, so that no checkpoint is needed: photos with captions, and the names
of things as four data sets write them.
"""

import argparse
import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from common import vectors
from common.calibration import Pair
from common.vectors import Floats
from embedder_service import calibration, texts
from embedder_service.training import alike


@dataclass(frozen=True, slots=True)
class Captioned:
    """Unit rows of photos and of their captions, five rows a photo, and which photo each shows."""

    photos: Floats
    captions: Floats
    texts: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Unit rows of "a {name}", and the names as their data set writes them."""

    vectors: Floats
    names: tuple[str, ...]


def pairs(captioned: Captioned, names: Mapping[str, Names]) -> dict[Pair, alike.Pairs]:
    """Return cosines of matched and unmatched pairs of every two modalities."""
    owners = np.array(captioned.owners)
    own = owners[:, None] == owners[None, :]
    first = np.unique(owners, return_index=True)[1]
    text_image = captioned.captions @ captioned.photos[first].T
    photos = captioned.photos[first]
    groups = [
        [text for text, owner in zip(captioned.texts, owners, strict=True) if owner == wanted]
        for wanted in owners[first]
    ]
    foreign_texts = (captioned.captions @ captioned.captions.T)[~own]
    return {
        Pair.TEXT_IMAGE: alike.Pairs(text_image[own[:, first]], text_image[~own[:, first]]),
        Pair.IMAGE_IMAGE: alike.of_photos(photos, groups),
        Pair.TEXT_TEXT: _of_names(names, foreign_texts),
    }


def of_one_photo(captioned: Captioned) -> Floats:
    """Return cosines of different captions of one photo: alike, but not the same said again.

    They are reported, not fitted to: whether they match is for the reader to say.
    """
    owners = np.array(captioned.owners)
    upper = np.triu(owners[:, None] == owners[None, :], 1)
    return np.asarray((captioned.captions @ captioned.captions.T)[upper], np.float32)


def _of_names(names: Mapping[str, Names], foreign_texts: Floats) -> alike.Pairs:
    """Matched: the same name, written differently by two data sets. Unmatched: different texts."""
    matched, unmatched = [], [foreign_texts]
    for one, other in combinations(names.values(), 2):
        cosines = one.vectors @ other.vectors.T
        plain = [[_plain(name) for name in each.names] for each in (one, other)]
        same = np.array(plain[0])[:, None] == np.array(plain[1])[None, :]
        rewritten = same & (np.array(one.names)[:, None] != np.array(other.names)[None, :])
        matched.append(cosines[rewritten])
        unmatched.append(cosines[~same])
    return alike.Pairs(np.concatenate(matched), np.concatenate(unmatched))


def _plain(name: str) -> str:
    return texts.normalised(name.replace("_", " "))


def read_captioned(folder: Path) -> Captioned:
    """Return the photos with captions in `folder`."""
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Captioned(
        photos=_unit(folder / "image_embeddings.npy"),
        captions=_unit(folder / "text_embeddings.npy"),
        texts=tuple(row["caption"] for row in rows),
        owners=tuple(row["image_id"] for row in rows),
    )


def read_names(folder: Path) -> dict[str, Names]:
    """Return the named things in `folder`, by the file they come from."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return {
        file: Names(_unit(folder / file), tuple(names)) for file, names in sorted(labels.items())
    }


def _unit(path: Path) -> Floats:
    return vectors.normalised(np.load(path).astype(np.float32))


def main() -> None:
    """Print the constants with the error they make; write them where --out says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with clip_vectors/")
    parser.add_argument("--out", type=Path, help="file to write, JSON")
    given = parser.parse_args()
    folder = given.data / "clip_vectors"
    captioned = read_captioned(folder / "flickr8k_100x5")
    found = pairs(captioned, read_names(folder / "detic_text"))
    constants = calibration.fit_every(found)
    for pair, each in found.items():
        print(alike.report(pair, constants[pair], each))
    captions, texts_alone = of_one_photo(captioned), constants[Pair.TEXT_TEXT]
    print(
        f"captions of one photo: {captions.mean():.3f} +- {captions.std():.3f}, "
        f"{(texts_alone.scores(captions) >= 0.5).mean():.3f} of {len(captions):,} at 0.5 or above"
    )
    if given.out:
        given.out.write_text(calibration.to_json(constants), encoding="utf-8")


if __name__ == "__main__":
    main()
