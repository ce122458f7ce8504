"""Starts analysis_service: `python -m analysis_service`."""

import asyncio

from analysis_service import board, clients, jobs, runner, servicer, settings, store
from common import clients as channels
from common import logs, server
from common import settings as loading


async def main() -> None:
    """Serve until told to stop."""
    chosen = loading.load(settings.Settings, "analysis")
    kept = store.Store(chosen.folder)
    known = board.Board(kept.analyses())
    async with channels.channel(chosen.index) as channel:
        source = clients.IndexClient(channel)
        run = runner.Runner(source, known, store=kept, keep=chosen.keep).run
        queue = jobs.Jobs(known, run, max_waiting=chosen.max_waiting)
        served = servicer.AnalysisServicer(source, board=known, jobs=queue, store=kept)
        async with queue.running():
            await server.serve(
                served.register, names=[servicer.NAME], address=chosen.address, at_stop=queue.stop
            )


if __name__ == "__main__":
    logs.start("analysis")
    try:
        asyncio.run(main())
    except (OSError, ValueError) as error:
        raise SystemExit(f"analysis_service cannot run: {error}") from error
