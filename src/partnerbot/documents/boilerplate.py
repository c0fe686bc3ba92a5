"""Lines of a copied web page that are not its text: menus, pickers, image names, credits.

A line goes only if the whole of it is of a known kind; inside a sentence nothing is removed
but a copyright mark in brackets. A menu word alone stays, as it may be a heading.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources

from partnerbot.documents.line_joining import PAGE, Line
from partnerbot.documents.scripts import ends_sentence

LONGEST_CAPTION = 220  # characters; longer lines are text
LONGEST_MENU_ENTRY = 40  # characters
MENU_WORDS_NEEDED = 3

_ENTRY_SEPARATOR = re.compile(r"\s*[|｜>›»＞•·▸▶]\s*|\s{2,}")
_BETWEEN_LANGUAGES = re.compile(r"[\s|｜/・•·]+")
_BULLET = re.compile(r"^[-*+•·▸▶>»]\s*")
# What may stand beside an image name on its line and be one too: a few small-letter words.
_PERHAPS_IMAGE_NAME = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+){0,3}")


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
        line.without_text()
        if position in dropped
        else Line(_expression("bracketed_credit").sub("", line.text), line.wraps)
        for position, line in enumerate(lines)
    ]


@cache
def _expressions() -> dict[str, re.Pattern[str]]:
    listed = tomllib.loads(resources.files(__package__).joinpath("boilerplate.toml").read_text("utf-8"))
    return {name: re.compile(words, re.IGNORECASE | re.VERBOSE) for name, words in listed.items()}


def _expression(name: str) -> re.Pattern[str]:
    """Return what boilerplate.toml lists under a name."""
    return _expressions()[name]


def _is_of_a_kind(text: str) -> bool:
    kinds = ("page_control", "share_buttons", "credit_line")
    return any(_expression(kind).fullmatch(text) for kind in kinds) or _is_menu_line(text)


def _is_menu_line(text: str) -> bool:
    """Tell a menu or a breadcrumb on one line: short entries, at least half of them menu words."""
    if ends_sentence(text):
        return False
    entries = [entry for entry in _ENTRY_SEPARATOR.split(text) if entry]
    if any(len(entry) > LONGEST_MENU_ENTRY for entry in entries):
        return False
    if _expression("breadcrumb_start").match(text):
        return True
    known = sum(1 for entry in entries if _expression("menu_word").fullmatch(entry))
    return known >= 2 and known * 2 >= len(entries) >= MENU_WORDS_NEEDED


def _menus(texts: Sequence[str]) -> set[int]:
    """Positions of menus and language pickers with an entry a line, with or without blank lines between.

    One other short entry between two menu words belongs to the menu; one before or after may be the title
    and stays.
    """
    # What is on each line, how it is parted, how many are needed, and how many other lines may be between.
    lists: tuple[tuple[str, Callable[[str], Sequence[str]], int, int], ...] = (
        ("menu_word", lambda entry: [entry], MENU_WORDS_NEEDED, 1),
        ("language", _BETWEEN_LANGUAGES.split, 2, 0),
    )
    filled = [position for position, text in enumerate(texts) if text]
    lines = [_BULLET.sub("", texts[position]) for position in filled]
    found: set[int] = set()
    for kind, parts, needed, most_between in lists:
        run: list[int] = []
        known = 0
        for order, line in enumerate([*lines, None]):
            entries = [] if line is None else parts(line)
            if line is not None and not all(map(_expression(kind).fullmatch, entries)):
                continue
            between = [texts[position] for position in filled[run[-1] + 1 : order]] if run else []
            if line is None or len(between) > most_between or not all(map(_may_be_entry, between)):
                if known >= needed:
                    found |= set(filled[run[0] : run[-1] + 1])
                run, known = [], 0
            run.append(order)
            known += len(entries)
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
    others = [name for name in names if not _expression("image_name").fullmatch(name)]
    return len(others) * 2 <= len(names) and all(map(_PERHAPS_IMAGE_NAME.fullmatch, others))


def _is_caption(text: str) -> bool:
    """Tell a picture's caption outside a gallery: it ends with its credit and is no sentence."""
    if not _ends_with_credit(text) or len(text) > LONGEST_CAPTION:
        return False
    return not re.search(r"[.。!?！？]", _expression("bracketed_credit").sub("", text))


def _ends_with_credit(text: str) -> bool:
    credits = list(_expression("bracketed_credit").finditer(text))
    return bool(credits) and credits[-1].end() == len(text)


def _is_address_alone(texts: Sequence[str], position: int) -> bool:
    """Tell web addresses that have a line to themselves, unless a sentence runs into them."""
    if not _expression("addresses").fullmatch(texts[position]):
        return False
    before = texts[position - 1] if position else ""
    return len(before) < LONGEST_MENU_ENTRY or ends_sentence(before)
