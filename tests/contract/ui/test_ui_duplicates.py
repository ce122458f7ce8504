"""`semapix duplicates` and `remove` against a gateway process: nothing goes without a word."""

import hashlib

import pytest

IDS = sorted(
    hashlib.sha256(encoded).hexdigest()
    for encoded in (b"photo a" + bytes(2**21), b"photo b", b"photo c")
)


@pytest.fixture
def gateway(start_gateway, semapix, photos):
    """A gateway with three photos."""
    running = start_gateway()
    semapix("import", photos, "--no-wait", gateway=running)
    return running


def groups(semapix, gateway, *arguments):
    """Return the ids of each group."""
    found = semapix("duplicates", *arguments, "--json", gateway=gateway).json
    return [[photo["photo_id"] for photo in group["photos"]] for group in found["groups"]]


def test_the_kind_that_is_asked_for_goes_to_the_job(semapix, gateway):
    assert groups(semapix, gateway, "--kind", "exact") == [IDS[:2]]
    assert groups(semapix, gateway) == groups(semapix, gateway, "--kind", "near") == [IDS]
    assert groups(semapix, gateway, "--kind", "semantic") == [IDS]


def test_each_group_has_its_best_with_a_reason(semapix, gateway):
    found = semapix("duplicates", "--json", gateway=gateway).json
    group = found["groups"][0]
    assert group["best"] == group["photos"][0]["photo_id"]
    assert group["why"] == "sharpest"
    assert {photo["name"] for photo in group["photos"]} == {"a.jpg", "b.PNG", "c.webp"}
    assert all(photo["sharpness"] == 12.5 for photo in group["photos"])
    told = semapix("duplicates", gateway=gateway).out
    assert "1 near groups among 2 photos; 5 have no hash" in told


def test_nothing_is_removed_without_a_yes(semapix, gateway):
    done = semapix("duplicates", "remove", "--keep", "best", gateway=gateway)
    assert done.code == 1
    assert "--yes" in done.err
    assert semapix("list", "--json", gateway=gateway).json["total"] == 3


def test_remove_keeps_the_best_and_what_only_a_chain_ties_to_it(semapix, gateway):
    done = semapix("duplicates", "remove", "--yes", "--json", gateway=gateway)
    assert done.code == 0
    assert [one["id"] for one in done.json] == [IDS[1]]
    left = semapix("list", "--json", gateway=gateway).json["photos"]
    assert {photo["facts"]["photo_id"] for photo in left} == {IDS[0], IDS[2]}


def test_results_of_analyses_are_cleared_without_touching_photos(semapix, gateway):
    semapix("duplicates", "--kind", "semantic", gateway=gateway)
    assert semapix("clear", "--analyses", "--json", gateway=gateway).json == {"deleted": 1}
    assert semapix("clear", "--analyses", "--thumbnails", gateway=gateway).code == 1
    assert semapix("list", "--json", gateway=gateway).json["total"] == 3
