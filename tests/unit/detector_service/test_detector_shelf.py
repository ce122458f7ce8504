"""The detectors that are listed, what `auto` makes of them, and how the standard one is fetched."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from common import errors
from common.model_catalogue import State, Task
from detector_service import choice, fasterrcnn, fetching, mini, ocr, weights
from detector_service.findings import Absent
from detector_service.settings import Settings
from detector_service.shelf import DETECTORS, READER_CARD

WEIGHTS = b"weights of a detector"
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()


class Silent(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(autouse=True)
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A torch hub cache without anything in it."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Address of a server with weights under a true name and under a false one."""
    folder = tmp_path / "served"
    folder.mkdir()
    folder.joinpath(f"net-{DIGEST[:8]}.pth").write_bytes(WEIGHTS)
    folder.joinpath("net-00000000.pth").write_bytes(WEIGHTS)
    handler = partial(Silent, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_fetched_weights_are_those_that_the_name_promises(served: str, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "net.pth"
    assert fetching.fetch(f"{served}/net-{DIGEST[:8]}.pth", target) == target
    assert target.read_bytes() == WEIGHTS


def test_damaged_file_is_fetched_again(served: str, tmp_path: Path) -> None:
    target = tmp_path / "net.pth"
    target.write_bytes(b"half of it")
    fetching.fetch(f"{served}/net-{DIGEST[:8]}.pth", target)
    assert target.read_bytes() == WEIGHTS


def test_weights_with_another_hash_are_refused_and_not_kept(served: str, tmp_path: Path) -> None:
    with pytest.raises(errors.DataLoss, match=r"net-00000000\.pth arrived damaged"):
        fetching.fetch(f"{served}/net-00000000.pth", tmp_path / "in" / "net.pth")
    assert not list((tmp_path / "in").iterdir())


def test_weights_that_are_not_there_or_cannot_be_reached_are_said(
    served: str, tmp_path: Path
) -> None:
    with pytest.raises(errors.NotFound, match="404"):
        fetching.fetch(f"{served}/none-{DIGEST[:8]}.pth", tmp_path / "net.pth")
    with pytest.raises(errors.Unavailable, match="on a machine with a network") as caught:
        fetching.fetch(f"http://127.0.0.1:9/net-{DIGEST[:8]}.pth", tmp_path / "net.pth")
    assert len(str(caught.value).splitlines()) == 1


def test_address_of_the_standard_weights_names_their_hash(torch_home: Path) -> None:
    assert fetching.expected_hash(fasterrcnn.published().url)
    assert torch_home in fasterrcnn.cached_path().parents


def test_automatic_choice_is_what_the_list_says(torch_home: Path) -> None:
    choices = {choice.task: choice for choice in DETECTORS.listing().choices}
    taken = choice.automatic()
    assert choices[Task.READER].name == "easyocr"
    assert choices[Task.DETECTOR].name == ("" if isinstance(taken, Absent) else taken.name)
    assert "semapix models fetch fasterrcnn" in choices[Task.DETECTOR].reason
    fasterrcnn.cached_path().parent.mkdir(parents=True)
    fasterrcnn.cached_path().write_bytes(WEIGHTS)
    listing = DETECTORS.listing()
    assert listing.models[0].state is State.CACHED
    assert listing.models[0].size_bytes == len(WEIGHTS)
    assert listing.choices[0].name == fasterrcnn.ID


def test_embedded_detector_is_listed_where_it_is_there() -> None:
    names = [model.name for model in DETECTORS.listing().models]
    assert (mini.NAME in names) is mini.PATH.is_file()


def test_reader_is_listed_with_its_size_and_figures() -> None:
    reader = DETECTORS.listing().models[-1]
    assert (reader.name, reader.state) == ("easyocr", State.EMBEDDED)
    assert reader.size_bytes > 50e6
    assert all(0 < value <= 1 for value in reader.figures.values())
    assert set(reader.figures) == {"ICDAR 2015 word recall", "ICDAR 2015 word precision"}


def test_card_of_the_reader_describes_the_weights_that_are_used() -> None:
    assert weights.fingerprint(*ocr.files()) in READER_CARD.read_text(encoding="utf-8")


def test_standard_detector_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(FileNotFoundError, match="semapix models fetch fasterrcnn"):
        choice.objects(Settings(objects="fasterrcnn"))
