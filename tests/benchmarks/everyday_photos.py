"""`python tests/benchmarks/everyday_photos.py DIR`: the photos and questions of everyday searches.

Then `semapix evaluate encoder DIR`. The photos are found by name, in installed packages
and in the folder of shared data (SEMAPIX_DATA); the list beside this file was written from captions
and boxes, before the training that it judges, and holds no photo of a training split.
"""

import argparse
import importlib.util
import json
import os
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

LIST = Path(__file__).with_name("everyday_queries.json")
DATA = Path(os.environ.get("SEMAPIX_DATA", Path(__file__).parents[3] / "shared" / "data"))
FLICKR8K, COCO = "flickr8k/", "coco/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    build(given.folder, DATA)


def build(folder: Path, shared: Path) -> None:
    """Write images/ and queries.json into `folder`. Raises OSError for a photo that is nowhere."""
    asked = json.loads(LIST.read_text(encoding="utf-8"))
    for name in asked["photos"]:
        target = folder / "images" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not name.startswith(FLICKR8K):
            shutil.copyfile(_place(name, shared), target)
    _unpack([name for name in asked["photos"] if name.startswith(FLICKR8K)], folder, shared)
    queries = json.dumps(asked["queries"], indent=1)
    folder.joinpath("queries.json").write_text(queries, encoding="utf-8")


def _place(name: str, shared: Path) -> Path:
    if name.startswith(COCO):
        return shared / "coco" / "images" / name.removeprefix(COCO)
    package, _, below = name.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{name} ships inside the package {package}: install it")
    return Path(spec.origin).parent / below


def _unpack(names: Iterable[str], folder: Path, shared: Path) -> None:
    with tarfile.open(shared / "flickr8k" / "images.tar") as archive:
        for name in names:
            stream = archive.extractfile(name.removeprefix(FLICKR8K))
            if stream is None:
                raise FileNotFoundError(f"{name} is no file in the archive of Flickr8k")
            folder.joinpath("images", name).write_bytes(stream.read())


if __name__ == "__main__":
    main()
