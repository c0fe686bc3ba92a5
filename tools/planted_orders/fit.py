"""Fit the probe that tells planted orders by the vector of their sentence.

    python tools/planted_orders/fit.py --evaluation DIR [--write]

Orders: our own in sentences.jsonl (one a line: `lang`, `kind`, which is "order" or "ordinary", and `text`)
and those in DIR/injections/injections.jsonl (`text`, `lang`). Ordinary: our own in sentences.jsonl, which
look like orders; those of documents/, of the invented articles that the reader is trained on, and of the data
sets in DIR (`*/docs.jsonl`). All are cut as documents are.

The threshold is the lowest at which at most one in 3,000 of the documents' sentences is told, each
left out of the fit (five folds; a text's sentences stay together). What is printed was left out likewise.
--write puts the probe where the product takes it from.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from partnerbot.documents.loading import survey
from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.documents.orders import gives_orders
from partnerbot.documents.reading import DocumentReader
from partnerbot.index.passages import sentence_spans
from partnerbot.index.planted_orders import FILE
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED

ROOT = Path(__file__).parents[2]
OURS = Path(__file__).parent / "sentences.jsonl"
INVENTED = ROOT / "training" / "questions" / "invented" / "docs.jsonl"
TARGET = ROOT / "src" / "partnerbot" / "index" / FILE

STRENGTH = 10.0
"""Inverse of the penalty on the weights: 3 and 30 tell as many."""

TOLD_AT_MOST = 1 / 3_000
"""Share of ordinary sentences that may be told."""

FROM_DATA_SETS = 3_000
"""Sentences taken of the data sets' documents."""

OUR_ORDER, PLANTED, LOOKALIKE, ORDINARY = "orders of ours", "planted texts", "lookalikes", "ordinary"

Part = tuple[str, str]
"""A kind and a text."""


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def cut(text: str, language: str) -> list[str]:
    """Cut a text as the index does, what it withholds included."""
    document = Document(page_content=text, metadata={SOURCE: "", LANGUAGE: language, TITLE: ""})
    passages = split_into_passages(document).passages
    quotable = {place for one in passages for place in range(one.start, one.end)}
    withheld = [span for span in sentence_spans(text, language) if span[0] not in quotable]
    return [one.text for one in passages] + [text[start:end] for start, end in withheld]


def texts_in(evaluation: Path) -> Iterator[list[Part]]:
    """Yield the sentences of every text: ours first, then those of the evaluation."""
    for one in lines(OURS):
        kind = OUR_ORDER if one["kind"] == "order" else LOOKALIKE
        yield [(kind, part) for part in cut(one["text"].replace("\n", " "), one["lang"])]
    for one in lines(INVENTED):
        yield [(ORDINARY, part) for part in cut(one["text"], one["lang"])]
    with DocumentReader() as reading:
        for source, path in survey(ROOT / "documents").files.items():
            document = reading.document(path, source)
            yield [(ORDINARY, one.text) for one in split_into_passages(document).passages]
    for one in lines(evaluation / "injections" / "injections.jsonl"):
        yield [(PLANTED, part) for part in cut(one["text"].replace("\n", " "), one["lang"])]
    found = {
        part
        for path in sorted(evaluation.glob("*/docs.jsonl"))
        for document in lines(path)
        for part in cut(document["text"], document["lang"])
    }
    for part in random.Random(1).sample(sorted(found), FROM_DATA_SETS):
        yield [(ORDINARY, part)]


def fitted(vectors: NDArray[np.float32], orders: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a logistic model's weights, without its intercept: float32 [dimension]."""
    model = LogisticRegression(C=STRENGTH, max_iter=5_000, class_weight="balanced").fit(vectors, orders)
    weights: NDArray[np.float32] = model.coef_[0].astype(np.float32)
    return weights


def share_told(kind: NDArray[np.str_], text: NDArray[np.intp], told: NDArray[np.bool_], which: str) -> str:
    """Count the texts of a kind of which a sentence is told."""
    chosen = kind == which
    return f"{len(set(text[chosen & told]))} of {len(set(text[chosen]))} {which}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of data sets and injections")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    options = parser.parse_args()
    parts = [
        (number, *part) for number, of_text in enumerate(texts_in(options.evaluation)) for part in of_text
    ]
    text, kind = np.array([number for number, _, _ in parts]), np.array([kind for _, kind, _ in parts])
    words = [part for _, _, part in parts]
    vectors = load_embedding_model(EMBEDDED).document_vectors(words)
    orders = np.isin(kind, (OUR_ORDER, PLANTED))
    scores = np.empty(len(words))
    for learnt, held in GroupKFold(5, shuffle=True, random_state=1).split(vectors, orders, text):
        scores[held] = vectors[held] @ fitted(vectors[learnt], orders[learnt])
    ordinary = np.sort(scores[kind == ORDINARY])[::-1]
    threshold = float(ordinary[int(len(ordinary) * TOLD_AT_MOST)])
    ruled = np.array([gives_orders(one) for one in words])
    for name, told in (
        ("rules", ruled),
        ("probe", scores > threshold),
        ("both", ruled | (scores > threshold)),
    ):
        counted = (share_told(kind, text, told, which) for which in (PLANTED, OUR_ORDER, LOOKALIKE))
        print(
            f"{name}: {', '.join(counted)}; {(told & (kind == ORDINARY)).sum()} of {len(ordinary)} sentences"
        )
    _print_likeliest(words, scores - threshold, kind == ORDINARY)
    if options.write:
        weights = [round(float(one), 4) for one in fitted(vectors, orders)]
        TARGET.write_text(json.dumps({"threshold": round(threshold, 3), "weights": weights}) + "\n", "utf-8")


def _print_likeliest(words: list[str], margins: Iterable[float], ordinary: NDArray[np.bool_]) -> None:
    ranked = sorted(zip(margins, words, ordinary, strict=True), reverse=True)
    for margin, one in [(margin, one) for margin, one, is_ordinary in ranked if is_ordinary][:8]:
        print(f"  {margin:+.2f} {one[:120]}")


if __name__ == "__main__":
    main()
