"""The bar of the calibrated score on real CLIP vectors, by the constants that the command makes."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from common.calibration import Calibration, Pair
from common.vectors import Floats
from embedder_service import calibration
from embedder_service.training import clip_constants as command

CAPTIONS = 5


@dataclass(frozen=True, slots=True)
class Material:
    """100 photos, their captions, five each, and 2,148 names of things as if read in photos."""

    captioned: command.Captioned
    names: dict[str, command.Names]

    @property
    def photos(self) -> Floats:
        return self.captioned.photos[::CAPTIONS]

    @property
    def texts(self) -> Floats:
        return np.concatenate([names.vectors for names in self.names.values()])


@pytest.fixture(scope="module")
def material(data: Path) -> Material:
    folder = data / "clip_vectors"
    if not folder.is_dir():
        pytest.skip(f"no vectors in {folder}")
    captioned = command.read_captioned(folder / "flickr8k_100x5")
    return Material(captioned, command.read_names(folder / "detic_text"))


@pytest.fixture(scope="module")
def made(data: Path, material: Material, tmp_path_factory: pytest.TempPathFactory) -> object:
    """What the command writes."""
    out = tmp_path_factory.mktemp("constants") / "clip.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["clip_constants", "--data", str(data), "--out", str(out)])
        command.main()
    return calibration.load(out)


def half(material: Material, first: int) -> Material:
    """Return every other photo with its captions, and every other name."""
    kept = [row for row in range(len(material.captioned.texts)) if row // CAPTIONS % 2 == first]
    own = material.captioned
    captioned = command.Captioned(
        own.photos[kept],
        own.captions[kept],
        tuple(own.texts[row] for row in kept),
        tuple(own.owners[row] for row in kept),
    )
    return Material(captioned, material.names)


def constants_of(material: Material) -> dict[Pair, Calibration]:
    return calibration.fit_every(command.pairs(material.captioned, material.names))


def own_first(material: Material, constants: dict[Pair, Calibration], queries: Floats) -> float:
    """Return the share of captions whose photo comes first among all photos and texts."""
    photos = constants[Pair.TEXT_IMAGE].scores(queries @ material.photos.T)
    texts = constants[Pair.TEXT_TEXT].scores(queries @ material.texts.T).max(1)
    rows = [material.captioned.captions.tolist().index(query) for query in queries.tolist()]
    own = np.array(rows) // CAPTIONS
    best = photos[np.arange(len(own)), own]
    photos[np.arange(len(own)), own] = -1
    return float(np.mean(best > np.maximum(photos.max(1), texts)))


def test_own_photo_comes_first_among_photos_and_texts(
    material: Material, made: dict[Pair, Calibration]
) -> None:
    assert own_first(material, made, material.captioned.captions) >= 0.78


@pytest.mark.parametrize("first", [0, 1])
def test_constants_of_one_half_serve_the_other(material: Material, first: int) -> None:
    constants, others = constants_of(half(material, first)), half(material, 1 - first)
    assert own_first(material, constants, others.captioned.captions) >= 0.78
    assert balanced(command.pairs(others.captioned, others.names), constants) >= 0.85


def balanced(pairs: object, constants: dict[Pair, Calibration]) -> float:
    """Return the least balanced accuracy of a cut at 0.5."""
    wrong = [
        calibration.error_share(constants[pair], pairs[pair].matched, pairs[pair].unmatched)  # type: ignore[index]
        for pair in (Pair.TEXT_IMAGE, Pair.TEXT_TEXT)
    ]
    return 1 - max(wrong)


def test_half_separates_matched_from_unmatched(
    material: Material, made: dict[Pair, Calibration]
) -> None:
    assert balanced(command.pairs(material.captioned, material.names), made) >= 0.85


def test_exact_texts_come_first(material: Material, made: dict[Pair, Calibration]) -> None:
    texts, captions = material.texts, material.captioned.captions
    for queries, others in ((texts, texts), (captions, np.concatenate((texts, captions)))):
        as_text = made[Pair.TEXT_TEXT].scores(queries @ others.T)
        as_photo = made[Pair.TEXT_IMAGE].scores(queries @ material.photos.T)
        exact = as_text[np.abs(queries @ others.T - 1) < 1e-5].min()
        assert np.mean(exact > as_photo.max(1)) >= 0.99


def test_shipped_constants_are_those_of_the_command(made: dict[Pair, Calibration]) -> None:
    shipped = calibration.load(
        Path(command.__file__).parents[1] / "weights" / "clip-vit-base-patch32.json"
    )
    assert shipped == made
