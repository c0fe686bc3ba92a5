"""Markdown files: the text a reader would see, without the marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from partnerbot.documents.extracted import Extracted
from partnerbot.documents.html import visible_text
from partnerbot.documents.lines import WRAP

# Around a word with its reading above it, which would be glued to it in a line of text.
_RUBY = re.compile(r"<(/?)(ruby|rb|r[tp]c?)\b", re.IGNORECASE)
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def extract_markdown(text: str) -> Extracted:
    """Return the visible text with blocks apart by blank lines, and the first heading as title.

    Items of a list keep a bullet or number and have a line each, as have rows of a table,
    whose cells are parted by " | ".
    """
    tokens = _PARSER.parse(text.replace(WRAP, "\n"))
    return Extracted(pages=(_blocks(tokens),), title=_first_heading(tokens))


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
    row: list[str] | None = None
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
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            written.append(" | ".join(row) + "\n")
            row = None
        elif token.type == "table_close":
            written.append("\n")
        elif row is not None and token.type == "inline":
            row.append(" ".join(_inline(token).split()))
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
