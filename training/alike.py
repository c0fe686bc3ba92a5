"""Fit when two questions ask the same: weights for answering/alike.npz.

    python training/alike.py          # fits and writes: ten minutes on two cores
    python training/alike.py --check  # measures what is shipped

It learns from questions that ask the same in other words and languages and others that are near them
(questions/wordings.jsonl, questions/curated.toml), and from questions on the same short text, in three
languages each (questions/invented.jsonl, questions/digests.jsonl). Three networks are fitted, each without
another third of the subjects; their logits are averaged. Printed is how well each network tells pairs of
the subjects that it has not seen, then how many pairs of questions/wordings_aside.jsonl are taken to ask the
same and what staff's answers of questions/curated_aside.toml and tests/curated.tsv are given to, names and
figures compared, too: nothing of these was learnt from.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import combinations, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import nn

from partnerbot.answering import alike
from partnerbot.answering.alike import SURE, Asked, read_alone
from partnerbot.answering.curated import Curated, CuratedAnswer
from partnerbot.documents.language import detect_language
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED

QUESTIONS = Path(__file__).parent / "questions"
JUDGED = Path(__file__).parents[1] / "tests" / "curated.tsv"
WEIGHTS = Path(alike.__file__).with_name("alike.npz")
LANGUAGES = ("fr", "ja", "en")
SEED, NETWORKS, FOLDS, STEPS, RATE = 3, 3, 3, 800, 1e-3
TEXTS, OF_ONE_TEXT = 260, 5
"""Invented texts, and questions on each, which are read in two of their three languages."""
DRAWN = {("written", True): 20, ("written", False): 32, ("curated", True): 6, ("curated", False): 6,
         ("invented", True): 10, ("invented", False): 10}  # fmt: skip
"""Pairs of one step, by where they are from and whether they ask the same; and FAR ones of two subjects."""
FAR = 8
DIMENSION, FEATURES, DROPPED = 64, 64, 0.3
USUAL, SPREAD = 0.9, 20.0
"""The usual cosine of two questions' vectors; what differs from it is brought to the size of the rest."""


class Pair(NamedTuple):
    """Two questions, the subject that at least one of them is of, and whether they ask the same."""

    subject: str
    one: str
    other: str
    same: bool


def pairs() -> Iterator[Pair]:
    """Yield what is learnt from; a subject's name begins with where it is from."""
    for number, line in enumerate((QUESTIONS / "wordings.jsonl").read_text("utf-8").splitlines()):
        yield from of_meanings(f"written {number}", json.loads(line))
    for number, answer in enumerate(answers("curated.toml")):
        same = [*answer["questions"], *every(answer["same"])]
        yield from (Pair(f"curated {number}", *two, True) for two in combinations(same, 2))
        near = every(answer.get("near", {}))
        yield from (Pair(f"curated {number}", *two, False) for two in product(same, near))
    of_text: dict[str, list[dict[str, str]]] = defaultdict(list)
    for file in ("invented.jsonl", "digests.jsonl"):
        for row in map(json.loads, (QUESTIONS / file).read_text("utf-8").splitlines()):
            if all(row.get(language) for language in LANGUAGES):
                of_text[row["doc_id"]].append(row)
    drawn = random.Random(SEED)
    enough = [text for text, rows in of_text.items() if len(rows) >= OF_ONE_TEXT]
    drawn.shuffle(enough)
    for text in enough[:TEXTS]:
        drawn.shuffle(of_text[text])
        rows = of_text[text][:OF_ONE_TEXT]
        said = [[row[language] for language in drawn.sample(LANGUAGES, 2)] for row in rows]
        for (row, one), (other_row, other) in combinations(zip(rows, said, strict=True), 2):
            if not row["answer"] or row["answer"] != other_row["answer"]:
                yield from (Pair(f"invented {text}", *two, False) for two in product(one, other))
        yield from (Pair(f"invented {text}", one, other, True) for one, other in said)


def of_meanings(subject: str, meanings: Sequence[Sequence[str]]) -> Iterator[Pair]:
    """Yield the pairs of questions that are grouped by what they ask."""
    for wordings in meanings:
        yield from (Pair(subject, *two, True) for two in combinations(wordings, 2))
    for one, other in combinations(meanings, 2):
        yield from (Pair(subject, *two, False) for two in product(one, other))


def answers(file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((QUESTIONS / file).read_text("utf-8"))["answer"]
    return found


def every(by_language: Mapping[str, Sequence[str]]) -> list[str]:
    return [question for questions in by_language.values() for question in questions]


class Read(NamedTuple):
    """A question as the reader's lower layers see it, float32 [tokens, hidden], and its vector."""

    states: NDArray[np.float32]
    vector: NDArray[np.float32]


class Network(nn.Module):
    """What answering/alike.py computes, of batches, and with what is dropped while it learns."""

    def __init__(self, read: Mapping[str, Read]) -> None:
        super().__init__()
        self._read = read
        states = np.concatenate([one.states for one in list(read.values())[:1_500]])
        self.centre, self.spread = torch.from_numpy(states.mean(0)), torch.from_numpy(states.std(0) + 1e-3)
        hidden = states.shape[1]
        self.find, self.mean = nn.Linear(hidden, DIMENSION, bias=False), nn.Linear(hidden, DIMENSION)
        self.sharpness = nn.Parameter(torch.tensor(10.0))
        self.compare, self.out = nn.Linear(4 * DIMENSION, FEATURES), nn.Linear(2 * FEATURES + 1, 1)
        self.dropped = nn.Dropout(DROPPED)

    def forward(self, some: Sequence[tuple[str, str]]) -> torch.Tensor:
        """Return logits [pairs]."""
        one, other = (self._padded([two[side] for two in some]) for side in (0, 1))
        seen = self._beside(*one, *other) + self._beside(*other, *one)
        cosines = [float(self._read[one].vector @ self._read[other].vector) for one, other in some]
        nearness = (torch.tensor(cosines)[:, None] - USUAL) * SPREAD
        logits: torch.Tensor = self.out(self.dropped(torch.cat([seen, nearness], -1)))[:, 0]
        return logits

    def _padded(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        states = [torch.from_numpy(self._read[text].states) for text in texts]
        there = nn.utils.rnn.pad_sequence([torch.ones(len(one)) for one in states], batch_first=True)
        padded = nn.utils.rnn.pad_sequence(states, batch_first=True)
        return (padded - self.centre) / self.spread, there

    def _beside(
        self, ours: torch.Tensor, there: torch.Tensor, theirs: torch.Tensor, beside: torch.Tensor
    ) -> torch.Tensor:
        keys, others = (nn.functional.normalize(self.find(one), dim=-1) for one in (ours, theirs))
        nearness = self.sharpness * keys @ others.transpose(1, 2) - 1e9 * (1 - beside[:, None, :])
        means, like = torch.tanh(self.mean(ours)), nearness.softmax(-1) @ torch.tanh(self.mean(theirs))
        both = torch.cat([means, like, means * like, (means - like).abs()], -1)
        seen = torch.relu(self.compare(self.dropped(both))) * there[..., None]
        return torch.cat([seen.sum(1) / there.sum(1, keepdim=True), seen.max(1).values], -1)

    @torch.no_grad()
    def shipped(self) -> dict[str, NDArray[np.float32]]:
        """The weights as answering/alike.py names them, upon states as they are."""
        find, mean = (layer.weight / self.spread for layer in (self.find, self.mean))
        *out, cosine = self.out.weight[0]
        weights = {
            "find": find.T,
            "find_bias": -(find @ self.centre)[None],
            "mean": mean.T,
            "mean_bias": (self.mean.bias - mean @ self.centre)[None],
            "sharpness": self.sharpness[None, None],
            "compare": self.compare.weight.T,
            "compare_bias": self.compare.bias[None],
            "out": torch.stack(out),
            "cosine": SPREAD * cosine,
            "out_bias": self.out.bias[0] - SPREAD * USUAL * cosine,
        }
        return {name: value.numpy() for name, value in weights.items()}


def fitted(learnt: Sequence[Pair], read: Mapping[str, Read], seed: int) -> Network:
    rng = random.Random(seed)
    torch.manual_seed(seed)
    network, drawn_from = Network(read), defaultdict(list)
    for pair in learnt:
        drawn_from[pair.subject.split()[0], pair.same].append(pair)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.05)
    for step in range(STEPS):
        batch = [rng.choice(drawn_from[kind]) for kind, number in DRAWN.items() for _ in range(number)]
        some = [(one, other) if rng.random() < 0.5 else (other, one) for _, one, other, _ in batch]
        far = [rng.sample(batch, 2) for _ in range(FAR)]
        some += [(one.one, other.other) for one, other in far if one.subject != other.subject]
        same = torch.tensor([float(pair.same) for pair in batch] + [0.0] * (len(some) - len(batch)))
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(network(some), same)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return network.eval()


def fit() -> None:
    """Fit, and write what is shipped."""
    model, every_pair = load_embedding_model(EMBEDDED), list(pairs())
    texts = dict.fromkeys(text for pair in every_pair for text in (pair.one, pair.other))
    read = {text: Read(read_alone(text), model.query_vector(text)) for text in texts}
    subjects = sorted({pair.subject for pair in every_pair})
    random.Random(SEED).shuffle(subjects)
    fold = {subject: number % FOLDS for number, subject in enumerate(subjects)}
    networks = []
    for number in range(NETWORKS):
        network = fitted([pair for pair in every_pair if fold[pair.subject] != number], read, number + 1)
        networks.append(network.shipped())
        for kind in dict.fromkeys(kind for kind, _ in DRAWN):
            held = [
                pair for pair in every_pair if fold[pair.subject] == number and pair.subject.startswith(kind)
            ]
            with torch.no_grad():
                logits = np.concatenate(
                    [network([pair[1:3] for pair in held[at : at + 64]]) for at in range(0, len(held), 64)]
                )
            area = roc_auc_score([pair.same for pair in held], logits)
            print(
                f"network {number}: {len(held)} pairs {kind}, area under the ROC curve {area:.3f}", flush=True
            )
    stacked = {name: np.stack([one[name] for one in networks]) for name in networks[0]}
    # In half precision, but for the few whose size decides.
    large: dict[str, NDArray[Any]] = {
        name: value.astype(np.float16) if value.size > 1_000 else value for name, value in stacked.items()
    }
    np.savez_compressed(WEIGHTS, **large)  # type: ignore[arg-type]  # "allow_pickle" is none of the names


def asked_of_staff() -> Iterator[tuple[str, str, str, str, CuratedAnswer]]:
    """Yield the set, the kind, the language, a question, and staff's answer that it is near to."""
    for one in answers("curated_aside.toml"):
        answer = CuratedAnswer(questions=one["questions"], text=one["text"])
        for kind in ("same", "near"):
            for language, questions in one[kind].items():
                for question in questions:
                    yield "kept" if one["kept"] else "looked at", kind, language, question, answer
    with JUDGED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, dialect="excel-tab"):
            answer = CuratedAnswer(questions=(row["of_staff"],), text={row["language"]: row["text"]})
            yield JUDGED.name, row["kind"], row["language"], row["asked"], answer


def check_pairs() -> None:
    """Print how many pairs of subjects that weren't learnt are taken to ask the same."""
    read = cache(lambda text: Asked(text, detect_language(text)))
    taken: dict[bool, list[bool]] = {True: [], False: []}
    for line in (QUESTIONS / "wordings_aside.jsonl").read_text("utf-8").splitlines():
        for _, one, other, same in of_meanings("", json.loads(line)):
            agrees = read(one).agrees_with(read(other), Spellings(()))
            taken[same].append(agrees and read(one).likeness(read(other)) >= SURE)
    for same, found in taken.items():
        print(f"wordings aside, {'same' if same else 'near'}: {sum(found)} of {len(found)} pairs")


def check() -> None:
    """Print how many questions of each kind staff's answers are given to."""
    matched: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for of, kind, language, question, answer in asked_of_staff():
        given = Curated(partial(list, [answer])).matched(question, language, Spellings(())) is not None
        matched[of, kind].update({"of": 1, "": given, f" {language}": given})
        if given and kind != "same" and of != "kept":
            print(f"  {kind} {language} {question}")
    for (of, kind), counted in matched.items():
        by_language = ", ".join(f"{code}{counted[f' {code}']}" for code in LANGUAGES)
        print(f"{of} {kind}: {counted['']} of {counted['of']} ({by_language})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="measure what is shipped, write nothing")
    if not parser.parse_args().check:
        fit()
    check_pairs()
    check()
