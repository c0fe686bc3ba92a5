"""Web pages: the article inside the page, with its tables, and what the page says of itself and links to."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from lxml import etree, html  # type: ignore[import-untyped]

from partnerbot.documents.formats import Extracted
from partnerbot.documents.formats.tables import headings, said
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
# A word with its reading above it (furigana), and with parentheses for where that can't be shown. In a line
# of text, the reading would be glued to the word. Its end tag may be left out (HTML standard).
_RUBY = re.compile(
    r"<ruby(?:\s[^>]{0,200})?>((?:[^<]++|<(?!/?ruby[\s>]))*+)</ruby\s*>", re.IGNORECASE | re.DOTALL
)
_READING = re.compile(
    r"<r[tp]c?(?:\s[^>]{0,200})?>.*?(?=<(?:rb|r[tp]c?)[\s>]|</r|$)|</?r(?:b|[tp]c?)(?:\s[^>]{0,200})?>",
    re.IGNORECASE | re.DOTALL,
)
# Each begins where a run of cells or spaces does, so that a long one is gone through once.
_EMPTY_CELLS_AT_END = re.compile(r"(?<! \| )(?: \| )++(?=\s*\n|$)")
_BLANK_LINES = re.compile(r"(?<![ \t])[ \t]*+\n\s*\n\s*")
# Elements that are taken back or never shown, and words in the values of inline styles that do the same. What
# style sheets, colours or sizes hide isn't known here.
_WITHDRAWN = ("del", "s", "strike", "template", "noscript", "datalist")
_TAKES_BACK = {
    "display": {"none"},
    "visibility": {"hidden", "collapse"},
    "text-decoration": {"line-through"},
    "text-decoration-line": {"line-through"},
}
_UNFIT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def extract_html(markup: str, address: str | None = None) -> Extracted:
    """Return the article of a page without its menus, and the page's title, date and addresses.

    Where no article is found, all visible text is taken, so that an unusual page isn't lost.
    `address`: where the page was found.
    """
    import trafilatura  # here, since that takes a quarter of a second, and most runs read no page

    markup = _fit_for_parsing(markup)
    page = trafilatura.load_html(markup)
    if page is not None:
        _without_withdrawn(page)
        say_headings(page)
    found = trafilatura.bare_extraction(
        page,
        include_comments=False,
        with_metadata=True,
        # Only dates that the page states: one out of its text may be that of an event.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    article = found if isinstance(found, trafilatura.settings.Document) else None
    text = _article_text(article.body) if article is not None and article.body is not None else ""
    root = _parse(markup)
    links = {} if root is None else page_links(root, address)
    if root is not None:
        _without_withdrawn(root)
    url = article.url if article is not None else None
    return Extracted(
        pages=(text or visible_text(markup),),
        title=_title(root, article.title if article is not None else None),
        published=iso_date(article.date) if article is not None and article.date else None,
        language=_declared_language(root),
        url=url if url and is_web_address(url) else None,
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
    """Empty the elements of a parsed page that are withdrawn; what follows them stays."""
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
    declarations = element.get("style", "").lower().replace("!", " !").split(";")
    # The last of a name is in force, or the last that is important.
    pairs = sorted((one.partition(":") for one in declarations), key=lambda pair: "!" in pair[2])
    in_force = {name.strip(): value.split() for name, _, value in pairs}
    return any(words & set(in_force.get(name, ())) for name, words in _TAKES_BACK.items())


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
    markup = _RUBY.sub(lambda ruby: _READING.sub("", ruby[1]), markup)
    return _BREAK_IN_JAPANESE.sub("", markup)


def _parse(markup: str) -> html.HtmlElement | None:
    try:
        return html.document_fromstring(markup)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _article_text(body: etree._Element) -> str:
    for block in body.iterchildren("code"):
        block.tag = "pre"
    for cell in list(body.iter("cell")):
        if not " ".join(cell.itertext()).strip():
            cell.getparent().remove(cell)
    for element in body.iter(*_AS_HTML):
        element.tag = _AS_HTML[element.tag]
    return _text(body)


def _title(root: html.HtmlElement | None, found: str | None) -> str | None:
    """Choose between the head's title, which may end in the site's name, and the page's heading."""
    if root is None:
        return found
    headings = [" ".join(str(heading.text_content()).split()) for heading in _first(root, "h1")]
    stated = [found or "", *(_one_line(title.text) for title in _first(root, "title"))]
    for heading in headings:
        if len(heading) > 3 and any(heading in title for title in stated):
            return heading
    return found or next((title.strip() for title in [*stated, *headings] if title.strip()), None)


def _first(root: html.HtmlElement, tag: str) -> Iterator[html.HtmlElement]:
    """Yield the first elements of a kind: a page has one title, not thousands to compare with each other."""
    return islice(root.iter(tag), 10)


def _declared_language(root: html.HtmlElement | None) -> str | None:
    declared = "" if root is None else root.get("lang") or root.get("xml:lang") or ""
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
        marked = next(
            (n for n, line in enumerate(grid) if not all(tag == _HEADING_CELL for tag, text in line if text)),
            0,
        )
        names, taken = headings(texts, marked or None)
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
        "canonical": next(iter(_links(root, start, "canonical")), None),
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
