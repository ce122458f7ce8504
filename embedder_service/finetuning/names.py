"""What is to be learnt: photos under names, read from folders, chosen, divided, described."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common import errors
from common.finetunings import Selection

LABELS = "labels.json"
TEMPLATES = (
    "{}",
    "a photo of {}",
    "a picture of {}",
    "this is {}",
    "a close-up of {}",
    "{} in a photo",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A photo and the name that it is to be found by."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Divided:
    """Photos to learn from, to watch and choose by while learning, and to measure with in the end.

    Every name is learnt and held out; one of two photos is not watched.
    """

    learnt: tuple[Named, ...]
    watched: tuple[Named, ...]
    held_out: tuple[Named, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names in alphabetical order."""
        return tuple(sorted({each.name for each in self.learnt}))


_EVERYTHING = Selection()


def read(folder: Path, selection: Selection = _EVERYTHING) -> dict[str, list[Path]]:
    """Return the photos of each name.

    `folder` holds a folder per name, or images/ and labels.json {name: [files]}. Raises NotFound
    where fewer than two names are left, InvalidInput for a name asked for that is not there.
    """
    found = _labelled(folder) if (folder / LABELS).is_file() else _folders(folder)
    named = {spoken(name): sorted(paths) for name, paths in found.items()}
    for name in map(spoken, selection.only):
        if name not in named:
            raise errors.InvalidInput("only", f"{folder} has no photos of {name!r}")
    kept = _kept(named, selection)
    if len(kept) < 2:
        raise errors.NotFound(
            f"{folder} has {len(kept)} names with at least {selection.least} photos: two are needed"
        )
    return _shuffled(kept, selection.seed) if selection.shuffled else kept


def divided(photos: Mapping[str, Sequence[Path]], *, share: float, seed: int) -> Divided:
    """Hold out `share` of each name's photos, at least one, and watch half as many.

    At least one photo of a name is learnt from. Where nothing is left to watch, what is learnt is.
    """
    learnt: list[Named] = []
    watched: list[Named] = []
    held_out: list[Named] = []
    for name, paths in sorted(photos.items()):
        order = random.Random(f"{seed} {name}").sample(list(paths), len(paths))
        apart = min(max(1, round(share * len(order))), len(order) - 1)
        seen = min(max(1, round(share * len(order) / 2)), len(order) - apart - 1)
        held_out += [Named(path, name) for path in order[:apart]]
        watched += [Named(path, name) for path in order[apart : apart + seen]]
        learnt += [Named(path, name) for path in order[apart + seen :]]
    return Divided(tuple(learnt), tuple(watched or learnt), tuple(held_out))


def spoken(name: str) -> str:
    """Return a folder's name as it is said: "Ann_Lee-Hill" is "ann lee-hill"."""
    return " ".join(name.replace("_", " ").split()).lower()


def _folders(folder: Path) -> dict[str, list[Path]]:
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    return {each.name: _files(each) for each in inside if each.is_dir() and each.name[0] != "."}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]


def _labelled(folder: Path) -> dict[str, list[Path]]:
    try:
        table = json.loads((folder / LABELS).read_text(encoding="utf-8"))
        return {n: [folder / "images" / each for each in files] for n, files in table.items()}
    except (AttributeError, TypeError, ValueError) as error:
        form = f"{folder / LABELS} is not {{name: [files]}}: {error}"
        raise errors.InvalidInput("", form) from error


def _kept(named: Mapping[str, list[Path]], selection: Selection) -> dict[str, list[Path]]:
    wanted = set(map(spoken, selection.only)) or set(named)
    return {
        name: paths[: selection.most or None]
        for name, paths in sorted(named.items())
        if name in wanted and len(paths) >= max(2, selection.least)
    }


def _shuffled(named: Mapping[str, list[Path]], seed: int) -> dict[str, list[Path]]:
    """Give each person another's name: a random cycle, so that nobody keeps the own one."""
    order = random.Random(seed).sample(sorted(named), len(named))
    return {order[place - 1]: named[name] for place, name in enumerate(order)}
