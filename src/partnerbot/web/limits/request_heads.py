"""Bounds what one connection makes the server keep before a request can be looked at.

uvicorn's parser has no such bound: it keeps a head until it is whole, and a task for each request that was
sent before the one ahead of it was answered.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LONGEST_HEAD = 64 * 1024
"""Bytes of an address and headers: eight times what nginx lets through by default. Also of trailers, and of
what stands between the parts of a body."""

MOST_HEADERS = 200
"""A browser sends some twenty, and each proxy a few more. All of them are looked through several times."""

MOST_WAITING = 8
"""Requests that a connection sends before the one ahead is answered. Browsers send none."""


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol, which answers 400 and closes where a connection sends more than that."""

    _kept = 0
    """Bytes since the last head that was whole, or the last part of a body."""

    _answered: RequestResponseCycle | None = None
    """The request that is being answered; `cycle` is the last one that came."""

    def data_received(self, data: bytes) -> None:
        """Parse what has come, unless too much is unfinished after it."""
        self._kept += len(data)
        super().data_received(data)
        if self._kept > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_headers_complete(self) -> None:
        """Take a request. Raises: ValueError, which the parser's caller answers with 400."""
        self._kept = 0
        head = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if head > LONGEST_HEAD or len(self.headers) > MOST_HEADERS or len(self.pipeline) >= MOST_WAITING:
            raise ValueError("The headers are too long, or too many requests wait.")
        waiting = len(self.pipeline)
        super().on_headers_complete()
        if len(self.pipeline) == waiting:
            self._answered = self.cycle

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, which is bounded elsewhere."""
        self._kept = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Go on with the request that has waited longest."""
        if self.pipeline:
            self._answered = self.pipeline[-1][0]
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer 400 in place of all that is still to be answered, and close."""
        self._answer_no_more()
        super().send_400_response(msg)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._answer_no_more()
        super().connection_lost(exc)

    def _answer_no_more(self) -> None:
        # uvicorn tells only the last request so: answering one before it failed, with a traceback in the log.
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
