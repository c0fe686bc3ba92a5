"""Word files (.docx)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.table import Table
from docx.text.paragraph import Paragraph

from partnerbot.documents.extracted import Extracted
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# A .docx is a zip file; 300 MB of XML is far beyond any report, and what a few KB can unpack to.
MAX_UNCOMPRESSED_BYTES = 300 * 1024 * 1024
# Office writes some ten parts and one a picture.
MAX_PARTS = 5_000
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
    for block in document.iter_inner_content():
        is_item = isinstance(block, Paragraph) and _is_list_item(block)
        if items and not is_item:
            yield "\n".join(items)
            items = []
        if isinstance(block, Table):
            yield "\n".join(_rows(block))
        elif is_item:
            items.append("- " + block.text)
        else:
            yield block.text
    if items:
        yield "\n".join(items)


def _is_list_item(paragraph: Paragraph) -> bool:
    style = paragraph.style
    in_list_style = style is not None and (style.name or "").startswith("List")
    properties = paragraph._p.pPr
    return bool(paragraph.text.strip()) and (
        in_list_style or (properties is not None and properties.numPr is not None)
    )


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        seen: set[object] = set()
        for cell in row.cells:
            if cell._tc not in seen:  # a merged cell is listed once for each column it spans
                seen.add(cell._tc)
                cells.append(" ".join(cell.text.split()))
        yield " | ".join(cell for cell in cells if cell)


def _first_heading(document: WordDocument) -> str | None:
    for paragraph in document.paragraphs:
        style = paragraph.style
        name = (style.name or "") if style is not None else ""
        if paragraph.text.strip() and (name == "Title" or name.startswith("Heading")):
            return paragraph.text.strip()
    return None
