"""What the owner states about a document: a YAML block before its text, or a file beside the document."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import yaml
from babel import Locale
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
_LANGUAGE_TAG = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]+)*")


@dataclass(frozen=True)
class FrontMatter:
    """The stated metadata, validated; None where nothing is stated.

    `unknown_language`: what is stated as the language, but is none that is known.
    """

    title: str | None = None
    language: str | None = None
    published: str | None = None
    url: str | None = None
    translation_of: str | None = None
    alternates: tuple[str, ...] = ()
    unknown_language: str | None = None


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
    stated = _read_mapping(text)
    language, unknown_language = _language(stated)
    return FrontMatter(
        title=_text(stated, "title"),
        language=language,
        published=_published(stated),
        url=_url(stated),
        translation_of=_text(stated, "translation_of"),
        alternates=_alternates(stated),
        unknown_language=unknown_language,
    )


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


def _text(stated: dict[object, object], key: str) -> str | None:
    value = stated.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong(key, value, f"not one text. Write {key}: one text.")
    return " ".join(value.split()) or None


def _wrong(key: str, value: object, why: str) -> DocumentRejected:
    """Return what refuses a value, said by its beginning if it is a text, its kind if not, however large."""
    shown = "a list" if isinstance(value, list) else "a mapping"
    if isinstance(value, str):
        shown = repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")
    return DocumentRejected(f"front matter: {key} is {shown}, {why}")


def _language(stated: dict[object, object]) -> tuple[str | None, str | None]:
    """Return the code of the language, and what is stated in place of one that is known."""
    value = _text(stated, "language")
    if value is None:
        return None, None
    tag = _LANGUAGE_TAG.fullmatch(value)
    code = tag[1].lower() if tag is not None else None
    return (code, None) if code in _iso_639_1_codes() else (None, value)


@cache
def _iso_639_1_codes() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def _published(stated: dict[object, object]) -> str | None:
    """Return the date that is stated, or as other programs name it, which may be no ISO date there."""
    value = _text(stated, "published")
    if value is not None and value.lower() in _NO:
        raise DocumentExcluded(f"it says published: {value}. Leave the key out to have it indexed.")
    if value is None or value.lower() in _YES:
        date = stated.get("date")
        return iso_date(date) if isinstance(date, str) else None
    published = iso_date(value)
    if published is None:
        how = "Write 2024-07-01, 2024-07 or 2024, or leave the key out."
        raise _wrong("published", value, f"which is no ISO date. {how}")
    return published


def _url(stated: dict[object, object]) -> str | None:
    value = _text(stated, "url")
    if value is None or is_web_address(value):
        return value
    how = (
        "Write the whole address, beginning with https:// or http:// and the name of the site, "
        "without a user's name before it, or leave the key out."
    )
    raise _wrong("url", value, f"which is no web address that a link may open. {how}")


def _alternates(stated: dict[object, object]) -> tuple[str, ...]:
    value = stated.get("alternates") or []
    if not isinstance(value, list) or not all(isinstance(one, str) and is_web_address(one) for one in value):
        how = "Write alternates: [https://…, https://…]"
        raise _wrong("alternates", value, f"which is no list of web addresses. {how}")
    return tuple(value)


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
