"""An import through real processes: interrupted, gone on with, in place, stages done again."""

import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common import samples
from tests import house
from tests.house import House
from tests.integration import two_imports
from ui.answers import Outcome, Query, Term
from ui.client import Client

COPIES = 80


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A library of its own, without a text reader, which would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMAPIX_DETECTOR_OCR", "none")
        with house.started(tmp_path_factory.mktemp("goes-on") / "library", "--no-web") as running:
            yield running


@pytest.fixture
def folder(package_photos: Path, tmp_path: Path) -> Path:
    """Many photos that differ in their last bytes, and one that is none."""
    made = tmp_path / "many"
    made.mkdir()
    for number in range(COPIES):
        source = package_photos / "rocket.jpg"
        (made / f"{number:03}.jpg").write_bytes(source.read_bytes() + b"%d" % number)
    (made / "torn.jpg").write_bytes((package_photos / "rocket.jpg").read_bytes()[:30_000])
    return made


def newest(home: House) -> Any:
    return home.command("imports")[0]["record"]


def interrupted_after_the_first_photo(home: House, folder: Path) -> str:
    """Return what `semapix import` says at Ctrl-C; a frozen embedder holds back the rest."""
    process = home.start_command("import", folder, "--no-wait")
    with Client(home.address("gateway")) as client:
        while not any(one.record.added for one in client.imports.list()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
    with home.frozen("embedder"):
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=60)[1]


def test_an_interrupted_import_goes_on_by_its_id_and_importing_again_sends_nothing(
    home: House, folder: Path
) -> None:
    told = interrupted_after_the_first_photo(home, folder)
    record = newest(home)
    assert f"semapix import --resume {record['import_id']}" in " ".join(told.split())
    assert 0 < record["added"] < COPIES
    report = home.command("import", "--resume", record["import_id"], "--no-wait")
    done = newest(home)
    assert (report["added"], report["rejected"], report["failed"]) == (COPIES, 1, 0)
    assert (done["state"], done["added"], done["rejected"]) == ("finished", COPIES, 1)
    again = home.command("import", folder, "--no-wait")
    assert (again["added"], again["duplicate"]) == (0, COPIES)
    (rejected,) = [
        one for one in home.command("rejected") if one["rejection"]["source"].endswith("torn.jpg")
    ]
    assert rejected["kept"]
    home.command("rejected", "--forget")


def test_two_imports_at_once_and_a_search_between_all_work(home: House) -> None:
    first, second = two_imports.photos(0, 12), two_imports.photos(11, 12)
    with Client(home.address("gateway")) as client:
        before = client.status().photos
        with two_imports.at_once(home.address("gateway"), first, second) as results:
            ids = [samples.photo_id(encoded) for encoded in (first[0], second[1])]
            for encoded, photo_id in zip((first[0], second[1]), ids, strict=True):
                hits = client.search(Query((Term(image=encoded),), limit=3)).hits
                assert hits[0].facts.photo_id == photo_id
            assert client.status().photos >= before + 21
        outcomes = [one.outcome for result in results for one in result.result(timeout=120)]
        assert client.status().photos == before + 23
    assert Counter(outcomes) == {Outcome.ADDED: 23, Outcome.DUPLICATE: 1}


def test_photos_in_place_are_found_shown_and_missed(
    home: House, package_photos: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "disk"
    outside.mkdir()
    file = outside / "cat.png"
    shutil.copy(package_photos / "chelsea.png", file)
    with file.open("ab") as end:
        end.write(b"in place")
    report = home.command("import", outside, "--in-place", "--no-wait")
    assert report["added"] == 1
    photo_id = samples.photo_id(file.read_bytes())
    found = home.command("search", "--image", file)
    assert photo_id in {hit["facts"]["photo_id"] for hit in found["hits"]}
    assert home.command("show", photo_id)["facts"]["sources"] == [str(file)]
    file.unlink()
    assert home.command("search", "--image", package_photos / "chelsea.png")["hits"]
    home.command("download", photo_id, "--out", tmp_path / "copy.png", ok=(1,))
    findings = home.command("check", ok=(1,))["findings"]
    assert any(str(file) in one["message"] for one in findings)
    home.command("remove", photo_id, "--permanently")


def test_stages_are_done_again_through_all_services(home: House) -> None:
    before = home.command("status")
    todo = home.command("reindex", "--stages", "detect", "--all")
    after = home.command("status")
    assert todo == {"photos": {"detect": before["photos"]}}
    assert after["samples"] == before["samples"]
    assert not any(after["pending"].values())
