"""LibreOffice's texts and slides (.odt, .odp), and the tables that are no sheets for others (.ods)."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.tables import table_lines
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


_PARAGRAPH = _named("text:p", "text:h")
_LIST, _ITEM = _name("text:list"), _named("text:list-item", "text:list-header")
_TABLE, _ROW, _HEADER_ROWS = _name("table:table"), _name("table:table-row"), _name("table:table-header-rows")
_CELL, _COVERED = _name("table:table-cell"), _name("table:covered-table-cell")
_SPACES = {_name("text:s"): " ", _name("text:tab"): "\t", _name("text:line-break"): "\n"}
# What stands beside the text that it is anchored in.
_BESIDE = _named("draw:text-box", "text:note-body", "draw:custom-shape")
# Deletions, remarks, readings, lists of the headings with pages, speakers' notes, what conditions show.
_NO_TEXT = _named(
    "text:tracked-changes", "office:annotation", "text:ruby-text", "text:table-of-content",
    "text:note-citation", "presentation:notes", "text:hidden-text", "text:hidden-paragraph", "office:forms",
)  # fmt: skip
_STYLED = (_name("text:style-name"), _name("draw:style-name"), _name("table:style-name"))
_WIDEST = 100
"""Columns that a cell may take or be repeated in; spreadsheets fill whole rows so."""


def extract_opendocument(path: Path, _: ReadingLimits) -> Extracted:
    """Return paragraphs, lists and tables in order, slides as pages, and the title."""
    with opened(path) as archive:
        body = xml(archive, "content.xml").find(_name("office:body"))
        _remove_hidden(body, _withdrawing(archive))
        slides = list(body.iter(_name("draw:page")))
        pages = ["\n\n".join([*_blocks(part), ""]) for part in slides or [body]]
        about = stated(archive, "meta.xml")
        first = next(body.iter(_name("text:h")), None)
        heading = None if first is None else " ".join("".join(_text(first)).split())
    return Extracted(
        pages=tuple(pages),
        has_pages=bool(slides),
        title=sensible_title(about.get("title")) or heading or None,
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


def _blocks(element: etree._Element) -> Iterator[str]:
    for child in element.iterchildren("{*}*"):
        if child.tag in _PARAGRAPH:
            yield "".join(_text(child))
            yield from _beside(child)
        elif child.tag == _LIST:
            yield "\n".join(_items(child))
        elif child.tag == _TABLE:
            marked = len(list(child.iterfind(f"{_HEADER_ROWS}/{_ROW}")))
            yield "\n".join(table_lines(_rows(child), marked or None))
        else:
            yield from _blocks(child)


def _text(element: etree._Element) -> Iterator[str]:
    """Yield the pieces of what is shown of a paragraph's own text."""
    if element.tag in _SPACES:
        yield _SPACES[element.tag]
    if element.text:
        yield element.text
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _BESIDE:
            yield from _text(child)
        if child.tail:
            yield child.tail


def _beside(element: etree._Element) -> Iterator[str]:
    for child in element.iterchildren("{*}*"):
        yield from _blocks(child) if child.tag in _BESIDE else _beside(child)


def _items(element: etree._Element) -> Iterator[str]:
    for item in element.iterchildren(*_ITEM):
        for child in item.iterchildren("{*}*"):
            if child.tag == _LIST:
                yield from _items(child)
            elif text := " ".join("".join(_text(child)).split()):
                yield f"- {text}"


def _rows(table: etree._Element) -> Iterator[list[str]]:
    above: dict[int, tuple[int, str]] = {}
    for row in table.iter(_ROW):
        cells: list[str] = []
        for cell in row.iterchildren(_CELL, _COVERED):
            left, text = above.pop(len(cells), (0, ""))
            if cell.tag == _CELL:
                left = int(cell.get(_name("table:number-rows-spanned"), 1))
                text = " ".join(" ".join(_blocks(cell)).split())
            if left > 1:  # a cell that spans several rows is read in each of them
                above[len(cells)] = (left - 1, text)
            cells += [text] * min(int(cell.get(_name("table:number-columns-repeated"), 1)), _WIDEST)
        yield cells
