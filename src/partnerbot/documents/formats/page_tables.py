"""Tables of web pages: the headings of their columns are written into the cells, before text is taken."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats.tables import headings, said

WIDEST, MOST_CELLS = 100, 20_000
"""Columns, and cells in all, of tables that are looked at: attributes may ask for any number of them."""

_MOST_LINKED = 0.8
"""Share of a table's characters in links above which it is a menu or a calendar."""

_CELL, _HEAD = ("td", "th"), "th"
_NO_TEXT = ("script", "style")


def say_headings(root: etree._Element) -> None:
    """Change each table of data whose headings are known: its cells say them, and their own row is gone.

    A cell that spans several rows is said in each. Tables that hold tables are left as they are.
    """
    for table in list(root.iter("table")):
        if (
            table.get("role") in ("presentation", "none")
            or next(table.iterdescendants("table"), None) is not None
        ):
            continue
        rows = [row for row in table.iter("tr") if next(row.iterchildren(*_CELL), None) is not None]
        grid = _grid(rows)
        texts = [[text for _, text in line] for line in grid]
        marked = next(
            (n for n, line in enumerate(grid) if not all(tag == _HEAD for tag, text in line if text)), 0
        )
        names, taken = headings(texts, marked or None)
        linked = sum(len(_text(link)) for link in table.iter("a"))
        if not names or linked > _MOST_LINKED * len("".join(map("".join, texts[taken:]))):
            continue
        for row in rows[:taken]:
            row.getparent().remove(row)
        for row, line in zip(rows[taken:], texts[taken:], strict=True):
            for cell in list(row):
                row.remove(cell)
            for text in filter(None, said(line, names)):
                etree.SubElement(row, "td").text = text


def _grid(rows: list[etree._Element]) -> list[list[tuple[str, str]]]:
    """Return tag and text of what stands in each column of each row; empty for a table that is too large."""
    grid: list[list[tuple[str, str]]] = []
    above: dict[int, tuple[int, tuple[str, str]]] = {}
    cells = 0
    for row in rows:
        line: list[tuple[str, str]] = []
        for cell in [*row.iterchildren(*_CELL), None]:
            while len(line) in above:
                left, what = above.pop(len(line))
                if left > 1:
                    above[len(line)] = (left - 1, what)
                line.append(what)
            if cell is None:
                continue
            what = (cell.tag, _text(cell))
            for nth in range(_span(cell, "colspan")):
                # A heading stands over all its columns; other text is said once.
                here = what if not nth or cell.tag == _HEAD else (cell.tag, "")
                if (down := _span(cell, "rowspan")) > 1:
                    above[len(line)] = (down - 1, here)
                line.append(here)
        cells += len(line)
        if len(line) > WIDEST or cells > MOST_CELLS:
            return []
        grid.append(line)
    return grid


def _span(cell: etree._Element, attribute: str) -> int:
    stated = cell.get(attribute, "1").strip()
    return max(1, min(int(stated), WIDEST)) if stated.isdecimal() and len(stated) < 6 else 1


def _text(element: etree._Element) -> str:
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: etree._Element) -> Iterator[str]:
    if isinstance(element.tag, str) and element.tag not in _NO_TEXT:
        yield element.text or ""
        for child in element:
            yield from _pieces(child)
            yield (" " if child.tag in ("br", "p", "div", "li") else "") + (child.tail or "")
