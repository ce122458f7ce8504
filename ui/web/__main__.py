"""Starts the web page: `python -m ui.web`."""

import uvicorn

from common import logs
from common.settings import load
from ui import client
from ui.web import app
from ui.web.settings import Settings


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.start("web")
    settings = load(Settings, "web")
    with client.Client(settings.gateway) as library:
        uvicorn.run(
            app.build(library, settings), host=settings.host, port=settings.port, log_config=None
        )


if __name__ == "__main__":
    main()
