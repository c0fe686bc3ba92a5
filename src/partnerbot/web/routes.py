"""The routes that are open, and what they take from whom; all else is 404, whatever the libraries serve.

Gradio brings some seventy routes for each chat: uploads, files, a proxy, monitoring,
its configuration, sign-in, editing. A chat needs the few named here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.web.refusals import refusal
from partnerbot.web.visitor_language import preferred_language

LONGEST_BODY = 256 * 1024
"""Bytes: a question and a long conversation in Japanese fit many times over."""

LONGEST_CONVERSATION = 1024 * 1024
"""Bytes: the chat page sends its conversation back, some 4 kB of JSON for each answer (transcript.py)."""

LONGEST_PASSWORD = 4096
"""Bytes of a form with one."""


BODY_SECONDS = 10.0
"""A question takes a moment, even on a train; who sends byte after byte keeps a connection busy."""

MOST_VALUES = 5_000
"""Objects, lists and commas: a message of the chat has eight. Each object costs some 40 microseconds in which
no other request is served, and a megabyte has room for fifty thousand."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)


@dataclass(frozen=True)
class OpenRoute:
    """A method and the paths it may ask for: "{x}" is one segment, "{x:path}" any number of them.

    `longest_body`: bytes that may be sent. `embedders`: pages of the sites that may embed the chat may send.
    """

    method: str
    path: str
    longest_body: int = 0
    embedders: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the whole path must match."""
        return compile_path(self.path)[0]


OWN = (
    OpenRoute("GET", "/"),
    OpenRoute("GET", "/static/{file:path}"),
    OpenRoute("GET", "/appearance/{name}"),
    OpenRoute("GET", "/documents/{source:path}"),
    OpenRoute("HEAD", "/documents/{source:path}"),
    OpenRoute("GET", "/partnerships"),
    OpenRoute("GET", "/api/partnerships"),
    OpenRoute("POST", "/api/ask", LONGEST_BODY, embedders=True),
    OpenRoute("GET", "/api/challenge"),
    OpenRoute("POST", "/api/challenge", LONGEST_BODY, embedders=True),
    OpenRoute("POST", "/api/feedback", LONGEST_BODY, embedders=True),
    OpenRoute("GET", "/api/openapi.json"),
    OpenRoute("GET", "/health"),
    OpenRoute("GET", "/ready"),
    OpenRoute("GET", "/widget.js"),
    OpenRoute("GET", "/embed"),
    OpenRoute("GET", "/embed/preview"),
)
"""What partnerbot itself serves."""

COMPLETIONS = (
    OpenRoute("GET", "/v1/models"),
    OpenRoute("POST", "/v1/chat/completions", LONGEST_CONVERSATION),
)
"""OpenAI's protocol, where the owner opens it."""

MCP = (OpenRoute("POST", "/mcp", LONGEST_BODY),)
"""The Model Context Protocol, where the owner opens it. Nothing is kept between requests, so there is no
stream to listen to, and no session to end."""

STAFF = (
    OpenRoute("GET", "/staff"),
    OpenRoute("POST", "/staff", LONGEST_PASSWORD),
    OpenRoute("POST", "/staff/leave", LONGEST_PASSWORD),
    OpenRoute("POST", "/staff/reply", LONGEST_BODY),
    OpenRoute("POST", "/staff/answer", LONGEST_BODY),
    OpenRoute("GET", "/staff/{file}"),
)
"""The page for staff, where there is one."""

STATEMENTS = ("privacy", "legal", "accessibility")
"""Pages of text, each in every language."""

STREAM = "/gradio_api/queue/data"
"""Where a chat page listens for what the server says to it, below /<language>."""

OF_A_CHAT = (
    OpenRoute("GET", ""),
    OpenRoute("GET", "/"),
    OpenRoute("GET", "/theme.css"),
    OpenRoute("GET", "/assets/{file:path}"),
    OpenRoute("GET", "/gradio_api/info"),
    OpenRoute("GET", STREAM),
    OpenRoute("POST", "/gradio_api/queue/join", LONGEST_CONVERSATION),
    OpenRoute("POST", "/gradio_api/run/predict", LONGEST_CONVERSATION),
    OpenRoute("POST", "/gradio_api/cancel", LONGEST_CONVERSATION),
    OpenRoute("POST", "/gradio_api/reset", LONGEST_CONVERSATION),
    # A page that lost its server asks until this is answered, then loads itself again.
    OpenRoute("GET", "/gradio_api/app_id"),
)
"""What a chat page asks of its Gradio application, below /<language>."""

PROBES = ("/health", "/ready")
"""Whoever looks after the server may share an address with its visitors."""


def open_routes(languages: Sequence[str], also: Sequence[OpenRoute] = ()) -> tuple[OpenRoute, ...]:
    """Return every open route of an application with chats in these languages, and what is open besides."""
    chats = (replace(route, path=f"/{code}{route.path}") for code in languages for route in OF_A_CHAT)
    statements = (OpenRoute("GET", f"/{page}/{code}") for code in languages for page in STATEMENTS)
    return (*OWN, *also, *chats, *statements)


def inner_path(scope: Scope) -> str:
    """Return a request's path as routes are written: without the prefix of a proxy."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class Gate:
    """ASGI middleware that lets through what an open route takes.

    404 for paths that are on none, 405 for another method on one that is; 403 for what a page of another site
    sends; 413 for bodies that are too long, 408 for those that come too slowly.

    HEAD is answered as GET, without the body, where it isn't listed: the libraries below know it on some of
    their routes only. It is listed where a body is long: then it is not even read.
    """

    def __init__(
        self,
        app: ASGIApp,
        languages: Sequence[str],
        not_found: Mapping[str, Response],
        embedders: Collection[str],
        also: Sequence[OpenRoute] = (),
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        """`not_found`: the page for people who come to an address with nothing at it, by language.
        `embedders`: the origins of the sites that may embed the chat. `also`: what is open besides."""
        self._app = app
        self._routes = [(route, route.pattern) for route in open_routes(languages, also)]
        self._not_found = not_found
        self._embedders = frozenset(embedders)
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers and "content-length" in headers:
            # A proxy may have read its end elsewhere; what stands behind it is no request (RFC 9112, 6.1).
            await Response(status_code=400, headers={"Connection": "close"})(scope, receive, send)
            return
        path = inner_path(scope)
        routes = {route.method: route for route, pattern in self._routes if pattern.fullmatch(path)}
        allowed = _with_companions(set(routes), path)
        if not routes:
            await self._nothing(scope)(scope, receive, send)
        elif scope["method"] not in allowed:
            response = refusal(scope, 405, "wrong_method")
            response.headers["Allow"] = ", ".join(sorted(allowed))
            await response(scope, receive, send)
        elif scope["method"] == "HEAD":
            method = "HEAD" if "HEAD" in routes else "GET"
            await self._app({**scope, "method": method}, receive, _without_body(send))
        elif scope["method"] == "POST":
            await self._post(routes["POST"], headers, scope, receive, send)
        else:
            # It changes nothing; whether another site may read the answer is for CORS to say.
            await self._app(scope, receive, send)

    async def _post(
        self, route: OpenRoute, headers: Headers, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not self._may_send(route, headers):
            await refusal(scope, 403, "foreign_origin")(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive, route.longest_body, self._body_seconds)
        except BodyRefused as refused:
            response = refusal(scope, refused.status, refused.reason)
            if refused.status == 408:
                response.headers["Connection"] = "close"
            await response(scope, receive, send)
        else:
            await self._app(scope, body, send)

    def _may_send(self, route: OpenRoute, headers: Headers) -> bool:
        """Say whether a route takes what the page at `Origin` sends.

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
        return route.embedders and origins[0] in self._embedders

    def _nothing(self, scope: Scope) -> Response:
        """Return 404: as a page where a browser asks for one."""
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD") or "text/html" not in headers.get("accept", ""):
            return refusal(scope, 404, "not_found")
        first = inner_path(scope).split("/")[1]
        wished = preferred_language(headers.get("accept-language"), tuple(self._not_found))
        return self._not_found.get(first, self._not_found[wished])


def _with_companions(methods: set[str], path: str) -> set[str]:
    """Add HEAD where there is GET, and the question that browsers ask before another site's request.

    Not for the stream, whose headers tell nothing: it would stay open, and take what is said to a chat page.
    """
    companions = {"HEAD"} if "GET" in methods and not path.endswith(STREAM) else set()
    return methods | companions | ({"OPTIONS"} if path.startswith("/api/") else set())


def _without_body(send: Send) -> Send:
    async def send_headers(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_headers


class BodyRefused(Exception):
    """A body that is not taken: the status, and a key of the texts' errors."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


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
        raise BodyRefused(408, "too_slow") from error
    if length > longest or _values(read) > MOST_VALUES:
        raise BodyRefused(413, "too_large")

    async def replay() -> Message:
        return read.pop(0) if read else await receive()

    return replay


def _values(read: list[Message]) -> int:
    body = b"".join(message.get("body", b"") for message in read)
    # A value has two strings at most: its name and itself.
    marks, strings = _STRING.subn(b"", body, 2 * MOST_VALUES + 2)
    # JSON in UTF-8 has no zero bytes. In UTF-16, which would be read too, strings could not be told so.
    return max(marks.count(b"{") + marks.count(b"[") + marks.count(b",") + body.count(b"\0"), strings // 2)
