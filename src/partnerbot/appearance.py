"""What an owner may change in how the chat looks and presents itself, from one file.

appearance.toml in the project's folder documents every key; docs/appearance.md shows them.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from babel.localedata import exists
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from partnerbot.errors import ConfigurationError
from partnerbot.owner_files import read_owner_file


def _known(language: str) -> str:
    if not (re.fullmatch("[a-z]{2,3}", language) and exists(language)):
        raise ValueError("no language has this code, as fr, ja and en are")
    return language


def _like(pattern: str, told: str) -> Callable[[str], str]:
    """Return what returns a text as it is, or raises ValueError if it isn't written so."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(told)
        return text

    return check


as_colour = _like("#[0-9a-fA-F]{6}", "a colour is written like #1f4e79")

Language = Annotated[str, AfterValidator(_known)]
Colour = Annotated[str, AfterValidator(as_colour)]
PublicPage = Annotated[str, AfterValidator(_like(r"(https?://\S+)?", "it begins with https:// or http://"))]
Token = Literal["paper", "card", "tint", "ink", "ink-soft", "line", "line-strong", "accent", "accent-deep",
                "on-accent", "mark", "mark-ink", "quoted", "caution", "caution-tint"]  # fmt: skip
"""The names of the stylesheet's colours."""

Act = Literal["greeting", "how_are_you", "thanks", "goodbye", "who_are_you", "are_you_human", "capabilities",
              "help", "languages", "documents", "recency", "trust", "contact", "praise", "complaint",
              "insult", "nonsense", "small_talk", "translate", "write", "orders", "personal_data",
              "emergency", "acknowledgement"]  # fmt: skip
"""What a visitor may do in a message other than ask the documents something."""

PLACEHOLDERS = frozenset({"name", "contact", "contact_details", "languages", "documents", "newest"})
"""What a reply to an act may hold in braces."""

_REACHED = r"[^\s@]@[^\s@]{1,60}\.[^\s@]|https?://\S|[+(]?\d(?:[ .()/‑-]{0,2}\d){5}"
"""An e-mail, a web address, or six figures of a telephone number, more than a postcode has in France."""

LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}


def _logo(path: str) -> str:
    if path and Path(path).suffix.lower() not in LOGO_TYPES:
        raise ValueError(f"a picture with the ending {', '.join(LOGO_TYPES)}")
    return path


def _fillable(reply: str) -> str:
    for _, field, form, conversion in Formatter().parse(reply):
        if form or conversion or (field is not None and field not in PLACEHOLDERS):
            raise ValueError(
                f"only {', '.join(f'{{{name}}}' for name in sorted(PLACEHOLDERS))} are filled in"
            )
    return reply


Reply = Annotated[str, StringConstraints(min_length=1), AfterValidator(_fillable)]


def as_contact(text: str) -> str:
    """Return a contact without spaces around it; it may be empty.

    Raises: ValueError if nothing in it is an e-mail, a web address or a telephone number.
    """
    if text.strip() and not re.search(_REACHED, text):
        raise ValueError(
            "an e-mail, a web address that begins with https:// or http://, or a telephone number"
        )
    return text.strip()


def unbroken(given: Any) -> Any:
    """Return texts, in lists and tables too, with no-break spaces where French sets marks off from words.

    Nobody types them, and a line that begins with ":" looks wrong. Other languages have no space there.
    """
    if isinstance(given, str):
        wide = re.sub(r"(?<=\S) (?=[:»])|(?<=«) |(?<=n°) ", "\u00a0", given)
        return re.sub(r"(?<=\S) (?=[;?!])", "\u202f", wide)
    if isinstance(given, Mapping):
        return {key: unbroken(value) for key, value in given.items()}
    return [unbroken(value) for value in given] if isinstance(given, list) else given


def in_language(text: str | Mapping[str, str], language: str) -> tuple[str, str]:
    """Return an owner's text in a language, else in English, else as there is one; and the language it is in.

    The language is empty for one text for all.
    """
    if isinstance(text, str):
        return text, ""
    found = next((code for code in (language, "en", *text) if text.get(code)), "")
    return text.get(found, ""), found


def _in_a_line(text: str) -> str:
    return " ".join(map(str.strip, text.strip().splitlines()))


class Contact(BaseModel, frozen=True, extra="forbid"):
    """How the institution is reached; what is empty isn't mentioned.

    `main`: where visitors are sent when there is room for one line: a web address, an e-mail or a telephone
    number. `address` and `hours` are one text for all, or one for each language.
    """

    main: Annotated[str, AfterValidator(as_contact)] = ""
    address: str | dict[Language, str] = ""
    telephone: str = ""
    email: Annotated[str, AfterValidator(_like(r"(\S+@\S+\.\S+)?", "an e-mail address"))] = ""
    form: PublicPage = ""
    hours: str | dict[Language, str] = ""

    @property
    def line(self) -> str:
        """`main`, or else the first that is given of e-mail, form and telephone."""
        return self.main or self.email or self.form or self.telephone

    def told_in(self, language: str) -> dict[str, tuple[str, str]]:
        """Return what is given but `main`, by its name, as `in_language` returns it, in one line."""
        ways = ("address", "telephone", "email", "form", "hours")
        told = {way: in_language(getattr(self, way), language) for way in ways}
        return {way: (_in_a_line(text), code) for way, (text, code) in told.items() if text.strip()}


class Audit(BaseModel, frozen=True, extra="forbid"):
    """An audit of accessibility: its day, who did it, which share of RGAA's criteria is met (0 to 100)."""

    day: date
    by: str
    percent: float = Field(ge=0, le=100)
    report: PublicPage = ""


class Legal(BaseModel, frozen=True, extra="forbid"):
    """What French law wants a service to state. What is empty is named by `partnerbot doctor`.

    `publisher`, `host`: name, legal form, address and telephone, in lines. `director`: the person responsible
    for publication. `dpo`: the data protection officer, and how they are reached. `controller`: who is
    responsible for visitors' data, the publisher if empty. `reuse`: on what terms texts may be reused, and
    `transfers`: to which countries outside the EU data goes, and under which safeguards; one text for all, or
    one for each language. `accessibility_scheme`, `accessibility_plan`: where public bodies publish their
    scheme for several years and the plan of this one (law 2005-102, article 47).
    """

    publisher: str = ""
    director: str = ""
    host: str = ""
    dpo: str = ""
    controller: str = ""
    reuse: str | dict[Language, str] = ""
    transfers: str | dict[Language, str] = ""
    audit: Audit | None = None
    accessibility_scheme: PublicPage = ""
    accessibility_plan: PublicPage = ""
    basis: Literal["legitimate_interest", "public_interest"] = "legitimate_interest"
    authority: str = "CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris CEDEX 07 (https://www.cnil.fr)"

    @property
    def declares_conformity(self) -> bool:
        """Whether the state of accessibility is declared: a public body's has to be, an audit's may be."""
        return self.basis == "public_interest" or self.audit is not None

    @property
    def conformity(self) -> Literal["full", "partial", "none"]:
        """The state of accessibility by RGAA's rule: partial from half of the criteria on, none unaudited."""
        percent = self.audit.percent if self.audit else 0
        return "full" if percent == 100 else "partial" if percent >= 50 else "none"

    @property
    def unset(self) -> list[str]:
        """What has to be stated and isn't; GDPR, 37 and law 2005-102, 47 want more of public bodies."""
        of_public_bodies = ["dpo", "accessibility_scheme", "accessibility_plan"]
        needed = ["publisher", "director", "host", *of_public_bodies * (self.basis == "public_interest")]
        return [name for name in needed if not getattr(self, name).strip()]


def _as_contact(given: object) -> object:
    return {"main": given} if isinstance(given, str) else given


class Colours(BaseModel, frozen=True, extra="forbid"):
    """Colours that differ from ours, by the name of the token."""

    light: dict[Token, Colour] = Field(default_factory=dict)
    dark: dict[Token, Colour] = Field(default_factory=dict)


class Appearance(BaseModel, frozen=True, extra="forbid"):
    """The file's content; what it leaves out is as we have it."""

    languages: tuple[Language, ...] = ()
    """Those that the page is offered in, in this order; all that there are texts for, if empty."""
    name: dict[Language, str] = Field(default_factory=dict)
    institution: dict[Language, str] = Field(default_factory=dict)
    notice: dict[Language, str] = Field(default_factory=dict)
    contact: Annotated[Contact, BeforeValidator(_as_contact)] = Contact()
    conversation: dict[Language, dict[Act, Reply]] = Field(default_factory=dict)
    logo: Annotated[str, AfterValidator(_logo)] = ""
    legal: Legal = Legal()
    told_after: bool = False
    """Whether the documents are told after the pages that they name, and don't repeat them word for word."""
    partnerships: bool = True
    """Whether there is a register of partnerships, with its page, its data, its replies and its examples."""
    colours: Colours = Colours()
    examples: dict[Language, list[str]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _unbroken(cls, given: Any) -> Any:
        return unbroken(given)

    def foreign_texts(self, language: str) -> dict[str, str]:
        """What the owner gives in other languages alone, and a reader of this one may see, with its language.

        The longest text comes first.
        """
        given = (self.contact.address, self.contact.hours, self.legal.reuse, self.legal.transfers)
        by_language = [texts for texts in given if not isinstance(texts, str)]
        own = {_in_a_line(texts.get(language, "")) for texts in by_language}
        told = {_in_a_line(text): code for texts in by_language for code, text in texts.items()}
        return {text: told[text] for text in sorted(told.keys() - own - {""}, key=len, reverse=True)}

    @property
    def stylesheet(self) -> str:
        """The colours as CSS for after our own; empty if there are none."""
        light = "".join(f"--{token}:{colour};" for token, colour in self.colours.light.items())
        dark = "".join(f"--{token}:{colour};" for token, colour in self.colours.dark.items())
        rules = f":root{{{light}}}" if light else ""
        return rules + (f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}" if dark else "")


def read_appearance(path: Path) -> Appearance:
    """Read the file; everything is as we have it if there is none.

    Raises: ConfigurationError naming the keys that are wrong, or a logo that isn't there.
    """
    appearance = read_owner_file(path, Appearance, "docs/appearance.md") or Appearance()
    if appearance.logo and not (path.parent / appearance.logo).is_file():
        raise ConfigurationError(f"{path} names the logo {appearance.logo}, which is not in {path.parent}/.")
    return appearance
