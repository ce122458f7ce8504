"""What a process loads: the light ones stay light, and only two know torch."""

import importlib.util
import json
import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "transformers", "easyocr", "onnxruntime", "hnswlib", "sklearn")
SHOW = """
import importlib, json, sys
for name in sys.argv[1].split(","):
    importlib.import_module(name)
print(json.dumps([name for name in sys.argv[2].split(",") if name in sys.modules]))
"""
ALLOWED = {
    "common.server,common.clients,common.probe,common.batching,common.images": set(),
    "gateway.__main__": set(),
    "ui.main": set(),
    "ui.web.__main__": set(),
    "index_service.__main__": {"hnswlib"},
    "analysis_service.__main__": set(),
    "analysis_service.tsne": {"sklearn"},
}


@pytest.mark.parametrize(("modules", "allowed"), ALLOWED.items(), ids=ALLOWED)
def test_importing_loads_nothing_heavier_than_it_needs(modules: str, allowed: set[str]) -> None:
    assert importlib.util.find_spec(modules.split(",")[0]), f"{modules} does not exist"
    command = [sys.executable, "-c", SHOW, modules, ",".join(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= allowed
