"""The server that runs the application, and what one connection may make it keep.

uvicorn's parser keeps a head until it is whole, and a task for each request that was sent before the one
ahead of it was answered; here both are bounded.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError
from partnerbot.settings import Settings
from partnerbot.web.app import create_app
from partnerbot.web.limits.entrance import allow_open_files
from partnerbot.web.metrics import Metrics
from partnerbot.web.reception import Reception

LONGEST_HEAD = 64 * 1024
"""Bytes of an address and headers: eight times what nginx lets through by default. Also of trailers, and of
what stands between the parts of a body."""

MOST_HEADERS = 200
"""A browser sends some twenty, and each proxy a few more. All of them are looked through several times."""

MOST_WAITING = 8
"""Requests that a connection sends before the one ahead is answered. Browsers send none."""


log = logging.getLogger(__name__)

ENDING_SECONDS = 20.0
"""How long a server that is told to end still answers, beside the time that a language model is given: a full
waiting room takes half of it."""


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
        http=BoundedHeads,
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
