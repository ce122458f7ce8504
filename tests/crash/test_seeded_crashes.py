"""kill -9 at random moments of imports and removals: `make crash`, `make crash SEED=7 KILLS=10`.

After each restart every photo that was acknowledged is found by search and reads back bit for
bit, nothing else is half there, and `check` finds nothing wrong.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crash import crash_house
from tests.crash.crash_house import CrashHouse
from tests.crash.crash_ledger import Ledger, State
from tests.crash.crash_work import Call, Work
from ui.answers import Query, Term
from ui.client import Client
from ui.finding import every_photo

SEED = int(os.environ.get("SEED") or time.time())
KILLS = int(os.environ.get("KILLS") or 40)
CLEAN_S = 30.0
pytestmark = [pytest.mark.crash, pytest.mark.timeout(1800)]


def test_nothing_acknowledged_is_lost_whoever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(SEED)
    ledger, victims, hit = Ledger(draw), crash_house.victims(draw), Counter[Call]()
    with capsys.disabled():
        print(f"SEED={SEED}", flush=True)
    with crash_house.running(tmp_path / "library") as house, Client(house.address) as client:
        for number in range(1, KILLS + 1):
            started, victim = time.monotonic(), next(victims)
            calls = killed(house, victim, ledger, draw)
            hit.update(calls)
            verify(house, client, ledger)
            with capsys.disabled():
                print(
                    f"SEED={SEED} kill {number} of {KILLS}: {victim} during "
                    f"{', '.join(call.value for call in calls) or 'the background'}; "
                    f"{ledger.count(State.LIVE)} photos, {ledger.count(State.TRASHED)} in the "
                    f"trash, {time.monotonic() - started:.1f} s",
                    flush=True,
                )
    assert min(hit[call] for call in Call) >= KILLS // 4, f"too few kills during some call: {hit}"


def killed(house: CrashHouse, victim: str, ledger: Ledger, draw: random.Random) -> list[Call]:
    """Kill somebody in the middle of the work, which has ended on return.

    Return the calls that were under way.
    """
    work = Work(house.address, ledger, random.Random(draw.random()))
    work.start()
    try:
        work.wait_for(Call.IMPORT)
        time.sleep(draw.uniform(0.0, 1.2))
        work.wait_for(draw.choice(list(Call)))
        time.sleep(draw.uniform(0.0, 0.02))
        calls = work.under_way()
        house.kill(victim)
        time.sleep(draw.uniform(0.0, 0.5))
    finally:
        work.finish()
    return calls


def verify(house: CrashHouse, client: Client, ledger: Ledger) -> None:
    """Compare the library with the ledger."""
    house.wait_until_serving(client)
    live = {photo.facts.photo_id for photo in every_photo(client)}
    trashed = {one.facts.photo_id for one in client.housekeeping.trash()}
    ledger.settle(live, trashed)
    answer = client.search(Query((Term(text="a dog"),), limit=1000))
    assert {hit.facts.photo_id for hit in answer.hits} == live
    for photo_id in live:
        assert b"".join(client.original(photo_id)) == ledger.originals[photo_id]
    for photo_id in trashed:
        assert b"".join(client.housekeeping.stored(photo_id)) == ledger.originals[photo_id]
    assert clean(client) == []


def clean(client: Client) -> list[object]:
    """Return what the check finds once what a crash left is settled."""
    give_up_at = time.monotonic() + CLEAN_S
    while True:
        findings = [one.finding for one in client.housekeeping.check(repair=False) if one.finding]
        if not findings or time.monotonic() > give_up_at:
            return findings
        time.sleep(0.5)
