"""A backup while photos come and go: whatever it names it holds."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import errors
from ui import backup_folder, backups, restoring
from ui.housekeeping import CataloguePiece


def photo_id(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Library:
    """Photos that are gone from the moment on that somebody asks for them."""

    def __init__(
        self, *contents: bytes, fleeting: tuple[bytes, ...] = (), away: bytes = b""
    ) -> None:
        self.photos = {photo_id(content): content for content in (*contents, *fleeting)}
        self._fleeting = {photo_id(content) for content in fleeting}
        # At this photo the library goes away.
        self._away = photo_id(away)
        self.revision = self.asked = 0

    def catalogue(self) -> Iterator[CataloguePiece]:
        self.revision += 1
        yield CataloguePiece(f"catalogue {sorted(self.photos)}".encode(), (), self.revision)
        yield CataloguePiece(b"", tuple(self.photos), self.revision)

    def stored(self, photo_id: str) -> Iterator[bytes]:
        self.asked += 1
        if photo_id == self._away:
            raise errors.Unavailable("the gateway does not answer")
        if photo_id in self._fleeting:
            self.photos.pop(photo_id, None)
        if photo_id not in self.photos:
            raise errors.NotFound(photo_id)
        yield self.photos[photo_id]


class Clusters:
    """Files by which clusters are known, or a service that is away."""

    def __init__(self, *files: tuple[str, bytes], away: bool = False) -> None:
        self.files, self.away = files, away

    def identities(self) -> Iterator[tuple[str, bytes]]:
        if self.away:
            raise errors.Unavailable("the analysis does not answer")
        yield from self.files


CLUSTERS = Clusters()


def silent(done: int, total: int) -> None:
    """Nobody listens."""


def made(library: Library, path: Path, clusters: Clusters = CLUSTERS) -> backups.BackedUp:
    is_tar = path.suffix == ".tar"
    target = backup_folder.TarTarget(path) if is_tar else backup_folder.FolderTarget(path)
    return backups.backed_up(library, target, clusters=clusters, report=silent)


def restored(backup: Path, folder: Path) -> None:
    restoring.restored(backup, folder, report=lambda done: None)


def held(folder: Path) -> set[str]:
    """Return what the backup names, all of which must be there."""
    names = [(name, b"".join(pieces)) for name, pieces in backup_folder.members(folder)]
    return {name.removeprefix("originals/") for name, _ in names if name.startswith("originals/")}


def test_photo_deleted_meanwhile_is_in_no_catalogue_of_the_backup(tmp_path: Path) -> None:
    library = Library(b"one", b"two", fleeting=(b"three",))
    done = made(library, tmp_path)
    assert (done.photos, done.fetched, done.revision, done.missing) == (2, 2, 2, ())
    assert held(tmp_path) == {photo_id(b"one"), photo_id(b"two")}
    assert library.asked == 3, "what was fetched is fetched once"


def test_damaged_original_costs_itself_alone(tmp_path: Path) -> None:
    broken = Library(b"one", b"two")
    broken.photos[photo_id(b"two")] = b"other bytes"
    done = made(broken, tmp_path)
    assert (done.photos, done.fetched, done.missing) == (2, 1, (photo_id(b"two"),))
    assert done.revision == 2, "the catalogue is copied once more, not again and again"
    assert held(tmp_path) == {photo_id(b"one")}


def test_backup_that_is_cut_short_leaves_the_one_before(tmp_path: Path) -> None:
    made(Library(b"one"), tmp_path)
    with pytest.raises(errors.Unavailable):
        made(Library(b"one", b"two", away=b"two"), tmp_path)
    assert held(tmp_path) == {photo_id(b"one")}


def test_tar_that_is_cut_short_is_none(tmp_path: Path) -> None:
    target = backup_folder.TarTarget(tmp_path / "backup.tar")
    broken = Library(b"one", away=b"one")
    with pytest.raises(errors.Unavailable):
        backups.backed_up(broken, target, clusters=CLUSTERS, report=silent)
    target.close()
    assert list(tmp_path.iterdir()) == []


def test_what_clusters_are_known_by_comes_back_with_the_library(tmp_path: Path) -> None:
    made(Library(b"one"), tmp_path / "backup", Clusters(("photo.json", b"{}"), ("text.json", b"1")))
    later = made(Library(b"one"), tmp_path / "backup", Clusters(("photo.json", b"{2}")))
    assert later.nameless == ""
    restored(tmp_path / "backup", tmp_path / "again")
    known = tmp_path / "again" / "analyses" / "identities"
    assert {path.name: path.read_bytes() for path in known.iterdir()} == {"photo.json": b"{2}"}


def test_names_that_cannot_be_had_this_time_stay_as_they_were(tmp_path: Path) -> None:
    made(Library(b"one"), tmp_path, Clusters(("photo.json", b"{}")))
    assert made(Library(b"one"), tmp_path, Clusters(away=True)).nameless
    assert [path.read_bytes() for path in tmp_path.glob("identities-*")] == [b"{}"]


@pytest.mark.parametrize("spoiled", [b"other", None])
def test_damaged_names_are_never_restored(tmp_path: Path, spoiled: bytes | None) -> None:
    made(Library(b"one"), tmp_path / "backup", Clusters(("photo.json", b"{}")))
    (path,) = (tmp_path / "backup").glob("identities-*")
    path.unlink() if spoiled is None else path.write_bytes(spoiled)
    with pytest.raises(errors.DataLoss):
        restored(tmp_path / "backup", tmp_path / "again")


def test_a_member_that_leads_out_is_refused(tmp_path: Path) -> None:
    made(Library(b"one"), tmp_path / "b.tar", Clusters(("../../photo.json", b"{}")))
    with pytest.raises(errors.DataLoss, match="of no use"):
        restored(tmp_path / "b.tar", tmp_path / "again")


def test_file_that_is_no_manifest_is_told(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"format": 1}'):
        with pytest.raises(errors.DataLoss, match="not the manifest"):
            backups.manifest_from(text, tmp_path / "backup.json")
