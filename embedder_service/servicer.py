"""The rpc face of the embedder: checks requests, turns messages into values and back."""

from collections.abc import Sequence

from common import codec, errors, statuses, vectors
from common.samples import Box
from common.server import Register
from common.vectors import Floats
from embedder_service import texts
from embedder_service.embedding import Embedding, Spent, TextVector
from embedder_service.preparation import Wanted
from embedder_service.settings import Settings
from semapix.v1 import embedder_pb2 as pb
from semapix.v1 import embedder_pb2_grpc as rpc
from semapix.v1 import types_pb2 as types

NAME = pb.DESCRIPTOR.services_by_name["EmbedderService"].full_name


def registered(embedding: Embedding, settings: Settings) -> Register:
    """Return what adds the service to a server."""
    return lambda to: rpc.add_EmbedderServiceServicer_to_server(
        EmbedderServicer(embedding, settings), to
    )


class EmbedderServicer(rpc.EmbedderServiceServicer):
    """Pictures and texts to vectors."""

    def __init__(self, embedding: Embedding, settings: Settings) -> None:
        self._embedding, self._settings = embedding, settings

    async def GetEncoderInfo(
        self, request: pb.GetEncoderInfoRequest, context: object
    ) -> pb.GetEncoderInfoResponse:
        about, limits = self._embedding.encoder.about, self._settings
        return pb.GetEncoderInfoResponse(
            model=about.model,
            fingerprint=about.fingerprint,
            dimension=about.dimension,
            device=about.device,
            precision=about.precision,
            max_images=limits.max_images,
            max_image_bytes=limits.max_image_bytes,
            max_regions=limits.max_regions,
            max_texts=limits.max_texts,
            max_text_chars=limits.max_text_chars,
            calibrations=[
                types.Calibration(pair=int(pair), slope=value.slope, offset=value.offset)  # type: ignore[arg-type]
                for pair, value in about.calibrations.items()
            ],
            last_batch=_timing(self._embedding.last),
        )

    async def EmbedImages(
        self, request: pb.EmbedImagesRequest, context: object
    ) -> pb.EmbedImagesResponse:
        self._check_fingerprint(request.fingerprint)
        self._check_images(request.images)
        wanted = [_wanted(message, f"images[{n}]") for n, message in enumerate(request.images)]
        answered = await self._embedding.of_pictures(
            [one for one in wanted if isinstance(one, Wanted)]
        )
        outcomes = iter(answered.outcomes)
        return pb.EmbedImagesResponse(
            embeddings=[
                _image_embedding(next(outcomes) if isinstance(one, Wanted) else one)
                for one in wanted
            ],
            fingerprint=self._embedding.encoder.about.fingerprint,
            timing=_timing(answered.spent),
        )

    async def EmbedTexts(
        self, request: pb.EmbedTextsRequest, context: object
    ) -> pb.EmbedTextsResponse:
        self._check_fingerprint(request.fingerprint)
        self._check_texts(request.texts)
        wanted = [texts.normalised(text) for text in request.texts]
        answered = await self._embedding.of_texts([text for text in wanted if text])
        outcomes = iter(answered.outcomes)
        return pb.EmbedTextsResponse(
            embeddings=[
                _text_embedding(next(outcomes) if text else _blank(n))
                for n, text in enumerate(wanted)
            ],
            fingerprint=self._embedding.encoder.about.fingerprint,
            timing=_timing(answered.spent),
        )

    def _check_fingerprint(self, wanted: str) -> None:
        about = self._embedding.encoder.about
        if wanted and wanted != about.fingerprint:
            raise errors.Mismatch(
                f"the model {about.model} has the fingerprint {about.fingerprint}, the request "
                f"wants {wanted}: start the embedder with the model of the library"
            )

    def _check_images(self, messages: Sequence[pb.ImageRegions]) -> None:
        _check_count("images", len(messages), self._settings.max_images)
        for number, message in enumerate(messages):
            field, limit = f"images[{number}].image", self._settings.max_image_bytes
            if len(message.image) > limit:
                raise errors.InvalidInput(
                    field,
                    f"{len(message.image):,} bytes are more than {limit:,}: send a smaller copy",
                )
            if len(message.regions) > self._settings.max_regions:
                _check_count(
                    f"images[{number}].regions", len(message.regions), self._settings.max_regions
                )

    def _check_texts(self, wanted: Sequence[str]) -> None:
        _check_count("texts", len(wanted), self._settings.max_texts)
        limit = self._settings.max_text_chars
        for number, text in enumerate(wanted):
            if len(text) > limit:
                raise errors.InvalidInput(
                    f"texts[{number}]",
                    f"{len(text):,} characters are more than {limit:,}: shorten it",
                )


def _check_count(field: str, count: int, limit: int) -> None:
    if not count:
        raise errors.InvalidInput(field, "is empty: send at least one")
    if count > limit:
        raise errors.InvalidInput(field, f"holds {count}, at most {limit} may be sent at once")


def _wanted(message: pb.ImageRegions, field: str) -> Wanted | errors.InvalidInput:
    """Return what to embed, or which region does not lie within the picture."""
    try:
        regions: tuple[Box, ...] = tuple(
            codec.box_from(box, f"{field}.regions[{number}]")
            for number, box in enumerate(message.regions)
        )
    except errors.InvalidInput as error:
        return error
    return Wanted(message.image, regions, field)


def _blank(number: int) -> errors.InvalidInput:
    return errors.InvalidInput(f"texts[{number}]", "is blank: there is nothing to embed")


def _image_embedding(outcome: list[Floats] | errors.SemapixError) -> pb.ImageEmbedding:
    if isinstance(outcome, errors.SemapixError):
        return pb.ImageEmbedding(status=statuses.item(outcome))
    return pb.ImageEmbedding(
        status=statuses.item(), vectors=[types.Vector(values=vectors.pack(one)) for one in outcome]
    )


def _text_embedding(outcome: TextVector | errors.SemapixError) -> pb.TextEmbedding:
    if isinstance(outcome, errors.SemapixError):
        return pb.TextEmbedding(status=statuses.item(outcome))
    return pb.TextEmbedding(
        status=statuses.item(),
        vector=types.Vector(values=vectors.pack(outcome.vector)),
        truncated=outcome.truncated,
        understood=outcome.understood,
    )


def _timing(spent: Spent) -> types.Timing:
    return types.Timing(queue_ms=spent.queue_ms, compute_ms=spent.compute_ms)
