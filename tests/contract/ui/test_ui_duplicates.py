"""`semapix duplicates` and `remove` against a gateway process: nothing goes without a word."""

import hashlib

import pytest

ID_A, ID_B, ID_C = (
    hashlib.sha256(encoded).hexdigest()
    for encoded in (b"photo a" + bytes(2**21), b"photo b", b"photo c")
)


@pytest.fixture
def gateway(start_gateway, semapix, photos):
    """A gateway with three photos: b and c are one picture, a differs from them in two bits."""
    running = start_gateway()
    semapix("import", photos, "--no-wait", gateway=running)
    return running


def groups(semapix, gateway, *arguments):
    """Return the ids of each group."""
    found = semapix("duplicates", *arguments, "--json", gateway=gateway).json
    return [{photo["photo_id"] for photo in group["photos"]} for group in found["groups"]]


def test_kinds_of_duplicates_differ_in_how_much_is_the_same(semapix, gateway):
    assert groups(semapix, gateway, "--kind", "exact") == [{ID_B, ID_C}]
    assert groups(semapix, gateway, "--kind", "near") == [{ID_A, ID_B, ID_C}]
    assert groups(semapix, gateway, "--distance", 1) == [{ID_B, ID_C}]
    semantic = groups(semapix, gateway, "--kind", "semantic")
    assert semantic == [set(sorted([ID_A, ID_B, ID_C])[:2])]


def test_each_group_has_its_best_with_a_reason(semapix, gateway):
    found = semapix("duplicates", "--json", gateway=gateway).json
    group = found["groups"][0]
    assert group["best"] == group["photos"][0]["photo_id"]
    assert group["why"] == "imported first"
    assert all(photo["sharpness"] > 0 for photo in group["photos"])
    assert "1 near groups among 3 photos" in semapix("duplicates", gateway=gateway).out


def test_nothing_is_removed_without_a_yes(semapix, gateway):
    done = semapix("duplicates", "remove", "--keep", "best", gateway=gateway)
    assert done.code == 1
    assert "--yes" in done.err
    assert semapix("list", "--json", gateway=gateway).json["total"] == 3


def test_remove_keeps_the_best_of_each_group(semapix, gateway):
    best = semapix("duplicates", "--json", gateway=gateway).json["groups"][0]["best"]
    done = semapix("duplicates", "remove", "--yes", "--json", gateway=gateway)
    assert done.code == 0
    assert {one["id"] for one in done.json} == {ID_A, ID_B, ID_C} - {best}
    left = semapix("list", "--json", gateway=gateway).json["photos"]
    assert [photo["facts"]["photo_id"] for photo in left] == [best]
    assert semapix("duplicates", "remove", "--json", gateway=gateway).json == []


def test_results_of_analyses_are_cleared_without_touching_photos(semapix, gateway):
    semapix("duplicates", "--kind", "semantic", gateway=gateway)
    assert semapix("clear", "--analyses", "--json", gateway=gateway).json == {"deleted": 1}
    assert semapix("clear", "--analyses", "--thumbnails", gateway=gateway).code == 1
    assert semapix("list", "--json", gateway=gateway).json["total"] == 3
