"""Misspelt words of a question, put right by what the documents have, and names written large.

Only a word that nothing knows is touched: neither the documents, nor the lists of names, nor the words of
our training texts, nor pyspellchecker's lists of words (common_words.py). It becomes the known word that it
was most likely meant to be: near to it in letters or in sound, and frequent (a noisy channel, as in
Kernighan, Church and Gale, "A Spelling Correction Program Based on a Noisy Channel Model", 1990).
"""

from __future__ import annotations

import heapq
import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from itertools import chain
from typing import Literal

import jaconv
from rapidfuzz import process
from rapidfuzz.distance import OSA

from partnerbot.answering.common_words import Table, is_common, ordinary, words_of
from partnerbot.answering.hangul import NamesInHangul
from partnerbot.answering.mentions import Known, countries_said, is_one_token, names_in, small_is_commoner
from partnerbot.documents.normal_forms import fold, normal_form
from partnerbot.documents.scripts import HAN
from partnerbot.index.lexical import LexicalIndex, terms
from partnerbot.index.sounds import sino_japanese
from partnerbot.index.spellings import place_spellings, sound_terms, towns
from partnerbot.index.texts import Texts
from partnerbot.register.authorities import in_hangul
from partnerbot.register.partnerships import tables

_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+")
_ADDRESS = re.compile(r"\S*@\S*|\w+://\S*|www\.\S*")
"""Whose parts are no words."""

_WITHIN = re.compile(r"[^\W_][^.!?\n]*$")
"""Before a word that doesn't begin a sentence."""

_UNDERSTOOD = ("ja", "fr", "en")
"""Languages that words of a Korean question are put in, where there are documents in them, best first: the
reader knows these, and Korean borrowed the same words from Chinese as Japanese did."""

_KATAKANA = re.compile("[ァ-ヺー]{3,}")
_KATAKANA_NAME = re.compile("[ァ-ヺー]+(?:[・＝=゠][ァ-ヺー]+)*")
_HIRAGANA = re.compile("[ぁ-ゖ][ぁ-ゖー]{2,}")
_PARTICLES = "はがをにでとのもへやわ"
"""Between words of a text in hiragana; わ is how は is often written by mistake."""

_SOUNDS_ALIKE = 0.4
"""What another spelling of the same sounds costs, in letters."""

_FREQUENCY_WEIGHT = 0.12
"""Letters that a word e times as frequent may be farther off."""

_COMMON, _COMMON_LOOKS, _FREQUENT = 20, 40, 100
"""Texts that have a word which one that sounds like it is taken for; which one that only looks like it is;
and which a foreign word, or a name that looks like it, is."""

_INFLECTED = 4
"""Letters from which a word may be another with an ending."""

_INDEXED_COUNTS = 20
"""Texts of the tables that a passage of the documents is worth."""

_READ_WORDS = 8_000
_READ_COUNTS = 60
"""Texts that must have a word in kanji which hiragana are taken for, passages counting as above."""

_LETTERS_AT_MOST = 2
_SHORTEST = 3
_READ_AT_MOST = 8
"""Passages read to see how a word is written."""

_SCANNED_CHARACTERS = 20_000_000
"""Of Japanese documents, read for their names in katakana: a second's work."""


@dataclass(frozen=True)
class Correction:
    """A text with its words put right; `spelled`: each misspelt one as written, and as taken."""

    text: str
    spelled: tuple[tuple[str, str], ...] = ()


class _Words:
    """Words that a misspelt one may be, found by their letters and by their sound."""

    def __init__(self, folded: Sequence[str]) -> None:
        self._sounding: defaultdict[str, list[str]] = defaultdict(list)
        for word, sound in zip(folded, _sounds(folded), strict=True):
            self._sounding[sound].append(word)
        self._forms, self._sounds = folded, list(self._sounding)

    def near(self, word: str, most: float) -> dict[str, float]:
        """Return the words at most so many letters from one that begin with its sound, with that distance."""
        sound = _sound(word)
        found: dict[str, float] = {}
        for known, distance in _within(word, self._forms, min(int(most), _LETTERS_AT_MOST)):
            if _sound(known)[:1] == sound[:1]:
                found[known] = float(distance)
        for alike, distance in _within(sound, self._sounds, min(int(most - _SOUNDS_ALIKE), 1)):
            if alike[:1] == sound[:1]:
                for known in self._sounding[alike]:
                    found[known] = min(found.get(known, math.inf), distance + _SOUNDS_ALIKE)
        return found


class Spelling:
    """Puts questions right by one generation of an index. Immutable; serves all threads."""

    def __init__(self, lexical: LexicalIndex, texts: Texts) -> None:
        """Takes about a second for an index of 100,000 words."""
        self._lexical, self._texts = lexical, texts
        self._languages = texts.languages()
        self._passages = list(texts.passages.values())
        self._named = {
            fold(word) for group in lexical.spellings.names for name in group for word in _LATIN.findall(name)
        }
        self._indexed = [word for word in lexical.vocabulary if word.isascii() and word.isalpha()]
        self._by_language: dict[str, _Words] = {}
        self._katakana = self._katakana_names()
        self._katakana_forms = _sounds(self._katakana, "katakana")
        self._hiragana = {jaconv.kata2hira(name): name for name in self._katakana if len(name) >= _SHORTEST}
        self._read_as = self._readings()

    def corrected(self, text: str, language: str) -> Correction:
        """Put a question's misspelt words right, and write its names large where all of it is small.

        language: the one it is written in, ISO 639-1. Returns: the text as it is if nothing is to be changed.
        """
        changes: list[tuple[int, int, str]] = []
        any_small = any(match[0].islower() for match in _LATIN.finditer(text))
        all_small = text[1:] == text[1:].lower()  # the first letter is a telephone's
        words = _ADDRESS.sub(lambda address: " " * len(address[0]), text)
        for match in _LATIN.finditer(words):
            begins = not _WITHIN.search(text[: match.start()])
            taken = self._latin(match[0], language, any_small, begins)
            if taken is None and all_small and self._is_name(match[0], language):
                taken = match[0][0].upper() + match[0][1:]
            if taken:
                changes.append((*match.span(), taken))
        for match in _KATAKANA_NAME.finditer(text):
            taken = self._in_katakana(match[0])
            if taken:
                changes.append((*match.span(), taken))
        if language == "ja":
            for match in _HIRAGANA.finditer(text):
                # After kanji they are the end of a verb, or particles.
                changes += self._in_hiragana(match[0], match.start(), _is_kanji(text[: match.start()][-1:]))
        spelled = []
        for start, end, taken in sorted(changes, reverse=True):
            if text[start:end].lower() != taken.lower():
                spelled.append((text[start:end], taken))
            text = text[:start] + taken + text[end:]
        return Correction(text, tuple(dict.fromkeys(reversed(spelled))))

    def named(self, text: str, language: str) -> str:
        """Return a Korean text with names, and what partnerships are called, as the documents write them."""
        return self._in_hangul.put_in(text) if language == "ko" else text

    @cached_property
    def _in_hangul(self) -> NamesInHangul:
        """What finds names in Korean questions, made when the first is asked."""
        return NamesInHangul(self._names(), self._may_be_named, in_hangul())

    def _names(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield names that the documents may have, surest first: how each is written, and its spellings.

        Before them, words that the documents have in a language of theirs, and Korean in Hangul.
        """
        spoken = set(self._languages)
        if language := next((one for one in _UNDERSTOOD if one in spoken), None):
            yield from ((words[language], [words["ko"]]) for words in tables().subjects.values())
        said = (spellings for term, spellings in towns() if term in self._lexical.vocabulary)
        for group in chain(said, self._lexical.spellings.names):
            yield next((spelling for spelling in group if _LATIN.match(spelling)), group[0]), group
        for word in map(str.capitalize, self._indexed):
            if any(sound in self._lexical.vocabulary for sound in sound_terms(word)):
                yield word, [word]
        yield from ((name, [name]) for name in self._katakana if len(name) > _SHORTEST)

    def _may_be_named(self, written: str) -> bool:
        """True for what a name in Hangul may be: a known one that the documents have, or no common word."""
        spellings = self._lexical.spellings
        if spellings.spellings_of(written):
            return self._lexical.knows(written)
        if _KATAKANA.match(written):
            return bool(names_in(written, "ja", Known(spellings)))
        return self._is_name(written, "ko") and not countries_said(written, "en")

    def _is_name(self, written: str, language: str) -> bool:
        """True for a word that is no common one of the language and that texts always write large."""
        word = fold(written)
        if len(word) < _SHORTEST or is_common(word, language):
            return False
        # Films say Nancy more often than many a common word, and their lists write all words small.
        if written.lower() in ordinary(language) and small_is_commoner(written.capitalize()):
            return False
        forms = self._forms(word, language, begins=False)
        return all(form[0].isupper() for form in forms) if forms else word in _place_words()

    def _latin(self, written: str, language: str, any_small: bool, begins: bool) -> str | None:
        word = fold(written)
        if len(word) < _SHORTEST or self._exists(word) or (written.isupper() and any_small):
            return None
        if written.lower() in ordinary(language):
            return None
        table = words_of(language)
        names_only = not table or (written[0].isupper() and not begins)
        if names_only or written[0].isupper():
            most = _SOUNDS_ALIKE if len(word) < 7 else 1.0
        else:
            most = _SOUNDS_ALIKE if len(word) < 5 else 1.0 if len(word) < 12 else 2.0
        foreign = is_one_token(written.lower()) or is_one_token(written.capitalize())
        if foreign and (names_only or (written[0].isupper() and not begins)):
            return None
        near = self._words(language).near(word, most)
        for known in sorted(near, key=lambda one: (near[one] - self._weight(one, table), one)):
            if foreign and not self._is_rather(known, near[known], word, table):
                continue
            taken = self._as_written(known, language, word, names_only)
            if taken and not self._is_frequent(known, near[known], table, written):
                continue
            if taken:
                return taken[0].upper() + taken[1:] if written[0].isupper() else taken
        return None

    def _is_rather(self, known: str, distance: float, word: str, table: Table) -> bool:
        """True if a word that other languages have is likely meant to be a frequent one of this language."""
        alike = distance <= _SOUNDS_ALIKE or (distance <= 1 and len(word) >= 8)
        return alike and bool(table) and self._count(known, table) >= _FREQUENT

    def _is_frequent(self, known: str, distance: float, table: Table, written: str) -> bool:
        """True for a word common enough to be meant: one that only looks alike has to be commoner."""
        if distance <= _SOUNDS_ALIKE:
            return bool(written[0].isupper()) or self._count(known, table) >= _COMMON
        return self._count(known, table) >= (_FREQUENT if written[0].isupper() else _COMMON_LOOKS)

    def _exists(self, word: str) -> bool:
        """True for a word that something knows, in singular or plural, masculine or feminine."""
        forms = [word]
        if len(word) >= _INFLECTED:
            forms += [word + "s", word + "e"]
        bases = [word[: -len(ending)] for ending in ("s", "e", "es") if word.endswith(ending)]
        forms += [base for base in bases if len(base) >= _INFLECTED]
        return any(
            form in self._lexical.vocabulary
            or form in self._named
            or form in _place_words()
            or any(form in words_of(language) for language in ("fr", "en"))
            for form in forms
        )

    def _words(self, language: str) -> _Words:
        words = self._by_language.get(language)
        if words is None:
            common = (word for word, (_, count) in words_of(language).items() if count >= _COMMON)
            words = self._by_language[language] = _Words(sorted({*self._indexed, *self._named, *common}))
        return words

    def _weight(self, word: str, table: Table) -> float:
        return _FREQUENCY_WEIGHT * math.log1p(self._count(word, table))

    def _count(self, word: str, table: Table) -> int:
        return _INDEXED_COUNTS * len(self._rows(word)) + table.get(word, ("", 0))[1]

    def _rows(self, word: str) -> Sequence[int]:
        column = self._lexical.vocabulary.get(word)
        if column is None:
            return ()
        start, end = self._lexical.occurrences.indptr[column : column + 2]
        rows: Sequence[int] = self._lexical.occurrences.indices[start:end]
        return rows

    def _as_written(self, known: str, language: str, misspelt: str, names_only: bool) -> str | None:
        """Return how texts write a word; None if the misspelt one can't be meant to be it."""
        forms = self._forms(known, language)
        listed = words_of(language).get(known, ("", 0))[0]
        is_name = known in self._named or all(form[0].isupper() for form in ([listed] if listed else forms))
        if (names_only and not is_name) or _derived(misspelt, known):
            return None
        if is_name:
            return forms.most_common(1)[0][0] if forms else listed or self._name_form(known)
        if listed:
            return listed
        own = any(self._languages[row] == language for row in self._rows(known))
        return forms.most_common(1)[0][0].lower() if own and forms else None

    def _forms(self, word: str, language: str, *, begins: bool = True) -> Counter[str]:
        """Return how passages write a word, those of a language if there are any.

        begins: also where it begins a sentence, and is written large for that.
        """
        rows = self._rows(word)
        own = [row for row in rows if self._languages[row] == language]
        chosen = (own or list(rows))[:_READ_AT_MOST]
        passages = (self._passages[row] for row in chosen)
        words = (match for passage in passages for match in _LATIN.finditer(passage.text_in_context))
        return Counter(
            match[0]
            for match in words
            if fold(match[0]) == word and (begins or _WITHIN.search(match.string[: match.start()]))
        )

    def _name_form(self, known: str) -> str | None:
        names = (name for group in self._lexical.spellings.names for name in group)
        return next((word for name in names for word in _LATIN.findall(name) if fold(word) == known), None)

    def _katakana_names(self) -> list[str]:
        """Return the words in katakana of the Japanese documents and known names, joined ones whole."""
        found = {name for group in self._lexical.spellings.names for name in group if _KATAKANA.match(name)}
        left = _SCANNED_CHARACTERS
        for one in self._texts.documents.values():
            if one.language != "ja" or left <= 0:
                continue
            text = normal_form("NFKC", one.document.page_content)
            left -= len(text)
            found.update(_KATAKANA_NAME.findall(text))
        return sorted(name for name in found if len(name) >= _SHORTEST)

    def _in_katakana(self, written: str) -> str | None:
        (form,) = _sounds([written], "katakana")
        if len(form) < _SHORTEST or self._has_katakana(written):
            return None
        most = 0 if len(form) < 5 else 1 if len(form) < 9 else 2
        near = process.extractOne(form, self._katakana_forms, scorer=OSA.distance, score_cutoff=most)
        return None if near is None else self._katakana[near[2]]

    def _has_katakana(self, written: str) -> bool:
        known = words_of("ja")
        if written in known or written in _places_in_kana() or self._lexical.spellings.spellings_of(written):
            return True
        bare = _unjoined(written)
        return any(_is_part(bare, _unjoined(name)) for name in self._katakana) or all(
            part in known or part in _places_in_kana() for part in re.split("[・＝=゠]", written)
        )

    def _in_hiragana(self, run: str, offset: int, ends_word: bool) -> Iterator[tuple[int, int, str]]:
        """Names in katakana and words in kanji that are written in hiragana, between particles."""
        position = _after_particle(run, 0) if ends_word else 0
        while position < len(run):
            ends = [
                end
                for end in range(len(run), position + _SHORTEST - 1, -1)
                if end == len(run) or run[end] in _PARTICLES
            ]
            names = ((end, self._hiragana.get(run[position:end])) for end in ends)
            words = ((end, self._read(run[position:end])) for end in ends)
            end, taken = next(((end, found) for end, found in chain(names, words) if found), (0, None))
            if taken:
                yield offset + position, offset + end, taken
                position = end
            position = _after_particle(run, position)

    def _read(self, hiragana: str) -> str | None:
        """Return the word in kanji that is most likely written in hiragana."""
        if len(hiragana) < 4 or "ー" in hiragana or hiragana in _places_in_kana() or self._has_all(hiragana):
            return None
        word = jaconv.kana2alphabet(hiragana)
        whole = self._read_as.get(word)
        if whole:
            return whole[0]
        pairs = (
            first + second
            for cut in range(2, len(word) - 1)
            for first in self._read_as.get(word[:cut], ())
            for second in self._read_as.get(word[cut:], ())
        )
        return next((joined for joined in pairs if self._has_all(joined)), None)

    def _readings(self) -> dict[str, list[str]]:
        """Return the commoner words of two kanji by how they are read, in Latin letters, commonest first."""
        table = words_of("ja")
        words = {term for term in table if len(term) == 2 and _is_kanji(term)}
        words.update(term for term in self._lexical.vocabulary if len(term) == 2 and _is_kanji(term))
        counted = ((self._count(term, table), term) for term in words)
        found: defaultdict[str, list[str]] = defaultdict(list)
        for _, term in heapq.nlargest(_READ_WORDS, (one for one in counted if one[0] >= _READ_COUNTS)):
            for reading in sino_japanese(term):
                found[reading].append(term)
        return dict(found)

    def _has_all(self, text: str) -> bool:
        """True if one passage has all pairs of characters of a Japanese word."""
        rows: Collection[int] | None = None
        for term in terms(text):
            having = set(self._rows(term))
            rows = having if rows is None else having & set(rows)
        return bool(rows)


def _derived(word: str, known: str) -> bool:
    """True for a word with an ending: amazonien, of Amazonie; not for a letter too many."""
    return word.startswith(known) and word[len(known) :].strip(known[-1]) != ""


def _after_particle(run: str, position: int) -> int:
    return next((at + 1 for at in range(position, len(run)) if run[at] in _PARTICLES), len(run))


def _within(word: str, words: Sequence[str], most: int) -> Iterator[tuple[str, int]]:
    """Yield the words at most so many letters away; transposed ones count once."""
    for known, distance, _ in process.extract(
        word, words, scorer=OSA.distance, score_cutoff=most, limit=None
    ):
        yield known, distance


def _sound(word: str) -> str:
    return _sounds([word])[0]


def _sounds(words: Sequence[str], script: Literal["latin", "katakana"] = "latin") -> list[str]:
    """Return how French or Japanese says each word, roughly; all at once takes a tenth of the time."""
    text = "\n".join(words)
    for pattern, sound in _replaced()[script]:
        text = re.sub(pattern, sound, text, flags=re.MULTILINE)
    return text.split("\n")


@cache
def _replaced() -> dict[str, list[tuple[str, str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("words", "sounds.toml").read_text("utf-8"))


def _unjoined(name: str) -> str:
    return re.sub("[・＝=゠]", "", name)


def _is_part(word: str, name: str) -> bool:
    """True for a word of a compound: クレア of クレアパリ, not コンピエーニ of コンピエーニュ."""
    before, found, after = name.partition(word)
    return bool(found) and len(before) != 1 and (len(after) != 1 or after == "ー")


def _is_kanji(term: str) -> bool:
    return re.fullmatch(f"[{HAN}]+", term) is not None


@cache
def _place_words() -> frozenset[str]:
    """Return the words of the names of places in Latin letters, folded."""
    return frozenset(fold(word) for name in place_spellings() for word in _LATIN.findall(name))


@cache
def _places_in_kana() -> frozenset[str]:
    return frozenset(name for name in place_spellings() if re.match("[ぁ-ヺ]", name))
