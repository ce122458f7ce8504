"""A service that cannot start for its settings says so in one line, without a traceback."""

import asyncio
import os
import sys
from pathlib import Path

WRONG = {
    "embedder.device = 'abacus'": ("embedder_service", {"EMBEDDER_DEVICE": "abacus"}),
    "cannot listen on nonsense": (
        "detector_service",
        {"DETECTOR_ADDRESS": "nonsense", "DETECTOR_OBJECTS": "none", "DETECTOR_OCR": "none"},
    ),
    "analysis.keep = 0": ("analysis_service", {"ANALYSIS_KEEP": "0"}),
    "cannot listen on 1.2.3.4:99999": ("analysis_service", {"ANALYSIS_ADDRESS": "1.2.3.4:99999"}),
}


async def said_at_the_end(package: str, wrong: dict[str, str], folder: Path) -> str:
    """Return what a service that fails to start writes, all of it."""
    environ = {f"SEMAPIX_{name}": value for name, value in wrong.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", package),
        cwd=folder,
        env={**os.environ, **environ},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), timeout=120)
    assert process.returncode == 1
    return errors.decode()


async def test_wrong_setting_is_named_without_a_traceback(tmp_path: Path) -> None:
    said = await asyncio.gather(*(said_at_the_end(*case, tmp_path) for case in WRONG.values()))
    for text, expected in zip(said, WRONG, strict=True):
        assert expected in text.splitlines()[-1]
        assert "Traceback" not in text
