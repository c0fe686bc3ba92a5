"""Refuses requests to the API whose body is too long, before anything reads them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.web.api import error_response
from partnerbot.web.language import preferred_language
from partnerbot.web.texts import texts_of

LONGEST_BODY = 256 * 1024
"""Bytes: a question and a long conversation in Japanese fit many times over."""


class BodyLimit:
    """ASGI middleware that answers 413 for longer bodies below a path, by header or by counting."""

    def __init__(self, app: ASGIApp, path: str, longest: int = LONGEST_BODY) -> None:
        self._app = app
        self._path = path
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(scope.get("root_path", "") + self._path):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "")
        read: list[Message] = []
        length = int(announced) if announced.isdecimal() else 0
        counted = 0
        while max(length, counted) <= self._longest:
            message = await receive()
            read.append(message)
            counted += len(message.get("body", b""))
            if not message.get("more_body", False):
                break
        if max(length, counted) > self._longest:
            errors = texts_of(preferred_language(request.headers.get("accept-language"))).errors
            await error_response(413, "too_large", errors.too_large)(scope, receive, send)
            return

        async def replay() -> Message:
            return read.pop(0) if read else await receive()

        await self._app(scope, replay, send)
