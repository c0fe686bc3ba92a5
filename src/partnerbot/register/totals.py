"""How many partnerships a document says there are altogether, which no count of rows tells."""

from __future__ import annotations

from partnerbot.answering.quoting import quotable
from partnerbot.answering.values import ValueKind, find_numbers
from partnerbot.index.texts import IndexedDocument
from partnerbot.models.reader import load_reader
from partnerbot.register.authorities import authorities_in
from partnerbot.register.judging import read
from partnerbot.register.partnerships import has_word, tables
from partnerbot.register.rows import Sentence

_LEAST, _MORE_THAN = -1.9, 10
"""Log-odds that a passage answers how many there are, from which it tells a total; what steps and conditions
are numbered by at most. Set on the sample, and fresh and held_out (training/register), which tell none."""


def totals(document: IndexedDocument) -> list[Sentence]:
    """Return the sentences with such a number: they name no authority, whose own it would be."""
    language, text = document.language, document.document.page_content
    question = tables().total.get(language)
    if question is None:
        return []
    counting = [
        (
            one,
            [
                value
                for value in find_numbers(one.text, language)
                if value.kind is ValueKind.NUMBER and value.number is not None and value.number > _MORE_THAN
            ],
        )
        for one in document.passages
        if has_word(one.text, language, tables().counted) and not authorities_in(one.text, language)
    ]
    found = []
    for one, values in ((one, values) for one, values in counting if values):
        seen = load_reader(threads=2).answer(read(question, one.text))
        picked = any(value.start < seen.end and seen.start < value.end for value in values)
        if picked and seen.score >= _LEAST:
            start, end = quotable(text, one.start, one.end)
            found.append(Sentence(document.source, start, end, text[start:end], language))
    return found
