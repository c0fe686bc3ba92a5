"""LibreOffice's texts and slides (.odt, .odp), and the tables that are no sheets for others (.ods)."""

import zipfile
from copy import deepcopy
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.html import WIDEST, text_of_tree
from partnerbot.documents.formats.zipped import opened, stated, xml
from partnerbot.documents.titles import sensible_title

_NAMES = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{space}:1.0}}"
    for name, space in (
        ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
        ("office", "office"), ("presentation", "presentation"),
    )
}  # fmt: skip


def _named(*names: str) -> frozenset[str]:
    return frozenset(_NAMES[space] + local for space, _, local in (name.partition(":") for name in names))


def _name(name: str) -> str:
    (found,) = _named(name)
    return found


# How elements are named in HTML; those that stand for spaces are texts there.
_AS_HTML = {
    _name(name): as_html
    for name, as_html in (
        ("text:p", "p"), ("text:h", "h2"), ("text:line-break", "br"), ("text:list", "ul"),
        ("text:list-item", "li"), ("text:list-header", "li"), ("table:table", "table"),
        ("table:table-row", "tr"), ("table:table-cell", "td"), ("draw:text-box", "div"),
        ("text:note-body", "div"), ("draw:custom-shape", "div"),
    )
}  # fmt: skip
_SPACES = tuple(map(_name, ("text:s", "text:tab")))
_PARAGRAPHS = tuple(map(_name, ("text:p", "text:h")))
# What stands beside the text that it is anchored in.
_BESIDE = tuple(map(_name, ("draw:text-box", "text:note-body", "draw:custom-shape")))
# Deletions, remarks, readings, lists of the headings with pages, speakers' notes, what conditions show.
_NO_TEXT = _named(
    "text:tracked-changes", "office:annotation", "text:ruby-text", "text:table-of-content",
    "text:note-citation", "presentation:notes", "text:hidden-text", "text:hidden-paragraph", "office:forms",
)  # fmt: skip
_CELL, _COVERED = _name("table:table-cell"), _name("table:covered-table-cell")
_STYLED = (_name("text:style-name"), _name("draw:style-name"), _name("table:style-name"))


def extract_opendocument(path: Path, _: ReadingLimits) -> Extracted:
    """Return paragraphs, lists and tables in order, slides as pages, and the title."""
    with opened(path) as archive:
        body = xml(archive, "content.xml").find(_name("office:body"))
        _remove_hidden(body, _withdrawing(archive))
        about = stated(archive, "meta.xml")
        slides = list(body.iter(_name("draw:page")))
        _name_as_html(body)
        headings = (" ".join("".join(heading.itertext()).split()) for heading in body.iter("h2"))
        heading = next(filter(None, headings), None)
        pages = [text_of_tree(part) + "\n\n" for part in slides or [body]]
    return Extracted(
        pages=tuple(pages),
        has_pages=bool(slides),
        title=sensible_title(about.get("title")) or heading,
    )


def _withdrawing(archive: zipfile.ZipFile) -> frozenset[str]:
    """Return the names of styles that hide what has them or strike it out, as they or their parents say."""
    own: dict[str, bool | None] = {}
    parents: dict[str, str | None] = {}
    for part in ("styles.xml", "content.xml"):
        for style in xml(archive, part).iter(_name("style:style")) if part in archive.namelist() else ():
            name = style.get(_name("style:name"), "")
            said = {key: value for properties in style for key, value in properties.items()}
            line = said.get(_name("style:text-line-through-style"))
            slide = said.get(_name("presentation:visibility"))
            hidden = (
                said.get(_name("text:display")) == "none"
                or said.get(_name("table:display")) == "false"
                or slide == "hidden"
            )
            own[name] = True if hidden else None if line is None else line != "none"
            parents[name] = style.get(_name("style:parent-style-name"))

    def withdraws(name: str | None) -> bool:
        for _ in range(10):  # as deep as anybody bases styles on each other
            if name is None or (said := own.get(name)) is not None:
                return name is not None and bool(said)
            name = parents.get(name)
        return False

    return frozenset(filter(withdraws, own))


def _remove_hidden(body: etree._Element, withdrawing: frozenset[str]) -> None:
    """Remove what nothing is shown of; `withdrawing` styles hide what has them."""
    for element in list(body.iter("{*}*")):
        if (
            element.tag in _NO_TEXT
            or any(element.get(styled) in withdrawing for styled in _STYLED)
            or element.get(_name("text:display")) == "none"
            or element.get(_name("table:visibility"), "visible") != "visible"
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
    for cell in list(body.iter(_CELL, _COVERED)):
        repeated = min(int(cell.get(_name("table:number-columns-repeated"), 1)), WIDEST)
        is_filler = cell.getnext() is None and not "".join(cell.itertext())
        if cell.tag == _COVERED or is_filler:
            cell.getparent().remove(cell)
            continue
        for name in ("columns", "rows"):
            cell.set(f"{name[:3]}span", cell.get(_name(f"table:number-{name}-spanned"), "1"))
        for _ in range(repeated - 1):
            cell.addnext(deepcopy(cell))
    for row in body.iterfind(f".//{_name('table:table-header-rows')}/{_name('table:table-row')}"):
        for cell in row:
            cell.tag = "th"
    for element in body.iter(*_SPACES):
        element.text = " "
    for element in body.iter(*_AS_HTML):
        element.tag = _AS_HTML[element.tag]
