"""`python -m embedder_service`: load the model, then serve."""

import asyncio

import torch

from common import logs, server, settings
from embedder_service import catalogue, hardware
from embedder_service.embedding import Embedding
from embedder_service.encoder import Encoder
from embedder_service.servicer import NAME, EmbedderServicer
from embedder_service.settings import Settings
from semapix.v1 import embedder_pb2_grpc as rpc


async def serve(encoder: Encoder, chosen: Settings) -> None:
    async with Embedding(encoder, chosen).running() as embedding:
        servicer = EmbedderServicer(embedding, chosen)
        await server.serve(
            lambda to: rpc.add_EmbedderServiceServicer_to_server(servicer, to),
            names=[NAME],
            address=chosen.address,
        )


if __name__ == "__main__":
    logs.start("embedder")
    chosen = settings.load(Settings, "embedder")
    torch.set_num_threads(chosen.threads or torch.get_num_threads())
    where = hardware.choose(chosen.device, chosen.precision)
    asyncio.run(serve(catalogue.load(chosen.model, where), chosen))
