"""One background stage of one photo: found, chosen, embedded."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from common import errors
from common.samples import PhotoFacts, Sample, Stage, StageRecord
from gateway.encoding import Encoding
from gateway.files import Files
from gateway.regions import Rules, chosen
from gateway.second_vectors import SecondVectors
from gateway.services import (
    TRANSIENT,
    Detector,
    Encoder,
    Feature,
    Finding,
    Picture,
    SecondMade,
    Update,
)

SampleVectors = tuple[tuple[Sample, bytes], ...]
Described = tuple[SampleVectors, SecondMade | None]
# Photos whose findings are kept until their vectors are committed; one page is far fewer.
KEPT = 128
Found = OrderedDict[tuple[str, Stage], tuple[str, Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Describer:
    """Makes the samples of a stage from the original of a photo."""

    files: Files
    detector: Detector
    encoding: Encoding
    rules: Rules
    second: SecondVectors = field(default_factory=SecondVectors)
    # An embedder or index that is away for a moment must not cost another look at the photo.
    _found: Found = field(default_factory=OrderedDict)

    def forget(self, photo_id: str, stage: Stage) -> None:
        """Drop what was found: the stage is over."""
        self._found.pop((photo_id, stage), None)

    async def described(self, facts: PhotoFacts, feature: Feature, encoder: Encoder) -> Update:
        """Return the outcome of the stage: samples, or a record of why it cannot be done.

        Raises transient errors, and Mismatch when the embedder runs another model by now.
        """
        try:
            vectors, second = await self._samples(facts.photo_id, feature, encoder)
        except (*TRANSIENT, errors.Mismatch):
            raise
        except FileNotFoundError:
            return failed(facts, feature, "the original is missing: import the photo again")
        except errors.InvalidInput as error:
            return failed(facts, feature, error.complaint)
        except errors.SemapixError as error:
            return failed(facts, feature, str(error))
        record = StageRecord(feature.stage, feature.model)
        return Update(facts, record, vectors, second=second)

    async def _samples(self, photo_id: str, feature: Feature, encoder: Encoder) -> Described:
        largest = self.files.thumbnails.largest(photo_id)
        source = largest or self.files.originals.path(photo_id)
        prepared = await self.files.pictures.from_file(source)
        stage = feature.stage
        findings = await self._findings(photo_id, feature, prepared.jpeg)
        most = encoder.max_regions
        samples = chosen(photo_id, findings, self.rules, stage=stage, most=most)
        if not samples:
            return (), None
        if stage is Stage.OCR:
            return await self._with_texts(samples, encoder)
        return await self._with_regions(prepared.jpeg, samples, encoder)

    async def _findings(self, photo_id: str, feature: Feature, jpeg: bytes) -> Sequence[Finding]:
        """Return what the detector sees, which is asked once for all attempts at the stage."""
        model, findings = self._found.get((photo_id, feature.stage), ("", ()))
        if model == feature.model and model:
            return findings
        findings = await self.detector.find(jpeg, feature.stage)
        self._found[photo_id, feature.stage] = (feature.model, findings)
        if len(self._found) > KEPT:
            self._found.popitem(last=False)
        return findings

    async def _with_regions(
        self, jpeg: bytes, samples: list[Sample], encoder: Encoder
    ) -> Described:
        picture = Picture(jpeg, tuple(sample.box for sample in samples))
        (outcome,) = (await self.encoding.images([picture], encoder)).outcomes
        if isinstance(outcome, errors.SemapixError):
            raise outcome
        second = await self.second.images([picture])
        vectors = tuple(zip(samples, outcome, strict=True))
        if second is None or 0 not in second.vectors:
            return vectors, None
        ids = (one.sample_id for one in samples)
        made = dict(zip(ids, second.vectors[0], strict=True))
        return vectors, SecondMade(second.fingerprint, made)

    async def _with_texts(self, samples: list[Sample], encoder: Encoder) -> Described:
        """Return the lines that have a vector: one bad line does not spoil the others."""
        texts = [sample.text[: encoder.max_text_chars] for sample in samples]
        outcomes = (await self.encoding.texts(texts, encoder)).outcomes
        vectors = tuple(
            (sample, outcome.vector)
            for sample, outcome in zip(samples, outcomes, strict=True)
            if not isinstance(outcome, errors.SemapixError)
        )
        second = await self.second.texts([sample.text for sample, _ in vectors])
        if second is None:
            return vectors, None
        made = {vectors[at][0].sample_id: one for at, (one,) in second.vectors.items()}
        return vectors, SecondMade(second.fingerprint, made)


def failed(facts: PhotoFacts, feature: Feature, why: str) -> Update:
    """Return the record of a stage that cannot be done on a photo."""
    return Update(facts, StageRecord(feature.stage, feature.model, why))
