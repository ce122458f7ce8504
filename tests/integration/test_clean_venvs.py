"""An installation with one extra has what its service needs and nothing heavy besides.

The steps of the Dockerfile are performed in a clean venv, and the service is started from it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REHEARSE = Path(__file__).parents[2] / "docker" / "rehearse.py"
HEAVY = {"torch", "transformers", "hnswlib", "sklearn", "gradio"}
# uvicorn drains on SIGTERM and then ends by it.
DRAINED = {"gateway": 0, "index": 0, "ui": -15}


@pytest.mark.timeout(1200)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("service", "needed"), [("gateway", set()), ("index", {"hnswlib"}), ("ui", {"gradio"})]
)
def test_clean_installation_starts_without_heavy_packages(service: str, needed: set[str]) -> None:
    command = [sys.executable, str(REHEARSE), "--json", service]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert set(seen["importable"]) & HEAVY == needed
    assert seen["exit_code"] == DRAINED[service]
    assert seen["help"] == (service == "ui")
