"""The state of a training on disk, whole at any moment; a killed training goes on from it."""

import os
from pathlib import Path
from typing import Any

import torch

RECIPE = "recipe"


def save(state: dict[str, Any], path: Path) -> None:
    """Replace the file `path` by `state` at once."""
    fresh = path.with_suffix(".new")
    torch.save(state, fresh)
    os.replace(fresh, path)


def load(path: Path, recipe: str) -> dict[str, Any] | None:
    """Return the state in `path`, or None where there is none.

    Raises ValueError if it was made by another recipe.
    """
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if state[RECIPE] != recipe:
        raise ValueError(f"{path} belongs to {state[RECIPE]}, wanted {recipe}: delete it")
    return state
