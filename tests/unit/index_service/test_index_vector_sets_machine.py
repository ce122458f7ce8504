"""Any order of changes, with a second vector set built beside them, against a dictionary."""

import contextlib
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from common import errors
from common.samples import Kind, Sample
from common.vector_sets import VectorSet
from common.vectors import Floats
from index_service import library as libraries
from index_service import vector_sets
from index_service.changes import Change, Delete, Note, Outcome, Swap, Trash, Untrash, VectorSample
from index_service.indices import rows_of
from index_service.settings import Settings
from tests.unit.index_service import index_values as values

DIMENSIONS = {"model-1": 16, "model-2": 24, "model-3": 8}
models, photos = st.sampled_from(sorted(DIMENSIONS)), st.integers(1, 6)


def vector(sample: Sample, fingerprint: str) -> Floats:
    """Return what that model makes of a sample."""
    seed = hashlib.sha256(f"{fingerprint} {sample.sample_id}".encode()).digest()
    return values.unit(int.from_bytes(seed[:4], "big"), DIMENSIONS[fingerprint])


class Machine(RuleBasedStateMachine):
    """A library, and what it should hold: samples of photos, seen and trashed, by fingerprint."""

    @initialize()
    def open_library(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.stack = contextlib.ExitStack()
        self.serving, self.second = "model-1", ""
        self.seen: dict[int, tuple[Sample, ...]] = {}
        # With the fingerprint that every sample of the photo had a vector of, and perhaps others.
        self.trashed: dict[int, tuple[Sample, ...]] = {}
        self.vectors: set[tuple[str, str]] = set()
        self.reopen()

    @rule()
    def reopen(self) -> None:
        """What is committed is there after any end."""
        self.stack.close()
        chosen = Settings(folder=self.folder, graph_from=6)
        self.library = self.stack.enter_context(libraries.opened(chosen))

    @rule(number=photos, texts=st.integers(0, 3))
    def put(self, number: int, texts: int) -> None:
        samples = (values.sample(number, Kind.PHOTO), *values_of_texts(number, texts))
        items = [VectorSample(sample, vector(sample, self.serving)) for sample in samples]
        self.applied(values.put(number, items, fingerprint=self.serving))
        if number in self.seen and not texts:  # the stage OCR is not in it, its samples stay
            samples = (samples[0], *self.seen[number][1:])
            self.forget(samples[:1])
        else:
            self.forget(self.seen.get(number, ()))
        if number in self.trashed:
            self.forget(self.trashed.pop(number))
        self.seen[number] = samples
        fresh = [item.sample for item in items]
        self.vectors |= {(sample.sample_id, self.serving) for sample in fresh}
        # The first vector of an empty library may be of the model that was to come.
        self.second = "" if self.second == self.serving else self.second

    @rule(number=photos)
    def delete(self, number: int) -> None:
        known = number in self.seen or number in self.trashed
        assert (self.tried(Delete(values.photo_id(number))).error is None) == known
        self.forget(self.seen.pop(number, ()) or self.trashed.pop(number, ()))

    @rule(number=photos)
    def trash(self, number: int) -> None:
        known = number in self.seen or number in self.trashed
        assert (self.tried(Trash(values.photo_id(number), 1)).error is None) == known
        if number in self.seen:
            self.trashed[number] = self.seen.pop(number)

    @rule(number=photos)
    def untrash(self, number: int) -> None:
        own = self.trashed.get(number, ())
        fits = all((sample.sample_id, self.serving) in self.vectors for sample in own)
        outcome = self.tried(Untrash(values.photo_id(number)))
        if number in self.trashed:
            assert isinstance(outcome.error, errors.Mismatch) != fits
            if fits:
                self.seen[number] = self.trashed.pop(number)

    @rule(model=models)
    def begin(self, model: str) -> None:
        wanted = VectorSet(model, DIMENSIONS[model], "X", "host:1")
        write = partial(vector_sets.begin, wanted=wanted, folder=self.folder)
        outcome = self.tried(Note(write))
        refused = bool(self.second) and model not in (self.second, self.fingerprint())
        assert isinstance(outcome.error, errors.Mismatch) == refused
        if not refused and model != self.fingerprint():
            self.second = model

    @rule(size=st.integers(1, 3))
    def embed_some(self, size: int) -> None:
        """Make vectors of one page of what the second set lacks."""
        if not self.second:
            return
        with self.library.reading() as connection:
            found, _ = vector_sets.lacking(connection, self.second, size=size)
        samples = [sample for photo in found for sample in photo.samples]
        made = {sample.sample_id: vector(sample, self.second) for sample in samples}
        if made:
            self.note(partial(vector_sets.add, fingerprint=self.second, made=made))
        self.vectors |= {(own, self.second) for own in made}

    @rule()
    def swap(self) -> None:
        if not self.second:
            return
        outcome = self.tried(Swap(self.second))
        assert isinstance(outcome.error, errors.Mismatch) == bool(self.lacking())
        if outcome.error is None:
            self.serving, self.second = self.second, ""

    @rule()
    def drop(self) -> None:
        if self.second:
            self.applied(Note(partial(vector_sets.drop, fingerprint=self.second)))
            self.second = ""

    @rule()
    def sweep(self) -> None:
        """Vectors of sets that there are no more may go; those in the trash are not touched."""
        self.note(vector_sets.sweep)
        kept = {self.fingerprint(), self.second}
        in_trash = {sample.sample_id for own in self.trashed.values() for sample in own}
        self.vectors = {(own, of) for own, of in self.vectors if own in in_trash or of in kept}

    @invariant()
    def the_serving_set_is_searched(self) -> None:
        view = self.library.view
        assert view.meta.fingerprint in ("", self.serving)
        held = {
            vec.tobytes() for i in view.indices.values() for vec in rows_of(i).live_rows().vectors
        }
        assert held == {vector(one, self.serving).tobytes() for one in self.samples()}

    @invariant()
    def the_second_set_lacks_what_it_lacks(self) -> None:
        with self.library.reading() as connection:
            sets = vector_sets.sets(connection)
            found, _ = vector_sets.lacking(connection, self.second, size=99)
        assert (sets.second.fingerprint if sets.second else "") == self.second
        assert sets.samples == len(self.samples())
        if self.second:
            assert {one.sample_id for photo in found for one in photo.samples} == self.lacking()
            assert sets.samples - sets.done == len(self.lacking())

    def fingerprint(self) -> str:
        return self.library.view.meta.fingerprint

    def samples(self) -> list[Sample]:
        return [sample for own in self.seen.values() for sample in own]

    def lacking(self) -> set[str]:
        ids = {sample.sample_id for sample in self.samples()}
        return {own for own in ids if (own, self.second) not in self.vectors}

    def forget(self, samples: tuple[Sample, ...]) -> None:
        gone = {sample.sample_id for sample in samples}
        self.vectors = {(own, of) for own, of in self.vectors if own not in gone}

    def tried(self, change: Change) -> Outcome:
        (outcome,) = self.library.apply([change])
        return outcome

    def note(self, write: Callable[[sqlite3.Connection], object]) -> None:
        returned: list[object] = []
        self.applied(Note(lambda connection: returned.append(write(connection))))
        assert returned

    def applied(self, change: Change) -> None:
        assert self.tried(change).error is None

    def teardown(self) -> None:
        self.stack.close()
        shutil.rmtree(self.folder)


def values_of_texts(number: int, count: int) -> tuple[Sample, ...]:
    return tuple(values.sample(number, Kind.TEXT, at) for at in range(count))


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
