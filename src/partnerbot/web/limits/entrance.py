"""The way in: how many requests one client, and all of them, may have open, and how many a minute.

Who asks for more is turned away before a request is read.
"""

import asyncio
from collections import Counter

from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from partnerbot.errors import NotAdmitted
from partnerbot.web.limits.client_store import Allowance, ClientStore, line
from partnerbot.web.limits.waiting_room import RETRY_AFTER_SECONDS
from partnerbot.web.refusals import asked_in, error_response, failure, inner_path, with_retry
from partnerbot.web.routes import PROBES, STREAM

_FILES = ("/static/", "/assets/")
"""A page loads dozens of these at once, and they cost little: they lie in memory, compressed."""

MOST_OF_ONE = 100
"""A chat page loads its files by six; an office behind one address has many pages."""

MOST_OF_ALL = 700
"""Each holds a socket. By default a process may have 1,024 files open: what is left is for libraries, the
index, connections that ask nothing, and pages that are drawn."""

LONGEST_STREAM_SECONDS = 10 * 60.0
"""An answer takes two minutes at most, and waits for its turn before. Gradio ends no stream that waits for
nothing."""


class Entrance:
    """ASGI middleware that refuses a request while its client, or all clients, have too many open, or when
    its client has sent more than a minute may have, counted in this process alone.

    The probes are always answered: a crowd must not look like a server that is dead.
    """

    def __init__(
        self,
        app: ASGIApp,
        clients: ClientStore,
        requests_per_minute: int,
        of_one: int = MOST_OF_ONE,
        of_all: int = MOST_OF_ALL,
        longest_stream_seconds: float = LONGEST_STREAM_SECONDS,
    ) -> None:
        """`requests_per_minute`: of one client; 0: any. `of_all`: half of it for streams."""
        self._app = app
        self._clients = clients
        self._requests = Allowance(
            "too_many_questions", requests_per_minute, by_minute=FixedWindowRateLimiter
        )
        self._of_one = of_one
        self._of_all = of_all
        self._longest_stream_seconds = longest_stream_seconds
        self._open: Counter[str] = Counter()
        self._streams = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (path := inner_path(scope)) in PROBES:
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        client, is_stream = line(address), path.endswith(STREAM)
        try:
            self._check(client, is_stream)
            # The name of a document may hold any folder's.
            if path.startswith("/documents/") or not any(files in path for files in _FILES):
                self._requests.take(self._clients.own, address)
        except NotAdmitted as refused:
            response = error_response(*failure(refused, asked_in(scope), contact=""))
            await with_retry(refused, response)(scope, receive, send)
            return
        self._count(client, is_stream, 1)
        try:
            async with asyncio.timeout(self._longest_stream_seconds if is_stream else None) as time:
                await self._app(scope, receive, send)
        except TimeoutError:
            # The server closes the connection of a response that isn't whole.
            if not time.expired():
                raise
        finally:
            self._count(client, is_stream, -1)

    def _check(self, client: str, is_stream: bool) -> None:
        """Raises: NotAdmitted if the client, or all, have too many open."""
        if self._open[client] >= self._of_one:
            raise NotAdmitted("too_many_at_once", RETRY_AFTER_SECONDS)
        if self._open.total() >= self._of_all or (is_stream and self._streams >= self._of_all // 2):
            raise NotAdmitted("busy", RETRY_AFTER_SECONDS)

    def _count(self, client: str, is_stream: bool, more: int) -> None:
        self._streams += more * is_stream
        self._open[client] += more
        if not self._open[client]:
            del self._open[client]
