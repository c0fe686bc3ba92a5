"""Refuses events that no page of the chat sends, before Gradio reads them: it prints them into the log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from gradio.blocks import Block
from gradio.components import Chatbot
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request

_Nothing = Annotated[dict[str, Any] | list[Any], Field(max_length=0)] | None


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    type: Literal["text"] = "text"


class _Message(BaseModel):
    """A message as Gradio gives it to our pages: neither files nor components are in it."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    content: list[_Text]
    metadata: _Nothing = None
    options: _Nothing = None


_CONVERSATION = TypeAdapter(list[_Message] | None)
_WORDS = TypeAdapter(str | None)


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
    if event is None or not isinstance(data, list) or len(data) != len(event.inputs):
        return False
    return all(_fits(value, block) for value, block in zip(data, event.inputs, strict=True))


def _fits(value: object, block: Block) -> bool:
    form: TypeAdapter[Any] = _CONVERSATION if isinstance(block, Chatbot) else _WORDS
    try:
        form.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
