"""Values and a reader of HTML that the tests of the page share."""

from html.parser import HTMLParser

from common import samples
from common.samples import Box, Hit, Kind, PhotoFacts, Sample
from ui import analyses, answers

PHOTO_ID = "ab" * 32
BOX = Box(0.25, 0.5, 0.5, 0.25)


def facts(source: str = "holiday/beach.jpg", *, width: int = 640, height: int = 480) -> PhotoFacts:
    return PhotoFacts(PHOTO_ID, width, height, 123_456, "JPEG", (source,), 0)


def sample(kind: Kind, words: str = "", box: Box = BOX) -> Sample:
    text, label = (words, "") if kind is Kind.TEXT else ("", words)
    sample_id = samples.sample_id(PHOTO_ID, kind, box, words)
    return Sample(sample_id, PHOTO_ID, kind, label, box, 0.9, text)


def job(parameters: analyses.Parameters, step: str = "") -> analyses.Analysis:
    done = analyses.AnalysisState.SUCCEEDED
    return analyses.Analysis("a", parameters, (), done, 1.0, step, 1, 3, 0, 0, "", stale=False)


def answer(*hits: Hit, understood: float | None = None) -> answers.Answer:
    return answers.Answer(hits, 1, {}, 0.0, 1.0, truncated=False, understood=understood)


class Read(HTMLParser):
    """What a browser makes of HTML: the tags, their attributes, the text between."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data
