"""How a question ended, and what is kept of it: a row, and its words if owners want them; and like ones."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from sqlalchemy import insert

from partnerbot.answering.alike import Asked, likest
from partnerbot.answering.answer import Answer
from partnerbot.documents.language import detect_language
from partnerbot.errors import RecordsUnavailable
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
    told = {
        "day": now.astimezone(UTC).date(),
        "language": ended.language if answer is None else answer.language,
        "outcome": outcome,
    }
    rows = []
    if records.days[COUNTS]:
        kind = answer.kind if answer is not None and outcome == "answered" else None
        rows.append(insert(COUNTS).values(**told, kind=kind, milliseconds=round(1000 * ended.seconds)))
    if records.days[QUESTIONS] and answer is not None:
        sources = list(dict.fromkeys(citation.source for citation in answer.citations))
        rows.append(
            insert(QUESTIONS).values(
                **told,
                time=now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0),
                question=masked(answer.question, answer.language),
                follows=[masked(earlier, answer.language) for earlier in answer.follows],
                sources=sources,
            )
        )
    try:
        if rows:
            records.change(*rows)
    except RecordsUnavailable as error:
        log.error("A question isn't kept: %s", error)


def _outcome(answer: Answer) -> str:
    return "conversation" if answer.kind == "conversation" else answer.status


# ---- Which ask the same, in whatever words or language ------------------------------------------

ALIKE = 2.0
"""Log-odds from which two questions go together, as for staff's answers."""


def alike(asked: Counter[str]) -> list[list[str]]:
    """Return questions in groups, each led by its most central one: that is nearest to all that were asked.

    Raises: ModelUnavailable.
    """
    texts = [text for text, _ in asked.most_common()]
    if not texts:
        return []
    every, spellings = [ready(text) for text in texts], Spellings(())
    groups: list[list[int]] = []
    for number, one in enumerate(every):
        # Compared with the most frequent one of each group: chains of neighbours would end anywhere.
        likeness, group = likest(one, ((every[group[0]], group, "") for group in groups), spellings)
        if group is None or likeness < ALIKE:
            groups.append(group := [])
        group.append(number)
    vectors = np.stack([one.vector for one in every])
    nearness = vectors @ vectors.T
    weights = np.array([asked[text] for text in texts])
    return [
        [texts[n] for n in sorted(group, key=lambda n: -float(nearness[n, group] @ weights[group]))]
        for group in groups
    ]


@lru_cache(maxsize=1024)
def ready(text: str) -> Asked:
    """Return a question ready to be compared, which it stays while staff look at it again and again."""
    return Asked(text, detect_language(text))
