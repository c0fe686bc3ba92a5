"""LibreOffice's texts and slides (.odt, .odp), and the tables that are no sheets for others (.ods)."""

import zipfile
from copy import deepcopy
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.html import WIDEST, text_of_tree
from partnerbot.documents.formats.zipped import opened, stated, xml
from partnerbot.documents.titles import sensible_title

# How elements are named in HTML.
_AS_HTML = {
    "h": "h2", "line-break": "br", "list": "ul", "list-item": "li", "list-header": "li", "table-row": "tr",
    "table-cell": "td", "text-box": "div", "note-body": "div", "custom-shape": "div",
}  # fmt: skip
_SPACES, _PARAGRAPHS, _CELLS = ("s", "tab"), ("p", "h"), ("table-cell", "covered-table-cell")
# What stands beside the text that it is anchored in.
_BESIDE = ("text-box", "note-body", "custom-shape")
# Deletions, remarks, readings, lists of the headings with pages, speakers' notes, what conditions show.
_NO_TEXT = (
    "tracked-changes", "annotation", "ruby-text", "table-of-content", "note-citation", "notes",
    "hidden-text", "hidden-paragraph", "forms",
)  # fmt: skip


def extract_opendocument(path: Path, _: ReadingLimits) -> Extracted:
    """Return paragraphs, lists and tables in order, slides as pages, and the title."""
    with opened(path) as archive:
        body = _plain(archive, "content.xml").find("body")
        _remove_hidden(body, _withdrawing(archive))
        about = stated(archive, "meta.xml")
        slides = list(body.iter("page"))
        _name_as_html(body)
        headings = (" ".join("".join(heading.itertext()).split()) for heading in body.iter("h2"))
        heading = next(filter(None, headings), None)
        pages = [text_of_tree(part) + "\n\n" for part in slides or [body]]
    return Extracted(
        pages=tuple(pages),
        has_pages=bool(slides),
        title=sensible_title(about.get("title")) or heading,
    )


def _plain(archive: zipfile.ZipFile, part: str) -> etree._Element:
    """Return the tree of a part, its names without the spaces that they are of."""
    root = xml(archive, part)
    for element in root.iter("{*}*"):
        element.tag = etree.QName(element).localname
        for name, value in element.items():
            element.set(etree.QName(name).localname, value)
    return root


def _withdrawing(archive: zipfile.ZipFile) -> frozenset[str]:
    """Return the names of styles that hide what has them or strike it out, as they or their parents say."""
    own: dict[str, bool | None] = {}
    parents: dict[str, str | None] = {}
    for part in ("styles.xml", "content.xml"):
        for style in _plain(archive, part).iter("style") if part in archive.namelist() else ():
            name = style.get("name", "")
            said = {key: value for properties in style for key, value in properties.items()}
            line = said.get("text-line-through-style")
            slide = said.get("visibility")
            hidden = said.get("display") in ("none", "false") or slide == "hidden"
            own[name] = True if hidden else None if line is None else line != "none"
            parents[name] = style.get("parent-style-name")

    def withdraws(name: str | None) -> bool:
        for _ in range(10):  # as deep as anybody bases styles on each other
            if name is None or (said := own.get(name)) is not None:
                return name is not None and bool(said)
            name = parents.get(name)
        return False

    return frozenset(filter(withdraws, own))


def _remove_hidden(body: etree._Element, withdrawing: frozenset[str]) -> None:
    """Remove what nothing is shown of; `withdrawing` styles hide what has them."""
    for element in list(body.iter(etree.Element)):
        if (
            element.tag in _NO_TEXT
            or element.get("style-name") in withdrawing
            or element.get("display") == "none"
            or element.get("visibility", "visible") != "visible"
        ):
            element.tag = "hidden"
    etree.strip_elements(body, "hidden", with_tail=False)


def _name_as_html(body: etree._Element) -> None:
    """Give a tree the elements of HTML; what stands beside a paragraph comes after it."""
    for beside in reversed(list(body.iter(*_BESIDE))):
        if (paragraph := next(beside.iterancestors(*_PARAGRAPHS), None)) is not None:
            place = etree.Element("span")
            place.tail, beside.tail = beside.tail, None
            beside.getparent().replace(beside, place)
            paragraph.addnext(beside)
    for cell in list(body.iter(*_CELLS)):
        repeated = min(int(cell.get("number-columns-repeated", 1)), WIDEST)
        is_filler = cell.getnext() is None and not "".join(cell.itertext())
        if cell.tag == "covered-table-cell" or is_filler:
            cell.getparent().remove(cell)
            continue
        for name in ("columns", "rows"):
            cell.set(f"{name[:3]}span", cell.get(f"number-{name}-spanned", "1"))
        for _ in range(repeated - 1):
            cell.addnext(deepcopy(cell))
    for row in body.iterfind(".//table-header-rows/table-row"):
        for cell in row:
            cell.tag = "th"
    for element in body.iter(*_SPACES):
        element.text = " "
    for element in body.iter(*_AS_HTML):
        element.tag = _AS_HTML[element.tag]
