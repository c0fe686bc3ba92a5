"""Names in other spellings: Kumamoto, 熊本 and くまもと are the same.

Three sources, surest first: the owner's glossary, names that the documents themselves give twice
("Vitagora（ヴィタゴラ）"), and towns (place_names.tsv, made by tools/place_names from GeoNames).
What none of them knows meets by its sound (sounds.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path

import jaconv
import yaml
from pydantic import RootModel

from partnerbot.documents.front_matter import where_wrong
from partnerbot.documents.normal_forms import fold, normal_form
from partnerbot.documents.scripts import CJK, HAN
from partnerbot.index.sounds import kana_keys, latin_keys
from partnerbot.owner_files import read_owner_file

Names = Sequence[Sequence[str]]
"""Each item: one name in all its spellings."""

_Key = tuple[str, ...]
"""A spelling in the units it is looked for in: folded words, or characters of CJK scripts."""

_JOINTS = "・＝=゠･"
_CJK_RUN = re.compile(rf"[{CJK}{_JOINTS}]+")
_KATAKANA_WORD = re.compile(r"[\u30a1-\u30fa\u30fc]{3,}")
_LATIN_WORD = re.compile(rf"(?:(?![{CJK}])[^\W\d_])+")
"""Ends where kana, kanji or Hangul begin: Japanese puts no space there, and Korean none before a particle."""
_KANA_SOUND, _LATIN_SOUND = "♪k", "♪l"
_SOUNDING = 4
"""Latin letters from which a capitalised word is compared by its sound."""

_LETTER = rf"(?:(?![{CJK}])[\w’'.&-])"
# No longer: of a file that is one endless word, each letter would be looked at for each.
_CAPITALISED = rf"[A-ZÀ-ÖØ-Þ]{_LETTER}{{0,40}}+"
_LATIN_NAME = rf"{_CAPITALISED}(?:[ \u00a0]{_LETTER}{{1,40}}+){{0,5}}"
_CJK_NAME = rf"[{CJK}{_JOINTS}]{{2,20}}"
_GIVEN_TWICE = re.compile(
    rf"(?P<cjk>{_CJK_NAME})[ \u3000]?[（(](?P<latin>{_LATIN_NAME})[)）]"
    rf"|(?P<latin_first>{_CAPITALISED}(?:[ \u00a0]{_CAPITALISED}){{0,3}})"
    rf"[ \u00a0]?[（(](?P<cjk_second>{_CJK_NAME})[)）]"
)
_WITH_READING = re.compile(rf"(?P<kanji>[{HAN}]{{2,6}})[（(](?P<reading>[ぁ-ん]{{2,12}})[)）]")


@dataclass(frozen=True)
class Name:
    """A name found in a text: `term` is the same for each of its spellings, of which `spellings` are all.

    No spellings: a town, whose term is in the lexical index already.
    """

    term: str
    spellings: tuple[str, ...] = ()


class Spellings:
    """Known names by each of their spellings. Immutable."""

    def __init__(self, names: Names) -> None:
        self.names = [tuple(group) for group in names]
        own: dict[_Key, tuple[Name, ...]] = {}
        for group in self.names:
            keys = {key for spelling in group if (key := _folded(spelling))}
            if not keys:
                continue
            name = Name("@" + min(" ".join(key) for key in keys), group)
            for key in keys:
                own[key] = (*own.get(key, ()), name)
        self._own = own
        self._longest = max((len(key) for key in own), default=0)

    def knowing(self, names: Names) -> Spellings:
        return Spellings(list(dict.fromkeys([*map(tuple, names), *self.names])))

    def names_in(self, text: str) -> list[Name]:
        """Return the known names in a text, the longest where several begin.

        Latin names count where they are capitalised, unless nothing in the text is.
        """
        towns = _towns()
        longest = max(self._longest, _longest_town())
        found: dict[Name, None] = {}
        for units, may_begin in _units(normal_form("NFKC", text)):
            position = 0
            while position < len(units):
                length = min(longest, len(units) - position) if may_begin(position) else 0
                while length:
                    key = tuple(units[position : position + length])
                    names = self._own.get(key) or [town for town, _ in towns.get(key, ())]
                    if names and _stands_alone(units, position, length):
                        found |= dict.fromkeys(names)
                        break
                    length -= 1
                position += max(1, length)
        return list(found)

    def spellings_of(self, name: str) -> tuple[str, ...]:
        """Return all spellings of a name that is known by this one; empty if it isn't.

        Of towns of one name, the largest's.
        """
        return next(iter(self.namesakes_of(name)), ())

    def namesakes_of(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Return the spellings of each that is known by a name, the owner's own or the largest first."""
        key = _folded(name)
        own = self._own.get(key)
        return tuple(one.spellings for one in own) if own else tuple(all for _, all in _towns().get(key, ()))

    def known_terms(self, text: str) -> set[str]:
        """Return a term for each known name in the text, the same for each of its spellings."""
        return {name.term for name in self.names_in(text)}


def town_terms(text: str) -> set[str]:
    """Return a term for each town in the text, the same in every script."""
    return _NO_OWN_NAMES.known_terms(text)


def sound_terms(text: str) -> set[str]:
    """Return a term for how each katakana word and each capitalised Latin word of the text sounds."""
    return {term for _, terms in sounding_words(text) for term in terms}


def sounding_words(text: str) -> Iterator[tuple[str, list[str]]]:
    text = normal_form("NFKC", text)
    for match in _KATAKANA_WORD.finditer(text):
        yield match[0], [_KANA_SOUND + key for key in kana_keys(match[0])]
    for match in _LATIN_WORD.finditer(text):
        if len(match[0]) >= _SOUNDING and match[0][0].isupper():
            yield match[0], [_LATIN_SOUND + key for key in latin_keys(match[0])]


def in_other_script(sound: str) -> str:
    """Return the term of what sounds the same and is written in the other script."""
    kind, key = sound[:2], sound[2:]
    return (_LATIN_SOUND if kind == _KANA_SOUND else _KANA_SOUND) + key


def given_twice(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return the names that the texts give in two scripts side by side, each once."""
    return sorted({pair for text in texts for pair in _given_twice(text)})


def read_glossary(path: Path) -> list[tuple[str, ...]]:
    """Read the owner's names: a YAML list of lists, each one name in all its spellings.

    Returns: nothing if the file doesn't exist.
    Raises: ConfigurationError naming what is wrong in it.
    """
    found = read_owner_file(path, _Glossary, "docs/documents.md: - [Dijon, ディジョン]", _yaml)
    return [] if found is None else found.root


class _Glossary(RootModel[list[tuple[str, ...]]]):
    pass


def _yaml(text: str) -> object:
    """Return what a YAML text says, each value as it is written. Raises: ValueError."""
    try:
        return yaml.load(text, Loader=yaml.BaseLoader) or []
    except yaml.YAMLError as error:
        raise ValueError(where_wrong(error)) from error


def _given_twice(text: str) -> Iterator[tuple[str, str]]:
    for match in _GIVEN_TWICE.finditer(text):
        latin = match["latin"] or match["latin_first"]
        cjk = match["cjk"] or match["cjk_second"]
        yield latin.strip(), cjk.strip(_JOINTS)
    for match in _WITH_READING.finditer(text):
        # Written as it sounds, long vowels are short: 狩野(かのう) is Kano.
        letters = jaconv.kana2alphabet(match["reading"])
        yield re.sub(r"ou|oo", "o", letters).replace("uu", "u").capitalize(), match["kanji"]


def _units(text: str) -> Iterator[tuple[list[str], Callable[[int], bool]]]:
    """Yield what names are compared by: the text's Latin words, and each CJK run's characters."""
    words = [match[0] for match in _LATIN_WORD.finditer(text)]
    any_capital = any(word[0].isupper() for word in words)
    yield [fold(word) for word in words], lambda position: words[position][0].isupper() or not any_capital
    for match in _CJK_RUN.finditer(text):
        yield [c for c in match[0] if c not in _JOINTS], lambda _: True


def _stands_alone(units: Sequence[str], start: int, length: int) -> bool:
    """False for katakana cut out of a longer word: リール of トリール."""
    ends = ((start - 1, start), (start + length - 1, start + length))
    return not any(
        left >= 0 and right < len(units) and _is_katakana(units[left]) and _is_katakana(units[right])
        for left, right in ends
    )


def _is_katakana(unit: str) -> bool:
    return len(unit) == 1 and "\u30a1" <= unit <= "\u30fc"


def _folded(spelling: str) -> _Key:
    """Return a spelling in the units it is looked for in."""
    spelling = normal_form("NFKC", spelling)
    if _CJK_RUN.match(spelling):
        return tuple(c for c in spelling if c not in _JOINTS)
    return tuple(fold(word) for word in _LATIN_WORD.findall(spelling))


@cache
def _towns() -> dict[_Key, tuple[tuple[Name, tuple[str, ...]], ...]]:
    """Return the towns with all their spellings by each of them; of namesakes, the largest first."""
    known: dict[_Key, tuple[tuple[Name, tuple[str, ...]], ...]] = {}
    for line in _town_lines():
        spellings = tuple(line.split("\t"))
        keys = [_folded(spelling) for spelling in spellings]
        town = Name("@" + " ".join(keys[0]))
        for key in dict.fromkeys(keys):
            known[key] = (*known.get(key, ()), (town, spellings))
    return known


@cache
def _longest_town() -> int:
    return max(map(len, _towns()))


def towns() -> list[tuple[str, tuple[str, ...]]]:
    named = dict.fromkeys(chain.from_iterable(_towns().values()))
    return [(town.term, spellings) for town, spellings in named]


def place_spellings() -> Iterator[str]:
    return (spelling for line in _town_lines() for spelling in line.split("\t"))


def _town_lines() -> list[str]:
    return resources.files(__package__).joinpath("place_names.tsv").read_text("utf-8").splitlines()


_NO_OWN_NAMES = Spellings(())
