"""Whether a text states that two authorities are partners: by the reader's states of it, and by its words.

The reader reads "A and B are partners" together with the text. Over its states, with marks on the names of
the two and of others, lie a small network with attention and, for pairs, two layers like the reader's own;
both also take what `plain` sees (training/register).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from partnerbot.answering.values import find_dates
from partnerbot.models.reader import States, load_reader, open_branch
from partnerbot.register.authorities import Named
from partnerbot.register.candidates import Candidate, View, is_only_where
from partnerbot.register.partnerships import SPEAKING, clause, has_word, tables

Floats = NDArray[np.float32]

OTHER, A, B = 1, 2, 3
"""What a token is part of: a name of others, of the first or of the second of a pair; 0: of none."""

_HERE = Path(__file__).parent

_LARGE = frozenset({"region", "department", "prefecture", "metropole"})
"""Levels of which each is a partner of others rather than of a town."""

_SHARPNESS = 3
"""By what likeness of a token to what is looked for is multiplied, as it was in training."""


@dataclass(frozen=True)
class Tie:
    """What is seen in a text of a pair, or of a date beside one.

    `states`: the reader's, float32 [tokens, hidden]; `parts`: int [tokens], what each is part of; `plain`:
    float32 [features].
    """

    states: Floats
    parts: NDArray[np.intp]
    plain: Floats


def tie_of(view: View, pair: Candidate, language: str) -> Tie:
    """Return what is seen of a candidate."""
    text, _, named = view
    statement = tables().tie.get(language, tables().tie["en"])
    a, b = text[pair.a.start : pair.a.end], text[pair.b.start : pair.b.end]
    states = read(statement.format(a=a, b=b), text + pair.after)
    seen = np.array(plain(view, pair, language), np.float32)
    return Tie(states.values, marked(states, _marks(pair, named)), seen)


def read(question: str, text: str) -> States:
    """Return the reader's states of a question or statement with a text."""
    return load_reader(threads=2).states(question, "", text)


def _marks(pair: Candidate, named: Sequence[Named]) -> Iterator[tuple[int, int, int]]:
    for one in named:
        part = {pair.a.authority.key: A, pair.b.authority.key: B}.get(one.authority.key, OTHER)
        yield one.start, one.end, part


def marked(states: States, marks: Iterable[tuple[int, int, int]]) -> NDArray[np.intp]:
    """Return what each token is part of, by [start, end) of the text and a part; the last counts."""
    parts = np.zeros(len(states.values), np.intp)
    for first, last, part in marks:
        for token, (start, end) in enumerate(states.pair.spans):
            if start < last and first < end and start < end:
                parts[states.pair.second + token] = part
    return parts


class Judge:
    """The networks, asked together: each alone changes its mind with what it happens to have learnt last."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """`weights`: by name, float [networks, …] (`training/register/judges.py` has the same in torch)."""
        stacked = {name: np.asarray(values, np.float32) for name, values in weights.items()}
        count = len(stacked["outer_bias"])
        self._networks = [{name: values[i] for name, values in stacked.items()} for i in range(count)]

    def __call__(self, tie: Tie) -> float:
        """Return the log-odds that the two are stated to be partners, or to be so since the date."""
        return sum(self._asked(network, tie) for network in self._networks) / len(self._networks)

    @staticmethod
    def _asked(w: Mapping[str, Floats], tie: Tie) -> float:
        tokens = np.maximum(_product(tie.states, w["down"]) + w["down_bias"] + w["marks"][tie.parts], 0)
        likeness = w["queries"] @ (_product(tokens, w["key"]) + w["key_bias"]).T
        weighted = np.exp(
            (likeness - likeness.max(axis=1, keepdims=True)) * (_SHARPNESS / np.sqrt(tokens.shape[1]))
        )
        weighted /= weighted.sum(axis=1, keepdims=True)
        found = (weighted @ (_product(tokens, w["value"]) + w["value_bias"])).ravel()
        a, b = (_mean(tokens, tie.parts == part) for part in (A, B))
        seen = np.concatenate([found, a + b, a * b, (tie.plain - w["mean"]) / w["spread"]])
        return float(np.maximum(seen @ w["inner"] + w["inner_bias"], 0) @ w["outer"] + w["outer_bias"])


def _product(a: Floats, b: Floats) -> Floats:
    """Return a @ b by one thread: for these sizes those of BLAS wait for one another twenty times as long."""
    product: Floats = np.einsum("ij,jk->ik", a, b)
    return product


class TunedJudge:
    """Two layers that began as the reader's next ones and were trained on for pairs, and one upon them."""

    def __init__(self, layers: InferenceSession, weights: Mapping[str, Floats]) -> None:
        """`layers`: from states to states; `weights`: as training/register/judges.py names them."""
        self._layers = layers
        self._weights = {name: np.asarray(values, np.float32) for name, values in weights.items()}

    def __call__(self, tie: Tie) -> float:
        """Return the log-odds that the two are stated to be partners."""
        w = self._weights
        (found,) = self._layers.run(None, {"states": (tie.states + w["marks"][tie.parts])[None]})
        states = np.asarray(found, np.float32)[0]
        seen = np.stack([states[0], *(_mean(states, tie.parts == part) for part in (A, B))])
        first, a, b = np.maximum(_product(seen, w["down"]) + w["down_bias"], 0)
        told = np.concatenate([first, a + b, a * b, (tie.plain - w["mean"]) / w["spread"]])
        return float(np.maximum(told @ w["inner"] + w["inner_bias"], 0) @ w["outer"] + w["outer_bias"])


def _mean(tokens: Floats, chosen: NDArray[np.bool_]) -> Floats:
    mean: Floats = tokens[chosen].sum(axis=0) / max(1, chosen.sum())
    return mean


@cache
def judge_of_pairs() -> Callable[[Tie], float]:
    """Return the log-odds that the two of a tie are partners, by both judges: they are wrong about others."""
    judges = Judge(weights_of("judge")), TunedJudge(open_branch(_HERE / "tuned.onnx"), weights_of("tuned"))
    return lambda tie: sum(judge(tie) for judge in judges) / len(judges)


@cache
def judge_of_dates() -> Judge:
    """Return the judge of when partnerships began."""
    return Judge(weights_of("dates"))


@cache
def weights_of(name: str) -> dict[str, Floats]:
    """Return the weights of a network that training/register has fitted."""
    with np.load(_HERE / f"{name}.npz") as weights:
        return dict(weights)


# ---- What is seen without the reader: how the names stand, and which words tell of them ----------------


def plain(view: View, pair: Candidate, language: str) -> list[float]:
    """Return what is seen of a candidate: how its names stand, and the telling words, in 56 numbers."""
    text, pairs, here = view
    first, second = sorted(_nearest(pair, here), key=lambda one: one.start)
    between = text[first.end : second.start]
    within = clause(text, first.start, second.end)
    head = len(text) - (pair.end - pair.start)
    own = text[slice(*reach(pair, first, second, here, (head, len(text))))]
    groups = [*tables().telling.values(), tables().kind["ended"]]
    return [
        float(np.log(len(pairs))),
        *_places(text, *_nearest(pair, here), here, language),
        *(
            float(has_word(said, language, words))
            for said in (text[:head], text[head:], within, own)
            for words in groups
        ),
        *(float(has_word(between, language, tables().telling[kind])) for kind in SPEAKING),
        float(has_word(between, language, tables().between)),
        float(bool(find_dates(within, language))),
        float(first.start == 0 and bool(pair.head)),
        float((pair.a.authority.level in _LARGE) == (pair.b.authority.level in _LARGE)),
    ]


def reach(
    pair: Candidate, first: Named, second: Named, here: Sequence[Named], within: tuple[int, int]
) -> tuple[int, int]:
    """Return [start, end) of what stands between the nearest other names before and after a pair's."""
    others = [one for one in here if one.authority.key not in pair.keys]
    return (
        max([within[0], *(one.end for one in others if one.end <= first.start)]),
        min([within[1], *(one.start for one in others if second.end <= one.start)]),
    )


def _nearest(pair: Candidate, here: Sequence[Named]) -> tuple[Named, Named]:
    """Return the mentions of two authorities that stand nearest to one another."""
    sides = [[one for one in here if one.authority.key == own.authority.key] for own in (pair.a, pair.b)]
    return min(product(sides[0], sides[1]), key=lambda both: _gap(*both))


def _places(text: str, first: Named, second: Named, here: Sequence[Named], language: str) -> list[float]:
    """Return how two mentions stand to one another and to the other authorities."""
    a, b = first.authority, second.authority
    gap = _gap(first, second)
    others = [one for one in here if one.authority.key not in (a.key, b.key)]
    nearer_a = any(_gap(first, one) < gap for one in others if one.authority.country == b.country)
    nearer_b = any(_gap(second, one) < gap for one in others if one.authority.country == a.country)
    low, high = sorted((first, second), key=lambda one: one.start)
    between = text[low.end : high.start]
    inside = [one for one in others if low.end <= one.start and one.end <= high.start]
    countries = [
        len({one.authority.key for one in here if one.authority.country == c}) for c in (a.country, b.country)
    ]
    return [
        float(nearer_a),
        float(nearer_b),
        float(nearer_a or nearer_b),
        float(len(inside) > 0),
        float(any(mark in between for mark in ".!?。\n")),
        float(any(mark in between for mark in ";；:")),
        min(gap, 200) / 50,
        float(is_only_where(text, first, language)),
        float(is_only_where(text, second, language)),
        float(countries[0] == countries[1] == 1),
        float(countries[0] == countries[1] > 1),
        float(min(countries) == 1 < max(countries)),
    ]


def _gap(one: Named, other: Named) -> int:
    return max(one.start, other.start) - min(one.end, other.end)
