"""Spreadsheets (.xlsx, .ods, .csv): each row becomes a line that says its headings."""

import csv
import datetime
import io
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from partnerbot.documents.decoding import decode
from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.opendocument import extract_opendocument
from partnerbot.documents.formats.tables import table_lines
from partnerbot.documents.formats.zipped import opened, stated
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

_DELIMITERS = ";\t,|"
_LOOKED_AT = 50
"""Lines of a file by which its delimiter is told."""


def extract_spreadsheet(path: Path, limits: ReadingLimits) -> Extracted:
    """Return the rows of the sheets that are shown, after the sheet's name if there are several."""
    from python_calamine import CalamineError

    try:
        return _read(path, limits)
    except DocumentRejected as reason:
        # It takes no spaces between cells, and no sheet that is filled to its last row and column.
        if path.suffix.lower() == ".ods" and isinstance(reason.__cause__, CalamineError):
            return extract_opendocument(path, limits)
        raise


def _read(path: Path, limits: ReadingLimits) -> Extracted:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    with opened(path) as archive:
        about = stated(archive, "docProps/core.xml") or stated(archive, "meta.xml")
        book = CalamineWorkbook.from_path(str(path))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = {
            name: _lines(map(_texts, book.get_sheet_by_name(name).iter_rows()), limits) for name in shown
        }
    filled = {name: lines for name, lines in sheets.items() if lines}
    blocks = [f"{name}\n\n{lines}" if len(filled) > 1 else lines for name, lines in filled.items()]
    return Extracted(pages=tuple(blocks) or ("",), title=sensible_title(about.get("title")))


def extract_csv(path: Path, limits: ReadingLimits) -> Extracted:
    """Return the rows of a file of values that are parted by commas, semicolons, tabs or bars."""
    text = decode(path.read_bytes())
    csv.field_size_limit(limits.characters)
    try:
        return Extracted(pages=(_lines(csv.reader(io.StringIO(text), delimiter=_delimiter(text)), limits),))
    except csv.Error as error:
        raise DocumentRejected(f"it is no table of values ({error}). Save it again as .csv.") from error


def _lines(rows: Iterable[Sequence[str]], limits: ReadingLimits) -> str:
    """Return the rows as lines; what stands alone above the headings is text before them."""
    kept: list[Sequence[str]] = []
    characters = 0
    for row in rows:
        kept.append(row)
        # Of empty cells a file of a few KB may have millions.
        characters += sum(map(len, row)) + len(row)
        limits.check(characters)
    filled = [sum(map(bool, row)) for row in kept]
    start = next((at for at, count in enumerate(filled) if count > 1), 0)
    above = [" ".join(filter(None, row)) for row in kept[:start]]
    # Who fills a sheet of three columns or more begins with their headings; two may be names and values.
    first, below = (kept[start], kept[start + 1 :]) if kept else ((), ())
    columns = ([row[at] for row in below if at < len(row)] for at in range(len(first)))
    marked = 1 if len(first) > 2 and all(map(_is_heading, first, columns)) else None
    return "\n\n".join(filter(None, [*above, "\n".join(table_lines(kept[start:], marked))]))


def _is_heading(cell: str, below: Sequence[str]) -> bool:
    """Tell words, with figures too if nothing in the column is put together as they are, as dates may be."""
    shape = _shape(cell)
    return bool(cell) and ("0" not in shape or (shape != "0" and shape not in map(_shape, below)))


def _shape(cell: str) -> str:
    """Return in which order letters and figures stand: "a0" for "Montant 2023", "0a0" for "6 mai 2023"."""
    return "".join(kind for kind, _ in groupby("0a"[one.isalpha()] for one in cell if one.isalnum()))


def _delimiter(text: str) -> str:
    """Return what parts most lines into the same number of cells."""
    lines = list(filter(None, (line.strip() for line in io.StringIO(text[:100_000]))))[:_LOOKED_AT]

    def agreement(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual), usual) if usual > 1 else (0, 0)

    return max(_DELIMITERS, key=agreement)


def _texts(row: Sequence[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "minutes").removesuffix(" 00:00")
    return str(cell)
