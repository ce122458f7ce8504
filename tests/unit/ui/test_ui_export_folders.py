"""Sections of an export: a folder each, a photo in each of its clusters, what is lost named."""

import json
from types import SimpleNamespace

import pytest

from common import errors
from common.samples import Entry, PhotoFacts
from ui import album, exporting
from ui.selections import Section


class Library:
    """Photos "a", "b" and "c"; nobody has the original of "c"."""

    def __init__(self):
        self.housekeeping = SimpleNamespace(places=lambda ids: [""] * len(ids))

    def photos(self, ids):
        return [self.entry(one) if one in "abc" else errors.NotFound(one) for one in ids]

    def entry(self, photo_id):
        return Entry(PhotoFacts(photo_id, 4, 3, 9, "JPEG", (f"x/{photo_id}<b>.jpg",)))

    def original(self, photo_id):
        if photo_id == "c":
            raise errors.DataLoss("the original of c is missing")
        yield photo_id.encode()

    def thumbnail(self, photo_id, *, size_px):
        return b"".join(self.original(photo_id))


def silent(done, total):
    """Nobody listens."""


def exported(folder, *sections):
    exporter = exporting.Exporter(
        Library(), folder, [exporting.JsonLines(folder / exporting.CATALOGUE)]
    )
    return exporter.export(exporting.Wish(sections), report=silent)


def test_each_section_has_a_folder_and_a_photo_is_in_each_of_its_sections(tmp_path):
    done = exported(tmp_path, Section(("a", "b"), "Cats / dogs"), Section(("b",), "Cats / dogs"))
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.glob("photos/*/*")}
    assert written == {
        *(f"photos/000 Cats _ dogs/{name}_b_.jpg" for name in "ab"),
        "photos/001 Cats _ dogs/b_b_.jpg",
    }
    lines = (tmp_path / exporting.CATALOGUE).read_text().splitlines()
    assert {json.loads(line)["file"] for line in lines} == written
    assert done.photos == 3


@pytest.mark.parametrize("title", ["..", ".", "con", "a\nb", "/etc", "x" * 300])
def test_no_title_leads_out(tmp_path, title):
    exported(tmp_path, Section(("a",), title))
    (folder,) = (tmp_path / "photos").iterdir()
    assert folder.name.startswith("000")


def test_the_folder_of_a_guessed_name_bears_no_mark(tmp_path):
    exported(tmp_path, Section(("a",), "kitchen?"))
    assert [folder.name for folder in (tmp_path / "photos").iterdir()] == ["000 kitchen"]


def test_photos_without_a_title_lie_in_no_folder(tmp_path):
    exported(tmp_path, Section(("a",)))
    assert (tmp_path / "photos" / "a_b_.jpg").read_bytes() == b"a"


def test_what_cannot_be_written_is_named_and_the_rest_is_there(tmp_path):
    done = exported(tmp_path, Section(("gone", "c", "a")))
    assert [photo_id for photo_id, _ in done.problems] == ["gone", "c"]
    assert done.photos == 1
    path = tmp_path / "album.html"
    done = album.Album(Library(), path).write([Section(("gone", "c", "a"))], report=silent)
    assert ([photo_id for photo_id, _ in done.problems], done.photos) == (["gone", "c"], 1)
    assert "a&lt;b&gt;.jpg" in path.read_text()


def test_an_album_that_no_browser_would_open_is_refused(tmp_path):
    many = Section(("a",) * 1001)
    with pytest.raises(errors.InvalidInput, match="at most 1,000"):
        album.Album(Library(), tmp_path / "album.html").write([many], report=silent)
    assert list(tmp_path.iterdir()) == []
