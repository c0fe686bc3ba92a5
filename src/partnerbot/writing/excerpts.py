"""The excerpts of documents that a language model is shown, numbered from 1."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer
from partnerbot.answering.investigation import Investigation
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE
from partnerbot.index.search import Index
from partnerbot.index.texts import IndexedDocument, Texts, Vectors

Place = tuple[str, int, int]
"""A document's source, and where in it."""

_DOCUMENTS_AT_MOST, _DOCUMENTS_AT_LEAST = 5, 2
_MAY_TELL = 0.1
"""Probability of answering from which a passage is worth showing: a model takes up what it is shown."""

_PASSAGES_AT_MOST = 2
"""Of one document, beside those that are cited: what its excerpts are built around."""

_PARAGRAPHS_AROUND = 8
"""On both sides: most articles whole."""

_EMPTY_LINE = "\n\n"
_BYTES_PER_TOKEN = 3
"""In UTF-8: Japanese has 1 to 2 characters a token, of 3 bytes each, French 3 to 4."""


@dataclass(frozen=True)
class Excerpt:
    """Consecutive sentences of one document, under the number that the model cites.

    `sentences` are [start, end) character offsets in the cleaned document.
    """

    number: int
    document: Document
    sentences: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        """The sentences as the document has them."""
        return self.document.page_content[self.sentences[0][0] : self.sentences[-1][1]]

    @property
    def title(self) -> str:
        """The document's title."""
        return str(self.document.metadata[TITLE])

    @property
    def language(self) -> str:
        """The document's language."""
        return str(self.document.metadata[LANGUAGE])

    @property
    def published(self) -> str | None:
        """When the document appeared, ISO, if it is known."""
        found = self.document.metadata.get(PUBLISHED)
        return None if found is None else str(found)

    @property
    def source(self) -> str:
        """The document's source."""
        return str(self.document.metadata[SOURCE])

    def sentence(self, position: int) -> str:
        """One sentence's text; empty beyond either end."""
        if not 0 <= position < len(self.sentences):
            return ""
        start, end = self.sentences[position]
        return self.document.page_content[start:end]


def tokens_in(text: str) -> int:
    """Return how many tokens a model is likely to read a text as, rather more than fewer."""
    return -(-len(text.encode(errors="replace")) // _BYTES_PER_TOKEN)


def choose_excerpts(found: Investigation, extractive: Answer, tokens_at_most: int) -> list[Excerpt]:
    """Return what to show a model of a question's documents, likeliest first.

    What the answer without a model cites comes first (a register's rows, an overview's points), then what
    else is likely to tell. What no passage is made of, such as planted orders, is not shown: after it a new
    excerpt begins.
    """
    cited = [(one.source, one.start, one.end) for one in extractive.citations]
    told = [
        (one.source, one.start, one.end)
        for one in (*found.evidence, *found.points)
        if one.probability >= _MAY_TELL
    ]
    near = [(one.source, one.start, one.end) for one in (each.passage for each in found.candidates)]
    sources = list(dict.fromkeys(source for source, *_ in (*cited, *told)))
    if len(sources) < _DOCUMENTS_AT_LEAST:
        sources = list(dict.fromkeys([*sources, *(source for source, *_ in near)]))[:_DOCUMENTS_AT_LEAST]
    documents = max(_DOCUMENTS_AT_MOST, len({source for source, *_ in cited}))
    first = [[place for place in (*told, *near) if place[0] == source] for source in sources[:documents]]
    places = [*cited, *(place for places in first for place in places[:_PASSAGES_AT_MOST])]
    return excerpts_around(places, found.index.texts, tokens_at_most)


def sentence_vectors(index: Index, excerpt: Excerpt) -> Vectors:
    """Return the index's vectors of an excerpt's sentences: float32 [sentences, dimension]."""
    passages = {(one.start, one.end): one.id for one in index.passages_of(excerpt.source)}
    rows = index.texts.rows([passages[sentence] for sentence in excerpt.sentences])
    return index.matrices["sentence"][rows]


def excerpts_around(places: Sequence[Place], texts: Texts, tokens_at_most: int) -> list[Excerpt]:
    """Return the places with what has room around them: their paragraphs, then those before and after.

    The first places get room first.
    """
    chosen: dict[str, set[int]] = {source: set() for source, *_ in places}
    passages = {source: texts.passages_of(source) for source in chosen}
    paragraphs = {source: _paragraphs(texts.documents[source]) for source in chosen}
    owned = [
        (source, [i for i, one in enumerate(passages[source]) if one.start < end and start < one.end])
        for source, start, end in places
    ]
    left = tokens_at_most
    for reach in (None, *range(_PARAGRAPHS_AROUND + 1)):
        for source, own in owned:
            wanted = own if reach is None else _around(own, reach, paragraphs[source])
            more = set(wanted) - chosen[source]
            tokens = sum(tokens_in(passages[source][i].text) for i in more)
            if tokens <= left:
                chosen[source] |= more
                left -= tokens
    excerpts: list[Excerpt] = []
    for source, numbers in chosen.items():
        whole = texts.documents[source].document
        spans_of = [(passages[source][i].start, passages[source][i].end) for i in sorted(numbers)]
        for spans in _runs(spans_of, whole):
            excerpts.append(Excerpt(len(excerpts) + 1, whole, tuple(spans)))
    return excerpts


def _paragraphs(one: IndexedDocument) -> list[int]:
    """The number of each passage's paragraph: empty lines part them."""
    text = one.document.page_content
    between = (text[passage.end : after.start] for passage, after in pairwise(one.passages))
    return list(accumulate((_EMPTY_LINE in gap for gap in between), initial=0))


def _around(own: Sequence[int], reach: int, paragraphs: Sequence[int]) -> Sequence[int]:
    """The passages of the same paragraph, and of so many before and after it."""
    if not own:
        return own
    first, last = paragraphs[own[0]] - reach, paragraphs[own[-1]] + reach
    return range(bisect_left(paragraphs, first), bisect_right(paragraphs, last))


def _runs(spans: Sequence[tuple[int, int]], document: Document) -> list[list[tuple[int, int]]]:
    """Join what nothing but white space parts in the document."""
    runs: list[list[tuple[int, int]]] = []
    for start, end in spans:
        if runs and not document.page_content[runs[-1][-1][1] : start].strip():
            runs[-1].append((start, end))
        else:
            runs.append([(start, end)])
    return runs
