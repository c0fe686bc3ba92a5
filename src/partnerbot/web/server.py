"""The server that runs the application."""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn

from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError
from partnerbot.web.app import create_app
from partnerbot.web.limits.entrance import allow_open_files

BOUNDED_HEADS: dict[str, Any] = {"http": "h11", "h11_max_incomplete_event_size": 64 * 1024}
"""uvicorn's parser that keeps no more of an address and headers, eight times what nginx lets through by
default, and reads no request before the one ahead of it is answered."""


class _AnnouncedServer(uvicorn.Server):
    """A server that says where it listens once it does."""

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(f"partnerbot answers at http://{host}:{port}/", file=sys.stderr, flush=True)


def serve(bot: Partnerbot, host: str, port: int) -> None:
    """Serve until interrupted; port 0 takes a free one. The address is told on stderr.

    Raises: ConfigurationError if the server can't listen there.
    """
    refusal = f"The server can't listen on {host}:{port}. Choose another port: PARTNERBOT_PORT, or --port."
    try:
        # Looked at first: an application that has begun to read ahead can't be ended cleanly at once.
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise ConfigurationError(refusal) from error
    allow_open_files()
    config = uvicorn.Config(
        create_app(bot),
        host=host,
        port=port,
        **BOUNDED_HEADS,
        server_header=False,
        # The application believes proxies by its own settings.
        proxy_headers=False,
        # Visitors' addresses and questions are not to be written down.
        access_log=False,
        log_level="warning",
        # A chat page keeps a connection open; it must not keep the server from ending.
        timeout_graceful_shutdown=3,
    )
    server = _AnnouncedServer(config)
    try:
        server.run()
    except SystemExit as stopped:
        raise ConfigurationError(refusal) from stopped
