"""What the automatic threshold lets through, on real CLIP vectors and with the embedded model.

For queries whose photo is there: how often it stays, and how many come in all. For the same
queries with that photo (and all that share a word with it) taken out, and for nonsense: how many
still come. `--photos N` of the validation photos of Flickr8k are embedded for `mini`.
"""

import argparse
import io
import json
import tarfile
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from bench_scoring import CAPTIONS, VECTORS, constants, loaded
from PIL import Image

from common.calibration import Pair
from common.vectors import Floats
from embedder_service import hardware, texts
from embedder_service.mini import MiniEncoder
from embedder_service.training import alike
from index_service import backgrounds
from index_service.vector_index import Doubles

NONSENSE = (
    *("qwxz", "the of and", "asdf jkl", "xyzzy plugh", "🐶", "zzzzzzzz", "lorem ipsum dolor"),
    *("0000 1111", "!!!", "a", "is was been", "blarg fnord", "krrzt", "bar chart of sales"),
    *("tax declaration form 2019", "quarterly revenue spreadsheet", "integrated circuit layout"),
)
TEMPLATES = {
    "as typed": ("{}",),
    "a photo of a": ("a photo of a {}",),
    "mean of four": ("{}", "a photo of a {}", "a picture of {}", "{} in a photo"),
}


def row(
    name: str, scores: Doubles, own: npt.NDArray[np.intp], foreign: Doubles, most: Doubles
) -> None:
    """Print what stays at both thresholds; `foreign` scores are NaN where a photo is left out.

    `most` is what a photo may score for each query.
    """
    cuts = np.array([_cut(*one) for one in zip(scores, most, strict=True)])
    without = np.array(
        [_cut(one[~np.isnan(one)], top) for one, top in zip(foreign, most, strict=True)]
    )
    kept = scores[np.arange(len(scores)), own]
    for label, here, there in (("0.5", 0.5, 0.5), ("auto", cuts, without)):
        hits = (scores >= np.reshape(here, (-1, 1))).sum(1)
        wrong = (foreign >= np.reshape(there, (-1, 1))).sum(1)
        print(
            f"{name:22s} {label:4s} own photo kept {np.mean(kept >= here):.3f}, "
            f"{np.median(hits):.0f} of {scores.shape[1]} come; without it {np.median(wrong):.0f}"
        )


def _cut(scores: Doubles, most: float) -> float:
    part = backgrounds.drawn(np.arange(len(scores)))
    return backgrounds.cut(scores[part], len(scores), most=most).score


def clip() -> None:
    captions = loaded("flickr8k_100x5/text_embeddings")
    photos = loaded("flickr8k_100x5/image_embeddings")[::CAPTIONS]
    scores = constants()[Pair.TEXT_IMAGE].scores(captions @ photos.T)
    own = np.arange(len(captions)) // CAPTIONS
    row(
        "clip, captions",
        scores,
        own,
        without(scores, own[:, None] == np.arange(len(photos))),
        np.ones(len(scores)),
    )


def without(scores: Doubles, left_out: npt.NDArray[np.bool_]) -> Doubles:
    return np.where(left_out, np.nan, scores)


def mini(count: int) -> None:
    encoder = MiniEncoder(hardware.choose())
    names, captions = flickr8k(count)
    photos = embedded(encoder, names)
    print(f"mini {encoder.about.fingerprint[:12]}, {len(names)} photos")
    said = [alike.agreed(group, least=1) for group in captions]
    sure = [alike.agreed(group) for group in captions]
    scores, most = scored(encoder, [group[0] for group in captions], photos)
    shared = np.array([[bool(words & others) for others in said] for words in sure])
    np.fill_diagonal(shared, True)
    row("mini, captions", scores, np.arange(len(names)), without(scores, shared), most)
    odd, odd_most = scored(encoder, NONSENSE, photos)
    passed = [(one >= _cut(one, top)).sum() for one, top in zip(odd, odd_most, strict=True)]
    at_half = np.median((odd >= 0.5).sum(1))
    print(f"mini, nonsense: {np.median(passed):.0f} come with auto, {at_half:.0f} at 0.5")
    silent = np.mean([one.max() < _cut(one, top) for one, top in zip(scores, most, strict=True)])
    print(
        f"mini, nothing stands out for {passed.count(0)} of {len(NONSENSE)} nonsense texts,"
        f" for {silent:.3f} of the captions; best scores of nonsense:"
    )
    print(", ".join(f"{text} {one.max():.2f}" for text, one in zip(NONSENSE, odd, strict=True)))
    ensembles(encoder, photos, sure, said)


def scored(encoder: MiniEncoder, wanted: Sequence[str], photos: Floats) -> tuple[Doubles, Doubles]:
    """Return the score of each photo for each text, as the index makes it, and the most it may."""
    read = encoder.encode_texts([texts.normalised(text) for text in wanted]).vectors
    known = encoder.about.understanding
    sure = known.of(read) if known else np.ones(len(read))
    cosines = (read @ photos.T).astype(np.float64)
    return sure[:, None] * encoder.about.calibrations[Pair.TEXT_IMAGE].scores(cosines), sure


def ensembles(
    encoder: MiniEncoder,
    photos: Floats,
    sure: Sequence[frozenset[str]],
    said: Sequence[frozenset[str]],
) -> None:
    """Print how well single words find photos, as typed and within phrases."""
    counts = {word: sum(word in group for group in sure) for word in frozenset().union(*sure)}
    words = sorted(word for word, count in counts.items() if count >= 4)
    for name, templates in TEMPLATES.items():
        phrases = [[each.format(word) for word in words] for each in templates]
        queries = np.mean([encoder.encode_texts(one).vectors for one in phrases], axis=0)
        found = [
            precision(query @ photos.T, [word in s for s in sure], [word in s for s in said])
            for word, query in zip(words, queries, strict=True)
        ]
        print(f"mini, {len(words)} words {name}: mean average precision {np.mean(found):.4f}")


def precision(cosines: Floats, right: Sequence[bool], perhaps: Sequence[bool]) -> float:
    """Return the average precision, photos that perhaps show the word left out."""
    kept = np.array(right) | ~np.array(perhaps)
    hits = np.array(right)[kept][np.argsort(-cosines[kept], kind="stable")]
    places = np.flatnonzero(hits) + 1
    return float(np.mean(np.arange(1, len(places) + 1) / places))


def flickr8k(count: int) -> tuple[list[str], list[list[str]]]:
    """Return names of validation photos and their captions."""
    folder = VECTORS.parent / "flickr8k"
    names = sorted(json.loads((folder / "splits.json").read_text())["val"])[:count]
    captions = json.loads((folder / "captions.json").read_text())
    return names, [captions[name] for name in names]


def embedded(encoder: MiniEncoder, names: Sequence[str]) -> Floats:
    rows = []
    with tarfile.open(VECTORS.parent / "flickr8k" / "images.tar") as archive:
        members = {member.name.split("/")[-1]: member for member in archive.getmembers()}
        for at in range(0, len(names), 32):
            files = [archive.extractfile(members[name]) for name in names[at : at + 32]]
            pictures = [
                Image.open(io.BytesIO(file.read())).convert("RGB") for file in files if file
            ]
            rows.append(encoder.encode_images([encoder.prepare(one) for one in pictures]))
    return np.concatenate(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1_000)
    given = parser.parse_args()
    torch.set_num_threads(2)
    if not VECTORS.is_dir():
        print(f"no vectors in {VECTORS} (set SEMAPIX_DATA)")
        return
    clip()
    if given.photos:
        mini(given.photos)


if __name__ == "__main__":
    main()
