"""Serves the scripted bot in a process of its own, for tests that end a server."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from partnerbot.settings import Settings
from partnerbot.web.app import serve
from scripted_bot import ScriptedBot

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        serve(ScriptedBot(Path(folder)), "127.0.0.1", Settings().port)
