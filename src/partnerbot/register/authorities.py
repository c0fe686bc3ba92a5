"""Authorities in a text: which towns, prefectures, regions it names, where, and at which level.

Known ones come from authorities.tsv (made by tools/authorities). Of those that no list knows, the name is
taken where a word beside it says what it is: « le village de Sagara », 相良村.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise, zip_longest

from partnerbot.answering.common_words import is_common
from partnerbot.answering.mentions import countries_said
from partnerbot.answering.values.dates import roman
from partnerbot.documents.normal_forms import fold, normal_form
from partnerbot.documents.scripts import HAN
from partnerbot.register.partnerships import LEAST_FAR, QUARTERS, authority_names, has_word, tables
from partnerbot.register.rows import Authority

_JOINTS = "・＝=゠･"
_LETTERS = r"A-Za-zÀ-ÖØ-öø-ɏ"
_WORD = re.compile(rf"[{_LETTERS}]+")
_NAME_GAP = re.compile(r"[ \u00a0]?[-‐’' ]?")
_LARGE = r"[A-ZÀ-ÖØ-ÞŌŪ]"
_LINK = r"(?:(?:de|du|des|la|le|les|lès|en|sur|sous|d|l)[-’' ])"
_LARGE_WORD = f"{_LARGE}[{_LETTERS}]+"
_LATIN_NAME = re.compile(f"{_LARGE_WORD}+(?:[-’' ]{_LINK}{{0,2}}+{_LARGE_WORD}+){{0,6}}+")
_JAPANESE = re.compile(f"[{HAN}ぁ-んァ-ヶ]")
_KANA_RUN = re.compile(rf"[ァ-ヶー{_JOINTS}]{{2,}}")
_KANJI_RUN = re.compile(rf"[{HAN}々ヶヵケ]{{2,}}")
_TOWN_WITH_QUARTERS = "|".join(QUARTERS)
_QUARTER = re.compile(
    rf"(?:(?P<n>\d{{1,2}})|(?P<r>[XVI]{{1,5}}))(?:e|er|ème|ᵉ)?\s(?:arrondissement|arr\.)"
    rf"(?:\s(?:de|d’|d')\s?(?P<town>{_TOWN_WITH_QUARTERS}))?"
    rf"|(?P<town2>{_TOWN_WITH_QUARTERS})(?:['’]s)?\s(?P<n2>\d{{1,2}})(?:st|nd|rd|th|e|er|ème)\b"
    r"(?:\s(?:arrondissement|district))?"
    r"|(?P<n3>\d{1,2})(?:st|nd|rd|th)\s(?:arrondissement|district)"
    rf"(?:\s(?:of|in)\s(?P<town3>{_TOWN_WITH_QUARTERS}))?"
    rf"|(?P<town4>{'|'.join(QUARTERS.values())})市?(?:第)?(?P<n4>[0-9０-９]{{1,2}})区"
)
_QUARTER_TOWN = {katakana: town for town, katakana in QUARTERS.items()}
_NO_NAME = re.compile(
    "^(?:[両同各全当他本副諸近隣複数相手大小都市町村県府区]+|開催|.*都|地方|城下|門前|温泉|農山?|政令|同?見本|地|港|自治)$"
)
"""What stands before 市 or 村 without being a name: 両市, 都市."""

_ARTICLES = {"du": "le", "au": "le", "des": "les", "aux": "les"}
"""What the article of a French name becomes behind a preposition: the mayor « du Creusot »."""

_SHORTEST_LOOSE = 4
"""Letters from which katakana is taken for a name that is spelt a little otherwise: ソーミュール."""

_MIXED = re.compile(rf"(?=...|.*[^ぁ-ん])(?=.*[ぁ-んァ-ヶ])(?!.*[a-z])(?![{_JOINTS}ァ-ヶー]+$).*$")
_IN_KANA = re.compile(
    "(?:(?:[kgsztdnhbpmyrwjf]|[kgnhbpmr]y|sh|ch|ts)?[aiueo\u014d\u016b]|n(?![aiueo]))+", re.IGNORECASE
)
"""A Latin name that kana could spell, as of Japanese towns that no list knows."""

_KOREAN_LEVEL = re.compile("(?:[현부주]|(?<=도쿄)도)$")
"""What ends the Korean name of a prefecture or department, but for 홋카이도."""

_HIRAGANA = re.compile("[ぁ-んー]+")
_GOES_ON = re.compile(r"[\dァ-ヶ]")
"""What follows a kanji name that is part of another word: 昭和45年, 東京オリンピック."""

_AFTER_COUNTRY = {
    "Japanese": re.compile("[の・ \u3000]?$"),
    "Latin": re.compile(r"(?: \w+)? (?:of |du |de |d[’'])$"),
}
_BEFORE_COUNTRY = {
    "Japanese": re.compile(r"[市町村郡州]?(?:[ \u3000]?[（(]| \| (?:[^|:]{1,9}: )?)"),
    "Latin": re.compile(r"(?:, (?:in )?| ?\((?:en |in )?| \| (?:[^|:]{1,20}: )?| (?:in|en|au|aux) )"),
}
"""What stands between a name and the country in which it lies; in a row of a table, a heading."""
_COUNTRY_END = re.compile(r"(?:(?:連邦|人民)?(?:共和)?国)?(?:[ ,;.)|）、・，：\n]|$)")

_IN = re.compile(r",? ?\(?(?:(?:in|dans|en|au|à) (?:the |le |la |l[’'])?)?")
"""What stands between a town and the prefecture or region in which it lies."""

_WHERE = re.compile(r"[(（]|\b(?:in|dans|en)\b")
"""What of that says so by itself: "Salins (Jura)", not "Salins, Jura", which may be two of a list."""

_IN_PREFECTURE = re.compile(rf"の[{HAN}々ヶ]{{1,6}}[市町村区]")

_TOWNS = frozenset({"city", "village"})
_LARGER = frozenset({"prefecture", "region", "department"})
_SAME_LEVEL = {"department": {"department", "prefecture"}, "prefecture": {"prefecture", "department"}}


@dataclass(frozen=True)
class Entry:
    """An authority of the list, its `rank` there, and where it lies if that is known.

    `own`: what it is called in a language, by its code, if that isn't its first name; what is Korean is no
    name to find it by in a text, being a word as often. `sound`: katakana to find it by, not to show.
    """

    rank: int
    level: str
    country: str
    region: str
    latitude: float | None
    longitude: float | None
    names: tuple[str, ...]
    own: tuple[tuple[str, str], ...]
    sound: tuple[str, ...]

    @property
    def key(self) -> str:
        """What it is known by; of namesakes in one country the first has the plain name."""
        plain = f"{self.country.lower()}-{self.level}-{slug(self.names[0])}"
        return plain if _plain_keys()[plain] == self.rank else f"{plain}-{self.rank}"

    @property
    def called(self) -> Mapping[str, str]:
        """Its name by language."""
        return _names(self.names[0], self, self.level, self.country)


@dataclass(frozen=True)
class Mention:
    """A name at text[start:end] that may be an authority's.

    `name`: without what says its level. `level`: as the text says it, or None. `within`: the ISO code of the
    prefecture that the text says it lies in, or empty. `entries`: those of the list with that name.
    """

    start: int
    end: int
    name: str
    level: str | None
    within: str
    entries: tuple[Entry, ...]


def slug(name: str) -> str:
    """Return a name as a key has it: small letters, digits, and what other scripts write."""
    return re.sub(r"[^\w]+", "-", fold(name)).strip("-")


def find_mentions(text: str, language: str) -> list[Mention]:
    """Return the names of authorities in a text, in order, without overlaps."""
    quarters = list(_quarters(text))
    found = [*quarters, *_japanese(text)] if language in ("ja", "zh", "ko") else list(quarters)
    found += _latin(text, "fr" if language not in tables().level_before else language)
    kept: list[Mention] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _quarters(text: str) -> Iterator[Mention]:
    for match in _QUARTER.finditer(text):
        said = {name[0]: group for name, group in match.groupdict().items() if group}
        number = str(roman(said["r"]) if "r" in said else int(normal_form("NFKC", said["n"])))
        town = _QUARTER_TOWN.get(said.get("t", "Paris"), said.get("t", "Paris"))
        entries = tuple(one for one in _by_name().get(_key(town), ()) if one.country == "FR")[:1]
        yield Mention(*match.span(), f"{town} {number}", "district", "", entries)


def _latin(text: str, language: str) -> Iterator[Mention]:
    words = [match.span() for match in _WORD.finditer(text)]
    known, longest = _by_name(), _longest()
    at = 0
    while at < len(words):
        start, first_end = words[at]
        taken = 0
        if text[start].isupper() and first_end - start > 1:
            article = _ARTICLES.get(text[max(0, start - 4) : max(0, start - 1)].strip().lower(), "")
            most = max(longest.get(fold(text[start:first_end]), 0), longest.get(article, 1) - 1)
            for count in range(min(most, len(words) - at), 0, -1):
                end = words[at + count - 1][1]
                if count > 1 and not all(
                    _NAME_GAP.fullmatch(text[words[at + i][1] : words[at + i + 1][0]])
                    for i in range(count - 1)
                ):
                    continue
                key = tuple(fold(text[slice(*words[at + i])]) for i in range(count))
                if (article, *key) in known:
                    key = (article, *key)
                last = words[at + count - 1][0]
                is_name = text[last].isupper() or text[last - 1] == "-"
                entries = known.get(key, ())
                if entries and is_name:
                    taken = count
                    yield from _levelled(text, start, end, language, entries)
                    break
            if not taken:
                first = text[start:first_end]
                is_word = is_common(first, language) or first.lower() in tables().level_before[language]
                is_word = is_word and text[first_end : first_end + 1] != "-"
                if not is_word and (match := _LATIN_NAME.match(text, start)):
                    yield from _levelled(text, start, match.end(), language, ())
                    while at + taken < len(words) and words[at + taken][1] <= match.end():
                        taken += 1
        at += max(1, taken)


def _levelled(
    text: str, start: int, end: int, language: str, entries: tuple[Entry, ...]
) -> Iterator[Mention]:
    """Yield a Latin name with the level that the words beside it say, if it is an authority's."""
    name = text[start:end]
    if name.isupper() and countries_said(name, language):  # the USA, and not the town of Usa
        return
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    level, first, last = None, start, end
    if match := _level_before(language).search(before):
        level, first = tables().level_before[language][match[1].lower()], start - len(match[0])
    elif match := _level_after(language).match(after):
        level, last = tables().level_after[language][match[1].lower()], end + match.end()
    if level is None and any(name.lower() in words for words in tables().level_before.values()):
        return  # « Ville jumelle de », and not the village of Ville
    if level in _TOWNS and _is_around_towns(name, language, entries):
        if not entries:
            return
        level, first, last = None, start, end
    country = _country_beside(text, first, last, language)
    entries = tuple(one for one in entries if one.country == country) or entries
    if country is not None and not entries:
        level = level or "city"
    if not entries and not _may_be_place(name, language, level):
        return
    yield Mention(first, last, name, level, "", entries)


def _is_around_towns(name: str, language: str, entries: Sequence[Entry]) -> bool:
    """True for a region, of today or before: « les villes de Bretagne » lie there, and none is called so."""
    if entries:
        return all(one.level in _LARGER for one in entries)
    return any(has_word(name, language, words) for words in tables().of_region.values())


def _may_be_place(name: str, language: str, level: str | None) -> bool:
    """True for an unknown name that isn't made of words that anything may be called by."""
    if level is None and ("-" not in name or " " in name):
        return False
    words = _WORD.findall(name)
    return not (countries_said(name, language) or all(is_common(word, language) for word in words))


def _japanese(text: str) -> Iterator[Mention]:
    known = _by_name()
    for run in _KANA_RUN.finditer(text):
        bare = run[0][_country_at(run[0]) :].strip(_JOINTS)
        if not bare:
            continue
        start = run.start() + run[0].rindex(bare)
        name, level = _kana_level(bare)
        end = start + len(name) if level is None else start + len(bare)
        if level is None:
            level, end = _suffix(text, end)
        # ヴィエンヌ is a department, and what the town of Vienne sounds like.
        entries = tuple(dict.fromkeys((*known.get(_key(name), ()), *known.get((_loose(name),), ()))))
        if entries or (level is not None and text[end - 1] != "都"):
            yield Mention(start, end, name, level, "", entries)
    for match in _mixed().finditer(text):
        level, end = _suffix(text, match.end())
        if level is not None or not _HIRAGANA.fullmatch(match[0]):
            yield Mention(match.start(), end, match[0], level, "", known[_key(match[0])])
    for run in _KANJI_RUN.finditer(text):
        one = _kanji(text, run.start() + _country_at(run[0]), run.end())
        # 神奈川県の横須賀市: the prefecture only says where the town lies.
        if one is not None and not (one.level == "department" and _IN_PREFECTURE.match(text, one.end)):
            yield one


def _country_at(run: str) -> int:
    """Return where a country ends that a run of one script begins with, before a name: フランス・アルル."""
    said = [end for spans in countries_said(run, "ja").values() for start, end in spans if start == 0]
    return max((end for end in said if end < len(run)), default=0)


def _kana_level(run: str) -> tuple[str, str | None]:
    for suffix, level in tables().level_after["ja"].items():
        if len(suffix) > 2 and run.endswith(suffix) and len(run) > len(suffix) + 1:
            return run.removesuffix(suffix).strip(_JOINTS), level
    return run, None


def _suffix(text: str, end: int) -> tuple[str | None, int]:
    for suffix, level in sorted(tables().level_after["ja"].items(), key=lambda one: -len(one[0])):
        if text.startswith(suffix, end):
            return level, end + len(suffix)
    return None, end


def _kanji(text: str, start: int, end: int) -> Mention | None:
    """Return the name in a run of kanji: of 熊本県相良村 the first only says where the second lies."""
    found = _kanji_at(text, start, end, "")
    if found is None or found.level not in ("department", "prefecture") or found.end == end:
        return found
    within = next((one.region for one in found.entries if one.level == "prefecture"), "")
    return _kanji_at(text, found.end, end, within) or found


def _kanji_at(text: str, at: int, end: int, within: str) -> Mention | None:
    known = _by_name()
    for last in range(min(end, at + 6), at + 1, -1):
        name = text[at:last]
        entries = known.get(_key(name))
        if not entries or (name[-1] in "町村" and _NO_NAME.match(name[:-1])):
            continue
        level = tables().level_after["ja"].get(name[-1])
        if level is not None and any(
            name in one.names and one.level in _SAME_LEVEL.get(level, {level}) for one in entries
        ):
            bare = name[:-1] if len(name) > 2 else name
            return Mention(at, last, bare, level, within or _region(name, entries), entries)
        level, stop = _suffix(text, last)
        if level is not None or (last == end and not _GOES_ON.match(text, end)):
            return Mention(at, stop, name, level, within or _region(text[at:stop], entries), entries)
    return None


def _region(whole: str, entries: Sequence[Entry]) -> str:
    """Return where the smallest namesake lies, if a whole name is that of a small town; else nothing."""
    return entries[-1].region if whole[-1] in "町村" else ""


@lru_cache(maxsize=8)
def _level_before(language: str) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, tables().level_before[language]), key=len, reverse=True))
    link = r"(?:de la|de l['’]|de|du|d['’]|des)?" if language == "fr" else "(?:of)?"
    adjective = r"(?: \w+(?:aise?|ien|ienne|oise?|ese|ch))?"
    return re.compile(rf"\b({words})s?{adjective} ?{link} ?$", re.IGNORECASE)


@lru_cache(maxsize=8)
def _level_after(language: str) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, tables().level_after[language]), key=len, reverse=True))
    return re.compile(rf"(?:[ -]{_LARGE_WORD}){{0,2}}[ \u00a0-](?i:({words}))\b")


def _key(name: str) -> tuple[str, ...]:
    if not name.isascii() and _JAPANESE.search(name := normal_form("NFKC", name)):
        return tuple(letter for letter in name if letter not in _JOINTS)
    return tuple(fold(word) for word in _WORD.findall(name))


def _loose(katakana: str) -> str:
    """Return katakana without that in which spellings of one name differ; there may be a name a line."""
    for own, other in tables().katakana.items():
        katakana = re.sub(own, other, katakana)
    return katakana


@cache
def entries() -> tuple[Entry, ...]:
    """Return all that the list knows, in its order."""
    text = resources.files(__package__).joinpath("authorities.tsv").read_text("utf-8")
    found = []
    for rank, line in enumerate(text.splitlines()):
        level, country, region, latitude, longitude, *names = line.split("\t")
        own = tuple((name[:2], name[3:]) for name in names if name[2:3] == ":")
        names = [name for name in names if not name.startswith("ko:")]
        known = dict.fromkeys(name[3:] if name[2:3] == ":" else name for name in names if name[0] != "~")
        sound = tuple(name[1:] for name in names if name[0] == "~")
        north, east = (float(one) if one else None for one in (latitude, longitude))
        found.append(Entry(rank, level, country, region, north, east, tuple(known), own, sound))
    return tuple(found)


@cache
def in_hangul() -> Mapping[str, str]:
    """Return what places that the list knows in Korean are called first, by their Korean names.

    A prefecture or department is known without what it is: 구마모토. Of namesakes in Korean the first of
    France and Japan is meant, if there is one.
    """
    found: dict[str, str] = {}
    for one in sorted(entries(), key=lambda one: one.country not in LEAST_FAR):
        for name in (name for language, name in one.own if language == "ko"):
            is_larger = one.level in ("prefecture", "department")
            bare = _KOREAN_LEVEL.sub("", name) if is_larger else name
            found.setdefault(bare, one.names[0])
    return found


@cache
def _plain_keys() -> Mapping[str, int]:
    """Return the first authority of each plain key."""
    found: dict[str, int] = {}
    for one in entries():
        found.setdefault(f"{one.country.lower()}-{one.level}-{slug(one.names[0])}", one.rank)
    return found


@cache
def _by_name() -> Mapping[tuple[str, ...], tuple[Entry, ...]]:
    found: dict[tuple[str, ...], list[Entry]] = {}
    sounds: list[tuple[str, Entry]] = []
    for one in entries():
        names = set(one.names) | {
            name[:-1] for name in one.names if one.level == "prefecture" and name[-1] in "県府都"
        }
        for key in {_key(name) for name in names} - {()}:
            found.setdefault(key, []).append(one)
        if one.country == "FR":
            said = [name for name in (*one.names[1:], *one.sound) if len(name) >= _SHORTEST_LOOSE]
            if one.level == "city":  # of シェルブール＝オクトヴィル the first part is said alone
                said += [first for name in said if len(first := name.split("＝")[0]) > _SHORTEST_LOOSE]
            sounds += [(name, one) for name in said]
    spelt = _loose("\n".join(name for name, _ in sounds)).split("\n")
    for name, (_, one) in zip(spelt, sounds, strict=True):
        if len(name) >= _SHORTEST_LOOSE and one not in (of_name := found.setdefault((name,), [])):
            of_name.append(one)
    # Brest is the town in Brittany, though the one in Belarus is larger.
    return {
        key: tuple(sorted(of_name, key=lambda one: one.country not in LEAST_FAR))
        for key, of_name in found.items()
    }


@cache
def _mixed() -> re.Pattern[str]:
    """Names that are written with hiragana, or in two scripts: さいたま, 南アルプス."""
    names = {name for one in entries() for name in one.names[1:] if _MIXED.match(name)}
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


@cache
def _longest() -> Mapping[str, int]:
    """Return of how many words the longest name is that begins with a word."""
    found: dict[str, int] = {}
    for first, *rest in filter(None, _by_name()):
        found[first] = max(found.get(first, 0), 1 + len(rest))
    return found


def called(name: str, language: str) -> str:
    """Return what readers of a language call the place of a name, rather the town; else that name."""
    places = sorted(_by_name().get(_key(name), ()), key=lambda one: one.level not in _TOWNS)
    return places[0].called[language] if places else name


@dataclass(frozen=True)
class Named:
    """An authority that a text names at text[start:end]."""

    start: int
    end: int
    authority: Authority


def authorities_in(text: str, language: str) -> list[Named]:
    """Return the authorities that a text names, in order.

    A name without a level is taken for what the text calls it elsewhere, else for the town, unless that is
    less known than a prefecture of its name.
    """
    every = find_mentions(text, language)
    lie = dict(_lie(every, text))
    mentions = [
        replace(one, within=lie[after]) if after in lie else one
        for one, after in zip_longest(every, every[1:])
        if one not in lie
    ]
    said: dict[str, dict[str, str]] = {}
    for one in mentions:
        if one.level is not None:
            said.setdefault(fold(one.name), {}).setdefault(_level(one), one.within)
    found = []
    for one in mentions:
        level, within = one.level and _level(one), one.within
        known = said.get(fold(one.name), {})
        if level is None and len(known) == 1:
            ((level, within),) = known.items()
        found.append(
            Named(
                one.start,
                one.end,
                _authority(text, language, one, level, within or known.get(level or "", "")),
            )
        )
    return found


def _lie(mentions: Sequence[Mention], text: str) -> Iterator[tuple[Mention, str]]:
    """Yield what only says where the town before it lies, with the ISO code by which the town is told.

    That is the prefecture or region in which the list has it; of a town that no list knows, what stands
    beside it. Of a department the list doesn't know the towns: it has no code here where the town is known.
    """
    for town, larger in pairwise(mentions):
        if town.level not in (None, *_TOWNS) or not _IN.fullmatch(text, town.end, larger.start):
            continue
        around = [one for one in larger.entries if one.level in _LARGER]
        inside = [one for one in town.entries if one.level in _TOWNS]
        regions = {one.region for one in around if one.level != "department"} - {""}
        if known := [one for one in inside if one.region in regions]:
            yield larger, known[0].region
        elif around and _WHERE.search(text, town.end, larger.start):
            if not town.entries:
                yield larger, around[0].region
            elif {one.country for one in inside} & {one.country for one in around}:
                yield larger, ""


def _level(mention: Mention) -> str:
    """Return the level that a mention says; a Japanese department is a prefecture."""
    assert mention.level is not None
    if mention.level in ("department", "prefecture"):
        return "prefecture" if _country(mention) == "JP" else "department"
    return mention.level


def _country(mention: Mention, text: str = "", language: str = "") -> str:
    """Return the ISO code of a mention's country; of one that no list knows, what stands before its name."""
    if mention.entries:
        return mention.entries[0].country
    if mention.within:
        return mention.within[:2]
    if (said := _country_beside(text, mention.start, mention.end, language)) is not None:
        return said
    return "JP" if re.search(f"[{HAN}]", mention.name) or _IN_KANA.fullmatch(mention.name) else "FR"


def _country_beside(text: str, start: int, end: int, language: str) -> str | None:
    """Return the country that stands beside a name: ドイツのマイセン, "Rockingham, Australia"."""
    script = "Japanese" if language in ("ja", "zh", "ko") else "Latin"
    before, after = text[max(0, start - 30) : start], text[end : end + 50]
    if gap := _AFTER_COUNTRY[script].search(before):
        for code, spans in countries_said(before, language).items():
            if any(last == gap.start() for _, last in spans):
                return code
    gap = _BEFORE_COUNTRY[script].match(after)
    if gap is None:
        return None
    for code, spans in countries_said(after, language).items():
        if any(first == gap.end() and _COUNTRY_END.match(after, last) for first, last in spans):
            return code
    state = _LATIN_NAME.match(text, end + gap.end())
    known = _by_name().get(_key(state[0]), ()) if state else ()
    larger = next((one for one in known if one.level in _LARGER), None)
    if state is None or larger is None:
        return None
    return (
        larger.country if larger.country not in LEAST_FAR else _country_beside(text, *state.span(), language)
    )


def _authority(text: str, language: str, mention: Mention, level: str | None, within: str) -> Authority:
    own = _entry(mention, level, within)
    country = _country(mention, text, language) if own is None else own.country
    if own is not None and (level is None or own.level == level or {level, own.level} <= _TOWNS):
        latin, level, key = own.names[0], own.level, own.key
    else:
        latin = mention.name if own is None or level == "district" else own.names[0]
        level = level or "city"
        key = f"{country.lower()}-{level}-{slug(latin)}"
    names = _names(latin, own, level, country)
    said = text[mention.start : mention.end]
    spellings = dict.fromkeys([mention.name, said, *(own.names if own else ())])
    return Authority(
        key,
        level,
        country,
        names,
        tuple(spellings),
        own.region if own is not None and own.region else within or None,
        own.latitude if own is not None else None,
        own.longitude if own is not None else None,
        mention.level is not None,
    )


def _names(latin: str, own: Entry | None, level: str, country: str) -> Mapping[str, str]:
    japanese = [one for one in (own.names[1:] if own else ()) if _JAPANESE.search(one)]
    said = dict(own.own if own else ())
    names = authority_names(latin, japanese[0] if japanese else None, said.pop("ko", None), level, country)
    return {**names, **said}


def _entry(mention: Mention, level: str | None, within: str) -> Entry | None:
    """Return which of the list is meant; None if it is another one of that name."""
    entries = [one for one in mention.entries if not within or one.region == within]
    if level is None:
        town = next((one for one in entries if one.level in (*_TOWNS, "district")), None)
        larger = next((one for one in entries if one.level not in (*_TOWNS, "district")), None)
        return larger if town is None or (larger is not None and larger.region != town.region) else town
    fits = [one for one in entries if one.level == level]
    if not fits and level in _TOWNS:
        fits = [one for one in entries if one.level in _TOWNS]
    if not fits and level in ("metropole", "district"):
        fits = entries
    return fits[0] if fits else None
