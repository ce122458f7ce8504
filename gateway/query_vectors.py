"""Terms of questions as vectors; those of recent texts and pictures are kept, pages ask again."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from common import errors
from gateway.encoding import Encoding
from gateway.questions import QueryVector, Term
from gateway.services import Embedded, Encoder, Picture, Spent, TextVector

KEPT = 512


@dataclass(frozen=True, slots=True)
class Vectors:
    """One vector per term, in order; `truncated` if the model did not read all of a text."""

    vectors: tuple[QueryVector, ...]
    spent: Spent
    truncated: bool

    @property
    def understood(self) -> float | None:
        """How likely the model makes sense of the text that it knows least of those looked for."""
        known = [(one.weight > 0, one.understood) for one in self.vectors if one.is_text]
        wanted = any(pulls for pulls, _ in known)
        told = (understood for pulls, understood in known if pulls == wanted)
        return min((one for one in told if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term, what to embed for it if it is neither text nor vector, and the key of its vector."""

    term: Term
    picture: Picture | None
    key: str


class Recent:
    """The last vectors made, by what they are of. Used from one event loop."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._vectors: OrderedDict[str, TextVector] = OrderedDict()

    def get(self, key: str) -> TextVector | None:
        """Return the vector, which counts as used now."""
        if key in self._vectors:
            self._vectors.move_to_end(key)
        return self._vectors.get(key)

    def put(self, key: str, vector: TextVector) -> None:
        """Keep a vector; the one unused for longest goes if there are too many."""
        self._vectors[key] = vector
        self._vectors.move_to_end(key)
        while len(self._vectors) > self._most:
            self._vectors.popitem(last=False)


class QueryVectors:
    """Makes the vectors of terms."""

    def __init__(self, encoding: Encoding, *, kept: int = KEPT) -> None:
        self._encoding, self._recent = encoding, Recent(kept)

    async def of(
        self, terms: Sequence[Term], pictures: Sequence[Picture | None], encoder: Encoder
    ) -> Vectors:
        """Return the vectors; `pictures` has what to embed for a term that is a picture.

        Raises InvalidInput naming the term, and Mismatch for a vector of another model.
        """
        pairs = zip(terms, pictures, strict=True)
        wanted = [Wanted(term, picture, _key(term, picture, encoder)) for term, picture in pairs]
        made = {one.key: found for one in wanted if (found := self._found(one, encoder))}
        texts = [one for one in wanted if one.key not in made and not one.picture]
        seen = [one for one in wanted if one.key not in made and one.picture]
        read = await self._encoding.texts([one.term.text for one in texts], encoder)
        looked = await self._encoding.images([one.picture for one in seen if one.picture], encoder)
        made |= self._kept(texts, read) | self._kept(seen, looked)
        vectors = [made[one.key] for one in wanted]
        return Vectors(
            tuple(
                QueryVector(vector.vector, term.is_text, term.weight, vector.understood)
                for vector, term in zip(vectors, terms, strict=True)
            ),
            read.spent + looked.spent,
            truncated=any(vector.truncated for vector in vectors),
        )

    def _found(self, wanted: Wanted, encoder: Encoder) -> TextVector | None:
        """Return the vector that need not be made, if there is one."""
        raw = wanted.term.raw
        if raw is None:
            return self._recent.get(wanted.key)
        if raw.fingerprint != encoder.fingerprint:
            raise errors.Mismatch(
                f"{wanted.term.field}.embedding was made by the model {raw.fingerprint!r}, the "
                f"library's is {encoder.fingerprint!r} ({encoder.model}): make it again with that"
            )
        return TextVector(raw.vector)

    def _kept(
        self,
        wanted: Sequence[Wanted],
        embedded: Embedded[TextVector] | Embedded[tuple[bytes, ...]],
    ) -> dict[str, TextVector]:
        made = {}
        for one, outcome in zip(wanted, embedded.outcomes, strict=True):
            if isinstance(outcome, errors.SemapixError):
                raise errors.InvalidInput(one.term.field, str(outcome)) from outcome
            vector = outcome if isinstance(outcome, TextVector) else TextVector(outcome[0])
            self._recent.put(one.key, vector)
            made[one.key] = vector
        return made


def _key(term: Term, picture: Picture | None, encoder: Encoder) -> str:
    """Return what tells apart the vectors of different models and contents."""
    boxes = picture.regions if picture else ()
    kind = "raw" if term.raw else type(picture).__name__
    digest = hashlib.sha256(_content(term, picture)).hexdigest()
    return f"{encoder.fingerprint} {kind} {boxes} {digest}"


def _content(term: Term, picture: Picture | None) -> bytes:
    if term.raw:
        return term.raw.vector
    return picture.encoded if picture else term.text.encode()
