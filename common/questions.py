"""What a folder asks of a model or a search: its photos, and texts with those that answer them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import errors
from common.retrieval import Question

CAPTIONS, QUERIES = "captions.json", "queries.json"


@dataclass(frozen=True, slots=True)
class Questions:
    """All photos of a folder, and questions that name them by their place."""

    photos: tuple[Path, ...]
    questions: tuple[Question, ...]


def read(folder: Path) -> Questions:
    """Return the photos in images/, by name, and the questions of the one file beside it.

    captions.json {file: [captions]}: each caption asks for its photo. queries.json
    {text: {"relevant": [files], "ignore"?: [files]}}: each text asks for its relevant photos.
    Raises NotFound for a folder without photos or questions, InvalidInput for a file of another
    form or one that names a photo that is not there.
    """
    photos = _photos(folder / "images")
    places = {path.relative_to(folder / "images").as_posix(): n for n, path in enumerate(photos)}
    table = _table(folder)
    questions = _of_captions(table, places) if _has_captions(folder) else _of_queries(table, places)
    if not questions:
        raise errors.InvalidInput("", f"{folder}: nothing is asked in it")
    return Questions(tuple(photos), tuple(questions))


def first(questions: Questions, count: int) -> Questions:
    """Return the first `count` photos and what is left to ask about them; 0 for all."""
    if not count:
        return questions
    kept = frozenset(range(count))
    left = [
        Question(each.text, each.relevant & kept, each.ignored & kept)
        for each in questions.questions
        if each.relevant & kept
    ]
    return Questions(questions.photos[:count], tuple(left))


def _photos(folder: Path) -> list[Path]:
    found = folder.rglob("*") if folder.is_dir() else []
    photos = sorted(path for path in found if path.is_file() and not path.name.startswith("."))
    if not photos:
        raise errors.NotFound(f"{folder} holds no photos: put them there")
    return photos


def _has_captions(folder: Path) -> bool:
    return (folder / CAPTIONS).is_file()


def _table(folder: Path) -> Mapping[str, Any]:
    there = [path for name in (CAPTIONS, QUERIES) if (path := folder / name).is_file()]
    if len(there) != 1:
        found = "both" if there else "neither"
        raise errors.NotFound(f"{folder} holds {found} of {CAPTIONS} and {QUERIES}: give it one")
    try:
        table = json.loads(there[0].read_text(encoding="utf-8"))
    except ValueError as error:
        raise errors.InvalidInput("", f"{there[0]} is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise errors.InvalidInput("", f"{there[0]} is not a JSON object")
    return table


def _of_captions(table: Mapping[str, Any], places: Mapping[str, int]) -> list[Question]:
    return [
        Question(text, frozenset({_place(name, places)}))
        for name, captions in table.items()
        for text in _texts(captions, f"{CAPTIONS}: {name!r}")
    ]


def _of_queries(table: Mapping[str, Any], places: Mapping[str, int]) -> list[Question]:
    return [_query(text, asked, places) for text, asked in table.items()]


def _query(text: str, asked: Any, places: Mapping[str, int]) -> Question:
    what = f"{QUERIES}: {text!r}"
    if not isinstance(asked, dict) or not asked.get("relevant"):
        raise errors.InvalidInput("", f'{what} has no {{"relevant": [files]}}')
    relevant, ignored = (_texts(asked.get(key, []), what) for key in ("relevant", "ignore"))
    return Question(
        text,
        frozenset(_place(name, places) for name in relevant),
        frozenset(_place(name, places) for name in ignored),
    )


def _texts(value: Any, what: str) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise errors.InvalidInput("", f"{what} does not hold a list of texts")
    return value


def _place(name: str, places: Mapping[str, int]) -> int:
    if name not in places:
        raise errors.InvalidInput("", f"the photo {name!r} is asked for and not in images/")
    return places[name]
