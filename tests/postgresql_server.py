"""A PostgreSQL of its own for tests, where one is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from partnerbot.errors import RecordsUnavailable
from partnerbot.records import COUNTS, Records
from partnerbot.settings import Settings
from waiting import wait_until

_PATHS = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the address of an empty database, which ends with the block; without a PostgreSQL, skip."""
    initdb, server = (shutil.which(name, path=_PATHS) for name in ("initdb", "postgres"))
    if initdb is None or server is None:
        pytest.skip("No PostgreSQL found. Install it: sudo apt-get install -y postgresql")
    # Its files may not be root's, and the path of a socket has to be short.
    account = {"user": "nobody"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pg") as name:
        folder = Path(name)
        if account:
            shutil.chown(folder, "nobody")
        data = folder / "data"
        made = [initdb, "-D", data, "-A", "trust", "-U", "partner", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **account)
        options = ["-k", folder, "-c", "listen_addresses=", "-F"]
        process = subprocess.Popen(
            [server, "-D", data, *options], cwd=folder, stderr=subprocess.DEVNULL, **account
        )
        try:
            address = f"postgresql://partner@/postgres?host={folder}"
            wait_until(partial(_answers, address), "PostgreSQL answers")
            yield address
        finally:
            process.send_signal(signal.SIGINT)  # without waiting for who is connected
            process.wait(20)


def _answers(address: str) -> bool:
    try:
        return Records(Settings(records=SecretStr(address))).rows(select(COUNTS)) == []
    except RecordsUnavailable:
        return False
