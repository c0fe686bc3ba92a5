"""Refuses events that no page of the chat sends, before Gradio reads them: it prints them into the log."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

_TEXTS = TypeAdapter(list[str | None])
"""What an event takes: the contents of text boxes. A conversation, too, is a text."""


async def refuse_other_events(request: Request) -> None:
    """Refuse an event that isn't of one of our pages' forms. A dependency of Gradio's routes.

    Raises: RequestValidationError, without what was sent.
    """
    if request.method != "POST":
        return
    try:
        body = await request.json()
    except ValueError:  # the route refuses it
        return
    if isinstance(body, dict) and "data" in body and not _is_ours(body, request.app.get_blocks().fns):
        raise RequestValidationError([{"loc": ("body", "data"), "msg": "Not an event of this page"}])


def _is_ours(body: dict[str, Any], events: dict[int, Any]) -> bool:
    number, data = body.get("fn_index"), body["data"]
    event = events.get(number) if isinstance(number, int) else None
    # Without a function of its own it only ends others, which the page does by another route.
    if event is None or event.fn is None or not isinstance(data, list) or len(data) != len(event.inputs):
        return False
    try:
        _TEXTS.validate_python(data, strict=True)
    except ValidationError:
        return False
    return True
