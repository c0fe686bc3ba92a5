"""What visitors say of answers, kept for staff.

It holds no address of the visitor and no session. The question and the answer are in it only where the
owner keeps questions. A reason that follows a tap comes with all that the tap said, and takes its place.
"""

import logging
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import delete, insert

from partnerbot.bot import Partnerbot
from partnerbot.errors import NotAdmitted, PartnerbotError, RecordsUnavailable
from partnerbot.records import FEEDBACK, Records
from partnerbot.web.api import client_of
from partnerbot.web.limits.client_store import Allowance, ClientStore, Counts
from partnerbot.web.page_texts import texts_of
from partnerbot.web.records.personal_data import masked
from partnerbot.web.refusals import asked_in, error_response

log = logging.getLogger(__name__)

REASONS = ("wrong", "incomplete", "wrong_source", "wrong_language", "other")
"""Why an answer was not useful; keys of the texts."""

LARGEST_DAY_BYTES = 10 * 1024 * 1024
"""Of all together, some 20,000 words: nobody can fill the disk by sending feedback."""

OF_ONE_DAY_BYTES = LARGEST_DAY_BYTES // 40
"""Of one client: some 500 words, and the others' feedback is kept all the same."""


class FeedbackRequest(BaseModel, extra="forbid"):
    """One visitor's word on one answer."""

    useful: bool
    name: str | None = Field(
        None,
        pattern="^[0-9a-f]{16}$",
        description="Of this word: the reason follows the tap under the same name.",
    )
    reason: Literal[REASONS] | None = None  # type: ignore[valid-type]  # the list above, once
    comment: str | None = Field(None, max_length=2000)
    language: str = Field(max_length=35, description="Language of the page.")
    status: Literal["answered", "not_in_documents"]
    sources: list[Annotated[str, Field(max_length=500)]] = Field(default_factory=list, max_length=20)
    question: str | None = Field(None, max_length=1000)
    answer: str | None = Field(None, max_length=4000)


def feedback_route(bot: Partnerbot, clients: ClientStore, records: Records) -> APIRouter:
    """Return POST /api/feedback; no route where the owner wants no feedback.

    `clients`: where it is counted how much each has sent.
    """
    router, settings = APIRouter(), bot.settings
    if not settings.feedback:
        return router
    of_one_day = Allowance("feedback", per_day=OF_ONE_DAY_BYTES)
    of_all = Allowance("all_feedback", per_day=LARGEST_DAY_BYTES)

    @router.post("/api/feedback", status_code=204, include_in_schema=False)
    def give(request: Request, given: FeedbackRequest) -> Response:
        # First: who has sent enough costs no more than this.
        client, sent_bytes = client_of(request), len(given.model_dump_json().encode("utf-8", "replace"))

        def take(counts: Counts) -> None:
            of_one_day.take(counts, client, sent_bytes)
            of_all.take(counts, "all", sent_bytes)

        try:
            clients.counting(take)
        except NotAdmitted:
            return _not_kept(429, request)
        left_out = set() if given.useful in settings.feedback_with_question else {"question", "answer"}
        told = given.model_dump(exclude={"status", *left_out}) | {"outcome": given.status}
        told["sources"] = list(filter(known, given.sources))
        for name in told.keys() & {"question", "answer", "comment"}:
            told[name] = masked(told[name] or "", given.language, settings.contact) or None
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        before = delete(FEEDBACK).where(FEEDBACK.c.name == (given.name or ""))
        try:
            records.change(before, insert(FEEDBACK).values(**told, day=now.date(), time=now))
        except RecordsUnavailable as error:
            log.error("What a visitor said isn't kept: %s", error)
            return _not_kept(503, request)
        return Response(status_code=204)

    def known(source: str) -> bool:
        try:
            bot.document_text(source)
        except (KeyError, PartnerbotError):
            return False
        return True

    return router


def _not_kept(status: int, request: Request) -> JSONResponse:
    message = texts_of(asked_in(request.scope)).feedback.failed
    return error_response(status, "not_kept", message)
