"""An album: photos as one web page that needs no network and that any browser opens."""

import base64
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from common import errors
from common.samples import PhotoFacts
from ui import console, naming, saving
from ui.client import Client
from ui.exporting import Exported
from ui.selections import Section

SUFFIX = ".html"
# At some 80 kB a photo, what a browser still opens.
MOST_PHOTOS = 1000
PHOTO_PX, BATCH = 640, 200
Report = Callable[[int, int], None]

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Semapix album</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 1rem auto; max-width: 90rem; padding: 0 1rem; }
section { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
figure { margin: 0; }
img { border-radius: .4rem; display: block; height: 15rem; object-fit: contain; width: 100%; }
figcaption { font-size: .85rem; overflow-wrap: anywhere; padding: .3rem 0; text-align: center; }
</style></head><body>
"""
_TAIL = "</body></html>\n"


class Album:
    """Writes photos of one library into a file."""

    def __init__(self, client: Client, path: Path) -> None:
        self._client, self._path = client, path
        self._problems: list[tuple[str, str]] = []
        self._done = 0

    def write(self, sections: Sequence[Section], *, report: Report) -> Exported:
        """Write all photos that there are. Raises InvalidInput for too many."""
        total = sum(len(section.ids) for section in sections)
        if total > MOST_PHOTOS:
            raise errors.InvalidInput(
                "target",
                f"an album holds at most {MOST_PHOTOS:,} photos, these are {total:,}: "
                "choose fewer, or name a folder",
            )
        size = saving.write_pieces(self._path, self._pieces(sections, report, total))
        problems = tuple(self._problems)
        return Exported(self._path, total - len(problems), 0, size, problems)

    def _pieces(self, sections: Sequence[Section], report: Report, total: int) -> Iterator[bytes]:
        yield _HEAD.encode()
        for section in sections:
            if section.title:
                yield f"<h2>{_text(section.title)} ({len(section.ids)})</h2>\n".encode()
            yield b"<section>\n"
            for figure in self._figures(section.ids):
                yield figure.encode()
                self._done += 1
                report(self._done, total)
            yield b"</section>\n"
        yield _TAIL.encode()

    def _figures(self, ids: Sequence[str]) -> Iterator[str]:
        for at in range(0, len(ids), BATCH):
            part = ids[at : at + BATCH]
            for photo_id, found in zip(part, self._client.photos(part), strict=True):
                try:
                    if isinstance(found, errors.SemapixError):
                        raise found
                    yield self._figure(found.facts)
                except (errors.NotFound, errors.DataLoss) as error:
                    self._problems.append((photo_id, str(error)))

    def _figure(self, facts: PhotoFacts) -> str:
        jpeg = self._client.thumbnail(facts.photo_id, size_px=PHOTO_PX)
        encoded = base64.b64encode(jpeg).decode()
        name, when = _text(naming.photo(facts)), _text(naming.taken_at(facts.taken))
        return (
            f'<figure><img loading="lazy" alt="{name}" src="data:image/jpeg;base64,{encoded}">'
            f"<figcaption>{name}{f'<br>{when}' if when else ''}</figcaption></figure>\n"
        )


def _text(words: str) -> str:
    """Return strangers' words as they are shown, never run."""
    return escape(console.clean(words))
