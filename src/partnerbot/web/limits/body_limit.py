"""Refuses bodies that are too long or too slow, before anything reads them, and too long a page's name."""

from __future__ import annotations

import asyncio
import re

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.web.api import refusal

LONGEST_BODY = 256 * 1024
"""Bytes: a question and a long conversation in Japanese fit many times over."""


BODY_SECONDS = 10.0
"""A question takes a moment, even on a train; who sends byte after byte keeps a connection busy."""


MOST_VALUES = 5_000
"""Objects, lists and commas: a message of the chat has eight. Each object costs some 40 microseconds in which
no other request is served, and a megabyte has room for fifty thousand."""

LONGEST_SESSION = 64
"""Characters of the name that a chat page gives itself, `session_hash`: Gradio's own have eleven."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)


class BodyLimit:
    """ASGI middleware for what is sent below a path: 413 for longer bodies, 408 for slower ones.

    413 also for a body of JSON with more values than any page sends.
    """

    def __init__(
        self, app: ASGIApp, path: str, longest: int = LONGEST_BODY, seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._seconds = seconds
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
        try:
            async with asyncio.timeout(self._seconds):
                while max(length, counted) <= self._longest:
                    message = await receive()
                    read.append(message)
                    counted += len(message.get("body", b""))
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            response = refusal(scope, 408, "too_slow")
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        if max(length, counted) > self._longest or _values(read) > MOST_VALUES:
            await refusal(scope, 413, "too_large")(scope, receive, send)
            return

        async def replay() -> Message:
            return read.pop(0) if read else await receive()

        await self._app(scope, replay, send)


async def refuse_long_session(request: Request) -> None:
    """Refuse what comes from a chat page of too long a name; Gradio remembers the names of thousands.

    A dependency of Gradio's routes, so that a body is read once, and as Gradio reads it.

    Raises: RequestValidationError.
    """
    if request.method != "POST":
        return
    try:
        body = await request.json()
    except ValueError:  # the route refuses it
        return
    session = body.get("session_hash") if isinstance(body, dict) else None
    if isinstance(session, str) and len(session) > LONGEST_SESSION:
        told = f"String should have at most {LONGEST_SESSION} characters"
        raise RequestValidationError([{"loc": ("body", "session_hash"), "msg": told}])


def _values(read: list[Message]) -> int:
    body = b"".join(message.get("body", b"") for message in read)
    # A value has two strings at most: its name and itself.
    marks, strings = _STRING.subn(b"", body, 2 * MOST_VALUES + 2)
    # JSON in UTF-8 has no zero bytes. In UTF-16, which would be read too, strings could not be told so.
    return max(marks.count(b"{") + marks.count(b"[") + marks.count(b",") + body.count(b"\0"), strings // 2)
