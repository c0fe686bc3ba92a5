"""A small web site on a free loopback port, for tests that fetch from one."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """What is at a path. `body` may be a function that writes piece by piece, without end if it likes.

    `head`: whether it can be asked for without it."""

    body: bytes | Callable[[], Iterator[bytes]] = b""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    etag: bool = True
    last_modified: str | None = None
    packed: bool = False
    head: bool = True


@dataclass
class Site:
    """The site: what it serves, and what it was asked."""

    pages: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    sent_bytes: int = 0
    address: str = ""

    def at(self, path: str) -> str:
        """The whole address of a path."""
        return self.address + path

    @property
    def host(self) -> str:
        return self.address.partition("://")[2]

    def paths(self) -> list[str]:
        """What was asked for, in order, apart from robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def forget(self) -> None:
        self.asked.clear()
        self.sent_bytes = 0


@contextmanager
def running_site() -> Iterator[Site]:
    """Yield a site without pages; it ends with the block."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the standard library's name
            site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            served = site.pages.get(self.path)
            try:
                self._answer(served if served is not None else Served(b"no such page", 404))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def do_HEAD(self) -> None:
            site.heads.append(self.path)
            served = site.pages.get(self.path, Served(status=404))
            self._head(served.status if served.head else 405, served.headers)

        def _answer(self, served: Served) -> None:
            headers = dict(served.headers)
            if isinstance(served.body, bytes) and served.status == 200:
                if served.etag:
                    headers["ETag"] = f'"{hashlib.sha256(served.body).hexdigest()[:12]}"'
                if served.last_modified:
                    headers["Last-Modified"] = served.last_modified
                asked_for = self.headers.get("If-None-Match")
                since = self.headers.get("If-Modified-Since")
                if (asked_for and asked_for == headers.get("ETag")) or (
                    since and since == served.last_modified and asked_for is None
                ):
                    self._head(304, {})
                    return
            if not isinstance(served.body, bytes):
                self._head(served.status, {"Content-Type": served.media_type, **headers})
                for piece in served.body():
                    self.wfile.write(piece)
                    site.sent_bytes += len(piece)
                return
            body = gzip.compress(served.body) if served.packed else served.body
            if served.packed:
                headers["Content-Encoding"] = "gzip"
            headers = {"Content-Type": served.media_type, "Content-Length": str(len(body)), **headers}
            self._head(served.status, headers)
            self.wfile.write(body)
            site.sent_bytes += len(body)

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The site keeps no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
