"""The only place where HTML is made: messages of the chat, source pages, the page around the chat.

Templates escape every value. Messages pass through the chat component's
Markdown, which leaves HTML alone only up to the first line break: so a message
is one line, and a line break inside a value becomes a space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from babel.lists import format_list
from jinja2 import Environment, PackageLoader
from langchain_core.documents import Document
from markupsafe import Markup, escape

from partnerbot.answering.answer import Answer, DocumentReference
from partnerbot.answering.question import MAX_CHARACTERS
from partnerbot.answering.values.dates import find_dates
from partnerbot.appearance import Appearance, read_appearance
from partnerbot.documents import metadata
from partnerbot.documents.metadata import page_at
from partnerbot.documents.recognised import is_recognised
from partnerbot.settings import Settings
from partnerbot.web.answer_parts import (
    context,
    document_paragraphs,
    grouped,
    in_lines,
    lead,
    parts,
    without_title,
)
from partnerbot.web.assets import version
from partnerbot.web.example_questions import Suggestion
from partnerbot.web.links import QuotedSpan, contact_link, file_link, passage_link, public_url, source_link
from partnerbot.web.page_texts import Texts, offered_languages, texts_of
from partnerbot.web.records.feedback import REASONS
from partnerbot.web.visitor_language import language_name, publication, written_date

if TYPE_CHECKING:
    from partnerbot.web.chat.gradio_page import StartupFiles
    from partnerbot.web.sources.source_pages import PdfPage

# Marks that reverse what follows them can make one text look like another, as in "cod.exe".
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
# The last letter before a mark that is set off, or the first one after the mark.
_SET_OFF = re.compile(r"(\S(?: [:;?!»])+|« \S)")
DEFAULT_ACCENT = "#1f4e79"
"""As in static/style.css."""

_NAMED = 0.05
"""Share of the documents in a language from which on the page names it: set by hand, so that one whose
language was taken for another doesn't add it."""

# A web or e-mail address in a text of our own, without the stop that ends its sentence.
_ADDRESS = r"https?://[!-~]*[0-9A-Za-z/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"


@cache
def _environment(*, one_line: bool) -> Environment:
    """Return what makes messages, each in one line, or pages."""

    def harmless(value: Any) -> Any:
        # Gradio's start-up markup is ours, and its policy knows it by a hash.
        if not isinstance(value, str) or (isinstance(value, Markup) and not one_line):
            return value
        shown = _DIRECTION.sub("", value)
        return type(value)(" ".join(shown.splitlines()) if one_line else shown)

    environment = Environment(
        loader=PackageLoader("partnerbot.web", "templates"),
        autoescape=True,
        finalize=harmless,
    )
    environment.filters |= {"unbroken": _unbroken, "heading": _heading}
    return environment


def _heading(text: str) -> Markup:
    """Set the colon apart that ends the heading of a cell: languages have their own space before it."""
    return Markup('{}<span class="pb-colon">{}</span>').format(_DIRECTION.sub("", text[:-2]), text[-2:])


def _unbroken(text: str) -> Markup:
    """Keep marks that French sets off by a space in one line with their word; the text stays as it is."""
    whole = Markup('<span class="pb-unbroken">{}</span>')
    pieces = _SET_OFF.split(_DIRECTION.sub("", text))
    return Markup("").join(
        whole.format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


@cache
def _mark() -> Markup:
    return Markup(files("partnerbot.web").joinpath("static", "icon.svg").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Contents:
    """What an index has that the page says: documents by language, and whether there are partnerships."""

    languages: Mapping[str, int] = field(default_factory=dict)
    partnerships: bool = False


class Renderer:
    """Writes for readers of one interface language."""

    def __init__(self, language: str, settings: Settings, appearance: Appearance) -> None:
        self.language = language
        self._settings, self._appearance = settings, appearance
        self.texts: Texts = _with_owners(texts_of(language), language, appearance)
        self._contact = settings.contact or self.texts.page.operator
        self._prefix = settings.prefix
        self._feedback = settings.feedback

    @classmethod
    def of_all(cls, settings: Settings) -> dict[str, Renderer]:
        """Return a renderer for each language that the page is offered in, in their order."""
        appearance = read_appearance(settings.appearance)
        return {language: cls(language, settings, appearance) for language in offered_languages(appearance)}

    @property
    def offered(self) -> tuple[str, ...]:
        """The languages that the page is offered in."""
        return offered_languages(self._appearance)

    def addresses(self, query: Mapping[str, str]) -> dict[str, str]:
        """Return the query of a page's own address in each language that it is offered in."""
        return {code: urlencode({**query, "lang": code}) for code in self.offered}

    @property
    def accent(self) -> str:
        """The colour of links and buttons on light pages, as #rrggbb."""
        return self._appearance.colours.light.get("accent", DEFAULT_ACCENT).lower()

    @cached_property
    def _macros(self) -> Any:
        template = _environment(one_line=True).get_template("messages.html")
        return template.make_module(
            {
                "t": self.texts,
                "page_language": self.language,
                "root": self._prefix,
                "contact_text": _bare(self._contact),
                "contact_href": contact_link(self._contact),
                "href": self._source_link,
                "published": lambda reference: publication(reference.published, self.texts),
                "in_language": self._in_language,
                "original_label": self._original_label,
                "see": lambda citation: passage_link(citation, self.language, self._prefix),
                "bare": _bare,
                "public": lambda citation: public_url(citation.url),
                "feedback_kept": self._feedback,
                "as_of": self._as_of,
                "quoted_in": self._quoted_in,
                "source_count": lambda count: self.texts.follow_up.counted(
                    "sources", count, self.texts.locale
                ),
                "lines": in_lines,
                "contact_setting": self._settings.contact,
                "with_links": self._with_links,
            }
        )

    @property
    def _original_label(self) -> str:
        """What the link to a document's public address is called: it may not say the same words."""
        return self.texts.answer.told_after if self._appearance.told_after else self.texts.answer.open

    def _source_link(self, reference: DocumentReference) -> str:
        # A page that doesn't say the quoted words has no place to scroll to.
        told_after = public_url(reference.url) if self._appearance.told_after else None
        return told_after or source_link(reference, self.language, self._prefix)

    def _in_language(self, reference: DocumentReference) -> str:
        return self.texts.answer.in_language.format(language=language_name(reference.language, self.texts))

    def _quoted_in(self, answer: Answer) -> str | None:
        """Say which languages an answer is quoted from, where most quotes are in others than its own."""
        foreign = [
            citation.language
            for citation in answer.citations
            if citation.language != answer.language and not citation.translation
        ]
        if 2 * len(foreign) <= len(answer.citations):
            return None
        return self.texts.answer.quoted_in.format(languages=self._listed(foreign))

    def _listed(self, languages: Iterable[str]) -> str:
        """Name languages, each once."""
        names = [language_name(language, self.texts) for language in dict.fromkeys(languages)]
        return format_list(names, locale=self.texts.locale)

    def _as_of(self, answer: Answer) -> str | None:
        """Say which day's knowledge an answer is: the date of the source it is quoted from first.

        A quote that says itself when something was isn't known as of that day, but since then.
        """
        first = answer.citations[0] if answer.citations else None
        if first is None or first.published is None or find_dates(first.quote, first.language):
            return None
        published = first.published
        form = self.texts.follow_up.as_of if published.count("-") == 2 else self.texts.follow_up.as_of_period
        return form.format(date=written_date(published, self.texts))

    def _with_links(self, text: str) -> Markup:
        """Make links of the web and e-mail addresses that a text of our own names."""
        addresses = re.compile(f"({re.escape(self._contact)}(?![0-9A-Za-z/])|{_ADDRESS})", re.ASCII)
        pieces = []
        for piece in addresses.split(text):
            href = contact_link(piece)
            link = '<a href="{}" target="_blank" rel="noopener">{}</a>'
            pieces.append(Markup(link).format(href, _bare(piece)) if href else escape(piece))
        return Markup("").join(pieces)

    def question(self, text: str, key: str, language: str | None = None) -> str:
        """A visitor's question; `key` names it in the page, `language` once that is known."""
        return _line(self._macros.question(text, language, key))

    def carried(self, text: str, key: str) -> str:
        """A question that was asked before the one that a shared link brings."""
        return _line(self._macros.carried(text, key))

    def searching(self) -> str:
        """The answer's place while nothing has come yet."""
        return _line(self._macros.searching())

    def partial(self, text: str, *, stopped: bool = False) -> str:
        """An answer that is still coming, or that the visitor stopped."""
        return _line(self._macros.partial(text, stopped))

    def answer(self, answer: Answer, key: str, suggested: Sequence[Suggestion] = ()) -> str:
        """A complete answer by its status.

        `key` makes its citations' anchors unique in the page; `suggested` are questions to ask next.
        """
        if answer.status == "not_in_documents":
            return _line(self._macros.not_in_documents(answer, suggested))
        if answer.status == "failed":
            return self.failed(self.texts.errors.unexpected, again=True)
        if answer.kind == "conversation":
            return _line(self._macros.talk(answer, answer.answer.splitlines(), suggested))
        if answer.kind == "curated":
            return _line(self._macros.curated(answer, answer.answer.splitlines(), suggested))
        if answer.points:
            groups, rest = grouped(answer)
            return _line(self._macros.several(answer, key, lead(answer), groups, rest, suggested))
        return _line(self._macros.answered(answer, key, parts(answer), suggested))

    def rejected(self, message: str) -> str:
        """A question that can't be asked as it is."""
        return _line(self._macros.rejected(message))

    def failed(self, message: str, *, again: bool = False) -> str:
        """Something went wrong; `message` ends by pointing to the contact that follows it.

        `again`: the same question can be asked again.
        """
        return _line(self._macros.failed(message, again))

    def document(
        self,
        document: Document,
        passage: QuotedSpan | None,
        drawn: PdfPage | None = None,
        *,
        has_file: bool = False,
        in_panel: bool = False,
        query: Mapping[str, str] | None = None,
    ) -> str:
        """A source with the passage marked, as a page of its own or for the panel beside the chat.

        `drawn`: the PDF page that the passage is on. `has_file`: the source is a PDF that we serve. `query`:
        the page's own.
        """
        text = document.page_content
        about = document.metadata
        quoted = (passage.start, passage.end) if passage else None
        answer = None
        if passage and passage.highlight:
            answer = (passage.start + passage.highlight[0], passage.start + passage.highlight[1])
        facts = []
        if published := about.get(metadata.PUBLISHED):
            facts.append(publication(published, self.texts))
        title, language = about[metadata.TITLE], about[metadata.LANGUAGE]
        if language != self.language:
            facts.append(self.texts.answer.in_language.format(language=language_name(language, self.texts)))
        page = page_at(about, passage.start) if passage else None
        if page is not None:
            facts.append(self.texts.answer.page.format(page=page))
        if is_recognised(about, page):
            facts.append(self.texts.answer.ocr)
        around = context(text, quoted) if quoted and in_panel else (0, len(text))
        source = about[metadata.SOURCE]
        return self.from_template(
            "panel.html" if in_panel else "document.html",
            heading=title,
            in_languages={code: f"?{own}" for code, own in self.addresses(query or {}).items()},
            document_language=language,
            facts=facts,
            original=public_url(about.get(metadata.URL)),
            original_label=self._original_label,
            file=file_link(source, page, self._prefix) if has_file else None,
            whole=None if has_file else f"{self._prefix}/documents/{quote(source)}?lang={self.language}",
            paragraphs=without_title(list(document_paragraphs(text, quoted, answer, around)), title),
            cut=(around[0] > 0, around[1] < len(text)),
            drawn=drawn,
            picture=self._picture_link(source, passage) if passage else None,
        )

    def _picture_link(self, source: str, passage: QuotedSpan) -> str:
        query = {"view": "picture", "start": passage.start, "end": passage.end}
        if passage.highlight:
            query |= {"from": passage.highlight[0], "to": passage.highlight[1]}
        return f"{self._prefix}/documents/{quote(source)}?{urlencode(query)}"

    def document_message(self, heading: str, message: str, *, in_panel: bool = False) -> str:
        """Say why there is no source to show."""
        return self.from_template(
            "panel.html" if in_panel else "document.html", heading=heading, message=message
        )

    def not_found(self) -> str:
        """Say that there is nothing at an address."""
        return self.document_message(self.texts.errors.not_found_heading, self.texts.errors.not_found)

    def unavailable(self, heading: str = "", *, in_panel: bool = False) -> str:
        """Say that what is wanted can't be shown now, and whom to ask."""
        message = f"{self.texts.errors.unavailable} {self._contact}"
        return self.document_message(heading or self.texts.errors.heading, message, in_panel=in_panel)

    @property
    def contact(self) -> Markup:
        """How to reach the owner: a link where that is an address or an e-mail."""
        text, href = _bare(self._contact), contact_link(self._contact)
        return Markup('<a href="{}" rel="noopener">{}</a>').format(href, text) if href else escape(text)

    def page(
        self,
        gradio: str,
        files: StartupFiles,
        examples: Sequence[Suggestion],
        contents: Contents,
        root: str,
    ) -> str:
        """The page around the chat. `gradio` are the inline scripts that it starts from, `files` those that
        it begins with, `examples` questions to start with, `root` is the application's path prefix."""
        return self.from_template(
            "page.html",
            gradio=Markup(gradio),
            files=files,
            examples=examples,
            introduction=self._introduction(contents.languages),
            partnerships=contents.partnerships,
            longest_question=MAX_CHARACTERS,
            challenge=self._settings.challenge,
            with_question=self._settings.feedback_with_question,
            feedback=REASONS if self._feedback else (),
            told_after=self._appearance.told_after,
            root=root,
            base=f"{root}/{self.language}/",
            contact_text=_bare(self._contact),
            contact_href=contact_link(self._contact),
        )

    def _introduction(self, documents: Mapping[str, int]) -> str:
        """Say where answers come from; of the documents' languages if they are others than the page's own."""
        often = Counter(documents).most_common()
        named = [language for language, number in often if number >= _NAMED * sum(documents.values())]
        if not set(named) - {self.language}:
            return self.texts.chat.introduction
        return self.texts.chat.introduction_in.format(languages=self._listed(named))

    def from_template(self, template: str, **values: object) -> str:
        """A page made from one of templates/, with what every page has and these values."""
        return (
            _environment(one_line=False)
            .get_template(template)
            .render(
                **{
                    "t": self.texts,
                    "page_language": self.language,
                    "mark": _mark(),
                    "root": self._prefix,
                    "version": version(),
                    "accent": self.accent,
                    "owner_style": self._appearance.stylesheet,
                    "owner_logo": self._appearance.logo,
                    "others": [{"code": code, "name": texts_of(code).name} for code in self.offered],
                    "in_languages": {code: f"{self._prefix}/{code}" for code in self.offered},
                    "institution": self._appearance.institution.get(self.language, ""),
                }
                | values
            )
        )


def _with_owners(texts: Texts, language: str, appearance: Appearance) -> Texts:
    """Return the texts with the owner's name and notice in the place of ours."""
    changed: dict[str, str] = {}
    if name := appearance.name.get(language):
        changed["title"] = name
    if notice := appearance.notice.get(language):
        changed["notice"] = notice
    return texts.with_page(changed) if changed else texts


def _bare(contact: str) -> str:
    """Write an address as people say it: without its scheme and final slash."""
    return contact.removeprefix("https://").removeprefix("http://").rstrip("/")


def _line(html: str) -> str:
    return "".join(line.strip() for line in html.splitlines())
