"""Settings come from the file, then from the environment, and say which one is wrong."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from common import settings


@dataclass(frozen=True)
class Example:
    address: str = "127.0.0.1:1"
    workers: int = 2
    share: float = 0.5
    fast: bool = False
    folder: Path = Path("library")


def test_defaults_hold_where_nothing_is_set() -> None:
    assert settings.load(Example, "example", {}) == Example()


def test_environment_overrides_file(tmp_path: Path) -> None:
    file = tmp_path / "semapix.toml"
    file.write_text('[example]\nworkers = 3\nfast = true\nfolder = "photos"\n')
    environ = {"SEMAPIX_CONFIG": str(file), "SEMAPIX_EXAMPLE_WORKERS": "5"}
    loaded = settings.load(Example, "example", environ)
    assert loaded == Example(workers=5, fast=True, folder=Path("photos"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WORKERS", "many"), ("SHARE", "half"), ("FAST", "perhaps")],
)
def test_unreadable_value_is_named(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"example\.{variable.lower()} = '{value}'"):
        settings.load(Example, "example", {f"SEMAPIX_EXAMPLE_{variable}": value})


def test_unknown_key_in_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "semapix.toml"
    file.write_text("[example]\nworker = 3\n")
    with pytest.raises(ValueError, match="no setting 'worker'"):
        settings.load(Example, "example", {"SEMAPIX_CONFIG": str(file)})


def test_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("[example\n")
    for path in (file, tmp_path / "absent.toml"):
        with pytest.raises(ValueError, match=path.name):
            settings.load(Example, "example", {"SEMAPIX_CONFIG": str(path)})
