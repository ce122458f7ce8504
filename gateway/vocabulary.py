"""What clusters may be called: everyday things and scenes, read from a list beside this file."""

from importlib import resources


def labels() -> tuple[str, ...]:
    """Return the labels, each once, in the order of the list."""
    text = resources.files("gateway").joinpath("vocabulary.txt").read_text(encoding="utf-8")
    found = (line.strip() for line in text.splitlines() if not line.startswith("#"))
    return tuple(dict.fromkeys(label for label in found if label))
