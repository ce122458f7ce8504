"""Evaluation of searches: what each row asks for, files as photo ids, figures and their table."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from common import errors, questions, samples
from common.evaluations import Exam, Progress, unwatched
from common.samples import OBJECT_KINDS, Hit, Kind, PhotoFacts
from ui import evaluating_search, plugins, search_rows
from ui.answers import Answer, Query, ServiceState, Status
from ui.commands import evaluating
from ui.evaluating_search import SearchSheet
from ui.search_rows import WAYS, Asked, Order

SERVED = {kind: 0.8 if kind in OBJECT_KINDS else 1.0 for kind in Kind}
SAMPLES = {Kind.PHOTO: 4, Kind.PERSON: 3, Kind.OBJECT: 2, Kind.TEXT: 5}


class Shelf:
    """Photos a, b, c and d, each found by what a row can see; keeps what it was asked."""

    def __init__(self, orders: Mapping[tuple[bool, bool, bool], str]) -> None:
        self.asked: list[Query] = []
        self._orders = orders

    def search(self, query: Query) -> Answer:
        self.asked.append(query)
        if query.terms[0].text == "?":
            raise errors.InvalidInput("terms[0].text", "has no letters")
        sees = (bool(query.weights.get(Kind.PERSON)), bool(query.weights.get(Kind.TEXT)), query.raw)
        hits = [Hit(facts(photo), 1.0, ()) for photo in self._orders.get(sees, "abcd")]
        weights = {kind: SERVED[kind] * query.weights.get(kind, 1.0) for kind in Kind}
        return Answer(tuple(hits[: query.limit]), 7, weights, 0.0, 0.0, truncated=False)


def facts(photo: str) -> PhotoFacts:
    return PhotoFacts(photo, 1, 1, 1, "jpeg")


def status(photos: int = 4) -> Status:
    services = (
        ServiceState("embedder", True, ("mini",), ""),
        ServiceState("index", True, (), ""),
    )
    return Status(services, photos, SAMPLES, {}, {}, 7, "1", "ab" * 32, 0, ())


def asked(text: str, relevant: str, ignored: str = "") -> Asked:
    return Asked(text, frozenset(relevant), frozenset(ignored))


def test_rows_see_more_and_more_and_each_by_cosines_and_by_scores() -> None:
    seen = [(way.found_by, way.order.value, len(way.kinds)) for way in WAYS]
    assert seen == [
        ("photos", "raw", 1),
        ("photos", "calibrated", 1),
        ("photos, regions", "raw", 7),
        ("photos, regions", "calibrated", 7),
        ("photos, regions, texts", "raw", 8),
        ("photos, regions, texts", "calibrated", 8),
        ("photos, regions, texts", "weighted", 8),
    ]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.found_by} {way.order.value}")
def test_a_kind_weighs_what_the_row_says_after_the_service_has_multiplied(
    way: search_rows.Way,
) -> None:
    query = way.query("dog", 50, SERVED)
    weighed = {kind: query.weights[kind] * SERVED[kind] for kind in Kind}
    wanted = SERVED if way.order is Order.WEIGHTED else dict.fromkeys(Kind, 1.0)
    assert weighed == pytest.approx({k: wanted[k] if k in way.kinds else 0.0 for k in Kind})
    assert (query.terms[0].text, query.limit, query.threshold) == ("dog", 50, None)
    assert query.raw is (way.order is Order.RAW)


def test_a_kind_that_the_service_hides_divides_nothing() -> None:
    everything = WAYS[-2]
    assert everything.query("dog", 5, {**SERVED, Kind.TEXT: 0.0}).weights[Kind.TEXT] == 1.0


def test_figures_of_each_row_are_those_of_its_own_order() -> None:
    shelf = Shelf({(False, False, True): "dabc", (True, False, False): "bacd"})
    sheet = evaluating_search.judged(shelf, [asked("x", "a"), asked("y", "b")], status(), unwatched)
    rows = {(row.found_by, row.order.value): row for row in sheet.rows}
    assert rows["photos", "raw"].map == pytest.approx((1 / 2 + 1 / 3) / 2, abs=1e-4)
    assert rows["photos", "raw"].r_at_1 == 0.0
    assert rows["photos", "calibrated"].r_at_1 == 0.5
    assert rows["photos, regions", "calibrated"].map == pytest.approx(0.75)
    assert [row.samples for row in sheet.rows] == [4, 4, 9, 9, 14, 14, 14]
    assert all(0 <= row.p50_ms <= row.p99_ms for row in sheet.rows)
    assert (sheet.photos, sheet.queries, sheet.models) == (4, 2, {"embedder": "mini"})


def test_each_query_is_asked_once_for_all_rows_and_progress_counts_queries() -> None:
    shelf, told = Shelf({}), list[tuple[int, int]]()
    questions_ = [asked("x", "a"), asked("y", "b")]
    evaluating_search.judged(shelf, questions_, status(), lambda *done: told.append(done))
    assert [query.terms[0].text for query in shelf.asked] == ["x"] * 8 + ["y"] * 8
    assert {query.limit for query in shelf.asked[1:8]} == {4}
    assert told == [(1, 2), (2, 2)]


def test_ignored_photos_are_taken_out_and_relevant_ones_never() -> None:
    right = search_rows.found("dbac", asked("x", "ab", "bd"))
    assert right.right.tolist() == [True, True, False]
    assert right.wanted == 2


def test_a_relevant_photo_behind_the_end_of_the_answer_counts_as_not_found() -> None:
    right = search_rows.found("ab", asked("x", "az"))
    assert (right.right.tolist(), right.wanted) == ([True, False], 2)


def test_more_photos_than_a_search_may_return_are_asked_for_up_to_its_limit() -> None:
    shelf = Shelf({})
    evaluating_search.judged(shelf, [asked("x", "a")], status(photos=5000), unwatched)
    assert {query.limit for query in shelf.asked[1:]} == {1000}


def test_a_query_that_is_refused_is_named() -> None:
    with pytest.raises(errors.InvalidInput, match=r"query '\?': terms\[0\]\.text: has no letters"):
        evaluating_search.judged(Shelf({}), [asked("?", "a")], status(), unwatched)


def test_files_that_are_alike_are_one_photo(tmp_path: Path) -> None:
    folder = written(tmp_path)
    one, two = evaluating_search.by_id(questions.read(folder))
    photo_id = samples.photo_id((folder / "images" / "a.png").read_bytes())
    assert one.relevant == two.relevant == {photo_id}


def test_nothing_asked_of_the_first_photos_starts_no_service(tmp_path: Path) -> None:
    folder = written(tmp_path, {"b.png": ["one"]})
    with pytest.raises(errors.InvalidInput, match="nothing is asked of these photos"):
        evaluating_search.evaluate(Exam(folder, first=1), unwatched)


def written(folder: Path, captions: object = None) -> Path:
    (folder / "images").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (20, 10), "red").save(folder / "images" / name)
    table = captions or {"a.png": ["one"], "b.png": ["other"]}
    (folder / "captions.json").write_text(json.dumps(table), encoding="utf-8")
    return folder


def _sheet(_exam: Exam, progress: Progress) -> SearchSheet:
    return evaluating_search.judged(Shelf({}), [asked("x", "a")], status(), progress)


def test_rows_are_a_table_for_people_and_records_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluating.run(_sheet, evaluating.EvaluateOptions(tmp_path))
    table = capsys.readouterr().out.splitlines()
    assert table[0].split()[:3] == ["found_by", "order", "r_at_1"]
    assert sum(line.startswith("photos") for line in table[1:8]) == 7
    assert any(line.split() == ["models", "embedder", "mini"] for line in table)
    evaluating.run(_sheet, evaluating.EvaluateOptions(tmp_path, json=True))
    records = json.loads(capsys.readouterr().out)["rows"]
    assert records[0]["order"] == "raw"
    assert records[-1] | {"p50_ms": 0, "p99_ms": 0} == {
        "found_by": "photos, regions, texts",
        "order": "weighted",
        **dict.fromkeys(("r_at_1", "r_at_5", "r_at_10", "map", "hit_at_5", "ndcg_at_10"), 1.0),
        "samples": 14,
        "p50_ms": 0,
        "p99_ms": 0,
    }


def test_a_figure_that_there_is_not_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    evaluating.show({"rows": [{"method": "k-means", "eps": None, "ari": 0.5}]}, json=False)
    assert capsys.readouterr().out.splitlines()[1].split() == ["k-means", "-", "0.5"]


def test_search_is_among_the_evaluations() -> None:
    assert plugins.found(evaluating.GROUP)["search"].load() is evaluating_search.evaluate
