"""Whether two questions ask the same, in whatever words or language.

They do if they say the same names, dates, figures, countries and offices, and if each word of one has its
like in the other: every token, in the states of the reader's lower layers, is compared with what the other
question has nearest to it (Parikh et al., EMNLP 2016; training/alike.py fits how).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from importlib import resources
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.mentions import Known, countries_implied, countries_said, find_word, names_in
from partnerbot.answering.question_type import patterns
from partnerbot.answering.values import find_dates, find_numbers, resolved
from partnerbot.answering.values.cldr import month_numbers, weekdays_said
from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.scripts import HAN
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.models.reader import load_reader
from partnerbot.settings import EMBEDDED

_ANY_DAY = "2026-01-15"
"""What relative dates count from, so that "last year" is the same in all languages."""

_PERSON = re.compile(rf"[{HAN}]{{2,4}}(?=さん|氏)")  # a name that only its title tells

_QUALIFIERS = frozenset({"deputy", "former"})

_COMPARED = 10
"""Of questions, how many of the nearest are compared name by name and word by word."""

SURE = 1.82
"""Log-odds from which both ask the same: 91 of 120 questions in other words and 10 of 120 near misses of
training/questions/curated_aside.toml."""

_Array = NDArray[np.float32]
Answers = TypeVar("Answers")


class Asked:
    """A question, ready to be compared with others."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language

    @cached_property
    def vector(self) -> _Array:
        """The embedding, by which the nearest are found. Raises: ModelUnavailable."""
        return load_embedding_model(EMBEDDED).query_vector(self.text)

    def embed(self) -> None:
        """Work the vector out now. Raises: ModelUnavailable."""
        _ = self.vector

    @cached_property
    def _values(self) -> frozenset[object]:
        """The dates, days, figures and countries, each in one form for all languages."""
        plain, language = normal_form("NFKC", self.text), self.language
        months, dates = month_numbers(language), find_dates(plain, language)
        return frozenset(
            {figures.lstrip("0") for figures in re.findall(r"\d+", plain)}
            | {value.number for value in find_numbers(plain, language)}
            | {(date.since, date.until) for date in dates if not date.relative}
            | {resolved(date, _ANY_DAY) for date in dates if date.relative}
            | {("month", months[word]) for word in re.findall(r"[^\W\d_]+", plain) if word in months}
            | {("weekday", day) for day in weekdays_said(plain, language)}
            | set(countries_said(plain, language))
            | countries_implied(plain, language)
        )

    @cached_property
    def _offices(self) -> set[str]:
        return _offices(self.text, self.language)

    def agrees_with(self, other: Asked, spellings: Spellings, told: str = "") -> bool:
        """Tell whether they say the same names, dates, figures and countries, and no other office.

        `told`: what answers the other, in the language of this one: the other has its names and offices, too.
        """
        asked, theirs = self._offices, other._offices
        return (
            self._values == other._values
            # Who asks who heads an office needn't say by which name; deputies and predecessors are others.
            and asked <= theirs | _offices(told, self.language)
            and theirs & _QUALIFIERS == asked & _QUALIFIERS
            and self._has_names(f"{other.text}\n{told}", spellings)
            and other._has_names(self.text, spellings)
        )

    def _has_names(self, within: str, spellings: Spellings) -> bool:
        spans = [word for name in names_in(self.text, self.language, Known(spellings)) for word in name.words]
        words = [self.text[start:end] for start, end in spans] + _PERSON.findall(self.text)
        return all(find_word(word, within, spellings) for word in words)

    @cached_property
    def _tokens(self) -> tuple[_Array, _Array]:
        """By what each token finds its like, and what it means: float32 [nets, tokens, dimension], twice."""
        values, layers = read_alone(self.text), _layers()
        keys = values @ layers["find"] + layers["find_bias"]
        keys /= np.linalg.norm(keys, axis=-1, keepdims=True)
        return keys, np.tanh(values @ layers["mean"] + layers["mean_bias"])

    def likeness(self, other: Asked) -> float:
        """Return the log-odds, by their words, that both ask the same. Raises: ModelUnavailable."""
        layers = _layers()
        found = _beside(self._tokens, other._tokens) + _beside(other._tokens, self._tokens)
        logits = (found * layers["out"]).sum(-1) + layers["out_bias"]
        return float((logits + layers["cosine"] * (self.vector @ other.vector)).mean())


def nearest(vector: _Array, vectors: Sequence[_Array] | _Array) -> list[int]:
    """Return which of some vectors are near enough to be compared, the nearest first."""
    if not len(vectors):
        return []
    order: list[int] = np.argsort(-(np.asarray(vectors) @ vector), kind="stable")[:_COMPARED].tolist()
    return order


def likest(
    asked: Asked, others: Iterable[tuple[Asked, Answers, str]], spellings: Spellings
) -> tuple[float, Answers | None]:
    """Return what stands beside that one of the others which most likely asks the same, after its log-odds.

    `others`: each with what it stands for, and what is `told` of it. Without one that agrees: -inf, and None.
    """
    alike = [
        (asked.likeness(other), answers)
        for other, answers, told in others
        if asked.agrees_with(other, spellings, told)
    ]
    return max(alike, key=lambda one: one[0], default=(-math.inf, None))


def read_alone(question: str) -> _Array:
    """Return the states of a question's tokens, float32 [tokens, hidden]. Raises: ModelUnavailable."""
    # The reader reads pairs, of which two tokens part the texts.
    states = load_reader().states(question, "", "?")
    return states.values[: states.pair.second - 2]


def _beside(ours: tuple[_Array, _Array], theirs: tuple[_Array, _Array]) -> _Array:
    """Return what is seen of one question's tokens beside the other's: float32 [nets, features]."""
    layers = _layers()
    keys, means = ours
    nearness = np.exp(layers["sharpness"] * (keys @ theirs[0].transpose(0, 2, 1)))
    like = nearness / nearness.sum(-1, keepdims=True) @ theirs[1]
    both = np.concatenate([means, like, means * like, np.abs(means - like)], -1)
    seen = np.maximum(both @ layers["compare"] + layers["compare_bias"], 0)
    return np.concatenate([seen.mean(1), seen.max(1)], -1)


@cache
def _layers() -> dict[str, _Array]:
    """Return the weights, each with the nets first, whose logits are averaged."""
    with resources.files(__package__).joinpath("alike.npz").open("rb") as file, np.load(file) as weights:
        return {name: weights[name].astype(np.float32) for name in weights}


def _offices(text: str, language: str) -> set[str]:
    """Return the offices that people hold by a text, with what qualifies them."""
    plain = normal_form("NFKC", text).lower()
    return {office for office, pattern in patterns("offices.tsv", language) if pattern.search(plain)}
