"""What every suite shares: where the evaluation photos lie, if they do."""

import os
from pathlib import Path

import hypothesis
import pytest

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("patient")
hypothesis.settings.load_profile("patient")
ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares fixtures where tests run in parallel: files, running services."""
    for item in items:
        folder = item.path.parent
        group = folder if folder.name in ("browser", "integration") else item.path
        item.add_marker(pytest.mark.xdist_group(str(group.relative_to(ROOT))))


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of evaluation photos; the test skips where it is absent."""
    folder = Path(os.environ.get("SEMAPIX_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"evaluation photos not found in {folder} (set SEMAPIX_DATA)")
    return folder


@pytest.fixture(scope="session")
def models(data: Path) -> Path:
    """Folder of test models beside the photos; the test skips where it is absent."""
    folder = data.parent / "models"
    if not folder.is_dir():
        pytest.skip(f"test models not found in {folder}")
    return folder
