"""CLIP at the size of ViT-B/32, random weights: it loads, and 16 bits are enough."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedder_service import catalogue, encoder, hardware

pytestmark = pytest.mark.weights


def pictures(count: int) -> list[Image.Image]:
    random = np.random.default_rng(0)
    grids = (random.integers(0, 256, (6, 6, 3), dtype=np.uint8) for _ in itertools.count())
    return [
        Image.fromarray(grid).resize((300, 260), Image.Resampling.BICUBIC)
        for grid in itertools.islice(grids, count)
    ]


def test_full_size_clip_says_the_same_in_16_bits(
    large_clip: Path, short: hardware.Hardware
) -> None:
    exact = catalogue.load(str(large_clip), hardware.choose("cpu", "float32"))
    fewer = catalogue.load(str(large_clip), short)
    assert exact.about.dimension == 512
    assert exact.about.max_tokens == 77
    assert fewer.about.fingerprint == exact.about.fingerprint
    images, texts = pictures(4), ["a dog on a beach", "two men", "a red bus in the rain"]
    seen = [encoder.encode_pictures(each, images) for each in (exact, fewer)]
    read = [each.encode_texts(texts).vectors for each in (exact, fewer)]
    for one, other in (seen, read):
        cosines = (one * other).sum(1)
        print(f"cosine of {short.precision} with float32: at least {cosines.min():.5f}")
        assert cosines.min() >= 0.999
