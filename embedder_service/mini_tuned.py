"""All of the embedded model that training changed, as one file of weights."""

from pathlib import Path

import safetensors.torch
from torch import nn

from embedder_service import lite, mini_heads, mini_towers, minilm

TOWERS = ("upper.", "layers.")


class Tuned(nn.Module):
    """The upper half of the picture tower, the last layers of the text tower, and the heads."""

    def __init__(self) -> None:
        super().__init__()
        self.upper = lite.Upper()
        self.layers = nn.ModuleList(minilm.Layer() for _ in range(mini_towers.TUNED_LAYERS))
        self.heads = mini_heads.Heads()


def untrained(pictures: lite.Lite, texts: minilm.MiniLM) -> Tuned:
    """Return the towers' own weights with fresh heads."""
    tuned = Tuned()
    tuned.upper.load_state_dict(pictures.upper.state_dict())
    tuned.layers.load_state_dict(texts.layers[-mini_towers.TUNED_LAYERS :].state_dict())
    return tuned


def save(tuned: Tuned, path: Path, *, left_out: tuple[str, ...] = ()) -> None:
    """Write the weights as float16 safetensors, without those whose names start as `left_out`."""
    halves = {
        name: value.half().contiguous()
        for name, value in tuned.state_dict().items()
        if not name.startswith(left_out or ("-",))
    }
    path.write_bytes(safetensors.torch.save(halves))


def load(path: Path, towers: Tuned | None = None) -> Tuned:
    """Return the weights in `path`, float32, ready to use; `towers` is changed to hold them.

    Towers that were not trained are not in the file and stay as in `towers`, by default those of
    the packages. Raises ValueError if the file is not of this model.
    """
    towers = towers or untrained(mini_towers.pictures(), mini_towers.texts())
    try:
        stored = {name: value.float() for name, value in safetensors.torch.load_file(path).items()}
        found = towers.load_state_dict(stored, strict=False)
    except (OSError, RuntimeError, safetensors.SafetensorError) as error:
        raise ValueError(f"{path} does not hold the weights of mini: {error}") from error
    lacking = [name for name in found.missing_keys if not name.startswith(TOWERS)]
    if lacking or found.unexpected_keys:
        wrong = (*lacking, *found.unexpected_keys)
        raise ValueError(f"{path} does not hold the weights of mini: {', '.join(wrong[:4])}")
    return towers.eval().requires_grad_(False)
