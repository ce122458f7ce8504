"""Vectors as terms, filters alone, pages by token, automatic thresholds, nonsense."""

from pathlib import Path

import pytest

from common import errors
from common.samples import Kind
from semapix.v1 import filters_pb2, search_pb2
from semapix.v1 import types_pb2 as types
from tests.contract.gateway.gateway_fakes import COLOURS, colour_vector
from tests.contract.gateway.gateway_house import House, house, photo

RED = search_pb2.QueryTerm(text="red")


def embedding(colour: str, fingerprint: str = "feed") -> search_pb2.QueryTerm:
    vector = types.Vector(values=colour_vector(COLOURS[colour]))
    return search_pb2.QueryTerm(
        embedding=search_pb2.QueryEmbedding(vector=vector, fingerprint=fingerprint, is_text=True)
    )


async def filled(running: House, *colours: str) -> list[str]:
    """Import photos; return their ids."""
    running.detector.available.clear()
    photos = [photo(colour, seed=seed) for seed, colour in enumerate(colours)]
    return [one.photo_id for one in await running.imported(*photos)]


async def test_a_vector_is_a_term_like_others(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        ids = await filled(running, "red", "blue")
        answer = await running.search(embedding("blue"))
        (asked,) = running.index.searches
    assert answer.hits[0].facts.photo_id == ids[1]
    assert asked.query[0].is_text


async def test_a_vector_of_another_model_is_a_mismatch(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red")
        with pytest.raises(errors.Mismatch, match=r"terms\[0\].embedding .* 'dead'"):
            await running.search(embedding("red", "dead"))


async def test_a_filter_alone_asks_no_embedder(tmp_path: Path) -> None:
    wanted = filters_pb2.SearchFilter(labels=["dog"], min_long_side_px=3)
    async with house(tmp_path) as running:
        await filled(running, "red", "blue")
        await running.served["embedder"].stop()
        answer = await running.asked(search_pb2.SearchRequest(filter=wanted))
        (asked,) = running.index.searches
    assert len(answer.hits) == 2
    assert asked.filter == wanted
    assert not answer.weights


async def test_pages_by_token_are_the_whole_in_pieces(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red", "green", "blue", "red", "green")
        whole = await running.search(RED)
        pages, token = [], ""
        while token or not pages:
            pages.append(await running.search(RED, limit=2, page_token=token))
            token = pages[-1].next_page_token
        shown = [one.offset for one in running.index.searches[1:]]
    ids = [hit.facts.photo_id for page in pages for hit in page.hits]
    assert ids == [hit.facts.photo_id for hit in whole.hits]
    assert [len(page.hits) for page in pages] == [2, 2, 1]
    assert shown == [0, 2, 4]
    assert running.embedder.texts == ["red"]


async def test_token_of_another_question_or_of_nobody_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red", "green", "blue")
        token = (await running.search(RED, limit=1)).next_page_token
        other = search_pb2.SearchRequest(
            terms=[search_pb2.QueryTerm(text="blue")], page_token=token
        )
        made_up = search_pb2.SearchRequest(terms=[RED], page_token="AAAA")
        both = search_pb2.SearchRequest(terms=[RED], page_token=token, offset=1)
        for request, field in ((other, "page_token"), (made_up, "page_token"), (both, "offset")):
            with pytest.raises(errors.InvalidInput) as caught:
                await running.asked(request)
            assert caught.value.field == field


async def test_automatic_threshold_is_asked_for_and_told(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red")
        answer = await running.search(RED, auto_threshold=True, threshold=0.5)
        (asked,) = running.index.searches
    assert (asked.auto_threshold, asked.threshold) == (True, 0.5)
    (told,) = answer.thresholds
    assert (told.kind, told.score, told.background) == (Kind.PHOTO, 0.75, 99)


async def test_how_well_texts_are_understood_goes_with_them_and_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red")
        running.embedder.understood = {"red": 0.75, "qwxz": 0.25}
        odd = search_pb2.QueryTerm(text="qwxz")
        answers = [
            await running.search(RED, odd, embedding("blue")),
            await running.search(RED),
            await running.search(search_pb2.QueryTerm(text="blue")),
            await running.search(odd, raw=True),
        ]
        asked = [[one.understood for one in each.query] for each in running.index.searches]
        told = [one.HasField("understood") for one in running.index.searches[0].query]
    assert [one.understood for one in answers] == [0.25, 0.75, 0.0, 0.0]
    assert [one.HasField("understood") for one in answers] == [True, True, False, False]
    assert asked == [[0.75, 0.25, 0.0], [0.75], [0.0], [0.0]]
    assert told == [True, True, False]


NOTHING = ["", " ", "\t\n", "\0", "\x07\x1b", "\u200b", "\ufe0f\u200d"]
ODD = ["qwxz", "the of and", "🐶", "!!!", "\0red", "a\x1b[31mb", "x" * 100, "ʘ‿ʘ", "\u202eder"]


@pytest.mark.parametrize("text", NOTHING)
async def test_texts_without_a_visible_letter_are_refused(tmp_path: Path, text: str) -> None:
    async with house(tmp_path) as running:
        with pytest.raises(errors.InvalidInput) as caught:
            await running.search(search_pb2.QueryTerm(text=text))
    assert caught.value.field in ("terms[0].text", "terms[0]")


async def test_odd_texts_are_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red")
        for text in ODD:
            await running.search(search_pb2.QueryTerm(text=text))
        assert all("\0" not in text and "\x1b" not in text for text in running.embedder.texts)


async def test_recent_texts_and_pictures_are_not_embedded_again(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        await filled(running, "red", "green")
        await running.search(RED)
        before = list(running.embedder.texts)
        await running.search(RED, limit=1)
        assert running.embedder.texts == before
        first = await running.search(search_pb2.QueryTerm(image=photo("green", seed=5)))
        await running.served["embedder"].stop()
        again = await running.search(search_pb2.QueryTerm(image=photo("green", seed=5)))
    assert first.hits == again.hits
