"""OpenAI's chat completions, for chat programs that speak them: GET /v1/models, POST /v1/chat/completions.

Questions pass the same reception as all others. Sampling, tools, formats and system messages change nothing
in an answer, and are not looked at.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import quote, urljoin
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.sse import format_sse_event
from pydantic import BaseModel, Field, ValidationError

from partnerbot.answering.answer import Answer, DocumentReference, Token, Turn
from partnerbot.bot import Partnerbot
from partnerbot.errors import wrong_values
from partnerbot.web.api import LONGEST_HISTORY, NOT_KEPT, Failed, answered, client_of, streamed
from partnerbot.web.links import source_link
from partnerbot.web.page_texts import languages, publication, texts_of
from partnerbot.web.reception import Asked, Reception
from partnerbot.web.refusals import asked_in, failure

MODEL = "partnerbot"

_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
"""What OpenAI calls an error by its status; others are the request's own, from 500 on the server's."""

_TASK = "### Task:"
"""How Open WebUI begins what it asks of a chat's model besides the chat: a title, tags, further questions."""

_SAID_FIRST = re.compile(r"^USER: *(.{1,60})", re.MULTILINE)

_NAMED = re.compile(r'\]\([^\s()]+ "([^"\n]+)"\)')
"""The document that a link of `_link` names: where a follow-up looks first."""

_LIVE = re.compile(r"[\\<`\[\]]")
_LIVE_BESIDE_MARKS = re.compile(r"[\\<`]|\[(?!\d+\](?![\[(:]))")
"""What begins a link, a picture or HTML in Markdown; the second leaves the "[1]" of an answer alone."""


class _Part(BaseModel):
    type: str
    text: str = ""


class _Message(BaseModel):
    role: str
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        """Its words, without pictures and the like."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class _Chat(BaseModel):
    model: str
    messages: list[_Message] = Field(min_length=1)
    stream: bool = False

    @property
    def question(self) -> str:
        """The last message, if it is the user's."""
        return self.messages[-1].text if self.messages[-1].role == "user" else ""

    def history(self) -> Sequence[Turn]:
        """What was said before the last message, with the documents that our replies named."""
        return [
            Turn.model_validate({"role": one.role, "content": one.text, "sources": _NAMED.findall(one.text)})
            for one in self.messages[:-1]
            if one.role in ("user", "assistant")
        ][-LONGEST_HISTORY:]


def completion_routes(bot: Partnerbot, reception: Reception) -> APIRouter:
    """Return the routes; where `completions_keys` are set, for those alone that show one."""
    router = APIRouter(prefix="/v1", include_in_schema=False)
    stated = bot.settings.completions_keys.get_secret_value().replace(",", " ").split()
    keys = [key[7:].lower() if key.startswith("sha256:") else _digest(key) for key in stated]
    no_key = _error(401, "invalid_api_key", "Show a key of this service: Authorization: Bearer …")

    def may_ask(request: Request) -> bool:
        shown = _digest(request.headers.get("authorization", "").removeprefix("Bearer "))
        return not keys or any(hmac.compare_digest(shown, key) for key in keys)

    @router.get("/models")
    def models(request: Request) -> Response:
        ours = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
        return JSONResponse({"object": "list", "data": [ours]}) if may_ask(request) else no_key

    @router.post("/chat/completions")
    async def complete(request: Request) -> Response:
        if not may_ask(request):
            return no_key
        try:
            chat = _Chat.model_validate_json(await request.body())
        except ValidationError as error:
            return _error(400, "invalid_request", wrong_values(error))
        if chat.model != MODEL:
            return _error(404, "model_not_found", f"The only model here is {MODEL}.")
        question, language = chat.question, asked_in(request.scope)
        if question.startswith(_TASK):
            return _whole([{"content": _done(question)}])
        failed = partial(failure, language=language, contact=bot.settings.contact)
        events = reception.stream(client_of(request), Asked(question, chat.history, None, language))
        deltas = _deltas(events, str(request.base_url), bot.settings.prefix)
        if not chat.stream:
            whole = await answered(request, _all(deltas), failed, _error)
            return whole if isinstance(whole, Response) else _whole(whole)
        return await streamed(request, deltas, _chunks, failed, _error)

    return router


def _done(task: str) -> str:
    """Return what Open WebUI reads when it asks for anything but an answer: nothing is made up for it."""
    first = _SAID_FIRST.search(task)
    return json.dumps({"title": first[1] if first else "", "tags": [], "follow_ups": [], "queries": []})


async def _deltas(
    events: AsyncIterator[Token | Answer], base: str, prefix: str
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield what is added to the message: the answer's words as they come, then the rest with annotations."""
    said = 0
    async for event in events:
        if isinstance(event, Token):
            text = _LIVE_BESIDE_MARKS.sub(r"\\\g<0>", event.text)
            said += len(text)
            yield {"content": text}
        else:
            yield _rest(event, said, base, prefix)


def _rest(answer: Answer, said: int, base: str, prefix: str) -> dict[str, Any]:
    """Return what follows an answer's words, as Markdown; `said`: how many characters these have.

    Its points; its citations as numbered links, each with its quote unless that was read already; the
    documents that may help.
    """
    language = answer.language if answer.language in languages() else "en"
    labels = texts_of(language).answer
    blocks = [_plain(warning) for warning in answer.warnings]
    if answer.kind == "curated":
        blocks.append(labels.by_staff_from if answer.related else labels.by_staff)
    for label, points in groupby(answer.points, lambda point: point.label):
        blocks += [f"**{_plain(label)}**"] if label else []
        lines = (" ".join([_plain(one.text), *(f"[{n}]" for n in one.citations)]) for one in points)
        blocks.append("\n".join(f"- {line}" for line in lines))
    text = "".join(f"\n\n{block}" for block in blocks)
    read = [answer.answer, *(point.text for point in answer.points)]
    annotations = []
    for citation in answer.citations:
        link, url = _link(citation, language, base, prefix)
        text += f"\n\n[{citation.number}] "
        place = {"start_index": said + len(text), "end_index": said + len(text) + len(link)}
        cited = {**place, "title": citation.title, "url": url}
        annotations.append({"type": "url_citation", "url_citation": cited})
        page = labels.page.format(page=citation.page) if citation.page else ""
        published = publication(citation.published, texts_of(language)) if citation.published else ""
        about = (link, page, published, labels.ocr if citation.ocr else "")
        text += ", ".join(filter(None, about))
        if not any(citation.quote in words for words in read):
            text += f"\n> {_plain(citation.quote)}"
        if citation.translation:
            text += f"\n\n{labels.machine_translation} {_plain(citation.translation)}"
    text += "".join(f"\n\n- {_link(one, language, base, prefix)[0]}" for one in answer.related)
    return {"content": text, "annotations": annotations}


def _link(reference: DocumentReference, language: str, base: str, prefix: str) -> tuple[str, str]:
    """Return a link in Markdown, which names the document's source too, and the address it leads to."""
    url = urljoin(base, source_link(reference, language, prefix))
    url = re.sub(r'[ ()<>"\\]', lambda mark: quote(mark[0]), url)
    return f'[{_plain(reference.title)}]({url} "{reference.source}")', url


def _plain(text: str) -> str:
    """Return a document's words on one line, as Markdown that shows them as they are and links to nothing."""
    return _LIVE.sub(r"\\\g<0>", " ".join(text.split()))


async def _all(deltas: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [delta async for delta in deltas]


def _whole(deltas: Sequence[dict[str, Any]]) -> Response:
    content = "".join(delta["content"] for delta in deltas)
    message = {"role": "assistant", **deltas[-1], "content": content}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return JSONResponse({**_completion("chat.completion"), "choices": choices}, headers=NOT_KEPT)


async def _chunks(
    first: dict[str, Any], others: AsyncIterator[dict[str, Any]], failed: Failed
) -> AsyncIterator[bytes]:
    """Write a stream whose first delta has come; what fails later ends it with an error."""
    made = _completion("chat.completion.chunk")

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
        return format_sse_event(data_str=json.dumps({**made, "choices": choices}))

    yield chunk({"role": "assistant", **first})
    try:
        async for delta in others:
            yield chunk(delta)
        yield chunk({}, "stop")
        yield format_sse_event(data_str="[DONE]")
    except Exception as error:
        yield format_sse_event(event="error", data_str=json.dumps(_error_body(*failed(error))))


def _completion(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _error_body(status: int, code: str, message: str) -> dict[str, Any]:
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _error(status: int, code: str, message: str) -> JSONResponse:
    status = 400 if status == 422 else status
    return JSONResponse(_error_body(status, code, message), status, headers=NOT_KEPT)


def _digest(key: str) -> str:
    return hashlib.sha256(key.strip().encode()).hexdigest()
