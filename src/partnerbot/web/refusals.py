"""How a question that is not admitted is told: a status for programs, a sentence for people."""

from __future__ import annotations

from partnerbot.errors import NotAdmitted
from partnerbot.web.page_texts import Texts
from partnerbot.web.visitor_language import in_time

_STATUS = {
    "too_many_questions": 429,
    "too_many_in_all": 429,
    "too_many_at_once": 429,
    "challenge": 403,
    "busy": 503,
    "paused": 503,
}


def status_of(refused: NotAdmitted) -> int:
    """Return the HTTP status of a refusal."""
    return _STATUS[refused.reason]


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
