"""Event loops for tests that speak to the application without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")

PATIENCE_SECONDS = 120
"""What waits for something that never comes fails; it doesn't hang."""


def run_apart(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a thread of its own: once a browser was used, the test's own has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(coroutine, PATIENCE_SECONDS)).result()
