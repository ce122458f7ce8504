"""Every photo gets exactly one outcome, whatever the gateway does."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from common import errors
from ui.answers import BytesSource, Imported, Outcome
from ui.importing import PatientImport


class FlakyGateway:
    """Answers, fails, or dies, as a script of letters says: one letter per photo it is sent.

    `.` a proper outcome, `f` FAILED, `x` dies before it commits, `X` dies after; then `.` for ever.
    """

    def __init__(self, script):
        self.script = iter(script)
        self.library = set()

    def import_photos(self, sources):
        for item, source in enumerate(sources):
            photo_id = hashlib.sha256(b"".join(source.pieces())).hexdigest()
            letter = next(self.script, ".")
            if letter == "x":
                raise errors.Unavailable("gone")
            if letter == "f":
                yield Imported(item, source.name, Outcome.FAILED, message="embedder down")
                continue
            known = photo_id in self.library
            self.library.add(photo_id)
            if letter == "X":
                raise errors.Unavailable("gone")
            outcome = Outcome.DUPLICATE if known else Outcome.ADDED
            yield Imported(item, source.name, outcome, photo_id)


def run(gateway, count, patience_s=60.0):
    sources = [BytesSource(f"{number}.jpg", b"%d" % number) for number in range(count)]
    work = PatientImport(
        gateway, sources, patience_s=patience_s, on_pause=lambda why: None, first_pause_s=0.0
    )
    return list(work.run()), work.tally


@given(st.integers(0, 6), st.text(".fxX", max_size=12))
def test_each_photo_gets_one_outcome_and_counts_are_exact(count, script):
    gateway = FlakyGateway(script)
    outcomes, tally = run(gateway, count)
    assert sorted(one.item for one in outcomes) == list(range(count))
    assert tally.counts.total() == count == len(gateway.library)
    assert tally.counts[Outcome.ADDED] + tally.counts[Outcome.DUPLICATE] == count
    assert tally.ok


class CancelledGateway:
    def import_photos(self, sources):
        yield Imported(0, next(sources).name, Outcome.ADDED, "a" * 64)
        raise errors.Cancelled("import x was cancelled")


def test_a_cancelled_import_ends_at_once_and_says_how_many_were_not_sent():
    outcomes, tally = run(CancelledGateway(), 4)
    assert [one.outcome for one in outcomes] == [Outcome.ADDED]
    assert (tally.unsent, tally.photos) == (3, 1)


class ArchiveGateway:
    """Loses the second photo of an archive on the first try."""

    tries = 0

    def import_photos(self, sources):
        self.tries += 1
        name = next(sources).name
        again = self.tries > 1
        first = Outcome.DUPLICATE if again else Outcome.ADDED
        second = Outcome.ADDED if again else Outcome.FAILED
        yield Imported(0, f"{name}/a", first, "a" * 64, entry=1)
        yield Imported(0, f"{name}/b", second, "b" * 64, entry=2)
        yield Imported(0, name, Outcome.UNPACKED if again else Outcome.FAILED)


def test_an_archive_is_sent_again_until_each_of_its_photos_is_in_and_counts_no_photo_twice():
    gateway = ArchiveGateway()
    outcomes, tally = run(gateway, 1)
    assert gateway.tries == 2
    assert [one.outcome for one in outcomes] == [Outcome.ADDED, Outcome.ADDED, Outcome.UNPACKED]
    assert (tally.photos, tally.counts[Outcome.ADDED], tally.ok) == (2, 2, True)


def test_without_patience_every_open_photo_fails_with_the_reason():
    outcomes, tally = run(FlakyGateway(".x"), 4, patience_s=0.0)
    assert [one.outcome for one in outcomes] == [Outcome.ADDED, *3 * [Outcome.FAILED]]
    assert {one.message for one in outcomes[1:]} == {"gone"}
    assert not tally.ok


class RefusingGateway:
    calls = 0

    def import_photos(self, sources):
        self.calls += 1
        next(sources)
        raise errors.Mismatch("the library was made with another model")
        yield


def test_what_cannot_succeed_is_not_tried_again():
    gateway = RefusingGateway()
    outcomes, _ = run(gateway, 2)
    assert gateway.calls == 1
    assert [one.message for one in outcomes] == 2 * ["the library was made with another model"]
