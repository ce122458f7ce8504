"""The shape of the code: short functions, short files, boundaries that hold."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "common",
    "embedder_service",
    "detector_service",
    "index_service",
    "analysis_service",
    "gateway",
    "ui",
)
FORBIDDEN_NAMES = ("utils", "util", "manager", "helper", "helpers", "misc")
# Where work of many owners runs in one loop, and where strangers raise: see ADR 5.
CATCHING_ALL = {
    "analysis_service/jobs.py",
    "common/batching.py",
    "common/interceptors.py",
    "embedder_service/clip.py",
    "gateway/embedding_queue.py",
    "gateway/admission.py",
    "gateway/journal.py",
    "gateway/runs.py",
    "ui/import_session.py",
    "gateway/settling.py",
    "gateway/reembedding.py",
    "gateway/stages.py",
    "index_service/catalogue.py",
    "index_service/disk.py",
    "ui/plugins.py",
}
MAX_FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 8
MAX_FILE_LINES = 250


def files() -> list[Path]:
    """Return every hand-written Python file, tests included."""
    folders = (*PACKAGES, "tests", "docker")
    own = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [*own, ROOT / "protos" / "generate.py"]


def function_lengths(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and the number of lines, docstring left out, of every function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            yield f"{path.relative_to(ROOT)}:{node.name}", lines


def test_no_function_is_long() -> None:
    long = [f"{name} ({n})" for path in files() for name, n in function_lengths(path) if n > 40]
    assert not long, f"over {MAX_FUNCTION_LINES} lines: {long}"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_median_function_fits_a_glance(package: str) -> None:
    paths = list((ROOT / package).rglob("*.py"))
    lengths = [n for path in paths for _, n in function_lengths(path)]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION_LINES


def test_no_file_is_long() -> None:
    written = [path for kind in ("proto", "css", "js") for path in _sources(kind)]
    paths = [*files(), *written]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    long = [f"{path.relative_to(ROOT)} ({n})" for path, n in lengths.items() if n > MAX_FILE_LINES]
    assert not long, f"over {MAX_FILE_LINES} lines: {long}"


def _sources(extension: str) -> list[Path]:
    folders = ("protos", *PACKAGES)
    return [path for folder in folders for path in (ROOT / folder).rglob(f"*.{extension}")]


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [path for path in files() if path.stem in FORBIDDEN_NAMES]


def test_domain_files_speak_no_grpc() -> None:
    """Messages stay in servicers, clients and codecs; `__main__` wires, common is the base."""
    speakers = ("servicer", "client", "codec", "messages", "__main__", "forwarding", "calls")
    domain = [
        path
        for package in PACKAGES
        if package not in ("common", "ui")
        for path in (ROOT / package).rglob("*.py")
        if not any(word in path.stem for word in speakers)
    ]
    assert not [path.relative_to(ROOT).as_posix() for path in domain if _speaks_grpc(path)]


def test_everything_is_caught_in_few_known_places() -> None:
    product = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in product if _catches_all(path)}
    assert found == CATCHING_ALL


def _catches_all(path: Path) -> bool:
    handlers = (
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
    )
    broad = ("Exception", "BaseException")
    return any(one.type is None or getattr(one.type, "id", "") in broad for one in handlers)


def test_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def _speaks_grpc(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if any(name.split(".")[0] in ("grpc", "google", "semapix") for name in names):
            return True
    return False
