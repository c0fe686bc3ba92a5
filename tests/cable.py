"""The cable between a browser and a server: what runs through it breaks when it is pulled."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Cable:
    """A way to a server on this machine, at another address; `server` may change while it lies."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._flows = threading.Event()
        self._flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """Where the server answers through this cable."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def pull(self) -> None:
        """Break every connection; new ones get through."""
        while self._ends:
            _close(self._ends.pop())

    def stall(self) -> None:
        """Hold all that comes, in both directions, with every connection left open."""
        self._flows.clear()

    def flow(self) -> None:
        """Let through what was held, and what comes."""
        self._flows.set()

    def cut(self) -> None:
        """Let nothing through any more."""
        self._listener.close()
        self.pull()
        self.flow()

    def _accept(self) -> None:
        with suppress(OSError):  # it has been cut
            while True:
                here, _ = self._listener.accept()
                try:
                    there = socket.create_connection(("127.0.0.1", urlsplit(self.server).port))
                except ConnectionRefusedError:
                    here.close()
                    continue
                self._ends += [here, there]
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65536):
                self._flows.wait()
                target.sendall(content)
        self._flows.wait()
        _close(target)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cable(server: str) -> Iterator[Cable]:
    """Yield a cable to the server at an address."""
    laid = Cable(server)
    try:
        yield laid
    finally:
        laid.cut()
