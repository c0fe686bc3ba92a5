"""How many requests one client, and all of them, may have open at a time."""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from partnerbot.web.api import refusal
from partnerbot.web.client_store import subscriber
from partnerbot.web.waiting_room import RETRY_AFTER_SECONDS

MOST_OF_ONE = 100
"""A chat page holds one open and loads its files by six; an office behind one address has many pages."""

MOST_OF_ALL = 2_000
"""Each holds a socket. The usual limit of a process is 1,024 files on old systems, far more today."""


class OpenRequests:
    """ASGI middleware that refuses a request while its client, or all clients, have too many open."""

    def __init__(self, app: ASGIApp, of_one: int = MOST_OF_ONE, of_all: int = MOST_OF_ALL) -> None:
        self._app = app
        self._of_one = of_one
        self._of_all = of_all
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = subscriber(scope["client"][0]) if scope.get("client") else ""
        if self._open[client] >= self._of_one:
            await self._refuse(429, "too_many_at_once", scope, receive, send)
        elif self._open.total() >= self._of_all:
            await self._refuse(503, "busy", scope, receive, send)
        else:
            self._open[client] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open[client] -= 1
                if not self._open[client]:
                    del self._open[client]

    async def _refuse(self, status: int, reason: str, scope: Scope, receive: Receive, send: Send) -> None:
        response = refusal(scope, status, reason, RETRY_AFTER_SECONDS)
        await response(scope, receive, send)
