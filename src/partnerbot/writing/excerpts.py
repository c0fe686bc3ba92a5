"""The excerpts of documents that a language model is shown, numbered from 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer
from partnerbot.answering.investigation import Investigation
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE
from partnerbot.index.passages import Passage

Place = tuple[str, int, int]
"""A document's source, and where in it."""

_DOCUMENTS_AT_MOST = 5
_SENTENCES_AT_MOST = 7
"""Per document, with what stands around what was found there."""

_PASSAGES_AT_MOST = 3
"""Of one document, beside those that are cited: what its excerpts are built around."""

CHARACTERS_AT_MOST = 7_000
"""Of all excerpts together: twice what five documents have on average. A table's row can be long."""


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


def choose_excerpts(found: Investigation, extractive: Answer) -> list[Excerpt]:
    """Return what to show a model of a question's documents, likeliest first.

    What the answer without a model cites comes first (a register's rows, an overview's points), then what
    else was found. What no passage is made of, such as planted orders, is not shown: after it a new excerpt
    begins.
    """
    cited = [(one.source, one.start, one.end) for one in extractive.citations]
    told = [(one.source, one.start, one.end) for one in (*found.evidence, *found.points)]
    near = [(one.source, one.start, one.end) for one in (each.passage for each in found.candidates)]
    documents = max(_DOCUMENTS_AT_MOST, len({source for source, *_ in cited}))
    sources = list(dict.fromkeys(source for source, *_ in (*cited, *told, *near)))[:documents]
    return excerpts_around(
        [*cited, *(place for source in sources for place in _first_of(source, (*told, *near)))],
        found.index.passages_of,
        found.index.document,
    )


def _first_of(source: str, places: Sequence[Place]) -> list[Place]:
    return [place for place in places if place[0] == source][:_PASSAGES_AT_MOST]


def excerpts_around(
    places: Sequence[Place],
    passages_of: Callable[[str], list[Passage]],
    document: Callable[[str], Document],
) -> list[Excerpt]:
    """Return the places with what stands around them, document by document; the first get room first."""
    chosen: dict[str, set[int]] = {source: set() for source, *_ in places}
    left = CHARACTERS_AT_MOST
    for around in (False, True):
        for source, start, end in places:
            sentences, taken = passages_of(source), chosen[source]
            own = [i for i, one in enumerate(sentences) if one.start < end and start < one.end]
            wanted = sorted({i + step for i in own for step in (-1, 1, 2)}) if around else own
            for i in wanted:
                if not 0 <= i < len(sentences) or i in taken or (around and len(taken) >= _SENTENCES_AT_MOST):
                    continue
                length = sentences[i].end - sentences[i].start
                if length <= left:
                    taken.add(i)
                    left -= length
    excerpts: list[Excerpt] = []
    for source, numbers in chosen.items():
        sentences, whole = passages_of(source), document(source)
        for spans in _runs([(sentences[i].start, sentences[i].end) for i in sorted(numbers)], whole):
            excerpts.append(Excerpt(len(excerpts) + 1, whole, tuple(spans)))
    return excerpts


def _runs(spans: Sequence[tuple[int, int]], document: Document) -> list[list[tuple[int, int]]]:
    """Join what nothing but white space parts in the document."""
    runs: list[list[tuple[int, int]]] = []
    for start, end in spans:
        if runs and not document.page_content[runs[-1][-1][1] : start].strip():
            runs[-1].append((start, end))
        else:
            runs.append([(start, end)])
    return runs
