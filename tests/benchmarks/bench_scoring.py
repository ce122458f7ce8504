"""What calibration does to the ranking, on real CLIP ViT-B/32 vectors.

100 photos with 5 captions each, and 2,148 foreign texts as if they had been read in other photos.
How often is a caption's own photo first?
"""

import json
import os
from pathlib import Path

import numpy as np

from common.calibration import Calibration, Pair
from common.samples import Kind
from common.vectors import Floats, normalised
from index_service.scoring import calibrated, pair_of

ROOT = Path(__file__).parents[2]
VECTORS = Path(os.environ.get("SEMAPIX_DATA", ROOT.parent / "shared" / "data")) / "clip_vectors"
CONSTANTS = ROOT / "embedder_service" / "weights" / "clip-vit-base-patch32.json"
LABELS = ("coco_clip_a+cname", "lvis_v1_clip_a+cname", "o365_clip_a+cnamefix", "oid_clip_a+cname")
CAPTIONS = 5


def loaded(name: str) -> Floats:
    """Return unit rows of one file of vectors."""
    rows = np.load(VECTORS / f"{name}.npy").astype(np.float32)
    return normalised(rows.T if rows.shape[0] == 512 and rows.shape[1] != 512 else rows)


def constants() -> dict[Pair, Calibration]:
    """Return the constants that Semapix ships for CLIP."""
    stored = json.loads(CONSTANTS.read_text())["calibrations"]
    return {Pair[name.upper()]: Calibration(**values) for name, values in stored.items()}


def first(photos: Floats, others: Floats) -> float:
    """Return the share of captions whose own photo ranks above every other photo and text."""
    own = np.arange(len(photos))
    best_photo = photos.argmax(axis=1) == own // CAPTIONS * CAPTIONS
    beats = photos[own, own // CAPTIONS * CAPTIONS] > others.max(axis=1)
    return float(np.mean(best_photo & beats))


def main() -> None:
    if not VECTORS.is_dir():
        print(f"no vectors in {VECTORS} (set SEMAPIX_DATA)")
        return
    captions = loaded("flickr8k_100x5/text_embeddings")
    photos = loaded("flickr8k_100x5/image_embeddings")
    texts = np.concatenate([loaded(f"detic_text/{name}") for name in LABELS])
    to_photos, to_texts = captions @ photos.T, captions @ texts.T
    # Rows come five to a photo: the other four would tie with the first.
    to_photos[:, np.arange(len(photos)) % CAPTIONS != 0] = -1
    known = constants()
    as_photo, as_text = pair_of(Kind.PHOTO, is_text=True), pair_of(Kind.TEXT, is_text=True)
    scored = calibrated(to_photos.astype(float), known[as_photo])
    texts_scored = calibrated(to_texts.astype(float), known[as_text])
    print(f"{len(captions)} captions, {len(photos) // CAPTIONS} photos, {len(texts)} texts")
    print(f"photos alone                 {first(to_photos, np.full((1, 1), -1.0)):.3f}")
    print(f"photos and texts, cosine     {first(to_photos, to_texts):.3f}")
    print(f"photos and texts, calibrated {first(scored, texts_scored):.3f}")


if __name__ == "__main__":
    main()
