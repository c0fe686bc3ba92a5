"""Replies from the register of partnerships: which there are, how many, the oldest, with whom."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from partnerbot.answering.answer import Answer, Citation, Point
from partnerbot.answering.compose import marks, quoted, reference
from partnerbot.answering.confidence import threshold
from partnerbot.answering.evidence import overlap
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.kinds import QuestionKind
from partnerbot.answering.phrases import phrases, written_date
from partnerbot.answering.values import PartialDate, find_dates, find_numbers
from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.errors import ConfigurationError
from partnerbot.index.search import Index
from partnerbot.index.spellings import read_glossary
from partnerbot.register.asking import (
    Found,
    asked_of,
    asks_of_end,
    asks_since,
    may_ask,
    rows_named,
    rows_of,
)
from partnerbot.register.corrections import corrected, read_corrections, remarks
from partnerbot.register.joining import read_register
from partnerbot.register.rows import Partnership, Register, Sentence, is_called, is_named
from partnerbot.settings import Settings

_log = logging.getLogger(__name__)

REGISTER = "register"
"""What generated such a reply."""

_SHOWN_AT_MOST = 60
_TOLD_AT_LENGTH = frozenset[QuestionKind](("overview", "explanation", "howto", "comparison", "multi"))
"""Kinds of question that a row's sentence doesn't answer."""

_OF_TWO = frozenset[QuestionKind](("overview", "comparison"))
"""Kinds of question about two partners that their row answers in part, though it doesn't ask for partners."""

_ENDS = " :：。.\u00a0"
"""How an introduction may end."""

_DATED = frozenset({"since", "oldest", "newest", "by_age"})
"""What is asked of rows that only a sentence with the date answers."""

_WHETHER = 0.3
"""Probability of a question for yes or no from which two partners are asked whether they are: of ten such
questions the least has .33, of six for what links two partners the most has .29."""

_registers: WeakKeyDictionary[Index, Register] = WeakKeyDictionary()


def register_of(index: Index, settings: Settings) -> Register:
    """Return the register of a generation as staff have corrected it; nothing is in it if the owner has none.

    Raises: ConfigurationError if the corrections or the glossary can't be read.
    """
    if not settings.owner.partnerships:
        return Register()
    mined = _registers.get(index)
    if mined is None:
        mined = _registers[index] = read_register(index, read_glossary(settings.glossary))
    return corrected(mined, read_corrections(settings.register_file).lines)


def remarks_of(index: Index, settings: Settings) -> list[str]:
    """Say which of staff's corrections don't count or are for nothing known, and where documents disagree.

    Raises: ConfigurationError if the corrections or the glossary can't be read.
    """
    corrections = read_corrections(settings.register_file)
    mined = read_register(index, read_glossary(settings.glossary)) if corrections.lines else Register()
    return [*corrections.unusable, *remarks(mined, corrections.lines, settings.register_file)]


def answered_from_register(found: Investigation, settings: Settings) -> Answer | None:
    """Return the reply to a question that the register answers; None if it doesn't."""
    question, before = found.question, found.follows if found.question.followed_by else ()
    register = _asked(found, settings) if may_ask(question.search_text, question.asked_in) else None
    if register is None:
        return None
    hidden = Register(register.hidden)
    own = asked_of(question.own_text, question.asked_in, register, before)
    asked = own or asked_of(question.own_text, question.asked_in, hidden, before)
    to_tell = found.intent.kind in _OF_TWO and rows_named(question.search_text, question.asked_in, hidden)
    if own is None and (to_tell or (asked is not None and asked.rows)):  # what is near tells what staff deny
        return quoted(replace(found, evidence=[], points=[], related=[], unheard_of=True), settings)
    if asked is None or own is None:
        return _without_another_time(found, register, settings)
    at_length = not before and found.intent.kind in _TOLD_AT_LENGTH
    if at_length and asked.asked in ("list", "are_partners"):
        return None
    if asked.asked == "are_partners" and found.intent.kinds["yes_no"] < _WHETHER:
        return None  # what links them, or in which fields
    if not asked.rows:  # those that are near are of other countries
        return quoted(replace(found, evidence=[], unheard_of=True), settings)
    if asked.asked == "since":
        if not asked.rows[0].surely_dated:
            # A date in what is near is of something else: a prize, a visit.
            return quoted(replace(found, evidence=[]), settings)
        since, read = _date(asked.rows[0]), _dates(quoted(found, settings).short_answer, found)
        if any(since.within(date) and date != since for date in read):  # more exactly
            return None
    totals = _totals(found, register) if asked.of_all and asked.asked == "count" else []
    points, citations = _told(found, asked.rows, asked.asked in _DATED, asked.fields, len(totals))
    if not points:
        return None
    count, language = len(asked.rows), question.language
    of_staff = sum(_is_of_staff(row, asked.asked in _DATED) for row in asked.rows)
    value = _since(asked, found) or _partner(asked, found, settings)
    introduction = value or _introduction(asked, register.partnerships, language, of_staff)
    text = f"{introduction} {marks(citations)}".strip()
    if totals:
        citations = [*totals, *citations]
        points = [*(Point(text=one.quote, citations=[one.number]) for one in totals), *points]
        text = f"{phrases(language).partnerships['totals']} {marks(totals)}\n{text}"
    return Answer(
        question=question.text,
        follows=list(found.follows),
        language=question.language,
        status="answered",
        kind="count" if asked.asked == "count" else "fact" if value else "list",
        answer=text,
        short_answer=str(count) if asked.asked == "count" and not totals else value,
        # What is asked is said already, but for what staff know.
        points=[] if value and count == 1 and all(one.citations for one in points) else points,
        citations=citations,
        related=[],
        generator=REGISTER,
        warnings=[],
        full_list=_address(asked.filters),
        timings_ms=found.timings_ms,
    )


def _without_another_time(found: Investigation, register: Register, settings: Settings) -> Answer | None:
    """Return the passages alone where their headline is a time, and not the one since when two are partners.

    A question asks since when in more words than are known here, and what is near tells of visits and prizes;
    or it asks when that ended.
    """
    question = found.question
    rows = rows_named(question.search_text, question.asked_in, register)
    headline = quoted(found, settings).short_answer
    if len(rows) != 1 or not asks_since(question.search_text, question.asked_in) or headline is None:
        return None
    began = rows[0].surely_dated and not asks_of_end(question.search_text, question.asked_in)
    agrees = began and any(
        date.within(_date(rows[0])) or _date(rows[0]).within(date) for date in _dates(headline, found)
    )
    return None if agrees else quoted(replace(found, evidence=[]), settings)


def _date(row: Partnership) -> PartialDate:
    return PartialDate(*map(int, row.since[0].value.split("-")))


def _dates(headline: str | None, found: Investigation) -> list[PartialDate]:
    return [one.since for one in find_dates(headline or "", found.question.language) if one.since]


def with_rows(answer: Answer, found: Investigation, settings: Settings) -> Answer:
    """Return a reply at length about partnerships that a question names, their rows before its points.

    A bare name gets its rows, too: staff may have added one of which documents tell nothing.
    """
    told = answer.status == "answered"
    bare = found.intent.kind == "name"
    if not bare and (found.intent.kind not in _TOLD_AT_LENGTH or (told and not answer.points)):
        return answer
    if found.question.followed_by:  # it asks of them what their rows don't tell
        return answer
    question = found.question
    of_rows = bare or found.intent.kind in _OF_TWO or may_ask(question.search_text, question.asked_in)
    register = _asked(found, settings) if of_rows else None
    named = rows_of if bare else rows_named
    rows = () if register is None else named(question.search_text, question.asked_in, register)
    points, citations = _told(found, rows, dated=True)
    if not points:
        return answer
    points, citations = _at_length(points, citations, answer.citations, rows, question.language)
    numbers: dict[int, int] = {}
    for one in answer.citations:
        if not any(overlap(one, own) for own in citations):
            numbers[one.number] = len(citations) + 1
            citations.append(one.model_copy(update={"number": len(citations) + 1}))
    for point in answer.points:
        kept = [numbers[number] for number in point.citations if number in numbers]
        if kept:
            points.append(point.model_copy(update={"citations": kept}))
    text = (
        re.sub(r" ?\[\d+\]", "", answer.answer)
        if told
        else _introduction(
            Found("list", rows, among=rows),
            rows,
            question.language,
            sum(_is_of_staff(row, dated=True) for row in rows),
        )
    )
    return answer.model_copy(
        update={
            "status": "answered",
            "answer": f"{text} {marks(citations)}".strip(),
            "points": points,
            "citations": citations,
            "related": answer.related if told else [],
            "full_list": _address(_place_of_all(rows)),
        }
    )


def _at_length(
    points: Sequence[Point],
    citations: Sequence[Citation],
    quoted: Sequence[Citation],
    rows: Sequence[Partnership],
    language: str,
) -> tuple[list[Point], list[Citation]]:
    """Return the points of rows with the longer quotes of a reply that have their sentences, each once.

    In place of a sentence in another language stands a quote in the asker's that names the same partners.
    """

    def named(one: Citation) -> set[str]:
        return {row.key for row in rows if is_named(row.a, one.quote) and is_named(row.b, one.quote)}

    longer: dict[int, Citation] = {}
    for own in citations:
        wide = [one for one in quoted if overlap(one, own) and one.start <= own.start and own.end <= one.end]
        if own.language != language:
            wide = [one for one in quoted if one.language == language and named(one) & named(own)] + wide
        longer[own.number] = wide[0] if wide else own
    kept: dict[tuple[str, int], Citation] = {}
    told: list[Point] = []
    for point in points:
        if not point.citations:
            told.append(point)
            continue
        one = longer[point.citations[0]]
        if (one.source, one.start) not in kept:
            kept[one.source, one.start] = one.model_copy(update={"number": len(kept) + 1})
            told.append(point.model_copy(update={"text": one.quote, "citations": [len(kept)]}))
    return told, list(kept.values())


def _asked(found: Investigation, settings: Settings) -> Register | None:
    """Return the register if the owner has one and a question asks the documents something."""
    if not settings.owner.partnerships or (found.intent.act is not None and not found.candidates):
        return None
    try:
        return register_of(found.index, settings)
    except ConfigurationError as error:  # what staff hide must not be shown meanwhile
        _log.error("The register answers no questions. %s", error)
        return None


def _told(
    found: Investigation,
    rows: Sequence[Partnership],
    dated: bool,
    fields: Collection[str] = (),
    before: int = 0,
) -> tuple[list[Point], list[Citation]]:
    """Return a point for each row under its partners' names: a sentence that states it, or staff's source.

    Its own sentence, and another one that tells the date if that doesn't; both points where the date is
    staff's. `dated`: one sentence that tells the date rather than one in the asker's language; `fields`: one
    that tells of one of these. `before`: how many citations come before theirs.
    """
    language = found.question.language
    cited: dict[Sentence, Citation] = {}
    points: list[Point] = []
    for row in rows[:_SHOWN_AT_MOST]:
        dating = row.since[0].sentences if row.surely_dated else ()
        dated_by_staff = bool(row.since) and not row.since[0].sentences
        of_fields = [one for cell in row.fields if cell.value in fields for one in cell.sentences]
        telling, asked = (of_fields, True) if fields else (dating, dated)
        of_row = [] if _is_of_staff(row, dated) else _best_told(row, telling, asked, language)
        for one in of_row:
            date = row.since[0].value if dated and one in dating else ""
            cited.setdefault(one, _citation(found.index, before + len(cited) + 1, one, date))
        if of_row:
            points.append(
                Point(
                    text=cited[of_row[0]].quote,
                    citations=[cited[one].number for one in of_row],
                    label=_label(row, dated=bool(dating) or dated_by_staff, language=language),
                )
            )
        if row.source and (not of_row or dated_by_staff):
            text = phrases(language).partnerships_of_staff["source"].format(source=row.source)
            points.append(Point(text=text, citations=[], label=_label(row, dated_by_staff, language)))
    return points, list(cited.values())


def _best_told(row: Partnership, telling: Sequence[Sentence], asked: bool, language: str) -> list[Sentence]:
    """Return the sentence that tells best of a row, and another for its date, or for its partners' names.

    telling: those that tell the date, or the field. The best is one of these if that is `asked`, otherwise
    one that states the pair; of several what the reader can read.
    """

    def foreign(one: Sentence) -> tuple[bool, bool]:
        return one.language != language, (one.language in EAST_ASIAN) != (language in EAST_ASIAN)

    def unnamed(one: Sentence) -> bool:
        return not (is_named(row.a, one.text) and is_named(row.b, one.text))

    by_telling = sorted(telling, key=lambda one: (*foreign(one), unnamed(one)))
    by_name = sorted(row.sentences, key=lambda one: (unnamed(one), *foreign(one), one not in telling))
    first, *second = [*by_telling[:1], *by_name[:1]] if asked else [*by_name[:1], *by_telling[:1]]
    lacks = unnamed(first) if asked else first not in telling
    return [first, *(one for one in second if lacks and one != first)]


def _is_of_staff(row: Partnership, dated: bool) -> bool:
    """Whether staff alone tell of a row, or of its date where that is asked."""
    stated = row.since[0].sentences if dated and row.since else row.sentences
    return row.corrected and not stated


def _totals(found: Investigation, register: Register) -> list[Citation]:
    """Return the sentences that tell how many partnerships there are, one for what several tell."""
    told: list[Sentence] = []
    numbers: set[Decimal | None] = set()
    for one in sorted(register.totals, key=lambda one: one.language != found.question.language):
        said = {value.number for value in find_numbers(one.text, one.language)}
        if not said <= numbers:
            numbers |= said
            told.append(one)
    return [_citation(found.index, number, one) for number, one in enumerate(told, 1)]


def _since(asked: Found, found: Investigation) -> str | None:
    """Return since when two partners are ones, where that is asked."""
    if asked.asked != "since":
        return None
    return written_date(asked.rows[0].since[0].value, found.question.language)


def _partner(asked: Found, found: Investigation, settings: Settings) -> str | None:
    """Return the partner's name where one is asked for, and the reader surely finds the row's, too."""
    place = asked.filters.get("place")
    if asked.asked != "list" or place is None or len(asked.rows) != 1 or not found.intent.asks_one_value:
        return None
    (row,) = asked.rows
    partner = row.b if row.a.key == place else row.a
    sure = threshold(settings.strictness)
    read = [piece.short_answer for piece in found.evidence if piece.probability >= sure]
    is_read = any(answer and is_called(partner, answer) for answer in read)
    return partner.name(found.question.language) if is_read else None


def _introduction(asked: Found, every: Sequence[Partnership], language: str, of_staff: int = 0) -> str:
    """Return what comes before rows.

    every: the register's. of_staff: of how many of these no article tells.
    """
    total = sum(not _is_of_staff(row, dated=False) for row in asked.among)
    count, staff = len(asked.rows) - of_staff, phrases(language).partnerships_of_staff
    if not count:
        return staff["all"]
    own: Literal["one", "many", "some", "some_between", "oldest", "newest", "by_age", "are_partners"]
    own = "one" if count == 1 else "many"
    if asked.asked in ("oldest", "newest", "by_age", "are_partners"):
        own = asked.asked
    elif count < total and "place" not in asked.filters:
        own = "some" if len(asked.among) == len(every) else "some_between"
    told = phrases(language).partnerships[own].format(count=count, total=total)
    if not of_staff or asked.asked == own:
        return told
    said = told.rstrip(_ENDS)
    return staff["more"].format(in_articles=said, count=of_staff) + told[len(said) :]


def _address(filters: Mapping[str, str]) -> str:
    return f"/partnerships?{urlencode(filters)}" if filters else "/partnerships"


def _place_of_all(rows: Sequence[Partnership]) -> Mapping[str, str]:
    """Return the filter that finds rows by the place that they have in common, if there is one."""
    places = [(row.a.key, row.b.key) for row in rows]
    common = [place for place in places[0] if all(place in both for both in places)] if places else []
    return {"place": common[0]} if common else {}


def _label(row: Partnership, dated: bool, language: str) -> str:
    """Return the partners' names, with the date if that is sure."""
    names = f"{row.a.name(language)} – {row.b.name(language)}"
    if not dated:
        return names
    date = written_date(row.since[0].value, language)
    return phrases(language).partnerships["dated"].format(names=names, date=date)


def _citation(index: Index, number: int, sentence: Sentence, date: str = "") -> Citation:
    """Cite a sentence, in which the date is marked that it is cited for, written as 1973-10-12 or 1973."""
    document = index.document(sentence.document_id)
    asked = PartialDate(*map(int, date.split("-"))) if date else PartialDate()
    said = find_dates(sentence.text, sentence.language) if date else []
    marked = (
        (one.start, one.end) for one in said if one.since and not one.relative and one.since.within(asked)
    )
    return Citation(
        **reference(document, sentence.start).model_dump(),
        number=number,
        quote=sentence.text,
        start=sentence.start,
        end=sentence.end,
        highlight=next(marked, None),
        relevance=1.0,
    )
