"""Word files (.docx)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row, CT_Tbl, CT_Tc
from docx.oxml.text.paragraph import CT_P
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

from partnerbot.documents.extracted import Extracted
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# A .docx is a zip file; 300 MB of XML is far beyond any report, and what a few KB can unpack to.
MAX_UNCOMPRESSED_BYTES = 300 * 1024 * 1024
# Office writes some ten parts and one a picture.
MAX_PARTS = 5_000
# What a reader sees stands in these, too: insertions that nobody has accepted yet, form fields, links, and
# what has its reading above it. Deletions, the readings and what was moved elsewhere are not among them.
_AROUND_TEXT = tuple(
    qn(f"w:{name}")
    for name in (
        *("r", "ins", "moveTo", "hyperlink", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple"),
        *("dir", "bdo", "ruby", "rubyBase"),
    )
)
_AROUND_BLOCKS = tuple(qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml"))
_TEXT = tuple(qn(f"w:{name}") for name in ("t", "tab", "ptab", "br", "cr", "noBreakHyphen"))
_PLACEHOLDER = f"{qn('w:sdtPr')}/{qn('w:showingPlcHdr')}"
_GALLERY = f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}"
_ENCRYPTED_OFFICE_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def extract_word(path: Path) -> Extracted:
    """Return the paragraphs, headings and tables in order, and the title and date the file states.

    The title of the file's properties wins, else its first heading, unless a program made it up.

    Raises: DocumentRejected if the file is encrypted, corrupt, or unpacks to too much.
    """
    _check_archive(path)
    try:
        document = docx.Document(str(path))
        text = "\n\n".join(_blocks(document))
        properties = document.core_properties
        title = sensible_title(properties.title) or _first_heading(document)
        created = properties.created.date().isoformat() if properties.created else None
    except Exception as error:  # python-docx raises what its XML and zip layers raise
        raise DocumentRejected(
            f"it is corrupt, or no Word file ({type(error).__name__}). "
            "Open it in Word and save it again as .docx."
        ) from error
    return Extracted(pages=(text,), title=title, published=created)


def _check_archive(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(_ENCRYPTED_OFFICE_FILE)) == _ENCRYPTED_OFFICE_FILE:
            raise DocumentRejected(
                "it needs a password, or is an old .doc. Save it as .docx without a password."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DocumentRejected(
            "it is corrupt, or no Word file. Open it in Word and save it again as .docx."
        ) from error
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNCOMPRESSED_BYTES or len(parts) > MAX_PARTS:
        raise DocumentRejected(
            f"it unpacks to {unpacked / 1_048_576:.0f} MB in {len(parts):,} parts, where "
            f"{MAX_UNCOMPRESSED_BYTES // 1_048_576} MB in {MAX_PARTS:,} is the limit. Leave its pictures out."
        )


def _blocks(document: WordDocument) -> Iterator[str]:
    """The text of each paragraph, or list, or table, in the order of the page."""
    items: list[str] = []
    for block in _inside(document.element.body):
        is_item = isinstance(block, CT_P) and _is_list_item(block, document)
        if items and not is_item:
            yield "\n".join(items)
            items = []
        if isinstance(block, CT_Tbl):
            yield "\n".join(_rows(block))
        elif is_item:
            items.append("- " + _text(block))
        elif isinstance(block, CT_P):
            yield _text(block)
    if items:
        yield "\n".join(items)


def _inside(element: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """Yield the elements of a body, table, row or cell, also those in form fields."""
    for child in element:
        if child.tag not in _AROUND_BLOCKS:
            yield child
        elif not _holds_no_text(child):
            yield from _inside(child)


def _text(element: BaseOxmlElement) -> str:
    """Return what a reader sees of a paragraph, with all its tracked changes accepted."""
    return "".join(_pieces(element))


def _pieces(element: BaseOxmlElement) -> Iterator[str]:
    for child in element:
        if child.tag in _TEXT:
            yield str(child)
        elif child.tag in _AROUND_TEXT and not _holds_no_text(child):
            yield from _pieces(child)


def _holds_no_text(element: BaseOxmlElement) -> bool:
    """Whether a form field holds but "Click here to enter text", or a list of the headings with pages."""
    gallery = element.find(_GALLERY)
    is_contents = gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"
    return is_contents or element.find(_PLACEHOLDER) is not None


def _is_list_item(paragraph: CT_P, document: WordDocument) -> bool:
    properties = paragraph.pPr
    return bool(_text(paragraph).strip()) and (
        _style(paragraph, document).startswith("List")
        or (properties is not None and properties.numPr is not None)
    )


def _style(paragraph: CT_P, document: WordDocument) -> str:
    style = Paragraph(paragraph, document._body).style
    return "" if style is None else style.name or ""


def _rows(table: CT_Tbl) -> Iterator[str]:
    above: dict[int, str] = {}
    for row in _inside(table):
        if not isinstance(row, CT_Row):
            continue
        cells: dict[int, str] = {}
        column = row.grid_before
        for cell in _inside(row):
            if isinstance(cell, CT_Tc):
                # A cell that spans several rows is read in each of them.
                cells[column] = above.get(column, "") if cell.vMerge == "continue" else _cell(cell)
                column += cell.grid_span
        above = cells
        yield " | ".join(text for text in cells.values() if text)


def _cell(cell: CT_Tc) -> str:
    """Return the text of a cell in one line, with that of the tables in it."""
    lines: list[str] = []
    for block in _inside(cell):
        lines.extend(_rows(block) if isinstance(block, CT_Tbl) else [_text(block)])
    return " ".join(" ".join(lines).split())


def _first_heading(document: WordDocument) -> str | None:
    for paragraph in _inside(document.element.body):
        if isinstance(paragraph, CT_P) and (text := _text(paragraph).strip()):
            name = _style(paragraph, document)
            if name == "Title" or name.startswith("Heading"):
                return text
    return None
