"""Tables as CSV or XLSX that a spreadsheet shows and never calculates, whoever wrote what stands in them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

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


# ---- A workbook ----------------------------------------------------------------------------------

Cell = str | int | float

_LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""

_LONGEST_NAME = 31
"""Characters that it takes in the name of a sheet."""

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no sign for."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def as_xlsx(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Return a workbook of tables by the names of their sheets, each as its columns and its rows.

    Every text is written as one (an inline string of ECMA-376, 18.3.1.53), which nothing takes for a formula.
    """
    numbered = list(enumerate(sheets, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/sheet{n}.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
            for n, _ in numbered
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name[:_LONGEST_NAME])} sheetId="{n}" r:id="r{n}"/>'
            for n, name in numbered
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="sheet{n}.xml"/>' for n, _ in numbered
        )
        + "</Relationships>",
    }
    for n, (columns, rows) in enumerate(sheets.values(), 1):
        lines = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in (columns, *rows))
        parts[f"xl/sheet{n}.xml"] = f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, f"{_DECLARATION}{part}")
    return written.getvalue()


def _xlsx_cell(value: Cell) -> str:
    if not isinstance(value, str):
        return f"<c><v>{value}</v></c>"
    text = escape(_UNWRITABLE.sub("", value)[:_LONGEST_CELL])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
