"""kill -9 of one service during an import: a clear outcome, nothing half there, then the rest."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests import house
from ui import client

PHOTOS = 60
SERVICES = ("gateway", "embedder", "detector", "index", "analysis")


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[house.House]:
    """A library whose processes get killed."""
    with house.started(tmp_path_factory.mktemp("fragile") / "library", "--no-web") as running:
        yield running


@pytest.fixture
def folder(package_photos: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Photos nobody has seen before: small pieces of known ones, other ones for each test."""
    draw = random.Random(request.node.name)
    with Image.open(package_photos / "coffee.png") as whole:
        for number in range(PHOTOS):
            left, top = draw.randrange(whole.width - 160), draw.randrange(whole.height - 160)
            piece = whole.crop((left, top, left + 160, top + 160))
            piece.save(tmp_path / f"{number}.jpg", quality=draw.randrange(60, 95))
    return tmp_path


@pytest.mark.parametrize("name", SERVICES)
def test_import_survives_the_death_of(name: str, fragile: house.House, folder: Path) -> None:
    before = fragile.command("status")["photos"]
    command = fragile.start_command("import", folder, "--no-wait")
    _wait_for_the_first(fragile, before)
    assert command.poll() is None, "the import ended before anything could be killed"
    fragile.kill(name)
    report = json.loads(command.communicate(timeout=200)[0])
    outcomes = ("added", "duplicate", "rejected", "failed", "unreadable")
    assert sum(report[outcome] for outcome in outcomes) == report["photos"] == PHOTOS
    assert report["rejected"] == report["unreadable"] == 0

    again = fragile.command("import", folder)
    status = fragile.command("status")
    assert again["added"] == report["failed"]
    assert again["duplicate"] == PHOTOS - report["failed"]
    assert status["photos"] == before + PHOTOS
    assert not any(status["pending"].values())


def _wait_for_the_first(fragile: house.House, before: int) -> None:
    with client.Client(fragile.address("gateway")) as gateway:
        while gateway.status().photos == before:
            time.sleep(0.02)
