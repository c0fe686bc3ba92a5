"""What sort of reply a message wants: one value, a list, an overview, or a few polite words.

Five linear layers on the question's embedding, its wording and the kind of value its question word asks for
tell kinds of question, questions from conversation, languages of short messages, follow-ups, and what asks
from what tells. training/kinds/train.py prints how well they do on examples they haven't seen.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import resources
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.question_type import AnswerType, expected_answer
from partnerbot.appearance import Act
from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import CJK, is_mainly_unspaced
from partnerbot.index.passages import display_width
from partnerbot.models import embedded_model
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED

QuestionKind = Literal[
    "fact", "yes_no", "list", "count", "overview", "explanation", "howto", "comparison", "latest", "name",
    "multi",
]  # fmt: skip
"""training/kinds/README.md says what each means."""

KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)
ONE_VALUE: frozenset[QuestionKind] = frozenset({"fact", "count"})
"""Kinds of question that one value may answer."""

ACTS: tuple[Act, ...] = get_args(Act)
LANGUAGES = ("fr", "ja", "en", "de", "es", "it", "ko", "pt", "zh")
HOURS = "hours"
"""The class beside the acts of a message that asks when the institution is open, which is a contact."""

QUESTION = "question"
"""The class beside the acts: a message that asks the documents something."""

LAYERS: dict[str, tuple[str, ...]] = {
    "kinds": KINDS,
    "acts": (*ACTS, HOURS, QUESTION),
    "languages": LANGUAGES,
    "following": ("stands alone", "points back"),
    "asking": ("tells", "asks"),
}
"""The layers that were trained upon the same features, each with its labels."""

_TYPES = tuple(AnswerType)
_FIGURES = frozenset(
    {
        AnswerType.DATE,
        AnswerType.YEAR,
        AnswerType.NUMBER,
        AnswerType.DURATION,
        AnswerType.MONEY,
        AnswerType.PERCENT,
    }
)
_TYPE_WEIGHT = 2.0
_EMBEDDING_WEIGHT = 8.0
_LONG = 60.0
_WORDING_WEIGHT = 4.0
"""Scales of the features, so that one penalty fits all of them."""

WORDINGS = 8192
_CJK = re.compile(f"[{CJK}]")
_UNITS = re.compile(rf"[{CJK}]+|\d+|(?:(?![{CJK}])[^\W\d_])+|[?!]")

_CONVERSATION = 0.7
"""Probability from which a message is answered as conversation. Measured once, on 57 such messages that it
was not trained on, 93 in a hundred reach it."""


_ASKS_ONE_VALUE, _ASKS_FIGURE = 0.75, 0.6
"""Probability from which a question is taken to ask for one value; the second where its question word asks
for a date or a number: "when" wants one, "where" may want many. Unsure ones get passages."""


_ASKS_LATEST, _ASKS_LATEST_TOO = 0.4, 0.25
"""Probability of asking for the latest from which the newest comes first, though more is asked, and the same
where two things are ("when and where is the next one?"): of 6,000 questions of ours five more have it so,
all of them of the next or of this time."""


@dataclass(frozen=True)
class Intent:
    """What a message wants. `kinds`: the probability of each kind, in [0, 1], should it be a question.

    `act`: what it does in a conversation; None if it asks the documents something. `asks_figure`: its
    question word asks for a date or a number. `points_back`: the probability, in [0, 1], that it can't be
    understood without what was said before; `asks`, that it asks something, and isn't told before a question.
    `asks_hours`: it asks when the institution is open, which is a question of contact. `talks`: the
    probability that it asks the documents nothing.
    """

    kinds: dict[QuestionKind, float]
    act: Act | None
    asks_figure: bool = False
    points_back: float = 0.0
    asks: float = 1.0
    asks_hours: bool = False
    talks: float = 0.0

    @property
    def kind(self) -> QuestionKind:
        """The likeliest kind of question."""
        return max(self.kinds, key=lambda kind: self.kinds[kind])

    @property
    def asks_latest(self) -> bool:
        """True if the latest is asked for, alone or with something else."""
        least = _ASKS_LATEST_TOO if self.kind == "multi" else _ASKS_LATEST
        return self.kind == "latest" or self.kinds["latest"] >= least

    @property
    def one_value(self) -> float:
        """The probability that one value answers."""
        return sum(self.kinds[kind] for kind in ONE_VALUE)

    @property
    def one_sentence(self) -> float:
        """The probability that one sentence answers: with a value, or with yes or no."""
        return self.one_value + self.kinds["yes_no"]

    @property
    def asks_one_value(self) -> bool:
        """True if one value is surely asked for."""
        return self.one_value >= (_ASKS_FIGURE if self.asks_figure else _ASKS_ONE_VALUE)


_SHORT_WIDTH = 40
"""Of messages, in Latin letters, that are too short to tell the language by their letters."""

_SURE_OF_LANGUAGE = 0.8

_PART = re.compile(r"(?:[^、。，．,.!！?？]|[.,](?=\S))+[、。，．,.!！?？]*\s*")
"""A sentence, or what stands between two commas: letters begin and end with a few of them."""

_SENTENCE = re.compile(r"(?:[^。．.!！?？]|\.(?=\S))+[。．.!！?？]*")
_SENTENCES_AT_MOST = 12
"""Of a letter, from its end, that are told apart: each is embedded."""

_BETWEEN_PARTS = " 、，,"
_ASKED_AT_ONCE = 3
"""Questions of one message that are answered one after the other."""

_ASKS = 0.5
"""Probability from which a sentence is taken to ask."""

_FORMS = ("greeting", "thanks", "goodbye")
_SOCIAL = (*_FORMS, "how_are_you", "who_are_you", "are_you_human", "praise", "acknowledgement")
"""What asks nothing of the documents where something else does."""

_MESSAGES_KEPT = 4
"""One message is looked at three times; visitors' words aren't kept longer."""
_SIGNATURE_PARTS = 2
"""After a letter's last words ("Cordialement, Jean Dupont"): a name, and a place or an office."""

_AROUND = 2.0
"""How much likelier the page's language is than another, for what is said in conversation. Of 5,203 short
messages that it was trained on, each on pages in three languages, 15,506 of 15,609 are then taken for the
page's language if they are of it, too, else for their own; with 1.15, 15,464: "contact" was English on a
French page."""


class Classifier:
    """Tells what messages want. One instance serves all threads."""

    def __init__(self, model: EmbeddingModel) -> None:
        """`model`: the one that questions are searched with; if it is another, the embedded one is loaded.

        Raises: ModelUnavailable.
        """
        is_embedded = model.fingerprint == embedded_model.FINGERPRINT
        self._model = model if is_embedded else load_embedding_model(EMBEDDED)
        self._asked_in = lru_cache(_MESSAGES_KEPT)(self._asked_in_parts)

    def language(self, text: str, page: str | None) -> str | None:
        """Return the language of a short message; None for a long one, or if it isn't sure.

        page: the language around it, if known, which is that of a bare Latin name, too, and of what is likest
        to be in it: "jumlage brest". What is said in
        conversation ("Salut") always has one, that of the page where its words are of several.
        """
        if display_width(text) > _SHORT_WIDTH:
            return None
        kinds, acts, of_languages, *_ = _logits(text, "", self._model.query_vector(text))
        languages, acts = _chances(of_languages), _chances(acts)
        if 1.0 - float(acts[-1]) >= _CONVERSATION:
            around = [_AROUND if language == page else 1.0 for language in LANGUAGES]
            return LANGUAGES[int((languages * around).argmax())]
        likeliest = int(languages.argmax())
        if KINDS[int(kinds.argmax())] == "name":
            return None if is_mainly_unspaced(text) else page
        sure = languages[likeliest] >= _SURE_OF_LANGUAGE or LANGUAGES[likeliest] == page
        return LANGUAGES[likeliest] if sure else None

    def intent(self, text: str, language: str) -> Intent:
        """Return what a message wants."""
        return self._seen(self.asked(text, language), language)

    def asked(self, text: str, language: str) -> str:
        """Return what a message asks, without the greeting, thanks and signature of a letter around it.

        What is nothing but that stays as it is.
        """
        parts = _PART.findall(text)
        if len(parts) < 2:
            return text
        return self._asked_in(tuple(parts), language) or text

    def read(self, asked: str, language: str) -> tuple[str, str]:
        """Return what a message tells, and what it asks: of its sentences those that ask, however they end.

        "I work for a mayor. How do we find a partner?" is about finding one. Where none asks, all of it does,
        but for what is only conversation.
        """
        return self._told_and_asked(_SENTENCE.findall(asked), asked, language)

    def read_clauses(self, asked: str, language: str) -> tuple[str, str]:
        """Return the same of what stands between commas: "We're a village in Burgundy, how do we start?"."""
        return self._told_and_asked(_PART.findall(asked), asked, language)

    def _told_and_asked(self, parts: Sequence[str], asked: str, language: str) -> tuple[str, str]:
        parts = [part.strip(_BETWEEN_PARTS) for part in parts][-_SENTENCES_AT_MOST:]
        if len(parts) < 2:
            return "", asked
        seen = [self._seen(part, language) for part in parts]
        said = [pair for pair in zip(parts, seen, strict=True) if pair[1].act not in _SOCIAL]
        told, asks = (
            " ".join(one for one, intent in said if (intent.asks >= _ASKS) == wanted)
            for wanted in (False, True)
        )
        return (told, asks) if asks else ("", told or asked)

    def asked_apart(self, read: str, language: str) -> list[str]:
        """Return what a message asks one after the other, in its parts; nothing if that is one thing."""
        parts = [part.strip(_BETWEEN_PARTS) for part in _PART.findall(read)]
        seen = [(part, self._seen(part, language)) for part in parts]
        asked = [part for part, intent in seen if intent.act not in _SOCIAL and intent.asks >= _ASKS]
        return asked if 1 < len(asked) <= _ASKED_AT_ONCE else []

    def _asked_in_parts(self, parts: tuple[str, ...], language: str) -> str:
        """Return the parts that ask, as one text; empty if none does."""
        seen = partial(self._seen, language=language)
        begin = next((at for at, part in enumerate(parts) if seen(part).act not in _FORMS), len(parts))
        end = len(parts)
        for at in range(len(parts) - 1, begin, -1):
            intent = seen(parts[at])
            if intent.act in _FORMS:
                end = at
            elif intent.kind != "name" or end - at > _SIGNATURE_PARTS:
                break
        return "".join(parts[begin:end]).strip()

    def _seen(self, text: str, language: str) -> Intent:
        return intent_of(text, language, self._model.query_vector(text))


def intent_of(text: str, language: str, vector: NDArray[np.float32]) -> Intent:
    """Return what a message wants.

    language: the one it is written in. vector: its embedding as a query by the embedded model, float32 [384].
    """
    of_kinds, of_acts, _, of_following, of_asking = _logits(text, language, vector)
    kinds, acts = _chances(of_kinds), _chances(of_acts)
    likeliest = LAYERS["acts"][int(acts[:-1].argmax())]
    asks_hours = likeliest == HOURS
    act: Act = "contact" if asks_hours else ACTS[ACTS.index(likeliest)]
    talks = 1.0 - float(acts[-1])
    asks_figure = expected_answer(text, language) in _FIGURES
    chances = dict(zip(KINDS, map(float, kinds), strict=True))
    if asks_figure:  # and so no yes or no
        chances |= {"fact": chances["fact"] + chances["yes_no"], "yes_no": 0.0}
    points_back, asks = (float(_chances(logits)[-1]) for logits in (of_following, of_asking))
    told = act if talks >= _CONVERSATION else None
    return Intent(chances, told, asks_figure, points_back, asks, asks_hours and told is not None, talks)


def _logits(text: str, language: str, vector: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the logits of each of LAYERS, in that order."""
    weights, rows = _weights(), wording(text)
    seen = (features(text, language, vector) - weights["mean"]) @ weights["dense"] + weights["bias"]
    seen += weights["wording"][rows].sum(axis=0) * wording_weight(rows)
    return np.split(seen, np.cumsum([len(labels) for labels in LAYERS.values()])[:-1])


def features(text: str, language: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the layers see of a message beside its wording, float32 [features]; as for `intent_of`."""
    asked = np.zeros(len(_TYPES), np.float32)
    if language:
        asked[_TYPES.index(expected_answer(text, language))] = _TYPE_WEIGHT
    ends = text.rstrip()[-1:] in ("?", "？")
    form = np.array([2 * min(display_width(text) / _LONG, 2.0), 2.0 * ends], np.float32)
    return np.hstack([vector * _EMBEDDING_WEIGHT, asked, form]).astype(np.float32)


def wording(text: str) -> list[int]:
    """Return the rows that a message's words stand for: words with the one after, of Japanese and
    Korean 1 to 4 letters.

    Hashed (Weinberger et al., "Feature hashing", 2009), so that no list of words is needed.
    """
    units: list[str] = ["<"]
    found: set[str] = set()
    for run in _UNITS.findall(fold(text)):
        if _CJK.match(run):
            found.update(run[i : i + n] for n in range(1, 5) for i in range(len(run) - n + 1))
            units.append(run[-3:])
        else:
            units.append("0" if run.isdigit() else run)
    units.append(">")
    found.update(
        units, map(" ".join, pairwise(units)), map(" ".join, zip(units, units[1:], units[2:], strict=False))
    )
    return sorted({zlib.crc32(unit.encode()) % WORDINGS for unit in found})


def wording_weight(rows: list[int]) -> float:
    """Return the value of each row of `wording`."""
    return _WORDING_WEIGHT / math.sqrt(len(rows))


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max())
    return np.asarray(raised / raised.sum(), np.float32)


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    with resources.files(__package__).joinpath("kinds.npz").open("rb") as file:
        return {name: array.astype(np.float32) for name, array in np.load(file).items()}
