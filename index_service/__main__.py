"""Starts index_service: `python -m index_service`."""

import asyncio

from common import errors, logs, server
from common import settings as loading
from common.batching import Batcher
from index_service import library, servicer_keeping, settings


async def main() -> None:
    """Serve one library until told to stop."""
    chosen = loading.load(settings.Settings, "index")
    with library.opened(chosen) as owned:
        writing = Batcher(owned.apply, max_batch=512, max_waiting=chosen.max_waiting)
        register = servicer_keeping.registered(owned, writing)
        async with writing.running():
            await server.serve(register, names=servicer_keeping.NAMES, address=chosen.address)


if __name__ == "__main__":
    logs.start("index")
    try:
        asyncio.run(main())
    except (errors.SemapixError, OSError, ValueError) as error:
        raise SystemExit(f"index_service cannot run: {error}") from error
