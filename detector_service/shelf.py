"""The object detectors and the reader, as `semapix models` lists and fetches them."""

from dataclasses import dataclass
from pathlib import Path

from common import model_cards
from common.model_catalogue import Choice, Listing, Model, State, Task
from detector_service import choice, fasterrcnn, fetching, mini, ocr
from detector_service.findings import Absent

OWN_LICENCE = "research use, see its card"
READER_CARD = Path(__file__).parent / "weights" / "easyocr-en.md"
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Detectors:
    """The standard and the embedded detector, and the reader; a `Shelf`."""

    def listing(self) -> Listing:
        """Return detectors, best first, and the reader."""
        return Listing((_standard(), *_embedded(), _reader()), (_detector_choice(), _READER_CHOICE))

    def offers(self, name: str) -> bool:
        """Say whether this is the standard detector."""
        return name == fasterrcnn.ID

    def fetch(self, name: str) -> Path:
        """Download and verify the standard detector; return the file."""
        return fetching.fetch(fasterrcnn.published().url, fasterrcnn.cached_path())


DETECTORS = Detectors()
_READER_CHOICE = Choice(Task.READER, ocr.SETTING, "it is the only reader and comes with a package")


def _detector_choice() -> Choice:
    taken = choice.automatic()
    if isinstance(taken, Absent):
        return Choice(Task.DETECTOR, "", taken.reason)
    return Choice(Task.DETECTOR, taken.name, taken.reason)


def _standard() -> Model:
    path, meta = fasterrcnn.cached_path(), fasterrcnn.published().meta
    here = path.is_file()
    return Model(
        fasterrcnn.ID,
        Task.DETECTOR,
        State.CACHED if here else State.DOWNLOADABLE,
        "BSD-3-Clause (torchvision)",
        size_bytes=path.stat().st_size if here else round(meta["_file_size"] * MIB),
        figures={"COCO val2017 AP": meta["_metrics"]["COCO-val2017"]["box_map"] / 100},
    )


def _embedded() -> tuple[Model, ...]:
    """Return the embedded detector; nothing where the package has been built without it."""
    if not mini.PATH.is_file():
        return ()
    rows = model_cards.rows(mini.PATH.with_suffix(".md"), "model")
    own = next((row.figures for row in rows if row.name == mini.NAME), {})
    wanted = {"AP50 of 4 % and more": "mean", "label right": "label right"}
    model = Model(
        mini.NAME,
        Task.DETECTOR,
        State.EMBEDDED,
        OWN_LICENCE,
        size_bytes=mini.PATH.stat().st_size,
        figures={shown: own[column] for shown, column in wanted.items() if column in own},
    )
    return (model,)


def _reader() -> Model:
    figures = {
        f"{row.name.partition(',')[0]} {column}": value
        for row in model_cards.rows(READER_CARD, "photos")
        for column, value in row.figures.items()
        if column in ("word recall", "word precision")
    }
    return Model(
        ocr.SETTING,
        Task.READER,
        State.EMBEDDED,
        "Apache-2.0",
        size_bytes=sum(path.stat().st_size for path in ocr.files()),
        figures=figures,
    )
