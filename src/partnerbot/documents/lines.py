"""The lines of a text while it is cleaned, and what is known about the breaks between them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

WRAP = "\v"
"""A line break that its format says means nothing, as in a Markdown paragraph."""

PAGE = "\f"
"""Where a page starts; it stands before the page's first character."""


@dataclass(frozen=True)
class Line:
    """One line, without its break. `wraps`: the break after it is known to mean nothing."""

    text: str
    wraps: bool = False

    @property
    def is_blank(self) -> bool:
        """Tell whether there is nothing to read, though a page may start here."""
        return not self.text.replace(PAGE, "").strip()

    def without_text(self) -> Line:
        """Return a blank line that keeps the page marks of this one."""
        return Line(PAGE * self.text.count(PAGE))


def split_lines(text: str) -> list[Line]:
    """Return the lines of `text`; `join_lines` puts them together again."""
    pieces = re.split(f"([\n{WRAP}])", text)
    return [
        Line(piece, wraps=pieces[index + 1 : index + 2] == [WRAP])
        for index, piece in enumerate(pieces)
        if index % 2 == 0
    ]


def join_lines(lines: Iterable[Line]) -> str:
    """Return the lines as one text."""
    return "\n".join(line.text for line in lines)
