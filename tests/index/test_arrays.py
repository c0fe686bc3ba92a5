"""Reading NumPy's files while other threads work."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from partnerbot.index.files import read_arrays

TIMES = 3


@contextmanager
def another_thread_parsing(times: int) -> Iterator[list[str]]:
    """Have a second thread parse a text in the midst of this one's parsing, as it collects garbage.

    Yields what was parsed so, to be read afterwards.
    """
    parsed: list[str] = []
    with ThreadPoolExecutor(1) as thread:

        def take_turns(*_: object) -> None:
            if len(parsed) < times and sys._getframe(1).f_code is ast.parse.__code__:
                parsed.append("{'shape': (1, 384)}")
                thread.submit(compile, parsed[-1], "another", "eval", ast.PyCF_ONLY_AST).result()

        gc.enable()  # starting a server in this process may have put it off
        thresholds = gc.get_threshold()
        gc.callbacks.append(take_turns)
        gc.set_threshold(1, 1, 1)
        try:
            yield parsed
        finally:
            gc.set_threshold(*thresholds)
            gc.callbacks.remove(take_turns)


def test_arrays_are_read_while_another_thread_parses(tmp_path: Path) -> None:
    """CPython before 3.11.8 fails at one of two texts parsed at once; the file is read all the same."""
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.savez(tmp_path / "rows.npz", rows=rows, more=rows + 1)
    with another_thread_parsing(TIMES) as parsed:
        read = read_arrays(tmp_path / "rows.npz")
    assert np.array_equal(read["rows"], rows)
    assert np.array_equal(read["more"], rows + 1)
    assert parsed or sys.version_info >= (3, 12)  # which collects garbage between instructions only
