"""One background stage of one photo: found, chosen, embedded."""

from dataclasses import dataclass

from common import errors
from common.samples import PhotoFacts, Sample, Stage, StageRecord
from gateway.encoding import Encoding
from gateway.files import Files
from gateway.regions import Rules, chosen
from gateway.services import TRANSIENT, Detector, Encoder, Feature, Picture, Update

SampleVectors = tuple[tuple[Sample, bytes], ...]


@dataclass(frozen=True, slots=True)
class Describer:
    """Makes the samples of a stage from the original of a photo."""

    files: Files
    detector: Detector
    encoding: Encoding
    rules: Rules

    async def described(self, facts: PhotoFacts, feature: Feature, encoder: Encoder) -> Update:
        """Return the outcome of the stage: samples, or a record of why it cannot be done.

        Raises transient errors, and Mismatch when the embedder runs another model by now.
        """
        try:
            vectors = await self._samples(facts.photo_id, feature.stage, encoder)
        except (*TRANSIENT, errors.Mismatch):
            raise
        except FileNotFoundError:
            return failed(facts, feature, "the original is missing: import the photo again")
        except errors.InvalidInput as error:
            return failed(facts, feature, error.complaint)
        except errors.SemapixError as error:
            return failed(facts, feature, str(error))
        return Update(facts, StageRecord(feature.stage, feature.model), vectors)

    async def _samples(self, photo_id: str, stage: Stage, encoder: Encoder) -> SampleVectors:
        original = self.files.originals.path(photo_id)
        prepared = await self.files.pictures.from_file(original)
        findings = await self.detector.find(prepared.jpeg, stage)
        most = encoder.max_regions
        samples = chosen(photo_id, findings, self.rules, stage=stage, most=most)
        if not samples:
            return ()
        if stage is Stage.OCR:
            return await self._with_texts(samples, encoder)
        return await self._with_regions(prepared.jpeg, samples, encoder)

    async def _with_regions(
        self, jpeg: bytes, samples: list[Sample], encoder: Encoder
    ) -> SampleVectors:
        picture = Picture(jpeg, tuple(sample.box for sample in samples))
        (outcome,) = (await self.encoding.images([picture], encoder)).outcomes
        if isinstance(outcome, errors.SemapixError):
            raise outcome
        return tuple(zip(samples, outcome, strict=True))

    async def _with_texts(self, samples: list[Sample], encoder: Encoder) -> SampleVectors:
        """Return the lines that have a vector: one bad line does not spoil the others."""
        texts = [sample.text[: encoder.max_text_chars] for sample in samples]
        outcomes = (await self.encoding.texts(texts, encoder)).outcomes
        return tuple(
            (sample, outcome.vector)
            for sample, outcome in zip(samples, outcomes, strict=True)
            if not isinstance(outcome, errors.SemapixError)
        )


def failed(facts: PhotoFacts, feature: Feature, why: str) -> Update:
    """Return the record of a stage that cannot be done on a photo."""
    return Update(facts, StageRecord(feature.stage, feature.model, why))
