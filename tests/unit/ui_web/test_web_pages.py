"""What the pages ask for, and how they turn what they get into what is shown."""

import dataclasses
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from common.imports import ImportRecord, ImportState
from common.samples import Hit, Kind, Match
from tests.unit.ui_web import web_values
from ui import analyses, answers
from ui.import_client import ImportProgress
from ui.web import home, import_cards, imports_panel, map_points, result_cards, uploads

Outcome = answers.Outcome
JOB = web_values.job(analyses.MapParameters())


@given(st.lists(st.text("abc", min_size=1), max_size=6))
def test_turning_back_leads_through_the_same_pages(tokens: list[str]) -> None:
    paging = home.Paging()
    there, back = [1], []
    for token in tokens:
        paging = dataclasses.replace(paging, next_token=token).older()
        assert paging.token == token
        there.append(paging.number)
    for _ in there:
        back.append(paging.number)
        paging = paging.newer()
    assert back == there[::-1] == list(range(len(there), 0, -1))


@given(st.integers(-3, 700), st.integers(0, 40_000))
def test_a_page_by_its_number_begins_where_those_before_it_end(number: int, total: int) -> None:
    paging = home.page(number)
    assert paging.number == max(number, 1)
    assert paging.first == (paging.number - 1) * home.PAGE_SIZE
    assert home.page(home.pages(total)).first < max(total, 1)
    assert home.pages(total) * home.PAGE_SIZE >= total


def test_the_last_page_has_no_older_one_and_the_first_no_newer() -> None:
    last = home.Paging(60, "a", "")
    assert last.older() == last
    assert home.Paging().newer() == home.Paging()


def progress(state: ImportState, **numbers: int) -> ImportProgress:
    record = ImportRecord("a1", state, label="holiday.zip", **numbers)
    return ImportProgress(record, 1, 2.5, 90.0)


def test_an_import_tells_counts_speed_time_to_go_and_reasons() -> None:
    one = progress(ImportState.RUNNING, total=8, added=2, duplicate=1, rejected=1)
    upload = uploads.Upload("a1")
    upload.tally.add(answers.Imported(3, "/tmp/bad.txt", Outcome.REJECTED, message="not a picture"))
    text = web_values.Read(import_cards.card(one, upload)).text
    for words in (
        "holiday.zip", "4 of 8 photos", "2.5 a second", "2 min to go", "2 added", "1 already there",
        "1 rejected", "bad.txt not a", "Pause", "Cancel",
    ):  # fmt: skip
        assert words in text


def test_only_what_can_be_done_with_an_import_is_offered() -> None:
    offered = {
        state: "".join(web_values.Read(import_cards.buttons(progress(state))).text)
        for state in ImportState
    }
    assert offered[ImportState.PAUSED] == "Go onCancel"
    assert offered[ImportState.FINISHED] == offered[ImportState.CANCELLED] == ""


def test_an_archive_with_more_photos_than_were_told_tells_no_total() -> None:
    line = import_cards.how_far(progress(ImportState.FINISHED, total=1, added=30))
    assert line == "30 photos"


def test_a_running_import_is_shown_and_an_old_one_is_not() -> None:
    old = progress(ImportState.FINISHED, changed_at_s=100)
    fresh = progress(ImportState.FINISHED, changed_at_s=9_900)
    running = progress(ImportState.RUNNING, changed_at_s=100)
    assert imports_panel.worth_showing([old], now_s=10_000) == []
    assert imports_panel.worth_showing([fresh, fresh, old], now_s=10_000) == [fresh]
    assert imports_panel.worth_showing([fresh, running], now_s=10_000) == [running]


def test_the_photos_of_a_zip_are_counted_and_those_of_an_archive_in_it_are_not(
    tmp_path: Path,
) -> None:
    for name, inside, count in (("a.zip", "notes.txt", 1), ("b.zip", "more.zip", 0)):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("one.jpg", b"")
            archive.writestr(inside, b"")
        assert uploads.UploadedFile(tmp_path / name).photos == count


def test_of_a_folder_only_pictures_and_archives_are_meant(tmp_path: Path) -> None:
    names = ("a.jpg", "b.zip", "notes.txt", ".hidden.jpg")
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    found = uploads.meant([str(tmp_path / name) for name in names])
    assert [path.name for path in found] == ["a.jpg", "b.zip"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "b.zip"]


def test_map_points_of_no_cluster_come_last_and_every_point_once() -> None:
    dog, cat, bus = (web_values.sample(Kind.OBJECT, word) for word in ("dog", "cat", "bus"))
    points = tuple(analyses.MapPoint(one, 0.1, 0.2, 0.3) for one in (dog, cat, bus))
    clusters = (analyses.Cluster(0, (cat,), 0), analyses.Cluster(1, (bus,), 0))
    drawn = map_points.by_cluster(
        analyses.PhotoMap(JOB, points), analyses.Clustering(JOB, clusters, (dog,))
    )
    assert [group.name for group in drawn.groups] == ["Cluster 1", "Cluster 2", "In no cluster"]
    assert [group.points[0][1] for group in drawn.groups] == ["cat", "bus", "dog"]


def test_a_map_without_clusters_says_where_to_find_them() -> None:
    points = (analyses.MapPoint(web_values.sample(Kind.TEXT, "exit"), 0, 0, 0),)
    drawn = map_points.by_cluster(analyses.PhotoMap(JOB, points), None)
    assert "Clusters page" in drawn.message
    assert [group.name for group in drawn.groups] == ["Text"]


def test_why_names_what_made_the_score_of_strange_words_small() -> None:
    match = Match(web_values.sample(Kind.PHOTO), 0.3, 0.01, 1.0)
    hit = Hit(web_values.facts(), 0.01, (match,))
    for understood, told in ((0.02, True), (0.9, False), (None, False)):
        shown = result_cards.results(web_values.answer(hit, understood=understood))
        assert ("little sense of the words" in shown) is told
