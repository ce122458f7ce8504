"""`semapix clusters show`, `random`, `name`: one of the clusters found last."""

import pytest


@pytest.fixture
def gateway(start_gateway, semapix, photos):
    """A gateway with three photos in it."""
    running = start_gateway()
    semapix("import", photos, "--no-wait", gateway=running)
    return running


def test_cluster_is_shown_by_its_number_with_its_suggested_name(semapix, gateway):
    semapix("clusters", gateway=gateway)
    assert "beach?" in semapix("clusters", "show", 0, gateway=gateway).out
    shown = semapix("clusters", "show", 0, "--json", gateway=gateway).json
    assert (shown["cluster_id"], shown["size"], len(shown["samples"])) == ("c0", 2, 2)
    assert semapix("clusters", "random", "--json", gateway=gateway).json == shown


def test_name_replaces_the_suggestion_and_can_be_taken_away(semapix, gateway):
    semapix("clusters", "--method", "hdbscan", gateway=gateway)
    named = semapix("clusters", "name", 0, "Summer [2019]", gateway=gateway)
    assert "cluster 0 is called Summer [2019]" in named.out
    assert "Summer [2019]" in semapix("clusters", gateway=gateway).out
    assert semapix("clusters", "name", 0, "", "--json", gateway=gateway).json["name"] == ""


def test_cluster_that_is_not_there_is_one_line(semapix, gateway):
    none = semapix("clusters", "show", 0, gateway=gateway)
    semapix("clusters", gateway=gateway)
    high = semapix("clusters", "name", 9, "x", gateway=gateway)
    assert (none.code, high.code) == (1, 1)
    assert "run `semapix clusters`" in none.err
    assert "numbered 0 to 0" in high.err
