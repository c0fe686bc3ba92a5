"""Find passages of other articles that the shipped reader takes for answers.

    python training/mine.py --data DIR --evaluation DIR --questions 2600 --out build/mined.jsonl

For questions of the training sets and of ours, retrieval finds the nearest two passages *of other
articles* in each of French, Japanese and English, and the reader reads them. What it finds likely to
answer is written out, one a line: `key` (of the question), `question`, `language`, `doc_id`, `start`,
`end` and `span` (what it took for the answer), `score`, `title`, `text`.

Some of these passages do answer, and others may: they are read one by one. They go to
questions/judged/passages.jsonl as `key`, `doc_id`, `start`, `end` and `answers` (true or false), from where
data.py takes them; those found doubtful are left out. runs.md says how many there were of each.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data import (
    QUESTIONS,
    SEED,
    article_of,
    composed,
    evaluated_articles,
    question_key,
    read_source,
    unevaluated_documents,
)
from nearest import READ_CHARACTERS, Asked, Nearest
from written import LANGUAGES, read_written

from partnerbot.models.reader import load_reader

SOURCES = "jsquad", "piaf", "squad2_half", "squad_fje", "nomiracl"
NEAREST = 2
"""Passages read in each language."""
LIKELY = -1.4
"""The reader's log-odds from which a passage is worth a person's time."""


def questions_on(
    documents: dict[str, dict[str, Any]], data: Path, evaluation: Path
) -> Iterator[tuple[str, str, str | None]]:
    """Yield question, language and the id of its own document, if it has one."""
    for name in SOURCES:
        file = QUESTIONS / f"{name}.jsonl"
        if file.exists():
            for written in read_written(file, documents):
                yield written.question, written.language, written.document["doc_id"]
        for question in read_source(data / name, evaluated_articles(evaluation)).questions:
            # NoMIRACL says that some of an answered question's documents answer, not which.
            if question["lang"] in LANGUAGES and not (name == "nomiracl" and question["doc_ids"]):
                own = (question["doc_ids"] or [question.get("near_doc_id")])[0]
                yield composed(question["question"]), question["lang"], own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sources")
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the sets to keep clean of")
    parser.add_argument("--questions", type=int, default=2600, help="how many, drawn at random")
    parser.add_argument("--seed", type=int, default=SEED, help="another one draws other questions")
    parser.add_argument("--out", type=Path, default=Path("build/mined.jsonl"))
    options = parser.parse_args()
    documents = {
        id: document
        for name in SOURCES
        for id, document in unevaluated_documents(options.data / name, options.evaluation).items()
        if document["lang"] in LANGUAGES
    }
    drawn = list(questions_on(documents, options.data, options.evaluation))
    random.Random(options.seed).shuffle(drawn)
    drawn = drawn[: options.questions]
    reader = load_reader()
    ids = list(documents)
    nearest = Nearest(list(documents.values()), [article_of(document) for document in documents.values()])
    asked = [
        Asked(question, language, article_of(documents[own]) if own in documents else "")
        for question, language, own in drawn
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as file:
        found = nearest.of_other_articles(asked, NEAREST)
        for (question, language, _), places in zip(drawn, found, strict=True):
            chosen = [ids[place] for place in places]
            read = [(documents[id]["title"], documents[id]["text"][:READ_CHARACTERS]) for id in chosen]
            for id, (title, text), reading in zip(chosen, read, reader.read(question, read), strict=True):
                if reading.score < LIKELY:
                    continue
                entry = {
                    "key": question_key(question),
                    "question": question,
                    "language": language,
                    "doc_id": id,
                    "start": reading.start,
                    "end": reading.end,
                    "span": reading.text,
                    "score": round(reading.score, 2),
                    "title": title,
                    "text": text,
                }
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
