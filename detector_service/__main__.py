"""`python -m detector_service`: load the models, then serve."""

import asyncio
import sys

from common import logs, server, settings
from detector_service import choice
from detector_service.looking import Lookout
from detector_service.servicer import NAME, DetectorServicer
from detector_service.settings import Settings


async def serve(lookout: Lookout, chosen: Settings) -> None:
    servicer = DetectorServicer(lookout, limits=chosen.limits, max_waiting=chosen.max_waiting)
    async with lookout.running(), servicer.running():
        await lookout.warm_up()
        await server.serve(servicer.register, names=[NAME], address=chosen.address)


if __name__ == "__main__":
    logs.start("detector")
    try:
        chosen = settings.load(Settings, "detector")
        asyncio.run(serve(choice.lookout(chosen), chosen))
    except (OSError, ValueError) as error:
        sys.exit(f"the detector service cannot run: {error}")
