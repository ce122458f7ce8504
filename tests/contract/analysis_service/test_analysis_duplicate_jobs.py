"""Duplicates over the wire: three kinds of the same, the best of each first, nothing removed."""

from dataclasses import replace
from typing import Any

import pytest

from common import clients, samples
from common.samples import PhotoFacts
from semapix.v1 import analysis_pb2 as pb
from semapix.v1 import duplicates_pb2


def photo(number: int, look: int, **fields: Any) -> PhotoFacts:
    """Return photo `number` with a hash of 64 bits that says what it looks like."""
    made = PhotoFacts(
        samples.photo_id(str(number).encode()), 40, 30, 9, "JPEG", perceptual_hash=f"{look:016x}"
    )
    return replace(made, **fields)


async def found(service: Any, **asked: Any) -> pb.GetDuplicatesResponse:
    """Return the groups of a new job."""
    analysis = await service.succeeded(pb.AnalysisSpec(duplicates=asked), force=True)
    request = pb.GetDuplicatesRequest(analysis_id=analysis.analysis_id)
    return await clients.call(service.stub.GetDuplicates(request))


def numbers(answer: pb.GetDuplicatesResponse, library: Any) -> list[list[int]]:
    """Return the photos of each group by their numbers."""
    known = {samples.photo_id(str(n).encode()): n for n in range(len(library.rows))}
    return [[known[one.photo_id] for one in group.photos] for group in answer.groups]


@pytest.fixture
def looks(library: Any) -> None:
    """Photos 0, 1 are one picture; 2 differs from them in 3 bits, 3 from 2 in 3 more."""
    same = {"pixel_hash": "ab" * 16}
    library.facts = {
        0: photo(0, 0xFF00FF00FF00FF00, **same),
        1: photo(1, 0xFF00FF00FF00FF00, bytes=10, **same),
        2: photo(2, 0xFF00FF00FF00FF07, pixel_hash="cd" * 16),
        3: photo(3, 0xFF00FF00FF00FF3F),
        5: photo(5, 1, pixel_hash="ef" * 16),
    }


async def test_exact_duplicates_have_the_same_pixels(quick: Any, library: Any, looks: None) -> None:
    answer = await found(quick, kind=duplicates_pb2.DUPLICATE_KIND_EXACT)
    assert numbers(answer, library) == [[1, 0]]
    assert answer.groups[0].why == "most bytes"
    assert answer.not_compared == 4


async def test_near_duplicates_are_chained_but_say_who_is_like_the_best(
    quick: Any, library: Any, looks: None
) -> None:
    answer = await found(quick)
    assert numbers(answer, library) == [[1, 0, 2, 3]]
    assert [one.differing_bits for one in answer.groups[0].photos] == [0, 0, 3, 6]
    assert [one.like_best for one in answer.groups[0].photos] == [True, True, True, False]
    assert not answer.groups[0].HasField("min_cosine")
    assert answer.not_compared == 4
    fewer = await found(quick, max_differing_bits=0)
    assert numbers(fewer, library) == [[1, 0]]


async def test_semantic_duplicates_lie_close_together(quick: Any, library: Any) -> None:
    library.facts = {5: photo(5, 1, width=400)}
    answer = await found(quick, kind=duplicates_pb2.DUPLICATE_KIND_SEMANTIC)
    assert [sorted(group) for group in numbers(answer, library)] == [[0, 1, 2, 3], [4, 5, 6]]
    assert numbers(answer, library)[1][0] == 5
    for group in answer.groups:
        assert 0.96 <= group.min_cosine <= 1
        assert group.photos[0].cosine == pytest.approx(1)
        assert all(one.cosine >= 0.96 and one.like_best for one in group.photos)


async def test_a_photo_that_goes_while_the_job_reads_is_in_no_group(
    quick: Any, library: Any, looks: None
) -> None:
    library.gate.clear()
    analysis = await quick.start(pb.AnalysisSpec(duplicates={}))
    streamed = library._message

    def gone_after(chosen: list[int], total: int) -> Any:
        library.gone = {2}
        return streamed(chosen, total)

    library._message = gone_after
    library.gate.set()
    assert (await quick.ended(analysis)).state == pb.ANALYSIS_STATE_SUCCEEDED
    request = pb.GetDuplicatesRequest(analysis_id=analysis.analysis_id)
    answer = await clients.call(quick.stub.GetDuplicates(request))
    assert numbers(answer, library) == [[1, 0]]
