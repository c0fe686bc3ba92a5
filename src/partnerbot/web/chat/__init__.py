"""The chat's page: all that knows Gradio."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_stubs() -> Iterator[None]:
    """Within the block Gradio's components are defined as if they stood in no file.

    For each of them it would parse and render a stub for editors (.pyi), in every process that imports it:
    1.5 of 4.2 s of processor time with Gradio 6.31.0 (two cores that others use, 2026-11-30).
    """
    file_of = inspect.getfile

    def file_of_none(of: type) -> str:
        if sys._getframe(1).f_code.co_name == "create_or_modify_pyi":
            raise OSError
        return file_of(of)

    inspect.getfile = file_of_none
    try:
        yield
    finally:
        inspect.getfile = file_of


with without_stubs():
    import gradio  # noqa: F401
