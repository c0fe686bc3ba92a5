"""Every word the page itself says, one file per language (texts/<code>.toml).

The files are data; the classes below are their shape. A key that is missing,
unknown or empty stops the start, naming the file and the key, so that no
visitor meets an untranslated word. To add a language, add its file.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from babel import Locale
from babel.numbers import format_decimal
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from partnerbot.errors import ConfigurationError

DEFAULT_LANGUAGE = "fr"
"""The language of a visitor whose browser asks for none of ours."""

DETECT = "auto"
"""Answer in the question's own language."""

_ORDER = ("fr", "ja", "en")
"""Languages named first in the page's list, in this order; others follow by code."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PageTexts(_Section):
    """The page around the chat."""

    title: Words
    description: Words
    operator: Words
    """Whom to contact, where the owner hasn't said."""
    notice: Words
    privacy: Words
    legal: Words
    accessibility: Words
    skip: Words
    languages: Words
    loading: Words
    no_script: Words


class ChatTexts(_Section):
    """The conversation and its controls."""

    conversation: Words
    welcome: Words
    introduction: Words
    told_after: Words
    """Where the documents are told after the pages that they name."""
    for_example: Words
    question: Words
    placeholder: Words
    send: Words
    stop: Words
    retry: Words
    clear: Words
    cleared: Words
    undo: Words
    you: Words
    before: Words
    searching: Words
    stopped: Words


class AnswerTexts(_Section):
    """What surrounds an answer and its sources."""

    sources: Words
    cited: Words
    published_on: Words
    published_in: Words
    in_language: Words
    machine_translation: Words
    translate: Words
    translating: Words
    browser_translation: Words
    translation_failed: Words
    page: Words
    open: Words
    told_after: Words
    quotation: Words
    read_in_full: Words
    new_tab: Words
    copy_: Words
    copied: Words

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"))


class NotInDocumentsTexts(_Section):
    """What surrounds "the documents don't say"."""

    related: Words
    contact: Words


class ErrorTexts(_Section):
    """What went wrong and what to do, in words for visitors."""

    heading: Words
    empty: Words
    too_long: Words
    no_words: Words
    unavailable: Words
    unexpected: Words
    invalid_request: Words
    too_large: Words
    not_found_heading: Words
    not_found: Words
    wrong_method: Words
    unknown_host: Words
    foreign_origin: Words
    too_many_questions: Words
    too_many_in_all: Words
    too_many_at_once: Words
    busy: Words
    paused: Words
    challenge: Words
    too_slow: Words


class DocumentTexts(_Section):
    """The page that shows one source."""

    back: Words
    quoted: Words
    not_found_heading: Words
    not_found: Words
    unavailable_heading: Words


class WidgetTexts(_Section):
    """The bubble and the panel on other sites' pages."""

    ask: Words
    begin: Words
    close: Words
    new_tab: Words
    blocked: Words
    open_alone: Words


class EmbedTexts(_Section):
    """The page where staff make the line for their site."""

    title: Words
    introduction: Words
    options: Words
    kind: Words
    bubble: Words
    bubble_note: Words
    inline: Words
    inline_note: Words
    element: Words
    element_note: Words
    frame: Words
    frame_note: Words
    language: Words
    of_the_page: Words
    position: Words
    by_direction: Words
    right: Words
    left: Words
    accent: Words
    scheme: Words
    as_the_page: Words
    light: Words
    dark: Words
    as_the_visitor: Words
    name: Words
    open: Words
    preview: Words
    line: Words
    line_note: Words
    line_note_in_place: Words
    copy_: Words
    copied: Words
    site: Words
    allowed: Words
    none_allowed: Words
    site_address: Words
    site_yes: Words
    site_no: Words
    site_wrong: Words
    policy: Words
    policy_note: Words
    sample_heading: Words
    sample_text: Words

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"))


class Plural(_Section):
    """A phrase with {count}, one form for each plural category that CLDR gives the language."""

    zero: Words | None = None
    one: Words | None = None
    two: Words | None = None
    few: Words | None = None
    many: Words | None = None
    other: Words

    def of(self, count: int, locale: str) -> str:
        """Return the phrase for a count, its figures as the locale writes them."""
        category = Locale.parse(locale).plural_form(count)
        return (getattr(self, category) or self.other).format(count=format_decimal(count, locale=locale))


class FollowUpTexts(_Section):
    """What can be done with an answer, and after it."""

    edit: Words
    edit_label: Words
    editing: Words
    cancel: Words
    suggestions: Words
    share: Words
    shared: Words
    shared_with: Words
    as_of: Words
    as_of_period: Words
    see: Words
    sources: Plural


class PanelTexts(_Section):
    """The source opened beside the chat, or over it."""

    label: Words
    close: Words
    loading: Words
    failed: Words
    retry: Words
    sheet: Words
    sheet_unmarked: Words
    not_found_on_page: Words
    enlarge: Words
    fit: Words
    as_page: Words
    as_text: Words
    text: Words
    file: Words
    whole: Words


class FeedbackTexts(_Section):
    """Whether an answer was useful, and what was wrong with it."""

    ask: Words
    useful: Words
    not_useful: Words
    why: Words
    optional: Words
    wrong: Words
    incomplete: Words
    wrong_source: Words
    wrong_language: Words
    other: Words
    comment: Words
    comment_note: Words
    send: Words
    cancel: Words
    thanks: Words
    failed: Words


class ConnectionTexts(_Section):
    """The network between the visitor and the service."""

    offline: Words
    online: Words
    lost: Words
    slow: Words
    refused: Words
    not_loaded: Words
    dismiss: Words


class PrivacyTexts(_Section):
    """What happens to a visitor's data; which sentences are shown follows the settings."""

    title: Words
    introduction: Words
    automatic: Words
    browser: Words
    third_parties: Words
    questions: Words
    not_kept: Words
    kept: Words
    kept_with: Words
    answering: Words
    answering_by_model: Words
    feedback: Words
    feedback_without: Words
    feedback_with: Words
    feedback_kept: Words
    address: Words
    address_in_memory: Words
    address_in_store: Words
    sites: Words
    sources: Words
    responsible: Words
    basis_heading: Words
    legitimate_interest: Words
    public_interest: Words
    rights_heading: Words
    rights: Words
    complaint: Words


class LegalTexts(_Section):
    """Who publishes the service, as French law wants it told."""

    title: Words
    publisher: Words
    director: Words
    host: Words
    contact: Words
    unset: Words


class AccessibilityTexts(_Section):
    """The accessibility statement."""

    title: Words
    introduction: Words
    state_heading: Words
    state: Words
    tests_heading: Words
    tests: Words
    violations: Plural
    by_hand: Words
    limits_heading: Words
    limits: Words
    technologies_heading: Words
    contact_heading: Words
    contact: Words
    remedy_heading: Words
    remedy: Words
    established: Words


class Texts(_Section):
    """All texts of one language; `name` is what the language calls itself, `locale` its CLDR code."""

    name: Words
    locale: Words
    page: PageTexts
    chat: ChatTexts
    answer: AnswerTexts
    not_in_documents: NotInDocumentsTexts
    errors: ErrorTexts
    document: DocumentTexts
    privacy: PrivacyTexts
    legal: LegalTexts
    widget: WidgetTexts
    embed: EmbedTexts
    follow_up: FollowUpTexts
    panel: PanelTexts
    feedback: FeedbackTexts
    connection: ConnectionTexts
    accessibility: AccessibilityTexts


def known_language(language: str) -> str:
    """Return a language to answer in, or DETECT, as it is. Raises: ValueError if it is neither."""
    if language not in (DETECT, *languages()):
        raise ValueError(f"one of {', '.join((DETECT, *languages()))}")
    return language


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are texts for, in the order they are offered."""
    codes = {
        entry.name.removesuffix(".toml")
        for entry in files("partnerbot.web").joinpath("texts").iterdir()
        if entry.name.endswith(".toml")
    }
    known = [code for code in _ORDER if code in codes]
    return (*known, *sorted(codes.difference(known)))


@cache
def texts_of(language: str) -> Texts:
    """Return the texts of one of `languages()`.

    Raises: ConfigurationError naming the keys that are missing, unknown or empty.
    """
    source = files("partnerbot.web").joinpath("texts", f"{language}.toml")
    try:
        return Texts.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"The texts in {source} can't be used: {error}") from error
