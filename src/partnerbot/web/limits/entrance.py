"""The way in: how many requests one client, and all of them, may have open, and how many a minute.

Who asks for more is turned away before a request is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter

from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from partnerbot.errors import NotAdmitted
from partnerbot.web.limits.client_store import CLIENTS_OF_A_SITE, Allowance, ClientStore, site, subscriber
from partnerbot.web.limits.waiting_room import RETRY_AFTER_SECONDS
from partnerbot.web.refusals import inner_path, refusal
from partnerbot.web.routes import PROBES, STREAM

_QUESTIONS = ("/api/ask", "/gradio_api/queue/join", "/v1/chat/completions", "/mcp")
_FILES = ("/static/", "/assets/")
"""A page loads dozens of these at once, and they cost little: they lie in memory, compressed."""

PATIENCE = 10
"""Refusals that the reception tells a client of; nobody who reads them needs as many."""

MOST_OF_ONE = 100
"""A chat page loads its files by six; an office behind one address has many pages."""

MOST_OF_ALL = 2_000
"""Each holds a socket: fewer where a process may not have so many files open."""

_OTHER_FILES = 300
"""Files that a process has open besides: libraries, the index, connections that ask nothing, pages drawn."""

LONGEST_SECONDS = 30 * 60.0
"""A PDF of 50 MB takes 27 minutes over a line of 256 kbit/s."""

LONGEST_STREAM_SECONDS = 10 * 60.0
"""An answer takes two minutes at most, and waits for its turn before. Gradio ends no stream that waits for
nothing."""


class Door:
    """Knows who asks on after being refused, and who sends more requests than a minute may have.

    The first refusals come from the reception, with a sentence in the chat. A program that doesn't listen to
    them is turned away at the door from then on. Both are counted in this process alone.
    """

    def __init__(self, clients: ClientStore, requests_per_minute: int) -> None:
        """`requests_per_minute`: of one client; 0: any."""
        self._own = clients.own
        self._requests = Allowance(
            "too_many_questions", requests_per_minute, by_minute=FixedWindowRateLimiter
        )

    def refused(self, address: str, retry_after_seconds: int) -> None:
        """Note that the client at `address` was told to ask again after so many seconds, and not before."""
        self._own.storage.incr(self._refusals(address), retry_after_seconds)

    def wait_to_ask(self, address: str) -> float:
        """Return the seconds until a question of that client will be heard; 0 if it is now."""
        refusals = self._refusals(address)
        if self._own.storage.get(refusals) < PATIENCE:
            return 0
        return max(0, self._own.storage.get_expiry(refusals) - time.time())

    def wait_to_request(self, address: str) -> float:
        """Count a request of that client; return the seconds until it will be served, 0 if it is now."""
        try:
            self._requests.take(self._own, address)
        except NotAdmitted as refused:
            return refused.retry_after_seconds
        return 0

    def _refusals(self, address: str) -> str:
        return f"refusals:{self._own.client(address)}"


class Entrance:
    """ASGI middleware that refuses a request while its client, or all clients, have too many open, or while
    the door is closed for it.

    The probes are always answered: a crowd must not look like a server that is dead.
    """

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        of_one: int = MOST_OF_ONE,
        of_all: int | None = None,
        longest_stream_seconds: float = LONGEST_STREAM_SECONDS,
    ) -> None:
        """`of_all`: half of it for streams; None: as many as the process may have, at most `MOST_OF_ALL`."""
        self._app = app
        self._door = door
        self._of_one = of_one
        self._of_all = most_of_all() if of_all is None else of_all
        self._longest_stream_seconds = longest_stream_seconds
        self._clients: Counter[str] = Counter()
        self._sites: Counter[str] = Counter()
        self._streams = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (path := inner_path(scope)) in PROBES:
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        client, network, is_stream = subscriber(address), site(address), path.endswith(STREAM)
        if self._clients[client] >= self._of_one or self._sites[network] >= CLIENTS_OF_A_SITE * self._of_one:
            await refusal(scope, 429, "too_many_at_once", RETRY_AFTER_SECONDS)(scope, receive, send)
        elif self._clients.total() >= self._of_all or (is_stream and self._streams >= self._of_all // 2):
            await refusal(scope, 503, "busy", RETRY_AFTER_SECONDS)(scope, receive, send)
        elif (seconds := self._wait(scope["method"], path, address)) > 0:
            await refusal(scope, 429, "too_many_questions", math.ceil(seconds))(scope, receive, send)
        else:
            self._count(client, network, is_stream, 1)
            try:
                async with asyncio.timeout(
                    self._longest_stream_seconds if is_stream else LONGEST_SECONDS
                ) as time:
                    await self._app(scope, receive, send)
            except TimeoutError:
                # The server closes the connection of a response that isn't whole.
                if not time.expired():
                    raise
            finally:
                self._count(client, network, is_stream, -1)

    def _count(self, client: str, network: str, is_stream: bool, more: int) -> None:
        self._streams += more * is_stream
        for counts, name in ((self._clients, client), (self._sites, network)):
            counts[name] += more
            if not counts[name]:
                del counts[name]

    def _wait(self, method: str, path: str, address: str) -> float:
        """Count a request; return the seconds until it will be served, 0 if it is now."""
        # The name of a document may hold any folder's.
        if not path.startswith("/documents/") and any(files in path for files in _FILES):
            return 0
        wait = self._door.wait_to_request(address)
        if not wait and method == "POST" and path.endswith(_QUESTIONS):
            wait = self._door.wait_to_ask(address)
        return wait


def allow_open_files() -> None:
    """Let this process have the files open that `MOST_OF_ALL` requests need, as far as it may decide that."""
    try:
        import resource
    except ImportError:  # Windows counts no sockets
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OF_ALL + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_of_all() -> int:
    """Return how many requests this process may have open, leaving files for all else that it opens."""
    try:
        import resource
    except ImportError:
        return MOST_OF_ALL
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_OF_ALL
    # Half of very few, rather than none.
    return min(MOST_OF_ALL, max(soft - _OTHER_FILES, soft // 2))
