"""`python -m gateway`: open the library's files, then serve."""

import asyncio

from common import errors, logs, server, settings
from gateway import wiring
from gateway.settings import Settings


async def serve(chosen: Settings) -> None:
    """Serve until told to stop."""
    async with wiring.wired(chosen) as register:
        await server.serve(register, names=wiring.NAMES, address=chosen.address)


if __name__ == "__main__":
    logs.start("gateway")
    try:
        asyncio.run(serve(settings.load(Settings, "gateway")))
    except (errors.SemapixError, OSError, ValueError) as error:
        raise SystemExit(f"the gateway cannot run: {error}") from error
