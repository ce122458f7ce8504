"""`python -m embedder_service`: load the model, then serve."""

import asyncio

from common import logs, server, settings
from embedder_service import catalogue, servicer
from embedder_service.embedding import Embedding
from embedder_service.encoder import Encoder
from embedder_service.settings import Settings


async def serve(encoder: Encoder, chosen: Settings) -> None:
    async with Embedding(encoder, chosen).running() as embedding:
        register = servicer.registered(embedding, chosen)
        await server.serve(register, names=[servicer.NAME], address=chosen.address)


if __name__ == "__main__":
    logs.start("embedder")
    try:
        chosen = settings.load(Settings, "embedder")
        asyncio.run(serve(catalogue.chosen_by(chosen), chosen))
    except (OSError, ValueError) as error:
        raise SystemExit(f"the embedder cannot run: {error}") from error
