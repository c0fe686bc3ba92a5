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

from relevance import LANGUAGES, Articles, broad_groups, labelled

from partnerbot.bot import Partnerbot
from partnerbot.evaluation.corpus import write_documents
from partnerbot.evaluation.datasets import WrittenDocument
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings

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
    written = [
        WrittenDocument(id, one["lang"], one["title"], one["text"], None)
        for id, one in articles.articles.items()
    ]
    ids = {source: id for id, source in write_documents(written, folder / "documents").items()}
    settings = Settings(documents=folder / "documents", index=folder / "index")
    build_index(settings.documents, settings.index, load_embedding_model(settings.embedding_model))
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
