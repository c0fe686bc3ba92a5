"""Markdown files: the text a reader would see, without the marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise

from lxml.html.defs import empty_tags  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.token import Token

from partnerbot.documents.formats.extracted import Extracted
from partnerbot.documents.formats.html import visible_text
from partnerbot.documents.formats.tables import table_lines
from partnerbot.documents.formats.withdrawn import is_withdrawn
from partnerbot.documents.lines import WRAP

# Around a word with its reading above it, which would be glued to it in a line of text.
_RUBY = re.compile(r"<(/?)(ruby|rb|r[tp]c?)\b", re.IGNORECASE)
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def extract_markdown(text: str) -> Extracted:
    """Return the visible text with blocks apart by blank lines, and the first heading as title.

    Items of a list keep a bullet or number and have a line each, as have rows of a table,
    which say its headings.
    """
    tokens = list(_without_withdrawn(_PARSER.parse(text.replace(WRAP, "\n"))))
    return Extracted(pages=(_blocks(tokens),), title=_first_heading(tokens))


@dataclass(frozen=True)
class _Hidden:
    """A place inside a hidden element, and so many elements of the same name; `depth` 0 is outside."""

    tag: str = ""
    depth: int = 0


_SHOWN = _Hidden()


class _Tags(HTMLParser):
    """Follows the tags in a piece of a Markdown text. `is_left`: a hidden element ended in it."""

    def __init__(self, place: _Hidden) -> None:
        super().__init__()
        self.place = place
        self.is_left = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        depth = self.place.depth
        # Inside a hidden element, those of the same name are counted, to find its end.
        hides = tag == self.place.tag if depth else is_withdrawn(tag, dict(attrs))
        if hides and tag not in empty_tags:
            self.place = _Hidden(tag, depth + 1)

    def handle_endtag(self, tag: str) -> None:
        if self.place.depth and tag == self.place.tag:
            self.place = _Hidden(tag, self.place.depth - 1)
            self.is_left = self.is_left or not self.place.depth


def _follow(piece: str, place: _Hidden) -> _Tags:
    tags = _Tags(place)
    tags.feed(piece)
    return tags


def _without_withdrawn(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens without what is struck out or hidden, by marks of Markdown or elements of HTML.

    An element that begins within a paragraph ends with it; others go on to their end.
    """
    place = _SHOWN
    for token in tokens:
        if token.type == "html_block":
            tags = _follow(token.content, place)
            # What reads the block has to know where it is, unless nothing of it is shown.
            around = f"<{place.tag} hidden>" * place.depth if tags.is_left else ""
            token.content = around + token.content if tags.is_left or not place.depth else ""
            place = tags.place
        elif token.type == "inline":
            token.children, end = _inline_without_withdrawn(token.children or [], place)
            place = end if place.depth and end.tag == place.tag and end.depth <= place.depth else place
        elif place.depth:
            token.content = ""
        yield token


def _inline_without_withdrawn(children: Sequence[Token], place: _Hidden) -> tuple[list[Token], _Hidden]:
    kept, struck = list[Token](), 0
    for child in children:
        if child.type in ("s_open", "s_close"):
            struck += child.nesting
        elif child.type == "html_inline":
            place = _follow(child.content, place).place
        if not struck and not place.depth:
            kept.append(child)
    return kept, place


def _first_heading(tokens: Sequence[Token]) -> str | None:
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            heading = _inline(content).replace(WRAP, " ").strip()
            if heading:
                return heading
    return None


def _blocks(tokens: Sequence[Token]) -> str:
    written: list[str] = []
    marker = ""
    numbers: list[int | None] = []  # the next number of each open list; None for bullets
    rows: list[list[str]] = []
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            numbers.append(None if token.type == "bullet_list_open" else int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            numbers.pop()
            written.append("\n")
        elif token.type == "list_item_open":
            number = numbers[-1]
            marker = "- " if number is None else f"{number}. "
            numbers[-1] = None if number is None else number + 1
        elif token.type == "list_item_close":
            marker = ""
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            written.append("\n".join(table_lines(rows, 1)) + "\n\n")
            rows = []
        elif rows and token.type == "inline":
            rows[-1].append(_inline(token))
        elif text := _text(token):
            written.append(marker + text + ("\n" if numbers else "\n\n"))
            marker = ""
    return "".join(written)


def _text(token: Token) -> str:
    if token.type == "inline":
        return _inline(token).strip("\n")
    if token.type == "html_block":
        return visible_text(token.content)
    return token.content.strip("\n") if token.type in ("fence", "code_block") else ""


def _inline(token: Token) -> str:
    parts: list[str] = []
    is_reading = False
    for child in token.children or []:
        if child.type == "html_inline" and (tag := _RUBY.match(child.content)):
            is_reading = not tag[1] and tag[2].lower() not in ("ruby", "rb")
        elif is_reading:
            pass
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(_inline(child))
        elif child.type == "softbreak":
            parts.append(WRAP)
        elif child.type == "hardbreak" or child.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts)
