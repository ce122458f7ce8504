"""Running libraries for the integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import house


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[house.House]:
    """One library for all tests that only add to it."""
    with house.started(tmp_path_factory.mktemp("home") / "library", "--no-web") as running:
        yield running


@pytest.fixture(scope="session")
def package_photos() -> Path:
    """Folder of the photos that ship with scikit-image."""
    skimage = pytest.importorskip("skimage")
    return Path(skimage.__file__).parent / "data"
