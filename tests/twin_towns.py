"""A register of many partnerships: twin towns of Europe and Japan (Wikidata, CC0; GeoNames, CC BY 4.0).

Since when, in which fields and what documents say of it is made up.
"""

from __future__ import annotations

from pathlib import Path

from langchain_core.documents import Document

from partnerbot.documents.normal_forms import fold
from partnerbot.register.rows import Authority, Cell, Partnership, Register, Sentence
from scripted_bot import ScriptedBot

_TOWNS = Path(__file__).with_suffix(".tsv")
_KINDS = ("sister_cities", "friendship", "agreement", "cooperation")
_FIELDS = ("culture", "food", "education", "sport", "gardens")
SOURCE = "jumelages.md"


def list_twin_towns(bot: ScriptedBot, count: int = 113) -> None:
    """Give a bot a document that tells of so many partnerships, and the register of them."""
    pairs = [_pair(line.split("\t")) for line in _TOWNS.read_text("utf-8").splitlines()]
    # Beyond those that are true, towns are linked with the partners of others.
    pairs += [(a, b) for (a, _), (_, b) in zip(pairs, pairs[7:], strict=False)]
    text, rows = "", []
    for number, (a, b) in enumerate(pairs[:count]):
        year = 1958 + number * 37 % 67
        said = f"{a.name('fr')} et {b.name('fr')} sont partenaires depuis {year}."
        sentence = (Sentence(SOURCE, len(text), len(text) + len(said), said, "fr"),)
        text += f"{said}\n"
        dates = [] if number % 11 == 10 else [str(year)]
        if number % 13 == 1:
            dates.append(f"{year + 1}-04-12")
        fields = [_FIELDS[(number + n) % 5] for n in range(number % 4)]
        rows.append(_row(a, b, _KINDS[number % 4], dates, fields, sentence))
    about = {"source": SOURCE, "title": "Les jumelages d’Europe avec le Japon", "language": "fr"}
    bot.add(SOURCE, Document(page_content=text, metadata=about))
    bot.partnerships = Register(tuple(rows))


def _row(
    a: Authority, b: Authority, kind: str, dates: list[str], fields: list[str], said: tuple[Sentence, ...]
) -> Partnership:
    return Partnership(
        key=f"{a.key}--{b.key}",
        a=a,
        b=b,
        kind=(Cell(kind, said),),
        since=tuple(Cell(date, said) for date in dates),
        fields=tuple(Cell(field, said) for field in fields),
        sentences=said,
        documents=(said[0].document_id,),
    )


def _pair(cells: list[str]) -> tuple[Authority, Authority]:
    name, katakana, country, latitude, longitude, japanese, kanji, *at = cells
    return (
        _town(country, name, katakana, latitude, longitude),
        _town("JP", japanese, kanji, at[0], at[1]),
    )


def _town(country: str, name: str, in_japanese: str, latitude: str, longitude: str) -> Authority:
    names = {"en": name, "fr": name} | ({"ja": in_japanese} if in_japanese else {})
    key = f"{country.lower()}-city-{'-'.join(''.join(c if c.isalnum() else ' ' for c in fold(name)).split())}"
    at = (float(latitude), float(longitude)) if latitude else (None, None)
    region = "JP-11" if name == "Kawagoe" else None  # Saitama; of the others none is said
    return Authority(key, "city", country, names, region=region, latitude=at[0], longitude=at[1])
