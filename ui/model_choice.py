"""Which model a library is run with, kept in its folder for every later `semapix up`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from common import errors

FILE = "model.json"
DONE, UNNEEDED, FAILED = "done", "unneeded", "failed"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The encoder's model, "" for that of the settings, and the one the library is to have next.

    handing: the vectors are those of `next`, and the house is about to run it for good.
    outcome: what came of the last `next`: "" while nobody knows; `message` says it to a person.
    """

    model: str = ""
    next: str = ""
    handing: bool = False
    outcome: str = ""
    message: str = ""

    def write(self, folder: Path) -> None:
        """Replace the file of the library in one step."""
        draft = folder / f"{FILE}.tmp"
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(folder / FILE)


def read(folder: Path) -> ModelChoice:
    """Return the choice of a library. Raises DataLoss for a file that is none."""
    path = folder / FILE
    try:
        return ModelChoice(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ModelChoice()
    except (ValueError, TypeError) as error:
        raise errors.DataLoss(
            f"{path} cannot be read ({error}): remove it, and name the model of the library with "
            "`semapix up --model`"
        ) from error


def named(model: str) -> str:
    """Return a name that means the same wherever a process starts: folders become absolute."""
    folder = Path(model).expanduser()
    return str(folder.absolute()) if folder.is_dir() else model
