"""From words and where they stand on a page to its text: cells of rows and paragraphs apart."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, pairwise, zip_longest
from operator import itemgetter
from typing import NamedTuple

from partnerbot.documents.formats.tables import BETWEEN_CELLS, with_headings

# Lines further apart than this many usual leadings belong to different paragraphs.
PARAGRAPH_GAP = 1.35
# As do lines of which one has letters so much larger: a heading and the text below it.
HEADING_SIZE = 1.1
# In as many lines wide gaps that stand below each other are a table's; in fewer, chance may have made them.
FEWEST_ROWS = 3
LONGEST_MARK = 3  # characters of what stands before the items of a list: "12."


class Word(NamedTuple):
    """A word, where it starts and ends, its base line, and the height of its letters, in one unit."""

    text: str
    left: float
    right: float
    y: float
    height: float


Line = list[Word]


def page_text(lines: Sequence[Line]) -> str:
    """Return a page's text: " | " between cells of a row, which say their headings; blank lines at gaps."""
    if not lines:
        return ""
    usual = _usual_leading(lines)
    breaks = (_break(*pair, usual) for pair in pairwise(lines))
    text = "".join(text + end for text, end in zip_longest(_texts(lines), breaks, fillvalue="\n"))
    return with_headings(text)


def _cells(line: Line) -> list[Line]:
    """Return the words of a line between which there is more than a space."""
    cells = [[line[0]]]
    for before, word in pairwise(line):
        if word.left - before.right > word.height / 2:
            cells.append([])
        cells[-1].append(word)
    return cells


def _texts(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the text of each line; a wide gap parts cells in a table's rows alone."""
    found = list(map(_cells, lines))
    begins = [True, *(not _in_columns(*pair) for pair in pairwise(found))]
    for _, group in groupby(zip(accumulate(begins), found, strict=True), key=itemgetter(0)):
        rows = [[" ".join(word.text for word in cell) for cell in cells] for _, cells in group]
        is_list = len(rows[0]) == 2 and all(len(mark) <= LONGEST_MARK for mark, _ in rows)
        is_table = len(rows) >= FEWEST_ROWS and not is_list
        yield from map((BETWEEN_CELLS if is_table else " ").join, rows)


def _in_columns(row: Sequence[Line], following: Sequence[Line]) -> bool:
    """Tell whether each cell of a row stands above one of the next row, and above no other."""
    if len(row) < 2 or len(row) != len(following):
        return False
    starts = [(cell[0].left, below[0].left) for cell, below in zip(row, following, strict=True)]
    ends = [(cell[-1].right, below[-1].right) for cell, below in zip(row, following, strict=True)]
    return all(max(start) < min(end) for start, end in zip(starts, ends, strict=True)) and all(
        max(end) <= min(start) for end, start in zip(ends, starts[1:], strict=False)
    )


def _leading(before: Line, after: Line) -> float:
    """Return the distance down to the next line, in heights of the smaller letters of the two."""
    return (before[-1].y - after[0].y) / (min(before[-1].height, after[0].height) or 1)


def _usual_leading(lines: Sequence[Line]) -> float:
    """Return the leading inside paragraphs, 0 if there are no two lines."""
    distances = sorted(leading for pair in pairwise(lines) if (leading := _leading(*pair)) > 0.5)
    return distances[len(distances) // 3] if distances else 0.0


def _break(line: Line, following: Line, usual: float) -> str:
    if usual and _leading(line, following) > PARAGRAPH_GAP * usual:
        return "\n\n"
    small, large = sorted(max(words, key=lambda word: len(word.text)).height for words in (line, following))
    return "\n\n" if large > HEADING_SIZE * small else "\n"
