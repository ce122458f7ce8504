"""What the pages ask for, and how they turn what they get into what is shown."""

from hypothesis import given
from hypothesis import strategies as st

from common.samples import Kind
from tests.unit.ui_web import web_values
from ui import analyses, answers
from ui.web import home, map_points, reports

Outcome = answers.Outcome
JOB = web_values.job(analyses.MapParameters())


@given(st.lists(st.text("abc", min_size=1), max_size=6))
def test_turning_back_leads_through_the_same_pages(tokens: list[str]) -> None:
    paging = home.Paging()
    for token in tokens:
        paging = home.Paging(paging.visited, token).older()
    seen = [paging.visited[-1]]
    for _ in tokens:
        paging = paging.newer()
        seen.append(paging.visited[-1])
    assert seen == [*reversed(tokens), ""]


def test_the_last_page_has_no_older_one_and_the_first_no_newer() -> None:
    last = home.Paging(("", "a"), "")
    assert last.older() == last
    assert home.Paging().newer() == home.Paging()


def test_a_report_counts_each_outcome_and_lists_reasons() -> None:
    outcomes = [Outcome.ADDED, Outcome.ADDED, Outcome.DUPLICATE]
    done = [answers.Imported(n, f"{n}.jpg", one) for n, one in enumerate(outcomes)]
    bad = answers.Imported(3, "/tmp/bad.txt", Outcome.REJECTED, message="not a picture")
    text = web_values.Read(reports.import_report([*done, bad], 8)).text
    for words in ("4 of 8 files", "2 added", "1 already there", "1 rejected", "bad.txt not a"):
        assert words in text


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
