"""The trained reader: where in a passage the answer stands, and whether it stands there at all.

A small network (training/MODEL_CARD.md) in ONNX Runtime: eight layers that read question and passage
together, and two branches that go on from their states. One points at an answer; the other tells whether
the passage tells something of what is asked, be it one of many things. The vocabulary, four fifths of the
weights, is read from the embedded model's installed package, a few rows at a time, so that it takes neither
repository space nor memory.
"""

import hashlib
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from partnerbot.errors import ModelUnavailable
from partnerbot.models import embedded_model
from partnerbot.models.embedded_model import WordVectors, open_network
from partnerbot.models.vocabulary import Pair, Tokenizer

MODEL_FOLDER = Path(__file__).parent / "reader_model"

MAX_TOKENS = 512
_MAX_QUESTION_TOKENS = 128
_MAX_ANSWER_TOKENS = 48
_NEARLY = 0.7
"""Logits below the best span's down to which another one is nearly as likely: with "9 h" in place of
"8 h 30" in a town hall's hours, two of them change places by 0.6."""

_NOTHING_READ = -100.0
"""Score of a text of which nothing was read."""

_PUNCTUATION = " \t\n\r\u3000.,;:!?…。、，．；：！？・“”„‘’\"'-–—"
_BRACKETS = dict(zip("(（[［「『《〈【«", ")）]］」』》〉】»", strict=True))
_OPENING = {closing: opening for opening, closing in _BRACKETS.items()}


@dataclass(frozen=True)
class States:
    """A question and a passage, read together: what each branch goes on from.

    `values`: float32 [tokens, hidden]; of an owner's model, logits of where an answer begins and ends,
    [tokens, 2]. `pair`: their tokens. `text`: the passage's, which begins at `shift`
    in the pair's second part.
    """

    values: NDArray[np.float32] = field(repr=False)
    pair: Pair
    text: str
    shift: int


@dataclass(frozen=True)
class Reading:
    """What the reader sees in one passage: its likeliest answer, `passage[start:end] == text`.

    `reach`: [start, end) over all spans that are nearly as likely: a small change of the text may make
    another one the likeliest. `score` is the calibrated log-odds that the passage answers (the span's logit
    minus that of "not here", weighted with a separate "answered at all" logit): higher is more surely
    answered. `support`: where a statement was read, the log-odds that the passage says what it says, not
    calibrated: the network was trained on statements with quotes of one to three sentences (`training/`);
    0 of a reader that can't tell.
    """

    start: int
    end: int
    text: str
    reach: tuple[int, int]
    score: float
    support: float = 0.0


class Reader(ABC):
    """Reads a question together with passages; whatever does takes this place."""

    def read(self, question: str, title: str, text: str) -> Reading:
        """Return what is seen of a question or statement in a passage; arguments as for `states`."""
        return self.answer(self.states(question, title, text))

    @abstractmethod
    def states(self, question: str, title: str, text: str) -> States:
        """Return what is made of a passage's text, below its title (may be empty), read with the question.

        What lies beyond 512 tokens isn't read. Question and text are in Unicode's composed form (NFC).

        Raises: ValueError if the text is blank.
        """

    @abstractmethod
    def answer(self, states: States) -> Reading:
        """Return what is seen of a question or statement in the passage that it was read with."""

    @abstractmethod
    def relevance(self, states: States) -> float:
        """Return the log-odds that a passage tells something of what is asked.

        Unlike a reading's score, also where a passage is one of many that together answer: of a list, of an
        overview.
        """


class TrainedReader(Reader):
    """The reader that comes with partnerbot. One instance serves all threads."""

    def __init__(
        self,
        sessions: Mapping[str, InferenceSession],
        tokenizer: Tokenizer,
        words: WordVectors,
        calibration: Mapping[str, float],
    ) -> None:
        """`sessions`: "shared", which makes states of words, and "answers" and "relevance" upon it.

        calibration: weights of a reading's logits, "span" and "answered", and their "intercept".
        """
        self._sessions = sessions
        self._tokenizer, self._words = tokenizer, words
        self.calibration = calibration

    def states(self, question: str, title: str, text: str) -> States:
        if not text.strip():
            raise ValueError("A passage to read must not be blank.")
        joined, shift = join(title, text)
        pair = self._tokenizer.pair(self._shortened(_encodable(question)), _encodable(joined), MAX_TOKENS)
        # Alone: several in one run take a fifth longer, since all are padded to the longest.
        values = self._run("shared", words=self._words.of(np.array([pair.ids])))[0]
        return States(values, pair, text, shift)

    def answer(self, states: States) -> Reading:
        logits, weights = self._branch("answers", states), self.calibration
        found = best_in(states, logits[:, 0], logits[:, 1])
        answered, support = logits[0, 2:4].tolist()
        score = weights["span"] * found.score + weights["answered"] * answered + weights["intercept"]
        return replace(found, score=score, support=support)

    def relevance(self, states: States) -> float:
        return float(self._branch("relevance", states))

    def _shortened(self, question: str) -> str:
        spans = self._tokenizer.tokens(question).spans
        if len(spans) <= _MAX_QUESTION_TOKENS:
            return question
        return question[: spans[_MAX_QUESTION_TOKENS - 1][1]]

    def _branch(self, name: str, states: States) -> NDArray[np.float32]:
        (logits,) = self._run(name, states=states.values[None])
        return np.asarray(logits)

    def _run(self, name: str, **inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        (output,) = self._sessions[name].run(None, inputs)
        return np.asarray(output, np.float32)


def best_in(states: States, starts: NDArray[np.float32], ends: NDArray[np.float32]) -> Reading:
    """Return the best span of the text that was read.

    Its score is its logit minus that of "not here", the first token's, as SQuAD 2 models are trained.

    `starts`, `ends`: float32 [tokens], logits of a span's first and last token.
    """
    text, shift, pair = states.text, states.shift, states.pair
    inside = [index for index, (start, end) in enumerate(pair.spans) if end > max(start, shift)]
    if not inside:  # a title so long that nothing of the text fits
        start, end = trimmed(text, 0, len(text))
        return Reading(start, end, text[start:end], (start, end), _NOTHING_READ)
    tokens = np.array(inside) + pair.second
    best, reach, logit = best_span(starts[tokens], ends[tokens])

    def placed(first: int, last: int) -> tuple[int, int]:
        return trimmed(
            text, max(0, pair.spans[inside[first]][0] - shift), pair.spans[inside[last]][1] - shift
        )

    start, end = placed(*best)
    return Reading(start, end, text[start:end], placed(*reach), logit - float(starts[0] + ends[0]))


@cache
def load_reader(folder: Path = MODEL_FOLDER, threads: int = 1) -> TrainedReader:
    """Load the embedded reader; takes under a second.

    threads: of one run. With one, visitors who ask at once don't wait for each other's; alone, a second
        one would save a quarter of the time (docs/decisions/005-reader.md).
    Raises: ModelUnavailable if the model or the vocabulary's package is missing or altered.
    """
    try:
        facts = json.loads((folder / "reader.json").read_text("utf-8"))
        files = {name: folder / f"{name}.onnx" for name in facts["sha256"]}
        found = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    except OSError as error:
        raise ModelUnavailable(
            f"The reader's model is missing from {folder} ({error.strerror}). Reinstall partnerbot."
        ) from error
    if facts["vocabulary"] != embedded_model.WEIGHTS_SHA256:
        raise ModelUnavailable(
            f"The reader's model in {folder} was trained with another vocabulary. Reinstall partnerbot."
        )
    if found != facts["sha256"]:
        raise ModelUnavailable(
            f"The reader's model in {folder} is damaged (wrong checksum). Reinstall partnerbot."
        )
    wide = _sums_overflow()
    return TrainedReader(
        # By their files: of their bytes ONNX Runtime would keep half as much memory again.
        {name: open_network(str(file), threads, wide_sums=wide) for name, file in files.items()},
        embedded_model.tokenizer(),
        embedded_model.word_vectors(),
        facts["calibration"],
    )


def open_branch(layers: Path) -> InferenceSession:
    """Open layers that go on from `States`, in one thread, from states to states."""
    return open_network(str(layers), threads=1, wide_sums=_sums_overflow())


@cache
def _sums_overflow() -> bool:
    """Whether this processor sums pairs of int8 products in 16 bits, where the largest don't fit.

    Those with AVX2 or AVX-512 but without VNNI do. `int8_sum.onnx`, which training/export.py wrote, sums 64
    of the largest products.
    """
    network = open_network(str(Path(__file__).parent / "int8_sum.onnx"), threads=1)
    (found,) = network.run(None, {"left": np.full((1, 64), 255, np.uint8)})
    return bool((found != 64 * 255 * 127).any())


def chance(score: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def join(title: str, text: str) -> tuple[str, int]:
    """Return what the network reads as the passage, and where the text begins in it.

    training/train.py joins them the same way.
    """
    return (f"{title} | {text}", len(title) + 3) if title else (text, 0)


def best_span(
    starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> tuple[tuple[int, int], tuple[int, int], float]:
    """Return the best span of at most 48 tokens, the reach of those nearly as good, and the best's logit.

    Spans are given by their first and last tokens.
    """
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.tri(len(starts), k=_MAX_ANSWER_TOKENS - 1, dtype=bool))
    sums = np.where(allowed, sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    near = np.argwhere(sums >= sums[first, last] - _NEARLY)
    return (int(first), int(last)), (int(near[:, 0].min()), int(near[:, 1].max())), float(sums[first, last])


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Drop spaces, punctuation, and brackets that enclose all or have no counterpart, at a span's edges.

    A span of nothing else keeps all but its spaces.
    """
    whole = text[start:end]
    low, high = start, end
    while low < high:
        first, last, inside = text[low], text[high - 1], text[low + 1 : high - 1]
        closing, opening = _BRACKETS.get(first), _OPENING.get(last)
        if first in _PUNCTUATION or (closing and closing not in text[low:high]):
            low += 1
        elif last in _PUNCTUATION or (opening and opening not in text[low:high]):
            high -= 1
        elif closing == last and closing not in inside:
            low, high = low + 1, high - 1
        else:
            return low, high
    return start + len(whole) - len(whole.lstrip()), end - len(whole) + len(whole.rstrip())


def _encodable(text: str) -> str:
    """Replace lone surrogates, which the tokenizer can't take, one for one."""
    return text.encode("utf-8", "replace").decode("utf-8")
