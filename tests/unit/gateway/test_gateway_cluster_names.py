"""Suggested names are labels near a centre, whatever lies between texts and pictures."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from common import errors
from common.vectors import Floats, normalised, pack
from gateway import vocabulary
from gateway.cluster_names import Centre, ClusterNames
from gateway.encoding import Encoding
from gateway.services import Embedded, Encoder, Picture, TextVector

WORDS = ("dog", "beach", "car", "soup", *(f"other {number}" for number in range(40)))
ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SEMAPIX_DATA", ROOT.parent / "shared" / "data"))
VECTORS, LABELS = SHARED / "clip_vectors", "oid_clip_a+cname"
AXES = np.eye(len(WORDS) + 1, dtype=np.float32)
GAP = 3 * AXES[-1]


class Texts:
    """An embedder for which each word is an axis, and all texts lie far from all pictures."""

    def __init__(self) -> None:
        self.calls, self.away = 0, False

    async def encoder(self) -> Encoder:
        return Encoder("axes", "feed", max_images=1, max_regions=1, max_texts=30, max_text_chars=9)

    async def images(
        self, pictures: Sequence[Picture], *, fingerprint: str = ""
    ) -> Embedded[tuple[bytes, ...]]:
        return Embedded(())

    async def texts(self, texts: Sequence[str], *, fingerprint: str = "") -> Embedded[TextVector]:
        self.calls += 1
        if self.away:
            raise errors.Unavailable("the embedder is away")
        rows = [normalised(axis(word) + GAP) for word in texts]
        return Embedded(tuple(TextVector(pack(row)) for row in rows))


def axis(word: str) -> Floats:
    """Return the direction of a word."""
    return AXES[WORDS.index(word)]


def centres(*words: str) -> list[Centre]:
    """Return centres of pictures of each word, among pictures of every word."""
    mean = pack(np.mean([normalised(axis(word) - GAP) for word in WORDS], axis=0))
    return [Centre(pack(normalised(axis(word) - GAP)), mean) for word in words]


async def test_each_centre_is_called_by_its_word_though_texts_lie_apart() -> None:
    texts = Texts()
    names = ClusterNames(Encoding(texts), WORDS)
    assert await names.suggested(centres("soup", "dog", "car"), "feed") == ["soup", "dog", "car"]
    assert await names.suggested(centres("beach"), "feed") == ["beach"]
    assert texts.calls == 2


async def test_a_centre_that_is_near_to_many_labels_alike_has_no_name() -> None:
    (dog,) = centres("dog")
    torn = np.mean([axis(word) for word in ("dog", "beach", "car", "soup")], axis=0)
    between = Centre(pack(normalised(torn - GAP)), dog.mean)
    assert await ClusterNames(Encoding(Texts()), WORDS).suggested([between, dog], "feed") == [
        *("", "dog")
    ]


async def test_centre_that_differs_in_nothing_has_no_name() -> None:
    """As a cluster of the whole library: its centre is the mean brought to unit length."""
    (one,) = centres("dog")
    mean = np.frombuffer(one.mean, dtype="<f4")
    whole = Centre(pack(normalised(mean)), one.mean, spread=float(1 - np.linalg.norm(mean)))
    names = ClusterNames(Encoding(Texts()), WORDS)
    assert await names.suggested([whole, one], "feed") == ["", "dog"]


@pytest.mark.parametrize(("away", "fingerprint"), [(True, "feed"), (False, "another")])
async def test_without_the_embedder_or_its_model_there_are_no_names_but_clusters(
    away: bool, fingerprint: str
) -> None:
    texts = Texts()
    texts.away = away
    names = ClusterNames(Encoding(texts), WORDS)
    assert await names.suggested(centres("dog", "car"), fingerprint) == ["", ""]
    texts.away = False
    assert await names.suggested(centres("dog"), "feed") == ["dog"]


class ClipLabels(Texts):
    """CLIP's own vectors of the labels of OpenImages."""

    def __init__(self) -> None:
        super().__init__()
        rows = np.load(VECTORS / "detic_text" / f"{LABELS}.npy").astype(np.float32)
        named = json.loads((VECTORS / "detic_text" / "labels.json").read_text())[f"{LABELS}.npy"]
        rows = rows if len(rows) == len(named) else rows.T
        self.rows = dict(zip(named, normalised(rows), strict=True))

    async def texts(self, texts: Sequence[str], *, fingerprint: str = "") -> Embedded[TextVector]:
        return Embedded(tuple(TextVector(pack(self.rows[text])) for text in texts))


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared data are not here")
async def test_clip_calls_clusters_of_photos_by_what_they_show() -> None:
    photos = np.load(VECTORS / "unsplash125" / "image_embeddings.npy").astype(np.float32)
    photos = normalised(photos.reshape(len(photos), -1))
    mean, labels = pack(photos.mean(axis=0)), ClipLabels()
    groups = DBSCAN(eps=0.2, min_samples=2, metric="cosine").fit(photos).labels_
    sizes = np.bincount(groups[groups >= 0])
    rows = [np.flatnonzero(groups == group) for group in np.argsort(-sizes, kind="stable")[:5]]
    asked = [Centre(pack(normalised(photos[members].mean(axis=0))), mean) for members in rows]
    found = await ClusterNames(Encoding(labels), tuple(labels.rows)).suggested(asked, "feed")
    # OpenImages has no label for the 28 photos of sky, mountains and sea.
    assert [len(members) for members in rows] == [28, 15, 12, 12, 4]
    assert found[0] == ""
    assert found[1] in {"Building", "Office building", "Tower", "Skyscraper"}
    assert set(found[2:4]) == {"Football", "Salad"}
    assert found[4] == "Fruit"


def test_vocabulary_has_many_labels_each_once() -> None:
    labels = vocabulary.labels()
    assert len(labels) == len({label.lower() for label in labels}) >= 500
    assert {"dog", "traffic light", "beach"} <= set(labels)
    assert not any(label.startswith("#") or len(label) > 40 for label in labels)
