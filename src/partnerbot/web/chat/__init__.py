"""The chat's page: all that knows Gradio."""

import inspect
import sys
from typing import Any


def _import_gradio() -> None:
    """Import Gradio without what takes half of that and serves nobody here.

    Whenever it is imported, it writes stubs for type checkers beside its classes; one whose file isn't found
    is left out. And it imports MCP's library wherever that is installed (app.py does if it is wanted).
    """
    file_of = inspect.getfile

    def file_unless_gradios(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError
        return file_of(thing)

    inspect.getfile = file_unless_gradios
    without_mcp = "mcp" not in sys.modules
    if without_mcp:
        sys.modules["mcp"] = None  # type: ignore[assignment]
    try:
        import gradio  # noqa: F401
    finally:
        inspect.getfile = file_of
        if without_mcp:
            del sys.modules["mcp"]


_import_gradio()
