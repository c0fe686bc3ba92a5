"""Train the layers that tell what sort of reply a message wants (src/partnerbot/answering/kinds.py).

    python training/kinds/train.py            train, print figures, write the weights
    python training/kinds/train.py --check    print figures only
    python training/kinds/train.py --aside    print what the written weights say of what was kept aside

Takes some minutes on one core, most of them for embedding. Examples: this folder and training/conversation;
bare names in small letters are taken from the list of towns.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from compose import GREETINGS, composed, have_you
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from partnerbot.answering import kinds
from partnerbot.answering.short_answer import is_list
from partnerbot.index.passages import display_width
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED

HERE = Path(__file__).parent
WEIGHTS = Path(kinds.__file__).with_name("kinds.npz")
FOLLOW_UPS = HERE.parent / "questions" / "follow_ups.jsonl"
TOWNS = Path(kinds.__file__).parents[1] / "index" / "place_names.tsv"

PENALTY = {"kinds": 0.3, "acts": 0.3, "languages": 0.3, "following": 0.3, "asking": 0.3}
"""C of the logistic regressions; of the kinds held back, 0.1, 0.3 and 1 told 84, 85 and 86 % right."""

COMPOSED_WEIGHT = 0.3
"""Of an example made from a template or asked for the reader, beside 1 for one that was written for this."""

THINGS = "things.tsv"
"""Everyday things that visitors ask whether an institution has."""

EVERYDAY = "everyday.jsonl"
"""What visitors ask of a library or a town hall. These and the things of THINGS follow a question as often as
none, so they teach nothing of what points back: with them it was told less well."""

CONTRASTS = "contrasts.jsonl"
"""Facts that are asked of what `written.jsonl` asks for yes or no."""

BARE_TOWNS = 240
ASKED_FOR_THE_READER = ("jsquad", "nomiracl", "piaf", "squad2_half")
FACTS_OF_EACH = 100
"""Questions a language, from each of those files of the reader's training, that a few words answer: facts of
all walks, most of which no question word tells."""

FOLLOW_UP = "follow_up"
"""In these files, what can't be understood without what was said before: no kind beside others."""

ASKED_IN = ("fr", "ja", "en")
"""Languages in which most examples are."""

FOLDS = 5

GREETED = 200

STANDS_ALONE, POINTS_BACK = kinds.LAYERS["following"]

LETTERS = ("letters.jsonl", "letters_korean.jsonl")
"""Sentences of letters, for a layer of their own."""

KOREAN = "korean.jsonl"
"""Of the kinds and of the acts: written for the chat in Korean."""

ASKS = kinds.LAYERS["asking"][1]

TYPED_PLAIN = 24
"""Width, in Latin letters, up to which a message is typed in small letters, too."""

REASON = re.compile(
    r"pourquoi|comment|why|how(?! many| much| old| long| far)|なぜ|ため|どうやって|どのように", re.IGNORECASE
)
"""What isn't asked for one value, even where a few words answer it."""


def examples() -> list[dict[str, str]]:
    """Return all examples: text, language, and kind or act; `group` names what must not be torn apart.

    `aside` says of what is never trained why it was kept aside.
    """
    found = []
    files = [*sorted(HERE.glob("*.jsonl")), *sorted((HERE.parent / "conversation").glob("*.jsonl"))]
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            row = json.loads(line)
            found.append(row | {"group": f"{file.name} {number}", "file": file.name})
    found += [row | {"group": f"template {row['template']}", "file": "composed"} for row in composed()]
    found += [row | {"group": f"thing {row['thing']}", "file": THINGS} for row in have_you()]
    rng = random.Random(5)
    for town in rng.sample(TOWNS.read_text("utf-8").splitlines(), BARE_TOWNS):
        spellings = town.split("\t")
        found.append({"text": spellings[0].lower(), "language": rng.choice(("fr", "en")), "kind": "name"})
        found[-1] |= {"group": town, "file": "towns"}
    return found + greeted(found) + plain(found) + facts() + follow_ups()


def follow_ups() -> list[dict[str, str]]:
    """Return questions that were written to follow others, and those that they follow."""
    found = []
    for dialogue in map(json.loads, FOLLOW_UPS.read_text("utf-8").splitlines()):
        for asked in (dialogue["before"], *dialogue["follow_ups"]):
            points_back = POINTS_BACK if asked is not dialogue["before"] else STANDS_ALONE
            found += [
                {"text": asked[language], "language": language, "following": points_back}
                for language in ASKED_IN
            ]
            for row in found[-3:]:
                row |= {"group": dialogue["doc_id"], "file": FOLLOW_UPS.name}
    return found


def plain(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the shortest of what is said in conversation as thumbs type it: small letters, no marks."""
    short = [
        row for row in rows if row["file"] == "turns.jsonl" and display_width(row["text"]) <= TYPED_PLAIN
    ]
    typed = [row | {"text": row["text"].lower().rstrip(" .!?…！？。")} for row in short]
    known = {row["text"] for row in rows}
    return [row for row in typed if row["text"] not in known]


def greeted(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return some questions with a greeting in front, which changes nothing."""
    rng = random.Random(3)
    asked = [row for row in rows if row["file"] == "written.jsonl" and row["kind"] != "name"]
    chosen = rng.sample([row for row in asked if row["language"] in GREETINGS], GREETED)
    return [row | {"text": rng.choice(GREETINGS[row["language"]]) + row["text"]} for row in chosen]


def facts() -> list[dict[str, str]]:
    """Return questions that were written to train the reader and have a short answer."""
    found = []
    for name in ASKED_FOR_THE_READER:
        lines = (HERE.parent / "questions" / f"{name}.jsonl").read_text("utf-8").splitlines()
        short = [row for row in map(json.loads, lines) if is_short(str(row.get("answer") or ""))]
        for language in ASKED_IN:
            asked = [row[language] for row in short if row.get(language) and not REASON.search(row[language])]
            for text in random.Random(7).sample(asked, min(FACTS_OF_EACH, len(asked))):
                found.append(
                    {"text": text, "language": language, "kind": "fact", "group": text, "file": name}
                )
    return found


def is_short(answer: str) -> bool:
    """True for one value or name."""
    return 0 < display_width(answer) <= 40 and not is_list(answer)


def fitted(
    rows: sparse.csr_matrix, labels: Sequence[str], weights: NDArray[np.float32], penalty: float
) -> LogisticRegression:
    """Return the layer that tells the labels apart."""
    return LogisticRegression(C=penalty, max_iter=500).fit(rows, labels, sample_weight=weights)


def held_back(
    rows: sparse.csr_matrix,
    labels: NDArray[np.str_],
    weights: NDArray[np.float32],
    groups: Sequence[str],
    counted: NDArray[np.bool_],
    penalty: float,
) -> NDArray[np.str_]:
    """Return what a layer trained on the other groups says of each counted example; "" for the rest."""
    said = np.full(len(labels), "", dtype=object)
    for known, new in GroupKFold(FOLDS).split(rows, labels, groups):
        layer = fitted(rows[known], labels[known], weights[known], penalty)
        new = new[counted[new]]
        said[new] = layer.predict(rows[new])
    return said


def print_aside(rows: Sequence[dict[str, str]], model: EmbeddingModel) -> None:
    """Print of how many examples the written weights say what they should, and which ones they get wrong.

    Of a question: that it is one, and that its kind is right, too.
    """
    told: dict[tuple[str, str], list[bool]] = defaultdict(list)
    of_kind: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        intent = kinds.intent_of(row["text"], row["language"], model.query_vector(row["text"]))
        sort = (f"{row['file']}, {row['aside']} kept aside", row["language"])
        told[sort].append(intent.act == row.get("act"))
        if not told[sort][-1]:
            print(f"  {row['text']}: {intent.act}, not {row.get('act')}")
        if "kind" in row:
            of_kind[sort].append(told[sort][-1] and intent.kind == row["kind"])
    for sort in sorted(told):
        kind = f", its kind {sum(of_kind[sort])}" if of_kind[sort] else ""
        print(f"{' '.join(sort)}: act or question {sum(told[sort])}{kind} of {len(told[sort])} right")


def main() -> None:
    every = examples()
    aside = [row for row in every if row.get("aside")]
    every = [row for row in every if not row.get("aside")]
    model = load_embedding_model(EMBEDDED)
    if "--aside" in sys.argv:
        print_aside(aside, model)
        return
    print(f"{len(every)} examples", flush=True)
    seen = np.stack(
        [kinds.features(row["text"], row["language"], model.query_vector(row["text"])) for row in every]
    )
    of_letters = np.array([row["file"] in LETTERS for row in every])
    mean = seen[~of_letters].mean(axis=0)
    worded = [kinds.wording(row["text"]) for row in every]
    columns = np.concatenate(worded)
    values = np.concatenate([np.full(len(found), kinds.wording_weight(found)) for found in worded])
    ends = np.cumsum([0, *map(len, worded)])
    wording = sparse.csr_matrix((values, columns, ends), shape=(len(every), kinds.WORDINGS))
    shown = sparse.hstack([sparse.csr_matrix(seen - mean), wording]).tocsr()
    weights = np.array(
        [
            COMPOSED_WEIGHT
            if "template" in row or row["file"] in (*ASKED_FOR_THE_READER, CONTRASTS, THINGS)
            else 1.0
            for row in every
        ],
        np.float32,
    )
    written = np.array(
        [
            row["file"]
            in ("written.jsonl", "turns.jsonl", "not_turns.jsonl", FOLLOW_UPS.name, KOREAN, *LETTERS)
            for row in every
        ]
    )
    groups = [row["group"] for row in every]
    layers: list[NDArray[np.float32]] = []
    biases: list[NDArray[np.float32]] = []
    # What can't be told by its language alone, and what is long anyway, teaches nothing of languages.
    speaking = np.array([row.get("kind") != "name" and display_width(row["text"]) <= 80 for row in every])
    asking = np.array(
        [row["file"] in ("written.jsonl", KOREAN) and row.get("kind", "name") != "name" for row in every]
    )
    following = [
        row.get("following", POINTS_BACK if row.get("kind") == FOLLOW_UP else STANDS_ALONE) for row in every
    ]
    labels_of: dict[str, tuple[NDArray[np.bool_], Sequence[str]]] = {
        "kinds": (
            np.array([row.get("kind", FOLLOW_UP) != FOLLOW_UP for row in every]),
            [row.get("kind", "") for row in every],
        ),
        "acts": (~of_letters, [row.get("act", kinds.QUESTION) for row in every]),
        "languages": (speaking & ~of_letters, [row["language"] for row in every]),
        "following": (
            np.array(
                [
                    "following" in row or ("kind" in row and row["file"] not in (THINGS, EVERYDAY))
                    for row in every
                ]
            ),
            following,
        ),
        "asking": (asking | of_letters, [row.get("asking", ASKS) for row in every]),
    }
    for name, order in kinds.LAYERS.items():
        chosen, of_each = labels_of[name]
        labels = np.array(of_each)
        where = np.flatnonzero(chosen)
        rows, mine, worth = shown[where], labels[where], weights[where]
        if name == "asking":  # there are four times as many questions
            worth = np.where(of_letters[where], 1.0, COMPOSED_WEIGHT).astype(np.float32)
        said = held_back(rows, mine, worth, [groups[i] for i in where], written[where], PENALTY[name])
        counted = said != ""
        print(f"{name}: {(said == mine)[counted].mean():.3f} right of {counted.sum()} held back")
        spoken = np.array([every[i]["language"] for i in where])
        for language in (*ASKED_IN, "ko"):
            of_it = counted & (spoken == language)
            print(f"  {language}: {(said == mine)[of_it].mean():.3f} of {of_it.sum()}")
        for label in order:
            of_label = counted & (mine == label)
            told = counted & (said == label)
            right = (counted & (said == label) & (mine == label)).sum()
            print(
                f"  {label:16} recall {right / max(1, of_label.sum()):.2f}"
                f"  precision {right / max(1, told.sum()):.2f}  of {of_label.sum()}"
            )
        layer = fitted(rows, mine, worth, PENALTY[name])
        coefficients, intercepts = layer.coef_, layer.intercept_
        if len(order) == 2:  # one row, of the second class
            coefficients = np.vstack([-coefficients / 2, coefficients / 2])
            intercepts = np.hstack([-intercepts / 2, intercepts / 2])
        columns = [list(layer.classes_).index(label) for label in order]
        layers.append(coefficients[columns].T.astype(np.float16))
        biases.append(intercepts[columns].astype(np.float32))
    if "--check" not in sys.argv:
        both = np.hstack(layers)
        np.savez_compressed(
            WEIGHTS,
            mean=mean,
            dense=both[: seen.shape[1]],
            wording=both[seen.shape[1] :],
            bias=np.hstack(biases),
        )
        print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1000:.0f} kB")
        print_aside(aside, model)


if __name__ == "__main__":
    main()
