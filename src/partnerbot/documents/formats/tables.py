"""Tables as lines of text: each row says its headings, so that it can be found and quoted alone."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

BETWEEN_CELLS = " | "
LONGEST_HEADING = 60  # characters; longer cells are text that a table lays out
_FIGURE = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d年?")


def table_lines(rows: Iterable[Sequence[str]], marked: int | None = None) -> list[str]:
    """Return the rows as lines of cells with the headings of their columns: "Ville: Reims | Année: 2017".

    `marked`: how many rows at the top the file says are headings, None if it says nothing of it. Headings
    have no line of their own, unless they are all there is.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    names, taken = headings(cells, marked)
    return [BETWEEN_CELLS.join(filter(None, said(row, names))) for row in cells[taken:] if any(row)]


def headings(rows: Sequence[Sequence[str]], marked: int | None) -> tuple[list[str], int]:
    """Return the heading of each column, and how many rows they take; none of either where that isn't sure.

    Where nothing is marked, the first row is taken for headings if it has words or several years alone, none
    of which is in its column again, and some column has figures below words, or below years what are none.
    """
    width = max(map(len, rows), default=0)
    taken = _unmarked(rows, width) if marked is None else marked
    if width < 2 or not 0 < taken < len(rows):
        return [], 0
    names = [
        " ".join(dict.fromkeys(row[column] for row in rows[:taken] if column < len(row) and row[column]))
        for column in range(width)
    ]
    return (
        ([], 0)
        if max(map(len, names)) > LONGEST_HEADING
        else ([name.rstrip(" :：") for name in names], taken)
    )


def said(row: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the cells of a row with their headings; what is alone in a wide row is a heading itself."""
    if not names or (len(names) > 2 and sum(map(bool, row)) == 1):
        return list(row)
    return [
        f"{name}: {cell}" if name and cell and name != cell else cell
        for cell, name in zip(row, [*names, *[""] * len(row)], strict=False)
    ]


def _unmarked(rows: Sequence[Sequence[str]], width: int) -> int:
    first, body = (rows[0], rows[1:]) if rows else ((), ())
    filled = [cell for cell in first if cell]
    kinds = Counter(map(_kind, filled))
    if (
        len(filled) < max(2, width - 1)
        or len(set(filled)) < len(filled)
        or kinds["figure"]
        or kinds["year"] == 1
    ):
        return 0
    differ = False
    for column, head in enumerate(first):
        below = [row[column] for row in body if column < len(row) and row[column]]
        usual = Counter(map(_kind, below)).most_common(1)[0][0] if below else ""
        if head in below or _kind(head) == usual == "year":
            return 0
        differ |= bool(head and usual) and _kind(head) != usual
    return int(differ)


def _kind(cell: str) -> str:
    if _YEAR.fullmatch(cell):
        return "year"
    return "figure" if _FIGURE.search(cell) else "words"


def with_headings(text: str) -> str:
    """Return a page's text in which rows, lines of as many cells as the first one, say their headings.

    Two columns say none: on a page they are more often names and values, of which the first are no headings.
    """
    apart = 0

    def cells_apart(line: str) -> int:
        nonlocal apart
        apart = line.count(BETWEEN_CELLS) if line.strip() else apart  # rows may be far from each other
        return apart

    lines: list[str] = []
    for count, group in groupby(text.split("\n"), cells_apart):
        found = list(group)
        rows = [line.split(BETWEEN_CELLS) for line in found if line.strip()]
        lines += [*table_lines(rows, None if count > 1 else 0), ""] if count and len(rows) > 2 else found
    return "\n".join(lines)


def without_headings(text: str) -> str:
    """Return a text with the headings in its rows blank, so that what is left stands where it stood.

    >>> without_headings("Ville: Reims | Année: 2017")
    '       Reims |        2017'
    """
    return "\n".join(
        BETWEEN_CELLS.join(map(_bare, line.split(BETWEEN_CELLS))) if BETWEEN_CELLS in line else line
        for line in text.split("\n")
    )


def _bare(cell: str) -> str:
    heading, parting, rest = cell.partition(": ")
    return " " * len(heading + parting) + rest if parting else cell
