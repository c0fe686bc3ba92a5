"""Shares, multiples, frequencies and rates are values, in words and across languages."""

from __future__ import annotations

import pytest

from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings
from partnerbot.writing.facts import Surroundings, check_facts

_NO_NAMES = Known(Spellings([]), {})


def _passes(quote: tuple[str, str], statement: tuple[str, str]) -> bool:
    (language, text), (said, sentence) = quote, statement
    around = Surroundings(text, "", "", language, None)
    return check_facts(sentence, said, around, _NO_NAMES, lambda _: True).reason is None


_FLATS = ("en", "About a third of the flats are empty.")
_TRIPLED = ("fr", "Le nombre d'adhérents a doublé en dix ans.")
_BIRDS = ("en", "Hundreds of birds nest on the island.")
_BIENNIAL = ("fr", "La biennale de verre a lieu tous les deux ans.")
_TWICE_JA = ("ja", "会合は年に2回開かれる。")
_BUS = ("en", "A bus leaves every two hours.")
_LORRIES = ("en", "Some 300 lorries a day cross the bridge.")
_YEARLY = ("fr", "La réunion annuelle des bergers se tient au col.")
_WATER = ("fr", "La consommation d'eau a été réduite de 20 %.")
_PRICE_JA = ("ja", "料金は20%引き下げられた。")
_HALF_JA = ("ja", "住民の3分の2が賛成した。")
_CARS_JA = ("ja", "1日300台の車が通る。")
_RUNNERS = ("en", "The race brought together 640 runners.")
_TO = ("en", "The number of pupils fell to 40.")
_WEEKLY_JA = ("ja", "市場は毎週開かれる。")

TRUE = [
    (_FLATS, ("en", "One third of the flats stand empty.")),
    (_FLATS, ("fr", "Environ un tiers des logements sont vides.")),
    (_FLATS, ("ja", "住宅の約3分の1が空いている。")),
    (_TRIPLED, ("en", "The number of members doubled in ten years.")),
    (_TRIPLED, ("ja", "会員数は10年間で2倍になった。")),
    (_BIRDS, ("fr", "Des centaines d'oiseaux nichent sur l'île.")),
    (_BIRDS, ("ja", "島には数百羽の鳥が巣を作る。")),
    (_BIENNIAL, ("en", "The glass biennial takes place every two years.")),
    (_BIENNIAL, ("ja", "ガラスのビエンナーレは2年に1回開かれる。")),
    (_BIENNIAL, ("en", "The event is held every other year.")),
    (_TWICE_JA, ("fr", "La réunion a lieu deux fois par an.")),
    (_TWICE_JA, ("en", "The meeting is held twice a year.")),
    (_BUS, ("fr", "Un car part toutes les deux heures.")),
    (_BUS, ("ja", "バスは2時間ごとに出る。")),
    (_LORRIES, ("fr", "Quelque 300 camions par jour traversent le pont.")),
    (_LORRIES, ("ja", "1日に約300台のトラックが橋を渡る。")),
    (_YEARLY, ("en", "The shepherds' annual meeting is held at the pass.")),
    (_YEARLY, ("ja", "羊飼いの集まりは毎年峠で開かれる。")),
    (_WATER, ("en", "Water consumption was reduced by 20%.")),
    (_WATER, ("ja", "水の消費量は20%減った。")),
    (_PRICE_JA, ("en", "The price was lowered by 20%.")),
    (_HALF_JA, ("en", "Two thirds of the residents agreed.")),
    (_HALF_JA, ("fr", "Les deux tiers des habitants étaient d'accord.")),
    (_CARS_JA, ("en", "300 cars a day pass.")),
    (_RUNNERS, ("en", "The race brought together hundreds of runners.")),
    (_TO, ("fr", "Le nombre d'élèves est tombé à 40.")),
    (_WEEKLY_JA, ("en", "The market is held weekly.")),
    (_WEEKLY_JA, ("fr", "Le marché a lieu chaque semaine.")),
]

FALSE = [
    (_FLATS, ("en", "Half of the flats are empty.")),
    (_FLATS, ("fr", "La moitié des logements sont vides.")),
    (_FLATS, ("ja", "住宅の半数が空いている。")),
    (_TRIPLED, ("fr", "Le nombre d'adhérents a triplé en dix ans.")),
    (_TRIPLED, ("en", "The number of members tripled in ten years.")),
    (_TRIPLED, ("ja", "会員数は10年間で3倍になった。")),
    (_BIRDS, ("en", "Dozens of birds nest on the island.")),
    (_BIRDS, ("fr", "Des milliers d'oiseaux nichent sur l'île.")),
    (_BIENNIAL, ("fr", "La biennale de verre a lieu tous les ans.")),
    (_BIENNIAL, ("en", "The glass biennial takes place twice a year.")),
    (_BIENNIAL, ("ja", "ガラスのビエンナーレは毎年開かれる。")),
    (_TWICE_JA, ("ja", "会合は2年に1回開かれる。")),
    (_TWICE_JA, ("fr", "La réunion a lieu tous les deux ans.")),
    (_BUS, ("en", "A bus leaves twice an hour.")),
    (_BUS, ("fr", "Un car part deux fois par heure.")),
    (_LORRIES, ("en", "Some 300 lorries an hour cross the bridge.")),
    (_LORRIES, ("fr", "Quelque 300 camions par mois traversent le pont.")),
    (_YEARLY, ("fr", "La réunion mensuelle des bergers se tient au col.")),
    (_YEARLY, ("en", "The shepherds' monthly meeting is held at the pass.")),
    (_WATER, ("fr", "La consommation d'eau a été réduite à 20 %.")),
    (_WATER, ("en", "Water consumption was reduced to 20%.")),
    (_PRICE_JA, ("ja", "料金は20%に引き下げられた。")),
    (_HALF_JA, ("en", "A third of the residents agreed.")),
    (_CARS_JA, ("en", "300 cars an hour pass.")),
    (_RUNNERS, ("en", "The race brought together thousands of runners.")),
    (_TO, ("en", "The number of pupils fell by 40.")),
    (_WEEKLY_JA, ("en", "The market is held daily.")),
]


@pytest.mark.parametrize(("quote", "statement"), TRUE)
def test_rates_are_said_in_other_words(quote: tuple[str, str], statement: tuple[str, str]) -> None:
    """A third, every two years, 300 a day, by 20 %: the same in any of the three languages."""
    assert _passes(quote, statement)


@pytest.mark.parametrize(("quote", "statement"), FALSE)
def test_another_rate_is_another_value(quote: tuple[str, str], statement: tuple[str, str]) -> None:
    """A half for a third, a year for two, an hour for a day, to for by."""
    assert not _passes(quote, statement)
