"""From evidence to the Answer: cite what answers, or say that the documents don't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Citation, DocumentReference
from partnerbot.answering.entities import same_answer
from partnerbot.answering.evidence import Evidence
from partnerbot.answering.phrases import language_name, phrases, written_date
from partnerbot.answering.question import Question
from partnerbot.answering.values import relative_date_in
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE, URL
from partnerbot.documents.pages import page_at

EXTRACTIVE = "extractive"

_CITED_AT_MOST = 3
_RELATED_AT_MOST = 3

_SURE = 0.9
"""Probability from which a document that answers otherwise is shown beside the first: below, it is
rather about something else."""


def compose(
    question: Question,
    evidence: Sequence[Evidence],
    related: Sequence[Document],
    threshold: float,
    contact: str,
    timings_ms: Mapping[str, float],
) -> Answer:
    """Answer from evidence at least as probable as the threshold, else abstain.

    Documents that give the same answer are cited together; an article and its translation
    count once, in the asker's language where both say it. Another one as sure that gives another
    answer is cited, too, with that answer.
    """
    convincing = [piece for piece in evidence if piece.probability >= threshold]
    if not convincing:
        return _abstain(question, related, contact, timings_ms)
    first = _preferred_edition(convincing[0], convincing, question.language)
    agreeing = [first]
    for piece in convincing:
        known = {cited.edition for cited in agreeing}
        if piece.edition not in known and _says_the_same(piece, first) and len(agreeing) < _CITED_AT_MOST:
            agreeing.append(_preferred_edition(piece, convincing, question.language))
    citations = [_citation(number, piece) for number, piece in enumerate(agreeing, start=1)]
    text = _framed(question, first, citations)
    other = _says_otherwise(convincing, first)
    if other is not None:
        citations.append(_citation(len(citations) + 1, other))
        said = f"{other.short_answer} [{len(citations)}]"
        text += "\n" + phrases(question.language).says_otherwise.format(answer=said)
    return Answer(
        question=question.text,
        language=question.language,
        status="answered",
        answer=text,
        short_answer=first.short_answer,
        citations=citations,
        related=[],
        generator=EXTRACTIVE,
        warnings=_warnings(question, first),
        timings_ms=dict(timings_ms),
    )


def _abstain(
    question: Question, related: Sequence[Document], contact: str, timings_ms: Mapping[str, float]
) -> Answer:
    texts = phrases(question.language)
    sentence = texts.not_in_documents_related if related else texts.not_in_documents
    return Answer(
        question=question.text,
        language=question.language,
        status="not_in_documents",
        answer=sentence.format(contact=contact),
        short_answer=None,
        citations=[],
        related=[_reference(document, 0) for document in related[:_RELATED_AT_MOST]],
        generator=EXTRACTIVE,
        warnings=[],
        timings_ms=dict(timings_ms),
    )


def _preferred_edition(piece: Evidence, convincing: Sequence[Evidence], language: str) -> Evidence:
    """Take the article's edition in the asker's language, if that one says it too."""
    for other in convincing:
        if other.edition == piece.edition and other.language == language and _says_the_same(other, piece):
            return other
    return piece


def _says_the_same(piece: Evidence, first: Evidence) -> bool:
    if piece is first:
        return True
    if piece.short_answer is None or first.short_answer is None:
        return piece.edition == first.edition
    return same_answer(piece.short_answer, piece.language, first.short_answer, first.language)


def _says_otherwise(convincing: Sequence[Evidence], first: Evidence) -> Evidence | None:
    """Return the surest piece that gives another answer, if it is about as sure as the first."""
    for piece in convincing:
        if (
            piece.edition != first.edition
            and piece.probability >= _SURE
            and piece.short_answer is not None
            and first.short_answer is not None
            and not _says_the_same(piece, first)
        ):
            return piece
    return None


def _framed(question: Question, first: Evidence, citations: Sequence[Citation]) -> str:
    numbers = " ".join(f"[{citation.number}]" for citation in citations)
    texts = phrases(question.language)
    if first.short_answer is not None:
        return f"{first.short_answer} {numbers}"
    if first.language == question.language:
        return f"{texts.quoted.format(quote=first.quote)} {numbers}"
    return (
        f"{texts.quoted_foreign.format(language=language_name(first.language, question.language))} {numbers}"
    )


def _warnings(question: Question, first: Evidence) -> list[str]:
    shown = first.quote if first.highlight is None else first.quote[slice(*first.highlight)]
    if not relative_date_in(shown, first.language):
        return []
    published = first.document.metadata.get(PUBLISHED)
    texts = phrases(question.language)
    if published is None:
        return [texts.relative_date_undated]
    return [texts.relative_date.format(date=written_date(published, question.language))]


def _citation(number: int, piece: Evidence) -> Citation:
    reference = _reference(piece.document, piece.start)
    return Citation(
        **reference.model_dump(),
        number=number,
        quote=piece.quote,
        start=piece.start,
        end=piece.end,
        highlight=piece.highlight,
        relevance=round(piece.probability, 3),
    )


def _reference(document: Document, offset: int) -> DocumentReference:
    metadata = document.metadata
    return DocumentReference(
        title=metadata[TITLE],
        url=metadata.get(URL),
        source=metadata[SOURCE],
        page=page_at(metadata, offset),
        language=metadata[LANGUAGE],
        published=metadata.get(PUBLISHED),
    )
