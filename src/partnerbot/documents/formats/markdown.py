"""Markdown files, the text a reader would see without the marks, and plain text files."""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

from partnerbot.documents.formats import Extracted
from partnerbot.documents.formats.html import SOFT_BREAK, visible
from partnerbot.documents.line_joining import WRAP


def extract_plain_text(text: str) -> Extracted:
    """Return the text as it is; its title is for the reader of the clean text to find."""
    return Extracted(pages=(text.replace(WRAP, "\n"),))


def extract_markdown(text: str) -> Extracted:
    """Return the visible text with blocks apart by blank lines, and the first heading as title.

    It is read as the web page that it is written for: what an author struck out or hid is no text, items of
    a list keep a bullet or number and have a line each, as have rows of a table, which say its headings.
    """
    page = _PARSER.render(text.replace(WRAP, "\n"))
    text, heading = visible(page)
    return Extracted(pages=(text,), title=heading)


def _words_of_picture(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    return escapeHtml(renderer.renderInlineAsText(tokens[place].children, options, env))


_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_PARSER.add_render_rule("softbreak", lambda *_: f"\n{SOFT_BREAK}")
_PARSER.add_render_rule("image", _words_of_picture)
