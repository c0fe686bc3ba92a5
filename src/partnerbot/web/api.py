"""The HTTP API: POST /api/ask, as JSON or as a stream of events, and the two probes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.bot import Partnerbot
from partnerbot.errors import IndexUnreachable, PartnerbotError, VisitorLeft
from partnerbot.web.page_texts import DETECT, known_language, preferred_language
from partnerbot.web.reception import Asked, Reception
from partnerbot.web.refusals import ErrorDetail, ErrorResponse, error_response, failure, refusal, with_retry

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Event = TypeVar("Event")

NOBODY_THERE = 499
"""The status of a request whose client has left: nobody reads it."""

NOT_KEPT = {"Cache-Control": "no-store"}

Failed = Callable[[Exception], tuple[int, str, str]]
"""Makes of an error the status, the reason and the sentence that are told."""

_NO_INDEX = "There is no usable index; the log says why. If it doesn't say otherwise, run: partnerbot index"
_INDEX_AWAY = "The server that has the index can't be reached; the log has its address."
"""For those who look after the service, as the log is."""

LONGEST_HISTORY = 200
"""Turns: a conversation of hours. What a follow-up needs stands in the last few."""


class AskRequest(BaseModel):
    """A question, the conversation before it, and the language to answer in.

    A field of another name is refused: who sends "lang" would be answered in a language not asked for.
    """

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="The question, at most 1,000 characters.")
    history: list[Turn] = Field(
        default_factory=list, max_length=LONGEST_HISTORY, description="Earlier turns, oldest first."
    )
    language: Annotated[str, AfterValidator(known_language)] | None = Field(
        None, description="Language of the answer; null or 'auto': the question's own."
    )


class Solution(BaseModel):
    """A solved challenge, in the form that ALTCHA's libraries give it."""

    payload: str = Field(max_length=4096, description="JSON of challenge and solution, in base64.")


async def answered(
    request: Request, work: Awaitable[Result], failed: Failed, form: Callable[[int, str, str], Response]
) -> Result | Response:
    """Return what the work returns; if it fails, the response that says so, in the `form` of an error.

    The work is cancelled if the client leaves; its request has been read.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.create_task(_departure(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else Response(status_code=NOBODY_THERE)
    except VisitorLeft:
        return Response(status_code=NOBODY_THERE)
    except Exception as error:
        return with_retry(error, form(*failed(error)))
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def streamed(
    request: Request,
    events: AsyncIterator[Event],
    written: Callable[[Event, AsyncIterator[Event], Failed], AsyncIterator[bytes]],
    failed: Failed,
    form: Callable[[int, str, str], Response],
) -> Response:
    """Return a stream of events, as `written` writes it from the first one and those that follow.

    The first is awaited, so that a question that is refused gets its proper status.
    """
    first = await answered(request, anext(events), failed, form)
    if isinstance(first, Response):
        return first
    return StreamingResponse(written(first, events, failed), headers=NOT_KEPT, media_type="text/event-stream")


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _written(
    first: Token | Answer, others: AsyncIterator[Token | Answer], failed: Failed
) -> AsyncIterator[bytes]:
    """Write the events of a stream whose first event has come."""
    try:
        yield _sse(first)
        async for event in others:
            yield _sse(event)
    except Exception as error:
        _, reason, message = failed(error)
        detail = ErrorResponse(error=ErrorDetail(reason=reason, message=message))
        yield format_sse_event(event="error", data_str=detail.model_dump_json())


def _sse(event: Token | Answer) -> bytes:
    return format_sse_event(
        event="token" if isinstance(event, Token) else "answer", data_str=event.model_dump_json()
    )


def client_of(request: Request | None) -> str:
    """Return the address of a request's client, as the server and the trusted proxies say; "" without any."""
    return request.client.host if request is not None and request.client is not None else ""


def api_router(bot: Partnerbot, reception: Reception) -> APIRouter:
    router = APIRouter()
    refused: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorResponse} for status in (403, 408, 413, 422, 429, 500, 503)
    }

    @router.post(
        "/api/ask",
        response_model=Answer,
        responses={
            200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
            **refused,
        },
    )
    async def ask(
        request: Request,
        body: AskRequest,
        accept: Annotated[str, Header()] = "",
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Answer one question; as events (token…, then answer or error) if text/event-stream is accepted."""
        chosen = body.language if body.language != DETECT else None
        interface = chosen or preferred_language(accept_language)
        asked = Asked(body.question, lambda: body.history, chosen, interface)
        failed = partial(failure, language=interface, contact=bot.settings.contact)
        client = client_of(request)
        if "text/event-stream" not in accept.lower():
            answer = await answered(request, reception.ask(client, asked), failed, error_response)
            if isinstance(answer, Response):
                return answer
            return JSONResponse(answer.model_dump(mode="json"), headers=NOT_KEPT)
        events = reception.stream(client, asked)
        return await streamed(request, events, _written, failed, error_response)

    challenges = reception.challenges

    @router.get(
        "/api/challenge",
        response_model=dict[str, Any],
        responses={204: {"description": "Nothing is to be done."}, 429: {"model": ErrorResponse}},
    )
    def challenge(request: Request) -> Response:
        """What is to be solved before the first question (ALTCHA, PBKDF2/SHA-256); 204 if nothing is."""
        client = client_of(request)
        if challenges is None or challenges.has_passed(client):
            return Response(status_code=204, headers=NOT_KEPT)
        return JSONResponse(challenges.make(client), headers=NOT_KEPT)

    @router.post(
        "/api/challenge",
        status_code=204,
        responses={status: {"model": ErrorResponse} for status in (403, 408, 413, 422, 429)},
    )
    def solve(request: Request, body: Solution) -> Response:
        """Take the solution: questions from the same address are answered from now on, for six hours."""
        if challenges is None or challenges.accept(client_of(request), body.payload):
            return Response(status_code=204)
        return refusal(request.scope, "challenge")

    @router.get("/health")
    def health() -> dict[str, str]:
        """The server is alive."""
        return {"status": "ok"}

    logged = ""

    @router.get("/ready", responses={503: {"model": ErrorResponse}})
    def ready() -> Response:
        """The index is open, its server there and the model loaded; until then 503, with what to do."""
        nonlocal logged
        try:
            readiness = bot.ready()
        except PartnerbotError as error:
            # Probes come every few seconds, and from anybody: addresses and folders are for the log.
            if logged != str(error):
                logged = str(error)
                log.error("Not ready: %s", error)
            away = isinstance(error, IndexUnreachable)
            return error_response(503, "unavailable", _INDEX_AWAY if away else _NO_INDEX)
        logged = ""
        told = asdict(readiness)
        written = told.pop("written")
        return JSONResponse(
            {"status": "ready", **told} | ({} if written is None else {"language_model": written})
        )

    return router
