"""The only place where HTML is made: messages of the chat, source pages, the page around the chat.

Templates escape every value. Messages pass through the chat component's
Markdown, which leaves HTML alone only up to the first line break: so a message
is one line, and a line break inside a value becomes a space.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader
from langchain_core.documents import Document
from markupsafe import Markup, escape

from partnerbot.answering.answer import Answer, DocumentReference
from partnerbot.answering.compose import reference
from partnerbot.answering.conversation import About, contact_details
from partnerbot.answering.phrases import language_name
from partnerbot.answering.question import MAX_CHARACTERS
from partnerbot.answering.values.dates import find_dates
from partnerbot.appearance import Appearance, in_language
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
from partnerbot.web.page_texts import (
    Section,
    Texts,
    offered_languages,
    publication,
    texts_of,
    written_date,
)
from partnerbot.web.records.feedback import REASONS

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


class Renderer:
    """Writes for readers of one interface language."""

    def __init__(self, language: str, settings: Settings, appearance: Appearance) -> None:
        self.language = language
        self._settings, self._appearance = settings, appearance
        texts = texts_of(language)
        stated = {"title": appearance.name.get(language), "notice": appearance.notice.get(language)}
        page = vars(texts.page) | {key: text for key, text in stated.items() if text}
        self.texts = Texts(**vars(texts) | {"page": Section(**page)})
        self._contact = settings.contact or self.texts.page.operator

    @classmethod
    def of_all(cls, settings: Settings) -> dict[str, Renderer]:
        """Return a renderer for each language that the page is offered in, in their order."""
        owner = settings.owner
        return {language: cls(language, settings, owner) for language in offered_languages(owner)}

    @property
    def offered(self) -> tuple[str, ...]:
        return offered_languages(self._appearance)

    def addresses(self, query: Mapping[str, str], place: str = "") -> dict[str, str]:
        """Return a page's own address in each language that it is offered in, by its query.

        `place`: its path, if it isn't the one that was asked for.
        """
        path = f"{self._settings.prefix}{place}" if place else ""
        return {code: f"{path}?{urlencode({**query, 'lang': code})}" for code in self.offered}

    @property
    def reached(self) -> str:
        """Every way to reach the institution, one a line; empty if it states none."""
        about = About(contact=self._settings.contact, details=self._appearance.contact)
        return contact_details(about, self.language) if about.contact else ""

    @property
    def accent(self) -> str:
        """The colour of links and buttons on light pages, as #rrggbb."""
        return self._appearance.colours.light.get("accent", DEFAULT_ACCENT).lower()

    @cached_property
    def _common(self) -> dict[str, object]:
        texts, prefix = self.texts, self._settings.prefix
        logo = Markup('<img class="pb-mark" src="{}/appearance/logo" alt="" height="28">').format(prefix)
        return {
            "t": texts,
            "settings": self._settings,
            "appearance": self._appearance,
            "page_language": self.language,
            "root": prefix,
            "version": version(),
            "mark": logo if self._appearance.logo else _mark(),
            "accent": self.accent,
            "others": [{"code": code, "name": texts_of(code).name} for code in self.offered],
            "in_languages": {code: f"{prefix}/{code}" for code in self.offered},
            "institution": self._appearance.institution.get(self.language, ""),
            "contact": self._with_links(self._contact),
            "contact_href": contact_link(self._contact),
            # A document's public address may not say the same words.
            "original_label": texts.answer.told_after if self._appearance.told_after else texts.answer.open,
            "href": self._source_link,
            "see": lambda citation: passage_link(citation, self.language, prefix),
            "public": lambda reference: public_url(reference.url),
            "number": partial(format_decimal, locale=texts.locale),
            "language": lambda code: language_name(code, texts.locale),
            "published": lambda reference: publication(reference.published, texts),
            "written": lambda day: written_date(f"{day:%Y-%m-%d}", texts),
            "as_of": self._as_of,
            "quoted_in": self._quoted_in,
            "lines": in_lines,
            "bare": _bare,
            "with_links": self._with_links,
            "in_language": lambda text: in_language(text, self.language)[0],
        }

    @cached_property
    def _macros(self) -> Any:
        return _environment(one_line=True).get_template("messages.html").make_module(self._common)

    def _source_link(self, document: DocumentReference) -> str:
        # A page that doesn't say the quoted words has no place to scroll to.
        told_after = public_url(document.url) if self._appearance.told_after else None
        return told_after or source_link(document, self.language, self._settings.prefix)

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
        names = [language_name(language, self.texts.locale) for language in dict.fromkeys(languages)]
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
        """Make links of the addresses that a text of ours or the owner's names; numbers stay on one line.

        What the owner gives in another language alone is marked as being in it.
        """
        languages = self._appearance.foreign_texts(self.language)
        by_language = re.compile(f"({'|'.join(map(re.escape, languages)) or '(?!)'})")
        marked = Markup('<span lang="{}">{}</span>')
        return Markup("").join(
            marked.format(languages[piece], self._linked(piece)) if at % 2 else self._linked(piece)
            for at, piece in enumerate(by_language.split(text))
        )

    def _linked(self, text: str) -> Markup:
        own = "|".join(map(re.escape, filter(None, (self._contact, self._appearance.contact.telephone))))
        addresses = re.compile(f"((?:{own})(?![0-9A-Za-z/])|{_ADDRESS})", re.ASCII)
        pieces = []
        for piece in addresses.split(text):
            href = contact_link(piece)
            link = '<a href="{}" target="_blank" rel="noopener">{}</a>'
            whole = escape(re.sub(r"(?<=\d) (?=\d)", "\u00a0", piece))
            pieces.append(Markup(link).format(href, _bare(piece)) if href else whole)
        return Markup("").join(pieces)

    def message(self, name: str, *values: object) -> str:
        """A message of the chat: what a macro of messages.html makes of the values, in one line."""
        html = getattr(self._macros, name)(*values)
        return "".join(line.strip() for line in html.splitlines())

    def answer(self, answer: Answer, key: str, suggested: Sequence[Suggestion] = ()) -> str:
        """A complete answer by its status and kind.

        `key` makes its citations' anchors unique in the page; `suggested` are questions to ask next.
        """
        if answer.status == "failed":
            return self.message("failed", self.texts.errors.unexpected)
        name = answer.kind if answer.status == "answered" else answer.status
        if name in ("not_in_documents", "conversation", "curated"):
            return self.message(name, answer, suggested)
        if answer.points:
            return self.message("several", answer, key, lead(answer), *grouped(answer), suggested)
        return self.message("answered", answer, key, parts(answer), suggested)

    def document(
        self,
        document: Document,
        passage: QuotedSpan | None,
        drawn: PdfPage | None = None,
        *,
        has_page: bool = False,
        has_file: bool = False,
        in_panel: bool = False,
        query: Mapping[str, str] | None = None,
    ) -> str:
        """A source with the passage marked, as a page of its own or for the panel beside the chat.

        `drawn`: the PDF page that the passage is on; `has_page`: it can be drawn, and may be asked for.
        `has_file`: the source is a PDF that we serve. `query`: the page's own.
        """
        text, prefix = document.page_content, self._settings.prefix
        about = reference(document, passage.start if passage else 0)
        if passage is None:
            about = about.model_copy(update={"page": None})
        quoted = (passage.start, passage.end) if passage else None
        answer = None
        if passage and passage.highlight:
            answer = (passage.start + passage.highlight[0], passage.start + passage.highlight[1])
        around = context(text, quoted) if quoted and in_panel else (0, len(text))
        return self.from_template(
            "panel.html" if in_panel else "document.html",
            heading=about.title,
            about=about,
            in_languages=self.addresses(query or {}),
            file=file_link(about.source, about.page, prefix) if has_file else None,
            whole=None if has_file else f"{prefix}/documents/{quote(about.source)}?lang={self.language}",
            paragraphs=without_title(list(document_paragraphs(text, quoted, answer, around)), about.title),
            cut=(around[0] > 0, around[1] < len(text)),
            drawn=drawn,
            has_page=has_page,
        )

    def document_message(self, heading: str, message: str, *, in_panel: bool = False) -> str:
        return self.from_template(
            "panel.html" if in_panel else "document.html", heading=heading, message=message
        )

    def not_found(self) -> str:
        return self.document_message(self.texts.errors.not_found_heading, self.texts.errors.not_found)

    def unavailable(self, heading: str = "", *, in_panel: bool = False) -> str:
        """Say that what is wanted can't be shown now, and whom to ask."""
        message = f"{self.texts.errors.unavailable} {self._contact}"
        return self.document_message(heading or self.texts.errors.heading, message, in_panel=in_panel)

    def page(
        self,
        gradio: str,
        files: StartupFiles,
        examples: Sequence[Suggestion],
        documents: Mapping[str, int],
        partnerships: bool,
    ) -> str:
        """The page around the chat. `gradio` are the inline scripts that it starts from, `files` those that
        it begins with, `examples` questions to start with, `documents` how many there are by language;
        `partnerships`: whether there are any."""
        return self.from_template(
            "page.html",
            gradio=Markup(gradio),
            files=files,
            examples=examples,
            introduction=self._introduction(documents),
            partnerships=partnerships,
            longest_question=MAX_CHARACTERS,
            reasons=REASONS,
        )

    def _introduction(self, documents: Mapping[str, int]) -> str:
        """Say where answers come from; of the documents' languages if they are others than the page's own."""
        often = Counter(documents).most_common()
        named = [language for language, number in often if number >= _NAMED * sum(documents.values())]
        if not set(named) - {self.language}:
            return self.texts.chat.introduction
        return self.texts.chat.introduction_in.format(languages=self._listed(named))

    def from_template(self, template: str, **values: object) -> str:
        return _environment(one_line=False).get_template(template).render(self._common | values)


def _bare(contact: str) -> str:
    """Write an address as people say it: without its scheme and final slash."""
    return contact.removeprefix("https://").removeprefix("http://").rstrip("/")
