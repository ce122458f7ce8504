"""Questions answered: four kinds of terms, weights, and every bad field named."""

import contextlib
import math
from pathlib import Path

import pytest

from common import clients, errors
from common.samples import Kind
from semapix.v1 import analysis_pb2, search_pb2
from semapix.v1 import types_pb2 as types
from tests.contract.gateway.gateway_house import House, house, photo

LEFT = types.Box(x=0, y=0, width=0.5, height=1)
UNKNOWN = "0" * 64
TERM = search_pb2.QueryTerm(text="red")


async def filled(running: House) -> dict[str, str]:
    """Import three colours; return the photo id of each."""
    colours = ("red", "green", "blue")
    outcomes = await running.imported(*(photo(colour) for colour in colours))
    return {colour: one.photo_id for colour, one in zip(colours, outcomes, strict=True)}


async def test_the_four_forms_of_a_term_find_what_they_mean(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        ids = await filled(running)
        twin = (await running.imported(photo("green", seed=1)))[0].photo_id
        by_text = await running.search(search_pb2.QueryTerm(text="a RED barn, red"))
        by_image = await running.search(search_pb2.QueryTerm(image=photo("blue", seed=9)))
        by_photo = await running.search(search_pb2.QueryTerm(photo_id=ids["green"]))
        region = types.PhotoRegion(photo_id=ids["green"], box=LEFT)
        by_region = await running.search(search_pb2.QueryTerm(region=region))
    assert by_text.hits[0].facts.photo_id == ids["red"]
    assert by_image.hits[0].facts.photo_id == ids["blue"]
    for answer in (by_photo, by_region):
        assert answer.hits[0].facts.photo_id == twin
        assert ids["green"] not in {hit.facts.photo_id for hit in answer.hits}
    assert by_text.hits[0].facts.sources == ["photo-0.jpg"]
    assert by_text.hits[0].matches[0].sample.kind == Kind.PHOTO


async def test_terms_are_added_with_their_weights(tmp_path: Path) -> None:
    terms = [
        search_pb2.QueryTerm(text="blue"),
        search_pb2.QueryTerm(image=photo("red"), weight=0.5),
        search_pb2.QueryTerm(text="green", weight=-1),
    ]
    async with house(tmp_path) as running:
        ids = await filled(running)
        answer = await running.search(*terms)
        (asked,) = running.index.searches
    assert [hit.facts.photo_id for hit in answer.hits] == [ids["blue"], ids["red"], ids["green"]]
    assert [(one.is_text, one.weight) for one in asked.query] == [
        (True, 1.0),
        (False, 0.5),
        (True, -1.0),
    ]


async def test_the_index_gets_defaults_times_weights_and_the_model_s_calibration(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, text_query_weights="animal=0.5,text=0.8") as running:
        await filled(running)
        weights = [types.KindWeight(kind=int(Kind.ANIMAL), weight=3)]
        answer = await running.search(TERM, weights=weights, limit=2, threshold=0.25, offset=1)
        await running.search(search_pb2.QueryTerm(image=photo("red")))
        by_text, by_image = running.index.searches
    applied = {one.kind: round(one.weight, 6) for one in answer.weights}
    assert applied[Kind.ANIMAL] == 1.5
    assert applied[Kind.TEXT] == 0.8
    assert applied[Kind.PHOTO] == 1.0
    assert {one.kind: one.weight for one in by_image.weights}[Kind.TEXT] == 0.5
    assert (by_text.limit, by_text.offset, by_text.threshold) == (2, 1, 0.25)
    assert [(one.pair, one.slope, one.offset) for one in by_text.calibrations] == [(1, 10.0, -5.0)]
    assert by_text.fingerprint == "feed"


BAD = {
    "no terms": (search_pb2.SearchRequest(), "terms"),
    "too many": (search_pb2.SearchRequest(terms=[TERM] * 17), "terms"),
    "empty term": (search_pb2.SearchRequest(terms=[search_pb2.QueryTerm()]), "terms[0]"),
    "blank": (
        search_pb2.SearchRequest(terms=[TERM, search_pb2.QueryTerm(text=" \n")]),
        "terms[1].text",
    ),
    "long": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(text="x" * 10_001)]),
        "terms[0].text",
    ),
    "long for the model": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(text="x" * 101)]),
        "terms[0].text",
    ),
    "no image": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(image=b"")]),
        "terms[0].image",
    ),
    "not an image": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(image=b"text" * 99)]),
        "terms[0].image",
    ),
    "torn image": (
        search_pb2.SearchRequest(
            terms=[search_pb2.QueryTerm(image=photo("red", size=(300, 300))[:5000])]
        ),
        "terms[0].image",
    ),
    "no id": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(photo_id="XYZ")]),
        "terms[0].photo_id",
    ),
    "no region": (
        search_pb2.SearchRequest(
            terms=[
                search_pb2.QueryTerm(
                    region=types.PhotoRegion(photo_id=UNKNOWN, box=types.Box(x=2, width=1))
                )
            ]
        ),
        "terms[0].region.box",
    ),
    "zero": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(text="red", weight=0)]),
        "terms[0].weight",
    ),
    "not finite": (
        search_pb2.SearchRequest(terms=[search_pb2.QueryTerm(text="red", weight=math.inf)]),
        "terms[0].weight",
    ),
    "negative weight": (
        search_pb2.SearchRequest(terms=[TERM], weights=[types.KindWeight(kind=2, weight=-1)]),
        "weights[0].weight",
    ),
    "no kind": (
        search_pb2.SearchRequest(terms=[TERM], weights=[types.KindWeight(weight=1)]),
        "weights[0].kind",
    ),
    "all hidden": (
        search_pb2.SearchRequest(
            terms=[TERM], weights=[types.KindWeight(kind=int(kind), weight=0) for kind in Kind]
        ),
        "weights",
    ),
    "limit": (search_pb2.SearchRequest(terms=[TERM], limit=1001), "limit"),
    "offset": (search_pb2.SearchRequest(terms=[TERM], offset=10_001), "offset"),
    "threshold": (search_pb2.SearchRequest(terms=[TERM], threshold=1.5), "threshold"),
    "nan threshold": (search_pb2.SearchRequest(terms=[TERM], threshold=math.nan), "threshold"),
    "aggregation": (search_pb2.SearchRequest(terms=[TERM], aggregation=9), "aggregation"),
}


async def test_every_bad_field_is_named(tmp_path: Path) -> None:
    named = {}
    async with house(tmp_path) as running:
        for name, (request, _) in BAD.items():
            with pytest.raises(errors.InvalidInput) as caught:
                await running.asked(request)
            named[name] = caught.value.field
    assert named == {name: field for name, (_, field) in BAD.items()}


async def test_an_unknown_photo_is_not_found(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        with pytest.raises(errors.NotFound, match=UNKNOWN):
            await running.search(search_pb2.QueryTerm(photo_id=UNKNOWN))


async def test_another_model_is_a_mismatch_until_the_right_one_is_back(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        running.detector.available.clear()
        ids = await filled(running)
        await running.search(TERM)
        running.embedder.fingerprint = "other"
        with pytest.raises(errors.Mismatch, match="colours-other"):
            await running.search(search_pb2.QueryTerm(text="another red"))
        running.embedder.fingerprint = "feed"
        answer = await running.search(TERM)
    assert answer.hits[0].facts.photo_id == ids["red"]


@pytest.mark.parametrize("name", ["embedder", "index"])
async def test_a_service_that_is_away_is_named(tmp_path: Path, name: str) -> None:
    async with house(tmp_path) as running:
        await filled(running)
        await running.served[name].stop()
        with pytest.raises(errors.Unavailable, match=f"the {name} does not answer"):
            await running.search(TERM)
        await running.served[name].start()
        assert (await answered_again(running)).hits


async def answered_again(running: House) -> search_pb2.SearchResponse:
    """Search until somebody listens again: connections are tried anew every two seconds."""
    for _ in range(5):
        with contextlib.suppress(errors.Unavailable):
            return await running.search(TERM)
    return await running.search(TERM)


async def test_what_was_tried_in_vain_is_not_tried_again_by_the_caller(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running)
        running.index.search_error = errors.Unavailable("no room on the disk")
        with pytest.raises(errors.Unavailable, match="no room on the disk"):
            await running.search(TERM)
        away = analysis_pb2.GetAnalysisRequest(analysis_id="away")
        with pytest.raises(errors.Unavailable, match="the index is away"):
            await clients.call(running.analysis.GetAnalysis(away))
    assert len(running.index.searches) <= 5
    assert len(running.fake_analysis.request_ids) <= 5
