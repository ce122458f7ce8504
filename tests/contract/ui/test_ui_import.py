"""`semapix import` against a real gateway process: exact counts, also when the gateway dies."""

import threading
from pathlib import Path


def test_import_counts_every_photo_once(semapix, start_gateway, photos):
    done = semapix("import", photos, "--json", gateway=start_gateway())
    report = done.json
    assert done.code == 0
    assert (report["photos"], report["added"], report["duplicate"]) == (5, 3, 1)
    assert (report["rejected"], report["failed"], report["unreadable"]) == (1, 0, 0)
    assert [Path(p["source"]).name for p in report["problems"]] == ["d.tif"]
    assert report["problems"][0]["reason"] == "not_an_image"


def test_importing_again_adds_nothing(semapix, start_gateway, photos):
    gateway = start_gateway()
    semapix("import", photos, gateway=gateway)
    report = semapix("import", photos, "--json", gateway=gateway).json
    assert (report["added"], report["duplicate"], report["rejected"]) == (0, 4, 1)


def test_import_waits_for_the_background_stages(semapix, start_gateway, photos):
    gateway = start_gateway()
    hasty = semapix("import", photos, "--json", "--no-wait", gateway=gateway)
    patient = semapix("import", photos, "--json", gateway=gateway)
    assert hasty.json["pending"] > 0
    assert patient.json["pending"] == 0


def test_a_named_file_is_always_sent(semapix, start_gateway, photos):
    report = semapix("import", photos / "notes.txt", "--json", gateway=start_gateway()).json
    assert report["added"] == 1


def test_people_see_counts_and_reasons_and_no_control_characters(semapix, start_gateway, photos):
    done = semapix("import", photos, gateway=start_gateway())
    assert "5 photos: 3 added, 1 duplicate, 1 rejected" in done.out
    assert "d.tif" in done.out
    assert "not a picture" in done.out
    assert "\x1b" not in done.out


def test_an_unreadable_file_is_reported_and_the_rest_goes_on(semapix, start_gateway, photos):
    done = semapix("import", photos / "b.PNG", "/dev/null", "--json", gateway=start_gateway())
    assert done.code == 1
    assert (done.json["added"], done.json["unreadable"]) == (1, 1)
    assert "not a file" in done.json["problems"][0]["message"]


def test_a_photo_that_failed_is_sent_again(semapix, start_gateway, photos):
    (photos / "f.jpg").write_bytes(b"fail twice, then be added")
    done = semapix("import", photos, "--json", gateway=start_gateway())
    assert done.code == 0
    assert (done.json["added"], done.json["failed"]) == (4, 0)
    assert "the embedder does not answer" in done.err


def test_without_patience_a_failed_photo_is_reported(semapix, start_gateway, photos):
    (photos / "f.jpg").write_bytes(b"fail twice")
    done = semapix("import", photos, "--json", "--patience", "0", gateway=start_gateway())
    assert done.code == 1
    assert (done.json["added"], done.json["failed"]) == (3, 1)
    assert "the embedder does not answer" in done.json["problems"][-1]["message"]


def test_import_outlives_a_gateway_that_dies_in_the_middle(semapix, start_gateway, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.jpg").write_bytes(b"photo %d" % number)
    first = start_gateway(die_after=7)

    def come_back():
        assert first.process.wait(30) == 9
        start_gateway(port=first.port)

    nurse = threading.Thread(target=come_back)
    nurse.start()
    done = semapix("import", folder, "--json", gateway=first)
    nurse.join()
    report = done.json
    assert done.code == 0
    assert report["photos"] == report["added"] + report["duplicate"] == 20
    # The seventh was committed and never answered; the import knows that it added it.
    assert (report["added"], report["duplicate"]) == (20, 0)
    committed = first.state.read_text().splitlines()
    assert len(committed) == len(set(committed)) == 20


def test_a_gateway_that_stays_away_leaves_each_photo_an_outcome(semapix, start_gateway, photos):
    gateway = start_gateway(die_after=2)
    done = semapix("import", photos, "--json", "--patience", "2", gateway=gateway)
    report = done.json
    assert done.code == 1
    assert report["failed"] >= 3
    assert report["photos"] == 5
    assert report["pending"] is None
    assert all("no gateway answers" in problem["message"] for problem in report["problems"])


def test_a_missing_path_is_wrong_usage(semapix, start_gateway, tmp_path):
    assert semapix("import", tmp_path / "nowhere").code == 2


def test_no_gateway_is_one_sentence_with_the_way_out(semapix, photos):
    done = semapix("import", photos, "--gateway", "127.0.0.1:1")
    assert done.code == 1
    assert done.out == ""
    assert "semapix up" in done.err


def test_an_import_goes_on_by_its_id_without_its_paths(semapix, start_gateway, photos):
    gateway = start_gateway()
    (photos / "f.jpg").write_bytes(b"fail twice")
    first = semapix("import", photos, "--json", "--patience", "0", gateway=gateway).json
    done = semapix("import", "--resume", first["import_id"], "--json", gateway=gateway)
    assert first["failed"] == 1
    assert done.code == 0
    assert (done.json["added"], done.json["duplicate"], done.json["failed"]) == (4, 1, 0)
    assert done.json["import_id"] == first["import_id"]


def test_what_the_library_has_is_not_sent(semapix, start_gateway, photos):
    gateway = start_gateway()
    semapix("import", photos, gateway=gateway)
    (photos / "a.jpg").chmod(0o600)
    before = gateway.state.read_text()
    report = semapix("import", photos / "a.jpg", "--json", gateway=gateway).json
    assert report["duplicate"] == 1
    assert gateway.state.read_text() == before


def test_an_import_needs_paths_or_an_id(semapix, start_gateway):
    gateway = start_gateway()
    assert semapix("import", gateway=gateway).code == 2
    unknown = semapix("import", "--resume", "nobody", gateway=gateway)
    assert (unknown.code, "there is no import nobody" in unknown.err) == (1, True)


def test_imports_are_listed_and_paused(semapix, start_gateway, photos):
    gateway = start_gateway()
    report = semapix("import", photos, "--json", gateway=gateway).json
    listed = semapix("imports", "--json", gateway=gateway).json
    shown = semapix("imports", gateway=gateway)
    paused = semapix("imports", "pause", report["import_id"], "--json", gateway=gateway)
    assert [one["record"]["import_id"] for one in listed] == [report["import_id"]]
    assert "finished" in shown.out
    assert paused.json["record"]["state"] == "paused"


def test_rejected_photos_are_listed_tried_again_and_forgotten(semapix, start_gateway, photos):
    gateway = start_gateway()
    semapix("import", photos, gateway=gateway)
    (listed,) = semapix("rejected", "--json", gateway=gateway).json
    retried = semapix("rejected", "--retry", gateway=gateway)
    forgotten = semapix("rejected", "1", "--forget", "--json", gateway=gateway)
    assert listed["rejection"]["source"].endswith("d.tif")
    assert listed["rejection"]["reason"] == "damaged"
    assert (retried.code, "It is torn." in retried.out) == (1, True)
    assert forgotten.json == {"forgotten": 1}
    assert "nothing is rejected" in semapix("rejected", gateway=gateway).out


def test_stages_are_done_again_as_asked(semapix, start_gateway):
    gateway = start_gateway()
    done = semapix("reindex", "--stages", "ocr", "--all", "--no-wait", "--json", gateway=gateway)
    both = semapix("reindex", "--all", "--missing", gateway=gateway)
    wrong = semapix("reindex", "--stages", "whole", gateway=gateway)
    assert done.json == {"photos": {"ocr": 4}}
    assert (both.code, wrong.code) == (2, 2)
