"""The embedded model as it is committed: finds by text, and says the same in every batch."""

from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from common import images
from common.calibration import Pair
from embedder_service import catalogue, encoder, hardware, mini, texts

pytestmark = pytest.mark.weights
EXACT = hardware.Hardware(torch.device("cpu"), torch.float32)
NAMES = ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg", "page.png", "coins.png")


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    """Six real photos that ship inside scikit-image, in the order of NAMES."""
    folder = resources.files("skimage") / "data"
    return [images.decode(folder.joinpath(name).read_bytes()).image for name in NAMES]


@pytest.fixture(scope="module")
def model() -> encoder.Encoder:
    return catalogue.load("mini", EXACT)


def test_cat_is_found_by_text(model: encoder.Encoder, photos: list[Image.Image]) -> None:
    query = model.encode_texts([texts.normalised("A photo of a  CAT")]).vectors[0]
    cosines = encoder.encode_pictures(model, photos) @ query
    assert NAMES[int(cosines.argmax())] == "chelsea.png"
    scores = model.about.calibrations[Pair.TEXT_IMAGE].scores(cosines)
    assert scores[0] > 0.9
    assert scores[NAMES.index("page.png")] < 0.5


def test_vectors_are_unit_rows_of_the_dimension_told(
    model: encoder.Encoder, photos: list[Image.Image]
) -> None:
    pictures = encoder.encode_pictures(model, photos)
    written = model.encode_texts(["a dog", "dog " * 100])
    for rows in (pictures, written.vectors):
        assert rows.dtype == np.float32
        assert rows.shape[1] == model.about.dimension == 512
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert written.truncated == (False, True)


def test_vector_does_not_depend_on_the_rest_of_its_batch(
    model: encoder.Encoder, photos: list[Image.Image]
) -> None:
    together = encoder.encode_pictures(model, photos)
    alone = encoder.encode_pictures(model, photos[:1])
    np.testing.assert_allclose(together[0], alone[0], atol=1e-4)
    many = model.encode_texts(["a dog", "a much longer text about a dog on a beach"]).vectors
    np.testing.assert_allclose(many[0], model.encode_texts(["a dog"]).vectors[0], atol=1e-4)


def test_fewer_bits_change_neither_vectors_nor_fingerprint(
    model: encoder.Encoder, photos: list[Image.Image], short: hardware.Hardware
) -> None:
    fewer = mini.MiniEncoder(short)
    assert fewer.about.fingerprint == model.about.fingerprint
    exact, rough = (encoder.encode_pictures(each, photos) for each in (model, fewer))
    assert (exact * rough).sum(1).min() >= 0.999
    wanted = ["a cat", "a rocket on its launch pad at night"]
    exact, rough = (each.encode_texts(wanted).vectors for each in (model, fewer))
    assert (exact * rough).sum(1).min() >= 0.999


def test_fingerprint_is_that_of_the_model_card(model: encoder.Encoder) -> None:
    card = Path(mini.WEIGHTS).joinpath("MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"`{model.about.fingerprint}`" in card
