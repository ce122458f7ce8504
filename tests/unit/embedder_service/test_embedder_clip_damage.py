"""A CLIP folder that is not whole is refused with its name; thin pictures cost little."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from embedder_service import clip, clip_pixels, hardware

EXACT = hardware.Hardware(torch.device("cpu"), torch.float32)
WEIGHTS = "model.safetensors"


def cut_short(folder: Path) -> None:
    folder.joinpath(WEIGHTS).write_bytes(folder.joinpath(WEIGHTS).read_bytes()[:-1000])


def emptied(folder: Path) -> None:
    folder.joinpath(WEIGHTS).write_bytes(b"")


def without_a_tensor(folder: Path) -> None:
    tensors = safetensors.torch.load_file(folder / WEIGHTS)
    del tensors["visual_projection.weight"]
    safetensors.torch.save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def of_something_else(folder: Path) -> None:
    folder.joinpath(WEIGHTS).unlink()
    folder.joinpath("pytorch_model.bin").write_bytes(b"hello")


def with_half_a_vocabulary(folder: Path) -> None:
    folder.joinpath("vocab.json").write_text("{")


def with_broken_preprocessing(folder: Path) -> None:
    folder.joinpath("preprocessor_config.json").write_text("{")


@pytest.mark.parametrize(
    "damage",
    [
        cut_short,
        emptied,
        without_a_tensor,
        of_something_else,
        with_half_a_vocabulary,
        with_broken_preprocessing,
    ],
)
def test_damaged_folder_is_refused_with_its_name(
    small_clip: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = shutil.copytree(small_clip, tmp_path / "damaged")
    damage(folder)
    with pytest.raises((ValueError, OSError), match="damaged"):
        clip.ClipEncoder(folder, model="damaged", hardware=EXACT)


@pytest.mark.parametrize("size", [(1, 30_000), (30_000, 1), (2, 9_999)])
def test_thin_picture_is_cut_before_it_is_sized(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    resize = Image.Image.resize

    def counted(image: Image.Image, size: tuple[int, int], *options: object) -> Image.Image:
        made.append(size[0] * size[1])
        return resize(image, size, *options)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", counted)
    bands = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    bands[size[1] // 2 :, size[0] // 2 :] = 200
    pixels = preprocessing().pixels(Image.fromarray(bands))
    assert pixels.shape == (224, 224, 3)
    assert max(made) < 224 * 224 * 110
    assert pixels.min() < 60
    assert pixels.max() > 140


def preprocessing() -> clip_pixels.Preprocessing:
    third = (0.5, 0.5, 0.5)
    return clip_pixels.Preprocessing(224, (224, 224), int(Image.Resampling.BICUBIC), third, third)
