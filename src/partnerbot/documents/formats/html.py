"""Web pages: the article inside the page, with its tables, and what the page says of itself and links to."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from lxml import etree, html  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted
from partnerbot.documents.formats.tables import headings, said, table_lines
from partnerbot.documents.front_matter import is_web_address
from partnerbot.documents.line_joining import WRAP
from partnerbot.documents.metadata import iso_date
from partnerbot.documents.scripts import UNSPACED

_BLOCK = re.compile(
    "address|article|aside|blockquote|body|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|"
    "main|ol|p|pre|section|table|ul"
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
SOFT_BREAK = "\ufdd0"
"""In HTML that is made of Markdown, no character of any text: a line break that means nothing."""
_MARK, _LINE = "data-mark", "line"
_AROUND = {
    "br": ("", "\n"), "tr": ("", "\n"), "td": ("", " | "), "th": ("", " | "),
    "li": ("\n", ""), _LINE: ("\n", ""),
}  # fmt: skip
"""What stands before and after the text of an element."""
# What trafilatura calls the elements of an article.
_AS_HTML = {
    "list": "ul", "item": "li", "row": "tr", "cell": "td", "lb": "br", "quote": "blockquote", "head": "h2",
}  # fmt: skip
_NOT_TEXT = ("head", "script", "style", "svg", "iframe", "select", "textarea", "nav")
# A browser shows a line break in the source as a space, which Japanese doesn't have.
_BREAK_IN_JAPANESE = re.compile(f"(?<=[{UNSPACED}])[ \t]*\n[ \t]*(?=[{UNSPACED}])")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Each begins where a run of cells or spaces does, so that a long one is gone through once.
_EMPTY_CELLS_AT_END = re.compile(r"(?<! \| )(?: \| )++(?=\s*\n|$)")
_BLANK_LINES = re.compile(r"(?<![ \t])[ \t]*+\n\s*\n\s*")
# Elements that are taken back or never shown, and inline styles that do the same. What style sheets, colours
# or sizes hide isn't known here.
_WITHDRAWN = ("del", "s", "strike", "template", "noscript", "datalist")
_TAKES_BACK = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|text-decoration(?:-line)?\s*:[^;]*\bline-through)\b"
)
# Readings above words (furigana), with parentheses for where these can't be shown: in a line of text they
# would be glued to the word.
_READINGS = ("rt", "rp", "rtc")
_UNFIT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def extract_html(markup: str, address: str | None = None) -> Extracted:
    """Return the article of a page without its menus, and the page's title, date and addresses.

    Where no article is found, all visible text is taken, so that an unusual page isn't lost.
    `address`: where the page was found.
    """
    import trafilatura  # here, since that takes a quarter of a second, and most runs read no page

    markup = _fit_for_parsing(markup)
    root = trafilatura.load_html(markup)
    if root is None and (root := _parse(markup)) is None:
        return Extracted(pages=("",))
    links, language = page_links(root, address), _declared_language(root)
    _without_withdrawn(root)
    title, heading = (" ".join(str(root.xpath(f"string(//{tag})")).split()) for tag in ("title", "h1"))
    say_headings(root)
    article: Any = trafilatura.bare_extraction(
        root,
        include_comments=False,
        with_metadata=True,
        # Only dates that the page states: one out of its text may be that of an event.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    text = published = None
    if article is not None:
        title, published = article.title or title, iso_date(article.date or "")
        text = _article_text(article.body) if article.body is not None else None
    return Extracted(
        pages=(text or visible_text(markup),),
        # The title may end in the site's name.
        title=heading if heading and heading in title else title or heading,
        published=published,
        language=language,
        **links,
    )


def visible_text(markup: str) -> str:
    """Return all the text of some HTML but its navigation, blocks apart by blank lines."""
    return visible(markup)[0]


def visible(markup: str) -> tuple[str, str | None]:
    """Return all the text of some HTML but its navigation, and its first heading."""
    root = _parse(_fit_for_parsing(markup))
    if root is None:
        return "", None
    _without_withdrawn(root)
    texts = (str(heading.text_content()).replace(SOFT_BREAK, "") for heading in root.iter(*_HEADINGS))
    heading = next(filter(None, (_one_line(text).strip() for text in texts)), None)
    for element in list(root.iter(*_NOT_TEXT)):
        element.clear(keep_tail=True)
    say_headings(root)
    return _text(root), heading


def _without_withdrawn(root: etree._Element) -> None:
    """Empty the elements of a parsed page that are withdrawn, or no part of its lines; what follows stays."""
    etree.strip_elements(root, *_READINGS, with_tail=False)
    etree.strip_tags(root, "ruby", "rb")
    for element in list(root.iter(etree.Element)):
        if _is_withdrawn(element):
            # Not dropped: joining what stands around each of many takes the square of their number.
            element.clear(keep_tail=True)
            element.tag = "span"


def _is_withdrawn(element: etree._Element) -> bool:
    """Tell whether an element takes back or hides what it holds, by its tag, `hidden` or inline style."""
    if element.tag in _WITHDRAWN or (element.tag == "dialog" and "open" not in element.attrib):
        return True
    if element.tag in ("html", "body"):  # some pages are hidden as a whole until a script has run
        return False
    # Text "until-found" is folded up: a reader's search unfolds it.
    if element.get("hidden", "until-found").strip().lower() != "until-found":
        return True
    return _TAKES_BACK.search(element.get("style", "").lower()) is not None


def _text(root: etree._Element) -> str:
    """Return the text of a tree, which it spoils: a blank line between blocks, one line an item or row."""
    _mark_items(root)
    as_written = {element for block in root.iter("pre") for element in block.iter()}
    for element in root.iter():
        if not isinstance(element.tag, str):
            element.text = None  # a comment
            continue
        before, after = _AROUND.get(element.tag, ("", ""))
        if _BLOCK.fullmatch(element.tag):
            before = after = "\n\n"
        own = (element.text or "") if element in as_written else _one_line(element.text)
        tail = (element.tail or "") if element.getparent() in as_written else _one_line(element.tail)
        mark = element.get(_MARK, "") if element.tag == "li" else ""  # a page may have any attribute
        element.text = before + mark + own
        element.tail = after + tail
    text = _EMPTY_CELLS_AT_END.sub("", "".join(map(str, root.itertext())))
    return _BLANK_LINES.sub("\n\n", text).strip().replace(SOFT_BREAK, WRAP)


def text_of_tree(root: etree._Element) -> str:
    """Return the text of a tree that is named as HTML is, whose tables are of data; it is spoiled."""
    for table in reversed(list(root.iter("table"))):  # those within others first
        grid = _grid(list(table.iter("tr")))
        if not grid:
            continue
        lines = table_lines([[text for _, text in line] for line in grid], _marked(grid) or None)
        table.clear(keep_tail=True)
        table.tag, table.text = "pre", "\n".join(lines)
    return _text(root)


def _mark_items(root: etree._Element) -> None:
    """Give each item of a list its bullet or number; what stands in one makes no blank lines."""
    for item in root.iter("li"):
        item.set(_MARK, "- ")
    for numbered in root.iter("ol"):
        stated = numbered.get("start", "")
        first = int(stated) if stated.isdecimal() and len(stated) < 6 else 1
        for number, item in enumerate(numbered.iterchildren("li"), first):
            item.set(_MARK, f"{number}. ")
    for item in root.iter("li"):
        for place, block in enumerate(item.iterchildren("p", "div", "ul", "ol")):
            is_further = block.tag in ("p", "div") and (place or (item.text or "").strip())
            block.tag = _LINE if is_further else "span"


def _one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _fit_for_parsing(markup: str) -> str:
    markup = _UNFIT_FOR_XML.sub("", _XML_DECLARATION.sub("", markup.replace("\r\n", "\n")))
    return _BREAK_IN_JAPANESE.sub("", markup)


def _parse(markup: str) -> html.HtmlElement | None:
    try:
        return html.document_fromstring(markup)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _article_text(body: etree._Element) -> str:
    """Return the text of the tree that trafilatura makes."""
    for block in body.iterchildren("code"):
        block.tag = "pre"
    for cell in list(body.iter("cell")):
        if not " ".join(cell.itertext()).strip():
            cell.getparent().remove(cell)
    for element in body.iter(*_AS_HTML):
        element.tag = _AS_HTML[element.tag]
    return _text(body)


def _declared_language(root: html.HtmlElement) -> str | None:
    declared = root.get("lang") or root.get("xml:lang") or ""
    match = re.match(r"[A-Za-z]{2}(?![A-Za-z])", declared)
    return match[0].lower() if match else None


# ---- Tables ------------------------------------------------------------------------------------


WIDEST, MOST_CELLS = 100, 20_000
"""Columns, and cells in all, of tables that are looked at: attributes may ask for any number of them."""

_MOST_LINKED = 0.8
"""Share of a table's characters in links above which it is a menu or a calendar."""

_MENU_LINKED = 0.5
"""The same share of a table that is one row."""

_CELLS, _HEADING_CELL = ("td", "th"), "th"
_UNSEEN = ("script", "style")


def say_headings(root: etree._Element) -> None:
    """Change each table of data whose headings are known: its cells say them, and their own row is gone.

    A cell that spans several rows is said in each. Tables that hold tables are left as they are; a row of
    links is a menu, and goes.
    """
    for table in list(root.iter("table")):
        if (
            table.get("role") in ("presentation", "none")
            or next(table.iterdescendants("table"), None) is not None
        ):
            continue
        rows = [row for row in table.iter("tr") if next(row.iterchildren(*_CELLS), None) is not None]
        grid = _grid(rows)
        texts = [[text for _, text in line] for line in grid]
        names, taken = headings(texts, _marked(grid) or None)
        linked = sum(len(_text_of_cell(link)) for link in table.iter("a"))
        if len(texts) == 1 and linked > _MENU_LINKED * len("".join(texts[0])):
            table.drop_tree()
        if not names or linked > _MOST_LINKED * len("".join(map("".join, texts[taken:]))):
            continue
        for row in rows[:taken]:
            row.getparent().remove(row)
        for row, line in zip(rows[taken:], texts[taken:], strict=True):
            for cell in list(row):
                row.remove(cell)
            for text in filter(None, said(line, names)):
                etree.SubElement(row, "td").text = text


def _marked(grid: list[list[tuple[str, str]]]) -> int:
    """Return how many rows at the top have headings alone."""
    return next(
        (n for n, line in enumerate(grid) if not all(tag == _HEADING_CELL for tag, text in line if text)), 0
    )


def _grid(rows: list[etree._Element]) -> list[list[tuple[str, str]]]:
    """Return tag and text of what stands in each column of each row; empty for a table that is too large."""
    grid: list[list[tuple[str, str]]] = []
    above: dict[int, tuple[int, tuple[str, str]]] = {}
    cells = 0
    for row in rows:
        line: list[tuple[str, str]] = []
        for cell in [*row.iterchildren(*_CELLS), None]:
            while len(line) in above:
                left, what = above.pop(len(line))
                if left > 1:
                    above[len(line)] = (left - 1, what)
                line.append(what)
            if cell is None:
                continue
            what = (cell.tag, _text_of_cell(cell))
            for nth in range(_span(cell, "colspan")):
                # A heading stands over all its columns; other text is said once.
                here = what if not nth or cell.tag == _HEADING_CELL else (cell.tag, "")
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


def _text_of_cell(element: etree._Element) -> str:
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: etree._Element) -> Iterator[str]:
    if isinstance(element.tag, str) and element.tag not in _UNSEEN:
        yield element.text or ""
        for child in element:
            yield from _pieces(child)
            yield (" " if child.tag in ("br", "p", "div", "li") else "") + (child.tail or "")


# ---- Addresses ---------------------------------------------------------------------------------


# Around the article: what a site links to from every page is not the article's.
_AROUND_ARTICLE = ("nav", "header", "footer", "aside")
_ANY_LANGUAGE = "x-default"
_BREAKS = re.compile("[\t\n\r]")
_ASCII_SPACE = " \f"
_UNQUOTED = re.compile(r"[\s<>\"]")


def page_links(root: html.HtmlElement, address: str | None) -> dict[str, Any]:
    """Return the addresses that a parsed page states, as fields of what is extracted of it; each once.

    `address`: where the page was found, to complete relative addresses; without it they are left out.
    """
    base = next((found for element in root.iter("base") if (found := element.get("href"))), None)
    start = urljoin(address or "", base or "")
    return {
        "url": next(iter(_links(root, start, "canonical")), None),
        "alternates": tuple(dict.fromkeys(_links(root, start, "alternate", of_languages=True))),
        "pdfs": tuple(dict.fromkeys(_pdfs(root, start))),
    }


def _links(root: html.HtmlElement, start: str, relation: str, of_languages: bool = False) -> Iterator[str]:
    for element in root.iter("link"):
        if relation not in (element.get("rel") or "").lower().split():
            continue
        language = (element.get("hreflang") or "").strip().lower()
        # "x-default" is as a rule a page to choose a language on.
        if of_languages and language in ("", _ANY_LANGUAGE):
            continue
        yield from _whole(start, element.get("href"))


def _pdfs(root: html.HtmlElement, start: str) -> Iterator[str]:
    for element in root.iter("a"):
        if any(around.tag in _AROUND_ARTICLE for around in element.iterancestors()):
            continue
        for address in _whole(start, element.get("href")):
            if urlsplit(address).path.lower().endswith(".pdf"):
                yield address.partition("#")[0]


def _whole(start: str, href: str | None) -> Iterator[str]:
    # As browsers do: line breaks aren't part of an address, and a space in one is encoded.
    href = _BREAKS.sub("", href or "").strip(_ASCII_SPACE)
    try:
        address = _UNQUOTED.sub(lambda character: quote(character[0]), urljoin(start, href))
    except ValueError:
        return
    if href and is_web_address(address):
        yield address
