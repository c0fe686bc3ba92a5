"""Whether whoever asked is still there: work that nobody waits for any more is to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from starlette.requests import Request

from partnerbot.errors import VisitorLeft

Result = TypeVar("Result")


async def while_there(request: Request, work: Awaitable[Result]) -> Result:
    """Return what the work returns, which is cancelled if the client leaves; its request has been read.

    Raises: VisitorLeft; what the work raises.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.create_task(_departure(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise VisitorLeft
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def with_pauses(
    events: AsyncGenerator[Result, None], seconds: float
) -> AsyncGenerator[Result | None, None]:
    """Yield what comes, and None whenever nothing has come for a while; the events end with it."""
    async with aclosing(events):
        while True:
            coming = asyncio.ensure_future(anext(events))
            try:
                while not (await asyncio.wait({coming}, timeout=seconds))[0]:
                    yield None
            finally:
                coming.cancel()
                await asyncio.wait({coming})
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            yield event
