"""Questions that visitors asked, for owners who chose to keep them: one file a day, deleted in time.

An entry has no address and no conversation, its time is to the minute, and personal numbers
and e-mail addresses are taken out before it is written.
"""

from __future__ import annotations

import csv
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from partnerbot.answering.answer import Answer
from partnerbot.web.records import day_files
from partnerbot.web.records.personal_data import masked

log = logging.getLogger(__name__)

# Where a spreadsheet may begin a cell that it calculates, by OWASP's advice on CSV injection: at the start,
# after a line break, and at each ";" and tab, which a French Excel splits at even inside quotes.
# The signs count also in the full width that Japanese ones accept.
_FORMULA = re.compile(
    r"(?:^|(?<=[;\t\r\n]))(?=(?:[^\S\t\r\n]|\")*+[=+\-@|\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])"
)


class KeptQuestion(BaseModel):
    """One entry; `minute` is in UTC."""

    model_config = ConfigDict(frozen=True)

    minute: str
    language: str
    status: str
    question: str
    sources: list[str]


class QuestionLog:
    """The kept questions below a state folder."""

    def __init__(self, folder: Path, days: int) -> None:
        """`days`: how long an entry is kept; 0 keeps none and deletes what was kept before."""
        self._folder = folder / "questions"
        self._days = days

    def keep(self, answer: Answer, now: datetime | None = None) -> None:
        """Write an answered question down, if questions are kept. A full disk loses it, not the answer."""
        if not self._days:
            return
        now = now or datetime.now(UTC)
        entry = KeptQuestion(
            minute=now.strftime("%Y-%m-%dT%H:%M"),
            language=answer.language,
            status=answer.status,
            question=masked(answer.question),
            sources=list(dict.fromkeys(citation.source for citation in answer.citations)),
        )
        try:
            day_files.append(self._folder, f"{entry.model_dump_json()}\n".encode(), now)
        except OSError as error:
            log.error("A question can't be kept in %s: %s", self._folder, error)

    def purge(self, today: date | None = None) -> int:
        """Delete the days that are too old; return how many. Raises: ConfigurationError if it can't."""
        return day_files.purge(self._folder, self._days, today)

    def entries(self) -> Iterator[KeptQuestion]:
        """Yield what is kept, oldest day first; a line that was cut off is left out."""
        for _, file in day_files.files_by_day(self._folder):
            for line in file.read_text("utf-8", errors="replace").split("\n"):
                try:
                    yield KeptQuestion.model_validate_json(line)
                except ValidationError:
                    continue


def write_csv(entries: Iterator[KeptQuestion], out: TextIO) -> None:
    """Write entries as a table for spreadsheets; nothing in it is calculated when it is opened."""
    table = csv.writer(out)
    table.writerow(KeptQuestion.model_fields)
    for entry in entries:
        cells = (entry.minute, entry.language, entry.status, entry.question, "; ".join(entry.sources))
        table.writerow([_as_text(cell) for cell in cells])


def write_json_lines(entries: Iterator[KeptQuestion], out: TextIO) -> None:
    """Write entries as they are kept, one JSON object a line."""
    for entry in entries:
        out.write(json.dumps(entry.model_dump(), ensure_ascii=False) + "\n")


def _as_text(cell: str) -> str:
    """Keep a spreadsheet from reading any of a cell as a formula: an apostrophe makes it text."""
    return _FORMULA.sub("'", cell)
