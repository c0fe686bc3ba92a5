"""Which dates a document states as the beginning of a partnership: judged by the reader's states of them.

A prize, an anniversary, a visit or a council's vote beside a pair has a date, too, and so have other pairs.
The reader reads "when did A and B become partners?" with the text, and over its states lies a network as over
those of pairs, with marks on the date and on the names of the two (training/register/dates.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from partnerbot.answering.values import PartialDate, Value, ValueKind, find_dates, find_numbers, resolved
from partnerbot.register.authorities import Named
from partnerbot.register.judging import OTHER, A, B, Tie, marked, read
from partnerbot.register.partnerships import SENTENCE_END, SPEAKING, bounds, clause, has_word, tables

DATE, PAIR = A, B
"""What a token is part of for the judge of dates: the date, or a name of one of the two."""

_BESIDE = 15
"""Characters from the beginning of a date to that of its year."""


UNKNOWN = ""
"""The day that "last year" means in a document without a date."""

_MOST_YEARS = 150
"""Years that a partnership may have lasted."""


@dataclass(frozen=True)
class Dated:
    """A text beside a pair that has dates; places of dates and names are of the text.

    `window`: where it stands in its document. `called`: the two. `head`: what is read before it; None where
    it may name neither of them.
    """

    text: str
    window: tuple[int, int]
    dates: Sequence[Value]
    named: Sequence[Named]
    keys: frozenset[str]
    called: tuple[str, str]
    head: str | None

    @property
    def before(self) -> str:
        """What is read before the text."""
        return f"{' – '.join(self.called)}. " if self.head is None else self.head

    def marks(self, date: Value) -> list[tuple[int, int, int]]:
        """Return [start, end) of what is read and what it is part of; what comes last counts."""
        shift, (a, b) = len(self.before), self.called
        called = [(0, len(a), PAIR), (len(a) + 3, len(a) + 3 + len(b), PAIR)] if self.head is None else []
        names = [
            (one.start, one.end, PAIR if one.authority.key in self.keys else OTHER) for one in self.named
        ]
        dates = [*((one.start, one.end, OTHER) for one in self.dates), (date.start, date.end, DATE)]
        return [*called, *((start + shift, end + shift, part) for start, end, part in [*names, *dates])]


@dataclass(frozen=True)
class StatedDate:
    """A date that may be a beginning's: ISO or UNKNOWN, the text that has it, and what is seen there."""

    iso: str
    window: tuple[int, int]
    tie: Tie


def stated_dates(
    texts: Sequence[Dated], question: str, language: str, published: str | None
) -> list[StatedDate]:
    """Return the dates of texts, with what is seen of each.

    question: since when the two are partners. published: the day from which "last year" counts.
    """
    found: list[StatedDate] = []
    for one in texts:
        states = read(question, one.before + one.text)
        for date in (each for each in one.dates if each.until is None):
            iso = as_iso(_meant(date, one.dates, published))
            if iso is None and date.relative and published is None:
                iso = UNKNOWN
            # What is announced has not begun.
            if iso is not None and iso[: len(published or iso)] <= (published or iso):
                plain = np.array(_plain(one, date, language), np.float32)
                tie = Tie(states.values, marked(states, one.marks(date)), plain)
                found.append(StatedDate(iso, one.window, tie))
    return found


def _plain(one: Dated, date: Value, language: str) -> list[float]:
    """Return what is seen of a date without the reader: how it stands to names, and the telling words."""
    text = one.text
    near = clause(text, date.start, date.end)
    first, last = bounds(text, date.start, date.end, SENTENCE_END)
    around = [(_far(each, date), each.authority.key in one.keys) for each in one.named]
    inside = [each.authority.key in one.keys for each in one.named if first <= each.start < last]
    groups = [
        *(tables().telling[kind] for kind in (*SPEAKING, "near", "undone", "event")),
        tables().anniversary,
        tables().kind["ended"],
    ]
    return [
        float(np.log(len(one.dates))),
        float(not one.before),
        min((far for far, own in around if own), default=100) / 50,
        min((far for far, own in around if not own), default=100) / 50,
        float(True in inside),
        float(False in inside),
        float(not min(around, key=lambda each: (each[0], not each[1]), default=(0, True))[1]),
        float(bool(date.since and date.since.month)),
        float(text[: date.start].rstrip()[-1:] in ("(", "（", "|", ",", "、", ":")),
        float(has_word(text[max(0, date.start - 12) : date.end + 4], language, tables().from_then)),
        *(float(has_word(part, language, words)) for part in (near, text[first:last]) for words in groups),
    ]


def _far(named: Named, date: Value) -> int:
    return min(100, max(named.start - date.end, date.start - named.end, 0))


def said_dates(text: str, language: str) -> list[Value]:
    """Return the dates that a text says, and numbers of years, which may count back: "for ten years"."""
    dates = [one for one in find_dates(text, language) if one.kind is ValueKind.DATE]
    years = [
        one
        for one in find_numbers(text, language, with_years=True)
        if one.unit == "duration-year"
        and one.number is not None
        and 1 < one.number <= _MOST_YEARS
        and not any(one.start < date.end and date.start < one.end for date in dates if date.since)
    ]
    others = [one for one in dates if not any(one.start < own.end and own.start < one.end for own in years)]
    return sorted([*years, *others], key=lambda one: one.start)


def _meant(date: Value, said: Sequence[Value], published: str | None) -> PartialDate | None:
    """Return the day, month or year that is meant: "in 1961, on 2 July"; else the last before publication."""
    if date.number is not None:
        return PartialDate(int(published[:4]) - int(date.number)) if published else None
    if date.relative:
        return resolved(date, published)
    if date.since is None or date.since.year is not None:
        return date.since
    beside = (one.since for one in said if one.since and abs(one.start - date.start) <= _BESIDE)
    year = next((one.year for one in beside if one.year is not None and one.month is None), None)
    if year is None and published and date.since.day:
        last = replace(date.since, year=int(published[:4]))
        year = int(published[:4]) - ((as_iso(last) or "")[: len(published)] > published)
    return replace(date.since, year=year)


def as_iso(date: PartialDate | None) -> str | None:
    """Return a date as far as it is said, as ISO writes it; None without a year."""
    if date is None or date.year is None:
        return None
    month = f"-{date.month:02d}" if date.month else ""
    return f"{date.year:04d}{month}{f'-{date.day:02d}' if month and date.day else ''}"
