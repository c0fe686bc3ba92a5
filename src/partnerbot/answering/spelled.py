"""A question's names as a passage spells them, so that the reader meets the same name on both sides."""

from __future__ import annotations

import re

from partnerbot.answering.mentions import Known, find_word, names_in
from partnerbot.documents.scripts import HAN, KANA
from partnerbot.index.spellings import Spellings

_CJK = re.compile(f"[{KANA}{HAN}]")


def as_spelled(question: str, language: str, text: str, spellings: Spellings) -> str:
    """Return the question with each name as the text has it, where that is in another script.

    Beside a French text with both names, 「ヴィタゴラはいつ熊本に…」 becomes 「VitagoraはいつKumamotoに…」.
    A name that the text doesn't give stays: it tells the reader that the text is about something else.

    language: the question's, ISO 639-1.
    """
    words: list[tuple[int, int]] = []
    for name in names_in(question, language, Known(spellings, {})):
        whole = find_word(question[name.start : name.end], text, spellings)
        words += [(name.start, name.end)] if whole else name.words
    for start, end in sorted(words, reverse=True):
        word = question[start:end]
        found = find_word(word, text, spellings)
        if found:
            theirs = text[slice(*found[0])]
            if bool(_CJK.search(word)) != bool(_CJK.search(theirs)):
                question = question[:start] + theirs + question[end:]
    return question
