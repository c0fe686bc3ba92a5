"""From evidence to the Answer: cite what answers, or say that the documents don't."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from babel.lists import format_list
from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Citation, DocumentReference, Kind, Point, Related
from partnerbot.answering.conversation import About, opening_hours, reply
from partnerbot.answering.entities import Said, contradicts, same_answer, tells_of_both
from partnerbot.answering.evidence import Evidence, answer_of, overlap
from partnerbot.answering.investigation import Certainty, Investigation, certainty_for, use_of_passages
from partnerbot.answering.kinds import QuestionKind
from partnerbot.answering.phrases import dating_note, phrases, written_date
from partnerbot.answering.points import in_order, is_translation
from partnerbot.answering.question import Question
from partnerbot.answering.question_type import AnswerType, asks_time_of_day
from partnerbot.answering.quoting import in_paragraph, in_table, passages_at, quotable
from partnerbot.answering.short_answer import is_list, readable
from partnerbot.answering.values import ValueKind, find_dates, find_numbers
from partnerbot.answering.values.cldr import locale_of
from partnerbot.answering.values.times import find_times
from partnerbot.documents.formats.tables import BETWEEN_CELLS
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE, URL, page_at
from partnerbot.documents.recognised import is_recognised
from partnerbot.documents.scripts import ends_sentence
from partnerbot.index.passages import display_width
from partnerbot.index.search import Index
from partnerbot.register.authorities import called
from partnerbot.settings import Settings

EXTRACTIVE = "extractive"

_CITED_AT_MOST = 3
_BARE_FIGURE = re.compile(r"\D{0,10}\d+")
"""A figure that nothing follows: of 139 headlines of six sets 1, where the question word asks for none."""

_HEADLINE = 0.5
"""Probability from which an answer that was read is set large; below, its sentence is shown."""

_VALUE_ASKED_AND_FOUND = 0.45
"""Probability that one value is asked for and this is it, from which it is set large where the first alone is
unsure: six more on visible broad questions, all of them right, and one wrong one stays below it."""

SURE_OF_KIND = 0.45
"""Probability from which a reply is introduced and ordered as a list, an overview …; below, as passages."""

_TELL_ALL: frozenset[QuestionKind] = frozenset({"howto", "explanation"})
_TOLD = 0.35
"""Probability of the best passage from which a reply says that it has the steps or the reasons: of six
questions for steps that nothing tells, passages shown have .23 to .35. Of a list each tells little."""

_OF_USE = 0.3
"""Probability that passages are of use below which they are only what comes nearest. Of what our sample, its
digests and visible questions show without a sure sentence, 3 % of what answers is below it, and 8 of 12
questions that nothing answers."""

_THE_ONE_ASKED = 1.3
"""Sum of a value's probability and its passage's relevance from which it is set large: who signed is not who
introduced them, the day of a visit not that of a signature. On our own set, our sample, its digests, a
visitor's questions and public ones 134 right values are set large with it, and 6 others (half of which are
right, but not all that is asked). tools/confidence/limits.py prints what other limits would do."""

_NAME_ASKED = 1.55
"""The same where a person or a place is asked for, since several stand near: Obuse, which lent the pictures,
is not where they were shown. With 1.6, of 136 values five right names were lost, and the wrong ones that a
reader found: Obuse, and who proposed an agreement for who signed it. Set by hand."""

_DISAGREES = 0.85
"""Probability from which another document is said to disagree: pairs that were written to have .94 and more,
the day of another conference .64, a number of something else .79."""

_DATED_WITHIN = 300
"""Characters before and after a sentence in which its year may be told; set by hand."""

_HEADLINE_WIDTH = 45
"""Of a date, number or name, in Latin letters; what is longer is a statement, and is quoted."""

_RELATED_AT_MOST = 3

_IN_OTHER_WORDS = 0.25
"""Relevance from which a passage may tell in other words of what no document names: an epidemic, to who asks
about Covid. Of fifteen such questions passages of use had .27 to .40, others at most .21."""


def quoted(found: Investigation, settings: Settings) -> Answer:
    """Return the reply to what was found, without a language model."""
    if found.intent.act is not None and not found.candidates:
        about = About.of(found.index, settings.owner, settings.contact, found.question.language)
        said = reply(found.intent.act, found.question.language, about, settings.owner.conversation)
        return _answer(found, "conversation", said, act=found.intent.act)
    answer = compose(found, certainty_for(found, settings.strictness), settings.contact)
    hours = opening_hours(settings.owner.contact, answer.language) if found.intent.asks_hours else ""
    told = answer.status == "answered" and hours
    return answer.model_copy(update={"answer": f"{hours}\n{answer.answer}"}) if told else answer


def saying_what_was_taken(answer: Answer, found: Investigation) -> Answer:
    """Say first, in a line of its own, which question was answered instead of one with misspelt words."""
    return answer.model_copy(update={"answer": what_was_taken(found) + answer.answer})


def what_was_taken(found: Investigation) -> str:
    """Return the line, with its end, that says which question was answered; empty if it was the one asked."""
    if not found.taken:
        return ""
    return f"{phrases(found.question.language).results_for.format(words=found.taken)}\n"


def compose(found: Investigation, certainty: Certainty, contact: str) -> Answer:
    """Answer with one value where one is asked for and sure, else with passages, else that nothing is said.

    Of the evidence the first piece decides: it is the likeliest of what was read.
    """
    question, intent, evidence, points = found.question, found.intent, found.evidence, found.points
    warnings: list[str] = []
    sure = [piece for piece in evidence if piece.probability >= certainty.answer]
    if sure and sure[0] is evidence[0]:
        sure = _most_agreed(sure, found.index)
        first = _preferred_edition(sure[0], sure, question.language, found.index)
        headline = _headline(found, first) or _headline(found, sure[0])
        alike = [piece for piece in sure if piece.rival or _says_the_same(piece, first, found.index)]
        relevant = _is_relevant(found, alike, _NAME_ASKED if question.asks_name else _THE_ONE_ASKED)
        relevant = relevant and not _is_of_another_year(question, first) and not _is_one_of_prices(first)
        if headline is not None and relevant:
            return _value(found, sure, first, headline)
        points = _with_evidence(found, first, sure, marked=intent.asks_one_value and relevant)
        warnings = _warnings(question, first) if intent.asks_one_value else []
    elif (use := use_of_passages(found)) < certainty.passages:
        return _abstain(found, contact)
    elif use < _OF_USE and not intent.asks_hours:
        return _nearest(found, points, contact)
    return _passages(found, points, warnings)


def _most_agreed(sure: Sequence[Evidence], index: Index) -> list[Evidence]:
    """Put the answer first that documents, each with its probability, say most; editions count once."""
    best, most = sure[0], 0.0
    for piece in sure:
        if piece.short_answer is not None:
            agreeing = {
                other.edition: other.probability
                for other in reversed(sure)
                if _says_the_same(other, piece, index)
            }
            if sum(agreeing.values()) > most:
                best, most = piece, sum(agreeing.values())
    return [best, *(piece for piece in sure if piece is not best)]


def _headline(found: Investigation, first: Evidence) -> str | None:
    """Return the short answer as the asker reads it, if surely one value is asked for and this is one."""
    question, intent, answer = found.question, found.intent, first.short_answer
    if answer is None or first.probability < _HEADLINE:
        return None
    if question.asks_of_today or intent.asks_hours:
        return None  # who was it then may not be any more, and what is open on one day may be shut on another
    if intent.kind == "multi" or (question.followed_by and question.asks_name):
        return None  # of seven names that were read after "Who signed it?" one was right
    if not intent.asks_one_value and intent.one_value * first.probability < _VALUE_ASKED_AND_FOUND:
        return None
    if is_list(answer) or display_width(answer) > _HEADLINE_WIDTH or not _states(first.quote):
        return None  # a heading names what is told below it
    if asks_time_of_day(question.own_text, question.asked_in) and not find_times(answer, first.language):
        return None  # on which day it is, is no answer
    if question.asks_name and answer == answer.lower() != answer.upper():
        return None  # "a museum" is not where the town is
    if question.asks_name and is_list(answer, several=2):
        return None  # "the town, its mayor" is two things
    if intent.kind == "count" and len(_figures(first)) > 1:
        return None  # as where sources disagree
    if _lacks_year(first) and not _years(question.search_text, question.asked_in):
        return None
    if question.expects is AnswerType.OTHER and _BARE_FIGURE.fullmatch(answer):
        return None  # the issue of a letter is no telephone number
    if first.highlight is not None and first.short_answer != first.quote[slice(*first.highlight)]:
        return first.short_answer  # a value, written in the asker's way
    return readable(answer, first.language, question.language, found.index.lexical)


def _states(quote: str) -> bool:
    """True for sentences and rows of a table: a heading, or an item of a list, says little alone."""
    return ends_sentence(quote) or BETWEEN_CELLS in quote


def _is_relevant(found: Investigation, pieces: Sequence[Evidence], least: float) -> bool:
    """True if a passage that has the value surely tells of what is asked, too.

    pieces: all that say the value, or another in like words: of passages alike, one alone is a point.
    """
    return any(
        point.probability + piece.probability >= least
        for point in found.points
        for piece in pieces
        if overlap(point, piece)
    )


def _figures(piece: Evidence, kind: ValueKind | None = None) -> set[Decimal | None]:
    """Return the numbers that a sentence tells, or those of one kind; of several, it has to be read."""
    told = find_numbers(piece.quote, piece.language)
    return {one.number for one in told if kind is None or one.kind is kind}


def _is_one_of_prices(piece: Evidence) -> bool:
    """True for a price beside others in its sentence: students pay less. A row's headings tell them apart."""
    answer = answer_of(piece)
    read = [] if answer is None else find_numbers(answer.text, answer.language)
    is_price = any(one.kind is ValueKind.MONEY for one in read)
    return is_price and BETWEEN_CELLS not in piece.quote and len(_figures(piece, ValueKind.MONEY)) > 1


def _lacks_year(piece: Evidence) -> bool:
    """True for a day of a year that isn't said: an article of 2011 told when a fair was then."""
    answer = answer_of(piece)
    days = [] if answer is None else [date.since for date in find_dates(answer.text, answer.language)]
    return any(day is not None and day.month and not day.year for day in days)


def _is_of_another_year(question: Question, piece: Evidence) -> bool:
    """True if a question names a year that is told neither near the value nor by what the document is."""
    asked = _years(question.search_text, question.asked_in)
    near = piece.document.page_content[max(0, piece.start - _DATED_WITHIN) : piece.end + _DATED_WITHIN]
    title = str(piece.document.metadata[TITLE])
    told = _years(f"{title}\n{near}", piece.language) | {int(str(piece.published or "0").split("-")[0])}
    return bool(asked) and not asked & told


def _years(text: str, language: str) -> set[int]:
    days = [day for date in find_dates(text, language) for day in (date.since, date.until)]
    return {day.year for day in days if day is not None and day.year}


def _value(found: Investigation, sure: Sequence[Evidence], first: Evidence, headline: str) -> Answer:
    """Answer with one value and what says so.

    Documents that give the same answer are cited together, those in the asker's
    language first; an article and its translation count once. Another one that gives another
    answer to the very question is cited, too, with that answer, and which of them is the newer one.
    """
    question = found.question
    agreeing = [first]
    for piece in sure:
        known = {cited.edition for cited in agreeing}
        agrees = piece.edition not in known and _says_the_same(piece, first, found.index)
        if agrees and len(agreeing) < _CITED_AT_MOST:
            agreeing.append(_preferred_edition(piece, sure, question.language, found.index))
    agreeing.sort(key=lambda piece: piece.language != question.language)
    citations = [_citation(number, piece) for number, piece in enumerate(agreeing, start=1)]
    text = f"{headline} {marks(citations)}"
    other = says_otherwise(found.evidence, first)
    said = None if other is None else _headline(found, other)
    if other is not None and said is not None:
        citations.append(_citation(len(citations) + 1, other))
        text += "\n" + otherwise(said, citations[-1], citations[0], question.language)
    kind: Kind = "count" if found.intent.kind == "count" else "fact"
    return _answer(
        found,
        kind,
        text,
        short_answer=headline,
        citations=citations,
        warnings=_warnings(question, first),
    )


_KINDS: Mapping[QuestionKind, Kind] = {
    "list": "list",
    "count": "count",
    "overview": "overview",
    "explanation": "explanation",
    "howto": "howto",
    "comparison": "comparison",
    "latest": "latest",
}
"""What a reply with points is called; "passages" for the rest."""


def _with_evidence(
    found: Investigation, first: Evidence, sure: Sequence[Evidence], marked: bool
) -> list[Evidence]:
    """Return the points with the sentence that surely answers first, in one that has it or as one of its own.

    Points in which another edition of its article says the same are left out. `marked`: the answer inside the
    sentence is, too.
    """
    points, index = found.points, found.index
    if not _states(first.quote):
        return list(points)
    whole = [
        point
        for point in points
        if point.source == first.source and point.start <= first.start and first.end <= point.end
    ]
    lead = whole[0] if whole else _in_its_paragraph(first, index, found.question.asks_for_most)
    lead = replace(lead, probability=first.probability)
    said = [
        lead,
        *(piece for piece in sure if piece.edition == first.edition and _says_the_same(piece, first, index)),
    ]
    apart = [point for point in points if not any(overlap(point, piece) for piece in said)]
    mark = None
    if marked and first.highlight is not None:
        shift = first.start - lead.start
        mark = (first.highlight[0] + shift, first.highlight[1] + shift)
    return [replace(lead, highlight=mark, short_answer=None), *apart]


def _in_its_paragraph(piece: Evidence, index: Index, whole_table: bool) -> Evidence:
    """Return what is quoted with the rest of its paragraph or, of a row, its table, where that is short."""
    quoted = passages_at(piece.source, piece.start, piece.end, index)
    spans = [(piece.start, piece.end)]
    spans += [(whole_table and in_table(one, index)) or in_paragraph(one, index) for one in quoted]
    text = piece.document.page_content
    start, end = quotable(text, min(first for first, _ in spans), max(last for _, last in spans))
    if not start <= piece.start < piece.end <= end:
        return piece  # what is quoted is a heading
    return replace(piece, quote=text[start:end], start=start, end=end)


def _nearest(found: Investigation, points: Sequence[Evidence], contact: str) -> Answer:
    """Say whom to ask, and show what comes nearest, without the claim that it answers."""
    texts = phrases(found.question.language)
    ask_us = texts.ask_us.format(contact=contact) if contact else ""
    return _quoting(found, "nearest", points, [], f"{texts.not_sure}{ask_us}\n")


def _passages(found: Investigation, points: Sequence[Evidence], warnings: Sequence[str]) -> Answer:
    """Let the documents speak: one line of ours, by what they are, then their passages."""
    intent = found.intent
    told = max((piece.probability for piece in points), default=0.0)
    sure = intent.kinds[intent.kind] >= SURE_OF_KIND and (told >= _TOLD or intent.kind not in _TELL_ALL)
    kind = _KINDS.get(intent.kind, "passages") if sure else "passages"
    if intent.asks_latest:
        kind = "latest"
    return _quoting(found, kind, points, warnings)


def _quoting(
    found: Investigation,
    kind: Kind,
    points: Sequence[Evidence],
    warnings: Sequence[str],
    before: str = "",
) -> Answer:
    """Return what the kind of reply begins with, and maybe a line before that, then passages in its order."""
    language = found.question.language
    in_their_order = in_order(kind, points, language)
    citations = [_citation(number, piece) for number, piece in enumerate(in_their_order, start=1)]
    return _answer(
        found,
        kind,
        f"{before}{phrases(language).introductions[kind]} {marks(citations)}",
        points=[Point(text=citation.quote, citations=[citation.number]) for citation in citations],
        citations=citations,
        warnings=list(warnings),
    )


def marks(citations: Sequence[Citation]) -> str:
    """Return what an answer's text says of its citations: [1] [2]."""
    return " ".join(f"[{citation.number}]" for citation in citations)


def _abstain(found: Investigation, contact: str) -> Answer:
    texts = phrases(found.question.language)
    sentence = texts.not_in_documents
    if found.unmentioned:
        language = found.question.language
        # A Korean question has its names put in Latin letters.
        said = (
            [called(name, language) for name in found.unmentioned] if language == "ko" else found.unmentioned
        )
        names = format_list(said, style="or", locale=locale_of(language))
        sentence = texts.not_mentioned.format(names=names)
    if contact:
        sentence += texts.ask_us.format(contact=contact)
    related = _related(found)
    if related:  # they stand below
        sentence += f"\n{texts.may_help}"
    return _answer(found, "passages", sentence, status="not_in_documents", related=related)


def _related(found: Investigation) -> list[Related]:
    """Return the documents that may help, first those of the passages that tell most of what is asked.

    Of a question that names something unheard of, a passage may tell in other words.
    """
    excerpts: dict[str, Evidence] = {}
    for point in found.points:
        if not found.unheard_of or point.probability >= _IN_OTHER_WORDS:
            excerpts.setdefault(point.source, point)
    nearest = {document.metadata[SOURCE]: document for document in found.related}
    told = [
        Related(**reference(point.document, point.start).model_dump(), excerpt=point.quote)
        for point in excerpts.values()
    ]
    others = [
        Related(**reference(document, 0).model_dump())
        for source, document in nearest.items()
        if source not in excerpts
    ]
    return [*told, *others][:_RELATED_AT_MOST]


def _answer(found: Investigation, kind: Kind, text: str, **more: Any) -> Answer:
    """Return an answer; `more`: what it has beside its words."""
    return Answer(
        question=found.question.text,
        follows=list(found.follows),
        language=found.question.language,
        kind=kind,
        answer=text,
        generator=EXTRACTIVE,
        timings_ms=found.timings_ms,
        **{
            "status": "answered",
            "short_answer": None,
            "citations": [],
            "related": [],
            "warnings": [],
            **more,
        },
    )


def _preferred_edition(
    piece: Evidence, convincing: Sequence[Evidence], language: str, index: Index
) -> Evidence:
    """Take the article's edition in the asker's language, if that one says it too."""
    for other in convincing:
        is_own = other.edition == piece.edition and other.language == language
        if is_own and _says_the_same(other, piece, index):
            return other
    return piece


def _says_the_same(piece: Evidence, first: Evidence, index: Index) -> bool:
    """True if two pieces give the same answer, or if one is the other's sentence in another edition."""
    if piece.short_answer == first.short_answer is not None:
        return True  # written in the asker's way: a year is asked, and one tells the day, too
    one, other = answer_of(piece), answer_of(first)
    if one is None and other is None:
        return piece.edition == first.edition
    same = one is not None and other is not None and same_answer(one, other)
    return same or is_translation(piece, first, index)


def says_otherwise(evidence: Sequence[Evidence], first: Evidence) -> Evidence | None:
    """Return the likeliest rival of the piece chosen first that gives another answer."""
    mine = answer_of(first)
    for piece in evidence:
        theirs = answer_of(piece)
        if (
            piece.edition != first.edition
            and piece.probability >= _DISAGREES
            and (piece.rival or (first.rival and piece is evidence[0]))
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


def _warnings(question: Question, first: Evidence) -> list[str]:
    note = dating_note(first.quote, first.language, first.published, question.language, first.highlight)
    return [] if note is None else [note]


def _citation(number: int, piece: Evidence) -> Citation:
    found = reference(piece.document, piece.start)
    return Citation(
        **found.model_dump(),
        number=number,
        quote=piece.quote,
        start=piece.start,
        end=piece.end,
        highlight=piece.highlight,
        relevance=round(piece.probability, 3),
    )


def reference(document: Document, offset: int) -> DocumentReference:
    """Return what a visitor needs to open a document at an offset of its text."""
    metadata = document.metadata
    page = page_at(metadata, offset)
    return DocumentReference(
        title=metadata[TITLE],
        url=metadata.get(URL),
        source=metadata[SOURCE],
        page=page,
        language=metadata[LANGUAGE],
        published=metadata.get(PUBLISHED),
        ocr=is_recognised(metadata, page),
    )
