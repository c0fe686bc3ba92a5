"""Runs a program under strace: where it connected to, and which files it opened for writing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_CALLS = "connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat"
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_WRITTEN = re.compile(r"(?:O_WRONLY|O_RDWR|O_CREAT|creat\().* = \d+<(/[^>]*)>$")
_MADE = re.compile(r'mkdir(?:at)?\((?:AT_FDCWD<(?P<at>[^>]*)>, )?"(?P<path>[^"]+)".* = 0$')


@dataclass
class Trace:
    """What a program and all its children did. `home`: its home, empty when it began."""

    home: Path
    addresses: set[str] = field(default_factory=set)
    """Internet addresses that something was sent to, or connected to."""
    written: set[Path] = field(default_factory=set)
    """Files opened for writing and folders made."""

    def outside(self, *folders: Path) -> set[Path]:
        """Return what was written outside these folders, and is no device."""
        return {
            path
            for path in self.written
            if not path.is_char_device() and not any(path.is_relative_to(one) for one in folders)
        }


def command_of(*arguments: str | Path) -> list[str]:
    """Return the command that runs partnerbot's command line."""
    return [sys.executable, "-m", "partnerbot.cli", *map(str, arguments)]


@contextmanager
def tracing(folder: Path, command: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], Trace]]:
    """Start a command in a folder, with a home and a temporary folder there; its trace is filled at the end.

    Without strace the test is skipped, or fails where a browser would be required.
    """
    strace = shutil.which("strace")
    if strace is None:
        message = "No strace found. Install it: sudo apt-get install -y strace"
        if os.environ.get("TESTS_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    home, calls = folder / "home", folder / "calls"
    for made in (home, folder / "tmp", calls):
        made.mkdir(exist_ok=True)
    trace = Trace(home)
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    process = subprocess.Popen(
        [strace, "-ff", "-qq", "-y", "-e", f"trace={_CALLS}", "-o", str(calls / "of"), *command],
        env={
            **inherited,
            "HOME": str(home),
            "TMPDIR": str(folder / "tmp"),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process, trace
    finally:
        process.kill()
        process.wait()
    for file in calls.iterdir():
        for line in file.read_text("utf-8", "replace").splitlines():
            if found := _WRITTEN.search(line):
                trace.written.add(Path(found[1].removesuffix(" (deleted)")))
            elif found := _MADE.match(line):
                trace.written.add(Path(found["at"] or folder, found["path"]).resolve())
            elif not line.startswith(("open", "creat", "mkdir")):
                trace.addresses |= {one or other for one, other in _ADDRESS.findall(line)}
    shutil.rmtree(calls)


def traced(folder: Path, command: Sequence[str], codes: Sequence[int] = (0,)) -> Trace:
    """Run a command to its end, which must be one of these exit codes; returns what it did."""
    with tracing(folder, command) as (process, trace):
        told, _ = process.communicate(timeout=300)
        assert process.returncode in codes, told
    return trace
