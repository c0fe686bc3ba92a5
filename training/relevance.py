"""Train what tells whether a passage tells something of what is asked, be it one of many things.

    python training/relevance.py --minutes 24
    python training/relevance.py --go-on --minutes 22

It goes on from the states of the shipped reader's lower layers with four layers of its own, which begin as
the reader's upper ones, or with --go-on from the shipped branch, whose weights are then averaged with theirs.
It learns from broad questions in three languages (questions/broad/), with the passages that tell, those of
articles that are only near, and those that retrieval ranked high and that were judged one by one;
from questions for one value (questions/invented.jsonl), and from such that follow another question
(follow_ups.py). The states of all pairs are computed first, once.
Then the weights are written to the package as int8 ONNX, with the checksum in reader.json; the reader's own
graph stays as it is.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from articles import LANGUAGES, QUESTIONS, Articles, Pair, paired
from export import SHIPPED, exported_weights, write
from follow_ups import follow_up_pairs
from network import SHARED_LAYERS, ReaderNetwork, packed_model
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits

from partnerbot.index.passages import Passage
from partnerbot.models.reader import load_reader

SEED = 5
BATCH = 16
NEW = 0.7
"""Share of the new weights in the average with those of the shipped branch."""
LEARNING_RATE, HEAD_RATE = 8e-5, 5e-4
WARM_UP = 80
NEAR, NEAR_TO_NOTHING, ELSEWHERE = 3, 4, 0.4
"""Passages that don't tell, for a question in each language: of near articles, of those where nothing tells;
and the share of questions with one of any article."""
JUDGED = 0.67
"""Share of the languages in which a judged passage is learnt from."""
FACTS = 2_600
ON_PAGES = "P-"
"""How ids of questions begin that are asked of pages of institutions (questions/pages/)."""

KNOWN = 0.17, 0.35, 0.3
"""With --go-on, the shares of broad questions on articles, of facts and of what follows others."""

HELD_OUT = 12
"""One in so many groups of questions is kept to measure with."""


def broad_groups() -> Iterator[dict[str, Any]]:
    """Yield the broad questions, each in all languages, with what tells of them and what is near."""
    for file in sorted((QUESTIONS / "broad").glob("*.jsonl")):
        yield from map(json.loads, file.read_text("utf-8").splitlines())


def telling(group: dict[str, Any], articles: Articles) -> dict[str, list[Passage]]:
    """Return the passages that tell of a question, by article."""
    told: dict[str, list[tuple[int, int]]] = {}
    for one in group["tells"]:
        start = articles.articles[one["doc_id"]]["text"].index(one["quote"])
        told.setdefault(one["doc_id"], []).append((start, start + len(one["quote"])))
    return {
        name: [one for one in articles.passages(name) if _overlaps(one, spans)]
        for name, spans in told.items()
    }


def lacking(name: str, group: dict[str, Any], articles: Articles) -> list[Passage]:
    """Return the passages of an article that don't tell, also not in the sentences around them.

    Of a page that tells elsewhere, too: `near` names it only where all that tells is quoted.
    """
    told = telling(group, articles).get(name, [])
    return [
        one
        for one in articles.passages(name)
        if not any(one.context_start < hit.end and hit.start < one.context_end for hit in told)
    ]


def labelled(group: dict[str, Any], articles: Articles) -> set[tuple[str, int]]:
    """Return the passages, by article and place, of which it is written whether they tell of a question."""
    near = {name: lacking(name, group, articles) for name in group["near"]}
    return {
        (name, one.start)
        for passages in (telling(group, articles), near)
        for name, some in passages.items()
        for one in some
    }


def broad_pairs(groups: Iterable[dict[str, Any]], articles: Articles, rng: random.Random) -> Iterator[Pair]:
    """Yield what tells of broad questions, at most two passages an article, and what doesn't."""
    every = list(articles.articles)
    judged = _judged(articles)
    for group in groups:
        told = telling(group, articles)
        near = NEAR if told else NEAR_TO_NOTHING
        for question in group["questions"].values():
            for hit in told.values():
                for passage in rng.sample(hit, min(2, len(hit))):
                    yield paired(group["id"], question, passage, True)
            names = rng.sample(group["near"], min(near, len(group["near"])))
            other = rng.choice(every)
            if other not in told and rng.random() < ELSEWHERE:
                names.append(other)
            for name in names:
                if passages := lacking(name, group, articles):
                    yield paired(group["id"], question, rng.choice(passages), False)
            for passage, tells in judged[group["id"]]:
                if rng.random() < JUDGED:
                    yield paired(group["id"], question, passage, tells)


def _judged(articles: Articles) -> defaultdict[str, list[tuple[Passage, bool]]]:
    """Return the passages judged one by one, by question, and whether each tells."""
    judged: defaultdict[str, list[tuple[Passage, bool]]] = defaultdict(list)
    with (QUESTIONS / "broad" / "judged.tsv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, dialect="excel-tab"):
            name, start = line["doc_id"], int(line["start"])
            passage = next(one for one in articles.passages(name) if one.start == start)
            judged[line["id"]].append((passage, line["tells"] == "1"))
    return judged


def _overlaps(passage: Passage, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < passage.end and passage.start < end for start, end in spans)


def fact_pairs(articles: Articles, rng: random.Random) -> Iterator[Pair]:
    """Yield questions for one value with a passage that has it, and often with one that hasn't."""
    every = list(articles.articles)
    facts = [json.loads(line) for line in (QUESTIONS / "invented.jsonl").read_text("utf-8").splitlines()]
    for fact in rng.sample(facts, FACTS):
        name, answer = fact["doc_id"], fact.get("answer")
        if name not in articles.articles or not answer or answer not in articles.articles[name]["text"]:
            continue
        question = fact[rng.choice([language for language in LANGUAGES if fact.get(language)])]
        passages = articles.passages(name)
        having = [one for one in passages if answer in one.text]
        lacking = [one for one in passages if answer not in one.context]
        if having:
            yield paired(f"fact {name}", question, rng.choice(having), True)
        if lacking and rng.random() < 0.5:
            yield paired(f"fact {name}", question, rng.choice(lacking), False)
        if rng.random() < ELSEWHERE:
            other = rng.choice(every)
            passage = rng.choice(articles.passages(other))
            yield paired(f"fact {name}", question, passage, False)


def chosen_pairs(articles: Articles, rng: random.Random, go_on: bool) -> list[Pair]:
    """Return what is learnt from and measured with; all there is, unless the shipped branch goes on.

    It knows the articles already, so a share of these is enough; each question on a page is drawn for twice.
    """
    pages = [group for group in broad_groups() if group["id"].startswith(ON_PAGES)]
    on_articles = [group for group in broad_groups() if not group["id"].startswith(ON_PAGES)]
    known = [
        broad_pairs(on_articles, articles, rng),
        fact_pairs(articles, rng),
        follow_up_pairs(articles, rng),
    ]
    found = [
        pair
        for pairs, share in zip(known, KNOWN, strict=True)
        for pair in pairs
        if not go_on or rng.random() < share
    ]
    return found + [pair for _ in range(2) for pair in broad_pairs(pages, articles, rng)]


def states_of(pairs: Sequence[Pair]) -> list[NDArray[np.float16]]:
    """Return the shipped reader's states of every pair, float16 [tokens, hidden]."""
    reader = load_reader()
    found = []
    for number, pair in enumerate(pairs):
        states = reader.states(pair.question, pair.title, pair.text)
        found.append(states.values.astype(np.float16))
        if number % 1_000 == 0:
            print(f"{number} of {len(pairs)} read", flush=True)
    return found


def shipped_reader() -> ReaderNetwork:
    reader = ReaderNetwork(packed_model())
    reader.load_state_dict(exported_weights(SHIPPED), strict=False)
    return reader


def upper_layers(reader: ReaderNetwork) -> torch.nn.ModuleList:
    """Return the layers above those that all branches share, ready to learn."""
    layers: torch.nn.ModuleList = reader.encoder.encoder.layer[SHARED_LAYERS:]
    return layers.requires_grad_(True)


def as_shipped(layers: torch.nn.ModuleList) -> dict[str, torch.Tensor]:
    """Return a branch's layers as export.py names them."""
    return {
        f"encoder.encoder.layer.{int(name.split('.')[0]) + SHARED_LAYERS}.{name.split('.', 1)[1]}": value
        for name, value in layers.state_dict().items()
    }


class Relevance(torch.nn.Module):
    """The reader's upper layers again, with weights of their own, and one logit."""

    def __init__(self, go_on: bool) -> None:
        super().__init__()
        reader = shipped_reader()
        self.layers = upper_layers(reader)
        self.head = torch.nn.Linear(reader.head.in_features, 1)
        with torch.no_grad():  # begins as "answered at all"
            self.head.weight.copy_(reader.head.weight[2:3])
            self.head.bias.copy_(reader.head.bias[2:3])
        if go_on:
            weights = exported_weights(SHIPPED, ["relevance"])
            self.load_state_dict({self._name(name): value for name, value in weights.items()})

    @staticmethod
    def _name(name: str) -> str:
        """Return what a shipped weight is called here."""
        if name.startswith("head."):
            return name
        layer, rest = name.removeprefix("encoder.encoder.layer.").split(".", 1)
        return f"layers.{int(layer) - SHARED_LAYERS}.{rest}"

    def forward(self, states: Sequence[NDArray[np.float16]]) -> torch.Tensor:
        """Return logits [pairs]."""
        lengths = torch.tensor([len(one) for one in states])
        rows = [torch.from_numpy(np.asarray(one, np.float32)) for one in states]
        state = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        absent = torch.arange(state.shape[1])[None] >= lengths[:, None]
        penalty = absent[:, None, None, :] * -10_000.0
        for layer in self.layers:
            state = layer(state, attention_mask=penalty)
        logits: torch.Tensor = self.head(state[:, 0])[:, 0]
        return logits

    def shipped(self) -> dict[str, torch.Tensor]:
        """The weights as export.py names them."""
        head = {f"head.{name}": value for name, value in self.head.state_dict().items()}
        return as_shipped(self.layers) | head


def cut(numbers: Sequence[int]) -> list[Sequence[int]]:
    return [numbers[at : at + BATCH] for at in range(0, len(numbers), BATCH)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=24.0, help="of processor time, after the reading")
    parser.add_argument(
        "--go-on",
        action="store_true",
        help="begin with the shipped branch, and average with it",
    )
    options = parser.parse_args()
    rng = random.Random(SEED)
    articles = Articles()
    pairs = chosen_pairs(articles, rng, options.go_on)
    states = states_of(pairs)
    tells = np.array([pair.tells for pair in pairs], np.float32)
    groups = sorted({pair.group for pair in pairs})
    held_groups = set(rng.sample(groups, len(groups) // HELD_OUT))
    held = [i for i, pair in enumerate(pairs) if pair.group in held_groups]
    learnt = [i for i, pair in enumerate(pairs) if pair.group not in held_groups]
    network = Relevance(options.go_on)
    begun = {name: value.clone() for name, value in network.state_dict().items()}

    def batches(chosen: list[int]) -> Iterator[Sequence[int]]:
        """Yield numbers of pairs of like length, in any order."""
        rng.shuffle(chosen)
        by_length = [
            sorted(chosen[at : at + 100 * BATCH], key=lambda i: len(states[i]))
            for at in range(0, len(chosen), 100 * BATCH)
        ]
        for part in by_length:
            ready = cut(part)
            yield from rng.sample(ready, len(ready))

    @torch.no_grad()
    def measured() -> str:
        logits = {
            i: logit
            for b in batches(held)
            for i, logit in zip(b, network([states[i] for i in b]), strict=True)
        }
        told = [float(logits[i]) for i in held]
        return (
            f"area under the ROC curve of {len(held)} pairs held out {roc_auc_score(tells[held], told):.3f}"
        )

    print(f"{len(learnt)} pairs to learn from, {measured()}", flush=True)
    optimizer = torch.optim.AdamW(
        [{"params": network.layers.parameters()}, {"params": network.head.parameters()}], weight_decay=0.01
    )
    began, step, seen = time.process_time(), 0, 0
    waiting: Iterator[Sequence[int]] = iter(())
    while (done := (time.process_time() - began) / 60 / options.minutes) < 1.0:
        batch = next(waiting, None)
        if batch is None:
            waiting = batches(learnt)
            continue
        pace = min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + np.cos(np.pi * done))
        for part, rate in zip(optimizer.param_groups, (LEARNING_RATE, HEAD_RATE), strict=True):
            part["lr"] = rate * pace
        loss = binary_cross_entropy_with_logits(
            network([states[i] for i in batch]), torch.from_numpy(tells[batch])
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step, seen = step + 1, seen + len(batch)
        if step % 200 == 0:
            print(f"{seen} pairs, {100 * done:.0f} %, {measured()}", flush=True)
    print(f"{seen} pairs, {measured()}")
    if options.go_on:
        mixed = {name: begun[name].lerp(new, NEW) for name, new in network.state_dict().items()}
        network.load_state_dict(mixed)
        print(f"averaged: {measured()}")
    write("relevance", network.shipped(), SHIPPED)


if __name__ == "__main__":
    main()
