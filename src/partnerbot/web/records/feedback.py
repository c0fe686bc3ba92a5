"""What visitors say of answers, kept for staff: a line of JSON for each tap, in a file a day.

It holds no address of the visitor and no session. The question and the answer are in it only where the
owner keeps questions. A reason that follows a tap is a line of its own, which repeats what the tap said.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from partnerbot.bot import Partnerbot
from partnerbot.errors import NotAdmitted, PartnerbotError
from partnerbot.web.api import client_of
from partnerbot.web.limits.client_store import Allowance, ClientStore
from partnerbot.web.page_texts import texts_of
from partnerbot.web.records.day_files import DayFiles
from partnerbot.web.records.personal_data import masked
from partnerbot.web.refusals import error_response
from partnerbot.web.visitor_language import preferred_language

REASONS = ("wrong", "incomplete", "wrong_source", "wrong_language", "other")
"""Why an answer was not useful; keys of the texts."""

LARGEST_DAY_BYTES = 10 * 1024 * 1024
"""Some 20,000 lines: nobody can fill the disk by sending feedback."""

OF_ONE_DAY_BYTES = LARGEST_DAY_BYTES // 40
"""Of one client: some 500 lines, and the others' feedback is kept all the same."""


class FeedbackRequest(BaseModel):
    """One visitor's word on one answer."""

    model_config = ConfigDict(extra="forbid")

    useful: bool
    name: str | None = Field(
        None,
        pattern="^[0-9a-f]{16}$",
        description="Of this word: a line with the reason follows the line of the tap, under the same name.",
    )
    reason: Literal[REASONS] | None = None  # type: ignore[valid-type]  # the list above, once
    comment: str | None = Field(None, max_length=2000)
    language: str = Field(max_length=35, description="Language of the page.")
    status: Literal["answered", "not_in_documents"]
    sources: list[Annotated[str, Field(max_length=500)]] = Field(default_factory=list, max_length=20)
    question: str | None = Field(None, max_length=1000)
    answer: str | None = Field(None, max_length=4000)


class KeptFeedback(BaseModel):
    """One visitor's word on one answer, as it is kept."""

    time: datetime
    useful: bool
    name: str | None = None
    reason: str | None = None
    comment: str | None = None
    language: str
    status: str
    question: str | None = None
    answer: str | None = None
    sources: list[str] = Field(default_factory=list)


def kept_feedback(folder: Path | None, since: date = date.min, until: date = date.max) -> list[KeptFeedback]:
    """Return each visitor's word of these days once, with the reason that followed; none without a folder."""
    words = [] if folder is None else DayFiles(folder, KeptFeedback, 0).entries(since, until)
    return list({word.name or number: word for number, word in enumerate(words)}.values())


def feedback_route(bot: Partnerbot, clients: ClientStore) -> APIRouter:
    """Return POST /api/feedback; no route where the owner wants no feedback.

    `clients`: where it is counted how much each has sent.
    """
    router, settings = APIRouter(), bot.settings
    folder = settings.feedback_folder
    if folder is None:
        return router
    of_one_day = Allowance("feedback", per_day=OF_ONE_DAY_BYTES)
    files = DayFiles(folder, KeptFeedback, settings.feedback_days, LARGEST_DAY_BYTES)

    @router.post("/api/feedback", status_code=204, include_in_schema=False)
    def give(
        request: Request, given: FeedbackRequest, accept_language: Annotated[str | None, Header()] = None
    ) -> Response:
        """Keep what a visitor says of an answer."""
        # First: who has sent enough costs no more than this.
        client, sent_bytes = client_of(request), len(given.model_dump_json().encode("utf-8", "replace"))
        try:
            clients.counting(lambda counts: of_one_day.take(counts, client, sent_bytes))
        except NotAdmitted:
            return _not_kept(429, accept_language)
        left_out = set() if given.useful in settings.feedback_with_question else {"question", "answer"}
        told = given.model_dump(exclude=left_out)
        told["sources"] = list(filter(known, given.sources))
        for name in told.keys() & {"question", "answer", "comment"}:
            told[name] = masked(told[name] or "") or None
        now = datetime.now(UTC).replace(microsecond=0)
        if files.append(KeptFeedback(time=now, **told), now):
            return Response(status_code=204)
        return _not_kept(503, accept_language)

    def known(source: str) -> bool:
        try:
            bot.document_text(source)
        except (KeyError, PartnerbotError):
            return False
        return True

    return router


def _not_kept(status: int, accept_language: str | None) -> JSONResponse:
    message = texts_of(preferred_language(accept_language)).feedback.failed
    return error_response(status, "not_kept", message)
