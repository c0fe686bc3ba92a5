"""Serves a bot on a free loopback port, in a thread, for tests that need a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from partnerbot.web.protocol import Bot
from partnerbot.web.server import create_app

PATIENCE_SECONDS = 60


@contextmanager
def serving(bot: Bot) -> Iterator[str]:
    """Yield the address at which the bot answers; the server ends with the block."""
    config = uvicorn.Config(
        create_app(bot),
        host="127.0.0.1",
        port=0,
        log_level="error",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        assert thread.is_alive(), "the server ended while starting"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
