"""What makes vectors comparable: one hash over weights and preprocessing."""

import hashlib
from collections.abc import Iterable, Mapping

import torch


def fingerprint(weights: Mapping[str, torch.Tensor], preprocessing: Iterable[object]) -> str:
    """Return 64 hex digits; neither device nor number format at run time changes them.

    `weights` as they were stored, before any conversion to fewer bits.
    """
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().to("cpu", torch.float32).contiguous()
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().tobytes())
    for value in preprocessing:
        digest.update(repr(value).encode())
    return digest.hexdigest()


def of_vocabulary(tokens: Mapping[str, int]) -> str:
    """Return a hash of which text becomes which number."""
    return hashlib.sha256(repr(sorted(tokens.items())).encode()).hexdigest()
