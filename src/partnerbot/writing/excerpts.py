"""The excerpts of documents that a language model is shown, numbered from 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from partnerbot.answering.evidence import Evidence
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE
from partnerbot.index.passages import Passage
from partnerbot.index.search import Candidate

_DOCUMENTS_AT_MOST = 5
_SENTENCES_AT_MOST = 7
"""Per document: the passages found, and what stands around them."""

_PASSAGES_AT_MOST = 3
"""Found passages of one document that an excerpt is built around."""

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

    def between(self, first: int, last: int) -> str:
        """The text from one sentence to another, both included."""
        return self.document.page_content[self.sentences[first][0] : self.sentences[last][1]]


def choose_excerpts(
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
    passages_of: Callable[[str], list[Passage]],
    document: Callable[[str], Document],
) -> list[Excerpt]:
    """Return what to show of the documents that may answer, likeliest first.

    What no passage is made of, such as planted orders, is not shown: after it a new excerpt begins.
    """
    sources = dict.fromkeys(piece.source for piece in evidence)
    sources |= dict.fromkeys(candidate.passage.source for candidate in candidates)
    excerpts: list[Excerpt] = []
    left = CHARACTERS_AT_MOST
    for source in list(sources)[:_DOCUMENTS_AT_MOST]:
        sentences = passages_of(source)
        centres = [(piece.start, piece.end) for piece in evidence if piece.source == source]
        centres += [(c.passage.start, c.passage.end) for c in candidates if c.passage.source == source]
        chosen: set[int] = set()
        for start, end in centres[:_PASSAGES_AT_MOST]:
            near = [i for i, one in enumerate(sentences) if one.start < end and start < one.end]
            around = {i + step for i in near for step in (-1, 0, 1, 2)}
            if len(chosen | around) <= _SENTENCES_AT_MOST or not chosen:
                for i in sorted(around, key=lambda i, near=near: i not in near):  # type: ignore[misc]
                    if 0 <= i < len(sentences) and i not in chosen:
                        length = sentences[i].end - sentences[i].start
                        if length <= left:
                            chosen.add(i)
                            left -= length
        if not chosen:
            continue
        whole = document(source)
        for spans in _runs([(sentences[i].start, sentences[i].end) for i in sorted(chosen)], whole):
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
