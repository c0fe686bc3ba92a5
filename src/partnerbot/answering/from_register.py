"""Replies from the register of partnerships: which there are, how many, the oldest, with whom."""

from __future__ import annotations

import logging
from weakref import WeakKeyDictionary

from partnerbot.answering.answer import Answer, Citation, Kind, Point
from partnerbot.answering.compose import reference
from partnerbot.answering.confidence import threshold
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.kinds import QuestionKind
from partnerbot.answering.phrases import phrases, written_date
from partnerbot.errors import ConfigurationError
from partnerbot.index.search import Index
from partnerbot.register.asking import asked_of, may_ask
from partnerbot.register.corrections import corrected, read_corrections
from partnerbot.register.joining import read_register
from partnerbot.register.rows import Partnership, Register, Sentence
from partnerbot.settings import Settings

_log = logging.getLogger(__name__)

REGISTER = "register"
"""What generated such a reply."""

_SHOWN_AT_MOST = 60
_TOLD_AT_LENGTH = frozenset[QuestionKind](("overview", "explanation", "howto", "comparison", "multi"))
"""Kinds of question that a row's sentence doesn't answer."""

_registers: WeakKeyDictionary[Index, Register] = WeakKeyDictionary()


def register_of(index: Index, settings: Settings) -> Register:
    """Return the register of a generation as staff have corrected it.

    Raises: ConfigurationError if the corrections can't be used.
    """
    mined = _registers.get(index)
    if mined is None:
        mined = _registers[index] = read_register(index)
    return corrected(mined, read_corrections(settings.register_file))


def answered_from_register(found: Investigation, settings: Settings) -> Answer | None:
    """Return the reply to a question that the register answers; None if it doesn't."""
    question = found.question
    if found.intent.act is not None and not found.candidates:
        return None
    if question.search_text != question.read_text:
        return None  # a follow-up asks something else than what stands before it
    if not may_ask(question.search_text, question.asked_in):
        return None
    try:
        register = register_of(found.index, settings)
    except ConfigurationError as error:  # what staff hide must not be shown meanwhile
        _log.error("The register answers no questions. %s", error)
        return None
    asked = asked_of(question.search_text, question.asked_in, register)
    if asked is None or (asked.of_all and _is_told(found, settings)):
        return None
    if found.intent.kind in _TOLD_AT_LENGTH and asked.asked in ("list", "are_partners"):
        return None
    quoted = [(row, sentence) for row in asked.rows if (sentence := _sentence(row, question.language))]
    if not quoted:
        return None
    citations = [
        _citation(found.index, number, sentence)
        for number, (_, sentence) in enumerate(quoted[:_SHOWN_AT_MOST], start=1)
    ]
    points = [
        Point(text=one.quote, citations=[one.number], label=_label(row, sentence, question.language))
        for one, (row, sentence) in zip(citations, quoted, strict=False)
    ]
    count = len(asked.rows)
    text = (
        phrases(question.language)
        .partnerships[
            asked.asked
            if asked.asked in ("oldest", "newest", "are_partners")
            else "one"
            if count == 1
            else "many"
        ]
        .format(count=count)
    )
    kind: Kind = "count" if asked.asked == "count" else "list"
    return Answer(
        question=question.text,
        language=question.language,
        status="answered",
        kind=kind,
        answer=f"{text} {' '.join(f'[{one.number}]' for one in citations)}",
        short_answer=str(count) if asked.asked == "count" else None,
        points=points,
        citations=citations,
        related=[],
        generator=REGISTER,
        warnings=[],
        timings_ms=found.timings_ms,
    )


def _is_told(found: Investigation, settings: Settings) -> bool:
    """True if a document says how many there are: it may know of others than those it names."""
    sure = threshold(settings.strictness)
    return any(piece.probability >= sure for piece in found.evidence)


def _sentence(row: Partnership, language: str) -> Sentence | None:
    """Return the sentence to show of a row: one that dates it, in the asker's language if it can be."""
    own = (row.since[0].sentences if row.since else ()) or row.sentences
    return next((one for one in own if one.language == language), own[0] if own else None)


def _label(row: Partnership, sentence: Sentence, language: str) -> str:
    """Return the partners' names, with the date that the sentence tells."""
    names = f"{row.a.name(language)} – {row.b.name(language)}"
    if not row.since or sentence not in row.since[0].sentences:
        return names
    return f"{names} ({written_date(row.since[0].value, language)})"


def _citation(index: Index, number: int, sentence: Sentence) -> Citation:
    document = index.document(sentence.document_id)
    return Citation(
        **reference(document, sentence.start).model_dump(),
        number=number,
        quote=sentence.text,
        start=sentence.start,
        end=sentence.end,
        highlight=None,
        relevance=1.0,
    )
