"""Searches while photos come and go, and graphs built anew beside them, through the library."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from common.samples import Kind
from index_service import library as libraries
from index_service.brute import BruteIndex
from index_service.candidates import Wish
from index_service.changes import Delete
from index_service.graph import GraphIndex
from index_service.indices import rows_of
from index_service.library import Library
from index_service.scoring import Part, directions
from index_service.settings import Settings
from tests.unit.index_service import index_values as values

PHOTOS, GRAPH_FROM = 1_600, 500


def until(reached: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < ends, "it did not happen within 60 s"
        time.sleep(0.05)


def nearest(library: Library, number: int, limit: int = 1) -> list[str]:
    wish = Wish(directions([Part(values.unit(number), False, 1.0)]), {Kind.PHOTO: 1.0}, limit)
    return [hit.facts.photo_id for hit in library.search(library.view, wish)]


def photos(library: Library) -> GraphIndex | BruteIndex:
    return library.view.indices[Kind.PHOTO]


def is_settled(library: Library) -> bool:
    """Return whether all samples are in the graph, and no others in memory."""
    index = photos(library)
    whole = isinstance(index, GraphIndex) and len(index.graph) == len(index)
    return whole and not rows_of(index).is_sparse


def recall(library: Library) -> float:
    index, shares = photos(library), []
    for seed in range(100_000, 100_040):
        query = values.unit(seed)
        exact = rows_of(index).nearest(query, 10).numbers.tolist()
        shares.append(len({*exact} & {*index.nearest(query, 10).numbers.tolist()}) / 10)
    return float(np.mean(shares))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(folder=tmp_path / "index", graph_from=GRAPH_FROM)


def test_many_removals_are_packed_and_cost_no_recall(settings: Settings) -> None:
    with libraries.opened(settings) as library:
        library.apply([values.put(number) for number in range(PHOTOS)])
        until(lambda: is_settled(library))
        gone = [number for number in range(PHOTOS) if number % 5 < 3]
        library.apply([Delete(values.photo_id(number)) for number in gone])
        assert recall(library) >= 0.99
        until(lambda: is_settled(library))
        assert len(photos(library)) == PHOTOS - len(gone)
        assert recall(library) >= 0.99
        assert not {*nearest(library, gone[0], 20)} & {values.photo_id(n) for n in gone}


def test_what_is_acknowledged_is_found_while_others_write_and_graphs_are_built(
    settings: Settings,
) -> None:
    """One thread writes; others ask for what it said to be there, and for what it said is gone."""
    troubles: list[str] = []
    here, gone = [0], [0]
    over = threading.Event()

    def ask(library: Library, seed: int) -> None:
        rng = np.random.default_rng(seed)
        while not over.is_set():
            low, high = gone[0], here[0]
            number = int(rng.integers(0, max(high, 1)))
            found = nearest(library, number)
            if number < low and found == [values.photo_id(number)]:
                troubles.append(f"{number} was removed and is found")
            is_missed = found != [values.photo_id(number)] and removing[0] <= number < high
            if is_missed:
                troubles.append(f"{number} was put and is not found")

    removing = [0]
    with libraries.opened(settings) as library:
        threads = [threading.Thread(target=ask, args=(library, seed)) for seed in range(3)]
        library.apply([values.put(0)])
        here[0] = 1
        for thread in threads:
            thread.start()
        for first in range(1, 1_200, 20):
            library.apply([values.put(number) for number in range(first, first + 20)])
            here[0] = first + 20
            if first > 400:
                removing[0] = gone[0] + 10
                library.apply([Delete(values.photo_id(n)) for n in range(gone[0], removing[0])])
                gone[0] = removing[0]
        over.set()
        for thread in threads:
            thread.join()
        assert not troubles, troubles[:5]
        until(lambda: isinstance(photos(library), GraphIndex))


def test_a_view_stays_as_it_was_while_its_rows_are_packed(settings: Settings) -> None:
    with libraries.opened(settings) as library:
        library.apply([values.put(number) for number in range(PHOTOS)])
        until(lambda: is_settled(library))
        index, query = photos(library), values.unit(3)
        before = index.nearest(query, 20)
        library.apply([Delete(values.photo_id(number)) for number in range(1_000)])
        until(lambda: is_settled(library))
        after = index.nearest(query, 20)
        assert after.numbers.tolist() == before.numbers.tolist()
        assert after.cosines.tolist() == before.cosines.tolist()
