"""How a request that isn't answered is told: a status and a word for programs, a sentence for people."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Scope

from partnerbot.errors import NotAdmitted, PartnerbotError, QuestionRejected, wrong_values
from partnerbot.web.page_texts import Texts, texts_of
from partnerbot.web.visitor_language import in_time, preferred_language

log = logging.getLogger(__name__)

_STATUS = {
    "too_many_questions": 429,
    "too_many_in_all": 429,
    "too_many_at_once": 429,
    "challenge": 403,
    "busy": 503,
    "paused": 503,
}


def points_to_contact(refused: NotAdmitted) -> bool:
    """Whether the sentence for a refusal ends by pointing to the contact, which is to follow it."""
    return refused.reason == "paused" and not refused.notice


def sentence_for(refused: NotAdmitted, texts: Texts) -> str:
    """Return what a reader of `texts` is told: why, and when to ask again. The owner's notice wins."""
    told: str = refused.notice or getattr(texts.errors, refused.reason)
    return told.replace("{when}", in_time(refused.retry_after_seconds, texts))


def with_contact(message: str, contact: str, texts: Texts) -> str:
    """Complete a message that ends by pointing to the contact; the owner may have stated none."""
    return f"{message} {contact or texts.page.operator}"


def failure(error: Exception, language: str, contact: str) -> tuple[int, str, str]:
    """Return the status, the reason and a sentence in that language for what a question met.

    What is the service's own fault is logged, and none of it told.
    """
    texts = texts_of(language)
    if isinstance(error, NotAdmitted):
        told = sentence_for(error, texts)
        message = with_contact(told, contact, texts) if points_to_contact(error) else told
        return _STATUS[error.reason], error.reason, message
    if isinstance(error, QuestionRejected):
        return 422, error.reason, getattr(texts.errors, error.reason)
    if isinstance(error, PartnerbotError):
        log.error("A question could not be answered: %s", error)
        return 503, "unavailable", with_contact(texts.errors.unavailable, contact, texts)
    log.error("A question could not be answered", exc_info=error)
    return 500, "unexpected", with_contact(texts.errors.unexpected, contact, texts)


class ErrorDetail(BaseModel):
    """Why there is no answer: a stable word for programs, a sentence for people."""

    reason: str
    message: str


class ErrorResponse(BaseModel):
    """The body of every refused or failed request to the API."""

    error: ErrorDetail


def error_response(status: int, reason: str, message: str) -> JSONResponse:
    """Return the API's form of an error."""
    body = ErrorResponse(error=ErrorDetail(reason=reason, message=message))
    return JSONResponse(
        body.model_dump(), status, headers={"Vary": "Accept-Language", "Cache-Control": "no-store"}
    )


def refused(error: Exception, response: Response) -> Response:
    """Return a response to what was raised with the time to wait, where there is one."""
    if isinstance(error, NotAdmitted):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def refusal(scope: Scope, status: int, reason: str, retry_after_seconds: int | None = None) -> JSONResponse:
    """Return the response that refuses a request; `reason` is a key of the texts' errors."""
    texts = _texts_for(scope)
    message: str = getattr(texts.errors, reason)
    if retry_after_seconds is None:
        return error_response(status, reason, message)
    response = error_response(status, reason, message.replace("{when}", in_time(retry_after_seconds, texts)))
    response.headers["Retry-After"] = str(retry_after_seconds)
    return response


def defect(scope: Scope, contact: str) -> JSONResponse:
    """Return the response to a request that met a defect of ours."""
    texts = _texts_for(scope)
    return error_response(500, "unexpected", with_contact(texts.errors.unexpected, contact, texts))


def _texts_for(scope: Scope) -> Texts:
    return texts_of(preferred_language(Headers(scope=scope).get("accept-language")))


def inner_path(scope: Scope) -> str:
    """Return a request's path as routes are written: without the prefix of a proxy."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("app_root_path", scope.get("root_path", "")))


ErrorHandlers = dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]]


def error_handlers(not_found: Mapping[str, Callable[[], Response]]) -> ErrorHandlers:
    """Return what makes requests that no route takes fail in the API's own form, the chats' routes included.

    `not_found`: makes the page for people who come to an address with nothing at it, by language.
    """

    async def not_taken(request: Request, error: HTTPException) -> Response:
        scope = request.scope
        if error.status_code == 404:
            if scope["method"] != "GET" or "text/html" not in request.headers.get("accept", ""):
                return refusal(scope, 404, "not_found")
            wished = preferred_language(request.headers.get("accept-language"), tuple(not_found))
            return not_found.get(inner_path(scope).split("/")[1], not_found[wished])()
        if error.status_code == 405:
            response = refusal(scope, 405, "wrong_method")
            response.headers.update(error.headers or {})
            return response
        if error.status_code == 400:  # what FastAPI says of a body that is no text at all
            return _invalid(scope, "")
        return await http_exception_handler(request, error)

    async def wrong(request: Request, error: RequestValidationError) -> Response:
        return _invalid(request.scope, f" ({wrong_values(error)})")

    return {HTTPException: not_taken, RequestValidationError: wrong}


def _invalid(scope: Scope, why: str) -> Response:
    """Tell of a body that isn't of the route's form, without repeating it."""
    return error_response(422, "invalid_request", f"{_texts_for(scope).errors.invalid_request}{why}")
