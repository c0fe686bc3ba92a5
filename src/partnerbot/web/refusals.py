"""How a request that isn't answered is told: a status and a word for programs, a sentence for people."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Scope

from partnerbot.errors import NotAdmitted, PartnerbotError, QuestionRejected, wrong_values
from partnerbot.web.page_texts import Texts, in_time, preferred_language, texts_of, wanted

log = logging.getLogger(__name__)

_STATUS = {
    "foreign_origin": 403,
    "challenge": 403,
    "not_found": 404,
    "wrong_method": 405,
    "too_slow": 408,
    "too_large": 413,
    "unknown_host": 421,
    "too_many_questions": 429,
    "too_many_in_all": 429,
    "too_many_at_once": 429,
    "busy": 503,
    "paused": 503,
}
"""Of what is refused, by its key among the texts' errors."""

_NAMED_AT_MOST, _LONGEST_NAME = 5, 40
"""Of the fields of a request that nothing is called: how many are named, with how many characters."""


class Failure(NamedTuple):
    """What is told of a failure: a status and a word for programs, a sentence for people.

    `by_contact`: the sentence ends by pointing to the contact, which is to follow it.
    """

    status: int
    reason: str
    message: str
    by_contact: bool = False


def told(error: Exception, texts: Texts) -> Failure:
    """Return what a reader of `texts` is told of what a question met, and when to ask again.

    The owner's notice wins. What is the service's own fault is logged, and none of it told.
    """
    if isinstance(error, NotAdmitted):
        message: str = error.notice or getattr(texts.errors, error.reason)
        message = message.replace("{when}", in_time(error.retry_after_seconds, texts.locale))
        by_contact = error.reason == "paused" and not error.notice
        return Failure(_STATUS[error.reason], error.reason, message, by_contact)
    if isinstance(error, QuestionRejected):
        return Failure(422, error.reason, getattr(texts.errors, error.reason))
    if isinstance(error, PartnerbotError):
        log.error("A question could not be answered: %s", error)
        return Failure(503, "unavailable", texts.errors.unavailable, by_contact=True)
    log.error("A request could not be answered", exc_info=error)
    return Failure(500, "unexpected", texts.errors.unexpected, by_contact=True)


def failure(error: Exception, language: str, contact: str) -> tuple[int, str, str]:
    """Return what `told` says in that language, with the contact, or the operator where none is stated."""
    texts = texts_of(language)
    status, reason, message, by_contact = told(error, texts)
    return status, reason, f"{message} {contact or texts.page.operator}" if by_contact else message


class ErrorDetail(BaseModel):
    """Why there is no answer: a stable word for programs, a sentence for people."""

    reason: str
    message: str


class ErrorResponse(BaseModel):
    """The body of every refused or failed request to the API."""

    error: ErrorDetail


def error_response(status: int, reason: str, message: str) -> JSONResponse:
    body = ErrorResponse(error=ErrorDetail(reason=reason, message=message))
    return JSONResponse(
        body.model_dump(), status, headers={"Vary": "Accept-Language", "Cache-Control": "no-store"}
    )


def with_retry(error: Exception, response: Response) -> Response:
    """Return a response to what was raised with the time to wait, where there is one."""
    if isinstance(error, NotAdmitted):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def refusal(scope: Scope, reason: str) -> JSONResponse:
    """Return the response that refuses a request; `reason` is a key of the texts' errors."""
    return error_response(_STATUS[reason], reason, getattr(texts_of(asked_in(scope)).errors, reason))


def asked_in(scope: Scope) -> str:
    """Return the language that the browser of a request likes best."""
    return preferred_language(Headers(scope=scope).get("accept-language"))


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
                return refusal(scope, "not_found")
            return not_found.get(inner_path(scope).split("/")[1], wanted(request, not_found))()
        if error.status_code == 405:
            response = refusal(scope, "wrong_method")
            response.headers.update(error.headers or {})
            return response
        if error.status_code == 400:  # what FastAPI says of a body that is no text at all
            return _invalid(scope, "")
        return await http_exception_handler(request, error)

    async def wrong(request: Request, error: RequestValidationError) -> Response:
        if all(item["loc"][:1] == ("query",) for item in error.errors()):
            told = wrong_values(error, lambda place: ".".join(map(str, place[1:])))
            return _invalid(request.scope, f" ({told})", "invalid_query")
        if unknown := [
            str(item["loc"][-1]) for item in error.errors() if item.get("type") == "extra_forbidden"
        ]:
            return _invalid(request.scope, f" ({_named(unknown)})", "unknown_fields")
        is_json = "json" in request.headers.get("content-type", "")
        if not is_json and error.errors()[0]["loc"] == ("body",):
            return _invalid(request.scope, " (Content-Type: application/json)")
        return _invalid(request.scope, f" ({wrong_values(error)})")

    return {HTTPException: not_taken, RequestValidationError: wrong}


def _named(fields: Sequence[str]) -> str:
    """Return names of fields, the first and in short: who sends them may make them of anything."""
    shown = ("".join(filter(str.isprintable, field))[:_LONGEST_NAME] for field in fields[:_NAMED_AT_MOST])
    return ", ".join(shown)


def _invalid(scope: Scope, why: str, text: str = "invalid_request") -> Response:
    """Tell of a body that isn't of the route's form, or an address, without repeating it."""
    return error_response(422, "invalid_request", f"{getattr(texts_of(asked_in(scope)).errors, text)}{why}")
