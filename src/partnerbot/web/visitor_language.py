"""Which language a visitor reads, and how that language writes dates and language names."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta
from starlette.requests import Request

from partnerbot.web.page_texts import DEFAULT_LANGUAGE, Texts, languages

Reader = TypeVar("Reader")


def preferred_language(accept_language: str | None, offered: Sequence[str] | None = None) -> str:
    """Return the offered language that an Accept-Language header likes best.

    Regional variants count for their language (fr-CA asks for fr). Without a
    match, or with a header that can't be read, it is the default language, or the first that is offered.
    """
    offered = offered or languages()
    weighted: list[tuple[float, str]] = []
    for choice in (accept_language or "").split(","):
        tag, _, parameter = choice.strip().partition(";")
        weight = _quality(parameter)
        code = tag.strip().lower().split("-")[0]
        if weight > 0 and code in offered:
            weighted.append((weight, code))
    otherwise = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in offered else offered[0]
    return max(weighted, key=lambda pair: pair[0], default=(1.0, otherwise))[1]


def wanted(request: Request, offered: Mapping[str, Reader]) -> Reader:
    """Return what there is for the language that an address names, or else that the browser likes best."""
    language = request.query_params.get("lang", "")
    if language not in offered:
        language = preferred_language(request.headers.get("accept-language"), tuple(offered))
    return offered[language]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def publication(published: str, texts: Texts) -> str:
    """Write an ISO date of publication (YYYY-MM-DD, YYYY-MM or YYYY) as a reader of `texts` would.

    A value that is no such date is shown as it is: it came from the document.
    """
    written = written_date(published, texts)
    if written == published and not published.isdigit():
        return published
    whole = published.count("-") == 2
    return (texts.answer.published_on if whole else texts.answer.published_in).format(date=written)


def written_date(published: str, texts: Texts) -> str:
    """Write an ISO date (YYYY-MM-DD, YYYY-MM or YYYY), as it is if it is none."""
    parts = published.split("-")
    try:
        day = date(*(int(part) for part in [*parts, "1", "1"][:3]))
    except ValueError:
        return published
    locale = Locale.parse(texts.locale)
    if len(parts) >= 3:
        return _long_date(day, locale)
    return str(format_skeleton("yMMMM" if len(parts) == 2 else "y", day, locale=locale))


def _long_date(day: date, locale: Locale) -> str:
    written = format_date(day, format="long", locale=locale)
    # CLDR writes "1 juillet 2024"; French says the first as an ordinal.
    return f"1er{written[1:]}" if locale.language == "fr" and day.day == 1 else written


@lru_cache(maxsize=1024)
def in_time(seconds: int, texts: Texts) -> str:
    """Write how soon something is, as a reader of `texts` would: "in 12 seconds", never too early."""
    unit = next((unit for unit in (1, 60) if seconds <= 90 * unit), 3600)
    rounded = timedelta(seconds=-(-seconds // unit) * unit)
    locale = Locale.parse(texts.locale)
    written = format_timedelta(rounded, threshold=1.5, add_direction=True, locale=locale)
    # A number and its unit stay on one line.
    return written.replace(" ", "") if locale.language == "ja" else re.sub(r"(?<=\d) ", "\u00a0", written)


def language_name(code: str, texts: Texts) -> str:
    """Return what readers of `texts` call the language (its code, if CLDR has no name for it)."""
    return str(Locale.parse(texts.locale).languages.get(code, code))
