"""all-MiniLM-L6-v2 (a BERT of six narrow layers): reads texts.

Written out here because loading it through transformers costs more memory and time than itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import tokenizers
import torch
from torch import nn
from torch.nn import functional

LAYERS, WIDTH, HEADS, INNER = 6, 384, 12, 1536
VOCABULARY, PLACES = 30_522, 512
EPSILON = 1e-12
Weights = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Reading:
    """States of tokens, shape (n, length, 384), and which are read, bool, shape (n, length)."""

    states: torch.Tensor
    read: torch.Tensor

    def mean(self) -> torch.Tensor:
        """Return the mean state of each text, unit rows, float32, shape (n, 384)."""
        read = self.read[..., None].float()
        return functional.normalize((self.states.float() * read).sum(1) / read.sum(1), dim=-1)


class Layer(nn.Module):
    """Attention, then two lines with a bend between."""

    def __init__(self) -> None:
        super().__init__()
        self.ask = nn.Linear(WIDTH, 3 * WIDTH)
        self.mix = nn.Linear(WIDTH, WIDTH)
        self.mix_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.widen = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.narrow_norm = nn.LayerNorm(WIDTH, eps=EPSILON)

    def forward(self, states: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
        count, length, _ = states.shape
        asked = self.ask(states).view(count, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = asked.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, read[:, None, None])
        mixed = self.mix(seen.transpose(1, 2).reshape(count, length, WIDTH))
        states = self.mix_norm(states + mixed)
        bent = self.narrow(functional.gelu(self.widen(states)))
        return self.narrow_norm(states + bent)  # type: ignore[no-any-return]


class MiniLM(nn.Module):
    """The whole reader, in steps."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(PLACES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def embedded(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the states before the first layer, of token numbers, shape (n, length)."""
        return self.norm(self.words(tokens) + self.places.weight[: tokens.shape[1]])  # type: ignore[no-any-return]


def through(layers: Iterable[nn.Module], reading: Reading) -> Reading:
    """Return what is read after `layers`."""
    states = reading.states
    for layer in layers:
        states = layer(states, reading.read)
    return Reading(states, reading.read)


def tokenizer(path: str, most: int) -> tokenizers.Tokenizer:
    """Return the tokenizer in a file; a text longer than `most` tokens is cut."""
    made = tokenizers.Tokenizer.from_file(path)
    made.enable_truncation(most)
    made.enable_padding()
    return made


def from_package(weights: Weights) -> MiniLM:
    """Return the reader of a state dict as transformers names it."""
    reader = MiniLM()
    reader.load_state_dict(dict(_renamed(weights)))
    return reader.eval().requires_grad_(False)


_NAMES = {
    "attention.output.dense": "mix",
    "attention.output.LayerNorm": "mix_norm",
    "intermediate.dense": "widen",
    "output.dense": "narrow",
    "output.LayerNorm": "narrow_norm",
}


def _renamed(weights: Weights) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield our names; the one kind of segment that occurs is added to the places."""
    yield "words.weight", weights["embeddings.word_embeddings.weight"]
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    yield "places.weight", weights["embeddings.position_embeddings.weight"] + segment
    for part in ("weight", "bias"):
        yield f"norm.{part}", weights[f"embeddings.LayerNorm.{part}"]
        for number in range(LAYERS):
            theirs, ours = f"encoder.layer.{number}.", f"layers.{number}."
            asked = (f"{theirs}attention.self.{one}.{part}" for one in ("query", "key", "value"))
            yield f"{ours}ask.{part}", torch.cat([weights[name] for name in asked])
            for their_name, our_name in _NAMES.items():
                yield f"{ours}{our_name}.{part}", weights[f"{theirs}{their_name}.{part}"]
