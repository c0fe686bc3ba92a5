"""From words and where they stand on a page to its text: cells of rows and paragraphs apart."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, groupby, islice, pairwise
from operator import itemgetter
from typing import NamedTuple

from partnerbot.documents.formats.tables import table_lines

# Lines further apart than this many usual leadings belong to different paragraphs.
PARAGRAPH_GAP = 1.35
# As do lines of which one has letters so much larger: a heading and the text below it.
HEADING_SIZE = 1.1
# In as many lines wide gaps that stand below each other are a table's; in fewer, chance may have made them.
FEWEST_ROWS = 3
LONGEST_MARK = 3  # characters of what stands before the items of a list: "12."


class Word(NamedTuple):
    """Words with the spaces around; where they start and end, their base line, and their letters' height."""

    text: str
    left: float
    right: float
    y: float
    height: float


Line = list[Word]


def page_text(lines: Sequence[Line]) -> str:
    """Return a page's text: rows of tables say their headings, and blank lines stand at wide gaps."""
    if not lines:
        return ""
    usual = _usual_leading(lines)
    breaks = iter([*(_break(*pair, usual) for pair in pairwise(lines)), ""])
    pieces: list[str] = []
    for group in _groups(lines):
        rows = [["".join(word.text for word in cell) for cell in cells] for cells in group]
        ends = list(islice(breaks, len(rows)))
        is_list = len(rows[0]) == 2 and all(len(mark.strip()) <= LONGEST_MARK for mark, _ in rows)
        if len(rows) >= FEWEST_ROWS and not is_list:
            # Two columns are more often names and values, of which the first are no headings.
            table = table_lines(rows, None if len(rows[0]) > 2 else 0)
            pieces += ["\n".join(table), "\n\n"]
        else:
            pieces += chain.from_iterable(zip(map("".join, rows), ends, strict=True))
    return "".join(pieces)


def _groups(lines: Sequence[Line]) -> Iterator[list[list[Line]]]:
    """Yield the cells of lines, together those of lines whose cells stand below each other."""
    found = list(map(_cells, lines))
    begins = [True, *(not _in_columns(*pair) for pair in pairwise(found))]
    for _, group in groupby(zip(accumulate(begins), found, strict=True), key=itemgetter(0)):
        yield [cells for _, cells in group]


def _cells(line: Line) -> list[Line]:
    """Return the words of a line between which there is more than a space."""
    cells = [[line[0]]]
    for before, word in pairwise(line):
        if are_apart(before, word):
            cells.append([])
        cells[-1].append(word)
    return cells


def are_apart(before: Word, word: Word) -> bool:
    """Tell whether there is more than a space between two words of a line."""
    return word.left - before.right > word.height / 2


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
