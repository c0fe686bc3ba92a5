"""Tables as CSV that a spreadsheet shows and never calculates, whoever wrote what stands in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# Where a spreadsheet may begin a cell that it calculates, by OWASP's advice on CSV injection: at the start,
# after a line break, and at each ";" and tab, which a French Excel splits at even inside quotes.
# The signs count also in the full width that Japanese ones accept.
_FORMULA = re.compile(
    r"(?:^|(?<=[;\t\r\n]))(?=(?:[^\S\t\r\n]|\")*+[=+\-@|\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])"
)


def as_csv(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with a line for the names of its columns; formulas begin with an apostrophe."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(columns)
    lines.writerows([_FORMULA.sub("'", cell) for cell in row] for row in rows)
    return written.getvalue()
