"""Word files (.docx)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row, CT_Tbl, CT_Tc
from docx.oxml.text.paragraph import CT_P
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles import BabelFish
from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.tables import table_lines
from partnerbot.documents.formats.zipped import opened
from partnerbot.documents.titles import sensible_title

# What a reader sees stands in these, too: insertions that nobody has accepted yet, form fields, links, and
# what has its reading above it.
_AROUND = tuple(
    qn(f"w:{name}")
    for name in (
        *("ins", "moveTo", "hyperlink", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple"),
        *("dir", "bdo", "ruby", "rubyBase"),
    )
)
_DELETED = (qn("w:del"), qn("w:moveFrom"))
_BOX = qn("w:txbxContent")
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""Says again, for older programs, what stands beside it."""
# Deletions, readings, properties of fields, and drawings.
_NO_TEXT = (
    *_DELETED,
    *(qn(f"w:{name}") for name in ("rt", "sdtPr", "drawing", "pict", "object")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent",
)
_TEXT = tuple(qn(f"w:{name}") for name in ("t", "tab", "ptab", "br", "cr", "noBreakHyphen"))
# Formats of a run that take it back or hide it: struck out once or twice, and hidden.
_WITHDRAWN = tuple(qn(f"w:{name}") for name in ("strike", "dstrike", "vanish"))
_RUN = qn("w:r")
_NO = ("0", "false", "off")
# Rows that a tracked change deletes, and hidden ones.
_ROW_WITHDRAWN = tuple(f"{qn('w:trPr')}/{qn(f'w:{name}')}" for name in ("del", "hidden"))
_HEADER = f"{qn('w:trPr')}/{qn('w:tblHeader')}"
_WIDEST = 100
"""Columns that a cell may span: it may ask for any number."""
_PLACEHOLDER = f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}"
_GALLERY = f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}"


def extract_word(path: Path, _: ReadingLimits) -> Extracted:
    """Return the paragraphs, headings and tables in order, and the title.

    The title of the file's properties wins, else its first heading, unless a program made it up.
    """
    with opened(path):
        document = docx.Document(str(path))
        styles = _Styles(document)
        _place_boxes(document.element.body, styles)
        _reduce(document.element.body)
        text = "\n\n".join(_blocks(document, styles))
        title = sensible_title(document.core_properties.title) or _first_heading(document, styles)
    return Extracted(pages=(text,), title=title)


def _place_boxes(body: BaseOxmlElement, styles: _Styles) -> None:
    """Put what text boxes say after the paragraphs that they are anchored in."""
    for box in reversed(list(body.iter(_BOX))):
        run, paragraph = (next(box.iterancestors(qn(f"w:{name}")), None) for name in ("r", "p"))
        if run is None or paragraph is None or styles.withdraw(run, paragraph):
            continue
        if next(box.iterancestors(_ALTERNATIVE, *_DELETED), None) is None:
            for block in reversed(list(box)):
                paragraph.addnext(block)


def _reduce(body: BaseOxmlElement) -> None:
    """Leave the blocks of a body, and the runs of its paragraphs, with all its tracked changes accepted."""
    for field in list(body.iter(qn("w:sdt"))):
        if _holds_no_text(field):
            field.getparent().remove(field)
    for row in list(body.iter(qn("w:tr"))):
        if any(row.find(mark) is not None for mark in _ROW_WITHDRAWN):
            row.getparent().remove(row)
    etree.strip_elements(body, *_NO_TEXT, with_tail=False)
    etree.strip_tags(body, *_AROUND)


class _Styles:
    """What the styles of a document say, each looked up once."""

    def __init__(self, document: WordDocument) -> None:
        self._by_id = {style.styleId: style for style in reversed(document.styles.element.style_lst)}
        self._usual = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
        self._withdrawing: dict[str | None, frozenset[str]] = {}

    def name(self, paragraph: CT_P) -> str:
        """Return the name of a paragraph's style, in English for those that Word has."""
        style = self._by_id.get(paragraph.style)
        if style is None or style.type != WD_STYLE_TYPE.PARAGRAPH:
            return "" if self._usual is None else self._usual.name or ""
        return BabelFish.internal2ui(style.name_val or "")

    def withdraw(self, run: BaseOxmlElement, paragraph: BaseOxmlElement) -> bool:
        """Whether a run of a paragraph is struck out or hidden, by its own format or by its styles."""
        own = run.find(qn("w:rPr"))
        style = None if own is None else own.find(qn("w:rStyle"))
        named = None if style is None else style.get(qn("w:val"))
        # A format that both styles have is as if neither had it (ECMA-376, 17.7.3).
        of_styles = self._of(named) ^ self._of(getattr(paragraph, "style", None))
        return any(_is_on(own, format, format in of_styles) for format in _WITHDRAWN)

    def _of(self, id: str | None) -> frozenset[str]:
        """Return the withdrawing formats of a style, with those of the styles it is based on."""
        if id not in self._withdrawing:
            self._withdrawing[id] = frozenset()  # where styles are based on each other in a circle
            if (style := self._by_id.get(id)) is not None:
                own, base = style.find(qn("w:rPr")), self._of(style.basedOn_val)
                formats = (format for format in _WITHDRAWN if _is_on(own, format, format in base))
                self._withdrawing[id] = frozenset(formats)
        return self._withdrawing[id]


def _is_on(formats: BaseOxmlElement | None, format: str, otherwise: bool) -> bool:
    """Whether a format is on by an element of formats, or as it is `otherwise`."""
    stated = None if formats is None else formats.find(format)
    return otherwise if stated is None else stated.get(qn("w:val"), "1").lower() not in _NO


def _blocks(document: WordDocument, styles: _Styles) -> Iterator[str]:
    """The text of each paragraph, or list, or table, in the order of the page."""
    for is_list, blocks in groupby(document.element.body, lambda block: _is_list_item(block, styles)):
        if is_list:
            yield "\n".join("- " + _text(item, styles) for item in blocks)
            continue
        for block in blocks:
            if isinstance(block, CT_Tbl):
                yield "\n".join(_rows(block, styles))
            elif isinstance(block, CT_P):
                yield _text(block, styles)


def _text(paragraph: CT_P, styles: _Styles) -> str:
    """Return what a reader sees of a paragraph."""
    runs = (run for run in paragraph.iter(_RUN) if not styles.withdraw(run, paragraph))
    return "".join(str(piece) for run in runs for piece in run.iterchildren(*_TEXT))


def _holds_no_text(element: BaseOxmlElement) -> bool:
    """Whether a form field holds but "Click here to enter text", or a list of the headings with pages."""
    gallery = element.find(_GALLERY)
    is_contents = gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"
    return is_contents or element.find(_PLACEHOLDER) is not None


def _is_list_item(block: BaseOxmlElement, styles: _Styles) -> bool:
    if not isinstance(block, CT_P) or not _text(block, styles).strip():
        return False
    return styles.name(block).startswith("List") or (block.pPr is not None and block.pPr.numPr is not None)


def _rows(table: CT_Tbl, styles: _Styles) -> list[str]:
    """Return the rows of a table as lines that say its headings: rows that Word repeats, or bold ones."""
    rows: list[list[str]] = []
    marked, above = 0, dict[int, str]()
    for row in table.tr_lst:
        cells: dict[int, str] = {}
        column = min(row.grid_before, _WIDEST)
        for cell in row.tc_lst:
            # A cell that spans several rows is read in each of them.
            cells[column] = above.get(column, "") if cell.vMerge == "continue" else _cell(cell, styles)
            column += min(cell.grid_span, _WIDEST)
        above = cells
        marked += len(rows) == marked and _is_heading(row)
        rows.append([cells.get(place, "") for place in range(column)])
    return table_lines(rows, marked or None)


def _is_heading(row: CT_Row) -> bool:
    runs = [run for run in row.iter(_RUN) if any(run.itertext())]
    return row.find(_HEADER) is not None or (
        bool(runs) and all(_is_on(run.find(qn("w:rPr")), qn("w:b"), False) for run in runs)
    )


def _cell(cell: CT_Tc, styles: _Styles) -> str:
    """Return the text of a cell in one line, with that of the tables in it."""
    lines: list[str] = []
    for block in cell:
        if isinstance(block, CT_Tbl):
            lines.extend(_rows(block, styles))
        elif isinstance(block, CT_P):
            lines.append(_text(block, styles))
    return " ".join(" ".join(lines).split())


def _first_heading(document: WordDocument, styles: _Styles) -> str | None:
    for paragraph in document.element.body.p_lst:
        name = styles.name(paragraph)
        if (name == "Title" or name.startswith("Heading")) and (text := _text(paragraph, styles).strip()):
            return text
    return None
