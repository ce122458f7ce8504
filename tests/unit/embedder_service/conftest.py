"""Folders with a CLIP of random weights, small and large."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import transformers

from embedder_service import hardware
from tests.unit.embedder_service.small_clips import small_config, write_clip


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the small CLIP."""
    return write_clip(tmp_path_factory.mktemp("small-clip"), small_config())


@pytest.fixture(scope="session")
def large_clip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of a CLIP of the size of ViT-B/32, with random weights; 0.6 GB, gone afterwards."""
    folder = tmp_path_factory.mktemp("large-clip")
    ends = {"eos_token_id": 49407, "bos_token_id": 49406}
    yield write_clip(folder, transformers.CLIPConfig(text_config=ends))
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def short() -> hardware.Hardware:
    """The processor, computing in 16 bits; some cannot."""
    for precision in ("bfloat16", "float16"):
        with contextlib.suppress(ValueError):
            return hardware.choose("cpu", precision)
    pytest.skip("this processor computes in float32 alone")
