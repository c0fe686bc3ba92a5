"""The cable between a browser and a server: what runs through it breaks when it is pulled."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Cable:
    """A way to a server on this machine, at another address."""

    def __init__(self, server: str) -> None:
        self._port = urlsplit(server).port
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

    def cut(self) -> None:
        """Let nothing through any more."""
        self._listener.close()
        self.pull()

    def _accept(self) -> None:
        with suppress(OSError):  # it has been cut
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._port))
                self._ends += [here, there]
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
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
