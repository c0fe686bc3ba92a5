"""The reply to a kept question, as visitors get it now: what it follows, and what staff say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from partnerbot.answering.curated import CURATED
from partnerbot.bot import Partnerbot
from partnerbot.evaluation.marks import said
from partnerbot.records import MARKED, QUESTIONS, Records
from partnerbot.web.links import source_link
from partnerbot.web.render import Renderer
from partnerbot.web.staff.figures import answers_of_staff
from partnerbot.web.visitor_language import written_date


def reply_page(bot: Partnerbot, records: Records, query: Mapping[str, str], render: Renderer) -> str | None:
    """Return the page of the question that an address names; None if it isn't kept.

    Raises: RecordsUnavailable; what `Partnerbot.ask` raises.
    """
    kept = kept_question(records, query)
    if kept is None:
        return None
    reply = bot.ask(kept.question, language=kept.language)
    same = select(MARKED).where(MARKED.c.question == kept.question, MARKED.c.language == kept.language)
    texts, prefix, by_staff = render.texts, bot.settings.prefix, reply.generator == CURATED
    return render.from_template(
        "staff_reply.html",
        heading=texts.staff.reply,
        place="/staff/reply",
        address=render.addresses(query),
        kept=kept,
        said=said(reply),
        reply=reply,
        by_staff=by_staff,
        own_answers=[
            one for one in answers_of_staff(records, bot.settings) if said(reply) in one.text.values()
        ],
        followed=[
            (source_link(each, render.language, prefix), each.title, getattr(each, "quote", ""))
            for each in (reply.related if by_staff else reply.citations)
        ],
        verdict=next(iter(records.rows(same)), None),
        written=lambda day: written_date(f"{day:%Y-%m-%d}", texts),
    )


def kept_question(records: Records, query: Mapping[str, str]) -> Any:
    """Return the row that an address names: of the kept questions, or of those that are marked; else None."""
    for name, table in (("question", QUESTIONS), ("marked", MARKED)):
        number = query.get(name, "")
        if number.isascii() and number.isdigit() and len(number) < 10:
            return next(iter(records.rows(select(table).where(table.c.id == int(number)))), None)
    return None
