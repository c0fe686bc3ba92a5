"""A number is bounded in a statement as the quote bounds it."""

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


_FREE = ("fr", "L'entrée est gratuite pour les enfants de moins de douze ans.")
_VISITORS = ("en", "Fewer than 500 visitors came to the castle.")
_GIFT = ("fr", "Environ 300 habitants ont offert un arbre.")
_CROWD_JA = ("ja", "祭りには300人以上が参加した。")
_CLUB_JA = ("ja", "会員は約50人である。")
_POOL = ("fr", "Le bassin accueille jusqu'à 80 nageurs.")
_AGE_JA = ("ja", "65歳以上の人は無料。")
_COST = ("en", "The roof cost more than 2 million euros.")
_EXACT = ("fr", "Le village compte 412 habitants.")
_YEARS = ("ja", "工事は2年かけて行われた。")
_BELOW_JA = ("ja", "6歳未満の子どもは入れない。")

TRUE = [
    (_FREE, ("fr", "Les enfants de moins de douze ans ne paient pas.")),
    (_FREE, ("en", "Admission is free for children under twelve years.")),
    (_FREE, ("ja", "12歳未満の子どもは無料。")),
    (_VISITORS, ("fr", "Moins de 500 visiteurs sont venus au château.")),
    (_VISITORS, ("ja", "城の来場者は500人未満だった。")),
    (_GIFT, ("en", "About 300 inhabitants gave a tree.")),
    (_GIFT, ("en", "Some 300 inhabitants gave a tree.")),
    (_GIFT, ("ja", "約300人の住民が木を贈った。")),
    (_GIFT, ("en", "300 inhabitants gave a tree.")),
    (_CROWD_JA, ("fr", "Plus de 300 personnes ont participé à la fête.")),
    (_CROWD_JA, ("en", "At least 300 people took part in the festival.")),
    (_CLUB_JA, ("en", "The club has around 50 members.")),
    (_CLUB_JA, ("fr", "Le club compte une cinquantaine de membres.")),
    (_POOL, ("en", "The pool takes up to 80 swimmers.")),
    (_POOL, ("ja", "プールは最大80人が利用できる。")),
    (_AGE_JA, ("en", "People aged 65 and over are admitted free.")),
    (_AGE_JA, ("fr", "L'entrée est gratuite à partir de 65 ans.")),
    (_COST, ("fr", "Le toit a coûté plus de 2 millions d'euros.")),
    (_COST, ("ja", "屋根の費用は200万ユーロを超えた。")),
    (_EXACT, ("en", "The village has 412 inhabitants.")),
    (_EXACT, ("en", "The village has about 412 inhabitants.")),
    (_YEARS, ("en", "The work was done over two years.")),
    (_BELOW_JA, ("fr", "Les enfants de moins de 6 ans ne peuvent pas entrer.")),
]

FALSE = [
    (_FREE, ("fr", "L'entrée est gratuite pour les plus de douze ans.")),
    (_FREE, ("en", "Admission is free for those over twelve.")),
    (_FREE, ("ja", "12歳以上は無料。")),
    (_FREE, ("ja", "12歳以下は無料。")),
    (_VISITORS, ("en", "More than 500 visitors came to the castle.")),
    (_VISITORS, ("en", "At least 500 visitors came to the castle.")),
    (_VISITORS, ("en", "500 visitors came to the castle.")),
    (_VISITORS, ("ja", "城には500人以上が訪れた。")),
    (_GIFT, ("fr", "Plus de 300 habitants ont offert un arbre.")),
    (_GIFT, ("en", "At most 300 inhabitants gave a tree.")),
    (_CROWD_JA, ("fr", "Moins de 300 personnes ont participé à la fête.")),
    (_CROWD_JA, ("en", "300 people took part in the festival.")),
    (_CLUB_JA, ("ja", "会員は50人を超える。")),
    (_POOL, ("en", "The pool takes at least 80 swimmers.")),
    (_AGE_JA, ("fr", "L'entrée est gratuite pour les moins de 65 ans.")),
    (_COST, ("en", "The roof cost less than 2 million euros.")),
    (_COST, ("ja", "屋根の費用は200万ユーロ以下だった。")),
    (_EXACT, ("en", "The village has more than 412 inhabitants.")),
    (_BELOW_JA, ("en", "Children over 6 years can't come in.")),
]


@pytest.mark.parametrize(("quote", "statement"), TRUE)
def test_bounds_are_read_in_three_languages(quote: tuple[str, str], statement: tuple[str, str]) -> None:
    """What is more, less, at least or about a number may be said so in other words."""
    assert _passes(quote, statement)


@pytest.mark.parametrize(("quote", "statement"), FALSE)
def test_a_bound_is_not_turned_nor_invented(quote: tuple[str, str], statement: tuple[str, str]) -> None:
    """The same figure with another bound is another fact."""
    assert not _passes(quote, statement)
