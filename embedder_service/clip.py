"""Any CLIP checkpoint in a local folder, through transformers."""

import logging
import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
import transformers
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from common import vectors
from common.vectors import Floats
from embedder_service import calibration, chunks, clip_pixels, fingerprints, understanding
from embedder_service.encoder import About, EncodedTexts, Pixels
from embedder_service.hardware import Hardware

log = logging.getLogger(__name__)
WEIGHTS = Path(__file__).parent / "weights"
CALIBRATION_FILE = "clip-vit-base-patch32.json"
_BATCH = 32
# What transformers raises for files that are damaged or are something else.
_UNREADABLE = (
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    EOFError,
    pickle.UnpicklingError,
    safetensors.SafetensorError,
)


class ClipEncoder:
    """A CLIP model as `save_pretrained` writes it; `model` is the name it goes by."""

    def __init__(self, folder: Path, *, model: str, hardware: Hardware) -> None:
        self._hardware = hardware
        self._module = _loaded(folder)
        self._tokenizer = _tokenizer(folder)
        self._preprocessing = clip_pixels.of_processor(
            CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
        )
        self._max_tokens = int(self._module.config.text_config.max_position_embeddings)
        fingerprint = self._fingerprint()
        self._about = About(
            model=model,
            fingerprint=fingerprint,
            dimension=int(self._module.config.projection_dim),
            device=str(hardware.device),
            precision=hardware.precision,
            max_tokens=self._max_tokens,
            calibrations=_calibrations(folder),
            understanding=understanding.load(folder / understanding.FILE, fingerprint=fingerprint),
        )
        self._module.to(hardware.device, hardware.dtype)

    @property
    def about(self) -> About:
        return self._about

    def prepare(self, image: Image.Image) -> Pixels:
        return self._preprocessing.pixels(image)

    @torch.inference_mode()
    def encode_images(self, pixels: Sequence[Pixels]) -> Floats:
        return _unit(self._images(np.stack(batch)) for batch in chunks.of(_BATCH, pixels))

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
        unit = _unit(self._texts(batch) for batch in chunks.of(_BATCH, texts))
        lengths = map(len, self._tokenizer(list(texts), verbose=False)["input_ids"])
        return EncodedTexts(unit, tuple(length > self._max_tokens for length in lengths))

    def _images(self, pixels: Pixels) -> torch.Tensor:
        batch = torch.from_numpy(pixels).to(self._hardware.device)
        standard = self._preprocessing.standardised(batch).to(self._hardware.dtype)
        return _features(self._module.get_image_features(pixel_values=standard))

    def _texts(self, texts: list[str]) -> torch.Tensor:
        tokens = self._tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
            verbose=False,
        ).to(self._hardware.device)
        return _features(self._module.get_text_features(**tokens))

    def _fingerprint(self) -> str:
        vocabulary = fingerprints.of_vocabulary(self._tokenizer.get_vocab())
        preprocessing = (self._preprocessing, vocabulary, "lower case", self._max_tokens)
        return fingerprints.fingerprint(self._module.state_dict(), preprocessing)


def _loaded(folder: Path) -> Any:
    """Return the model in float32, whatever it was stored in. Raises ValueError without one."""
    try:
        loaded: Any = transformers.CLIPModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, output_loading_info=True
        )
    except _UNREADABLE as error:
        raise ValueError(f"{folder} does not hold a CLIP model: {error!r}") from error
    model, loading = loaded
    # transformers fills what is missing with random numbers and goes on.
    if lacking := sorted(loading["missing_keys"]):
        raise ValueError(f"{folder} does not hold a whole CLIP model: it lacks {lacking[0]!r}")
    return model.requires_grad_(False)


def _tokenizer(folder: Path) -> Any:
    """Return the tokenizer. Raises ValueError without one."""
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers library raises Exception itself for a broken file
        raise ValueError(f"{folder} does not hold CLIP's tokenizer: {error!r}") from error


def _calibrations(folder: Path) -> calibration.Calibrations:
    """Return the constants in the model's folder, or those of ViT-B/32, a rough fit for others."""
    own = folder / calibration.FILE
    if own.is_file():
        return calibration.load(own)
    log.info(
        "%s has no %s: scores use the constants of CLIP ViT-B/32; "
        "`python -m embedder_service.finetuning.calibrating` makes its own",
        folder,
        calibration.FILE,
    )
    return calibration.load(WEIGHTS / CALIBRATION_FILE)


def _features(output: Any) -> torch.Tensor:
    """Return the projected rows, float32: newer transformers wrap them, older return them bare."""
    rows = output if isinstance(output, torch.Tensor) else output.pooler_output
    return rows.float()


def _unit(rows: Iterable[torch.Tensor]) -> Floats:
    return vectors.normalised(torch.cat(list(rows)).cpu().numpy())
