"""When, where and with what a photo was taken, as a person reads it."""

import pytest

from common.samples import PhotoFacts, Taken
from ui import naming
from ui.web import photo_view


@pytest.mark.parametrize(
    ("taken", "lines"),
    [
        (Taken(), []),
        (Taken(at_s=-1), ["taken 1969-12-31 23:59:59"]),
        (Taken(at_s=91_800, offset_min=-90), ["taken 1970-01-02 00:00:00 -01:30"]),
        (Taken(at_s=0, offset_min=330), ["taken 1970-01-01 05:30:00 +05:30"]),
        (Taken(camera_make="Canon", camera_model="Canon EOS 7D"), ["camera Canon EOS 7D"]),
        (Taken(camera_make="Apple", camera_model="iPhone 7"), ["camera Apple iPhone 7"]),
        (Taken(camera_make="Agfa"), ["camera Agfa"]),
        (Taken(latitude=-33.5, longitude=0.0), ["at 33.50000 S, 0.00000 E"]),
    ],
)
def test_what_is_told_is_shown_and_what_is_not_is_left_out(taken: Taken, lines: list[str]) -> None:
    assert naming.taken(taken) == lines


def test_the_page_shows_the_facts_and_escapes_what_strangers_wrote() -> None:
    taken = Taken(0, 60, "<b>Kodak", "Z1", 52.5, 13.4)
    facts = PhotoFacts("ab" * 32, 4, 3, 9, "JPEG", ("a.zip/b.jpg",), 0, taken, "00ff" * 4)
    shown = str(photo_view.facts_list(facts))
    for text in ("1970-01-01 01:00:00 +01:00", "&lt;b&gt;Kodak Z1", "52.50000 N"):
        assert text in shown
    assert "<b>" not in shown


def test_the_page_leaves_out_what_is_not_known() -> None:
    shown = str(photo_view.facts_list(PhotoFacts("ab" * 32, 4, 3, 9, "JPEG")))
    assert "Camera" not in shown
    assert "Place" not in shown
