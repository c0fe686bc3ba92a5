"""Measure the exported reader with the right passage given.

    python training/evaluate.py --evaluation DIR [--most 300] [--out build/reader/evaluation.json]

For each pair of question's and passage's language: short-answer F1 (characters where the answer is
Japanese or Chinese), and how well the score tells the right passage from another of the same data
set, and the question from a near miss: the same question with its place, name, year or number
changed for one that the passage doesn't name (AUROC: 1 is perfect, 0.5 is chance).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from data import Names, composed, lines, names_in
from sklearn.metrics import roc_auc_score

from partnerbot.models.reader import MODEL_FOLDER, Reader, chance, load_reader

SEED = 7
SETS = "mixed_fr_ja_en_0", "mixed_fr_ja_en_1", "mixed_fr_ja_en_2", "ja_jsquad"
_ARTICLES = re.compile(r"\b(?:the|a|an|le|la|les|un|une|des|du|de|en|in)\b|\b[ld]['’]")


@dataclass(frozen=True)
class Case:
    """A question, the passage that answers it, another one, and a near miss (None: no name to change)."""

    pair: str
    question: str
    near_miss: str | None
    right: tuple[str, str]
    other: tuple[str, str]
    answers: list[str]


def normal(text: str) -> str:
    """Lower case, without articles and punctuation."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _ARTICLES.sub(" ", text)
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def units(text: str) -> list[str]:
    """Words; characters if any is Chinese or Japanese."""
    text = normal(text)
    return list(text.replace(" ", "")) if any(ord(c) > 0x2E80 for c in text) else text.split()


def f1(found: str, gold: str) -> float:
    """Overlap of words or characters, from 0 to 1 (SQuAD's measure)."""
    a, b = units(found), units(gold)
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b)) if common else 0.0


def cases(folder: Path, most: int, rng: random.Random) -> list[Case]:
    documents: dict[str, dict[str, Any]] = {}
    versions: dict[str, str] = defaultdict(str)
    for path in (
        sorted(folder.parent.glob("mixed_*/docs.jsonl"))
        if folder.name.startswith("mixed")
        else [folder / "docs.jsonl"]
    ):
        for document in lines(path):
            if path.parent == folder:
                documents[document["doc_id"]] = document
            versions[_stem(document["doc_id"])] += composed(document["text"] + document["title"])
    questions = [question for question in lines(folder / "queries.jsonl") if question["doc_ids"]]
    names = Names()
    for question in questions:
        names.learn(question["lang"], composed(question["question"]))
    answering = sorted({question["doc_ids"][0] for question in questions})
    made = []
    for question in questions:
        right = documents[question["doc_ids"][0]]
        others = [i for i in answering if documents[i]["lang"] == right["lang"] and i != right["doc_id"]]
        other = documents[rng.choice(others)]
        asked = composed(question["question"])
        found = names_in(asked)
        rng.shuffle(found)
        near = None
        for name in found[:1]:
            changed = names.another(name, question["lang"], versions[_stem(right["doc_id"])] + asked, rng)
            near = asked.replace(name, changed) if changed else None
        answers = (question.get("answers_by_lang") or {}).get(right["lang"]) or question["answers"]
        made.append(
            Case(
                f"{question['lang']}-{right['lang']}",
                asked,
                near,
                (right["title"], composed(right["text"])),
                (other["title"], composed(other["text"])),
                answers,
            )
        )
    return made if len(made) <= most else rng.sample(made, most)


def _stem(document_id: str) -> str:
    return document_id.rsplit("-", 1)[0] if document_id.startswith("sqfje-") else document_id


def auroc(right: list[float], wrong: list[float]) -> float | None:
    return (
        float(roc_auc_score([1] * len(right) + [0] * len(wrong), right + wrong)) if right and wrong else None
    )


def measured(reader: Reader, cases: list[Case]) -> dict[str, dict[str, Any]]:
    """Figures for each pair of languages, and for all."""
    rows = defaultdict(list)
    for case in cases:
        right, other = reader.read(case.question, [case.right, case.other])
        near = reader.read(case.near_miss, [case.right])[0] if case.near_miss else None
        row = (
            max(f1(right.text, answer) for answer in case.answers),
            max(float(normal(right.text) == normal(answer)) for answer in case.answers),
            right.score,
            other.score,
            near.score if near else None,
            chance(right.score),
        )
        for key in (case.pair, "all"):
            rows[key].append(row)
    return {
        key: {
            "questions": len(found),
            "f1": round(100 * float(np.mean([row[0] for row in found])), 1),
            "exact": round(100 * float(np.mean([row[1] for row in found])), 1),
            "other_passage_auroc": auroc([row[2] for row in found], [row[3] for row in found]),
            "near_miss_auroc": auroc(
                [row[2] for row in found if row[4] is not None],
                [row[4] for row in found if row[4] is not None],
            ),
            "near_misses": sum(row[4] is not None for row in found),
            "mean_probability": round(float(np.mean([row[5] for row in found])), 3),
        }
        for key, found in sorted(rows.items())
    }


def table(results: dict[str, dict[str, Any]]) -> str:
    """The figures as a Markdown table."""
    head = "| pair | questions | F1 | exact | other passage | near miss (n) |\n|---|---|---|---|---|---|"
    shown = [
        f"| {pair} | {r['questions']} | {r['f1']} | {r['exact']} | {r['other_passage_auroc']:.3f} | "
        + (
            f"{r['near_miss_auroc']:.3f} ({r['near_misses']}) |"
            if r["near_miss_auroc"] is not None
            else "– |"
        )
        for pair, r in results.items()
    ]
    return "\n".join([head, *shown])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the evaluation sets")
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--most", type=int, default=10_000, help="most questions taken from a set")
    parser.add_argument("--out", type=Path, default=Path("build/reader/evaluation.json"))
    options = parser.parse_args()
    reader, rng = load_reader(options.model), random.Random(SEED)
    gathered: dict[str, list[Case]] = defaultdict(list)
    for name in SETS:
        gathered["mixed" if name.startswith("mixed") else name] += cases(
            options.evaluation / name, options.most, rng
        )
    results = {name: measured(reader, found) for name, found in gathered.items()}
    for name, found in results.items():
        print(f"\n{name}\n\n{table(found)}")
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
