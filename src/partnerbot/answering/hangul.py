"""Names that a Korean question writes in Hangul, put as the documents have them: 낭시 is Nancy.

Many places are known by their Korean names. Else, as Korean writes foreign names as they sound, each syllable
is taken apart into its sounds, each of which stands for some letters (words/hangul.toml). A word that is such
a name, or spells a name of the documents so, with nothing after it but what Korean puts after a noun, is that
name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

import jaconv

from partnerbot.answering.mentions import countries_said, is_one_token
from partnerbot.documents.normal_forms import fold

_FIRST, _MEDIALS, _FINALS = 0xAC00, 21, 28
"""The first syllable of Unicode's table of them, and how many vowels and final sounds it combines."""

_HEARD_ONCE = frozenset({(8, 5), (4, 2), (21, 2)})
"""Final sounds with the sound after them that are one letter in `_forms`: ㄹㄹ, ㄴㄴ and ㅇㄴ."""

_RUN = re.compile("[가-힣]+")
_NAME = re.compile("[가-힣]+(?:[ ·-][가-힣]+){0,2}")

_AFTER_NAME = re.compile(
    "(?:시|현|부|도|구|주)?(?:에서|에게|에|으?로|까지|부터|보다|하고|처럼|마다|이?란|이?라는|이?랑|[와과])?"
    "[은는이가을를의도만나]?(?:이?다|입니[다까]|이?죠|인가요?|이?[에예]요|이?야)?"
)
"""What may follow a name in one word: what kind of place it is, particles, and "is"."""

_SURE_SYLLABLES = 4
"""A name of so many may have any word after it without a space, and sounds like no other by chance."""

_CITY = re.compile("시|현")
"""What stands after the name of a place that is a word, too: 나라시."""

_SHORTEST_SPOKEN = 4
"""Letters that are left of a name without its silent ones."""

_KANA = re.compile("[ぁ-ゖァ-ヺー・＝=゠]+")
_LATIN = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]")
_SILENT = re.compile(r"(?<=[a-z]{2})(?:x|e?s|e|[tdpc])+\b")
_KANA_SOUNDS = (("dexi|dei", "di"), ("texi|tei", "ti"), ("fuxi", "fi"))


_Names = Iterable[tuple[str, Sequence[str]]]
"""How each is to be written, and its spellings in any script; the surest come first."""


class NamesInHangul:
    """Finds names in Korean text, those of one index before others. Immutable."""

    def __init__(self, names: _Names, is_name: Callable[[str], bool], places: Mapping[str, str]) -> None:
        """`names`: of the documents. `places`: by their Korean names, whether documents have them or not.

        `is_name`: tells whether what is written so in the documents is a name at all.
        """
        names = list(names)
        self._known = {_bare(one): name for name, spellings in names for one in spellings if _RUN.match(one)}
        self._sounds, self._places = _Sounds(names), places
        self._is_name = is_name

    def put_in(self, text: str) -> str:
        """Return a text with the names that it writes in Hangul as the documents write them."""
        found = []
        end = 0
        for run in _RUN.finditer(text):
            if run.start() >= end and (name := self._at(text, run.start())):
                end, written = name
                found.append((run.start(), end, written))
        for start, end, written in reversed(found):
            text = text[:start] + written + text[end:]
        return text

    def _at(self, text: str, start: int) -> tuple[int, str] | None:
        """Return where a name that begins there ends, and how it is written; the longest."""
        whole = _NAME.match(text, start)
        assert whole is not None
        found: dict[str, int] = {}
        for end in range(whole.end(), start, -1):
            if not _RUN.match(text[end - 1]) or not self._may_end(text, start, end):
                continue
            if known := self._by_name(text[start:end], text[end:]):
                found.setdefault(known, end)
                break
            if like := self._by_sound(text, start, end):
                found[like] = end  # the shortest: 에 may be the end of a name, and is "in" after it
        return next(((end, written) for written, end in found.items()), None)

    @staticmethod
    def _may_end(text: str, start: int, end: int) -> bool:
        """True if a name may end there, by what follows; not if it is a word, unless that says its kind."""
        name, after = text[start:end], _RUN.match(text, end)
        if _bare(name) in _tables()["words"]:
            return after is not None and bool(_CITY.match(after[0]) and _AFTER_NAME.fullmatch(after[0]))
        return after is None or len(name) >= _SURE_SYLLABLES or bool(_AFTER_NAME.fullmatch(after[0]))

    def _by_name(self, hangul: str, after: str) -> str | None:
        """Return the name of the documents, or of a place, that is known by this."""
        bare = _bare(hangul)
        if known := self._known.get(bare):
            return known
        joined = bare if len(bare) >= _SURE_SYLLABLES else hangul  # 두 바이어 is no 두바이
        if len(joined) == 1 and not _RUN.match(after):
            return None
        return None if _is_country(joined) else self._places.get(joined)

    def _by_sound(self, text: str, start: int, end: int) -> str | None:
        """Return the name of the documents that sounds so, of several the surest."""
        word = _RUN.match(text, start)
        assert word is not None
        if _is_common(word[0]):
            return None
        return next(filter(self._is_name, self._sounds.like(text[start:end])), None)


class _Sounds:
    """Names by how they sound."""

    def __init__(self, names: _Names) -> None:
        self._written: dict[str, str] = {}
        for name, spellings in names:
            for form in _forms(spellings):
                self._written.setdefault(form, name)
        self._listed = "\n".join(self._written)

    def like(self, hangul: str) -> Iterator[str]:
        """Yield the names that sound as a word in Hangul, as they are written, the surest first."""
        sounds = re.compile(f"^{pattern_of(hangul)}$", re.MULTILINE)
        return (self._written[match[0]] for match in sounds.finditer(self._listed))


def _bare(hangul: str) -> str:
    return "".join(_RUN.findall(hangul))


def _is_country(hangul: str) -> bool:
    """True for a country: 이란 is a town, too."""
    return any((0, len(hangul)) in spans for spans in countries_said(hangul, "ko").values())


def _is_common(word: str) -> bool:
    """True for a word that Korean texts are full of, with what may follow it: 개가 isn't Kaga."""
    return any(
        is_one_token(word[:end])
        and (end > 2 or _AFTER_NAME.fullmatch(word[end:]) or (end == 2 and len(word) == 3))
        for end in range(1, len(word) + 1)
    )


@lru_cache(maxsize=1024)
def pattern_of(hangul: str) -> str:
    """Return an expression for the ways in which a name in Hangul may be written in Latin letters."""
    initials, medials, finals = (_tables()[sounds] for sounds in ("initials", "medials", "finals"))
    parts = []
    codes = [ord(syllable) - _FIRST for syllable in hangul if _RUN.fullmatch(syllable)]
    for at, code in enumerate(codes):
        final = code % _FINALS
        following = codes[at + 1] // (_MEDIALS * _FINALS) if at + 1 < len(codes) else None
        parts += [
            initials[code // (_MEDIALS * _FINALS)],
            medials[code // _FINALS % _MEDIALS],
            "" if (final, following) in _HEARD_ONCE else finals[final],
        ]
    return "".join(f"(?:{part})" for part in parts)


def _forms(spellings: Sequence[str]) -> set[str]:
    """Return a name in small Latin letters without accents, doubled ones single.

    Without kana, that would tell how it sounds, also as French says its end.
    """
    kana = [jaconv.kata2alphabet(jaconv.hira2kata(one)) for one in spellings if _KANA.fullmatch(one)]
    for sound, letter in _KANA_SOUNDS:
        kana = [re.sub(sound, letter, one) for one in kana]
    latin = [fold(one) for one in spellings if _LATIN.match(one)]
    spoken = [] if kana else [said for one in latin if len(said := _SILENT.sub("", one)) >= _SHORTEST_SPOKEN]
    bare = (re.sub("[^a-z]", "", one) for one in (*kana, *latin, *spoken))
    return {re.sub(r"(.)\1", r"\1", one) for one in bare if one}


@cache
def _tables() -> dict[str, list[str]]:
    file = resources.files(__package__).joinpath("words", "hangul.toml")
    return tomllib.loads(file.read_text("utf-8"))
