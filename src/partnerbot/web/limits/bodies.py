"""Bodies that are too long or too slow are refused before anything reads them."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

BODY_SECONDS = 10.0
"""A question takes a moment, even on a train; who sends byte after byte keeps a connection busy."""


MOST_VALUES = 5_000
"""Objects, lists and commas: a message of the chat has eight. Each object costs some 40 microseconds in which
no other request is served, and a megabyte has room for fifty thousand."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)


class BodyRefused(Exception):
    """A body that is not taken: the status, and a key of the texts' errors."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


async def read_body(scope: Scope, receive: Receive, longest: int, seconds: float) -> Receive:
    """Read a request's body, and return what hands it on.

    Raises: BodyRefused if it is longer than `longest` bytes or has more values than any page sends, or if it
        takes more than `seconds` to come.
    """
    announced = Headers(scope=scope).get("content-length", "")
    length = int(announced) if announced.isdecimal() else 0
    read: list[Message] = []
    try:
        async with asyncio.timeout(seconds):
            while length <= longest:
                message = await receive()
                read.append(message)
                length = max(length, sum(len(each.get("body", b"")) for each in read))
                if not message.get("more_body", False):
                    break
    except TimeoutError as error:
        raise BodyRefused(408, "too_slow") from error
    if length > longest or _values(read) > MOST_VALUES:
        raise BodyRefused(413, "too_large")

    async def replay() -> Message:
        return read.pop(0) if read else await receive()

    return replay


def _values(read: list[Message]) -> int:
    body = b"".join(message.get("body", b"") for message in read)
    # A value has two strings at most: its name and itself.
    marks, strings = _STRING.subn(b"", body, 2 * MOST_VALUES + 2)
    # JSON in UTF-8 has no zero bytes. In UTF-16, which would be read too, strings could not be told so.
    return max(marks.count(b"{") + marks.count(b"[") + marks.count(b",") + body.count(b"\0"), strings // 2)
