"""Any CLIP folder runs offline, and sees and reads what transformers' own CLIP sees and reads."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
import transformers
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from common.calibration import Pair
from embedder_service import catalogue, checkpoints, clip, clip_pixels, encoder, hardware

EXACT = hardware.Hardware(torch.device("cpu"), torch.float32)
SIZES = [(224, 224), (640, 427), (333, 1001), (97, 55), (31, 500)]


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def small(small_clip: Path) -> clip.ClipEncoder:
    return clip.ClipEncoder(small_clip, model="small", hardware=EXACT)


@pytest.mark.parametrize("size", SIZES)
def test_preprocessing_equals_that_of_transformers(size: tuple[int, int]) -> None:
    processor = CLIPImageProcessorPil()
    own = clip_pixels.of_processor(processor)
    image = picture(*size)
    expected = processor(image, return_tensors="pt")["pixel_values"]
    got = own.standardised(torch.from_numpy(own.pixels(image)[None].copy()))
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", SIZES[:3])
def test_preprocessing_is_that_of_the_tensor_backend_to_within_two_grey_levels(
    size: tuple[int, int],
) -> None:
    processor = transformers.CLIPImageProcessor()
    own = clip_pixels.of_processor(processor)
    image = picture(*size)
    expected = processor(image, return_tensors="pt")["pixel_values"]
    got = own.standardised(torch.from_numpy(own.pixels(image)[None].copy()))
    assert (got - expected).abs().max() < 2.5 / 255 / 0.26


def test_vectors_equal_those_of_transformers(small_clip: Path, small: clip.ClipEncoder) -> None:
    model = transformers.CLIPModel.from_pretrained(small_clip)
    images, texts = [picture(80, 60), picture(50, 90, 1)], ["a dog on a beach", "two men"]
    processor = transformers.CLIPProcessor(
        CLIPImageProcessorPil.from_pretrained(small_clip),
        transformers.AutoTokenizer.from_pretrained(small_clip),
    )
    inputs = processor(text=texts, images=images, return_tensors="pt", padding=True)
    with torch.inference_mode():
        expected = model(**inputs)
    got_images = encoder.encode_pictures(small, images)
    np.testing.assert_allclose(got_images, expected.image_embeds.numpy(), atol=1e-5)
    got_texts = small.encode_texts(texts)
    np.testing.assert_allclose(got_texts.vectors, expected.text_embeds.numpy(), atol=1e-5)
    assert got_texts.truncated == (False, False)


def test_vectors_do_not_depend_on_the_batch(small: clip.ClipEncoder) -> None:
    images = [picture(60, 60, seed) for seed in range(40)]
    together = encoder.encode_pictures(small, images)
    alone = np.concatenate([encoder.encode_pictures(small, [image]) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_texts_are_cut_where_the_model_stops_reading(small: clip.ClipEncoder) -> None:
    read = "dog " * 75
    encoded = small.encode_texts([read, read + "cat", read + "car", "dog"])
    assert encoded.truncated == (False, True, True, False)
    np.testing.assert_allclose(encoded.vectors[1], encoded.vectors[2], atol=1e-6)
    np.testing.assert_allclose(encoded.vectors[1], encoded.vectors[0], atol=1e-6)


def test_tokens_are_those_of_clip(small_clip: Path) -> None:
    text = "it's a café, 25 dogs & 'one' cat: über-fast!"
    tokenizer = transformers.AutoTokenizer.from_pretrained(small_clip)
    own = tokenizer(text)["input_ids"]
    theirs = open_clip.tokenize([text])[0].tolist()
    assert own == theirs[: len(own)]
    assert not any(theirs[len(own) :])


def test_fingerprint_is_of_weights_and_preprocessing_alone(
    small_clip: Path, small: clip.ClipEncoder, tmp_path: Path
) -> None:
    half = hardware.Hardware(torch.device("cpu"), torch.bfloat16)
    again = clip.ClipEncoder(small_clip, model="other name", hardware=half)
    assert again.about.fingerprint == small.about.fingerprint
    changed = copied(small_clip, tmp_path / "weights")
    model = transformers.CLIPModel.from_pretrained(changed)
    with torch.no_grad():
        model.visual_projection.weight[0, 0] += 1e-3
    model.save_pretrained(changed)
    assert fingerprint(changed) != small.about.fingerprint
    sharper = copied(small_clip, tmp_path / "preprocessing")
    config = sharper / "preprocessor_config.json"
    config.write_text(config.read_text().replace('"resample": 3', '"resample": 1'))
    assert fingerprint(sharper) != small.about.fingerprint


def fingerprint(folder: Path) -> str:
    return clip.ClipEncoder(folder, model="x", hardware=EXACT).about.fingerprint


def copied(folder: Path, target: Path) -> Path:
    target.mkdir()
    for file in folder.iterdir():
        target.joinpath(file.name).write_bytes(file.read_bytes())
    return target


def test_own_calibration_of_a_folder_comes_before_the_general_one(
    small_clip: Path, small: clip.ClipEncoder, tmp_path: Path
) -> None:
    general = small.about.calibrations
    assert set(general) == set(Pair)
    own = copied(small_clip, tmp_path / "own")
    constants = '{"slope": 7, "offset": -2}'
    table = ", ".join(f'"{pair.name.lower()}": {constants}' for pair in Pair)
    own.joinpath("semapix.json").write_text(f'{{"calibrations": {{{table}}}}}')
    about = clip.ClipEncoder(own, model="own", hardware=EXACT).about
    assert {value.slope for value in about.calibrations.values()} == {7}
    own.joinpath("semapix.json").write_text("{}")
    with pytest.raises(ValueError, match="calibration of every pair"):
        clip.ClipEncoder(own, model="own", hardware=EXACT)


def test_auto_takes_the_standard_model_only_when_all_of_it_is_cached(
    small_clip: Path, tmp_path: Path
) -> None:
    assert checkpoints.cached(checkpoints.STANDARD, tmp_path) is None
    repository = tmp_path / "models--openai--clip-vit-base-patch32"
    snapshot = repository / "snapshots" / "abc"
    snapshot.parent.mkdir(parents=True)
    copied(small_clip, snapshot)
    repository.joinpath("refs").mkdir()
    repository.joinpath("refs", "main").write_text("abc")
    loaded = catalogue.load("auto", EXACT, cache=tmp_path)
    assert loaded.about.model == checkpoints.STANDARD
    snapshot.joinpath("model.safetensors").unlink()
    assert checkpoints.cached(checkpoints.STANDARD, tmp_path) is None


def test_model_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="semapix models fetch some/clip"):
        catalogue.load("some/clip", EXACT, cache=tmp_path)
    with pytest.raises(ValueError, match=r"has no config\.json"):
        catalogue.load(str(tmp_path), EXACT)
