"""A library over several lives: what is in memory follows the catalogue, graphs come back."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from common.samples import Hit, Kind
from index_service import library as libraries
from index_service import matching, snapshot
from index_service.candidates import Wish
from index_service.changes import Delete
from index_service.graph import GraphIndex
from index_service.library import Library
from index_service.scoring import Part, directions
from index_service.settings import Settings
from tests.unit.index_service import index_values as values

PHOTOS = 60


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(folder=tmp_path / "index", graph_from=50)


def search(library: Library, number: int, *, limit: int = 3) -> list[Hit]:
    """Return the photos nearest to photo `number`."""
    query = directions([Part(values.unit(number), False, 1.0)])
    return library.search(library.view, Wish(query, {Kind.PHOTO: 1.0}, limit))


def until(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < ends, "it did not happen within 30 s"
        time.sleep(0.02)


def has_graph(library: Library) -> bool:
    return isinstance(library.view.indices[Kind.PHOTO], GraphIndex)


def manifest(settings: Settings) -> Path:
    return settings.folder / libraries.GRAPHS / snapshot.MANIFEST


def fill(settings: Settings) -> None:
    """Put the photos and leave a saved graph of them."""
    with libraries.opened(settings) as library:
        library.apply([values.put(number) for number in range(PHOTOS)])
        until(lambda: has_graph(library) and manifest(settings).exists())


def test_search_sees_changes_at_once(settings: Settings) -> None:
    with libraries.opened(settings) as library:
        library.apply([values.put(1), values.put(2)])
        assert search(library, 2)[0].facts.photo_id == values.photo_id(2)
        library.apply([Delete(values.photo_id(2))])
        assert [match.facts.photo_id for match in search(library, 2)] == [values.photo_id(1)]


def test_photo_brings_its_samples_best_first(settings: Settings) -> None:
    with libraries.opened(settings) as library:
        library.apply([values.put(1), values.put(1, values.texts(1, 12))])
        query = directions([Part(values.texts(1, 1)[0].vector, True, 1.0)])
        weights = {Kind.PHOTO: 1.0, Kind.TEXT: 0.5}
        (match,) = library.search(library.view, Wish(query, weights))
    ranks = [sample.weight * sample.score for sample in match.matches]
    assert match.matches[0].sample.text == "word 0"
    assert ranks == sorted(ranks, reverse=True)
    assert (len(match.matches), match.rank_score) == (matching.MOST_SAMPLES, ranks[0])


def test_everything_is_there_after_a_restart(settings: Settings) -> None:
    fill(settings)
    with libraries.opened(settings) as library:
        for number in range(PHOTOS):
            assert search(library, number)[0].facts.photo_id == values.photo_id(number)


def test_saved_graph_serves_from_the_start(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    before = manifest(settings).read_text()
    with libraries.opened(settings) as library:
        assert has_graph(library)
    assert manifest(settings).read_text() == before


def test_saved_graph_is_completed_by_what_came_since(settings: Settings) -> None:
    fill(settings)
    with libraries.opened(Settings(folder=settings.folder, graph_from=10_000)) as library:
        library.apply([values.put(PHOTOS), Delete(values.photo_id(7))])
    with libraries.opened(settings) as library:
        until(lambda: has_graph(library))
        assert search(library, PHOTOS)[0].facts.photo_id == values.photo_id(PHOTOS)
        assert search(library, 7)[0].facts.photo_id != values.photo_id(7)


def test_graph_behind_the_catalogue_is_kept(settings: Settings) -> None:
    fill(settings)
    saved = {path.name: path.read_bytes() for path in manifest(settings).parent.iterdir()}
    with libraries.opened(settings) as library:
        library.apply([values.put(PHOTOS), Delete(values.photo_id(7))])
    assert {p.name: p.read_bytes() for p in manifest(settings).parent.iterdir()} == saved
    with libraries.opened(settings) as library:
        assert has_graph(library)
        assert search(library, PHOTOS)[0].facts.photo_id == values.photo_id(PHOTOS)
        assert search(library, 7)[0].facts.photo_id != values.photo_id(7)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def foreign(path: Path) -> None:
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "fingerprint": "model-2"}))


def ahead(path: Path) -> None:
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "revision": 10_000}))


def without_a_sketch(path: Path) -> None:
    """As a fault in what writes it would leave it: the sums are right."""
    found = json.loads(path.read_text())
    columns = path.parent / f"{found['graphs'][0]['name']}.npz"
    with np.load(columns) as saved:
        np.savez(columns, **{**saved, "signs": saved["signs"][1:]})
    found["graphs"][0]["members_sha256"] = hashlib.sha256(columns.read_bytes()).hexdigest()
    path.write_text(json.dumps(found))


@pytest.mark.parametrize(
    ("pattern", "harm"),
    [
        ("*.hnsw", truncated),
        ("*.npz", truncated),
        ("*.hnsw", Path.unlink),
        ("manifest.json", truncated),
        ("manifest.json", foreign),
        ("manifest.json", ahead),
        ("manifest.json", without_a_sketch),
    ],
)
def test_saved_graph_of_no_use_is_built_again(
    settings: Settings, pattern: str, harm: Callable[[Path], None]
) -> None:
    fill(settings)
    (path,) = manifest(settings).parent.glob(pattern)
    harm(path)
    before = manifest(settings).read_bytes()
    with libraries.opened(settings) as library:
        until(lambda: has_graph(library) and manifest(settings).read_bytes() != before)
        assert search(library, 5)[0].facts.photo_id == values.photo_id(5)
    assert len(list(manifest(settings).parent.iterdir())) == 3


def test_graph_of_another_life_of_the_library_is_refused(settings: Settings) -> None:
    """A backup put back and grown anew has the same numbers for other vectors."""
    fill(settings)
    kept = manifest(settings).parent.rename(settings.folder.parent / "kept")
    for path in settings.folder.glob("catalogue*"):
        path.unlink()
    with libraries.opened(Settings(folder=settings.folder, graph_from=10_000)) as library:
        library.apply([values.put(number) for number in range(100, 100 + PHOTOS)])
    kept.rename(manifest(settings).parent)
    before = manifest(settings).read_bytes()
    with libraries.opened(settings) as library:
        until(lambda: has_graph(library) and manifest(settings).read_bytes() != before)
        assert search(library, 105)[0].facts.photo_id == values.photo_id(105)


def test_searches_go_on_while_photos_come_and_go(settings: Settings) -> None:
    wrong: list[str] = []
    with libraries.opened(settings) as library:
        library.apply([values.put(0)])
        over = threading.Event()

        def look() -> None:
            while not over.is_set():
                found = search(library, 0, limit=1)
                if [match.facts.photo_id for match in found] != [values.photo_id(0)]:
                    wrong.append(str(found))

        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for number in range(1, 150):
            library.apply([values.put(number), *_old(number)])
        over.set()
        for thread in threads:
            thread.join()
    assert not wrong


def _old(number: int) -> list[Delete]:
    return [Delete(values.photo_id(number - 10))] if number > 10 else []
