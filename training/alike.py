"""Fit in which directions of a question's vector it shows what is asked: weights for web/records/alike.npz.

    python training/alike.py          # fits and writes; some minutes
    python training/alike.py --check  # measures what is shipped

Fisher's linear discriminants: of the vectors of questions/invented.jsonl, written in three languages each,
the directions in which different questions lie far apart and one question's three languages near each
other. Measured on questions/curated.toml, which it has not seen: pairs that ask the same in other words or
languages, and pairs of which one asks about another place, year, name, figure or act.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED
from partnerbot.web.records import questions

QUESTIONS = Path(__file__).parent / "questions"
WEIGHTS = Path(questions.__file__).with_name("alike.npz")
LANGUAGES = ("fr", "ja", "en")
ENOUGH, SEED = 4_000, 1
OF_ONE_TEXT = (4, 8)
"""Texts with fewer questions are left out; of others so many are taken."""
DIRECTIONS, SHRINKAGE = 48, 0.3
"""Of 32, 48, 64 and 96 directions and .3, 1 and 3 times the mean variance added to all, those that found most
pairs of 33 questions of ours about a town's pool, library, committee and offices."""


def fitted(vectors: NDArray[np.float32]) -> dict[str, NDArray[np.float16]]:
    """Return what is shipped; vectors: float32 [questions, languages, dimension]."""
    dimension, languages = vectors.shape[2], vectors.shape[1]
    mean = vectors.mean((0, 1), dtype=np.float64)
    centred = vectors - mean
    of_question = centred.mean(1)
    apart = (centred - of_question[:, None]).reshape(-1, dimension)
    within = apart.T @ apart / (len(vectors) * (languages - 1))
    between = np.cov(of_question.T) - within / languages
    shrunk = within + SHRINKAGE * np.trace(within) / dimension * np.eye(dimension)
    variances, axes = np.linalg.eigh(shrunk)
    whitening = axes @ np.diag(variances**-0.5) @ axes.T
    _, directions = np.linalg.eigh(whitening @ between @ whitening)
    projection = whitening @ directions[:, : -DIRECTIONS - 1 : -1]
    return {"mean": mean.astype(np.float16), "projection": projection.astype(np.float16)}


def trained_on() -> list[str]:
    """Return questions of invented texts, each in all languages, one after the other."""
    of_text: dict[str, list[dict[str, str]]] = {}
    for line in (QUESTIONS / "invented.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if all(language in row for language in LANGUAGES):
            of_text.setdefault(row["doc_id"], []).append(row)
    texts = sorted(of_text)
    random.Random(SEED).shuffle(texts)
    fewest, most = OF_ONE_TEXT
    rows = [row for text in texts if len(of_text[text]) >= fewest for row in of_text[text][:most]]
    return [row[language] for row in rows[:ENOUGH] for language in LANGUAGES]


def pairs() -> Iterator[tuple[bool, str, str]]:
    """Yield two questions of questions/curated.toml and whether they ask the same."""
    for answer in tomllib.loads((QUESTIONS / "curated.toml").read_text("utf-8"))["answer"]:
        same = [*answer["questions"], *(one for some in answer.get("same", {}).values() for one in some)]
        near = [one for some in answer.get("near", {}).values() for one in some]
        yield from ((True, *pair) for pair in combinations(same, 2))
        yield from ((False, *pair) for pair in product(same, near))


def main() -> None:
    """Fit and write, or measure what is shipped, beside the vectors as they are."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--check", action="store_true", help="measure what is shipped, write nothing")
    model = load_embedding_model(EMBEDDED)
    if not arguments.parse_args().check:
        vectors = np.stack([model.query_vector(text) for text in trained_on()])
        np.savez_compressed(WEIGHTS, **fitted(vectors.reshape(-1, len(LANGUAGES), vectors.shape[1])))
    told = list(pairs())
    limit, before = questions.ALIKE, 0.9
    for name, of, at, said in (
        ("shipped", questions.direction, limit, questions.figures),
        ("as it is", model.query_vector, before, lambda _: ""),
    ):
        for same in (True, False):
            scores = [
                float(of(one) @ of(other)) if said(one) == said(other) else 0.0
                for is_same, one, other in told
                if is_same is same
            ]
            joined = sum(score >= at for score in scores)
            print(f"{name}: {joined} of {len(scores)} that ask {'the same' if same else 'something else'}")


if __name__ == "__main__":
    main()
