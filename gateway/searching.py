"""A query's way out: terms to vectors, ranked by the index, joined with what is known of photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from common import errors, images
from common.samples import Box, Kind, PhotoFacts
from gateway.encoding import Encoding
from gateway.files import Files
from gateway.models import mismatch
from gateway.photos import missing_original
from gateway.services import (
    Catalogue,
    Embedded,
    Encoder,
    Hit,
    Picture,
    QueryVector,
    Ranked,
    Ranking,
    Searching,
    Spent,
    TextVector,
    VectorQuery,
)
from gateway.weights import Defaults


@dataclass(frozen=True, slots=True)
class Term:
    """Part of a question: one of a text, an encoded picture, a photo or a region of one.

    `field` is the path of the term in the request; `weight` is finite and not 0.
    """

    field: str
    weight: float
    text: str = ""
    image: bytes = b""
    photo_id: str = ""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller asks; `ranked.weights` are the caller's."""

    terms: tuple[Term, ...]
    ranked: Ranked


@dataclass(frozen=True, slots=True)
class Answer:
    """Photos best first, with their facts; the weights that were applied to every kind."""

    hits: tuple[tuple[PhotoFacts, Hit], ...]
    revision: int
    weights: Mapping[Kind, float]
    spent: Spent
    truncated: bool


class SearchableIndex(Catalogue, Searching, Protocol):
    """What a search needs of the index."""


@dataclass(frozen=True, slots=True)
class _Vectors:
    query: VectorQuery
    spent: Spent
    truncated: bool


class Searcher:
    """Answers questions."""

    def __init__(
        self, encoding: Encoding, index: SearchableIndex, *, files: Files, defaults: Defaults
    ) -> None:
        self._encoding, self._index = encoding, index
        self._files, self._defaults = files, defaults

    async def answer(self, question: Question) -> Answer:
        """Return the photos that answer `question`.

        Raises InvalidInput naming the field, NotFound, Unavailable, and Mismatch when the embedder
        runs another model than the library was made with.
        """
        ranked = replace(question.ranked, weights=self._weights(question))
        pictures = [await self._picture(term) for term in question.terms if not term.text]
        vectors = await self._encoding.with_encoder(
            lambda encoder: self._vectors(question.terms, pictures, encoder)
        )
        ranking = await self._ranking(vectors.query, ranked)
        return Answer(
            hits=await self._joined(ranking.hits),
            revision=ranking.revision,
            weights=ranked.weights,
            spent=vectors.spent + ranking.spent,
            truncated=vectors.truncated,
        )

    def _weights(self, question: Question) -> dict[Kind, float]:
        total = sum(abs(term.weight) for term in question.terms)
        texts = sum(abs(term.weight) for term in question.terms if term.text)
        return self._defaults.applied(question.ranked.weights, text_share=texts / total)

    async def _picture(self, term: Term) -> Picture:
        """Return what to embed for a term that is not a text."""
        regions = () if term.box is None else (term.box,)
        if term.image:
            field = f"{term.field}.image"
            prepared = await self._files.pictures.from_bytes(term.image, field=field)
            return Picture(prepared.jpeg)
        try:
            path = self._files.originals.path(term.photo_id)
            return Picture((await self._files.pictures.from_file(path)).jpeg, regions)
        except FileNotFoundError:
            raise await missing_original(self._index, term.photo_id) from None
        except images.BadImage as error:
            raise errors.DataLoss(f"photo {term.photo_id}: {error}") from error

    async def _vectors(
        self, terms: Sequence[Term], pictures: Sequence[Picture], encoder: Encoder
    ) -> _Vectors:
        texts = [term.text for term in terms if term.text]
        for term in terms:
            _check_length(term, encoder)
        read = await self._encoding.texts(texts, encoder)
        seen = await self._encoding.images(pictures, encoder)
        return _Vectors(
            VectorQuery(
                vectors=_query(terms, read, seen),
                encoder=encoder,
                excluded=tuple({term.photo_id: None for term in terms if term.photo_id}),
            ),
            spent=read.spent + seen.spent,
            truncated=any(isinstance(one, TextVector) and one.truncated for one in read.outcomes),
        )

    async def _ranking(self, query: VectorQuery, ranked: Ranked) -> Ranking:
        try:
            return await self._index.search(query, ranked)
        except errors.Mismatch as error:
            raise mismatch(query.encoder) from error

    async def _joined(self, hits: Sequence[Hit]) -> tuple[tuple[PhotoFacts, Hit], ...]:
        """Return hits with facts; a photo removed meanwhile is left out."""
        if not hits:
            return ()
        entries = await self._index.entries([hit.photo_id for hit in hits], samples=False)
        return tuple(
            (entry.facts, hit)
            for entry, hit in zip(entries, hits, strict=True)
            if not isinstance(entry, errors.SemapixError)
        )


def _check_length(term: Term, encoder: Encoder) -> None:
    if len(term.text) > encoder.max_text_chars:
        raise errors.InvalidInput(
            f"{term.field}.text",
            f"{len(term.text):,} characters are more than {encoder.max_text_chars:,}",
        )


def _query(
    terms: Sequence[Term], read: Embedded[TextVector], seen: Embedded[tuple[bytes, ...]]
) -> tuple[QueryVector, ...]:
    texts, pictures = iter(read.outcomes), iter(seen.outcomes)
    return tuple(
        _part(term, next(texts)) if term.text else _part(term, next(pictures)) for term in terms
    )


def _part(term: Term, outcome: TextVector | tuple[bytes, ...] | errors.SemapixError) -> QueryVector:
    if isinstance(outcome, errors.SemapixError):
        raise errors.InvalidInput(term.field, str(outcome)) from outcome
    if isinstance(outcome, TextVector):
        return QueryVector(outcome.vector, is_text=True, weight=term.weight)
    return QueryVector(outcome[0], is_text=False, weight=term.weight)
