"""A query's way out: terms to vectors, ranked by the index."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from common import errors, images
from common.samples import Kind
from gateway import records
from gateway.encoding import Encoding
from gateway.files import Files
from gateway.models import mismatch
from gateway.photos import missing_original
from gateway.query_vectors import QueryVectors, Vectors
from gateway.questions import Answer, Question, Ranked, Ranking, Searching, Term, VectorQuery
from gateway.services import Catalogue, Encoder, Picture
from gateway.weights import Defaults


class SearchableIndex(Catalogue, Searching, Protocol):
    """What a search needs of the index."""


class Searcher:
    """Answers questions."""

    def __init__(
        self, encoding: Encoding, index: SearchableIndex, *, files: Files, defaults: Defaults
    ) -> None:
        self._encoding, self._index = encoding, index
        self._files, self._defaults = files, defaults
        self._vectors = QueryVectors(encoding)

    async def answer(self, question: Question) -> Answer:
        """Return the photos that answer `question`.

        Raises InvalidInput naming the field, NotFound, Unavailable, and Mismatch when the embedder
        runs another model than the library was made with. Without terms no embedder is asked.
        """
        if not question.terms:
            ranking = await self._index.search(VectorQuery(), question.ranked)
            return Answer(ranking, {}, ranking.spent)
        ranked = replace(question.ranked, weights=self._weights(question))
        pictures = [await self._picture(term) for term in question.terms]

        async def asked(encoder: Encoder) -> tuple[Vectors, Ranking]:
            query, vectors = await self._query(question.terms, pictures, encoder)
            return vectors, await self._ranking(query, ranked)

        # Once more with the new model where the library was embedded anew in between.
        vectors, ranking = await self._encoding.with_encoder(asked)
        return Answer(
            ranking,
            ranked.weights,
            vectors.spent + ranking.spent,
            vectors.truncated,
            None if ranked.raw else vectors.understood,
        )

    def _weights(self, question: Question) -> dict[Kind, float]:
        total = sum(abs(term.weight) for term in question.terms)
        texts = sum(abs(term.weight) for term in question.terms if term.is_text)
        return self._defaults.applied(question.ranked.weights, text_share=texts / total)

    async def _picture(self, term: Term) -> Picture | None:
        """Return what to embed for a term that is a picture."""
        if term.image:
            field = f"{term.field}.image"
            prepared = await self._files.pictures.from_bytes(term.image, field=field)
            return Picture(prepared.jpeg)
        return await self._photo(term) if term.photo_id else None

    async def _photo(self, term: Term) -> Picture:
        if not await records.knows(self._index, term.photo_id):
            raise errors.NotFound(f"there is no photo {term.photo_id}")
        regions = () if term.box is None else (term.box,)
        try:
            path = self._files.originals.path(term.photo_id)
            return Picture((await self._files.pictures.from_file(path)).jpeg, regions)
        except FileNotFoundError:
            raise await missing_original(self._index, term.photo_id) from None
        except images.BadImage as error:
            raise errors.DataLoss(f"photo {term.photo_id}: {error}") from error

    async def _query(
        self, terms: Sequence[Term], pictures: Sequence[Picture | None], encoder: Encoder
    ) -> tuple[VectorQuery, Vectors]:
        for term in terms:
            _check_length(term, encoder)
        vectors = await self._vectors.of(terms, pictures, encoder)
        excluded = tuple({term.photo_id: None for term in terms if term.photo_id})
        return VectorQuery(vectors.vectors, encoder, excluded), vectors

    async def _ranking(self, query: VectorQuery, ranked: Ranked) -> Ranking:
        try:
            return await self._index.search(query, ranked)
        except errors.Mismatch as error:
            raise (mismatch(query.encoder) if query.encoder else error) from error


def _check_length(term: Term, encoder: Encoder) -> None:
    if len(term.text) > encoder.max_text_chars:
        raise errors.InvalidInput(
            f"{term.field}.text",
            f"{len(term.text):,} characters are more than {encoder.max_text_chars:,}",
        )
