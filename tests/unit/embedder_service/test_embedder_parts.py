"""The small parts: texts, pieces, hardware, fingerprints, preparation and admission."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from common import errors, images, settings, vectors
from common.samples import Box
from common.vectors import Floats
from embedder_service import chunks, fingerprints, hardware, lite, texts
from embedder_service.encoder import About, EncodedTexts, Pixels
from embedder_service.preparation import Admission, Preparation, Wanted
from embedder_service.settings import Settings


@given(st.text())
def test_normalised_text_is_folded_and_stays_so(text: str) -> None:
    once = texts.normalised(text)
    assert texts.normalised(once) == once
    assert once == once.strip()
    assert "  " not in once
    assert "\n" not in once
    assert bool(once) == bool(text.split())


def test_normalised_text_is_lower_case() -> None:
    assert texts.normalised("  A  Dog\u00a0ON\tthe\nBEACH ") == "a dog on the beach"


@given(st.lists(st.integers()), st.integers(1, 7))
def test_pieces_hold_every_item_in_its_order(items: list[int], size: int) -> None:
    pieces = list(chunks.of(size, items))
    assert [item for piece in pieces for item in piece] == items
    assert all(len(piece) == size for piece in pieces[:-1])


def test_hardware_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hardware.choose("cpu", "float32").precision == "float32"
    with pytest.raises(ValueError, match=r"embedder\.precision = 'int4'"):
        hardware.choose("cpu", "int4")
    monkeypatch.setitem(hardware.CONVOLVES, "bfloat16", lambda: False)
    with pytest.raises(ValueError, match=r"'bfloat16' is not for this processor: use auto"):
        hardware.choose("cpu", "bfloat16")
    with pytest.raises(ValueError, match="no such GPU"):
        hardware.choose(f"cuda:{torch.cuda.device_count()}")
    for device in ("abacus", "meta", "mps", "", "cpu:x"):
        with pytest.raises(ValueError, match=rf"embedder\.device = '{device}'"):
            hardware.choose(device)


@pytest.mark.parametrize("name", ["threads", "preparers", "max_batch", "max_image_pixels"])
def test_setting_that_leaves_nothing_to_work_with_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"embedder\.{name} = -1 is not at least"):
        settings.load(Settings, "embedder", {f"SEMAPIX_EMBEDDER_{name.upper()}": "-1"})


def test_picture_counts_by_its_vectors_or_its_mebibytes() -> None:
    region = Box(0, 0, 1, 1)
    assert Wanted(b"few", (), "a").load == 1
    assert Wanted(b"few", (region,) * 3, "a").load == 3
    assert Wanted(bytes(5 << 20), (region,) * 3, "a").load == 5


def test_fingerprint_is_of_names_shapes_values_and_preprocessing() -> None:
    weights = {"a": torch.arange(4.0), "b": torch.ones(2, 2)}
    plain = fingerprints.fingerprint(weights, ("resize", 224))
    assert plain == fingerprints.fingerprint(dict(reversed(weights.items())), ("resize", 224))
    changed = [
        ({**weights, "a": torch.arange(1.0, 5.0)}, ("resize", 224)),
        ({**weights, "b": torch.ones(4)}, ("resize", 224)),
        ({"a": weights["a"], "c": weights["b"]}, ("resize", 224)),
        (weights, ("resize", 240)),
    ]
    others = {fingerprints.fingerprint(*each) for each in changed}
    assert len(others) == len(changed)
    assert plain not in others


def test_folded_weights_are_those_of_ieee_754_whatever_the_processor() -> None:
    """A library is searched by embedders on several machines: their fingerprints must agree."""
    random = np.random.default_rng(0)
    names = ("_bn0.weight", "_bn0.bias", "_bn0.running_mean", "_bn0.running_var")
    norm = {name: random.uniform(0.1, 2, 512).astype(np.float32) for name in names}
    kernel = random.standard_normal((512, 3, 3, 3)).astype(np.float32)
    weights = {"_conv_stem.weight": kernel, **norm}
    folded = dict(lite.folded(as_tensors(weights), "_conv_stem", "_bn0", "stem"))
    gain, shift, mean, variance = norm.values()
    # Twice as many digits, rounded once: that is what IEEE 754 asks of a square root.
    root = np.sqrt((variance + np.float32(lite.EPSILON)).astype(np.float64)).astype(np.float32)
    scale = gain / root
    np.testing.assert_array_equal(folded["stem.weight"], kernel * scale[:, None, None, None])
    np.testing.assert_array_equal(folded["stem.bias"], shift - mean * scale)


def as_tensors(arrays: Mapping[str, Floats]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


class Sizes:
    """Prepares a picture as its width and height; encodes nothing."""

    @property
    def about(self) -> About:
        return About("sizes", "", 2, "cpu", "float32", 1, {})

    def prepare(self, image: Image.Image) -> Pixels:
        return np.array(image.size, dtype=np.uint8)

    def encode_images(self, pixels: Sequence[Pixels]) -> vectors.Floats:
        return np.stack(pixels).astype(np.float32)

    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        return EncodedTexts(np.zeros((len(texts), 2), np.float32), (False,) * len(texts))


async def test_regions_are_cut_from_the_upright_picture() -> None:
    sideways = Image.new("RGB", (40, 80))
    exif = sideways.getexif()
    exif[0x0112] = 6
    stored = images.encode_jpeg(sideways)
    turned = images.io.BytesIO()
    Image.open(images.io.BytesIO(stored)).save(turned, "JPEG", exif=exif)
    regions = (Box(0, 0, 0.5, 1), Box(0.25, 0.5, 0.25, 0.25), Box(0.99, 0.99, 0.01, 0.01))
    preparation = Preparation(Sizes(), limits=images.Limits(), threads=1)
    wanted = [Wanted(turned.getvalue(), (), "x"), Wanted(turned.getvalue(), regions, "y")]
    whole, parts = await preparation.pixels(wanted)
    preparation.close()
    assert isinstance(whole, list)
    assert isinstance(parts, list)
    assert [pixels.tolist() for pixels in whole] == [[80, 40]]
    assert [pixels.tolist() for pixels in parts] == [[40, 40], [20, 10], [1, 1]]


async def test_picture_above_the_pixel_limit_fails_alone() -> None:
    limits = images.Limits(max_pixels=1000)
    preparation = Preparation(Sizes(), limits=limits, threads=2)
    small, large = (images.encode_jpeg(Image.new("RGB", (side, side))) for side in (20, 40))
    outcomes = await preparation.pixels([Wanted(large, (), "images[0]"), Wanted(small, (), "b")])
    preparation.close()
    assert isinstance(outcomes[0], images.TooLargeImage)
    assert outcomes[0].field == "images[0].image"
    assert isinstance(outcomes[1], list)


def test_admission_counts_what_is_under_way() -> None:
    admission = Admission(4)
    with (
        admission.of(9, retry_after_s=1),
        pytest.raises(errors.Overloaded) as caught,
        admission.of(1, retry_after_s=2.5),
    ):
        pass
    assert caught.value.retry_after_s == 2.5
    with admission.of(3, retry_after_s=1), admission.of(1, retry_after_s=1):
        pass


def test_admission_is_given_back_after_a_failure() -> None:
    admission = Admission(1)
    with pytest.raises(asyncio.CancelledError), admission.of(1, retry_after_s=1):
        raise asyncio.CancelledError
    with admission.of(1, retry_after_s=1):
        pass
