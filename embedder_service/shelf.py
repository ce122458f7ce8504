"""The encoders, as `semapix models` lists and fetches them."""

from dataclasses import dataclass, replace
from pathlib import Path

from common import model_cards
from common.model_catalogue import Choice, Listing, Model, State, Task
from embedder_service import checkpoints, fetching, mini, mini_heads, mini_towers

CARD = mini.WEIGHTS / "MODEL_CARD.md"
OWN_LICENCE = "research use, see its card"
STRANGE_LICENCE = "see its page on the hub"
CLIP_LICENCE = "MIT"
RECALL = "R@10"
VALIDATION = "Flickr8k val,"
IMAGENET = "ImageNet zero-shot, as published"
# Accuracy as Radford et al. 2021 published it; bytes are those of the float32 parameters.
PUBLISHED = (
    Model(
        checkpoints.STANDARD,
        Task.ENCODER,
        State.DOWNLOADABLE,
        CLIP_LICENCE,
        size_bytes=605_000_000,
        dimension=512,
        figures={IMAGENET: 0.632},
    ),
    Model(
        "openai/clip-vit-base-patch16",
        Task.ENCODER,
        State.DOWNLOADABLE,
        CLIP_LICENCE,
        size_bytes=598_000_000,
        dimension=512,
        figures={IMAGENET: 0.686},
    ),
    Model(
        "openai/clip-vit-large-patch14",
        Task.ENCODER,
        State.DOWNLOADABLE,
        CLIP_LICENCE,
        size_bytes=1_711_000_000,
        dimension=768,
        figures={IMAGENET: 0.753},
    ),
)


@dataclass(frozen=True, slots=True)
class Encoders:
    """The embedded encoder, known checkpoints, and whatever else is cached; a `Shelf`."""

    cache: Path | None = None

    def listing(self) -> Listing:
        """Return the encoders; the standard one first."""
        here = checkpoints.all_cached(self.cache)
        known = tuple(_state(model, here) for model in PUBLISHED)
        names = [model.name for model in PUBLISHED]
        others = tuple(_other(name, here[name]) for name in here if name not in names)
        taken = checkpoints.automatic(self.cache)
        choice = Choice(Task.ENCODER, taken.name, taken.reason)
        return Listing((*known[:1], _embedded(), *known[1:], *others), (choice,))

    def offers(self, name: str) -> bool:
        """Say whether `name` looks like the id of a model on the hub."""
        owner, slash, rest = name.partition("/")
        return bool(owner and slash and rest) and "/" not in rest

    def fetch(self, name: str) -> Path:
        """Download and verify a checkpoint; return its folder."""
        return fetching.fetch(name, self.cache)


ENCODERS = Encoders()


def _embedded() -> Model:
    figures = {
        f"{row.name.partition(',')[0]} {RECALL}": row.figures[RECALL]
        for row in model_cards.rows(CARD, "text -> photo")
        if RECALL in row.figures and not row.name.startswith(VALIDATION)
    }
    files = (mini.WEIGHTS / mini.HEADS_FILE, *mini_towers.files())
    return Model(
        mini.NAME,
        Task.ENCODER,
        State.EMBEDDED,
        OWN_LICENCE,
        size_bytes=sum(path.stat().st_size for path in files),
        dimension=mini_heads.DIMENSION,
        figures=figures,
    )


def _state(model: Model, here: dict[str, Path]) -> Model:
    if model.name not in here:
        return model
    return replace(model, state=State.CACHED, size_bytes=_size(here[model.name]))


def _other(name: str, folder: Path) -> Model:
    return Model(
        name,
        Task.ENCODER,
        State.CACHED,
        STRANGE_LICENCE,
        size_bytes=_size(folder),
        dimension=checkpoints.dimension(folder),
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
