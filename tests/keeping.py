"""What a bot keeps for staff, as its database has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from partnerbot.answering.answer import Answer
from partnerbot.records import Records
from partnerbot.settings import Settings
from partnerbot.web.records.questions import Ended, keep


def kept(settings: Settings, table: Table) -> list[dict[str, Any]]:
    """Return all rows of a table, in the order in which they were written."""
    return [dict(row._mapping) for row in Records(settings).rows(select(table))]


def keep_question(settings: Settings, answer: Answer, when: datetime) -> None:
    """Keep an answered question as the server does."""
    keep(Records(settings), Ended(answer.status, 0.005, answer.language, answer), when)
