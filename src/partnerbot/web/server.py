"""The server that runs the application."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError
from partnerbot.settings import Settings
from partnerbot.web.app import create_app
from partnerbot.web.limits.entrance import allow_open_files
from partnerbot.web.metrics import Metrics
from partnerbot.web.reception import Reception

BOUNDED_HEADS: dict[str, Any] = {"http": "h11", "h11_max_incomplete_event_size": 64 * 1024}
"""uvicorn's parser that keeps no more of an address and headers, eight times what nginx lets through by
default, and reads no request before the one ahead of it is answered."""

log = logging.getLogger(__name__)

ENDING_SECONDS = 20.0
"""How long a server that is told to end still answers, beside the time that a language model is given: a full
waiting room takes half of it."""


class _Server(uvicorn.Server):
    """A server that says where it listens once it does, and ends when it has answered who had asked."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self._reception: Reception = app.state.reception
        self._settings = settings

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            told = f"partnerbot answers at http://{host}:{port}/"
            if self._settings.log == "json":
                log.info(told)
            else:
                print(told, file=sys.stderr, flush=True)

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Take no more connections, let the answers under way end, then close what is open."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        clock = asyncio.get_running_loop().time
        until = clock() + ENDING_SECONDS + (self._settings.llm_answer_seconds if self._settings.llm else 0)
        while self._reception.under_way and not self.force_exit and clock() < until:
            await asyncio.sleep(0.1)
        await super().shutdown(sockets)


def serve(bot: Partnerbot, host: str, port: int) -> None:
    """Serve until told to end; port 0 takes a free one. The address is told on stderr.

    Raises: ConfigurationError if the server can't listen there, or not where the settings have figures asked
        for; ModelUnavailable if what counts them is not installed.
    """
    settings = bot.settings
    refusal = f"The server can't listen on {host}:{port}. Choose another port: PARTNERBOT_PORT, or --port."
    try:
        # Looked at first: an application that has begun to read ahead can't be ended cleanly at once.
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise ConfigurationError(refusal) from error
    allow_open_files()
    metrics = Metrics(bot) if settings.metrics_port else None
    if metrics is not None:
        metrics.serve(settings.metrics_host, settings.metrics_port)
    app = create_app(bot, metrics=metrics)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        **BOUNDED_HEADS,
        server_header=False,
        # The application believes proxies by its own settings.
        proxy_headers=False,
        # Visitors' addresses and questions are not to be written down.
        access_log=False,
        log_config=None,
        log_level="warning",
        # A chat page keeps a connection open; it must not keep the server from ending.
        timeout_graceful_shutdown=3,
    )
    server = _Server(config, app, settings)
    try:
        server.run()
    except SystemExit as stopped:
        raise ConfigurationError(refusal) from stopped
