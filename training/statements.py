"""Training examples from the statements we wrote ourselves (statements/*.jsonl): supported, or not.

Each line has a quote of one document of a source and what a language model might write from it:
`doc_id`, `quote` (verbatim in the document), `true` (pairs of language and statement) and `false` (language,
kind, statement). Kinds: swapped (two of its names or figures changed places), value, name, relation (the
same names in another relation), negated, half (the second half is added), scope (generalised, or with a
cause of its own), unsupported.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRUE, ELSEWHERE = "true", "elsewhere"

_SAID_NEARBY = 0.3
"""Share of statements that are read with a neighbouring sentence, as the product reads them."""

_ADDED = "half", "unsupported", "scope"
"""Kinds that a neighbouring sentence might make true."""

_ELSEWHERE = 0.25
"""Share of true statements that also stand beside another part of their document."""


@dataclass(frozen=True)
class Stated:
    """One statement with what it is read beside: in training the question's place is the statement's."""

    question: str
    title: str
    text: str
    supported: bool
    kind: str
    pair: str
    source: str
    article: str
    start: None = None
    end: None = None


def read_statements(
    file: Path,
    documents: dict[str, dict[str, Any]],
    sentences: Any,
    article_of: Any,
    rng: random.Random,
) -> Iterator[Stated]:
    """Yield the statements on the documents given; others are skipped.

    sentences: cuts a text into offsets that cover it. article_of: names a document's article.
    Raises: ValueError if a quote doesn't stand in its document.
    """
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            entry = json.loads(line)
            document = documents.get(entry["doc_id"])
            if document is None:
                continue
            text = document["text"]
            start = text.find(entry["quote"])
            if start < 0:
                raise ValueError(f"{file.name}:{number}: the quote is not in {entry['doc_id']}")
            end = start + len(entry["quote"])
            spans = sentences(text)
            before = [span for span in spans if span[1] <= start]
            after = [span for span in spans if span[0] >= end]
            said = [(language, TRUE, words) for language, words in entry["true"]]
            said += [tuple(one) for one in entry["false"]]
            for language, kind, words in said:
                first, last = start, end
                if kind not in _ADDED and rng.random() < _SAID_NEARBY:
                    if before and rng.random() < 0.5:
                        first = before[-1][0]
                    elif after:
                        last = after[0][1]
                stated = Stated(
                    words,
                    document["title"] if rng.random() < 0.9 else "",
                    text[first:last].strip(),
                    kind == TRUE,
                    kind,
                    f"{language}-{document['lang']}",
                    file.stem,
                    article_of(document),
                )
                yield stated
                rest = [span for span in before[:-1] + after[1:] if span[1] - span[0] > 20]
                if kind == TRUE and rest and rng.random() < _ELSEWHERE:
                    a, b = rng.choice(rest)
                    yield Stated(
                        words,
                        document["title"],
                        text[a:b].strip(),
                        False,
                        ELSEWHERE,
                        stated.pair,
                        file.stem,
                        stated.article,
                    )
