"""Names in other scripts and spellings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerbot.errors import ConfigurationError
from partnerbot.index.lexical import LexicalIndex
from partnerbot.index.sounds import kana_keys, latin_keys
from partnerbot.index.spellings import Spellings, given_twice, read_glossary, sound_terms, town_terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quand Kumamoto a-t-elle signé ?", "熊本市はいつ署名しましたか"),
        ("Kumamoto", "くまもとの銘菓"),
        ("le maire de Dijon", "ディジョンの市長"),
        ("Issy-les-Moulineaux", "イシー・レ・ムリノーと提携している市"),
        ("Digne-les-Bains", "ディーニュ＝レ＝バン"),
        ("Dijonに事務所はありますか", "le maire de Dijon"),
        ("Dijon에 사무소가 있습니까", "le maire de Dijon"),
        ("熊本のOrléansは", "La ville d’Orléans"),
    ],
)
def test_a_town_is_the_same_in_every_script(one: str, other: str) -> None:
    """Towns need no glossary: their names in Japanese come with partnerbot."""
    assert town_terms(one) & town_terms(other)


def test_a_town_is_not_found_inside_another_name() -> None:
    """東京都 holds 京都, and トリール holds リール (Lille): neither is meant."""
    assert town_terms("東京都") == {"@tokyo"}
    assert "@lille" not in town_terms("トリール")
    assert "@lille" in town_terms("リール市")


def test_a_common_word_is_no_town_unless_capitalised() -> None:
    """The French word for "turns" is not the town of Tours, but a question without capitals may mean it."""
    assert "@tours" not in town_terms("Il a fait deux tours de piste.")
    assert "@tours" in town_terms("tours et takamatsu")


def test_a_reading_gives_a_name_in_latin_letters() -> None:
    """What stands in brackets after kanji is how they sound; a long vowel is written short."""
    assert given_twice(["1992年に狩野(かのう)家から贈られた。"]) == [("Kano", "狩野")]


def test_names_given_twice_are_learnt_from_the_text() -> None:
    """ "ヴィタゴラ（Vitagora）" says that both are one, in either order."""
    found = given_twice(
        ["農業クラスター、ヴィタゴラ（Vitagora）は", "Le réseau Sakura Net (サクラネット) s'étend."]
    )
    assert ("Vitagora", "ヴィタゴラ") in found
    assert any(latin.endswith("Sakura Net") and cjk == "サクラネット" for latin, cjk in found)


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("ヴィタゴラ", "Vitagora"),
        ("ビタゴラ", "Vitagora"),
        ("クマモト", "Kumamoto"),
        ("シュネデール", "Schneider"),
        ("ブザンソン", "Besançon"),
    ],
)
def test_a_name_nobody_listed_meets_by_its_sound(kana: str, latin: str) -> None:
    """Consonants that Japanese tells apart agree."""
    assert kana_keys(kana) & latin_keys(latin)


def test_a_consonant_said_twice_is_not_one_said_once() -> None:
    """Kumamon is no commune; only letters that stand side by side are one."""
    assert not kana_keys("コミューン") & latin_keys("Kumamon")
    assert kana_keys("エヌボン") & latin_keys("Hennebont")


def test_a_latin_name_ends_where_japanese_begins() -> None:
    """Japanese puts no space after a name; what follows it is no part of a name given twice, either."""
    assert sound_terms("熊本のVitagoraは") == sound_terms("Vitagora")
    assert given_twice(["Dijonの姉妹都市（熊本）は", "連盟（Dijonの団体）は"]) == []


@given(st.text())
def test_any_text_can_be_searched_for_names(text: str) -> None:
    """No text makes the search fail."""
    Spellings([("Dijon", "ディジョン")]).known_terms(text)
    sound_terms(text)


PASSAGES = [
    "Vitagora a ouvert un bureau à Kumamoto.",
    "フォンテーヌ社は熊本市に事務所を開いた。",
    "L'institut du goût s'installe à Osaka.",
]


def named(question: str, glossary: list[tuple[str, ...]], tmp_path: Path) -> list[bool]:
    """Which passages have a name of the question."""
    LexicalIndex.build(PASSAGES).save(tmp_path)
    return [share > 0 for share in LexicalIndex.load(tmp_path).knowing(glossary).named(question)]


def test_a_question_finds_passages_that_name_it_in_another_script(tmp_path: Path) -> None:
    """Both passages on Kumamoto are found by either script, the one on Osaka by neither."""
    assert named("À Kumamoto, qui ?", [], tmp_path) == [True, True, False]
    assert named("熊本には誰が", [], tmp_path) == [True, True, False]


def test_a_katakana_name_finds_the_latin_one_by_its_sound(tmp_path: Path) -> None:
    """ビタゴラ is in no list."""
    assert named("ビタゴラはいつ", [], tmp_path) == [True, False, False]


def test_the_owners_glossary_says_what_no_list_knows(tmp_path: Path) -> None:
    """Without the glossary 味覚研究所 finds nothing."""
    question = "味覚研究所はどこですか"
    assert named(question, [], tmp_path) == [False, False, False]
    assert named(question, [("institut du goût", "味覚研究所")], tmp_path) == [False, False, True]


def test_a_glossary_is_a_list_of_names(tmp_path: Path) -> None:
    """A file that is none is told with its name and what it should hold; no file is no glossary."""
    file = tmp_path / "glossary.yaml"
    assert read_glossary(file) == []
    file.write_text("- [Dijon, ディジョン]\n- [CLAIR, クレア]\n", "utf-8")
    assert read_glossary(file) == [("Dijon", "ディジョン"), ("CLAIR", "クレア")]
    for wrong in ("Dijon: ディジョン", "- Dijon", "- [[a], b]", "- [a", "\x00"):
        file.write_text(wrong, "utf-8")
        with pytest.raises(ConfigurationError, match=r"glossary\.yaml"):
            read_glossary(file)


@pytest.mark.parametrize(("name", "town"), [("トゥール", "Tours"), ("神戸", "Kobe"), ("ランス", "Reims")])
def test_of_namesakes_the_largest_town_comes_first(name: str, town: str) -> None:
    """トゥール is Toul, too, a town of 15,000."""
    assert Spellings(()).spellings_of(name)[0] == town
    assert len(Spellings(()).namesakes_of(name)) == 2
