"""Pictures and points over plain HTTP: what a browser caches better than an event carries it."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import fastapi
from fastapi import responses
from fastapi.params import Path as InPath
from fastapi.params import Query
from PIL import Image

from common import errors, images
from ui import client
from ui.web import around, blocks, map_points, pictures, words

PhotoId = Annotated[str, InPath(pattern="^[0-9a-f]{64}$")]
SizePx = Annotated[int, Query(ge=16, le=1024)]
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
DAY = {"Cache-Control": "private, max-age=86400"}
NEVER = {"Cache-Control": "no-store"}
_STATUSES = {
    errors.InvalidInput: 400,
    errors.NotFound: 404,
    errors.Mismatch: 409,
    errors.Overloaded: 503,
    errors.Unavailable: 503,
    errors.TooSlow: 504,
}


def add(app: fastapi.FastAPI, library: client.Client) -> None:
    """Serve thumbnails, originals, maps and plotly.js; a photo's address never changes content."""
    app.add_exception_handler(errors.SemapixError, _refused)

    @app.get("/thumbnails/{photo_id}")
    def thumbnail(photo_id: PhotoId, size: SizePx = pictures.TILE_PX) -> fastapi.Response:
        jpeg = library.thumbnail(photo_id, size_px=size)
        return fastapi.Response(jpeg, media_type="image/jpeg", headers=FOR_EVER)

    @app.get("/originals/{photo_id}")
    def original(photo_id: PhotoId) -> fastapi.Response:
        return _original(library, photo_id)

    @app.get("/trashed/{photo_id}")
    def trashed(photo_id: PhotoId) -> fastapi.Response:
        return _trashed(library, photo_id)

    @app.get("/photos/{photo_id}/around")
    def neighbourhood(photo_id: PhotoId) -> fastapi.Response:
        return responses.HTMLResponse(around.fragment(library, photo_id), headers=NEVER)

    @app.get("/maps/{analysis_id}")
    def drawing(analysis_id: str, colour: str = "kind") -> map_points.Drawing:
        return map_points.drawing(library, analysis_id, colour)

    @app.get("/static-semapix/plotly.min.js")
    def plotly() -> fastapi.Response:
        return responses.FileResponse(_plotly(), media_type="text/javascript", headers=FOR_EVER)

    @app.get("/static-semapix/icon.svg")
    def icon() -> fastapi.Response:
        return fastapi.Response(blocks.script("icon.svg"), media_type="image/svg+xml")

    @app.get("/healthz")
    def health() -> responses.PlainTextResponse:
        return responses.PlainTextResponse("ok")


def _original(library: client.Client, photo_id: str) -> fastapi.Response:
    """Return the bytes as they came in; the first piece is fetched before the headers go out."""
    facts = library.photo(photo_id).facts
    pieces = library.original(photo_id)
    first = next(pieces, b"")

    def body() -> Iterator[bytes]:
        yield first
        yield from pieces

    name = f"inline; filename*=utf-8''{quote(words.photo_name(facts), safe='')}"
    headers = FOR_EVER | {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return responses.StreamingResponse(body(), media_type=media_type(facts.format), headers=headers)


def _trashed(library: client.Client, photo_id: str) -> fastapi.Response:
    """Return a small picture, made of the original: thumbnails of the trash are not kept.

    An original that cannot be decoded any more has an icon for a picture.
    """
    original = b"".join(library.housekeeping.stored(photo_id))
    try:
        small = images.decode(original, long_side=pictures.TILE_PX).image
    except images.BadImage:
        return fastapi.Response(blocks.script("icon.svg"), media_type="image/svg+xml")
    jpeg = images.working_copy(small, long_side=pictures.TILE_PX)
    return fastapi.Response(jpeg, media_type="image/jpeg", headers=DAY)


def media_type(image_format: str) -> str:
    """Return the media type of a format by Pillow's name; what is unknown is only bytes."""
    Image.init()
    return Image.MIME.get(image_format, "application/octet-stream")


def _plotly() -> Path:
    return Path(str(resources.files("plotly") / "package_data" / "plotly.min.js"))


def _refused(request: fastapi.Request, error: Exception) -> fastapi.Response:
    assert isinstance(error, errors.SemapixError)
    return responses.PlainTextResponse(
        words.sentence(error), status_code=_STATUSES.get(type(error), 500), headers=NEVER
    )
