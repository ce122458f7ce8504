"""Which files an import means, and how they are read."""

import tracemalloc

import pytest

from ui import folders
from ui.answers import CHUNK_BYTES, BytesSource, FileSource


def found(*paths):
    unreadable = []
    names = [path.name for path in folders.photo_files(paths, on_unreadable=unreadable.append)]
    return names, unreadable


def test_a_folder_brings_its_visible_pictures_in_order(tmp_path):
    for name in ("b.jpg", "a.JPEG", "c.heic", ".d.jpg", "e.txt", ".git/f.jpg", "sub/g.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert found(tmp_path) == (["a.JPEG", "b.jpg", "c.heic", "g.png"], [])


def test_a_named_file_is_taken_whatever_its_name(tmp_path):
    hidden = tmp_path / ".notes"
    hidden.touch()
    assert found(hidden) == ([".notes"], [])


def test_links_to_folders_do_not_lead_round_in_circles(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path) == (["a.jpg"], [])


def test_a_folder_brings_its_archives_too(tmp_path):
    for name in ("a.zip", "b.TAR.GZ", "c.tgz", "d.tar.xz", "e.gz", ".f.zip", "g.jpg"):
        (tmp_path / name).touch()
    assert found(tmp_path) == (["a.zip", "b.TAR.GZ", "c.tgz", "d.tar.xz", "g.jpg"], [])


@pytest.mark.parametrize("change", [b"more" * CHUNK_BYTES, None])
def test_a_file_that_changes_while_it_is_read_ends_and_is_told(tmp_path, change):
    path = tmp_path / "growing.jpg"
    path.write_bytes(bytes(2 * CHUNK_BYTES))
    pieces, seen = FileSource(path).pieces(), 0
    seen += len(next(pieces))
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(change or b"")
        file.truncate(None if change else CHUNK_BYTES)
    with pytest.raises(OSError, match="changes while it is read"):
        seen += sum(map(len, pieces))
    assert seen <= 2 * CHUNK_BYTES


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_pieces_are_the_whole_and_none_is_above_the_limit(tmp_path, size):
    encoded = bytes(range(256)) * (size // 256) + bytes(size % 256)
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded)
    for source in (FileSource(path), BytesSource("a", encoded)):
        pieces = list(source.pieces())
        assert b"".join(pieces) == encoded
        assert pieces
        assert all(len(piece) <= CHUNK_BYTES for piece in pieces)


def test_a_large_file_is_read_piece_by_piece(tmp_path):
    path = tmp_path / "large.tif"
    with path.open("wb") as file:
        file.truncate(64 * CHUNK_BYTES)
    tracemalloc.start()
    assert sum(len(piece) for piece in FileSource(path).pieces()) == 64 * CHUNK_BYTES
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * CHUNK_BYTES


def test_what_is_no_file_cannot_be_read(tmp_path):
    for path, why in ((tmp_path, "not a file"), (tmp_path / "x", "no such file")):
        with pytest.raises(OSError, match=why):
            next(FileSource(path).pieces())
