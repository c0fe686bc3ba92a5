"""Tables as CSV or XLSX that a spreadsheet shows and never calculates, whoever wrote what stands in them."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

# Where a spreadsheet may begin a cell that it calculates, by OWASP's advice on CSV injection: at the start,
# after a line break, and at each ";" and tab, which a French Excel splits at even inside quotes.
# The signs count also in the full width that Japanese ones accept.
_FORMULA = re.compile(
    r"(?:^|(?<=[;\t\r\n]))(?=(?:[^\S\t\r\n]|\")*+[=+\-@|\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])"
)


Cell = str | int | float


def for_spreadsheets(columns: Iterable[str], rows: Iterable[Sequence[Cell]], decimal_comma: bool) -> str:
    """Return a table as CSV that spreadsheets open in its columns: where 0.5 is 0,5 semicolons part them.

    It has a line for the names of its columns; formulas begin with an apostrophe.
    """
    point, parted_by = (",", ";") if decimal_comma else (".", ",")

    def written(cell: Cell) -> str:
        return _FORMULA.sub("'", cell) if isinstance(cell, str) else str(cell).replace(".", point)

    # Without the mark at the beginning, Excel takes the text for another encoding.
    table = io.StringIO("\ufeff", newline="")
    table.seek(0, io.SEEK_END)
    lines = csv.writer(table, delimiter=parted_by)
    lines.writerow(columns)
    lines.writerows([written(cell) for cell in row] for row in rows)
    return table.getvalue()


# ---- A workbook ----------------------------------------------------------------------------------

_LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""

_LONGEST_NAME = 31
"""Characters that it takes in the name of a sheet."""

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no sign for."""


def as_xlsx(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Return a workbook of tables by the names of their sheets, each as its columns and its rows.

    Every text is written as one, which nothing takes for a formula.
    """
    import xlsxwriter  # here, since the page for staff alone has workbooks

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name[:_LONGEST_NAME])
            for line, row in enumerate((columns, *rows)):
                for place, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(line, place, _UNWRITABLE.sub("", cell)[:_LONGEST_CELL])
                    else:
                        sheet.write_number(line, place, cell)
    return written.getvalue()
