"""What a request may be: which routes of Gradio are open, who may send, how much and how slowly.

Of partnerbot's own routes all are open; an address that none of them has is 404. Gradio brings some seventy
for each chat: uploads, files, a proxy, monitoring, its configuration, sign-in, editing. A chat needs the few
named here.
"""

import asyncio
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.web.refusals import inner_path, refusal

LONGEST_BODY = 256 * 1024
"""Bytes: a question and a long conversation in Japanese fit many times over."""

LONGEST_CONVERSATION = 1024 * 1024
"""Bytes: the chat page sends its conversation back, some 4 kB of JSON for each answer (transcript.py)."""

BODY_SECONDS = 10.0
"""A question takes a moment, even on a train; who sends byte after byte keeps a connection busy."""

MOST_VALUES = 5_000
"""Objects, lists and commas: a message of the chat has eight. A megabyte of JSON has room for 350,000 lists,
which cost .7 s in which no other request is served (2 cores, a busy Xeon, 2026-11-30)."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)

STREAM = "/gradio_api/queue/data"
"""Where a chat page listens for what the server says to it, below /<language>."""

OF_A_CHAT = {
    "/": "GET",
    "/theme.css": "GET",
    "/assets/{file:path}": "GET",
    "/gradio_api/info": "GET",
    STREAM: "GET",
    "/gradio_api/queue/join": "POST",
    "/gradio_api/run/predict": "POST",
    "/gradio_api/cancel": "POST",
    "/gradio_api/reset": "POST",
    # A page that lost its server asks until this is answered, then loads itself again.
    "/gradio_api/app_id": "GET",
}
"""What a chat page asks of its Gradio application, below /<language>, and how."""

PROBES = ("/health", "/ready")
"""Whoever looks after the server may share an address with its visitors."""


def only_open(gradio: ASGIApp) -> Router:
    """Return what hands on to Gradio's application what a chat page asks of it, and nothing else."""
    routes = [Route(path, gradio, methods=[method]) for path, method in OF_A_CHAT.items()]
    return Router(routes, redirect_slashes=False)


class Gate:
    """ASGI middleware that refuses what another site's page sends (403), is too long (413) or slow (408).

    HEAD is answered as GET, of which uvicorn sends no body: the libraries below know it on some routes only.
    Not for documents, which aren't even read then, nor for the stream, whose headers tell nothing: it would
    stay open, and take what is said to a chat page.
    """

    def __init__(self, app: ASGIApp, embedders: Collection[str], body_seconds: float = BODY_SECONDS) -> None:
        """`embedders`: the origins of the sites that may embed the chat; their pages may send to /api/."""
        self._app = app
        self._embedders = frozenset(embedders)
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), inner_path(scope)
        if "transfer-encoding" in headers and "content-length" in headers:
            # A proxy may have read its end elsewhere; what stands behind it is no request (RFC 9112, 6.1).
            await Response(status_code=400, headers={"Connection": "close"})(scope, receive, send)
        elif scope["method"] == "HEAD" and not path.startswith("/documents/") and not path.endswith(STREAM):
            await self._app({**scope, "method": "GET"}, receive, send)
        elif scope["method"] == "POST":
            await self._post(path, headers, scope, receive, send)
        else:
            # It changes nothing; whether another site may read the answer is for CORS to say.
            await self._app(scope, receive, send)

    async def _post(self, path: str, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._may_send(path, headers):
            await refusal(scope, "foreign_origin")(scope, receive, send)
            return
        long = "/gradio_api/" in path or path.startswith("/v1/")
        longest = LONGEST_CONVERSATION if long else LONGEST_BODY
        try:
            body = await read_body(scope, receive, longest, self._body_seconds)
        except BodyRefused as refused:
            response = refusal(scope, str(refused))
            if response.status_code == 408:
                response.headers["Connection"] = "close"
            await response(scope, receive, send)
        else:
            await self._app(scope, body, send)

    def _may_send(self, path: str, headers: Headers) -> bool:
        """Say whether what is sent to `path` may come from the page at `Origin`.

        Browsers name the site there and no page can change that; programs send none and are let through.
        """
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
        return path.startswith("/api/") and origins[0] in self._embedders


class BodyRefused(Exception):
    """A body that is not taken; why, as a key of the texts' errors."""


async def read_body(scope: Scope, receive: Receive, longest: int, seconds: float) -> Receive:
    """Read a request's body, and return what hands it on.

    Raises: BodyRefused if it is longer than `longest` bytes or has more values than any page sends, or if it
        takes more than `seconds` to come.
    """
    announced = Headers(scope=scope).get("content-length", "")
    length = int(announced) if announced.isdecimal() else 0
    read: list[Message] = []
    try:
        async with asyncio.timeout(seconds):
            while length <= longest:
                message = await receive()
                read.append(message)
                length = max(length, sum(len(each.get("body", b"")) for each in read))
                if not message.get("more_body", False):
                    break
    except TimeoutError as error:
        raise BodyRefused("too_slow") from error
    if length > longest or _values(read) > MOST_VALUES:
        raise BodyRefused("too_large")

    async def replay() -> Message:
        return read.pop(0) if read else await receive()

    return replay


def _values(read: list[Message]) -> int:
    body = b"".join(message.get("body", b"") for message in read)
    # A value has two strings at most: its name and itself.
    marks, strings = _STRING.subn(b"", body, 2 * MOST_VALUES + 2)
    # JSON in UTF-8 has no zero bytes. In UTF-16, which would be read too, strings could not be told so.
    return max(marks.count(b"{") + marks.count(b"[") + marks.count(b",") + body.count(b"\0"), strings // 2)
