"""Turns away at the door: 429 before a request is read, with an answer that is written already."""

from __future__ import annotations

import math
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from partnerbot.web.api import told_refusal
from partnerbot.web.limits.door import Door
from partnerbot.web.routes import PROBES, inner_path
from partnerbot.web.visitor_language import preferred_language

_QUESTIONS = ("/api/ask", "/gradio_api/queue/join")
_FILES = ("/static/", "/assets/")
"""A page loads dozens of these at once, and they cost little: they lie in memory, compressed."""


class TurnedAway:
    """ASGI middleware that answers 429, unread, to what the door is closed for."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = self._wait(scope) if scope["type"] == "http" else 0
        if seconds <= 0:
            await self._app(scope, receive, send)
            return
        language = preferred_language(Headers(scope=scope).get("accept-language"))
        await _refusal(language, math.ceil(seconds))(scope, receive, send)

    def _wait(self, scope: Scope) -> float:
        address = scope["client"][0] if scope.get("client") else ""
        path = inner_path(scope)
        if path in PROBES or _is_file_of_a_page(path):
            return 0
        wait = self._door.wait_to_request(address)
        if not wait and scope["method"] == "POST" and path.endswith(_QUESTIONS):
            wait = self._door.wait_to_ask(address)
        return wait


def _is_file_of_a_page(path: str) -> bool:
    # The name of a document may hold any folder's.
    return not path.startswith("/documents/") and any(files in path for files in _FILES)


@lru_cache(maxsize=1024)
def _refusal(language: str, seconds: int) -> Response:
    return told_refusal(language, 429, "too_many_questions", seconds)
