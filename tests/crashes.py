"""Runs the indexer in a process that can be killed, or have its disk fill up, at any step."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Indexer:
    """The other end of tests/indexer_process.py, for one folder of documents and one index."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, what: str, documents: Path, index: Path, **more: object) -> dict[str, Any]:
        """Do one thing in a fresh process and return what became of it."""
        return self.do_at_once([what], documents, index, **more)[0]

    def do_at_once(
        self, what: list[str], documents: Path, index: Path, **more: object
    ) -> list[dict[str, Any]]:
        """Do several things in as many processes at the same time."""
        wishes = [{"do": one, "documents": str(documents), "index": str(index), **more} for one in what]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(wishes), file=self._process.stdin, flush=True)
        answers: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return answers


@contextmanager
def indexer(folder: Path, *, embedded: bool = False) -> Iterator[Indexer]:
    """Start an indexer whose steps are counted, if there is a C compiler and Linux; else one without.

    `embedded`: with the embedded model, not the toy; then nothing is counted.
    """
    paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    if not embedded:
        environment["XDG_CACHE_HOME"] = str(folder / "cache")
    if can_count_steps() and not embedded:
        library = folder / "faults.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"], check=True
        )
        environment["LD_PRELOAD"] = str(library)
    command = [sys.executable, HERE / "indexer_process.py", *(["--embedded"] if embedded else [])]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Indexer(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def can_count_steps() -> bool:
    """Whether this machine can kill a process at its n-th step."""
    return sys.platform == "linux" and shutil.which("cc") is not None
