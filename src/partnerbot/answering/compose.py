"""From evidence to the Answer: cite what answers, or say that the documents don't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Citation, DocumentReference
from partnerbot.answering.dating import dating_note
from partnerbot.answering.entities import Said, contradicts, same_answer, tells_of_both
from partnerbot.answering.evidence import Evidence
from partnerbot.answering.phrases import language_name, phrases, written_date
from partnerbot.answering.question import Question
from partnerbot.answering.values import find_dates
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE, URL
from partnerbot.documents.pages import page_at

EXTRACTIVE = "extractive"

_CITED_AT_MOST = 3
_RELATED_AT_MOST = 3


def compose(
    question: Question,
    evidence: Sequence[Evidence],
    related: Sequence[Document],
    threshold: float,
    contact: str,
    timings_ms: Mapping[str, float],
) -> Answer:
    """Answer from evidence at least as probable as the threshold, else abstain.

    The first piece decides: it is the likeliest of what was read. What follows it unread, judged by its
    likeness alone, is only cited where it says the same.
    Documents that give the same answer are cited together; an article and its translation
    count once, in the asker's language where both say it. Another one that gives another
    answer to the very question is cited, too, with that answer, and which of them is the newer one.
    """
    convincing = [piece for piece in evidence if piece.probability >= threshold]
    if not convincing or convincing[0] is not evidence[0]:
        return _abstain(question, related, contact, timings_ms)
    first = _preferred_edition(convincing[0], convincing, question.language)
    agreeing = [first]
    for piece in convincing:
        known = {cited.edition for cited in agreeing}
        if piece.edition not in known and _says_the_same(piece, first) and len(agreeing) < _CITED_AT_MOST:
            agreeing.append(_preferred_edition(piece, convincing, question.language))
    citations = [_citation(number, piece) for number, piece in enumerate(agreeing, start=1)]
    text = _framed(question, first, citations)
    other = says_otherwise(evidence, first)
    if other is not None:
        citations.append(_citation(len(citations) + 1, other))
        text += "\n" + otherwise(str(other.short_answer), citations[-1], citations[0], question.language)
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
    one, other = _said(piece), _said(first)
    if one is None or other is None:
        return piece.edition == first.edition
    return same_answer(one, other)


def _said(piece: Evidence) -> Said | None:
    """The answer in its document's words."""
    if piece.short_answer is None:
        return None
    text = piece.short_answer if piece.highlight is None else piece.quote[slice(*piece.highlight)]
    return Said(text, piece.language, piece.published)


def says_otherwise(evidence: Sequence[Evidence], first: Evidence) -> Evidence | None:
    """Return the likeliest rival of the first piece that gives another answer."""
    mine = _said(first)
    for piece in evidence:
        theirs = _said(piece)
        if (
            piece.edition != first.edition
            and piece.rival
            and mine is not None
            and theirs is not None
            and contradicts(theirs, mine)
            and not _tell_of_two_things(piece, theirs, first, mine)
        ):
            return piece
    return None


def _tell_of_two_things(piece: Evidence, theirs: Said, first: Evidence, mine: Said) -> bool:
    """True if one document gives both answers; a newer one may, to say what was before."""
    dated = bool(find_dates(mine.text, mine.language))
    if not dated and _is_newer(piece.published, first.published):
        return False
    return tells_of_both(theirs, piece.document.page_content, piece.quote, mine, first.quote)


def _is_newer(one: str | None, other: str | None) -> bool | None:
    """Compare two ISO dates of any length; None if it can't be told."""
    if one is None or other is None:
        return None
    known = min(len(one), len(other))
    return None if one[:known] == other[:known] else one > other


def otherwise(answer: str, other: Citation, first: Citation, language: str) -> str:
    """Write what another document answers, which of the two is newer, and when each appeared."""
    texts = phrases(language)
    said = f"{answer} [{other.number}]"
    appeared = written_date(other.published, language) if other.published else ""
    newer = _is_newer(other.published, first.published)
    if newer is None:
        dated = f"{answer} ({appeared}) [{other.number}]" if appeared else said
        return texts.says_otherwise.format(answer=dated)
    return (texts.says_newer if newer else texts.says_older).format(
        answer=said, date=appeared, first=written_date(str(first.published), language)
    )


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
    note = dating_note(first.quote, first.language, first.published, question.language, first.highlight)
    return [] if note is None else [note]


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
