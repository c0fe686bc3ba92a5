"""The chat's page: all that knows Gradio."""

import inspect
import sys
from typing import Any

_file_of = inspect.getfile


def _file_unless_gradios(thing: Any) -> str:
    if isinstance(thing, type) and thing.__module__.startswith("gradio."):
        raise OSError
    return _file_of(thing)


# At each import Gradio makes stubs for type checkers anew, of each class whose file is found: half of its
# time (1.8 of 3.3 processor seconds with Gradio 6.31.0, Intel Xeon, 2026-11-30).
inspect.getfile = _file_unless_gradios  # type: ignore[assignment]
# And a third of the rest for the library of MCP, where that is installed, which our own server alone uses.
without_mcp = "mcp" not in sys.modules
if without_mcp:
    sys.modules["mcp"] = None  # type: ignore[assignment]
try:
    import gradio  # noqa: F401
finally:
    inspect.getfile = _file_of
    if without_mcp:
        del sys.modules["mcp"]
