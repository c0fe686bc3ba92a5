"""Which sites may send requests from a visitor's browser: this one, and those the owner allowed."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from partnerbot.web.api import refusal
from partnerbot.web.routes import inner_path

_HARMLESS = ("GET", "HEAD", "OPTIONS")
"""They change nothing; whether another site may read the answer is for CORS to say."""


class OriginCheck:
    """ASGI middleware that answers 403 to what a page of another site sends.

    Browsers name the site in Origin and no page can change that; programs send none and are let
    through. Sites that may embed the chat may use the API, and no other route.
    """

    def __init__(self, app: ASGIApp, embedders: tuple[str, ...]) -> None:
        self._app = app
        self._embedders = frozenset(embedders)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _HARMLESS or self._may_send(scope):
            await self._app(scope, receive, send)
            return
        await refusal(scope, 403, "foreign_origin")(scope, receive, send)

    def _may_send(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        if not origins:
            return True
        if len(origins) > 1:
            return False
        # Behind a proxy that ends TLS the scheme may differ, and the host alone says whose page it is.
        # It comes first: the chat's own site may be among those that embed it.
        try:
            if urlsplit(origins[0]).netloc == headers.get("host"):
                return True
        except ValueError:
            return False
        return origins[0] in self._embedders and inner_path(scope).startswith("/api/")
