"""The texts that the register's layer is trained on, with towns drawn at random for their letters."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from partnerbot.register.authorities import Entry, entries

HERE = Path(__file__).parent
LETTERS = {"FR": "aceg", "JP": "bdfh", "DE": "m", "GB": "n", "US": "o"}


@dataclass(frozen=True)
class Example:
    """A text, with its title or none, and the pairs that it states: two keys, kind, ISO date or None.

    `templates`: the numbers of the lines of texts.jsonl that it is made of. `published`: the year from which
    it counts back, or empty.
    """

    language: str
    title: str
    text: str
    pairs: tuple[tuple[str, str, str, str | None], ...]
    templates: tuple[int, ...]
    published: str = ""


@cache
def towns(country: str, language: str) -> list[Entry]:
    """Towns that can be named in a language, and mean one place only."""
    known = [one for one in entries() if one.country == country and one.level == "city"]
    if language == "ja":
        known = [one for one in known if len(one.names) > 1 and not one.names[1].isascii()]
    return [
        one
        for one in known[:900]
        if (not one.key[-1].isdigit() and one.names[0].isascii()) or country == "FR"
    ]


@cache
def larger(level: str, country: str) -> list[Entry]:
    return [one for one in entries() if (one.level, one.country) == (level, country)]


def examples(name: str, copies: int, seed: int) -> Iterator[Example]:
    """Yield each text of a file several times, each with other towns."""
    draw = random.Random(seed)
    for number, line in enumerate((HERE / name).read_text("utf-8").splitlines()):
        known = json.loads(line)
        language = known["lang"]
        for _ in range(copies):
            chosen = {}
            for country, letters in LETTERS.items():
                for letter, town in zip(
                    letters, draw.sample(towns(country, language), len(letters)), strict=True
                ):
                    chosen[letter] = town
            for letter, level, country in (
                ("P", "prefecture", "JP"),
                ("R", "region", "FR"),
                ("D", "department", "FR"),
            ):
                chosen[letter] = draw.choice(larger(level, country))
            if "{b}" in known["text"] + known.get("title", ""):  # it lies there
                chosen["P"] = next(o for o in larger("prefecture", "JP") if o.region == chosen["b"].region)
            said = {
                letter: one.names[1] if language == "ja" else one.names[0] for letter, one in chosen.items()
            }
            year = draw.randint(1955, 2015)
            years = {"y": str(year), "z": str(year + draw.randint(1, 8))}
            years |= {"w": str(year + 10 * (1 + year % 5)), "x": str(year - 5), "q": str(10 + year % 31)}
            published = str(year + int(years["q"])) if "{q}" in known["text"] else ""
            yield Example(
                language,
                known.get("title", "").format(**said, **years),
                known["text"].format(**said, **years),
                tuple(
                    (chosen[a].key, chosen[b].key, kind, since.format(**years) if since else None)
                    for a, b, kind, since in known["pairs"]
                ),
                (number,),
                published,
            )
