"""The embedder as values."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from common import codec, errors, statuses
from gateway.calls import Service
from gateway.services import Calibration, Embedded, Encoder, Picture, Spent, TextVector
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import embedder_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types

QUICK_S = 5.0
EMBED_S = 120.0
M = TypeVar("M", pb.ImageEmbedding, pb.TextEmbedding)
T = TypeVar("T")


class EmbedderClient:
    """Satisfies `services.Embedder` and `switching.Line`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        stub = rpc.EmbedderServiceStub(service.channel)
        self._stub = cast("rpc.EmbedderServiceAsyncStub", stub)

    @property
    def address(self) -> str:
        """The "host:port" of the embedder."""
        return self._service.address

    async def ailing(self, *, most_s: float) -> str:
        """Return why the embedder is not serving, "" when it is."""
        return await self._service.ailing(most_s=most_s)

    async def close(self) -> None:
        """End the connection."""
        await self._service.close()

    async def encoder(self) -> Encoder:
        """Return the model and its limits."""
        method, request = self._stub.GetEncoderInfo, pb.GetEncoderInfoRequest()
        about = await self._service.ask(method, request, most_s=QUICK_S)
        return Encoder(
            model=about.model,
            fingerprint=about.fingerprint,
            max_images=about.max_images,
            max_regions=about.max_regions,
            max_texts=about.max_texts,
            max_text_chars=about.max_text_chars,
            calibrations=tuple(
                Calibration(one.pair, one.slope, one.offset) for one in about.calibrations
            ),
            dimension=about.dimension,
        )

    async def images(
        self, pictures: Sequence[Picture], *, fingerprint: str = ""
    ) -> Embedded[tuple[bytes, ...]]:
        """Return the vectors of each picture: one per region, or one for the whole."""
        request = pb.EmbedImagesRequest(
            images=[_regions(picture) for picture in pictures], fingerprint=fingerprint
        )
        answer = await self._service.ask(self._stub.EmbedImages, request, most_s=EMBED_S)
        _check_count(len(pictures), len(answer.embeddings))
        outcomes = (_outcome(one, _image_vectors) for one in answer.embeddings)
        return Embedded(tuple(outcomes), spent(answer.timing))

    async def texts(self, texts: Sequence[str], *, fingerprint: str = "") -> Embedded[TextVector]:
        """Return the vector of each text."""
        request = pb.EmbedTextsRequest(texts=texts, fingerprint=fingerprint)
        answer = await self._service.ask(self._stub.EmbedTexts, request, most_s=EMBED_S)
        _check_count(len(texts), len(answer.embeddings))
        outcomes = (_outcome(one, _text_vector) for one in answer.embeddings)
        return Embedded(tuple(outcomes), spent(answer.timing))


def spent(timing: types.Timing) -> Spent:
    """Return the value."""
    return Spent(timing.queue_ms, timing.compute_ms)


def _regions(picture: Picture) -> pb.ImageRegions:
    return pb.ImageRegions(
        image=picture.encoded, regions=[codec.box_to(box) for box in picture.regions]
    )


def _check_count(asked: int, answered: int) -> None:
    if asked != answered:
        raise errors.SemapixError(f"the embedder gave {answered} results for {asked} items")


def _outcome(message: M, value: Callable[[M], T]) -> T | errors.SemapixError:
    return statuses.item_error(message.status) or value(message)


def _image_vectors(message: pb.ImageEmbedding) -> tuple[bytes, ...]:
    return tuple(vector.values for vector in message.vectors)


def _text_vector(message: pb.TextEmbedding) -> TextVector:
    understood = message.understood if message.HasField("understood") else None
    return TextVector(message.vector.values, message.truncated, understood)
