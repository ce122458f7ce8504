"""The two forms of ONNX detectors: recognised by their shapes, asked and understood rightly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from common.vectors import Floats
from detector_service import onnx_forms
from detector_service.onnx_forms import Detr, Yolox

FRAME = (64, 96)
CELLS = 8 * 12 + 4 * 6 + 2 * 3
DETR_INPUTS = {"images": (None, 3, 320, 416), "orig_target_sizes": (None, 2)}
DETR_OUTPUTS = {"labels": (None, None), "boxes": (None, None, 4), "scores": (None, None)}
YOLOX_INPUTS = {"images": (1, 3, FRAME[1], FRAME[0])}
YOLOX = Yolox("images", "output", FRAME)


def encoded(corners: Floats, *, stride: int, first: int, columns: int) -> tuple[int, Floats]:
    """Return the row and the four numbers with which YOLOX would say `corners`, in the frame."""
    centre, sides = (corners[:2] + corners[2:]) / 2, corners[2:] - corners[:2]
    column, row = (int(value // stride) for value in centre)
    place = centre / stride - [column, row]
    return first + row * columns + column, np.concatenate([place, np.log(sides / stride)])


def answer(*said: tuple[int, Floats, float, int]) -> dict[str, Floats]:
    """Return an output (1, cells, 5 + 3 classes) with row, numbers, score, class of each."""
    rows = np.zeros((1, CELLS, 8), dtype=np.float32)
    for at, numbers, score, name in said:
        rows[0, at, :4], rows[0, at, 4], rows[0, at, 5 + name] = numbers, 1.0, score
    return {"output": rows}


def test_forms_are_told_apart_by_names_and_shapes() -> None:
    assert onnx_forms.recognised(DETR_INPUTS, DETR_OUTPUTS) == Detr(
        "images", "orig_target_sizes", (416, 320)
    )
    assert onnx_forms.recognised(YOLOX_INPUTS, {"output": (1, CELLS, 85)}) == YOLOX


@pytest.mark.parametrize(
    "outputs",
    [
        {"output": (1, CELLS + 1, 85)},
        {"output": (1, CELLS, 5)},
        {"logits": (1, 1000)},
        DETR_OUTPUTS,
    ],
)
def test_model_of_another_form_is_refused_with_what_it_has(
    outputs: dict[str, tuple[int | None, ...]],
) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(outputs))}.*no form that is known"):
        onnx_forms.recognised(YOLOX_INPUTS, outputs)


def test_detr_gets_the_stretched_picture_in_red_green_blue_and_its_size() -> None:
    form = Detr("images", "orig_target_sizes", (416, 320))
    inputs = form.inputs(Image.new("RGB", (100, 50), (255, 0, 51)))
    assert inputs["images"].shape == (1, 3, 320, 416)
    assert np.allclose(inputs["images"][0, :, 7, 7], [1.0, 0.0, 0.2])
    assert inputs["orig_target_sizes"].tolist() == [[100, 50]]


def test_yolox_gets_the_letterboxed_picture_in_blue_green_red() -> None:
    pixels = YOLOX.inputs(Image.new("RGB", (100, 50), (255, 0, 51)))["images"]
    assert pixels.shape == (1, 3, 96, 64)
    assert pixels[0, :, 5, 5].tolist() == [51, 0, 255]
    assert pixels[0, :, 90, 5].tolist() == [114, 114, 114]


def test_detr_says_each_thing_once() -> None:
    outputs = {
        "labels": np.array([[3, 3, 4]]),
        "boxes": np.array([[[0, 0, 9, 9], [0, 0, 9, 9.5], [0, 0, 9, 9]]], dtype=np.float32),
        "scores": np.array([[0.6, 0.7, 0.5]], dtype=np.float32),
    }
    found = Detr("images", "sizes", (416, 320)).candidates(outputs, (10, 10))
    assert found.numbers.tolist() == [3, 4]
    assert found.scores.tolist() == pytest.approx([0.7, 0.5])


@given(
    st.floats(2, 40),
    st.floats(2, 70),
    st.floats(2, 60),
    st.floats(2, 90),
    st.sampled_from([(8, 0, 8), (16, 96, 4), (32, 120, 2)]),
)
def test_yolox_box_comes_back_as_it_was_said(
    left: float, top: float, width: float, height: float, level: tuple[int, int, int]
) -> None:
    stride, first, columns = level
    corners = np.array([left, top, min(left + width, 63), min(top + height, 95)], dtype=np.float32)
    at, numbers = encoded(corners, stride=stride, first=first, columns=columns)
    found = YOLOX.candidates(answer((at, numbers, 0.8, 2)), (128, 192))
    assert found.numbers.tolist() == [2]
    assert np.allclose(found.corners[0], 2 * corners, rtol=1e-3, atol=1e-2)


def test_yolox_multiplies_objectness_and_class_and_drops_duplicates() -> None:
    corners = np.array([8, 8, 40, 40], dtype=np.float32)
    first = encoded(corners, stride=8, first=0, columns=8)
    again = encoded(corners + 1, stride=16, first=96, columns=4)
    found = YOLOX.candidates(answer((*first, 0.8, 2), (*again, 0.5, 2)), FRAME)
    assert found.scores.tolist() == pytest.approx([0.8])
