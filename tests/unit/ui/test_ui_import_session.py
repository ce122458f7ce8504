"""A session sends what the gateway does not know, and nothing else."""

import hashlib

import pytest

from common import errors, imports
from ui.answers import BytesSource, FileSource, Imported, Outcome
from ui.import_session import ASKED_AT_ONCE, ImportSession


class Call:
    def __init__(self, sources):
        self.sources = sources

    def outcomes(self):
        for item, source in enumerate(self.sources):
            yield Imported(item, source.name, Outcome.ADDED)

    def cancel(self):
        pass


class Gateway:
    """Knows some photos; sends every source it is given."""

    def __init__(self, known=(), error=None):
        self.known = {hashlib.sha256(one).hexdigest() for one in known}
        self.error, self.asked, self.sent = error, [], []

    def settle(self, import_id, offers):
        if self.error:
            raise self.error
        self.asked.append(len(offers))
        return [imports.Outcome.DUPLICATE if i in self.known else None for _, i in offers]

    def send(self, sources, import_id):
        def noted():
            for source in sources:
                self.sent.append(source.name)
                yield source

        return Call(noted())


def sources(count):
    return [BytesSource(f"{number}", b"%d" % number) for number in range(count)]


def test_only_what_is_not_known_is_sent_and_each_keeps_its_place():
    gateway = Gateway(known=[b"%d" % number for number in range(0, 100, 2)])
    outcomes = list(ImportSession(gateway, "one").import_photos(iter(sources(100))))
    assert gateway.sent == [str(number) for number in range(1, 100, 2)]
    assert sorted(one.item for one in outcomes) == list(range(100))
    assert all((one.outcome is Outcome.DUPLICATE) == (one.item % 2 == 0) for one in outcomes)
    assert max(gateway.asked) == ASKED_AT_ONCE


def test_a_gateway_that_goes_away_while_it_is_asked_is_told():
    gateway = Gateway(error=errors.Unavailable("gone"))
    with pytest.raises(errors.Unavailable, match="gone"):
        list(ImportSession(gateway, "one").import_photos(iter(sources(3))))
    assert not gateway.sent


def test_a_file_that_cannot_be_read_is_not_asked_about_but_sent_to_have_its_outcome(tmp_path):
    gateway = Gateway()
    missing = FileSource(tmp_path / "gone.jpg")
    list(ImportSession(gateway, "one").import_photos(iter([missing])))
    assert (gateway.sent, gateway.asked) == ([missing.name], [])
