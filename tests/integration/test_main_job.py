"""The main job on real photos through real services: in, found again, and out."""

import shutil
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from common import samples
from tests.house import House

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "page.png", "rocket.jpg", "brick.png")
SERVICES = {
    "gateway": {"semapix.v1.GatewayService", "semapix.v1.AnalysisService"},
    "embedder": {"semapix.v1.EmbedderService"},
    "detector": {"semapix.v1.DetectorService"},
    "index": {"semapix.v1.IndexService"},
    "analysis": {"semapix.v1.AnalysisService"},
}


@pytest.fixture(scope="module")
def folder(package_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos, one of them twice, and three files that are no good."""
    made = tmp_path_factory.mktemp("photos")
    for name in NAMES:
        shutil.copy(package_photos / name, made / name)
    shutil.copy(made / "coffee.png", made / "coffee again.png")
    (made / "page.jpg").write_bytes(b"<!doctype html>")
    (made / "empty.png").touch()
    (made / "broken.jpg").write_bytes((made / "rocket.jpg").read_bytes()[:40_000])
    return made


@pytest.fixture(scope="module")
def imported(home: House, folder: Path) -> Any:
    """The report of importing that folder, detection and reading included."""
    return home.command("import", folder)


def first(answer: Any) -> str:
    """Return the id of the photo that came first."""
    return str(answer["hits"][0]["facts"]["photo_id"])


def id_of(file: Path) -> str:
    """Return the id that a photo has by its bytes."""
    return samples.photo_id(file.read_bytes())


def test_import_counts_are_exact_and_reasons_are_given(imported: Any) -> None:
    counts = {key: imported[key] for key in ("photos", "added", "duplicate", "rejected", "failed")}
    assert counts == {"photos": 10, "added": 6, "duplicate": 1, "rejected": 3, "failed": 0}
    reasons = {Path(p["source"]).name: p["reason"].lower() for p in imported["problems"]}
    assert reasons == {
        "page.jpg": "not_an_image",
        "empty.png": "empty",
        "broken.jpg": "damaged",
    }
    assert imported["pending"] == 0


def test_importing_again_adds_nothing(home: House, folder: Path, imported: Any) -> None:
    before = home.command("status")["samples"]
    again = home.command("import", folder)
    assert (again["added"], again["duplicate"], again["rejected"]) == (0, 7, 3)
    assert home.command("status")["samples"] == before


@pytest.mark.parametrize(
    ("query", "name"),
    [("a close-up of a cat", "chelsea.png"), ("a cup of coffee", "coffee.png")],
)
def test_a_photo_is_found_by_what_it_shows(
    home: House, imported: Any, folder: Path, query: str, name: str
) -> None:
    assert first(home.command("search", query)) == id_of(folder / name)


@pytest.mark.parametrize("word", ["segmentation", "Histogram", "markers of the coins"])
def test_a_photo_is_found_by_words_printed_in_it(
    home: House, imported: Any, folder: Path, word: str
) -> None:
    answer = home.command("search", word, "--threshold", "0.5")
    assert first(answer) == id_of(folder / "page.png")
    best = answer["hits"][0]["matches"][0]["sample"]
    assert word.lower() in best["text"].lower()


def test_a_photo_is_found_by_a_picture(home: House, imported: Any, folder: Path) -> None:
    answer = home.command("search", "--image", folder / "rocket.jpg")
    assert first(answer) == id_of(folder / "rocket.jpg")
    assert answer["hits"][0]["matches"][0]["cosine"] > 0.98


def test_weights_change_what_counts(home: House, imported: Any) -> None:
    hidden = home.command("search", "segmentation", "--weights", "text=0")
    kinds = {match["sample"]["kind"].lower() for hit in hidden["hits"] for match in hit["matches"]}
    assert "text" not in kinds


@pytest.mark.parametrize("name", SERVICES)
def test_service_answers_health_and_reflection(home: House, name: str) -> None:
    with grpc.insecure_channel(home.address(name)) as channel:
        health = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=5
        )
        listed = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert SERVICES[name] <= set(listed)


def test_clusters_and_map_of_the_library(home: House, imported: Any) -> None:
    clusters = home.command("clusters", "--eps", "0.9")
    points = home.command("map")
    assert clusters["clusters"]
    assert len(points["points"]) == home.command("status")["photos"]


def test_printed_words_lie_where_they_are_seen(home: House, data: Path) -> None:
    """The word at the top has y < 0.1, the one at the left x < 0.15, in all eight orientations."""
    folder = data / "formats" / "orientation"
    report = home.command("import", folder)
    assert report["rejected"] == report["failed"] == report["pending"] == 0
    for scene in ("landscape", "portrait"):
        for number in range(1, 9):
            photo_id = id_of(folder / f"{scene}_{number}.jpg")
            boxes = [
                sample["box"]
                for sample in home.command("show", photo_id)["samples"]
                if sample["kind"].lower() == "text"
            ]
            assert min(box["y"] for box in boxes) < 0.1, f"{scene}_{number}"
            assert min(box["x"] for box in boxes) < 0.15, f"{scene}_{number}"


def test_removed_photo_is_gone(home: House, imported: Any, folder: Path) -> None:
    photo_id = id_of(folder / "brick.png")
    home.command("remove", photo_id)
    home.command("show", photo_id, ok=(1,))
    left = home.command("search", "--image", folder / "brick.png")
    assert photo_id not in {hit["facts"]["photo_id"] for hit in left["hits"]}
