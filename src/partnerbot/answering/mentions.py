"""The names a sentence gives, and where a quote gives them too, in whatever script.

A name is known by its form: capitals in Latin letters, katakana, or what the spellings know. The
same name elsewhere is known by its letters, by a known other spelling, or by its sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from babel.core import get_global

from partnerbot.answering.values.cldr import (
    EAST_ASIAN,
    beside_cldr,
    by_word,
    country_names,
    locale_of,
    month_numbers,
    weekday_names,
)
from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import HAN, KANA
from partnerbot.index.language_bias import BACKGROUND_LANGUAGES, neutral_paragraphs
from partnerbot.index.sounds import kana_keys, latin_keys
from partnerbot.index.spellings import Spellings
from partnerbot.models import embedded_model

Span = tuple[int, int]

_LETTER = "[A-Za-zÀ-ÖØ-öø-ɏ]"
_WORD = re.compile(rf"{_LETTER}+(?:[’']{_LETTER}+)*")
_CAPITALISED = re.compile(rf"(?<![A-Za-zÀ-ÖØ-öø-ɏ0-9])[A-ZÀ-ÖØ-Þ]{_LETTER}*")
_KATAKANA = re.compile("[ァ-ヶー]{2,}")
_KANA_NAME = re.compile("[ぁ-ん]{0,3}[ァ-ヶー]{2,}")
"""Katakana with the hiragana before them, which may be of the name (くまモン) or not (はディジョン)."""

_KANJI = re.compile(f"[{HAN}]{{2,}}")
_CJK = re.compile(f"[{KANA}{HAN}]")
_BETWEEN_NAME_WORDS = re.compile(r"[ \u00a0・＝=-]?(?:(?:de|du|des|la|le|les|lès|of|the|en|sur)[ -]){0,2}")
_SENTENCE_START = re.compile(r"(?:^|[.!?:«“\"(]\s*)[^\w]*$")

_LONGEST_KANJI_NAME = 5
_SHORTEST_SOUND = 3  # consonants
_SOUNDING_LETTERS = 4
_TITLES = frozenset({"Mr", "Mrs", "Ms", "Dr", "Mme", "Mlle", "MM", "Mgr", "Sir", "Prof"})

_TITLED = re.compile(
    rf"(?<!\w)(?:M|{'|'.join(sorted(_TITLES))})\.?[ \u00a0](?:[A-ZÀ-ÖØ-Þ][\w’'-]*\.?[ \u00a0-])?$"
)
_HONORIFIC = re.compile(" ?(?:氏|さん|様|씨)")

_CONTINENTS = {
    "europ": "150", "asia": "142", "asie": "142", "afric": "002", "afrik": "002", "afriq": "002"
}  # fmt: skip
"""How Europe, Asia and Africa and their adjectives begin, with their UN M.49 codes."""

_ADJECTIVE_ENDINGS = "(?:e|s|es|ne|nes|en|er|em|enne|ennes|que|ques|a|as|o|os|i|n|m[ae]n|wom[ae]n)?"
_SHORTEST_ADJECTIVE = 5
"""Letters of a language's name from which a text may end it in another way: français, françaises."""

_OF_MANY_COUNTRIES = frozenset({"en", "ar", "pt"})
"""Languages whose name tells no country, as CLDR takes the most populous: "English" isn't American."""

_ACCENTED = {"e": "[eéèê]", "c": "[cç]", "a": "[aàâã]", "o": "[oóôö]", "n": "[nñ]"}

_EVERY_NOUN_LARGE = frozenset({"de"})
"""Languages in which a capital tells no name; there only known names and abbreviations count."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of names: their spellings, and how the documents write words.

    small_words: by language, words that they write small. large_words: words that they write large
    where a small one could stand.
    """

    spellings: Spellings
    small_words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    large_words: frozenset[str] = frozenset()

    @classmethod
    def mined(cls, spellings: Spellings, texts: Iterable[tuple[str, str]]) -> Known:
        """Collect the small words of texts, given as (text, language): "prefecture", but not "Kumamoto"."""
        words: dict[str, set[str]] = {}
        large: set[str] = set()
        for text, language in texts:
            words.setdefault(language, set()).update(
                fold(word) for word in _WORD.findall(text) if word.islower()
            )
            if language not in _EVERY_NOUN_LARGE:
                large.update(
                    fold(match[0])
                    for match in _CAPITALISED.finditer(text)
                    if len(match[0]) > 1 and not _SENTENCE_START.search(text[: match.start()][-40:])
                )
        small = {language: frozenset(found) for language, found in words.items()}
        return cls(spellings, small, frozenset(large))


@dataclass(frozen=True, slots=True)
class Name:
    """A name at text[start:end], one or several words.

    `words` are the spans of those of its words that must be found again; the others may be no
    name at all (a sentence's first word is large anyway).
    """

    start: int
    end: int
    words: tuple[Span, ...]


def names_in(text: str, language: str, known: Known) -> list[Name]:
    """Return the names in a text of that language, in order; countries and their people are left out."""
    words = sorted([*_latin(text, language, known), *_cjk(text, language, known.spellings)])
    groups: list[list[tuple[int, int, bool]]] = []
    for word in words:
        if groups and _BETWEEN_NAME_WORDS.fullmatch(text[groups[-1][-1][1] : word[0]]):
            groups[-1].append(word)
        else:
            groups.append([word])
    names = [
        Name(group[0][0], group[-1][1], tuple((start, end) for start, end, sure in group if sure))
        for group in groups
    ]
    return [name for name in names if name.words]


def may_be_no_name(text: str, word: Span) -> bool:
    """True for a word that only looks like a name: in katakana, or written large ("Middle Ages")."""
    said = text[slice(*word)]
    if _KATAKANA.fullmatch(said):
        return True
    return _score("▁" + said.lower()) is not None and not _is_titled(text, *word)


def find_word(word: str, quote: str, spellings: Spellings) -> list[Span]:
    """Return where a quote gives a name's word, in any spelling, as [start, end) in it."""
    return _by_letters(word, quote) or _by_spelling(word, quote, spellings) or _by_sound(word, quote)


def as_spelled(question: str, language: str, text: str, spellings: Spellings) -> str:
    """Return the question with each name as the text has it, where that is in another script.

    Beside a French text with both names, 「ヴィタゴラはいつ熊本に…」 becomes 「VitagoraはいつKumamotoに…」.
    A name that the text doesn't give stays: it tells the reader that the text is about something else.

    language: the question's, ISO 639-1.
    """
    words: list[tuple[int, int]] = []
    for name in names_in(question, language, Known(spellings)):
        whole = find_word(question[name.start : name.end], text, spellings)
        words += [(name.start, name.end)] if whole else name.words
    for start, end in sorted(words, reverse=True):
        word = question[start:end]
        found = find_word(word, text, spellings)
        if found:
            theirs = text[slice(*found[0])]
            if bool(_CJK.search(word)) != bool(_CJK.search(theirs)):
                question = question[:start] + theirs + question[end:]
    return question


@lru_cache(maxsize=512)
def countries_said(text: str, language: str) -> dict[str, list[Span]]:
    """Return where a text says countries, or the adjective of their people, by ISO 3166 code."""
    found: dict[str, list[Span]] = {}
    pattern, codes = _country_pattern(language)
    for match in pattern.finditer(text):
        plain = fold(match[0])
        said = next((plain[:end] for end in range(len(plain), 2, -1) if plain[:end] in codes), "")
        written = (match[0], match[0].title()) if match[0].isupper() else (match[0],)
        code = next(filter(None, map(codes.get, (*written, said))), None)
        if code:
            found.setdefault(code, []).append(match.span())
    return found


def countries_implied(text: str, language: str) -> set[str]:
    """Return the countries that a text says in a single kanji, by ISO 3166 code: 日仏 has two."""
    if language != "ja":
        return set()
    return {code for code, short in beside_cldr()["in_one_kanji"].items() if re.search(short, text)}


def _latin(text: str, language: str, known: Known) -> Iterator[tuple[int, int, bool]]:
    months, countries = month_numbers(language), countries_said(text, language)
    said_as_country = {span for spans in countries.values() for span in spans}
    for match in _CAPITALISED.finditer(text):
        word = match[0]
        begins = match.start()
        if len(word) > 1 and word not in _TITLES and _is_titled(text, *match.span()):
            yield *match.span(), True  # "Mr Hall", « Mme Marchand », "Ms June"
            continue
        if (
            len(word) < 2
            or word in months
            or word.casefold().removesuffix("s") in weekday_names(language)
            or (word in _TITLES and re.match(r"\.?[ \u00a0][A-ZÀ-ÖØ-Þ]", text[match.end() :]))
            or any(a <= begins < b for a, b in said_as_country)
        ):
            continue
        if _language_pattern(language).fullmatch(fold(word)):
            continue
        if known.spellings.known_terms(word) or (word.isupper() and len(word) > 1):
            yield *match.span(), True
        elif language not in _EVERY_NOUN_LARGE and not _is_ordinary(word, language, known):
            first = bool(_SENTENCE_START.search(text[:begins]))
            # An unknown first word may be any word; the meaning's check has to match it.
            yield *match.span(), not first or fold(word) in known.large_words or _is_only_large(word)


def _is_titled(text: str, start: int, end: int) -> bool:
    """True for the name of somebody with a title: of "Mr Hall" and "Dr Ann Young" each word."""
    return bool(_TITLED.search(text[max(0, start - 40) : start]) or _HONORIFIC.match(text[end:]))


def _cjk(text: str, language: str, spellings: Spellings) -> Iterator[tuple[int, int, bool]]:
    if language not in EAST_ASIAN:
        return
    countries = {span for spans in countries_said(text, language).values() for span in spans}
    for match in _KATAKANA.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in countries):
            continue
        known = bool(spellings.known_terms(match[0]))
        if known or not (match[0] in _ordinary_words("ja") or _has_piece(match[0])):
            yield *match.span(), known or bool(kana_keys(match[0]))
    for start, end in _kanji_names(text, spellings):
        if (start, end) not in countries:
            yield start, end, True


@lru_cache(maxsize=512)
def _kanji_names(text: str, spellings: Spellings) -> tuple[Span, ...]:
    """Where known names in kanji stand: at each place the longest that is a name as a whole."""
    found = []
    for run in _KANJI.finditer(text):
        position = run.start()
        while position < run.end() - 1:
            last = min(run.end(), position + _LONGEST_KANJI_NAME)
            ends = (
                end for end in range(last, position + 1, -1) if _is_one_name(text[position:end], spellings)
            )
            end = next(ends, None)
            if end is not None:
                found.append((position, end))
            position = position + 1 if end is None else end
    return tuple(found)


def _is_one_name(kanji: str, spellings: Spellings) -> bool:
    """True if the whole is a name, and not only its beginning or end."""
    terms = spellings.known_terms(kanji)
    return bool(terms) and not any(
        spellings.known_terms(part) >= terms for part in (kanji[:-1], kanji[1:]) if len(part) > 1
    )


def _by_letters(word: str, quote: str) -> list[Span]:
    if _CJK.match(word):
        return [match.span() for match in re.finditer(re.escape(word), quote)]
    plain = fold(word)
    spans = []
    for match in _WORD.finditer(quote):
        # "d'Autun" and "Minato's" hold the names.
        offset = match.start()
        for part in re.finditer(f"{_LETTER}+", match[0]):
            if fold(part[0]) == plain:
                spans.append((offset + part.start(), offset + part.end()))
    return spans


def _by_spelling(word: str, quote: str, spellings: Spellings) -> list[Span]:
    terms = spellings.known_terms(word)
    if not terms:
        return []
    candidates = [
        *(match.span() for match in _CAPITALISED.finditer(quote)),
        *(match.span() for match in _KATAKANA.finditer(quote)),
        *_kanji_names(quote, spellings),
    ]
    return [(start, end) for start, end in candidates if terms & spellings.known_terms(quote[start:end])]


def _by_sound(word: str, quote: str) -> list[Span]:
    if _KATAKANA.fullmatch(word):
        keys, in_kana = kana_keys(word), True
        others = [
            (m.span(), latin_keys(m[0])) for m in _WORD.finditer(quote) if len(m[0]) >= _SOUNDING_LETTERS
        ]
        others += [(span, latin_keys(quote[slice(*span)])) for span in _large_words_together(quote)]
    elif not _CJK.search(word):
        keys, in_kana = latin_keys(word), False
        others = [(m.span(), kana_keys(m[0])) for m in _KANA_NAME.finditer(quote)]
    else:
        return []
    return [
        span
        for span, found in others
        if any(_sounds_like(a if in_kana else b, b if in_kana else a) for a in keys for b in found)
    ]


def _large_words_together(text: str) -> Iterator[Span]:
    """Two or three words written large, side by side, that katakana write as one: クレアパリ, CLAIR Paris."""
    words = [match.span() for match in _CAPITALISED.finditer(text)]
    for first, (start, end) in enumerate(words):
        for next_start, next_end in words[first + 1 : first + 3]:
            if text[end:next_start] not in (" ", "-", "\u00a0"):
                break
            yield start, next_end
            end = next_end


def _sounds_like(kana: str, latin: str) -> bool:
    """True if a Latin word sounds as the kana do, or as a part of them: ディジョンメトロポール has Dijon."""
    return kana == latin or (len(latin.lstrip("*")) >= _SHORTEST_SOUND and latin.lstrip("*") in kana)


@lru_cache(maxsize=32)
def _country_pattern(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What says a country in a language, and the code of each such word (adjectives by their beginning)."""
    codes = dict(country_names(language))
    codes |= {locale_of(language).territories[region]: region for region in _CONTINENTS.values()}
    if language in EAST_ASIAN:
        words = sorted(codes, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, words))), codes
    likely = get_global("likely_subtags")
    adjectives = {
        fold(word): code for word, code in by_word(beside_cldr()["peoples"].get(language, {})).items()
    }
    for code in country_names(language).values():
        spoken = likely.get(f"und_{code}", "").split("_")[0]
        adjective = _stem(fold(locale_of(language).languages.get(spoken, "")))
        if adjective and spoken not in _OF_MANY_COUNTRIES and likely.get(spoken, "").endswith(f"_{code}"):
            adjectives.setdefault(adjective, code)
    names = "|".join(re.escape(word) for word in sorted(codes, key=len, reverse=True))
    peoples = "|".join(
        _accented(re.escape(word)) + _endings(word) for word in sorted(adjectives, key=len, reverse=True)
    )
    continents = "|".join(_CONTINENTS)
    pattern = re.compile(
        rf"(?<!\w)(?:(?:{names})(?!\w)|(?:{peoples})(?!\w)|(?:{continents})[a-zà-ÿ]*)", re.IGNORECASE
    )
    return pattern, codes | adjectives | _CONTINENTS


def _stem(name: str) -> str:
    """A language's folded name without the vowel that is changed for the feminine: italian(o), frances(e)."""
    return name[:-1] if len(name) > _SHORTEST_ADJECTIVE and name[-1] in "aeo" else name


def _endings(stem: str) -> str:
    """A pattern for what may follow a people's adjective; little after a short one."""
    return _ADJECTIVE_ENDINGS if len(stem) >= _SHORTEST_ADJECTIVE else "s?"


def _accented(pattern: str) -> str:
    """Let each letter of a folded pattern stand for its accented forms too."""
    return "".join(_ACCENTED.get(letter, letter) for letter in pattern)


@lru_cache(maxsize=32)
def _language_pattern(language: str) -> re.Pattern[str]:
    """The languages' names, as adjectives too: what English calls "Latin" or "Breton"."""
    names = {
        _stem(fold(name))
        for code, name in locale_of(language).languages.items()
        if len(code) == 2 and " " not in name
    }
    return re.compile("|".join(re.escape(name) + _endings(name) for name in names))


def _is_ordinary(word: str, language: str, known: Known) -> bool:
    """True for a word that texts write small: the documents, the background, or the model's vocabulary."""
    forms = {word, word.removesuffix("s")}
    ordinary = _ordinary_words(language) | known.small_words.get(language, frozenset())
    return any(fold(form) in ordinary or small_is_commoner(form) for form in forms)


@lru_cache(maxsize=32)
def _ordinary_words(language: str) -> frozenset[str]:
    if language not in BACKGROUND_LANGUAGES:
        return frozenset()
    text = "\n".join(neutral_paragraphs(language))
    if language in EAST_ASIAN:
        return frozenset(_KATAKANA.findall(text))
    return frozenset(fold(word) for word in _WORD.findall(text) if word.islower())


@lru_cache(maxsize=4096)
def _score(piece: str) -> float | None:
    return embedded_model.tokenizer().frequency(piece)


def is_one_token(word: str) -> bool:
    """True for a word that is frequent enough in some language to have a token of its own."""
    return _score("▁" + word) is not None


def small_is_commoner(word: str) -> bool:
    """True for a word, given with a capital, that the vocabulary has more often without."""
    small, large = _score("▁" + word.lower()), _score("▁" + word)
    return small is not None and (large is None or small > large)


def _is_only_large(word: str) -> bool:
    """True for a word that the vocabulary knows with a capital alone: Paris, Margaret."""
    return _score("▁" + word) is not None and _score("▁" + word.lower()) is None


def _has_piece(katakana: str) -> bool:
    """True for a word so common that the vocabulary has it whole: オンライン, イベント."""
    return _score(katakana) is not None
