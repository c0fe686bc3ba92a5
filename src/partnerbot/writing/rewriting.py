"""A follow-up as a question that can be understood alone, written by the model and checked by us."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from partnerbot.answering.answer import Turn
from partnerbot.answering.mentions import Known, find_word, names_in
from partnerbot.answering.question import MAX_CHARACTERS
from partnerbot.answering.values import find_dates, find_numbers
from partnerbot.documents.orders import gives_orders
from partnerbot.writing.asking import ChatAsker, Patience
from partnerbot.writing.gates import in_language
from partnerbot.writing.polarity import denies
from partnerbot.writing.prompts import fence, rewrite_prompt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import judged

_TURNS = 4
_TURN_CHARACTERS = 400
_LONGEST = 300
_FIGURE = re.compile(r"\d+")

_WEIGHTY = 4.0
"""Rarity of a token, in nats beyond the commonest words', from which it says what is asked."""

_SAME_WORD = 0.6
"""Match from which a token is in the rewritten question. With the numbers and denials, 50 of 52 right
rewritings in three languages passed, and 1 of 24 that ask something else: "where" for "since when"
(2026-11-25)."""

_POINTS_BACK = re.compile(
    r"\b(?:and|but|so|what about|how about|it|its|there|they|them|their|this|that|these|those|ones?|he|she"
    r"|him|her|his|then|is|are|was|were|did|does|do"
    r"|et|mais|alors|ils?|elles?|celui|celle|ceux|celles|ci|là|y|en|cela|ça|ce?|lui|leurs?|son|sa|ses|l[ae]?|les"
    r"|est|sont|a|ont|und|aber|er|sie|es|dort|pero|ello|allí|ma|lì|ele|ela)\b"
    r"|(?:では|じゃあ|また|あと|それ|その|そこ|そちら|そんな|これ|この|ここ|彼女?)(?:は|が|を|に|の|で|には|から|も)*"
    r"|(?:ですか|ますか|ましたか|しましたか|か)(?=[？?。]?$)",
    re.IGNORECASE,
)
"""What a question of its own says in other words: pronouns, openings, auxiliaries."""


def standalone_question(
    question: str,
    history: Sequence[Turn],
    language: str,
    known: Known,
    asker: ChatAsker,
    judge: SupportJudge,
    patience: Patience,
) -> str | None:
    """Return the question with what it leaves out; None if there is no history, or what came is not right.

    Raises: NoAnswerFromModel; VisitorLeft.
    """
    recent = [Turn(role=turn.role, content=turn.content[:_TURN_CHARACTERS]) for turn in history[-_TURNS:]]
    if not any(turn.role == "user" for turn in recent):
        return None
    written, is_whole = asker.text(rewrite_prompt(question, recent, language, fence()), patience, _LONGEST)
    if not is_whole:
        return None
    written = written.strip()
    said = " \n ".join([question, *(turn.content for turn in recent)])
    is_same = partial(is_same_question, written, question, said, language, known, judge)
    return written if judged(is_same, False) else None


def is_same_question(
    written: str, question: str, said: str, language: str, known: Known, judge: SupportJudge
) -> bool:
    """True if a rewritten question asks what was asked, and brings nothing that wasn't said.

    It keeps the language, the names, the numbers and every word that isn't filled in, and denies what was
    denied. `said`: the question with the conversation before it.
    """
    if (
        not written
        or len(written) > min(_LONGEST, MAX_CHARACTERS)
        or "\n" in written
        or gives_orders(written)
    ):
        return False
    if not in_language(written, language) or not re.search(r"[^\W\d]", written):
        return False
    return (
        _names_stand_in(question, written, language, known)
        and _given(question, language) <= _numbers(written, language)
        and denies(question, language) == denies(written, language)
        and _given(written, language) <= _numbers(said, language)
        and _names_stand_in(written, said, language, known)
        and _words_stand_in(question, written, language, judge)
    )


def _names_stand_in(text: str, other: str, language: str, known: Known) -> bool:
    return all(
        find_word(text[start:end], other, known.spellings)
        for name in names_in(text, language, known)
        for start, end in name.words
    )


def _words_stand_in(question: str, written: str, language: str, judge: SupportJudge) -> bool:
    """True if what the question says itself is matched word by word: "closes" isn't "opens"."""
    asked, rewritten = judge.words(question, language), judge.words(written, language)
    if not len(rewritten.spans):
        return False
    filled_in = [match.span() for match in _POINTS_BACK.finditer(question)]
    matches = (asked.vectors @ rewritten.vectors.T).max(axis=1)
    return all(
        match >= _SAME_WORD
        for (start, end), weight, match in zip(asked.spans, asked.weights, matches, strict=True)
        if weight >= _WEIGHTY and not any(start < last and first < end for first, last in filled_in)
    )


def _numbers(text: str, language: str) -> set[Decimal | None]:
    """Numbers in figures and in words; None stands for a date without any."""
    values = find_dates(text, language) + find_numbers(text, language)
    return {value.number for value in values} | {Decimal(figure) for figure in _FIGURE.findall(text)}


def _given(text: str, language: str) -> set[Decimal | None]:
    """The numbers that a text depends on: "one" and "two" in words are often none."""
    values = find_dates(text, language) + find_numbers(text, language)
    spelled = {value.number for value in values if not _FIGURE.search(value.text)}
    return spelled - {Decimal(1), Decimal(2)} | {Decimal(figure) for figure in _FIGURE.findall(text)}
