"""What a put must be before it may change the catalogue."""

from collections.abc import Iterable

from common import errors
from common.samples import Stage, stage_of
from index_service.changes import Meta, Put, VectorSample


def check(put: Put, meta: Meta, *, known: bool) -> None:
    """Raise InvalidInput, naming the field, or Mismatch unless `put` fits the library.

    `known` tells that the photo is in the catalogue already.
    """
    _check_stages(put, known=known)
    _check_fingerprint(put, meta)
    for number, item in enumerate(put.samples):
        _check_sample(put, item, f"{put.path}.samples[{number}]")
    _check_once(put)
    _check_dimensions(put, meta)


def _check_stages(put: Put, *, known: bool) -> None:
    stages = [record.stage for record in put.stages]
    field = f"{put.path}.stages"
    if len(set(stages)) < len(stages):
        raise errors.InvalidInput(field, "names a stage twice")
    if not known and Stage.WHOLE not in stages:
        raise errors.InvalidInput(
            field, f"photo {put.facts.photo_id} is new: it needs STAGE_WHOLE first"
        )


def _check_fingerprint(put: Put, meta: Meta) -> None:
    if not put.fingerprint and put.samples:
        raise errors.InvalidInput("fingerprint", "is empty: vectors need that of their model")
    if meta.fingerprint and put.fingerprint and put.fingerprint != meta.fingerprint:
        raise mismatch(put.fingerprint, meta.fingerprint)


def mismatch(given: str, own: str) -> errors.Mismatch:
    """Return the error for vectors of a foreign model."""
    return errors.Mismatch(
        f"the vectors have the fingerprint {given[:80]!r}, those of the library {own!r}: "
        "start the embedder with the model that the library was made with"
    )


def _check_sample(put: Put, item: VectorSample, path: str) -> None:
    sample = item.sample
    if sample.photo_id != put.facts.photo_id:
        raise errors.InvalidInput(f"{path}.sample.photo_id", "is not that of the photo")
    stage = stage_of(sample.kind)
    if stage not in _stages(put):
        raise errors.InvalidInput(
            f"{path}.sample.kind",
            f"{sample.kind.name} comes of STAGE_{stage.name}, which the put does not name",
        )


def _check_once(put: Put) -> None:
    seen: set[str] = set()
    for number, item in enumerate(put.samples):
        if item.sample.sample_id in seen:
            raise errors.InvalidInput(
                f"{put.path}.samples[{number}].sample.sample_id", "is there twice"
            )
        seen.add(item.sample.sample_id)


def _check_dimensions(put: Put, meta: Meta) -> None:
    dimension = dimension_of(put, meta)
    for number, item in enumerate(put.samples):
        if len(item.vector) != dimension:
            raise errors.InvalidInput(
                f"{put.path}.samples[{number}].vector",
                f"has {len(item.vector)} dimensions, the library has {dimension}",
            )


def dimension_of(put: Put, meta: Meta) -> int:
    """Return the dimension that the library has after `put`, 0 while no vector was seen."""
    return meta.dimension or (len(put.samples[0].vector) if put.samples else 0)


def _stages(put: Put) -> Iterable[Stage]:
    return {record.stage for record in put.stages}
