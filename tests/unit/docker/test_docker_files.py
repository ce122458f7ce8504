"""Dockerfile, compose files and pyproject say the same."""

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "docker"
SERVICES = ("gateway", "embedder", "detector", "index", "analysis", "ui")


def loaded(name: str) -> ModuleType:
    """Return a module of the folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


dockerfile = loaded("dockerfile")
TEXT = (FOLDER / "Dockerfile").read_text(encoding="utf-8")


def compose(name: str) -> Any:
    """Return a compose file."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def test_every_service_has_an_image_and_an_extra() -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(dockerfile.services(TEXT)) == sorted(SERVICES)
    assert set(SERVICES) <= set(project["project"]["optional-dependencies"])


def test_every_package_is_copied() -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = {word for text in dockerfile.image("ui", TEXT).texts("COPY") for word in text.split()}
    assert {name.split("/")[0] for name in packages} <= copied
    allowed = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert {name.split("/")[0] for name in packages} <= {line.lstrip("!") for line in allowed}


@pytest.mark.parametrize("service", SERVICES)
def test_image_runs_as_nobody_special_and_answers_where_it_listens(service: str) -> None:
    image = dockerfile.image(service, TEXT)
    port = image.texts("EXPOSE")[-1]
    assert image.texts("USER") == ["semapix"]
    assert image.entry_point[:2] == ["python", "-m"]
    assert image.health_check[:3] == ["python", "-m", "common.probe"]
    assert image.health_check[3].removeprefix("http://") == f"127.0.0.1:{port}"
    addresses = [v for k, v in image.environment.items() if k.endswith("_ADDRESS")]
    assert addresses == [f"0.0.0.0:{port}"]


def test_only_the_index_needs_a_compiler() -> None:
    lines = [text for text in dockerfile.image("index", TEXT).texts("RUN") if "g++" in text]
    assert len(lines) == 1
    assert lines[0].startswith('if [ "$SERVICE" = index ]')


def test_unknown_service_is_refused_by_naming_the_known() -> None:
    with pytest.raises(ValueError, match=r"no image for 'web'.*gateway.*ui"):
        dockerfile.image("web", TEXT)


def test_compose_runs_every_image_once() -> None:
    services = compose("compose.yaml")["services"]
    assert sorted(one["build"]["args"]["SERVICE"] for one in services.values()) == sorted(SERVICES)
    assert {one["build"]["dockerfile"] for one in services.values()} == {"docker/Dockerfile"}


def test_compose_addresses_point_at_the_port_each_image_exposes() -> None:
    services = compose("compose.yaml")["services"]
    named = [v for one in services.values() for v in one.get("environment", {}).values()]
    assert len(named) == 6
    for address in named:
        host, port = address.split(":")
        image = dockerfile.image(services[host]["build"]["args"]["SERVICE"], TEXT)
        assert image.texts("EXPOSE") == [port]


def test_compose_keeps_what_must_last_in_volumes_of_the_image() -> None:
    whole = compose("compose.yaml")
    for name, one in whole["services"].items():
        for volume in one.get("volumes", []):
            source, target = volume.split(":")
            assert source in whole["volumes"]
            image = dockerfile.image(one["build"]["args"]["SERVICE"], TEXT)
            assert target in image.texts("VOLUME"), name


def test_gpu_file_only_adds_to_services_that_exist() -> None:
    assert set(compose("compose.gpu.yaml")["services"]) <= set(compose("compose.yaml")["services"])
