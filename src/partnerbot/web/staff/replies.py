"""The reply to a kept question, as visitors get it now: what it follows, and what staff say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from partnerbot.answering.answer import Answer
from partnerbot.answering.curated import CURATED
from partnerbot.bot import Partnerbot
from partnerbot.web.links import source_link
from partnerbot.web.records.database import MARKED, QUESTIONS, Records
from partnerbot.web.render import Renderer
from partnerbot.web.visitor_language import written_date


def reply_page(bot: Partnerbot, records: Records, query: Mapping[str, str], render: Renderer) -> str | None:
    """Return the page of the question that an address names; None if it isn't kept.

    Raises: RecordsUnavailable; what `Partnerbot.ask` raises.
    """
    kept = _kept(records, query)
    if kept is None:
        return None
    reply = bot.ask(kept.question, language=kept.language)
    same = select(MARKED).where(MARKED.c.question == kept.question, MARKED.c.language == kept.language)
    texts, prefix = render.texts, bot.settings.prefix
    return render.from_template(
        "staff_reply.html",
        heading=texts.staff.reply,
        place="/staff/reply",
        address={code: urlencode({**query, "lang": code}) for code in render.offered},
        kept=kept,
        said=said(reply),
        reply=reply,
        by_staff=reply.generator == CURATED,
        followed=[
            (source_link(each, render.language, prefix), each.title, getattr(each, "quote", ""))
            for each in (reply.related if reply.generator == CURATED else reply.citations)
        ],
        verdict=next(iter(records.rows(same)), None),
        written=lambda day: written_date(f"{day:%Y-%m-%d}", texts),
    )


def said(reply: Answer) -> str:
    """Return what a reply says in its own words, a line for each of its points."""
    return "\n".join([reply.answer, *(point.text for point in reply.points)])


def _kept(records: Records, query: Mapping[str, str]) -> Any:
    """Return the row that an address names: of the kept questions, or of those that are marked."""
    for name, table in (("question", QUESTIONS), ("marked", MARKED)):
        number = query.get(name, "")
        if number.isascii() and number.isdigit() and len(number) < 10:
            return next(iter(records.rows(select(table).where(table.c.id == int(number)))), None)
    return None
