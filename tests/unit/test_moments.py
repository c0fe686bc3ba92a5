"""What a statement says of a date or an hour is what the quote says of it."""

from __future__ import annotations

import pytest

from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings
from partnerbot.writing.facts import Surroundings, check_facts

_NO_NAMES = Known(Spellings([]), {})


def _passes(quote: tuple[str, str], statement: tuple[str, str]) -> bool:
    language, text = quote
    said, sentence = statement
    around = Surroundings(text, "", "", language, None)
    return check_facts(sentence, said, around, _NO_NAMES, lambda _: True).reason is None


_COURSES = ("fr", "Les cours de danse se terminent le 15 mai 2024.")
_HOUSES = ("en", "The houses of this street were built before 1950.")
_MILL = ("fr", "Le moulin a tourné jusqu'en 1999.")
_TWINNED = ("fr", "La ville organise la fête depuis 2005.")
_FAIR = ("fr", "La foire se tient du 3 au 10 mai 2015.")
_POOL_JA = ("ja", "プールは7月1日から8月31日まで開いている。")
_DESK_JA = ("ja", "窓口は午前9時から午後5時まで開いています。")
_DESK_EN = ("en", "The desk is open from 9 am to 5 pm.")
_BAKERY = ("fr", "La boulangerie ouvre à 7 h et ferme à 19 h 30.")
_OPENED = ("en", "The museum opened in 1998.")
_APPLY = ("ja", "申し込みは5月15日までに窓口へ。")
_CLOSED = ("ja", "工場は1999年に閉鎖された。")

TRUE = [
    (_COURSES, ("en", "The dance classes end on 15 May 2024.")),
    (_COURSES, ("ja", "ダンス教室は2024年5月15日に終わる。")),
    (_COURSES, ("fr", "Les cours durent jusqu'au 15 mai 2024.")),
    (_HOUSES, ("fr", "Les maisons de cette rue datent d'avant 1950.")),
    (_HOUSES, ("ja", "この通りの家は1950年以前に建てられた。")),
    (_MILL, ("en", "The mill worked until 1999.")),
    (_MILL, ("en", "The mill stopped in 1999.")),
    (_MILL, ("ja", "水車は1999年まで動いていた。")),
    (_TWINNED, ("en", "The town has organised the festival since 2005.")),
    (_TWINNED, ("ja", "町は2005年から祭りを開いている。")),
    (_TWINNED, ("en", "The town began to organise the festival in 2005.")),
    (_FAIR, ("en", "The fair takes place from 3 to 10 May 2015.")),
    (_FAIR, ("en", "The fair begins on 3 May 2015.")),
    (_FAIR, ("ja", "市は2015年5月10日に終わる。")),
    (_FAIR, ("en", "The fair takes place in May 2015.")),
    (_POOL_JA, ("fr", "La piscine est ouverte du 1er juillet au 31 août.")),
    (_POOL_JA, ("en", "The pool opens on 1 July and closes on 31 August.")),
    (_POOL_JA, ("en", "The pool is open until 31 August.")),
    (_DESK_JA, ("fr", "Le guichet est ouvert de 9 heures à 17 heures.")),
    (_DESK_JA, ("en", "The desk opens at 9 am and closes at 5 pm.")),
    (_DESK_JA, ("en", "The desk closes at 5 pm.")),
    (_DESK_EN, ("fr", "Le guichet ferme à 17 h.")),
    (_DESK_EN, ("ja", "窓口は午後5時に閉まる。")),
    (_DESK_EN, ("fr", "Le guichet est ouvert de 9h à 17h.")),
    (_BAKERY, ("en", "The bakery is open from 7 am to 7:30 pm.")),
    (_BAKERY, ("ja", "パン屋は7時に開き、19時30分に閉まる。")),
    (_OPENED, ("fr", "Le musée est ouvert depuis 1998.")),
    (_OPENED, ("ja", "美術館は1998年に開館した。")),
    (_APPLY, ("en", "Applications are taken until 15 May.")),
    (_APPLY, ("fr", "Il faut s'inscrire avant le 15 mai.")),
    (_CLOSED, ("fr", "L'usine est fermée depuis 1999.")),
    (_CLOSED, ("en", "The factory worked until 1999.")),
]

FALSE = [
    (_COURSES, ("fr", "Les cours de danse commencent le 15 mai 2024.")),
    (_COURSES, ("en", "The dance classes begin on 15 May 2024.")),
    (_COURSES, ("ja", "ダンス教室は2024年5月15日に始まる。")),
    (_HOUSES, ("en", "The houses of this street were built after 1950.")),
    (_HOUSES, ("fr", "Les maisons de cette rue ont été bâties en 1950.")),
    (_HOUSES, ("ja", "この通りの家は1950年以降に建てられた。")),
    (_MILL, ("en", "The mill has worked since 1999.")),
    (_MILL, ("fr", "Le moulin tourne depuis 1999.")),
    (_MILL, ("ja", "水車は1999年から動いている。")),
    (_TWINNED, ("fr", "La ville a organisé la fête jusqu'en 2005.")),
    (_TWINNED, ("ja", "町は2005年まで祭りを開いていた。")),
    (_FAIR, ("en", "The fair begins on 10 May 2015.")),
    (_FAIR, ("fr", "La foire commence le 10 mai 2015.")),
    (_FAIR, ("ja", "市は2015年5月3日に終わる。")),
    (_POOL_JA, ("en", "The pool opens on 31 August.")),
    (_POOL_JA, ("fr", "La piscine ferme le 1er juillet.")),
    (_DESK_JA, ("en", "The desk is open from 5 pm to 9 am.")),
    (_DESK_JA, ("fr", "Le guichet ouvre à 17 h.")),
    (_DESK_EN, ("en", "The desk is open from 5 pm to 9 am.")),
    (_DESK_EN, ("en", "The desk is open until 9 am.")),
    (_DESK_EN, ("ja", "窓口は午後5時に開く。")),
    (_BAKERY, ("en", "The bakery closes at 7 am.")),
    (_OPENED, ("en", "The museum was there before 1998.")),
    (_OPENED, ("fr", "Le musée a accueilli des visiteurs jusqu'en 1998.")),
    (_APPLY, ("en", "Applications are taken from 15 May.")),
    (_CLOSED, ("ja", "工場は1999年に操業を始めた。")),
]


@pytest.mark.parametrize(("quote", "statement"), TRUE)
def test_what_a_date_or_hour_bounds_is_said_in_other_words(
    quote: tuple[str, str], statement: tuple[str, str]
) -> None:
    """Until, since, before and after, beginnings and ends, across languages."""
    assert _passes(quote, statement)


@pytest.mark.parametrize(("quote", "statement"), FALSE)
def test_a_date_or_hour_bounds_nothing_else(quote: tuple[str, str], statement: tuple[str, str]) -> None:
    """The same date with another word before it, or at the other end, is another fact."""
    assert not _passes(quote, statement)
