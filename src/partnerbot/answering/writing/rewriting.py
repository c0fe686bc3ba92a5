"""A follow-up as a question that can be understood alone, written by the model and checked by us."""

from __future__ import annotations

import re
from collections.abc import Sequence

from partnerbot.answering.answer import Turn
from partnerbot.answering.question import MAX_CHARACTERS
from partnerbot.answering.values import find_dates, find_numbers
from partnerbot.answering.writing.asking import ChatAsker, Patience
from partnerbot.answering.writing.mentions import Known, find_word, names_in
from partnerbot.answering.writing.prompts import fence, rewrite_prompt
from partnerbot.answering.writing.verification import in_language
from partnerbot.documents.orders import gives_orders

_TURNS = 4
_TURN_CHARACTERS = 400
_LONGEST = 300
_FIGURE = re.compile(r"\d+")


def standalone_question(
    question: str, history: Sequence[Turn], language: str, known: Known, asker: ChatAsker, patience: Patience
) -> str | None:
    """Return the question with what it leaves out; None if there is no history, or what came is not right.

    Raises: NoAnswerFromModel; VisitorLeft.
    """
    recent = [Turn(role=turn.role, content=turn.content[:_TURN_CHARACTERS]) for turn in history[-_TURNS:]]
    if not any(turn.role == "user" for turn in recent):
        return None
    written = asker.text(rewrite_prompt(question, recent, language, fence()), patience).strip()
    said = " \n ".join([question, *(turn.content for turn in recent)])
    return written if is_same_question(written, question, said, language, known) else None


def is_same_question(written: str, question: str, said: str, language: str, known: Known) -> bool:
    """True if a rewritten question keeps the language and the names, and brings nothing that wasn't said.

    `said`: the question with the conversation before it.
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
    return _names_stand_in(question, written, language, known) and _nothing_is_new(
        written, said, language, known
    )


def _names_stand_in(text: str, other: str, language: str, known: Known) -> bool:
    return all(
        find_word(text[start:end], other, known.spellings)
        for name in names_in(text, language, known)
        for start, end in name.words
    )


def _nothing_is_new(written: str, said: str, language: str, known: Known) -> bool:
    if not set(_FIGURE.findall(written)) <= set(_FIGURE.findall(said)):
        return False
    values = find_dates(said, language) + find_numbers(said, language)
    mine = find_dates(written, language) + find_numbers(written, language)
    spelled = [value for value in mine if not _FIGURE.search(value.text) and value.number not in (1, 2)]
    known_numbers = {value.number for value in values}
    return all(value.number in known_numbers for value in spelled) and _names_stand_in(
        written, said, language, known
    )
