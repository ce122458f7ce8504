"""Vectors for benchmarks of the index: clustered ones drawn at random, and real ones perturbed."""

import os
from pathlib import Path

import numpy as np

from common import vectors
from common.vectors import Floats

ROOT = Path(__file__).parents[2]
VECTORS = Path(os.environ.get("SEMAPIX_DATA", ROOT.parent / "shared" / "data")) / "clip_vectors"
DIMENSION = 512
SPREADS = (0.5, 1.0)
_PER_CENTRE = 100
_CLIP_SPREAD = 0.5


def around(rng: np.random.Generator, centres: Floats, count: int, spread: float) -> Floats:
    """Return unit vectors around centres drawn at random, noise of norm `spread`, (count, d)."""
    chosen = centres[rng.integers(len(centres), size=count)]
    for at in range(0, count, 10_000):
        part = chosen[at : at + 10_000]
        noise = rng.standard_normal(part.shape, dtype=np.float32) / np.sqrt(part.shape[1])
        chosen[at : at + 10_000] = vectors.normalised(part + np.float32(spread) * noise)
    return chosen


def random_centres(rng: np.random.Generator, count: int, dimension: int = DIMENSION) -> Floats:
    """Return random unit centres, one for every 100 of `count` vectors."""
    size = (max(1, count // _PER_CENTRE), dimension)
    return vectors.normalised(rng.standard_normal(size, dtype=np.float32))


def clip(name: str) -> Floats:
    """Return the unit rows of one file of real CLIP vectors, (n, 512)."""
    rows = np.load(VECTORS / f"{name}.npy").astype(np.float32)
    rows = rows.reshape(-1, rows.shape[-1])
    return vectors.normalised(rows.T if rows.shape[1] != DIMENSION else rows)


def real_photos() -> Floats:
    """Return CLIP vectors of the 225 photos there are."""
    flickr = clip("flickr8k_100x5/image_embeddings")[::5]
    return np.concatenate([flickr, clip("unsplash125/image_embeddings")])


def photos_like_real(rng: np.random.Generator, count: int) -> Floats:
    """Return perturbed mixes of two real photos each: CLIP's narrow cone, and no two alike."""
    real = real_photos()
    pairs = rng.integers(len(real), size=(2, max(1, count // 20)))
    share = rng.uniform(0.5, 1.0, (pairs.shape[1], 1)).astype(np.float32)
    centres = vectors.normalised(share * real[pairs[0]] + (1 - share) * real[pairs[1]])
    return around(rng, centres, count, _CLIP_SPREAD)


def sets(count: int, queries: int) -> dict[str, tuple[Floats, Floats]]:
    """Return vectors and queries by what they are; those like real ones where there are such."""
    rng = np.random.default_rng(0)
    found = {}
    for spread in SPREADS:
        centres = random_centres(rng, count)
        found[f"random {spread}"] = (
            around(rng, centres, count, spread),
            around(rng, centres, queries, spread),
        )
    if VECTORS.is_dir():
        both = photos_like_real(rng, count + queries)
        captions = clip("flickr8k_100x5/text_embeddings")[:queries]
        found["like CLIP photos"] = both[:count], both[count:]
        found["captions to photos"] = both[:count], captions
    return found
