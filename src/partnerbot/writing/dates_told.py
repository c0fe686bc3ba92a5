"""A quote with its relative dates told: "Last year it received ..." in an article of 2021 is "In 2020 ...".

A model is asked to write the year. Whoever judges what it wrote must then read the quote so.
"""

from __future__ import annotations

from dataclasses import replace

from partnerbot.answering.values import find_dates, format_value, resolved

_IN = {"fr": "en ", "en": "in "}


def with_dates_told(text: str, language: str, published: str | None) -> str:
    """Return the text with each relative date that the article's own date tells written out."""
    for date in reversed(find_dates(text, language)):
        told = resolved(date, published)
        if told is not None:
            written = format_value(replace(date, since=told, until=None, relative=False), language)
            told_in = f"{_IN.get(language, '')}{written}"
            if date.text[:1].isupper():
                told_in = told_in[:1].upper() + told_in[1:]
            text = f"{text[: date.start]}{told_in}{text[date.end :]}"
    return text


def tells_a_date(text: str, language: str) -> bool:
    """True if the text says a year itself."""
    return any(date.since and date.since.year for date in find_dates(text, language))
