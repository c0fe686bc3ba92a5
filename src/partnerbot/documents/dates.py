"""Dates as the documents' metadata write them: YYYY, YYYY-MM or YYYY-MM-DD."""

from __future__ import annotations

import re
from datetime import date

_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\d{2}:?\d{2}.*)?)?)?")


def iso_date(text: str) -> str | None:
    """Return the date at the precision given, without its time; None if it is no real date.

    >>> iso_date("2024-07-01T09:30:00+09:00")
    '2024-07-01'
    >>> iso_date("2024-13") is None
    True
    """
    match = _ISO_DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part for part in (year, month, day) if part)
