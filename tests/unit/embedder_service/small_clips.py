"""A small CLIP with random weights and CLIP's own vocabulary, saved as transformers saves one."""

import gzip
import json
from importlib import resources
from pathlib import Path

import torch
import transformers

SPECIAL = ("<|startoftext|>", "<|endoftext|>")
MERGES = 49152 - 256 - 2


def byte_symbols() -> list[str]:
    """Return the printable stand-ins of the 256 bytes, in the order of CLIP's vocabulary."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    shifted = [256 + n for n in range(256 - len(plain))]
    return [chr(n) for n in (*plain, *shifted)]


def write_tokenizer(folder: Path) -> None:
    """Write vocab.json and merges.txt from the vocabulary that ships inside open-clip-torch."""
    packed = resources.files("open_clip").joinpath("bpe_simple_vocab_16e6.txt.gz").read_bytes()
    merges = gzip.decompress(packed).decode().split("\n")[1 : MERGES + 1]
    symbols = byte_symbols()
    tokens = [*symbols, *(f"{symbol}</w>" for symbol in symbols)]
    tokens += [merge.replace(" ", "") for merge in merges] + list(SPECIAL)
    folder.joinpath("vocab.json").write_text(json.dumps({t: n for n, t in enumerate(tokens)}))
    folder.joinpath("merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    kind = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    folder.joinpath("tokenizer_config.json").write_text(json.dumps(kind))


def write_preprocessor(folder: Path, side: int) -> None:
    """Write what the hub's CLIP checkpoints say of their preprocessing."""
    config = {
        "image_processor_type": "CLIPImageProcessor",
        "crop_size": side,
        "size": side,
        "resample": 3,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    folder.joinpath("preprocessor_config.json").write_text(json.dumps(config))


def write_clip(folder: Path, config: transformers.CLIPConfig) -> Path:
    """Save a CLIP with random weights in `folder`."""
    torch.manual_seed(0)
    transformers.CLIPModel(config).save_pretrained(folder)
    write_tokenizer(folder)
    write_preprocessor(folder, config.vision_config.image_size)
    return folder


def small_config() -> transformers.CLIPConfig:
    """Return a CLIP of two narrow layers, picture side 48."""
    layers = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "projection_dim": 16}
    return transformers.CLIPConfig(
        text_config={**layers, **heads, "eos_token_id": 49407, "bos_token_id": 49406},
        vision_config={**layers, **heads, "image_size": 48, "patch_size": 16},
        projection_dim=16,
    )
