"""Training examples from the questions we wrote ourselves (questions/*.jsonl).

Each line asks about one document of a source, in up to three languages: `doc_id`, `answer` (verbatim in
the document, at its `occurrence`-th place, 1 unless given; null: a near miss, which the document doesn't
answer though it looks as if it should), and the question as `fr`, `ja`, `en`. The documents of
`invented` are ours, too (questions/invented/docs.jsonl): fiction, or three of a kind (`family`: rivers,
treaties) told of in words of ours and from memory, with the same sort of facts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = "fr", "ja", "en"


@dataclass(frozen=True)
class Written:
    """One question with its document; `span` is the answer's place, None for a near miss."""

    question: str
    language: str
    document: dict[str, Any]
    span: tuple[int, int] | None


def read_written(file: Path, documents: dict[str, dict[str, Any]]) -> Iterator[Written]:
    """Yield the questions on the documents given; others (left out as evaluated) are skipped.

    Raises: ValueError if an answer doesn't stand in its document.
    """
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            entry = json.loads(line)
            document = documents.get(entry["doc_id"])
            if document is None:
                continue
            span = None
            if entry["answer"] is not None:
                span = _place(entry["answer"], document["text"], entry.get("occurrence", 1))
                if span is None:
                    raise ValueError(f"{file.name}:{number}: the answer is not in {entry['doc_id']}")
            for language in LANGUAGES:
                if language in entry:
                    yield Written(entry[language], language, document, span)


def _place(answer: str, text: str, occurrence: int) -> tuple[int, int] | None:
    start = -1
    for _ in range(occurrence):
        start = text.find(answer, start + 1)
        if start < 0:
            return None
    return start, start + len(answer)


def unrelated(written: Written, documents: list[dict[str, Any]], rng: random.Random) -> dict[str, Any] | None:
    """Draw a document of another language or subject that doesn't have the answer's words."""
    if written.span is None:
        return None
    answer = written.document["text"][slice(*written.span)]
    figures = {word for word in answer.replace("年", " ").split() if any(c.isdigit() for c in word)}
    for _ in range(10):
        other = rng.choice(documents)
        if other["doc_id"] == written.document["doc_id"] or answer in other["text"]:
            continue
        if not any(figure in other["text"] for figure in figures):
            return other
    return None
