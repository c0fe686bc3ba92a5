"""The chat's page: all that knows Gradio."""

import inspect
import sys
from typing import Any


def _import_gradio() -> None:
    """Import Gradio without what takes half of that and serves nobody here.

    Whenever it is imported, it makes stubs for type checkers anew, for each class whose file is found; and it
    imports MCP's library wherever that is installed (app.py does if it is wanted). Without both, web/app.py
    is imported in 1.5 processor seconds, not 3.3 (Gradio 6.31.0, Intel Xeon, 2026-11-30).
    """
    file_of = inspect.getfile

    def file_unless_gradios(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError
        return file_of(thing)

    inspect.getfile = file_unless_gradios  # type: ignore[assignment]
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
