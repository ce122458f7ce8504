"""The documentation names what exists, and nothing else."""

import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from semapix.v1 import (
    analysis_pb2,
    detector_pb2,
    embedder_pb2,
    gateway_pb2,
    housekeeping_pb2,
    import_records_pb2,
    imports_pb2,
    index_keeping_pb2,
    index_pb2,
    reembedding_pb2,
    vector_sets_pb2,
)
from ui import main

ROOT = Path(__file__).parents[2]
MODULES = (
    analysis_pb2,
    detector_pb2,
    embedder_pb2,
    gateway_pb2,
    housekeeping_pb2,
    index_keeping_pb2,
    import_records_pb2,
    imports_pb2,
    index_pb2,
    reembedding_pb2,
    vector_sets_pb2,
)

SECTIONS = {
    "gateway": "gateway.settings",
    "embedder": "embedder_service.settings",
    "detector": "detector_service.settings",
    "index": "index_service.settings",
    "analysis": "analysis_service.settings",
    "web": "ui.web.settings",
}


def documented(page: str, pattern: str) -> set[str]:
    """Return what the first column of the tables of a page names."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return set(re.findall(rf"^\| `({pattern})", text, re.MULTILINE))


def test_every_rpc_is_documented_and_every_documented_one_exists() -> None:
    services = [s for module in MODULES for s in module.DESCRIPTOR.services_by_name.values()]
    exist = {method.name for service in services for method in service.methods}
    rows = documented("api.md", r"[A-Za-z.]+")
    assert {row.split(".")[-1] for row in rows if not row.isupper()} - {"INVALID_ARGUMENT"} == exist


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    exist = {
        f"{section}.{field.name}"
        for section, module in SECTIONS.items()
        for field in dataclasses.fields(importlib.import_module(module).Settings)
    }
    assert documented("settings.md", r"[a-z_.]+") == exist


def commands(group: Any, before: str = "") -> Iterator[str]:
    """Yield every command below a group, and the groups that are commands themselves.

    Nothing that is registered by an entry point is imported for this.
    """
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        inner = hasattr(command, "list_commands")
        if not inner or command.invoke_without_command:
            yield f"{before}{name}"
        if inner:
            yield from commands(command, f"{before}{name} ")


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    exist = set(commands(typer.main.get_command(main.app), "semapix "))
    assert documented("cli.md", r"semapix [a-z ]+") == exist
    assert {"semapix models", "semapix models fetch", "semapix evaluate encoder"} <= exist


def test_every_decision_record_has_its_parts() -> None:
    for record in sorted((ROOT / "docs" / "adr").glob("*.md")):
        text = record.read_text(encoding="utf-8")
        for part in ("Status: ", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{record.name} lacks {part!r}"


def test_no_link_in_the_documentation_is_broken() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docker").glob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)} -> {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert not broken


def test_every_file_and_test_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`([a-z_/]+(?:\.py|/)|test_\w+)`", text))
    own = [path for path in ROOT.rglob("*.py") if ".venv" not in path.parts[len(ROOT.parts)]]
    tests = set(re.findall(r"def (test_\w+)", "\n".join(p.read_text() for p in own)))
    files = {path.name for path in own} | {f"{path.parent.name}/{path.name}" for path in own}
    missing = {n for n in names if n not in tests | files and not (ROOT / n).exists()}
    folders = {path.name + "/" for path in ROOT.glob("*/*") if path.is_dir()}
    assert not missing - folders
