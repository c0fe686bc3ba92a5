"""How a question ended, and what is kept of it: a row, and its words if owners want them; and like ones."""

import logging
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from partnerbot.answering.answer import Answer
from partnerbot.documents.normal_forms import normal_form
from partnerbot.errors import RecordsUnavailable
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

ALIKE = 0.8
"""Cosine of two questions' directions from which they go together: 1,318 of 2,114 pairs that ask the same in
other words or languages, and 711 of 3,733 about another place, year, name, figure or act (771 with other
figures in them, too; 1,007 and 1,183 by the model's own vectors from .9; training/alike.py)."""


def alike(asked: Counter[str]) -> list[list[str]]:
    """Return questions in groups, each led by its most central one: that is nearest to all that were asked.

    Raises: ModelUnavailable.
    """
    texts = [text for text, _ in asked.most_common()]
    if not texts:
        return []
    vectors = np.stack([direction(text) for text in texts])
    said = np.array([figures(text) for text in texts])
    nearness = vectors @ vectors.T * (said[:, None] == said)
    groups: list[list[int]] = []
    for number in range(len(texts)):
        # Compared with the most frequent one of each group: chains of neighbours would end anywhere.
        nearest = max(groups, key=lambda group: nearness[group[0], number], default=None)
        if nearest is not None and nearness[nearest[0], number] >= ALIKE:
            nearest.append(number)
        else:
            groups.append([number])
    weights = np.array([asked[text] for text in texts])
    return [
        [texts[n] for n in sorted(group, key=lambda n: -float(nearness[n, group] @ weights[group]))]
        for group in groups
    ]


def figures(text: str) -> str:
    """Return the figures in a question, each once and in order: of another year it asks something else."""
    return " ".join(sorted(set(re.findall(r"\d+", normal_form("NFKC", text)))))


@lru_cache(maxsize=4096)
def direction(text: str) -> NDArray[np.float32]:
    """Return what a question asks, whatever its language, as a vector of unit length (training/alike.py)."""
    from partnerbot.models.embeddings import load_embedding_model
    from partnerbot.settings import EMBEDDED

    mean, projection = _weights()
    projected = (load_embedding_model(EMBEDDED).query_vector(text) - mean) @ projection
    return projected / np.linalg.norm(projected)


@cache
def _weights() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    with resources.files(__package__).joinpath("alike.npz").open("rb") as file, np.load(file) as weights:
        return weights["mean"].astype(np.float32), weights["projection"].astype(np.float32)
