"""What a visitor needs to know to read "last year" in an article of some years ago."""

from __future__ import annotations

from dataclasses import replace

from partnerbot.answering.phrases import phrases, written_date
from partnerbot.answering.values import find_dates, format_value, relative_date_in, resolved


def dating_note(
    text: str,
    text_language: str,
    published: str | None,
    language: str,
    shown: tuple[int, int] | None = None,
) -> str | None:
    """Say what the text's relative date means, or at least what it counts from; None if it has none.

    `published`: when its document appeared, ISO, or None. `language`: the note's. `shown`: which
    [start, end) of the text counts; None for all.
    """
    first, last = shown or (0, len(text))
    if not relative_date_in(text[first:last], text_language):
        return None
    texts = phrases(language)
    if published is None:
        return texts.relative_date_undated
    appeared = written_date(published, language)
    for date in find_dates(text, text_language):
        meant = resolved(date, published)
        if meant is not None and date.start < last and first < date.end:
            full = format_value(replace(date, since=meant, until=None, relative=False), language)
            return texts.relative_date_means.format(said=date.text, meaning=full, date=appeared)
    return texts.relative_date.format(date=appeared)
