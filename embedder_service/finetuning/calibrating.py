"""`python -m embedder_service.finetuning.calibrating`: the constants of any model's scores.

A checkpoint that brings no semapix.json is read with the constants of CLIP ViT-B/32, a rough fit
for others. This writes its own into its folder,
and beside them what tells texts that mean something to the model from others.
"""

import argparse
from pathlib import Path

from common import errors
from embedder_service import calibration, catalogue, checkpoints, hardware
from embedder_service.finetuning import background, constants, measuring, result
from embedder_service.training import sense


def main() -> None:
    """Estimate the constants on captioned photos and leave them beside the weights."""
    given = _arguments()
    try:
        written = calibrated(given.model, given.photos, hardware.choose(given.device))
    except (ValueError, errors.SemapixError) as error:
        raise SystemExit(f"error: {error}") from error
    print(f"{written} has the constants; the embedder reads its folder at its next start")


def calibrated(model: str, photos: Path, where: hardware.Hardware) -> Path:
    """Write the constants of `model`, a folder or the id of a cached checkpoint; return the file.

    `photos` is a folder as the background of a fine-tuning is. Raises ValueError where the model is
    nowhere, photos are too few or matched pairs not closer, NotFound and InvalidInput for `photos`.
    """
    named = Path(model).expanduser()
    folder = named if named.is_dir() else checkpoints.cached(model)
    if folder is None:
        raise ValueError(f"{model!r} is neither a folder nor a checkpoint in the cache of the hub")
    read = background.read(photos, held_out=0, seed=0)
    chosen = (read.watched or read.learnt)[: constants.MOST_PHOTOS]
    if len(chosen) < constants.LEAST_PHOTOS:
        raise ValueError(
            f"{photos} has {len(chosen)} photos with captions: {constants.LEAST_PHOTOS} are needed"
        )
    loaded = catalogue.load(model, where)
    encoder = measuring.Finished(loaded)
    seen = measuring.of_background(encoder, chosen)
    found = constants.estimated(encoder, chosen, seen)
    written = folder / calibration.FILE
    written.write_text(calibration.to_json(found), encoding="utf-8")
    if not (folder / result.CURVE).is_file():  # names that were taught may look like nothing
        captions = [text for photo in (*read.learnt, *read.watched) for text in photo.captions]
        sense.fit(loaded, captions, folder)
    return written


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="embedder_service.finetuning.calibrating")
    parser.description = __doc__
    parser.add_argument("--model", required=True, help="folder, or hub id of a cached checkpoint")
    parser.add_argument(
        "--photos", type=Path, required=True, help="images/ or images.tar, and captions.json"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda:0")
    return parser.parse_args()


if __name__ == "__main__":
    main()
