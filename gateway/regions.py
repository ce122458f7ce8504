"""Which findings of a detector become samples of a photo."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.samples import Kind, Sample, Stage, sample_id
from gateway.services import Finding
from gateway.words import with_words


@dataclass(frozen=True, slots=True)
class Rules:
    """Share of the photo that an object covers, and least confidence, each in [0, 1].

    `words` is how many single words of its lines of text a photo gets at most.
    """

    min_share: float = 0.04
    max_share: float = 0.9
    min_confidence: float = 0.5
    min_text_confidence: float = 0.3
    words: int = 64

    def keep(self, finding: Finding) -> bool:
        """Return whether the finding gets a vector; text may cover as little as it likes."""
        if finding.kind is Kind.TEXT:
            sure = finding.confidence >= self.min_text_confidence
            return sure and finding.box.area > 0 and bool(finding.text.strip())
        covers = self.min_share <= finding.box.area <= self.max_share
        return covers and finding.confidence >= self.min_confidence


def chosen(
    photo_id: str, findings: Sequence[Finding], rules: Rules, *, stage: Stage, most: int
) -> list[Sample]:
    """Return the samples, most confident first, each once. Raises InvalidInput for a bad box.

    Of objects at most `most`; of two with the same kind and box the more confident one. Lines of
    text are followed by their words.
    """
    by_id: dict[str, Sample] = {}
    for finding in sorted(findings, key=lambda one: -one.confidence):
        if rules.keep(finding):
            sample = _sample(photo_id, finding)
            by_id.setdefault(sample.sample_id, sample)
    samples = list(by_id.values())
    return with_words(samples, most=rules.words) if stage is Stage.OCR else samples[:most]


def _sample(photo_id: str, finding: Finding) -> Sample:
    box = finding.box.checked("box")
    return Sample(
        sample_id=sample_id(photo_id, finding.kind, box, finding.text),
        photo_id=photo_id,
        kind=finding.kind,
        label=finding.label,
        box=box,
        confidence=finding.confidence,
        text=finding.text,
    )
