"""The web application: the page, and the pictures beside it."""

import fastapi
import gradio as gr

from ui import client
from ui.web import access, blocks, looks, page, routes
from ui.web.settings import Settings

ICON = '<link rel="icon" type="image/svg+xml" href="static-semapix/icon.svg">'
STYLES = (
    "icons.css",
    "semapix.css",
    "frame.css",
    "pieces.css",
    "home.css",
    "photo.css",
    "status.css",
    "search.css",
    "map.css",
    "clusters.css",
    "duplicates.css",
)
MAX_FILE_SIZE = "16gb"  # of an archive; the gateway has a limit for photos


def build(library: client.Client, settings: Settings | None = None) -> fastapi.FastAPI:
    """Return the application. It asks nobody but the gateway, and no font or script from afar."""
    settings = settings or Settings()
    app = fastapi.FastAPI(title=page.TITLE, docs_url=None, redoc_url=None, openapi_url=None)
    if settings.password:
        app.add_middleware(access.Password, user=settings.user, password=settings.password)
    routes.add(app, library)
    gr.mount_gradio_app(
        app,
        page.build(library),
        path="/",
        root_path=settings.root_path or None,
        head=ICON,
        css="".join(map(blocks.script, STYLES)),
        theme=looks.theme(),
        max_file_size=MAX_FILE_SIZE,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
    )
    return app
