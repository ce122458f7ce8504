"""Packages add subcommands by an entry point, and a broken one harms nobody."""

import sys

import pytest

METADATA = "Metadata-Version: 2.1\nName: other-package\nVersion: 1\n"
POINTS = "[semapix.commands]\ngreet = other_plugin:app\nbroken = no_such_module:app\n"
PLUGIN = '''
import typer
app = typer.Typer()

@app.command()
def greet(name: str) -> None:
    """Say hello."""
    print(f"hello {name}")
'''


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Another package is installed, with one command that works and one that does not."""
    place = tmp_path / "site"
    (place / "other_package-1.dist-info").mkdir(parents=True)
    (place / "other_package-1.dist-info" / "METADATA").write_text(METADATA)
    (place / "other_package-1.dist-info" / "entry_points.txt").write_text(POINTS)
    (place / "other_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(place)
    sys.modules.pop("other_plugin", None)


@pytest.mark.usefixtures("installed")
def test_a_registered_command_runs(semapix):
    done = semapix("greet", "you")
    assert (done.code, done.out) == (0, "hello you\n")


@pytest.mark.usefixtures("installed")
def test_listing_commands_names_plugins_without_importing_them(semapix):
    done = semapix("--help")
    assert done.code == 0
    assert "greet" in done.out
    assert "other-package" in done.out
    assert "other_plugin" not in sys.modules


@pytest.mark.usefixtures("installed")
def test_a_broken_plugin_is_a_warning_and_others_still_work(semapix):
    broken = semapix("broken")
    assert broken.code == 1
    assert "no_such_module" in broken.err
    assert semapix("greet", "you").code == 0


def test_an_unknown_command_is_wrong_usage(semapix):
    assert semapix("dance").code == 2
