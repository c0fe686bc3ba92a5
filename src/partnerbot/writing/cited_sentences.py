"""A model's text, cut into sentences with the numbers they cite, while it is still being written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from partnerbot.index.passages import Span, sentence_spans

NOT_IN_DOCUMENTS = "NOT_IN_DOCUMENTS"
"""What a model writes when the excerpts don't answer."""

# Nothing is tried twice: a model's text may hold anything, such as a list of a hundred years in brackets.
_CITATION = re.compile(
    r"(?<![ \u00a0])[ \u00a0]*+[\[【［]\s*+\^?+(?:(?i:excerpts?+|extraits?+)|抜粋)?+"
    r"(?:\s*+\d++\s*+(?:[,、;]|[-–](?=\s*\d))?+)++[\]】］]"
)
_AFTER_STOP = re.compile(rf"(?<![.!?。！？…])([.!?。！？…]++[”’\"»」』)）]*+)((?:{_CITATION.pattern})++)")
_CITATION_SO_FAR = re.compile(r"[\[【［]\s*+\^?+(?:[A-Za-z]{1,8}+|抜粋?+)?+[\d\s,、;–-]*+(?:[\]】］]|$)")
_ROUND = re.compile(r"[ \u00a0]?[(（]\d{1,2}[)）](?=[.。．!?！？]*$)")
"""A citation in round brackets: only at a sentence's end, as numbers stand in such for other reasons."""

_NUMBER = re.compile(r"\d{1,9}")
_DECORATION = re.compile(r"\*\*|__|^[ \t]*(?:#{1,6}|[-*•]|\d+[.)])[ \t]+", re.MULTILINE)
_LIST_NUMBER = re.compile(r"(?<=\n)[ \t]*\d{1,2}[.)][ \t]+(?=\S)")
"""Taken for a sentence of its own, it would be one that cites nothing."""

_LONGEST_SENTENCE = 1_000
"""Characters without an end after which a text is no sentence."""


@dataclass(frozen=True)
class CitedSentence:
    """A sentence without its citation marks, and the numbers it cites, in order, each once."""

    text: str
    numbers: tuple[int, ...]


class SentenceCutter:
    """Takes a text in pieces, gives its sentences as they are complete."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._rest = "\n"

    def add(self, piece: str) -> Iterator[CitedSentence]:
        """Take the next piece; yield the sentences that are complete with it.

        A sentence is complete when another has begun: its citation may follow its full stop.
        """
        self._rest += piece
        if len(self._rest) > _LONGEST_SENTENCE and not re.search(r"[.!?。！？\n]", self._rest):
            self._rest = self._rest[-_LONGEST_SENTENCE:]
            return
        text, spans = self._cut()
        whole = spans[:-1]
        if len(spans) > 1 and not re.search(r"\w", _CITATION_SO_FAR.sub("", text[spans[-1][0] :])):
            whole = spans[:-2]
        for start, end in whole:
            yield from _cited(text[start:end])
        if whole:
            self._rest = text[whole[-1][1] :]

    def finish(self) -> Iterator[CitedSentence]:
        """Yield what is left when nothing more comes."""
        text, spans = self._cut()
        self._rest = ""
        for start, end in spans:
            yield from _cited(text[start:end])

    def _cut(self) -> tuple[str, list[Span]]:
        """Return what is left, with citations before the full stop that they follow, and its sentences.

        What a full stop cuts inside a word is joined: "evil.XYZ" is one, and is judged as one.
        """
        text = _AFTER_STOP.sub(r"\2\1", _LIST_NUMBER.sub("", self._rest))
        joined: list[Span] = []
        for start, end in sentence_spans(text, self._language):
            if joined and joined[-1][1] == start and text[start - 1] == "." and text[start].isalnum():
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return text, joined


def _cited(text: str) -> Iterator[CitedSentence]:
    marks = _CITATION.findall(text)
    said = _DECORATION.sub("", _CITATION.sub("", text))
    said = re.sub(r"\s+", " ", said).strip()
    marks += _ROUND.findall(said)
    numbers = [int(number) for mark in marks for number in _NUMBER.findall(mark)]
    said = _ROUND.sub("", said)
    said = re.sub(r"\s+([.。．、,])", r"\1", said).rstrip(" ;；,、")  # an item of a list
    if re.search(r"\w", said):
        yield CitedSentence(said, tuple(dict.fromkeys(numbers)))
