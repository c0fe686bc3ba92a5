"""Passages: the sentences of a document that may be quoted, each with the reach of its neighbours."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import sentencex
from langchain_core.documents import Document

from partnerbot.documents.formats.tables import BETWEEN_CELLS
from partnerbot.documents.line_joining import LIST_MARK
from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.documents.orders import gives_orders
from partnerbot.documents.scripts import CJK, ends_sentence

SPLITTER = "sentences-6"
"""Version of the splitting below; recorded in the index, which is rebuilt when it changes."""

_SHORT_WIDTH = 24
_LONG_WIDTH = 700
_CONTEXT_WIDTH = 600
_SEEN_AHEAD = 10 * _LONG_WIDTH
"""Characters that tell how wide a text's letters are: looking at all that is left, at every cut, would take
time in proportion to the square of its length."""
_CJK = re.compile(f"[{CJK}]")

BLOCK = re.compile(r"\S.*(?:\n(?!\n).+)*")
"""A paragraph, heading, list or table of a cleaned text, which blank lines part."""

Span = tuple[int, int]

Reach = tuple[int, int, int, int]
"""Where a passage lies in its document: its start and end, and those of its context."""

_HEADING_WIDTH = 100
"""Up to which a line without a full stop is a heading, in Latin letters."""


@dataclass(frozen=True)
class Passage:
    """One sentence (or a few that are too short alone) of a document.

    `document.page_content[start:end] == text`. `context_start` and `context_end` reach over
    a neighbouring sentence, which often says what this one leaves out. `heading`: what stands over it,
    where its context doesn't begin with that; empty if nothing does.
    Offsets are characters of the cleaned document.
    """

    id: str
    source: str
    language: str
    text: str
    start: int
    end: int
    context: str
    context_start: int
    context_end: int
    title: str
    heading: str = ""

    @classmethod
    def all_of(cls, document: Document, reaches: Iterable[Reach]) -> list[Self]:
        """Cut passages out of a cleaned document; an id derives from source, position and text."""
        content, source = document.page_content, document.metadata[SOURCE]
        title = str(document.metadata[TITLE])
        headings = [(block.start(), block[0]) for block in BLOCK.finditer(content) if is_heading(block[0])]
        starts = [start for start, _ in headings]
        found = []
        for start, end, context_start, context_end in reaches:
            above = bisect_right(starts, start) - 1
            is_apart = above >= 0 and starts[above] < context_start and headings[above][1] != title
            found.append(
                cls(
                    id=hashlib.sha256(f"{source}\0{start}\0{content[start:end]}".encode()).hexdigest()[:32],
                    source=source,
                    language=document.metadata[LANGUAGE],
                    text=content[start:end],
                    start=start,
                    end=end,
                    context=content[context_start:context_end],
                    context_start=context_start,
                    context_end=context_end,
                    title=title,
                    heading=headings[above][1] if is_apart else "",
                )
            )
        return found

    @property
    def headings(self) -> str:
        """The document's title, with the heading that the passage stands under."""
        return f"{self.title} – {self.heading}" if self.heading else self.title

    @property
    def text_in_context(self) -> str:
        """What is embedded for finding the passage: the headings, then the sentence with its neighbour."""
        return f"{self.headings}\n{self.context}"


def reaches_of(document: Document) -> list[Reach]:
    """Return where the passages of a cleaned document lie, in order.

    Sentences that give orders to a machine which reads them are left out, with what follows them in their
    paragraph, where what it is to say often stands. No passage and no context reaches over one.
    """
    text = document.page_content
    sentences = sentence_spans(text, document.metadata[LANGUAGE])
    groups = between(sentences, text, lambda span: gives_orders(text[span[0] : span[1]]))
    return reaches_in([_merge_short(_cut_long(group, text), text) for group in groups], text)


def reaches_in(groups: Iterable[list[Span]], text: str) -> list[Reach]:
    """Return where passages and their contexts lie; no context reaches from one group into another."""
    return [(*span, *_context(spans, index, text)) for spans in groups for index, span in enumerate(spans)]


def is_heading(block: str) -> bool:
    """True for a short line of its own that is a question or ends no sentence, and is no row or item."""
    states = ends_sentence(block) and not block.endswith(("?", "？"))
    is_listed = LIST_MARK.match(block) or "|" in block or re.search(r"\S: ", block)
    return "\n" not in block and not states and not is_listed and display_width(block) <= _HEADING_WIDTH


def display_width(text: str) -> int:
    """Length of a text in Latin characters: a CJK character says about as much as two and a half."""
    cjk = len(_CJK.findall(text))
    return len(text) + cjk * 3 // 2


def between(spans: list[Span], text: str, is_order: Callable[[Span], bool]) -> list[list[Span]]:
    """Return the sentences of a text in groups between what is withheld."""
    groups: list[list[Span]] = [[]]
    withheld_to: int | None = None
    for span in spans:
        start, end = span
        goes_on = withheld_to is not None and not groups[-1] and "\n" not in text[withheld_to:start]
        if goes_on or is_order(span):
            withheld_to = end
            if groups[-1]:
                groups.append([])
        else:
            groups[-1].append(span)
    return [group for group in groups if group]


def _merge_short(spans: list[Span], text: str) -> list[Span]:
    """Join a sentence too short to be found alone to the next one, or to the one before where that is nearer.

    So the last words of a line stay on it, the last item of a list stays in it, and a heading goes with its
    text. A row of a table stands alone, however short.
    """
    merged: list[Span] = []
    waiting: int | None = None
    last = 0
    for start, end in spans:
        if waiting is not None and _belongs_before(merged, waiting, last, start, text):
            merged.append((merged.pop()[0], last))
            waiting = None
        begin = start if waiting is None else waiting
        last = end
        if display_width(text[begin:end]) < _SHORT_WIDTH and BETWEEN_CELLS not in text[start:end]:
            waiting = begin
            continue
        merged.append((begin, end))
        waiting = None
    if waiting is not None:
        end = spans[-1][1]
        if merged:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((waiting, end))
    return merged


def _belongs_before(merged: list[Span], waiting: int, last: int, following: int, text: str) -> bool:
    """Whether what waits from `waiting` to `last` is nearer to the last passage than to what follows."""
    if not merged:
        return False
    before, after = _distance(text[merged[-1][1] : last]), _distance(text[last:following])
    # A whole list that is short belongs to what introduces it.
    return after > before or (before == after == 2 and LIST_MARK.match(text, waiting, last) is not None)


def _distance(between: str) -> int:
    """Return 0 for the same line, 1 for the next one, 2 for another paragraph."""
    return 2 if "\n\n" in between else int("\n" in between)


def _cut_long(spans: list[Span], text: str) -> list[Span]:
    """Cut what has no full stop for very long (tables, lists) at the last pause before the limit."""
    pieces: list[Span] = []
    for start, end in spans:
        while display_width(ahead := text[start : min(end, start + _SEEN_AHEAD)]) > _LONG_WIDTH:
            limit = start + _LONG_WIDTH * len(ahead) // display_width(ahead)
            pauses = [match.end() for match in re.finditer(r"[;；、，,:\s]", text[start:limit])]
            cut = start + (pauses[-1] if pauses and pauses[-1] > (limit - start) // 2 else limit - start)
            pieces.append((start, start + len(text[start:cut].rstrip())))
            start = next((at for at in range(cut, end) if not text[at].isspace()), end)
        if start < end:
            pieces.append((start, end))
    return pieces


def _context(spans: list[Span], index: int, text: str) -> Span:
    """Return how far the context of one of these spans reaches: over the next one, or else the one before.

    Rather over one of the same paragraph: so 85 to 87 % of the vital facts of three sets of broad questions
    are shown (83 to 85 where the next one is always preferred), since a quote ends with its paragraph.
    A row says its headings, and is read alone.
    """
    if BETWEEN_CELLS in text[slice(*spans[index])]:
        return spans[index]
    beside = [
        (_distance(text[spans[first][1] : spans[last][0]]) == 2, spans[first][0], spans[last][1])
        for first, last in ((index, index + 1), (index - 1, index))
        if first >= 0 and last < len(spans)
    ]
    fits = [one for one in beside if display_width(text[slice(*one[1:])]) <= _CONTEXT_WIDTH]
    _, start, end = min(fits, key=lambda one: one[0], default=(False, *spans[index]))
    return start, end


# ---- Sentences, by Wikimedia's sentencex with the repairs that our languages need ----------------

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
