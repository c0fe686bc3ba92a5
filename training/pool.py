"""Find passages that are ranked high for the broad questions and that nobody has judged.

    python training/pool.py --out build/pool.jsonl

The invented articles are indexed as an owner's would be, and each broad question is asked in one of its
languages. Of the nearest passages, put in order by the shipped reader's relevance, the first five that
questions/broad/ doesn't label are written out, one a line: `id` (of the question), `question`, `doc_id`,
`start` (in the article's text), `title`, `text`. Each is then read: does it tell something of what is asked?
What was found so is in questions/broad/judged.tsv (`id`, `doc_id`, `start`, `tells`: 1 or 0), from where
relevance.py takes it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from articles import LANGUAGES, Articles
from relevance import broad_groups, labelled

from partnerbot.bot import Partnerbot
from partnerbot.models.reader import load_reader

NEAREST, UNJUDGED = 14, 5
"""Passages that are read, and those written out, for each question."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/pool.jsonl"))
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, options.out.open("w", encoding="utf-8") as file:
        for line in unjudged(Articles(), Path(folder)):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def unjudged(articles: Articles, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what is ranked best of each question, where nobody has said whether it tells."""
    settings, ids = articles.indexed(folder)
    bot, reader = Partnerbot.open(settings), load_reader()
    for number, group in enumerate(broad_groups()):
        question = group["questions"][LANGUAGES[number % len(LANGUAGES)]]
        found = [candidate.passage for candidate, _ in bot.retrieve(question, NEAREST)]
        asked = [(articles.articles[ids[one.source]]["title"], one.context) for one in found]
        states = reader.states(question, asked)
        ranked = sorted(zip(states, found, asked, strict=True), key=lambda one: -reader.relevance(one[0]))
        told = labelled(group, articles)
        new = [
            {"id": group["id"], "question": question, "doc_id": ids[one.source], "start": one.start}
            | {"title": title, "text": text}
            for _, one, (title, text) in ranked
            if (ids[one.source], one.start) not in told
        ]
        yield from new[:UNJUDGED]


if __name__ == "__main__":
    main()
