"""What the demo imports and asks: photos that ship inside installed packages, or a folder."""

import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from common import errors
from ui import folders
from ui.answers import Query, Term

PACKAGED = (
    ("skimage", "data"),
    ("sklearn", "datasets/images"),
    ("gradio", "media_assets/images"),
    ("gradio", "test_data"),
)
GENERIC = (
    "a person",
    "an animal",
    "a car, a bus or a bicycle",
    "food or a drink on a table",
    "a house or a building",
    "trees, water and sky",
)


@dataclass(frozen=True, slots=True)
class Question:
    """One search of the demo; `right` are ends of paths that should come first, if it is known."""

    title: str
    group: str
    query: Query
    right: tuple[str, ...] = ()

    def is_right(self, sources: Sequence[str]) -> bool:
        """Return whether a photo from these places is an expected one."""
        places = [source.replace("\\", "/") for source in sources]
        return any(place.endswith(end) for place in places for end in self.right)


@dataclass(frozen=True, slots=True)
class Demo:
    """Photos and the questions put to them."""

    photos: Sequence[Path]
    questions: Sequence[Question]
    unreadable: list[OSError] = field(default_factory=list)


def packaged() -> Demo:
    """Return the photos of installed packages, the query pictures held out, and their questions."""
    asked = json.loads(resources.files("ui").joinpath("demo_queries.json").read_text("utf-8"))
    unreadable: list[OSError] = []
    found = list(folders.photo_files(list(_packaged_folders()), on_unreadable=unreadable.append))
    held_out = {end: path for path in found for end in asked["pictures"] if _ends(path, end)}
    photos = [path for path in found if path not in held_out.values()]
    return Demo(photos, list(_questions(asked, held_out)), unreadable)


def _packaged_folders() -> Iterator[Path]:
    for package, below in PACKAGED:
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations if spec else None) or ():
            if (folder := Path(root, below)).is_dir():
                yield folder


def _ends(path: Path, end: str) -> bool:
    return path.as_posix().endswith(end)


def _questions(
    asked: Mapping[str, Mapping[str, Sequence[str]]], held_out: Mapping[str, Path]
) -> Iterator[Question]:
    for text, right in asked["texts"].items():
        yield Question(text, "text", _by_text(text), tuple(right))
    for word, right in asked["words"].items():
        yield Question(f"the word “{word}”", "word", _by_text(word), tuple(right))
    for end, right in asked["pictures"].items():
        if end in held_out:
            yield _by_picture(held_out[end], tuple(right))


def _by_text(text: str) -> Query:
    return Query((Term(text=text),), limit=3)


def _by_picture(path: Path, right: tuple[str, ...] = ()) -> Question:
    query = Query((Term(image=path.read_bytes()),), limit=3)
    return Question(f"the picture {path.name}", "picture", query, right)


def of_folder(folder: Path) -> Demo:
    """Return the photos of `folder` with questions that fit most collections.

    Raises InvalidInput if there is no picture in it.
    """
    unreadable: list[OSError] = []
    photos = list(folders.photo_files([folder], on_unreadable=unreadable.append))
    if not photos or not folder.is_dir():
        raise errors.InvalidInput("photos", f"{folder} is not a folder with pictures in it")
    texts = [Question(text, "text", _by_text(text)) for text in GENERIC]
    return Demo(photos, [*texts, _by_picture(photos[0])], unreadable)


def word_question(word: str) -> Question:
    """Return the search for a word that was read in a photo."""
    return Question(f"the word “{word}”", "word", _by_text(word))
