"""Which findings get a vector, what kinds weigh, how a stream becomes photos, how long to wait."""

import asyncio
import hashlib
import resource
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import errors
from common.samples import Box, Kind, Reason, Stage
from gateway.claims import Claims
from gateway.patience import Patience
from gateway.receiving import Imported, Outcome, Piece, Received, Receiver
from gateway.regions import Rules, chosen
from gateway.services import Finding
from gateway.settings import Settings
from gateway.spool import Spool
from gateway.weights import Defaults, parsed

PHOTO = "a" * 64
shares = st.floats(0.01, 1)


@given(st.lists(st.tuples(shares, shares, st.floats(0, 1)), max_size=30))
def test_regions_lie_within_the_range_and_the_most_confident_come_first(
    found: list[tuple[float, float, float]],
) -> None:
    rules = Rules(min_share=0.04, max_share=0.9, min_confidence=0.5)
    findings = [Finding(Kind.PERSON, Box(0, 0, w, h), c, label="person") for w, h, c in found]
    samples = chosen(PHOTO, findings, rules, stage=Stage.DETECT, most=5)
    within = [f for f in findings if 0.04 <= f.box.area <= 0.9 and f.confidence >= 0.5]
    confidences = [sample.confidence for sample in samples]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0.04 <= sample.box.area <= 0.9 for sample in samples)
    assert len(samples) <= 5
    assert bool(samples) == bool(within)
    assert len({sample.sample_id for sample in samples}) == len(samples)


def test_text_is_kept_however_small_unless_it_is_blank_or_doubtful() -> None:
    box = Box(0.1, 0.1, 0.05, 0.01)
    findings = [
        Finding(Kind.TEXT, box, 0.9, text="stop"),
        Finding(Kind.TEXT, box, 0.1, text="smudge"),
        Finding(Kind.TEXT, box, 0.9, text="  "),
        Finding(Kind.TEXT, Box(0, 0, 0, 0), 0.9, text="nowhere"),
    ]
    samples = chosen(PHOTO, findings, Rules(), stage=Stage.OCR, most=1)
    assert [sample.text for sample in samples] == ["stop"]


def test_weights_are_defaults_times_the_caller_s_and_mixed_by_the_share_of_text() -> None:
    defaults = Defaults(text={Kind.TEXT: 0.8}, picture={Kind.TEXT: 0.4})
    wanted = {Kind.PERSON: 2.0, Kind.TEXT: 0.5}
    by_text = defaults.applied(wanted, text_share=1)
    assert by_text[Kind.TEXT] == pytest.approx(0.4)
    assert by_text[Kind.PERSON] == 2.0
    assert by_text[Kind.ANIMAL] == 1.0
    assert set(by_text) == set(Kind)
    assert defaults.applied({}, text_share=0)[Kind.TEXT] == pytest.approx(0.4)
    assert defaults.applied({}, text_share=0.5)[Kind.TEXT] == pytest.approx(0.6)
    with pytest.raises(errors.InvalidInput):
        defaults.applied(dict.fromkeys(Kind, 0.0), text_share=1)


def test_weights_of_the_settings_are_read_or_refused_by_name() -> None:
    assert parsed(" person=0.5, TEXT=0 ,", "x") == {Kind.PERSON: 0.5, Kind.TEXT: 0.0}
    for bad in ("dogs=1", "person", "person=-1", "person=nan", "person=lots"):
        with pytest.raises(ValueError, match=r"gateway\.text_query_weights"):
            parsed(bad, "gateway.text_query_weights")


def taken(spool: Spool, *pieces: Piece) -> list[Received | Imported]:
    receiver = Receiver(spool)
    found = [one for piece in pieces for one in receiver.take(piece)]
    found += receiver.end()
    for one in found:
        if isinstance(one, Received):
            one.upload.discard()
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=6), st.integers(1, 99))
def test_every_photo_of_a_stream_arrives_whole(photos: list[bytes], size: int) -> None:

    with tempfile.TemporaryDirectory() as folder:
        pieces = [
            Piece(item, "x", photo[at : at + size], at + size >= len(photo))
            for item, photo in enumerate(photos)
            for at in range(0, len(photo), size)
        ]
        found = taken(Spool(Path(folder), limit=1000), *pieces)
    assert [one.photo_id for one in found] == [hashlib.sha256(one).hexdigest() for one in photos]


def test_a_spoiled_photo_is_answered_once_and_the_next_one_arrives(tmp_path: Path) -> None:
    found = taken(
        Spool(tmp_path, limit=10),
        Piece(0, "big", b"x" * 8, last=False),
        Piece(0, "", b"x" * 8, last=False),
        Piece(0, "", b"x" * 8, last=True),
        Piece(1, "huge piece", b"x" * (2**20 + 1), last=True),
        Piece(2, "s" * 4097, b"x", last=True),
        Piece(3, "good", b"x", last=True),
        Piece(4, "empty", b"", last=True),
        Piece(5, "cut", b"x", last=False),
    )
    reasons = [one.reason if isinstance(one, Imported) else None for one in found]
    assert [one.item for one in found] == [0, 1, 2, 3, 4, 5]
    assert reasons == [
        Reason.TOO_LARGE,
        Reason.INCOMPLETE,
        Reason.INCOMPLETE,
        None,
        Reason.EMPTY,
        Reason.INCOMPLETE,
    ]
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("items", [(1,), (0, 0), (0, 2), (0, 1, 0)])
def test_items_that_do_not_rise_by_one_are_refused(tmp_path: Path, items: tuple[int, ...]) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        taken(Spool(tmp_path, limit=10), *(Piece(item, "x", b"x", last=True) for item in items))
    assert caught.value.field == "item"


def test_a_full_disk_fails_the_photo_and_not_the_stream(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit=10)
    spool._own = tmp_path / "gone"  # a folder that cannot be written to
    (found,) = taken(spool, Piece(0, "x", b"x", last=True))
    assert isinstance(found, Imported)
    assert found.outcome is Outcome.FAILED
    assert found.message.startswith("it cannot be stored: ")


def test_a_disk_that_fills_up_in_the_middle_of_a_photo_fails_that_photo_alone(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path, limit=100_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        found = taken(
            spool,
            *(Piece(0, "large", b"x" * 900, last=number == 19) for number in range(20)),
            Piece(1, "small", b"x", last=True),
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert isinstance(found[0], Imported)
    assert found[0].outcome is Outcome.FAILED
    assert isinstance(found[1], Received)
    assert not list(tmp_path.rglob("*.part"))


async def test_patience_counts_from_when_the_service_went_away() -> None:
    patience, attempts = Patience(0.3), []

    async def away() -> None:
        attempts.append(time.monotonic())
        raise errors.Unavailable("gone")

    started = time.monotonic()
    results = await asyncio.gather(
        *(patience.until_done(away) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(result, errors.Unavailable) for result in results)
    assert 0.3 <= time.monotonic() - started < 2
    attempts.clear()
    with pytest.raises(errors.Unavailable):
        await patience.until_done(away)
    assert len(attempts) == 1


async def test_an_outage_long_ago_takes_no_patience_from_now() -> None:
    patience, attempts = Patience(0.1), []

    async def away() -> None:
        attempts.append(1)
        raise errors.Unavailable("the embedder does not answer")

    for _ in range(2):
        attempts.clear()
        with pytest.raises(errors.Unavailable):
            await patience.until_done(away)
        assert len(attempts) > 1
        await asyncio.sleep(0.15)


async def test_patience_starts_anew_once_the_service_answered() -> None:
    patience, answers = Patience(0.05), iter([False, True, False, True])

    async def flaky() -> str:
        if not next(answers):
            raise errors.TooSlow("asleep")
        return "done"

    await patience.until_done(flaky)
    await asyncio.sleep(0.1)
    assert await patience.until_done(flaky) == "done"


async def test_a_full_queue_is_tried_at_most_five_times() -> None:
    attempts = 0

    async def full() -> None:
        nonlocal attempts
        attempts += 1
        raise errors.Overloaded("full", retry_after_s=0.001)

    with pytest.raises(errors.Overloaded):
        await Patience(60).until_done(full)
    assert attempts == 5


@pytest.mark.parametrize(
    "name", ["decoders", "photos_in_flight", "embed_batch", "embed_calls", "stage_photos"]
)
def test_a_setting_that_would_stop_all_work_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=rf"gateway\.{name} = 0"):
        Settings(**{name: 0})  # type: ignore[arg-type]


async def test_claims_let_one_at_a_time_have_a_photo_and_forget_it() -> None:
    claims, seen = Claims(), []

    async def work(name: str) -> None:
        async with claims.holding("b", "a", "a"):
            seen.append(name)
            await asyncio.sleep(0.01)
            seen.append(name)

    await asyncio.gather(*(work(name) for name in "xyz"))
    assert seen == list("xxyyzz")
    assert not claims._locks
