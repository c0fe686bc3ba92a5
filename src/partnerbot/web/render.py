"""The only place where HTML is made: messages of the chat, source pages, the page around the chat.

Templates escape every value. Messages pass through the chat component's
Markdown, which leaves HTML alone only up to the first line break: so a message
is one line, and a line break inside a value becomes a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from typing import Any

from jinja2 import Environment, PackageLoader
from langchain_core.documents import Document
from markupsafe import Markup, escape

from partnerbot.answering.answer import Answer, Citation, DocumentReference
from partnerbot.documents import metadata
from partnerbot.web.language import language_name, publication
from partnerbot.web.links import contact_link, public_url, source_link
from partnerbot.web.texts import Texts, languages, texts_of

_CITATION = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class _Piece:
    """A run of an answer's text, or the number of the citation that supports what precedes it."""

    text: str = ""
    citation: int | None = None


@dataclass(frozen=True)
class _TextPiece:
    """A run of a document's text; `first` is the beginning of the quoted passage."""

    text: str
    quoted: bool
    first: bool


def _environment(*, one_line: bool) -> Environment:
    def without_line_breaks(value: Any) -> Any:
        if isinstance(value, str):
            return type(value)(" ".join(value.splitlines()))
        return value

    return Environment(
        loader=PackageLoader("partnerbot.web", "templates"),
        autoescape=True,
        finalize=without_line_breaks if one_line else None,
    )


@cache
def _messages() -> Environment:
    return _environment(one_line=True)


@cache
def _pages() -> Environment:
    return _environment(one_line=False)


@cache
def _mark() -> Markup:
    return Markup(files("partnerbot.web").joinpath("static", "icon.svg").read_text(encoding="utf-8"))


class Renderer:
    """Writes for readers of one interface language."""

    def __init__(self, language: str, contact: str, prefix: str = "") -> None:
        """`contact`: the address or e-mail for help. `prefix`: the path below which all pages are."""
        self.language = language
        self.texts: Texts = texts_of(language)
        self._contact = contact
        self._prefix = prefix

    @cached_property
    def _macros(self) -> Any:
        template = _messages().get_template("messages.html")
        return template.make_module(
            {
                "t": self.texts,
                "page_language": self.language,
                "contact_text": _bare(self._contact),
                "contact_href": contact_link(self._contact),
                "href": lambda reference: source_link(reference, self.language, self._prefix),
                "published": lambda reference: publication(reference.published, self.texts),
                "in_language": self._in_language,
                "quote": _marked_quote,
                "contact_setting": self._contact,
                "with_contact": self._with_contact,
            }
        )

    def _in_language(self, reference: DocumentReference) -> str:
        return self.texts.answer.in_language.format(language=language_name(reference.language, self.texts))

    def _with_contact(self, text: str) -> Markup:
        """Make the contact a link where a text names it."""
        href = contact_link(self._contact)
        before, named, after = text.partition(self._contact)
        if not named or href is None:
            return escape(text)
        link = Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(href, _bare(named))
        return Markup("{}{}{}").format(before, link, after)

    def welcome(self) -> str:
        """The empty conversation: what to expect before the first question."""
        return _line(self._macros.welcome())

    def question(self, text: str, language: str | None = None) -> str:
        """A visitor's question; `language` once it is known."""
        return _line(self._macros.question(text, language))

    def searching(self) -> str:
        """The answer's place while nothing has come yet."""
        return _line(self._macros.searching())

    def partial(self, text: str, *, stopped: bool = False) -> str:
        """An answer that is still coming, or that the visitor stopped."""
        return _line(self._macros.partial(text, stopped))

    def answer(self, answer: Answer, key: str) -> str:
        """A complete answer by its status. `key` makes its citations' anchors unique in the page."""
        if answer.status == "not_in_documents":
            return _line(self._macros.not_in_documents(answer))
        if answer.status == "failed":
            return self.failed(self.texts.errors.unexpected)
        paragraphs = _paragraphs(answer)
        if not answer.short_answer:
            return _line(self._macros.answered(answer, key, [], paragraphs, False))
        if _same_words(answer.answer, answer.short_answer):
            return _line(self._macros.answered(answer, key, paragraphs, [], True))
        return _line(self._macros.answered(answer, key, [[_Piece(answer.short_answer)]], paragraphs, False))

    def rejected(self, message: str) -> str:
        """A question that can't be asked as it is."""
        return _line(self._macros.rejected(message))

    def failed(self, message: str) -> str:
        """Something went wrong; `message` ends by pointing to the contact that follows it."""
        return _line(self._macros.failed(message))

    def document(self, document: Document, start: int | None, end: int | None) -> str:
        """A source as a page of its own, the passage [start, end) marked and reachable as #quote."""
        text = document.page_content
        quoted = None
        if start is not None and end is not None and 0 <= start < end <= len(text):
            quoted = (start, end)
        facts = []
        if published := document.metadata.get(metadata.PUBLISHED):
            facts.append(publication(published, self.texts))
        title, language = document.metadata[metadata.TITLE], document.metadata[metadata.LANGUAGE]
        if language != self.language:
            facts.append(self.texts.answer.in_language.format(language=language_name(language, self.texts)))
        return self._page(
            "document.html",
            heading=title,
            document_language=language,
            facts=facts,
            original=public_url(document.metadata.get(metadata.URL)),
            paragraphs=_without_title(list(_document_paragraphs(text, quoted)), title),
        )

    def document_message(self, heading: str, message: str) -> str:
        """A page that says why there is no source to show."""
        return self._page("document.html", heading=heading, message=message)

    def privacy(
        self, paragraphs: Sequence[str], sections: Mapping[str, Sequence[str]], sites: Sequence[str]
    ) -> str:
        """The page on privacy: paragraphs, sections by heading, and the sites that may show the chat."""
        return self._page(
            "privacy.html",
            paragraphs=paragraphs,
            sections=sections,
            sites=sites,
            contact_text=_bare(self._contact),
            contact_href=contact_link(self._contact),
        )

    def page(self, gradio: str, root: str) -> str:
        """The page around the chat. `gradio` is its start-up markup, `root` the application's path prefix."""
        return self._page(
            "page.html",
            gradio=Markup(gradio),
            root=root,
            base=f"{root}/{self.language}/",
            others=[{"code": code, "name": texts_of(code).name} for code in languages()],
            contact_text=_bare(self._contact),
            contact_href=contact_link(self._contact),
        )

    def _page(self, template: str, **values: object) -> str:
        return (
            _pages()
            .get_template(template)
            .render(
                **{"t": self.texts, "page_language": self.language, "mark": _mark(), "root": self._prefix}
                | values
            )
        )


def said(html: str) -> str:
    """Return the words that a message of the chat said, without labels and sources, as plain text.

    Citations are "[n]" again. It is empty for messages that are no part of the
    conversation's content (searching, rejected, failed).
    """
    reader = _SaidReader()
    reader.feed(html)
    reader.close()
    return reader.text.strip()


class _SaidReader(HTMLParser):
    """Collects the text inside elements of class pb-said."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        inside = "pb-unseen" not in classes and ("pb-said" in classes or self._inside)
        if inside and tag == "p" and self.text:
            self.text += "\n"
        self._open.append((tag, inside))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text += data

    @property
    def _inside(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def _bare(contact: str) -> str:
    """Write an address as people say it: without its scheme and final slash."""
    return contact.removeprefix("https://").removeprefix("http://").rstrip("/")


def _line(html: str) -> str:
    return "".join(line.strip() for line in html.splitlines())


def _paragraphs(answer: Answer) -> list[list[_Piece]]:
    """Split an answer's text into paragraphs, and its "[n]" from the words around them."""
    numbers = {citation.number for citation in answer.citations}
    return [
        list(_pieces(paragraph.strip(), numbers))
        for paragraph in answer.answer.splitlines()
        if paragraph.strip()
    ]


def _pieces(paragraph: str, numbers: set[int]) -> Iterator[_Piece]:
    position = 0
    for match in _CITATION.finditer(paragraph):
        if int(match[1]) not in numbers:
            continue
        if match.start() > position:
            yield _Piece(paragraph[position : match.start()])
        yield _Piece(citation=int(match[1]))
        position = match.end()
    if position < len(paragraph):
        yield _Piece(paragraph[position:])


def _same_words(answer: str, short_answer: str) -> bool:
    """Whether an answer says no more than its short form (citations and final stops aside)."""
    return _CITATION.sub("", answer).strip(" .。") == short_answer.strip(" .。")


def _marked_quote(citation: Citation) -> Markup:
    if citation.highlight is None:
        return escape(citation.quote)
    start, end = citation.highlight
    return Markup("{}<mark>{}</mark>{}").format(
        citation.quote[:start], citation.quote[start:end], citation.quote[end:]
    )


def _without_title(paragraphs: list[list[_TextPiece]], title: str) -> list[list[_TextPiece]]:
    """Leave out a first line that only repeats the page's heading (never a quoted one)."""
    first = [(piece.text.strip(), piece.quoted) for piece in paragraphs[0]] if paragraphs else []
    return paragraphs[1:] if first == [(title, False)] else paragraphs


def _document_paragraphs(text: str, quoted: tuple[int, int] | None) -> Iterator[list[_TextPiece]]:
    """Cut a text into its lines, and each line at the edges of the quoted passage."""
    start, end = quoted or (len(text), len(text))
    begun = False
    for line in re.finditer(r"[^\n]+", text):
        low, high = line.span()
        if not line[0].strip():
            continue
        cuts = sorted({low, min(max(start, low), high), min(max(end, low), high), high})
        pieces = []
        for left, right in pairwise(cuts):
            inside = start <= left < end
            pieces.append(_TextPiece(text[left:right], quoted=inside, first=inside and not begun))
            begun = begun or inside
        yield pieces
