"""The report's measures against what can be reckoned by hand, and its folders by their form."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from analysis_service.report import gap, likeness, materials, pages, sections, tuning, weighing
from analysis_service.report.likeness import Labelled
from analysis_service.report.weighing import Samples
from common import errors
from common.calibration import Calibration
from common.vectors import Floats, normalised

cosines = hnp.arrays(np.float32, st.integers(1, 12), elements=st.floats(-1, 1, width=16))


def rows(*places: tuple[float, float]) -> Floats:
    return normalised(np.array(places, dtype=np.float32))


@given(cosines, cosines)
def test_no_threshold_errs_less_than_the_suggested_one(same: Floats, other: Floats) -> None:
    found, missed, wrong = likeness.best_threshold(same, other)
    assert missed == pytest.approx((same < found).mean())
    assert wrong == pytest.approx((other >= found).mean())
    for tried in np.concatenate([same, other]):
        assert missed + wrong <= (same < tried).mean() + (other >= tried).mean() + 1e-9


def test_classes_are_compared_by_pairs_of_different_photos_alone() -> None:
    vectors = rows((1, 0), (1, 0), (1, 1), (0, 1))
    found = likeness.of(Labelled(vectors, ("cat", "cat", "cat", "dog"), ("a", "a", "b", "c")))
    assert found is not None
    assert found.classes == ("cat", "dog")
    half = float(np.sqrt(0.5))
    np.testing.assert_allclose(found.matrix[0], [half, half / 3], atol=1e-6)
    assert np.isnan(found.matrix[1, 1])
    assert (len(found.same), len(found.other)) == (2, 3)


def test_one_class_alone_cannot_be_compared() -> None:
    assert likeness.of(Labelled(rows((1, 0), (0, 1)), ("cat", "cat"), ("a", "b"))) is None


def test_rare_classes_are_left_out_and_frequent_ones_cut_short() -> None:
    labels = ["rare"] * 3 + ["some"] * 5 + ["many"] * 60
    kept = [labels[row] for row in likeness.chosen(labels)]
    assert {name: kept.count(name) for name in set(kept)} == {"some": 5, "many": 40}


def test_the_gap_is_the_way_between_the_means() -> None:
    found = gap.of(rows((1, 0), (0, 1)), rows((1, 0), (0, 1), (0, 1)), [0, 1, 1])
    assert (found.own, found.foreign, found.r_at_1) == (1, 0, 1)
    assert found.pictures == found.texts == 0
    assert found.gap == pytest.approx(np.hypot(1 / 2 - 1 / 3, 1 / 2 - 2 / 3))


def test_a_weight_of_0_hides_and_a_region_finds_what_the_whole_photo_does_not() -> None:
    vectors = rows((0, 1), (1, 0.2), (0, 1), (1, 0), (0.9, 0.3))
    samples = Samples(vectors, (0, 1, 2, 0, 2), ("", "", "", "dog", "person"))
    found = weighing.weighed(
        samples, rows((1, 0)), {"dog": frozenset({0})}, Calibration(slope=5, offset=-2)
    )
    ways = dict(zip((way.name for way in weighing.WEIGHTINGS), found.example.found, strict=True))
    assert ways["whole photos alone"][0] == 1
    assert ways["all alike"] == (0, 1, 2)
    assert found.precisions[1] == 1 > found.precisions[0]


def test_only_labels_of_some_photos_are_asked_for() -> None:
    labels = [["cat", "dog"], ["cat", "dog"], ["cat", "dog"], ["dog", "cup"]]
    assert weighing.asked(labels) == {"cat": frozenset({0, 1, 2})}


def test_neighbours_on_a_line_are_those_beside() -> None:
    points = np.array([[0, 0], [0.01, 0], [0.5, 0], [0.51, 0]], dtype=np.float32)
    assert sections.alike_near(sections.of_places(points), ("a", "a", "b", "b")) == 1 / 3


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    (tmp_path / "coco" / "images").mkdir(parents=True)
    boxes = [
        {"label": "dog", "xywh": [0, 0, 20, 10]},
        {"label": "dog", "xywh": [0, 0, 40, 20], "crowd": 1},
    ]
    table = {"a.png": {"width": 40, "height": 20, "boxes": boxes, "captions": ["a dog"]}}
    table["b.png"] = {"width": 40, "height": 20, "boxes": [], "captions": []}
    for name in table:
        Image.new("RGB", (40, 20)).save(tmp_path / "coco" / "images" / name)
    (tmp_path / "coco" / "labels.json").write_text(json.dumps(table))
    return tmp_path / "coco"


def test_folders_are_known_by_their_form(coco: Path, tmp_path: Path) -> None:
    for name in ("Ann", "Bob"):
        (tmp_path / "family" / name).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (8, 8)).save(tmp_path / "family" / name / f"{number}.png")
    found = materials.read([coco, tmp_path / "family"])
    assert [len(scene.things) for scene in found.scenes] == [1, 0]
    assert found.scenes[0].things[0].box.area == pytest.approx(0.25)
    assert [each.captions for each in found.captioned] == [("a dog",)]
    assert sorted(set(found.people.values())) == ["Ann", "Bob"]
    some = materials.read([coco, tmp_path / "family"], first=2)
    assert sorted(some.people.values()) == ["Ann", "Bob"]


def test_what_is_of_no_known_form_is_named(coco: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(errors.InvalidInput, match="empty is of no known form"):
        materials.read([tmp_path / "empty"])
    (coco / "images" / "a.png").unlink()
    with pytest.raises(errors.NotFound, match=r"'a\.png': no such file"):
        materials.read([coco])
    (coco / "labels.json").write_text('{"a.png": {"boxes": []}}')
    with pytest.raises(errors.InvalidInput, match="width"):
        materials.read([coco])


def test_a_fine_tuning_becomes_curves_and_a_table_beside_the_thesis(tmp_path: Path) -> None:
    point = {"step": 0, "target_loss": 3.0, "target_similarity": 0.1, "hits": 0.2}
    background = {"background_loss": None, "background_similarity": None, "kept": None}
    (tmp_path / "curve.json").write_text(json.dumps([{**point, **background}]))
    figures = {"fingerprint": "ab", "target_similarity": 0.1, "background_similarity": None}
    both = {"before": figures, "after": {**figures, "target_similarity": 0.25}}
    (tmp_path / "figures.json").write_text(json.dumps(both))
    found = tuning.of(tmp_path)
    assert [(each.name, each.value, each.thesis) for each in found.numbers] == [
        ("mean cosine of a photo and its name", "0.100 -> 0.250", "0.194 -> 0.221")
    ]
    assert len(found.charts) == 3
    (tmp_path / "curve.json").write_text("[{}]")
    with pytest.raises(errors.InvalidInput, match="step"):
        tuning.of(tmp_path)


def test_what_there_is_no_material_for_is_left_out_with_a_sentence() -> None:
    part = tuning.of(None)
    assert "Left out. No folder of a fine-tuned model" in pages.markdown([part], "about")
    assert "Left out." in pages.html([part], "about")


def test_a_page_shows_names_of_strangers_and_runs_none() -> None:
    part = tuning.of(None)
    assert "<script>" not in pages.html([part], "<script>")
