"""PowerPoint slides (.pptx)."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.tables import table_lines
from partnerbot.documents.formats.zipped import opened, stated, xml
from partnerbot.documents.titles import sensible_title

_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SHAPES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Fields that every slide has from its layout.
_FURNITURE = ("dt", "ftr", "sldNum")


def extract_powerpoint(path: Path, _: ReadingLimits) -> Extracted:
    """Return the slides that are shown as pages, without notes, and the title."""
    with opened(path) as archive:
        slides = [xml(archive, name) for name in _slides(archive)]
        pages = [
            "\n\n".join([*_blocks(slide), ""]) for slide in slides if slide.get("show") not in ("0", "false")
        ]
        about = stated(archive, "docProps/core.xml")
    first = pages[0].partition("\n")[0] if pages else ""
    return Extracted(
        pages=tuple(pages),
        has_pages=True,
        title=sensible_title(about.get("title")) or first or None,
    )


def _slides(archive: zipfile.ZipFile) -> list[str]:
    """Return the parts with slides, in the order in which they are shown."""
    related = xml(archive, "ppt/_rels/presentation.xml.rels")
    parts = {one.get("Id"): posixpath.normpath(posixpath.join("/ppt", one.get("Target"))) for one in related}
    listed = xml(archive, "ppt/presentation.xml").iter(f"{_SHAPES}sldId")
    return [parts[slide.get(_RELATION)].lstrip("/") for slide in listed]


def _blocks(slide: etree._Element) -> Iterator[str]:
    """Yield the text of each shape and table, in the order of the slide; paragraphs of a shape are items."""
    for element in slide.iter(f"{_SHAPES}sp", f"{_MAIN}tbl"):
        if element.tag == f"{_MAIN}tbl":
            style = element.find(f"{_MAIN}tblPr")
            marked = style is not None and style.get("firstRow") in ("1", "true")
            yield "\n".join(table_lines(_rows(element), 1 if marked else None))
            continue
        place = element.find(f".//{_SHAPES}nvPr/{_SHAPES}ph")
        body = element.find(f"{_SHAPES}txBody")
        hidden = element.find(f"{_SHAPES}nvSpPr/{_SHAPES}cNvPr").get("hidden") in ("1", "true")
        if body is None or hidden or (place is not None and place.get("type") in _FURNITURE):
            continue
        texts = [text for paragraph in body.iter(f"{_MAIN}p") if (text := _text(paragraph))]
        yield "\n".join(texts if len(texts) == 1 else (f"- {' '.join(text.split())}" for text in texts))


def _text(paragraph: etree._Element) -> str:
    pieces: list[str] = []
    for run in paragraph:
        if run.tag == f"{_MAIN}br":
            pieces.append("\n")
        elif run.tag in (f"{_MAIN}r", f"{_MAIN}fld"):
            format = run.find(f"{_MAIN}rPr")
            if format is None or format.get("strike", "noStrike") == "noStrike":
                pieces.append(run.findtext(f"{_MAIN}t") or "")
    return "".join(pieces).strip()


def _rows(table: etree._Element) -> Iterator[list[str]]:
    above: list[str] = []
    for row in table.iterchildren(f"{_MAIN}tr"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{_MAIN}tc"):
            covered = cell.get("vMerge") in ("1", "true") and len(cells) < len(above)
            texts = (_text(paragraph) for paragraph in cell.iter(f"{_MAIN}p"))
            cells.append(above[len(cells)] if covered else " ".join(texts))
        above = cells
        yield cells
