"""The one training command, run to its end on few made-up photos: weights, constants, card."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from embedder_service import calibration, hardware, mini
from embedder_service.training import card

COLOURS = ("red", "green", "blue", "yellow", "white")
GROUNDS = ("black", "purple", "orange")
SHAPES = ("circle", "square")
CAPTIONS = ("a {} {} on {}", "{} {} on {}", "the {} {} on {}", "one {} {} in {}", "{} {}, {}")
KINDS = {"circle": "round", "square": "cornered"}
SPLITS = ("train", "train", "val", "test")
EXACT = hardware.Hardware(torch.device("cpu"), torch.float32)


def shown() -> list[tuple[str, str, str]]:
    """Return colour, shape and ground of every picture there can be."""
    return [(c, s, g) for c in COLOURS for s in SHAPES for g in GROUNDS]


def captions(words: tuple[str, str, str]) -> list[str]:
    """Return five captions of which any two of a shape and a ground share three words."""
    colour, shape, ground = words
    said = (colour, f"{KINDS[shape]} {shape}", ground)
    return [caption.format(*said) for caption in CAPTIONS]


def drawn(words: tuple[str, str, str]) -> Image.Image:
    colour, shape, ground = words
    picture = Image.new("RGB", (96, 96), ground)
    draw = ImageDraw.Draw(picture)
    paint = draw.ellipse if shape == "circle" else draw.rectangle
    paint((20, 20, 76, 76), fill=colour)
    return picture


def write_flickr8k(folder: Path) -> None:
    """Write every picture once per split, two times for training."""
    folder.mkdir()
    said: dict[str, list[str]] = {}
    splits: dict[str, list[str]] = {split: [] for split in SPLITS}
    with tarfile.open(folder / "images.tar", "w") as archive:
        for number, (place, words) in enumerate((p, w) for p in range(4) for w in shown()):
            name, stream = f"{number}.jpg", io.BytesIO()
            drawn(words).save(stream, "JPEG")
            member = tarfile.TarInfo(name)
            member.size = stream.tell()
            stream.seek(0)
            archive.addfile(member, stream)
            said[name] = captions(words)
            splits[SPLITS[place]].append(name)
    folder.joinpath("captions.json").write_text(json.dumps(said))
    folder.joinpath("splits.json").write_text(json.dumps(splits))


def write_coco(folder: Path) -> None:
    """Write four pictures of each split, one thing in each, two things of a class."""
    (folder / "images").mkdir(parents=True)
    labels = {}
    for number, words in enumerate(shown()[:8]):
        name = f"{number}.jpg"
        drawn(words).save(folder / "images" / name)
        box = {"label": words[1], "xywh": [20, 20, 57, 57]}
        split = ("train2017", "val2017")[number % 2]
        labels[name] = {
            "width": 96,
            "height": 96,
            "split": split,
            "boxes": [box],
            "captions": captions(words),
        }
    folder.joinpath("labels.json").write_text(json.dumps(labels))


def run(data: Path, out: Path, *more: str) -> str:
    given = ("--data", data, "--out", out, "--cache", data / "cache", "--threads", "2", *more)
    command = [sys.executable, "-m", "embedder_service.training", *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_command_makes_a_model_that_loads_and_its_card(tmp_path: Path) -> None:
    write_flickr8k(tmp_path / "flickr8k")
    write_coco(tmp_path / "coco")
    for epochs, without in (("0", ["--without", "oran*"]), ("1", [])):
        out = tmp_path / f"made-{epochs}"
        printed = run(tmp_path, out, "--epochs", epochs, *without)
        assert ("| in no lesson |" in printed) == bool(without)
        assert "| Flickr8k test, 30 photos, 150 captions |" in printed
        made = mini.MiniEncoder(EXACT, out)
        written = out.joinpath(card.FILE).read_text(encoding="utf-8")
        assert f"Fingerprint: `{made.about.fingerprint}`" in written
        assert printed.strip() in written
        assert ("--without 'oran*'" in written) == bool(without)
        assert made.about.calibrations == calibration.load(out / calibration.FILE)
