"""Samples that are known embedded by another model: cropped from the originals as at import."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from common import errors, images
from common.samples import Kind, Sample
from common.vector_sets import Lacking
from gateway.encoding import Encoding
from gateway.files import Files
from gateway.services import Encoder, Picture

IDs = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """Vectors by sample id, and why some photos could not be embedded, by photo id."""

    vectors: dict[str, bytes] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


async def embedded(
    photos: Sequence[Lacking], files: Files, encoding: Encoding, encoder: Encoder
) -> Made:
    """Return the vectors of the samples. Raises transient errors, and Mismatch for another model.

    Pictures of several photos go into one call, as many as the embedder takes.
    """
    made = Made()
    jpegs = await asyncio.gather(*(_jpeg(photo, files) for photo in photos))
    orders: list[tuple[str, IDs, Picture]] = []
    for photo, jpeg in zip(photos, jpegs, strict=True):
        if isinstance(jpeg, str):
            made.failed[photo.photo_id] = jpeg
        else:
            orders += _orders(photo, jpeg, encoder)
    outcomes = (await encoding.images([picture for *_, picture in orders], encoder)).outcomes
    for (photo_id, own, _), outcome in zip(orders, outcomes, strict=True):
        if isinstance(outcome, errors.SemapixError):
            made.failed[photo_id] = str(outcome)
        else:
            made.vectors.update(zip(own, outcome, strict=True))
    await _texts(photos, made, encoding, encoder)
    return made


async def _jpeg(photo: Lacking, files: Files) -> bytes | str:
    """Return the working copy, b"" where none is needed, or why there is none."""
    if all(sample.kind is Kind.TEXT for sample in photo.samples):
        return b""
    original = files.originals.path(photo.photo_id)
    kept = files.thumbnails.largest(photo.photo_id)
    why = "the original is missing: import the photo again"
    for path in (original, kept) if kept else (original,):
        try:
            return (await files.pictures.from_file(path)).jpeg
        except images.BadImage as error:
            why = error.complaint
        except OSError as error:
            why = f"the original cannot be read ({error.strerror or error}): import it again"
    return why


def _orders(photo: Lacking, jpeg: bytes, encoder: Encoder) -> list[tuple[str, IDs, Picture]]:
    """Return what to ask for, with the ids of the samples that each picture brings."""
    whole = [sample for sample in photo.samples if sample.kind is Kind.PHOTO]
    regions = [one for one in photo.samples if one.kind not in (Kind.PHOTO, Kind.TEXT)]
    orders: list[tuple[str, IDs, Picture]] = [
        (photo.photo_id, (one.sample_id,), Picture(jpeg)) for one in whole
    ]
    most = max(encoder.max_regions, 1)
    for at in range(0, len(regions), most):
        part = regions[at : at + most]
        picture = Picture(jpeg, tuple(sample.box for sample in part))
        orders.append((photo.photo_id, tuple(one.sample_id for one in part), picture))
    return orders


async def _texts(
    photos: Sequence[Lacking], made: Made, encoding: Encoding, encoder: Encoder
) -> None:
    read: dict[str, list[Sample]] = defaultdict(list)
    for photo in photos:
        for sample in photo.samples:
            if sample.kind is Kind.TEXT:
                read[sample.text[: encoder.max_text_chars]].append(sample)
    outcomes = (await encoding.texts(list(read), encoder)).outcomes
    for samples, outcome in zip(read.values(), outcomes, strict=True):
        for sample in samples:
            if isinstance(outcome, errors.SemapixError):
                made.failed[sample.photo_id] = f"text {sample.text[:40]!r}: {outcome}"
            else:
                made.vectors[sample.sample_id] = outcome.vector
