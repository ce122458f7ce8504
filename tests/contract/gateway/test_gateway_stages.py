"""The background: objects and texts follow, once, whatever is away meanwhile."""

from pathlib import Path

from common import errors
from common.samples import Kind, Stage
from semapix.v1 import detector_pb2 as detector
from semapix.v1 import gateway_pb2 as pb
from tests.contract.gateway.gateway_house import House, house, photo, until


def records(running: House, stage: Stage) -> list[str]:
    """Return the errors of a stage over all photos; "" where it was done."""
    found = [record for entry in running.index.entries.values() for record in entry.stages]
    return [record.error for record in found if record.stage is stage]


async def test_objects_and_texts_follow_in_the_background(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        (outcome,) = await running.imported(photo("red", size=(200, 100)))
        await running.idle()
        entry = running.index.entries[outcome.photo_id]
    samples = {sample.kind: sample for sample in reversed(entry.samples)}
    assert set(samples) == {Kind.PHOTO, Kind.ANIMAL, Kind.TEXT}  # the small dog is left out
    assert (samples[Kind.ANIMAL].label, samples[Kind.ANIMAL].box.width) == ("dog", 0.5)
    texts = [sample.text for sample in entry.samples if sample.kind is Kind.TEXT]
    assert texts == ["white sale", "white", "sale"]
    assert {(one.stage, one.model) for one in entry.stages} == {
        (Stage.WHOLE, "colours-feed"),
        (Stage.DETECT, "eyes"),
        (Stage.OCR, "eyes"),
    }


async def test_a_feature_that_is_missing_is_done_once_it_arrives(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available[detector.FEATURE_OBJECTS] = False
        await running.imported(photo("red"))
        before = await running.idle()
        assert records(running, Stage.DETECT) == []
        running.detector.available[detector.FEATURE_OBJECTS] = True
        await running.imported(photo("green"))
        await running.idle()
        assert records(running, Stage.DETECT) == ["", ""]
    assert before.notices == [
        "No object detector: photos are found as a whole and by the texts in them, "
        "but not by the single things in them."
    ]


async def test_a_photo_that_the_detector_refuses_is_recorded_once(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.error = errors.InvalidInput("image", "too strange")
        await running.imported(photo("red"))
        status = await running.idle()
        await running.imported(photo("red", seed=1))
        await running.idle()
        tried = running.detector.analyzed.count(detector.FEATURE_OBJECTS)
        assert len(records(running, Stage.DETECT)) == 2
        assert records(running, Stage.DETECT)[0] == "too strange"
    assert tried == 2
    assert {one.stage: one.count for one in status.failed if one.count} == {2: 1, 3: 1}
    assert "The objects of 1 photo could not be looked for." in status.notices


async def test_regions_that_cannot_be_embedded_are_recorded(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        await running.imported(photo("blue"))
        running.embedder.poison = (0, 0, 255)
        running.detector.available[detector.FEATURE_OBJECTS] = True
        await running.imported(photo("red"))
        await running.idle()
        assert sorted(records(running, Stage.DETECT)) == ["", "image: this colour is poison"]


async def test_a_photo_on_which_the_detector_fails_again_and_again_holds_up_no_other(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, stage_wait_s=0.05) as running:
        running.detector.crash_on = (0, 255, 0)
        await running.imported(photo("green"))
        await running.imported(photo("red"), photo("blue"))
        await until(lambda: len(records(running, Stage.DETECT)) == 3, most_s=60)
        errors_seen = sorted(records(running, Stage.DETECT))
    assert errors_seen[:2] == ["", ""]
    assert errors_seen[2].startswith("given up after 5 times: ")


async def test_a_detector_that_is_away_is_waited_for(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await running.served["detector"].stop()
        (outcome,) = await running.imported(photo("red"))
        status = await running.status()
        assert {one.stage: one.count for one in status.pending} == {2: 1, 3: 1}
        await running.served["detector"].start()
        await running.idle()
        assert records(running, Stage.DETECT) == [""]
    assert outcome.outcome == pb.OUTCOME_ADDED


async def test_a_new_gateway_goes_on_where_the_old_one_stopped(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        await running.imported(photo("red"), photo("green"))
        running.detector.available[detector.FEATURE_TEXTS] = True
        async with running.gateway():
            await running.idle()
        assert records(running, Stage.OCR) == ["", ""]


async def test_a_photo_whose_original_is_missing_is_recorded(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        await running.imported(photo("red"))
        next((tmp_path / "originals").glob("*/*/*")).unlink()
        running.detector.available[detector.FEATURE_OBJECTS] = True
        async with running.gateway():
            await running.idle()
        assert records(running, Stage.DETECT) == ["the original is missing: import the photo again"]


async def test_a_photo_that_failed_and_was_removed_slows_down_no_other(tmp_path: Path) -> None:
    async with house(tmp_path, stage_photos=2, stage_wait_s=0.3) as running:
        running.detector.crash_on = (0, 255, 0)
        (failing,) = await running.imported(photo("green"))
        await until(lambda: running.detector.most_busy)
        await until(lambda: not running.detector.busy)
        request = pb.RemovePhotosRequest(photo_ids=[failing.photo_id])
        await running.stub.RemovePhotos(request, timeout=10)
        await running.imported(photo("red"))
        await running.idle()
        running.detector.most_busy = 0
        await running.imported(*(photo("red", seed=seed) for seed in range(1, 9)))
        await running.idle()
    assert running.detector.most_busy == 2
