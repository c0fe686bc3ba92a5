"""How a question ended, and what is kept of it: a row, and its words if owners want them; and like ones."""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, insert, select

from partnerbot.answering.alike import SURE, Asked, likest, nearest
from partnerbot.answering.answer import Answer
from partnerbot.documents.language import detect_language
from partnerbot.errors import ModelUnavailable, RecordsUnavailable
from partnerbot.evaluation.golden import in_full
from partnerbot.index.spellings import Spellings
from partnerbot.records import COUNTS, QUESTIONS, Records
from partnerbot.web.records.personal_data import masked

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    """How a question ended, after how many seconds; `language`: what it was to be answered in.

    `outcome`: the answer's status; the reason, if it was rejected or not admitted; "too_slow", "failed", or
    "left" if its visitor did not wait.
    """

    outcome: str
    seconds: float
    language: str
    answer: Answer | None

    def figures(self) -> dict[str, object]:
        """Return it without a word of the question or the answer."""
        told: dict[str, object] = {"outcome": self.outcome, "seconds": round(self.seconds, 3)}
        if self.answer is not None:
            told |= self.answer.model_dump(include={"kind", "language", "generator", "timings_ms"})
        return told


def keep(records: Records, ended: Ended, now: datetime | None = None) -> None:
    """Keep what is kept of a question that was answered or failed. A full disk loses it, not the answer."""
    now, answer = now or datetime.now(UTC), ended.answer
    if answer is None and ended.outcome not in ("failed", "too_slow"):
        return
    outcome = "failed" if answer is None else _outcome(answer)
    language = ended.language if answer is None else _language_asked(answer, ended.language)
    told = {
        "day": now.astimezone(UTC).date(),
        "language": language,
        "outcome": outcome,
    }
    counted, asked = [], {}
    if records.days[COUNTS]:
        kind = answer.kind if answer is not None and outcome == "answered" else None
        counted.append(insert(COUNTS).values(**told, kind=kind, milliseconds=round(1000 * ended.seconds)))
    if records.days[QUESTIONS] and answer is not None:
        question = masked(answer.question, language)
        follows = [masked(earlier, language) for earlier in answer.follows]
        asked = told | {
            "time": now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0),
            "question": question,
            "follows": follows,
            "sources": list(dict.fromkeys(citation.source for citation in answer.citations)),
        }
    try:
        if counted:
            records.change(*counted)
        if asked:
            asked["vector"] = ready(in_full(question, follows)).vector.astype("<f2").tobytes()
            with _GROUPING:
                if outcome == "not_in_documents":
                    asked["asks"] = _asks(records, question, follows)
                records.change(insert(QUESTIONS).values(**asked))
    except (RecordsUnavailable, ModelUnavailable) as error:
        log.error("A question isn't kept: %s", error)


def _language_asked(answer: Answer, page: str) -> str:
    """Return the language that a question is filed under; staff's answer may be in another than its own."""
    if answer.kind != "curated":
        return answer.language
    return detect_language(answer.question, default=page or answer.language)


def _outcome(answer: Answer) -> str:
    """Return "conversation" for what asks nothing; who was sent to the contact found no answer."""
    if answer.kind == "nearest" or answer.act == "contact":
        return "not_in_documents"
    return "conversation" if answer.kind == "conversation" else answer.status


# ---- Which ask the same, in whatever words or language ------------------------------------------

_GROUPING = threading.Lock()
"""So that two who ask the same at once find each other's question."""


def vectors_of(rows: Sequence[Any]) -> NDArray[np.float32]:
    """Return the vectors of kept questions, float32 [rows, dimension]."""
    kept = np.frombuffer(b"".join(row.vector for row in rows), "<f2")
    return kept.reshape(len(rows), -1 if rows else 0).astype(np.float32)


def _asks(records: Records, question: str, follows: list[str]) -> int:
    """Return the number of those without an answer that ask the same; a new one if there are none."""
    of = QUESTIONS.c
    again = select(of.asks).where(of.question == question, of.follows == follows, of.asks.is_not(None))
    if known := records.rows(again.order_by(of.id).limit(1)):
        return int(known[0].asks)
    # The first of each group stands for it: chains of neighbours would end anywhere.
    firsts = select(func.min(of.id)).where(of.asks.is_not(None)).group_by(of.asks)
    rows = records.rows(select(of.question, of.follows, of.vector, of.asks).where(of.id.in_(firsts)))
    asked = ready(in_full(question, follows))
    near = [rows[n] for n in nearest(asked.vector, vectors_of(rows))]
    groups = [(ready(in_full(one.question, one.follows)), one.asks, "") for one in near]
    likeness, group = likest(asked, groups, Spellings(()))
    return secrets.randbelow(2**31) if group is None or likeness < SURE else int(group)


def alike(asked: Counter[str]) -> list[list[str]]:
    """Return questions in groups, the most frequent of each first. Raises: ModelUnavailable."""
    groups: list[tuple[Asked, list[str], str]] = []
    for text, _ in asked.most_common():
        one = ready(text)
        near = nearest(one.vector, [first.vector for first, *_ in groups])
        likeness, group = likest(one, [groups[n] for n in near], Spellings(()))
        if group is None or likeness < SURE:
            groups.append((one, group := [], ""))
        group.append(text)
    return [group for _, group, _ in groups]


@lru_cache(maxsize=1024)
def ready(text: str) -> Asked:
    """Return a question ready to be compared, which it stays while others are compared with it."""
    return Asked(text, detect_language(text))
