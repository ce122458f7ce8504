"""A library of real processes embedded anew, everybody killed in the middle, and back again."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import embedder_service
from common.vectors import Floats
from tests import house
from tests.house import House
from ui import model_choice, next_embedder
from ui.client import Client

PHOTOS = ("astronaut.png", "rocket.jpg", "coffee.png", "chelsea.png")
SERVICES = ("gateway", "index", "embedder", next_embedder.NAME)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMAPIX_DETECTOR_OCR", "none")
        yield tmp_path_factory.mktemp("anew") / "library"


@pytest.fixture
def variant(tmp_path: Path) -> Path:
    """A folder with a model that is nearly the embedded one."""
    made = tmp_path / "variant"
    shutil.copytree(Path(embedder_service.__file__).parent / "weights", made)
    weights = load_file(made / "mini.safetensors")
    noise = np.random.default_rng(7)
    for name, values in weights.items():
        if values.ndim == 2:
            spread = 0.05 * float(values.std())
            weights[name] = values + noise.normal(0, spread, values.shape).astype(values.dtype)
    save_file(weights, made / "mini.safetensors")
    return made


def vectors(home: House) -> dict[str, Floats]:
    with Client(home.address("gateway")) as client:
        found = client.housekeeping.vectors()
        return {own: np.frombuffer(values, "<f4") for own, values in found}


def nearest(home: House) -> list[str]:
    hits = home.command("search", "a cup of coffee")["hits"]
    return [hit["facts"]["photo_id"] for hit in hits]


def kill_everybody_in_the_middle(home: House, model: Path) -> None:
    """Kill the command and each service once the second embedder is up; `up` starts them again."""
    process = home.start_command("reindex", "--model", model)
    while next_embedder.NAME not in home.up_file().services:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.kill()
    process.communicate()
    for name in SERVICES:
        running = home.up_file().services.get(name)
        # It may be over by now, or the service is dead already: then there is nothing to kill.
        if running and running.pid and Path(f"/proc/{running.pid}").exists():
            os.kill(running.pid, signal.SIGKILL)


@pytest.mark.slow
def test_everybody_may_be_killed_and_the_library_has_the_new_model(
    folder: Path, variant: Path, package_photos: Path, tmp_path: Path
) -> None:
    chosen = tmp_path / "photos"
    chosen.mkdir()
    for name in PHOTOS:
        shutil.copy(package_photos / name, chosen)
    with house.started(folder, "--no-web") as home:
        home.command("import", chosen)
        before, found = vectors(home), nearest(home)
        kill_everybody_in_the_middle(home, variant)
        outcome = home.command("reindex", "--model", variant)["outcome"]
        assert outcome in (model_choice.DONE, model_choice.UNNEEDED)
        after = vectors(home)
        assert after.keys() == before.keys()
        cosines = [float(after[own] @ before[own]) for own in before]
        assert 0.8 < min(cosines) < 0.9999
        assert nearest(home)[0] == found[0]
        assert not home.command("check")["findings"]
    with house.started(folder, "--no-web") as home:
        embedder = next(s for s in home.command("status")["services"] if s["name"] == "embedder")
        assert embedder["models"] == [str(variant)]
        assert home.command("reindex", "--model", "mini")["outcome"] == model_choice.DONE
        again = vectors(home)
        assert all(np.allclose(again[own], before[own], atol=1e-3) for own in before)
        assert nearest(home) == found
