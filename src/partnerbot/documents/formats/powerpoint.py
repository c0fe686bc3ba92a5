"""PowerPoint slides (.pptx)."""

import posixpath
import zipfile
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.html import text_of_tree
from partnerbot.documents.formats.zipped import opened, stated, xml
from partnerbot.documents.titles import sensible_title

_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SHAPES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Fields that every slide has from its layout.
_FURNITURE = ("dt", "ftr", "sldNum")
_YES = frozenset({"1", "true"})
_AS_HTML = {f"{_MAIN}{name}": name for name in ("p", "br", "tr")} | {f"{_MAIN}tbl": "table"}


def extract_powerpoint(path: Path, _: ReadingLimits) -> Extracted:
    """Return the slides that are shown as pages, without notes, and the title."""
    with opened(path) as archive:
        slides = [xml(archive, name) for name in _slides(archive)]
        shown = [slide for slide in slides if slide.get("show") not in ("0", "false")]
        for slide in shown:
            _name_as_html(slide)
        pages = [text_of_tree(slide) + "\n\n" for slide in shown]
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


def _name_as_html(slide: etree._Element) -> None:
    """Give a slide the elements of HTML, paragraphs of a shape being items; what isn't shown goes."""
    for shape in list(slide.iter(f"{_SHAPES}sp")):
        place = shape.find(f".//{_SHAPES}nvPr/{_SHAPES}ph")
        is_furniture = place is not None and place.get("type") in _FURNITURE
        if is_furniture or shape.find(f"{_SHAPES}nvSpPr/{_SHAPES}cNvPr").get("hidden") in _YES:
            shape.getparent().remove(shape)
    for format in list(slide.iter(f"{_MAIN}rPr")):
        if format.get("strike", "noStrike") != "noStrike":
            format.getparent().clear()
    for body in slide.iter(f"{_SHAPES}txBody"):
        filled = [one for one in body.iter(f"{_MAIN}p") if "".join(one.itertext()).strip()]
        for paragraph in filled if len(filled) > 1 else ():
            paragraph.tag = "li"
    for row in slide.iter(f"{_MAIN}tr"):
        style = row.getparent().find(f"{_MAIN}tblPr")
        is_marked = row.getprevious() in (None, style, row.getparent().find(f"{_MAIN}tblGrid"))
        for cell in row.findall(f"{_MAIN}tc"):
            if _YES.intersection((cell.get("vMerge"), cell.get("hMerge"))):
                row.remove(cell)
            cell.tag = "th" if is_marked and style is not None and style.get("firstRow") in _YES else "td"
            cell.set("colspan", cell.get("gridSpan", "1"))
            cell.set("rowspan", cell.get("rowSpan", "1"))
    for element in slide.iter(*_AS_HTML):
        element.tag = _AS_HTML[element.tag]
