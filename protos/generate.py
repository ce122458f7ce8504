"""Generate the Python side of protos/, or check that it is current.

Usage: python protos/generate.py [--check]

The generator is old on purpose: what it writes runs on newer runtimes, and the reverse does not.
It wants protobuf < 6, so it gets a virtual environment of its own, made on first use.
"""

import filecmp
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent
GENERATOR = ROOT.parent / ".venv-protos"
# The comments of all files, which the Python modules do not carry; the web page shows them.
DOCUMENTATION = "semapix/v1/documentation.binpb"
REQUIREMENTS = ("grpcio-tools==1.71.2", "mypy-protobuf==3.6.0", "protobuf==5.29.6")


def generator() -> Path:
    """Return the generator's Python, installing it on first use."""
    python = GENERATOR / "bin" / "python"
    if not (GENERATOR / "complete").exists():
        venv.create(GENERATOR, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
        (GENERATOR / "complete").touch()
    return python


def generate(out: Path) -> None:
    """Write modules and typed stubs for every .proto under ROOT into `out`."""
    files = sorted(ROOT.rglob("*.proto"))
    services = [file for file in files if "\nservice " in file.read_text()]
    _protoc(files, [f"--python_out={out}", f"--mypy_out=quiet:{out}"])
    _protoc(services, [f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}"])
    _protoc(files, ["--include_source_info", f"--descriptor_set_out={out / DOCUMENTATION}"])


def stale(fresh: Path) -> list[str]:
    """Return the names of generated files under ROOT that differ from those in `fresh`."""
    generated = {
        path.relative_to(folder).as_posix()
        for folder in (ROOT, fresh)
        for path in folder.rglob("*_pb2*.py*")
        if "__pycache__" not in path.parts
    } | {DOCUMENTATION}
    _, changed, missing = filecmp.cmpfiles(ROOT, fresh, generated, shallow=False)
    return sorted(changed + missing)


def _protoc(files: list[Path], outputs: list[str]) -> None:
    python = generator()
    plugins = [
        f"--plugin=protoc-gen-{name}={python.parent}/protoc-gen-{name}"
        for name in ("mypy", "mypy_grpc")
    ]
    command = [python, "-m", "grpc_tools.protoc", f"-I{ROOT}", *plugins, *outputs, *files]
    subprocess.run([str(part) for part in command], check=True)


def main() -> int:
    if "--check" not in sys.argv[1:]:
        generate(ROOT)
        return 0
    with tempfile.TemporaryDirectory() as fresh:
        generate(Path(fresh))
        outdated = stale(Path(fresh))
    for name in outdated:
        print(f"protos/{name} is not what protos/generate.py writes: run it and commit the result")
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main())
