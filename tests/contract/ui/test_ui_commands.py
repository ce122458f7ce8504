"""Every command's JSON, exit codes and sentences, against a real gateway process."""

import hashlib

import pytest


@pytest.fixture
def gateway(start_gateway, semapix, photos):
    """A gateway with three photos in it."""
    running = start_gateway()
    semapix("import", photos, "--no-wait", gateway=running)
    return running


ID_B = hashlib.sha256(b"photo b").hexdigest()


def test_search_answers_with_facts_matches_and_scores(semapix, gateway):
    answer = semapix("search", "a cat", "--json", "--top", 2, gateway=gateway).json
    assert len(answer["hits"]) == 2
    hit = answer["hits"][0]
    assert hit["rank_score"] == pytest.approx(0.8)
    assert set(hit["facts"]) >= {"photo_id", "width", "height", "bytes", "format", "sources"}
    match = hit["matches"][0]
    assert match["sample"]["kind"] == "photo"
    assert match["sample"]["box"] == {"x": 0, "y": 0, "width": 1, "height": 1}
    assert (match["cosine"], match["score"]) == pytest.approx((0.3, 0.8))


def test_search_passes_weights_threshold_mean_and_picture_on(semapix, gateway, photos):
    weighted = semapix("search", "x", "--weights", "person=2,text=0", "--json", gateway=gateway)
    assert weighted.json["weights"] == {"person": 2, "text": 0}
    assert semapix("search", "x", "--threshold", 0.9, "--json", gateway=gateway).json["hits"] == []
    both = semapix("search", "x", "--image", photos / "b.PNG", "--mean", "--json", gateway=gateway)
    assert both.json["hits"][0]["rank_score"] == pytest.approx(2 * 0.4)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x", "--weights", "dog=1"),
        ("x", "--weights", "person=-1"),
        ("x", "--top", "0"),
        ("x", "--threshold", "2"),
    ],
)
def test_wrong_usage_of_search_is_exit_code_2(semapix, arguments):
    done = semapix("search", *arguments)
    assert done.code == 2
    assert done.out == ""


def test_search_prints_a_table_for_people(semapix, gateway):
    out = semapix("search", "a cat", gateway=gateway).out
    assert "b.PNG" in out
    assert ID_B[:12] in out
    assert "whole photo" in out


def test_show_takes_a_short_id(semapix, gateway):
    photo = semapix("show", ID_B[:6], "--json", gateway=gateway).json
    assert photo["facts"]["photo_id"] == ID_B
    assert [sample["kind"] for sample in photo["samples"]] == ["photo", "text"]
    assert photo["stages"] == [{"stage": "whole", "model": "mini", "error": ""}]


@pytest.mark.parametrize(
    ("given", "why"), [("0" * 64, "no photo"), ("xyz", "hex"), ("0" * 7, "no photo")]
)
def test_show_of_no_photo_is_one_sentence(semapix, gateway, given, why):
    done = semapix("show", given, gateway=gateway)
    assert done.code == 1
    assert why in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_list_turns_the_pages(semapix, gateway):
    listing = semapix("list", "--json", gateway=gateway).json
    assert listing["total"] == len(listing["photos"]) == 3
    assert len(semapix("list", "--json", "--limit", 1, gateway=gateway).json["photos"]) == 1


def test_remove_answers_for_each_photo(semapix, gateway):
    done = semapix("remove", ID_B[:8], "f" * 64, "--json", gateway=gateway)
    assert done.code == 1
    assert [one["removed"] for one in done.json] == [True, False]
    assert done.json[1]["message"] == "no such photo"
    assert semapix("list", "--json", gateway=gateway).json["total"] == 2


def test_status_has_services_counts_and_notices(semapix, gateway):
    status = semapix("status", "--json", gateway=gateway).json
    assert status["services"] == [
        {"name": "index", "serving": True, "models": ["hnsw"], "message": ""}
    ]
    assert status["samples"] == {"photo": 3}
    assert set(status["pending"]) == {"ocr"}
    assert status["notices"] == ["no detector"]


def test_download_writes_the_bytes_and_replaces_nothing(semapix, gateway, tmp_path):
    target = tmp_path / "here" / "b.PNG"
    done = semapix("download", ID_B[:9], "--json", gateway=gateway)
    assert target.read_bytes() == b"original bytes"
    assert done.json["bytes"] == 14
    assert semapix("download", ID_B, gateway=gateway).code == 1
    assert semapix("download", ID_B, "--force", gateway=gateway).code == 0


def test_clusters_come_with_samples_and_noise(semapix, gateway):
    found = semapix("clusters", "--eps", 0.3, "--kinds", "photo,text", "--json", gateway=gateway)
    assert found.json["analysis"]["parameters"]["eps"] == pytest.approx(0.3)
    assert found.json["analysis"]["kinds"] == ["photo", "text"]
    assert [len(cluster["samples"]) for cluster in found.json["clusters"]] == [2]
    assert len(found.json["noise"]) == 1
    assert "1 clusters, 1 of 2 samples in none" in semapix("clusters", gateway=gateway).out


def test_an_analysis_that_fails_says_why(semapix, gateway):
    done = semapix("clusters", "--eps", 2, "--json", gateway=gateway)
    assert done.code == 1
    assert done.out == ""
    assert "eps is too wide" in done.err


def test_map_gives_points_and_a_page_without_network(semapix, gateway, tmp_path):
    page = tmp_path / "map.html"
    points = semapix("map", "--json", "--out", page, gateway=gateway).json["points"]
    assert [(p["x"], p["y"], p["z"]) for p in points] == [(0.5, -0.5, 0.25)] * 3
    html = page.read_text(encoding="utf-8")
    assert "b.PNG" in html
    assert 'src="http' not in html


def test_the_kept_map_is_the_newest_of_the_kinds_named(semapix, gateway):
    assert semapix("map", "--kept", gateway=gateway).code == 1
    for kinds in ("photo", "photo,text"):
        semapix("map", "--kinds", kinds, gateway=gateway)
    kept = semapix("map", "--kept", "--kinds", "photo", "--json", gateway=gateway).json
    assert kept["analysis"]["kinds"] == ["photo"]
    newest = semapix("map", "--kept", "--json", gateway=gateway).json
    assert newest["analysis"]["kinds"] == ["photo", "text"]
    none = semapix("map", "--kept", "--kinds", "animal", gateway=gateway)
    assert "leave --kept out" in none.err
