"""Clusters, answers and duplicates as an album, from a gateway process."""

import re

import pytest


@pytest.fixture
def gateway(start_gateway, semapix, photos):
    """A gateway with three photos and a clustering: one cluster of two of them, called "A/B"."""
    running = start_gateway()
    semapix("import", photos, "--no-wait", gateway=running)
    semapix("clusters", gateway=running)
    semapix("clusters", "name", 0, "A/B <i>", gateway=running)
    return running


def test_an_album_is_one_page_that_asks_for_nothing_and_runs_nothing(semapix, gateway, tmp_path):
    album = tmp_path / "album.html"
    done = semapix("export", album, "--clusters", "--json", gateway=gateway).json
    assert (done["photos"], done["folder"]) == (2, str(album))
    page = album.read_text(encoding="utf-8")
    assert "<h2>A/B &lt;i&gt; (2)</h2>" in page
    assert page.count('src="data:image/jpeg;base64,') == 2
    assert not re.search(r"https?://|<script|<i>", page)


def test_an_answer_makes_an_album(semapix, gateway, tmp_path):
    done = semapix(
        "export", tmp_path / "a.HTML", "--query", "beach", "--json", gateway=gateway
    ).json
    assert done["photos"] == 3


def test_groups_of_duplicates_make_an_album(semapix, gateway, tmp_path):
    semapix("export", tmp_path / "a.html", "--duplicates", "exact", gateway=gateway)
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert re.search(r"<h2>exact (a\.jpg|b\.PNG|c\.webp) \(2\)</h2>", page)


def test_one_way_to_say_which(semapix, gateway, tmp_path):
    refused = semapix("export", tmp_path / "x", "--clusters", "--all", gateway=gateway)
    assert refused.code != 0
    assert "say which" in refused.err
    assert not (tmp_path / "x").exists()
