"""`semapix search`: what is typed reaches the gateway, what comes back is shown and explained."""

import hashlib
import json

import pytest


@pytest.fixture
def gateway(start_gateway, semapix, photos):
    """A gateway with three photos in it."""
    running = start_gateway()
    semapix("import", photos, "--no-wait", gateway=running)
    return running


ID_B = hashlib.sha256(b"photo b").hexdigest()


def asked(gateway):
    """Return the last search that the gateway got."""
    return json.loads(gateway.state.with_suffix(".search.json").read_text())


def test_terms_of_one_line_reach_the_gateway(semapix, gateway):
    semapix("search", f"2:beach + photo:{ID_B[:8]}@0,0,0.5,1 - people", gateway=gateway)
    first, second, third = asked(gateway)["terms"]
    assert (first["text"], first["weight"]) == ("beach", 2)
    assert second["region"]["photo_id"] == ID_B
    assert (third["text"], third["weight"]) == ("people", -1)


def test_filters_reach_the_gateway_even_without_a_term(semapix, gateway):
    line = ("--kinds", "animal", "--label", "dog", "--label", "cat", "--taken", "2023-06",
            "--imported", "2024..", "--format", "JPEG", "--camera", "canon", "--words", "exit",
            "--fuzzy", "--orientation", "portrait", "--min-size", 500)  # fmt: skip
    assert semapix("search", *line, gateway=gateway).code == 0
    found = asked(gateway)
    assert "terms" not in found
    assert found["filter"] == {
        "kinds": ["KIND_ANIMAL"],
        "labels": ["dog", "cat"],
        "taken": {"from_s": "1685577600", "until_s": "1688169600"},
        "imported": {"from_s": "1704067200"},
        "formats": ["JPEG"],
        "cameras": ["canon"],
        "read_text": {"text": "exit", "fuzzy": True},
        "orientation": "ORIENTATION_PORTRAIT",
        "min_long_side_px": 500,
    }


def test_automatic_threshold_is_asked_for_and_shown(semapix, gateway):
    out = semapix("search", "x", "--threshold", "auto", gateway=gateway).out
    assert asked(gateway)["auto_threshold"] is True
    assert "least score: photo 0.75" in out
    answer = semapix("search", "x", "--threshold", "auto", "--json", gateway=gateway).json
    assert answer["thresholds"] == {"photo": {"score": 0.75, "background": 99}}


def test_nothing_is_shown_where_nothing_stands_out(semapix, gateway):
    out = semapix("search", "qwxz", gateway=gateway).out
    assert "nothing stands out" in out
    assert "makes little sense of these words" in out
    assert "makes little sense" not in semapix("search", "sea", gateway=gateway).out
    assert semapix("search", "qwxz", "--json", gateway=gateway).json["hits"] == []
    nearest = semapix("search", "qwxz", "--threshold", "0", "--json", gateway=gateway).json
    assert len(nearest["hits"]) > 1


def test_pages_go_by_token(semapix, gateway):
    assert "--page the-next" in semapix("search", "x", gateway=gateway).out
    last = semapix("search", "x", "--page", "the-next", gateway=gateway).out
    assert asked(gateway)["page_token"] == "the-next"
    assert "--page" not in last


def test_explanation_shows_every_number_of_a_match(semapix, gateway):
    out = semapix("search", "x", "--explain", gateway=gateway).out
    for part in ("cosine", "sample score", "weight", "confidence", "whole photo", "0.300", "0.800"):
        assert part in out
    assert "words understood" not in out
    strange = semapix("search", "qwxz", "--threshold", "0", "--explain", gateway=gateway).out
    assert "words understood: at least 0.02" in strange


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (("beach +",), "character 8"),
        (('"beach',), "never closed"),
        (("x", "--threshold", "high"), "auto"),
        (("--taken", "June"), "2023-06-10"),
        (("--kinds", "dog"), "not a kind"),
        (("x", "--fuzzy"), "--words"),
        ((), "--label"),
    ],
)
def test_wrong_line_is_refused_and_says_where(semapix, gateway, line, where):
    done = semapix("search", *line, gateway=gateway)
    assert done.code == 2
    assert where in " ".join(done.err.replace("│", " ").split())
