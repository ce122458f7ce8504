"""The embedded model does without what costs seconds and hundreds of megabytes to load."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.weights
HEAVY = ("torchvision", "transformers", "scipy", "sklearn", "pandas")
SCRIPT = f"""
import sys
from embedder_service import __main__, catalogue, hardware
catalogue.load("mini", hardware.choose("cpu", "float32"))
print([name for name in {HEAVY} if name in sys.modules])
"""


def test_serving_mini_loads_neither_torchvision_nor_transformers() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
