"""Lines of a copied web page that are not its text: menus, pickers, image names, credits.

A line goes only if the whole of it is of a known kind; inside a sentence nothing is removed
but a copyright mark in brackets. A menu word alone stays, as it may be a heading.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from partnerbot.documents.line_joining import PAGE, Line
from partnerbot.documents.scripts import ends_sentence

LONGEST_CAPTION = 220  # characters; longer lines are text
LONGEST_MENU_ENTRY = 40  # characters
MENU_WORDS_NEEDED = 3

_LANGUAGE = (
    "(?:français|english|日本語|deutsch|español|italiano|português|nederlands|中文|简体中文|繁體中文|繁体中文|"
    "한국어|русский|fr|en|ja|jp|de|es|it|pt|nl|zh|ko)"
)
_LANGUAGES = re.compile(rf"{_LANGUAGE}(?:[\s|｜/・•·]+{_LANGUAGE})*")
_SEVERAL_LANGUAGES = re.compile(rf"{_LANGUAGE}(?:[\s|｜/・•·]+{_LANGUAGE})+")
_BREADCRUMB_START = re.compile(
    r"(?:(?:vous êtes ici|you are here|現在(?:地|位置))\s*+[:：]?\s*+)?"
    r"(?:accueil|home|ホーム|トップ(?:ページ)?|top)\s*+[>›»＞/]\s*+\S",
    re.IGNORECASE,
)
_ENTRY_SEPARATOR = re.compile(r"\s*[|｜>›»＞•·▸▶]\s*|\s{2,}")
_BULLET = re.compile(r"^[-*+•·▸▶>»]\s*")

_RESIZED = "r[ée]duit|resized?|small|thumb(?:nail)?|scaled|min|web|crop(?:ped)?"
_IMAGE_NAME = re.compile(
    rf"""
    (?:[\w()%+.-]+[ ])*[\w()%+.-]+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|heic|avif)
    | (?:img|dsc[nf]?|dscf|pxl|mvi|gopr|dji|screenshot|photo|image|line|received|fb_img)[ _-]?\d{{4}}[\w-]*
    | p\d{{6}}\w*
    | (?:maxres|hq|mq|sd)default
    | (?:[a-z0-9]+[ _-]){{0,5}}[a-z]*\d{{4,}}[ _-]?(?:{_RESIZED})
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What may stand beside an image name on its line and be one too: a few small-letter words.
_PERHAPS_IMAGE_NAME = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+){0,3}")

_BRACKETED_CREDIT = re.compile(r"(?<!\s)\s*+[(（]\s*+(?:[©Ⓒ]|copyright\b)[^()（）]{0,80}[)）]", re.IGNORECASE)
_CREDIT_LINE = re.compile(
    r"(?:[©Ⓒ]|copyright\s*(?:[©Ⓒ]|\(c\)|\d{4})|\(c\)\s*\d{4})[^。]{0,140}"
    r"|(?:cr[ée]dits?\s+photos?|photos?|photo\s+credits?|写真(?:提供)?|画像提供|提供)\s*[:：©]\s*[^.。!?]{1,80}",
    re.IGNORECASE,
)
_BARE_ADDRESSES = re.compile(r"(?:<?(?:https?://|www\.)[^\s<>]++>?\s*)+", re.IGNORECASE)


def without_boilerplate(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with boilerplate ones blank, and without credits inside the others."""
    texts = [line.text.replace(PAGE, "").strip() for line in lines]
    dropped = _menus(texts) | _galleries(texts)
    dropped |= {
        position
        for position, text in enumerate(texts)
        if text and (_is_of_a_kind(text) or _is_caption(text) or _is_address_alone(texts, position))
    }
    return [
        line.without_text() if position in dropped else Line(_BRACKETED_CREDIT.sub("", line.text), line.wraps)
        for position, line in enumerate(lines)
    ]


@cache
def _expressions() -> dict[str, re.Pattern[str]]:
    """Return the wordings of boilerplate.toml by their names."""
    listed = tomllib.loads(resources.files(__package__).joinpath("boilerplate.toml").read_text("utf-8"))
    return {name: re.compile(words, re.IGNORECASE | re.VERBOSE) for name, words in listed.items()}


def _is_of_a_kind(text: str) -> bool:
    kinds = (_expressions()["page_control"], _expressions()["share_buttons"], _CREDIT_LINE)
    return any(kind.fullmatch(text) for kind in kinds) or _is_menu_line(text)


def _is_menu_line(text: str) -> bool:
    """Tell a menu or a breadcrumb on one line: short entries, at least half of them menu words."""
    if ends_sentence(text):
        return False
    entries = [entry for entry in _ENTRY_SEPARATOR.split(text) if entry]
    if any(len(entry) > LONGEST_MENU_ENTRY for entry in entries):
        return False
    if _BREADCRUMB_START.match(text):
        return True
    known = sum(1 for entry in entries if _expressions()["menu_word"].fullmatch(entry.casefold()))
    return known >= 2 and known * 2 >= len(entries) >= MENU_WORDS_NEEDED


def _menus(texts: Sequence[str]) -> set[int]:
    """Positions of menus and language pickers with an entry a line, with or without blank lines between.

    One other short entry between two menu words belongs to the menu; one before or after may be the title
    and stays.
    """
    # What has one of on each line, how many are needed, and how many other lines may stand between two.
    lists = (
        (_expressions()["menu_word"], MENU_WORDS_NEEDED, 1),
        (_LANGUAGES, 2, 0),
        (_SEVERAL_LANGUAGES, 1, 0),
    )
    filled = [position for position, text in enumerate(texts) if text]
    entries = [_BULLET.sub("", texts[position]).casefold() for position in filled]
    found: set[int] = set()
    for kind, needed, most_between in lists:
        run: list[int] = []
        for order, entry in enumerate([*entries, None]):
            if entry is not None and not kind.fullmatch(entry):
                continue
            between = [texts[position] for position in filled[run[-1] + 1 : order]] if run else []
            if entry is None or len(between) > most_between or not all(map(_may_be_entry, between)):
                if len(run) >= needed:
                    found |= set(filled[run[0] : run[-1] + 1])
                run = []
            run.append(order)
    return found


def _may_be_entry(text: str) -> bool:
    return len(text) <= LONGEST_MENU_ENTRY and not ends_sentence(text)


def _galleries(texts: Sequence[str]) -> set[int]:
    """Positions of image names, and of the captions that follow one in the same block."""
    found: set[int] = set()
    after_image = False
    for position, text in enumerate(texts):
        if _is_image_names(text):
            found.add(position)
            after_image = True
        elif not text:
            after_image = False
        elif after_image:
            after_image = _ends_with_credit(text) or (
                len(text) <= LONGEST_CAPTION and not ends_sentence(text)
            )
            found |= {position} if after_image else set()
    return found


def _is_image_names(text: str) -> bool:
    names = re.split(r"\s{2,}", text)
    others = [name for name in names if not _IMAGE_NAME.fullmatch(name)]
    return len(others) * 2 <= len(names) and all(map(_PERHAPS_IMAGE_NAME.fullmatch, others))


def _is_caption(text: str) -> bool:
    """Tell a picture's caption outside a gallery: it ends with its credit and is no sentence."""
    if not _ends_with_credit(text) or len(text) > LONGEST_CAPTION:
        return False
    return not re.search(r"[.。!?！？]", _BRACKETED_CREDIT.sub("", text))


def _ends_with_credit(text: str) -> bool:
    credits = list(_BRACKETED_CREDIT.finditer(text))
    return bool(credits) and credits[-1].end() == len(text)


def _is_address_alone(texts: Sequence[str], position: int) -> bool:
    """Tell web addresses that have a line to themselves, unless a sentence runs into them."""
    if not _BARE_ADDRESSES.fullmatch(texts[position]):
        return False
    before = texts[position - 1] if position else ""
    return len(before) < LONGEST_MENU_ENTRY or ends_sentence(before)
