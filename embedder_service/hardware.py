"""Where a model computes, and in which number format."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

_FORMATS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
# Whether oneDNN has convolutions of that format for this processor; without, models fail.
CONVOLVES: dict[str, Callable[[], bool]] = {
    "float32": lambda: True,
    "bfloat16": torch.ops.mkldnn._is_mkldnn_bf16_supported,
    "float16": torch.ops.mkldnn._is_mkldnn_fp16_supported,
}


@dataclass(frozen=True, slots=True)
class Hardware:
    """A device and the number format of the towers; vectors are float32 on every one."""

    device: torch.device
    dtype: torch.dtype

    @property
    def precision(self) -> str:
        """Name of the number format."""
        return str(self.dtype).removeprefix("torch.")

    def towers(self) -> torch.autocast:
        """Return the block within which towers compute in the number format."""
        reduced = self.dtype is not torch.float32
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=reduced)


def choose(device: str = "auto", precision: str = "auto") -> Hardware:
    """Return the hardware to use: a GPU where there is one, 16 bits where they are fast.

    `device` is "auto" or a name of torch, `precision` "auto" or a name of a format. Raises
    ValueError for a name that does not exist, and for what this machine lacks.
    """
    place = _place(_auto_device() if device == "auto" else device)
    if precision == "auto":
        return Hardware(place, _fast_format(place))
    if precision not in _FORMATS:
        raise ValueError(f"embedder.precision = {precision!r} is not auto, {', '.join(_FORMATS)}")
    if place.type == "cpu" and not CONVOLVES[precision]():
        raise ValueError(f"embedder.precision = {precision!r} is not for this processor: use auto")
    return Hardware(place, _FORMATS[precision])


def _place(device: str) -> torch.device:
    try:
        place = torch.device(device)
    except RuntimeError:
        place = None
    if place is None or place.type not in ("cpu", "cuda"):
        raise ValueError(f"embedder.device = {device!r} is not 'auto', 'cpu', 'cuda' or 'cuda:1'")
    if place.type == "cuda" and (place.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"embedder.device = {device!r}, but there is no such GPU: use 'cpu'")
    return place


def _auto_device() -> str:
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _fast_format(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    able = torch.cpu.get_capabilities()
    fast = able.get("avx512_bf16") or able.get("amx_bf16")
    return torch.bfloat16 if fast else torch.float32
