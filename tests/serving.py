"""Serves on a free loopback port, in a thread or a process of its own, for tests that need a real server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from partnerbot.bot import Partnerbot
from partnerbot.web.app import BOUNDED_HEADS, create_app
from scripted_bot import ScriptedBot
from waiting import PATIENCE_SECONDS, wait_until

_ADDRESS = re.compile(r"partnerbot answers at (http://127\.0\.0\.1:\d+)/")
_UNLIMITED = {
    f"PARTNERBOT_{whose}QUESTIONS_PER_{time}": "0" for whose in ("", "ALL_") for time in ("MINUTE", "DAY")
}


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def api_of(bot: Partnerbot | ScriptedBot) -> FastAPI:
    """Return the application without chat pages: Gradio takes half a second for each."""
    return create_app(bot, chats=())


@contextmanager
def serving(bot: Partnerbot | ScriptedBot, chats: Sequence[str] | None = None) -> Iterator[str]:
    """Yield the address at which the bot answers; the server ends with the block.

    `chats`: the languages that have a chat page, all by default.
    """
    config = uvicorn.Config(
        create_app(bot, chats),
        host="127.0.0.1",
        port=0,
        **BOUNDED_HEADS,
        log_level="error",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the server starts")
    assert server.started, "the server ended while starting"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


@contextmanager
def serving_process(
    folder: Path, program: Sequence[str] = ("-m", "partnerbot.cli", "serve"), **settings: object
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `partnerbot serve` in a folder until the block ends; yield its address, once it is ready, and it.

    `program`: another way to start it. `settings`: as in the environment, without PARTNERBOT_; by default the
    index is `folder`/index, and as many questions as may be are answered.
    """
    folder.mkdir(exist_ok=True)
    chosen = {"INDEX": folder / "index", **settings, "PORT": 0}
    stated = {f"PARTNERBOT_{name}": str(value) for name, value in chosen.items()}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *program],
            env={**os.environ, **_UNLIMITED, **stated},
            cwd=folder,
            stdout=log,
            stderr=log,
        )

    def told() -> str:
        return (folder / "log").read_text("utf-8")

    try:
        wait_until(lambda: process.poll() is not None or bool(_ADDRESS.search(told())), "the address is told")
        address = _ADDRESS.search(told())
        assert address is not None, told()
        wait_until(lambda: httpx.get(f"{address[1]}/ready", timeout=60).is_success, "the process is ready")
        yield address[1], process
    finally:
        process.kill()
        process.wait()
