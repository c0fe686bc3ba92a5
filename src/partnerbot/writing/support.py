"""Does a quote support what a statement means? One calibrated chance, from a network and each word's match.

The reader's network was also trained to tell statements that a quote supports from others that sound like
them (`training/statements`). Beside what it says, every word of a statement that says something should be
matched by the quote; values and names, which facts.py looks for, count as matched. Fitted by
tools/support_check (support.json).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import resources

import numpy as np

from partnerbot.answering.values import find_dates, format_value, resolved
from partnerbot.index.texts import Vectors
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import TrainedReader, load_reader
from partnerbot.models.reader import chance as probability
from partnerbot.writing.alignment import TokenStates, load_aligner
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.said import Said

_IN = {"fr": "en ", "en": "in "}


@dataclass(frozen=True)
class Likeness:
    """What speaks for a quote supporting a statement; each higher is better.

    Matches are cosines of tokens, weighted by their rarity; 1 is word for word.

    whole: mean match of the statement in the sentence, its neighbours and the title.
    back: mean match of the sentence in the statement.
    foreign: 1 if statement and quote are in different languages, else 0.
    said: the network's log-odds that the sentence, with the title, supports the statement.
    """

    whole: float
    back: float
    foreign: float
    said: float


@cache
def _coefficients() -> dict[str, float]:
    text = resources.files(__package__).joinpath("support.json").read_text("utf-8")
    return {name: float(value) for name, value in json.loads(text).items()}


def chance(likeness: Likeness) -> float:
    """Return the probability in [0, 1] that the quote supports the statement."""
    weights = _coefficients()
    score = weights["intercept"] + sum(weights[name] * value for name, value in asdict(likeness).items())
    return probability(score)


def threshold() -> float:
    """Return the chance from which a statement is shown."""
    return _coefficients()["threshold"]


class SupportJudge:
    """Compares statements with sentences of excerpts. Safe to use from several threads."""

    def __init__(self, model: EmbeddingModel, reader: TrainedReader | None = None) -> None:
        """`model`: finds the sentence to compare with. `reader`: the embedded one, loaded if not given."""
        self._model = model
        self._aligner = load_aligner()
        self._reader = reader or load_reader()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 [len(texts), dimension], unit length."""
        return self._model.document_vectors(texts)

    def words(self, text: str, language: str) -> TokenStates:
        """Return a text's tokens, to be matched."""
        return self._aligner.states(text, language)

    def supports(self, statement: Said, excerpt: Excerpt, position: int) -> float:
        """Return the network's log-odds that the sentence at a position supports a statement."""
        quote = excerpt.sentence(position)
        if statement.years:
            quote = with_dates_told(quote, excerpt.language, excerpt.published)
        return self._reader.read(statement.text, excerpt.title, quote).support


def match(statement: Said, sentences: Sequence[Said], *, facts_given: bool = True) -> float:
    """Return the mean match of a statement's words in sentences together.

    facts_given: its values and names, which are looked for as what they are, count as matched.
    """
    vectors = np.concatenate([one.words.vectors for one in sentences])
    matches = (statement.words.vectors @ vectors.T).max(axis=1)
    if facts_given:
        matches[statement.given] = 1.0
    # Nothing can support what isn't a statement, none of whose words says anything.
    total = float(statement.words.weights.sum())
    return float((matches * statement.words.weights).sum()) / total if total else 0.0


def with_dates_told(text: str, language: str, published: str | None) -> str:
    """Return the text with each relative date that the article's own date tells written out.

    "Last year it received ..." in an article of 2021 is "In 2020 ...": a model is asked to write the year, so
    whoever judges what it wrote must read the quote so.
    """
    for date in reversed(find_dates(text, language)):
        told = resolved(date, published)
        if told is not None:
            written = format_value(replace(date, since=told, until=None, relative=False), language)
            told_in = f"{_IN.get(language, '')}{written}"
            if date.text[:1].isupper():
                told_in = told_in[:1].upper() + told_in[1:]
            text = f"{text[: date.start]}{told_in}{text[date.end :]}"
    return text
