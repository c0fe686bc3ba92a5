"""What the owner states about a document: a YAML block before its text, or a file beside the document."""

import re
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

import yaml
from babel import Locale
from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationError
from yaml.composer import ComposerError

from partnerbot.documents.metadata import iso_date
from partnerbot.errors import DocumentExcluded, DocumentRejected

# Far more than five short values need; a longer block is text that begins with a rule.
MAX_FRONT_MATTER_CHARACTERS = 20_000

_LONGEST_SHOWN = 100

_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?:(?<=\n)|^)---[ \t]*(?:\n|$)", re.DOTALL)
_UNCLOSED = re.compile(r"---[ \t]*\n(?:title|language|published|url|translation_of|alternates)[ \t]*:")
# How a block of metadata begins, after comments; what begins otherwise is text between two rules.
_KEYS = re.compile(r"(?:[ \t]*+(?:#.*+)?+\n)*+[ \t]*+\{?[ \t]*+[\"']?[\w-]++[\"']?[ \t]*+:(?:\s|$)")
# What other programs that read such blocks, as Jekyll, ask of the same key: whether the text is public.
_YES, _NO = ("true", "yes", "on"), ("false", "no", "off")
_WRONG = {
    "published": "which is no ISO date. Write 2024-07-01, 2024-07 or 2024, or leave the key out.",
    "url": "which is no web address that a link may open. Write the whole address, beginning with https:// "
    "or http:// and the name of the site, without a user's name before it, or leave the key out.",
    "alternates": "which is no list of web addresses. Write alternates: [https://…, https://…]",
}
_LANGUAGE_TAG = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]+)*")


def _one_line(value: object) -> object:
    return " ".join(value.split()) or None if isinstance(value, str) else value


def _known_language(value: str | None) -> str | None:
    tag = _LANGUAGE_TAG.fullmatch(value or "")
    code = tag[1].lower() if tag is not None else None
    return code if code in _iso_639_1_codes() else None


@cache
def _iso_639_1_codes() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def _day(value: str | None) -> str | None:
    if value is not None and (value := iso_date(value)) is None:
        raise ValueError
    return value


def _address(value: str | None) -> str | None:
    if value is not None and not is_web_address(value):
        raise ValueError
    return value


_Text = Annotated[str | None, BeforeValidator(_one_line)]


class FrontMatter(BaseModel, frozen=True):
    """The stated metadata; None where nothing is stated, or a language that is none."""

    title: _Text = None
    language: Annotated[_Text, AfterValidator(_known_language)] = None
    published: Annotated[_Text, AfterValidator(_day)] = None
    url: Annotated[_Text, AfterValidator(_address)] = None
    translation_of: _Text = None
    alternates: tuple[Annotated[str, AfterValidator(_address)], ...] = ()


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Return the front matter at the start of `text`, and the text after it.

    Raises: DocumentRejected if the block is not closed, not YAML, or has a wrong value.
    """
    text = text.removeprefix("\ufeff")
    block = _BLOCK.match(text)
    if block is None:
        if _UNCLOSED.match(text):
            raise DocumentRejected(
                "its front matter has no end. Put a line with only --- after the last of its keys."
            )
        return FrontMatter(), text
    if block["yaml"].strip() and not _KEYS.match(block["yaml"]):
        return FrontMatter(), text
    # Lines are counted as the file's, of which --- is the first.
    return read_front_matter("\n" + block["yaml"]), text[block.end() :]


def read_front_matter(text: str) -> FrontMatter:
    """Read and validate a YAML mapping; keys it doesn't know are ignored.

    Raises: DocumentRejected naming the key, its value and what to write instead; DocumentExcluded.
    """
    stated = {key: value for key, value in _read_mapping(text).items() if value != ""}
    published = str(stated.get("published", "true")).strip().lower()
    if published in _NO:
        raise DocumentExcluded(f"it says published: {published}. Leave the key out to have it indexed.")
    if published in _YES:  # the date as other programs name it, which may be no ISO date there
        stated["published"] = iso_date(str(stated.get("date", "")))
    try:
        return FrontMatter.model_validate(stated)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        raise _wrong(key, stated[key]) from error


class _PlainLoader(yaml.BaseLoader):
    """Builds only str, list and dict, each from what is written where it stands.

    The base loader keeps every value as text: no date becomes an object, and the language "no" stays
    Norwegian. Aliases are refused: nested, five hundred bytes of them stand for a million values.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "an alias (*), where values are to be written out", mark)
        return super().compose_node(parent, index)


def _read_mapping(text: str) -> dict[object, object]:
    if len(text) > MAX_FRONT_MATTER_CHARACTERS:
        raise DocumentRejected(
            f"its front matter has more than {MAX_FRONT_MATTER_CHARACTERS:,} characters. "
            "Close it with a line --- after its keys, or start the file with another line than ---."
        )
    try:
        stated = yaml.load(text, Loader=_PlainLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DocumentRejected(
            f"its front matter is not valid YAML ({where_wrong(error)}). Write one 'key: value' a line, "
            'and put values with a colon in quotes, as in title: "Dijon: a partner".'
        ) from error
    if stated is None or stated == "":
        return {}
    if not isinstance(stated, dict):
        raise DocumentRejected(
            "its front matter is not a list of keys and values. Write one 'key: value' a line, "
            "or start the file with another line than ---."
        )
    return stated


def where_wrong(error: Exception) -> str:
    """Say in one line what of a YAML text can't be read, and in which line."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it can't be read"
    return f"line {mark.line + 1}: {problem}" if mark is not None else str(problem)


def _wrong(key: str, value: object) -> DocumentRejected:
    """Return what refuses a value, said by its beginning if it is a text, its kind if not, however large."""
    shown = "a list" if isinstance(value, list) else "a mapping"
    if isinstance(value, str):
        shown = repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")
    wrong = _WRONG.get(key, f"not one text. Write {key}: one text.")
    return DocumentRejected(f"front matter: {key} is {shown}, {wrong}")


def is_web_address(text: str) -> bool:
    """Tell whether `text` is an http(s) address that a link may open.

    One with a user's name is none: https://good.example@evil.example/ seems to open the former.
    """
    if re.search(r"[\s\x00-\x1f<>\"\\]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
