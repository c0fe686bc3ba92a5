"""A local server that speaks the protocols of OpenAI and Ollama, and misbehaves when told to."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from waiting import PATIENCE_SECONDS

SENTENCE = "Le charme de la ville est connu de tous depuis longtemps et pour toujours."
"""A sentence that no document carries, and that cites nothing."""


class ChatServer(ThreadingHTTPServer):
    """`behave` answers each request; `requests` keeps bodies and headers.

    `waited_for` is set while `wait_for_the_end` runs, `left` once it has seen the client go,
    `outwaited` when a client has waited until the server itself gave up.
    """

    daemon_threads = True

    def __init__(self, behave: Callable[[ChatHandler], None]) -> None:
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.behave = behave
        self.requests: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.released = threading.Event()
        self.waited_for = threading.Event()
        self.left = threading.Event()
        self.outwaited = threading.Event()

    @property
    def root(self) -> str:
        """Where it answers in Ollama's protocol."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """Where it answers in OpenAI's protocol."""
        return f"{self.root}/v1"


class ChatHandler(BaseHTTPRequestHandler):
    """One request to the chat completions."""

    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((body, dict(self.headers)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client has had enough
            self.server.behave(self)

    def log_message(self, *_: object) -> None:
        pass

    @property
    def prompt(self) -> str:
        """The whole prompt of this request."""
        return "\n\n".join(message["content"] for message in self.server.requests[-1][0]["messages"])

    def fail(self, status: int, body: str, kind: str = "application/json") -> None:
        """Answer with a status and a body."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    @property
    def is_ollama(self) -> bool:
        """True if this request is in Ollama's protocol."""
        return self.path.endswith("/api/chat")

    def begin(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        kind = "application/x-ndjson" if self.is_ollama else "text/event-stream"
        self.send_header("Content-Type", kind)
        self.end_headers()

    def say(self, text: str) -> None:
        """Stream a piece of text."""
        if self.is_ollama:
            self._line({"message": {"role": "assistant", "content": text}, "done": False})
            return
        delta = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
        self.event({"choices": [delta]})

    def event(self, fields: dict[str, Any]) -> None:
        """Stream one event."""
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", **fields}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def end(self, reason: str = "stop") -> None:
        """End a stream properly; "length": since the cap on tokens is reached."""
        if self.is_ollama:
            counts = {"prompt_eval_count": 900, "eval_count": 30, "done_reason": reason}
            self._line({"message": {"role": "assistant", "content": ""}, "done": True, **counts})
            return
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        self.wfile.write(b"data: [DONE]\n\n")

    def _line(self, fields: dict[str, Any]) -> None:
        chunk = {"model": "m", "created_at": "2026-11-01T02:00:00Z", **fields}
        self.wfile.write(json.dumps(chunk).encode() + b"\n")
        self.wfile.flush()

    def wait_for_the_end(self) -> None:
        """Say nothing until the client ends the request."""
        self.server.waited_for.set()
        with contextlib.suppress(ConnectionResetError):
            assert self.connection.recv(1) == b""
        self.server.left.set()

    def hang(self) -> None:
        """Say nothing until the test ends, or the client has waited for far too long."""
        if not self.server.released.wait(PATIENCE_SECONDS):
            self.server.outwaited.set()


@contextmanager
def chat_server(behave: Callable[[ChatHandler], None]) -> Iterator[ChatServer]:
    """Run a server for the block."""
    server = ChatServer(behave)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def saying(text: str, end: str = "stop") -> Callable[[ChatHandler], None]:
    """Answer every request with a text, a few characters at a time; `end`: the reason told at its end."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        for start in range(0, len(text), 6):
            handler.say(text[start : start + 6])
        handler.end(end)

    return behave


def _html(handler: ChatHandler) -> None:
    handler.fail(200, "<!doctype html><title>Portal</title><h1>Sign in</h1>", "text/html")


def _stall(handler: ChatHandler) -> None:
    handler.begin()
    handler.hang()


def _stall_midway(handler: ChatHandler) -> None:
    handler.begin()
    handler.say("Le charme de la")
    handler.hang()


def _cut(handler: ChatHandler) -> None:
    handler.begin()
    handler.say("Le charme de la")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def _endless(handler: ChatHandler) -> None:
    handler.begin()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not handler.server.released.wait(0.001):
        handler.say(f"{SENTENCE} ")
        if time.monotonic() > deadline:
            handler.server.outwaited.set()
            return


FAULTS: dict[str, Callable[[ChatHandler], None]] = {
    "401": lambda handler: handler.fail(401, '{"error": {"message": "Incorrect API key: sk-secret"}}'),
    "429": lambda handler: handler.fail(429, '{"error": {"message": "Rate limit"}}'),
    "500": lambda handler: handler.fail(500, '{"error": {"message": "Overloaded"}}'),
    "html": _html,
    "stalls before the first token": _stall,
    "stalls midway": _stall_midway,
    "cut": _cut,
    "empty": saying(""),
    "endless": _endless,
    "wrong language": saying("Die Charta wurde am 12. April 2009 unterzeichnet und gilt bis heute [1]."),
    "no citation": saying(SENTENCE),
    "not JSON": lambda handler: handler.fail(200, "data: {oops\n\n", "text/event-stream"),
}


@contextmanager
def closed_port() -> Iterator[str]:
    """Yield an address at which nothing listens, and nothing will while the block lasts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
