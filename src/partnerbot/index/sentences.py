"""Sentence boundaries in cleaned text, by Wikimedia's sentencex with the repairs our languages need."""

import re
from itertools import pairwise

import sentencex

from partnerbot.documents.formats.tables import BETWEEN_CELLS

Span = tuple[int, int]

_ENDS_IN_ABBREVIATION = re.compile(
    r"(?:^|[\s(«\"'’\-])(?:[A-ZÀ-Þ]|M|MM|Mme|Mmes|Mlle|Mgr|Me|Dr|Pr|St|Ste|[nN]os?|av|apr|env|cf|vol|fig|art|p|pp|chap|Mr|Mrs|Ms|"
    r"Prof|No|Nos|Jr|Sr|Inc|Ltd)\.$"
)
"""Ends an abbreviation or an initial, where sentencex still cuts ("Mme. Dupont", "J.-M.")."""

_CONTINUES_JAPANESE = re.compile(r"^(?:[とのをがはにへでもや、。，）」』]|など|という|といった)")
"""After a closing bracket, Japanese goes on with a particle: 「…。」と述べた。"""

_CLOSES_JAPANESE = re.compile(r"[」』）)]$")

_CLOSING_BRACKETS = ("」", "』", "）")
"""No sentence begins with one: sentencex knows only 「」 as quotation marks."""
_WIDE_SPACE_BEFORE_PERIOD = re.compile(r"[^\S ](?=\.)")


def sentence_spans(text: str, language: str) -> list[Span]:
    """Return the sentences' [start, end) offsets in order, without surrounding white space.

    Every character outside the spans is white space. A line break always ends a sentence,
    since cleaning keeps one only between paragraphs, headings, list items and rows. A row is never cut.
    """
    spans: list[Span] = []
    for line in re.finditer(r"[^\n]+", text):
        if BETWEEN_CELLS in line[0] and (row := line[0].strip()):
            begin = line.start() + line[0].index(row)
            spans.append((begin, begin + len(row)))
        else:
            spans += _in_line(line[0], language, line.start())
    return spans


def _in_line(line: str, language: str, offset: int) -> list[Span]:
    # sentencex 1.x breaks off at a wide space between an initial and its period.
    narrow = _WIDE_SPACE_BEFORE_PERIOD.sub(" ", line)
    cuts = [0, *(boundary["end_index"] for boundary in sentencex.get_sentence_boundaries(language, narrow))]
    if cuts[-1] != len(line):
        cuts.append(len(line))
    spans: list[Span] = []
    open_start: int | None = None
    for start, end in pairwise(cuts):
        first = start if open_start is None else open_start
        piece = line[first:end].rstrip()
        if end < len(line) and _goes_on(piece, line[end:].lstrip()):
            open_start = first
            continue
        open_start = None
        stripped = piece.lstrip()
        if stripped:
            begin = first + len(piece) - len(stripped)
            spans.append((offset + begin, offset + first + len(piece)))
    return spans


def _goes_on(piece: str, rest: str) -> bool:
    if _ENDS_IN_ABBREVIATION.search(piece) or rest.startswith(_CLOSING_BRACKETS):
        return True
    return bool(_CLOSES_JAPANESE.search(piece) and _CONTINUES_JAPANESE.match(rest))
