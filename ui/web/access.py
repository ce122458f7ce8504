"""A password before everything that the page serves: HTTP Basic (RFC 7617).

One layer before Gradio's routes and ours, so that no picture and no API call goes round it, and
so that scripts and reverse proxies can log in by a header.
"""

import base64
import binascii
import secrets

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS = ("/healthz",)
_ASK = {"WWW-Authenticate": 'Basic realm="Semapix", charset="UTF-8"', "Cache-Control": "no-store"}


class Password:
    """Lets in who knows user and password; the paths in `OPEN_PATHS` tell nothing and stay open."""

    def __init__(self, app: ASGIApp, *, user: str, password: str) -> None:
        self._app = app
        self._expected = f"{user}:{password}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 without the right header."""
        guarded = scope["type"] in ("http", "websocket") and scope["path"] not in OPEN_PATHS
        if guarded and not self._admits(Headers(scope=scope).get("authorization", "")):
            refusal = PlainTextResponse("user and password, please", status_code=401, headers=_ASK)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _admits(self, header: str) -> bool:
        scheme, _, encoded = header.partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and secrets.compare_digest(given, self._expected)
