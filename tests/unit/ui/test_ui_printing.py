"""What reaches a terminal or a program is harmless and well formed."""

import errno
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.samples import Box, Kind, Match, PhotoFacts, Sample, Stage
from ui import console, naming, saving
from ui.answers import Outcome


@given(st.text())
def test_clean_text_holds_no_character_that_a_terminal_acts_on(text):
    cleaned = console.clean(text)
    assert len(cleaned) == len(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2028" for c in cleaned)


def test_clean_keeps_letters_of_every_script():
    assert console.clean("Straße 北京 наука (1).jpg") == "Straße 北京 наука (1).jpg"


def test_a_cell_takes_brackets_literally():
    assert console.cell("[red]x[/red]").plain == "[red]x[/red]"


def test_json_names_kinds_and_stages_in_lower_case():
    match = Match(Sample("s", "p", Kind.ANIMAL, "cat"), 0.3, 0.8, 1.0)
    plain = console.plain({"match": match, Kind.TEXT: 1, "stage": Stage.OCR, "o": Outcome.ADDED})
    assert plain["match"]["sample"]["kind"] == "animal"
    assert plain["text"] == 1
    assert (plain["stage"], plain["o"]) == ("ocr", "added")
    json.dumps(plain)


def test_json_survives_file_names_that_are_no_text(capsys):
    console.print_json({"name": b"\xff.jpg".decode("utf-8", "surrogateescape")})
    assert json.loads(capsys.readouterr().out)["name"].endswith(".jpg")


@pytest.mark.parametrize(
    ("sample", "shown"),
    [
        (Sample("s", "p", Kind.PHOTO), "whole photo"),
        (
            Sample("s", "p", Kind.ANIMAL, "cat", Box(0.1, 0.2, 0.5, 0.4)),
            'animal "cat" at 10,20 50x40 %',
        ),
        (
            Sample("s", "p", Kind.TEXT, box=Box(0, 0, 1, 0.1), text="EXIT"),
            'text "EXIT" at 0,0 100x10 %',
        ),
    ],
)
def test_a_sample_is_named_by_kind_label_and_region(sample, shown):
    assert naming.sample(sample) == shown


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/holiday/a.jpg", "a.jpg"),
        ("C:\\photos\\b.png", "b.png"),
        ("../../etc/.bashrc", "bashrc"),
        ("a\x1b[2J.jpg", "a\ufffd[2J.jpg"),
        ("..", "0123456789ab.jpeg"),
    ],
)
def test_a_download_gets_a_plain_file_name(source, name):
    facts = PhotoFacts("0123456789abcdef" * 4, 1, 1, 1, "JPEG", (source,))
    assert saving.file_name(facts) == name


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    def breaking():
        yield b"half"
        raise OSError("gone")

    target = tmp_path / "photo.jpg"
    target.write_bytes(b"old")
    with pytest.raises(OSError, match="gone"):
        saving.write_pieces(target, breaking())
    assert target.read_bytes() == b"old"
    assert saving.write_pieces(target, [b"new ", b"one"]) == 7
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
    assert target.read_bytes() == b"new one"


def test_words_are_read_in_their_line() -> None:
    line, other = Box(0.1, 0.1, 0.5, 0.1), Box(0.1, 0.3, 0.5, 0.1)
    found = [
        Sample("0" * 32, "1" * 64, Kind.PHOTO),
        Sample("2" * 32, "1" * 64, Kind.TEXT, box=line, text="Beach Hotel"),
        Sample("3" * 32, "1" * 64, Kind.TEXT, box=line, text="Hotel"),
        Sample("4" * 32, "1" * 64, Kind.TEXT, box=other, text="EXIT"),
    ]
    assert naming.without_words(found) == [found[0], found[1], found[3]]


def test_a_full_disk_is_a_sentence():
    full = OSError(errno.ENOSPC, "No space left on device", "/photos")
    assert console.sentence(full) == "the disk of /photos is full: make room on it and try again"
    assert "disk" in console.sentence(OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert console.sentence(ValueError("as it is")) == "as it is"
