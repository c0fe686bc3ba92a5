"""The register of partnerships: authorities that a text names, one row a partnership, corrections."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from partnerbot.register.asking import asked_of, rows_named, rows_of, usual_countries
from partnerbot.register.authorities import authorities_in
from partnerbot.register.corrections import Correction, corrected, read_corrections, remarks
from partnerbot.register.joining import joined, read_register
from partnerbot.register.partnerships import has_word
from partnerbot.register.rows import Cell, Partnership, Register, Sentence, by_age, select


@pytest.mark.parametrize(
    ("text", "language", "keys"),
    [
        ("Tours et Takamatsu sont jumelées.", "fr", ["fr-city-tours", "jp-city-takamatsu"]),
        ("熊本県と熊本市は別の自治体である。", "ja", ["jp-prefecture-kumamoto", "jp-city-kumamoto"]),
        ("熊本県相良村とフランスのトゥール市", "ja", ["jp-village-sagara", "fr-city-tours"]),
        (
            "Kumamoto Prefecture and Dijon Métropole signed.",
            "en",
            ["jp-prefecture-kumamoto", "fr-metropole-dijon"],
        ),
        ("le 15e arrondissement de Paris", "fr", ["fr-district-paris-15"]),
        ("東京都港区とパリ15区", "ja", ["jp-district-minato", "fr-district-paris-15"]),
        ("神奈川県の横須賀市", "ja", ["jp-city-yokosuka"]),
        ("Léonce Verny construisit l'arsenal de Yokosuka.", "fr", ["jp-city-yokosuka"]),
        ("昭和45年、東京オリンピックの後", "ja", []),
        ("ドイツのツェレ市", "ja", ["de-city-ツェレ"]),
        ("le village de Clairmoulin", "fr", ["fr-village-clairmoulin"]),
        (
            "Sankt Georgen (Allemagne), Yamaga | Pays: Japon",
            "fr",
            ["de-city-sankt-georgen", "jp-city-yamaga"],
        ),
        ("Redland, in Queensland", "en", ["au-city-redland"]),
        (
            "Salins-les-Bains (Jura) et la ville de Sabae (département de Fukui)",
            "fr",
            ["fr-city-salins-les-bains", "jp-city-sabae"],
        ),
        ("la ville de Valcendre (Jura)", "fr", ["fr-city-valcendre"]),
        ("la ville de Porrentruy (Jura, Suisse)", "fr", ["ch-city-porrentruy"]),
        (
            "la région Bretagne, le Jura et Sabae",
            "fr",
            ["fr-region-bretagne", "fr-department-jura", "jp-city-sabae"],
        ),
        ("フランス・アルルと中国江蘇省", "ja", ["fr-city-arles", "cn-region-jiangsu"]),
        ("江原道（韓国）、バーモント州（アメリカ）", "ja", ["kr-region-gangwon", "us-region-vermont"]),
        ("une ville de l'État de Vermont", "fr", ["us-region-vermont"]),
        ("les états de Bavière et de Saxe", "fr", ["de-region-bavaria", "de-region-saxony"]),
        ("Kent, USA", "en", ["us-city-kent"]),
        ("Clermont Auvergne Métropole", "fr", ["fr-metropole-clermont"]),
        ("l'Eurométropole de Strasbourg", "fr", ["fr-metropole-strasbourg"]),
        ("Otsu, dans la préfecture de Shiga", "fr", ["jp-city-otsu"]),
        ("有田町は磁器の町、有田は海に近い。", "ja", ["jp-city-arita", "jp-city-arita"]),
    ],
)
def test_which_authorities_a_text_names(text: str, language: str, keys: Sequence[str]) -> None:
    """Prefectures are no towns, people no authorities; a prefecture may only say where."""
    assert [one.authority.key for one in authorities_in(text, language)] == keys


def test_a_town_abroad_is_called_as_its_reader_calls_it() -> None:
    """Gand for who reads French, whatever language the article is in."""
    for text, language in (("ヘント市", "ja"), ("Ghent", "en"), ("Gand", "fr")):
        one = authorities_in(text, language)[0].authority
        assert (one.name("fr"), one.name("en"), one.name("ja")) == ("Gand", "Ghent", "ヘント")
    assert authorities_in("Lyon est jumelée avec Francfort.", "fr")[1].authority.name("fr") == "Francfort"


@pytest.mark.parametrize(
    ("text", "name"), [("Kawagoe", "川越市"), ("廿日市市", "廿日市市"), ("le village de Sagara", "相良村")]
)
def test_a_japanese_town_is_called_by_its_whole_name_in_japanese(text: str, name: str) -> None:
    """Whatever the document calls it: one of a list stands beside 横須賀市."""
    language = "fr" if text.isascii() else "ja"
    one = authorities_in(text, language)[0].authority
    assert one.name("ja") == name
    (joined_one,) = joined([(row(f"Nancy, {text}", language, "a.md"), 3.0)], {})
    assert joined_one.b.name("ja") == name


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Nancy", "fr", "낭시"),
        ("ディジョン", "ja", "디종"),
        ("Clermont-Ferrand", "fr", "클레르몽페랑"),
        ("Riom", "fr", "리옴"),
        ("東大阪市", "ja", "히가시오사카"),
        ("Jōetsu", "fr", "조에쓰"),
        ("豊岡市", "ja", "도요오카"),
        ("le village de Sagara", "fr", "사가라"),
        ("東京都港区", "ja", "미나토구"),
        ("Kumamoto Prefecture", "en", "구마모토현"),
        ("le département de l'Essonne", "fr", "에손주"),
        ("la région Bretagne", "fr", "브르타뉴"),
        ("Dijon Métropole", "fr", "디종 메트로폴"),
        ("le 15e arrondissement de Paris", "fr", "파리 15구"),
        ("全州市", "ja", "전주"),
        ("le village de Clairmoulin", "fr", "Clairmoulin"),
    ],
)
def test_a_place_is_called_in_hangul_in_korean(text: str, language: str, name: str) -> None:
    """As Koreans write it, whatever language the article is in; one without a Korean name as in French."""
    one = authorities_in(text, language)[0].authority
    assert one.name("ko") == name
    assert name == one.name("fr") or name not in one.spellings  # 님 is Nîmes, and a title


def test_a_row_of_several_documents_keeps_korean_names() -> None:
    """Those of a list, whichever document tells most of it."""
    rows = [row("Nancy, Kanazawa", "fr", "a.md"), row("ナンシー市、金沢市", "ja", "b.md")]
    (one,) = joined([(one, 3.0) for one in rows], {})
    assert (one.a.name("ko"), one.b.name("ko")) == ("낭시", "가나자와")


@pytest.mark.parametrize(
    ("text", "language"), [("Mont-Saint-Michel", "fr"), ("サン・ヴァランタン村", "ja"), ("相良村", "ja")]
)
def test_small_partners_lie_somewhere(text: str, language: str) -> None:
    """A commune of thirty people is on the map, too, and a village of Japan."""
    one = authorities_in(text, language)[0].authority
    assert None not in (one.latitude, one.longitude)


def test_a_name_without_a_level_is_what_the_text_calls_it_elsewhere() -> None:
    """An article on a prefecture calls it by its bare name, too; alone the name is the town's."""
    named = authorities_in("Le département de Kumamoto est loin. Kumamoto a signé.", "fr")
    assert [one.authority.key for one in named] == ["jp-prefecture-kumamoto"] * 2
    assert authorities_in("Kumamoto a signé.", "fr")[0].authority.key == "jp-city-kumamoto"


def row(
    text: str, language: str, source: str, *, since: str = "", kind: str = "sister_cities", field: str = ""
) -> Partnership:
    """The row that a document states of the first two authorities of its only sentence."""
    first, second = (one.authority for one in authorities_in(text, language)[:2])
    a, b = (second, first) if first.country == "JP" else (first, second)
    sentence = (Sentence(source, 0, len(text), text, language),)
    return Partnership(
        key=f"{a.key}--{b.key}",
        a=a,
        b=b,
        kind=(Cell(kind, sentence),),
        since=(Cell(since, sentence),) if since else (),
        fields=(Cell(field, sentence),) if field else (),
        sentences=sentence,
        documents=(source,),
    )


NANCY = row("Nancy est jumelée avec Kanazawa depuis 1973.", "fr", "a.md", since="1973")
NANCY_TOO = row("Depuis 1973, Nancy et Kanazawa sont jumelées.", "fr", "h.md", since="1973")
NANCY_JA = row("金沢市とナンシー市は姉妹都市である。", "ja", "b.md", since="1973-10-12")
NANCY_WRONG = row("Nancy and Kanazawa: twins since 1975.", "en", "c.md", since="1975", field="gardens")
GARDENS = row("Nancy et Kanazawa : des jardins.", "fr", "g.md", field="gardens")
AIX = row("熊本市とエクサンプロヴァンス市の協定", "ja", "d.md", kind="agreement", since="2013")
DIJON = row("熊本県とディジョンメトロポールの覚書", "ja", "e.md", kind="agreement", since="2023")


def register(*rows: Partnership) -> Register:
    return Register(joined([(one, 3.0) for one in rows], {}))


def test_one_row_a_partnership_in_whatever_language() -> None:
    """All its documents are kept; of two dates both, unless twice as many articles tell the one."""
    (found,) = register(NANCY_JA, NANCY_WRONG).partnerships
    assert {cell.value for cell in found.since} == {"1973-10-12", "1975"}
    (found,) = register(NANCY, NANCY_JA, NANCY_WRONG).partnerships
    assert found.documents == ("b.md", "a.md", "c.md")
    assert [cell.value for cell in found.since] == ["1973-10-12"]
    assert found.b.name("ja") == "金沢市"


def test_editions_of_an_article_count_once() -> None:
    """Three translations that say one year don't outvote two articles that say another."""
    rows = [row("Nancy, Kanazawa", "fr", f"{n}.md", since="1975") for n in range(3)]
    rows += [row("Nancy, Kanazawa", "fr", f"{n}.md", since="1973") for n in (7, 8)]
    (found,) = joined([(one, 3.0) for one in rows], {f"{n}.md": "0.md" for n in range(3)})
    assert [cell.value for cell in found.since] == ["1973"]


def test_a_prefecture_is_not_its_city() -> None:
    """熊本市 has one partner, and 熊本県 another; who doesn't say which may mean either."""
    unsaid = row("Aix-en-Provence, Kumamoto", "fr", "f.md")
    assert [one.key for one in register(AIX, DIJON, unsaid).partnerships] == [
        "fr-city-aix-en-provence--jp-city-kumamoto",
        "fr-metropole-dijon--jp-prefecture-kumamoto",
    ]


def test_a_weak_row_gives_way_to_another_partner() -> None:
    """One doubtful sentence on a town of the same country doesn't stand beside three articles."""
    doubtful = row("Nancy, Tokyo", "fr", "g.md")
    sure = [row("Nancy, Kanazawa", "fr", f"{n}.md") for n in range(3)]
    found = joined([*((one, 3.0) for one in sure), (doubtful, 0.9)], {})
    assert [one.b.key for one in found] == ["jp-city-kanazawa"]


def test_rows_are_chosen_and_ordered() -> None:
    """By any name of a place, its region, a kind, a field or a period, whose ends are included."""
    known = register(NANCY, AIX, DIJON)
    assert [one.a.key for one in select(known, place="金沢市")] == ["fr-city-nancy"]
    assert len(select(known, region="JP-43")) == 2
    assert len(select(known, kind="agreement", since_from="2013", since_to="2013")) == 1
    assert [one.since[0].value for one in by_age(known.partnerships)] == ["1973", "2013", "2023"]


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Avec quelle ville Nancy est-elle jumelée ?", "fr", ("list", ["fr-city-nancy"])),
        (
            "How many partnerships since 2010?",
            "en",
            ("count", ["fr-city-aix-en-provence", "fr-metropole-dijon"]),
        ),
        ("最も古い姉妹都市はどこですか？", "ja", ("oldest", ["fr-city-nancy"])),
        ("熊本県はどこと協定を結んでいますか。", "ja", ("list", ["fr-metropole-dijon"])),
        ("Nancy et Kanazawa sont-elles jumelées ?", "fr", ("are_partners", ["fr-city-nancy"])),
        ("Which partnerships are about gardens?", "en", ("list", ["fr-city-nancy"])),
        ("姉妹都市の一覧を見たい", "ja", ("list", ["fr-city-nancy"])),
        ("Do you have a list of all twin towns?", "en", ("list", ["fr-city-nancy"])),
        ("Quand Aix-en-Provence et Kumamoto ont-elles signé ?", "fr", ("since", ["fr-city-aix-en-provence"])),
        (
            "When did Aix-en-Provence and Kumamoto become twin towns?",
            "en",
            ("since", ["fr-city-aix-en-provence"]),
        ),
        ("エクサンプロヴァンスと熊本市はいつ提携しましたか。", "ja", ("since", ["fr-city-aix-en-provence"])),
        (
            "Quelles communes sont partenaires d’une ville de la préfecture de Kumamoto ?",
            "fr",
            ("list", ["fr-city-aix-en-provence", "fr-metropole-dijon"]),
        ),
        (
            "Lequel est le plus ancien, le jumelage d’Aix-en-Provence et Kumamoto ou Nancy-Kanazawa ?",
            "fr",
            ("by_age", ["fr-city-nancy", "fr-city-aix-en-provence"]),
        ),
        (
            "Quel jumelage est le plus ancien : Nancy et Kanazawa ou Aix-en-Provence et Kumamoto ?",
            "fr",
            ("by_age", ["fr-city-nancy", "fr-city-aix-en-provence"]),
        ),
        (
            "Which is newer, Nancy and Kanazawa or Aix-en-Provence and Kumamoto?",
            "en",
            ("by_age", ["fr-city-nancy", "fr-city-aix-en-provence"]),
        ),
        ("villes lorraines jumelées avec le Japon", "fr", ("list", ["fr-city-nancy"])),
        ("Which Provençal towns are twinned with Japan?", "en", ("list", ["fr-city-aix-en-provence"])),
        ("Y a-t-il des jumelages en Bretagne ?", "fr", ("list", [])),
        ("Quelles villes de Bretagne sont jumelées ?", "fr", ("list", [])),
        ("Quelles villes de Lorraine sont jumelées ?", "fr", ("list", ["fr-city-nancy"])),
        ("Avec qui Aix-en-Provence est-elle jumelée ?", "fr", ("list", ["fr-city-aix-en-provence"])),
        ("Quels jumelages datent d'avant 1980 ?", "fr", ("list", ["fr-city-nancy"])),
        ("Of the 24 partnerships, which is the oldest?", "en", ("oldest", ["fr-city-nancy"])),
        (
            "Which are the two oldest partnerships?",
            "en",
            ("by_age", ["fr-city-nancy", "fr-city-aix-en-provence"]),
        ),
        ("Nancy의 자매도시는 어디입니까?", "ko", ("list", ["fr-city-nancy"])),
        ("Nancy와 Kanazawa는 언제 자매결연을 맺었습니까?", "ko", ("since", ["fr-city-nancy"])),
        ("가장 오래된 자매결연은 무엇인가요?", "ko", ("oldest", ["fr-city-nancy"])),
        (
            "Kumamoto와 협력하는 도시는 몇 개인가요?",
            "ko",
            ("count", ["fr-city-aix-en-provence", "fr-metropole-dijon"]),
        ),
        ("Nancy와 Kanazawa는 자매도시인가요?", "ko", ("are_partners", ["fr-city-nancy"])),
    ],
)
def test_questions_that_the_register_answers(
    question: str, language: str, expected: tuple[str, list[str]]
) -> None:
    """Places, kinds, fields and periods are conditions that it knows."""
    found = asked_of(question, language, register(NANCY, NANCY_TOO, NANCY_WRONG, AIX, DIJON))
    assert found is not None
    assert (found.asked, [one.a.key for one in found.rows]) == expected


@pytest.mark.parametrize(
    ("before", "question", "language", "expected"),
    [
        ("Which French towns are partners of Japan?", "And the oldest?", "en", ("oldest", ["fr-city-nancy"])),
        (
            "Quels sont les partenariats avec le Japon ?",
            "Et le plus récent ?",
            "fr",
            ("newest", ["fr-metropole-dijon"]),
        ),
        (
            "Which towns are partners of Kumamoto?",
            "How many?",
            "en",
            ("count", ["fr-city-aix-en-provence", "fr-metropole-dijon"]),
        ),
        ("Avec qui Nancy est-elle jumelée ?", "Depuis quand ?", "fr", ("since", ["fr-city-nancy"])),
        ("ナンシーの姉妹都市はどこですか。", "いつからですか。", "ja", ("since", ["fr-city-nancy"])),
        (
            "Quelles villes lorraines sont partenaires ?",
            "Et en Provence ?",
            "fr",
            ("list", ["fr-city-aix-en-provence"]),
        ),
        ("Which towns are twinned?", "And for gardens?", "en", ("list", ["fr-city-nancy"])),
    ],
)
def test_a_follow_up_asks_of_the_rows_before_it(
    before: str, question: str, language: str, expected: tuple[str, list[str]]
) -> None:
    """Where it says of which rows it asks, or what of them."""
    found = asked_of(question, language, register(NANCY, GARDENS, AIX, DIJON), [before])
    assert found is not None
    assert (found.asked, [one.a.key for one in found.rows]) == expected


def test_whether_partners_share_a_field_is_not_whether_they_are_partners() -> None:
    """The sentence that makes them partners may tell nothing of it."""
    known = register(row("Nancy et Kanazawa échangent des élèves.", "fr", "e.md", field="youth"))
    assert asked_of("Nancy et Kanazawa sont-elles partenaires ?", "fr", known) is not None
    assert asked_of("Are there student exchanges between Nancy and Kanazawa?", "en", known) is None


@pytest.mark.parametrize("question", ["And before?", "Who signed it?", "Why?"])
def test_a_follow_up_that_says_neither_is_left_to_the_passages(question: str) -> None:
    """It asks something else than which, how many or when."""
    assert asked_of(question, "en", register(NANCY, AIX), ["Which towns are twinned?"]) is None


def test_a_bare_place_asks_for_its_partners() -> None:
    """Of one with many, for those between the countries that documents are about; with more, for none."""
    others = ("アメリカのバッファロー市", "ベルギーのゲント市", "韓国の全州市")
    kanazawa = [row(f"金沢市と{other}は姉妹都市である。", "ja", f"{other}.md") for other in others]
    reims = row("Reims est jumelée avec Nagoya.", "fr", "r.md")
    known = register(NANCY, AIX, DIJON, reims, *kanazawa)
    assert [one.a.key for one in rows_of("Aix-en-Provence", "fr", known)] == ["fr-city-aix-en-provence"]
    assert [one.a.key for one in rows_of("金沢", "ja", known)] == ["fr-city-nancy"]
    assert rows_of("le marché de Nancy", "fr", known) == ()


def test_a_town_is_no_part_of_a_country() -> None:
    """ランス, Reims, stands in フランス."""
    reims = replace(NANCY, key="reims", a=authorities_in("Reims", "fr")[0].authority)
    found = asked_of("フランスと姉妹都市になっている日本の都市", "ja", register(NANCY, reims))
    assert found is not None
    assert len(found.rows) == 2


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Quand la charte entre Nancy et Kobe a-t-elle été signée ?", "fr"),
        ("When did the towns sign?", "en"),
        ("Quand les maires de Nancy et de Kanazawa se sont-ils rencontrés ?", "fr"),
        ("In welchen Bereichen arbeiten Nancy und Kanazawa zusammen?", "de"),
        ("What are the fields of the agreement between Nancy and Kanazawa?", "en"),
        ("Which twinnings owe their birth to a painter?", "en"),
        ("Nancy et Kobe sont-elles jumelées ?", "fr"),
        ("ナンシーと金沢はいつ姉妹都市を解消しましたか", "ja"),
        ("Quand a été rompu le jumelage de Nancy et Kanazawa ?", "fr"),
        ("Quels jumelages sont dissous ?", "fr"),
        ("姉妹都市提携にはいくらかかりますか", "ja"),
        ("How much does a partnership cost?", "en"),
        ("Nancy et Kanazawa sont-elles jumelées depuis 1973 ?", "fr"),
        ("Nancy et Kanazawa sont-elles encore jumelées ?", "fr"),
        ("Was the agreement of Nancy and Kanazawa signed in Kanazawa?", "en"),
        ("Combien d'habitants compte Nancy ?", "fr"),
        ("Combien de villes sont jumelées avec Aix-en-Provence ?", "fr"),
        ("Quel château est le plus ancien, à Nancy, Kanazawa, Aix-en-Provence ou Kumamoto ?", "fr"),
        ("Whose mayor is older, that of Nancy and Kanazawa or that of Aix-en-Provence and Kumamoto?", "en"),
        ("金沢市の姉妹都市交流を始めた柔道家は誰ですか。", "ja"),
        ("Nancy와 Kobe는 자매도시인가요?", "ko"),
        ("Nancy와 Kanazawa의 교류를 시작한 유도 선수는 누구입니까?", "ko"),
        ("화가 덕분에 맺어진 자매결연은 무엇인가요?", "ko"),
        ("Nancy의 인구는 몇 명입니까?", "ko"),
        ("왜 Nancy와 Kanazawa는 자매도시가 되었나요?", "ko"),
    ],
)
def test_questions_that_are_left_to_the_passages(question: str, language: str) -> None:
    """What it has no row for, it never denies; a condition that it doesn't know it doesn't pass over."""
    assert asked_of(question, language, register(NANCY, AIX)) is None


def test_towns_of_other_countries_than_those_asked_for_are_no_answer() -> None:
    """Where the same question of any country has rows, none is told; of two countries, those between both."""
    known = register(NANCY, AIX)
    for question, language in (
        ("Quelles villes espagnoles et portugaises sont jumelées avec une ville japonaise ?", "fr"),
        ("Which German towns are twinned with French ones?", "en"),
        ("Avec quelle ville allemande Nancy est-elle jumelée ?", "fr"),
    ):
        found = asked_of(question, language, known)
        assert found is not None
        assert not found.rows
    assert asked_of("Quelles villes sont jumelées avec Sendai ?", "fr", known) is None


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Combien de jumelages ?", "fr"),
        ("How many sister cities are there?", "en"),
        ("姉妹都市はいくつありますか。", "ja"),
        ("日仏の姉妹都市はいくつありますか。", "ja"),
        ("Combien de jumelages entre la France et le Japon ?", "fr"),
    ],
)
def test_rows_are_of_the_countries_that_documents_are_about(question: str, language: str) -> None:
    """If a question names no other country and no place; of one town all its partners are meant."""
    buffalo = row("金沢市とアメリカのバッファロー市は姉妹都市である。", "ja", "u.md", since="1962-12-18")
    reims = row("Reims est jumelée avec Nagoya.", "fr", "r.md")
    found = asked_of(question, language, register(NANCY, reims, buffalo))
    assert found is not None
    assert [one.a.key for one in found.rows] == ["fr-city-nancy", "fr-city-reims"]
    assert found.filters == {"country": "FR", "kind": "sister_cities"}
    found = asked_of("金沢市の姉妹都市はいくつありますか。", "ja", register(NANCY, reims, buffalo))
    assert found is not None
    assert len(found.rows) == 2


def test_no_countries_are_usual_where_none_have_most_rows() -> None:
    """All rows are counted then."""
    buffalo = row("金沢市とアメリカのバッファロー市は姉妹都市である。", "ja", "u.md")
    assert usual_countries(register(NANCY, buffalo)) == frozenset()


def test_the_newest_is_of_those_whose_date_is_sure() -> None:
    """One for which documents tell two dates, neither more often, may be older."""
    doubtful = [row("Rennes est jumelée avec Sendai.", "fr", f"{n}.md", since=n) for n in ("1967", "2017")]
    found = asked_of("Quel est le jumelage le plus récent ?", "fr", register(NANCY, *doubtful))
    assert found is not None
    assert [one.a.key for one in found.rows] == ["fr-city-nancy"]


def test_the_page_that_a_list_leads_to_has_the_same_rows() -> None:
    """A filter that finds others, too, is none: the whole page is linked then."""
    buffalo = row("金沢市とアメリカのバッファロー市は姉妹都市である。", "ja", "u.md")
    elsewhere = replace(NANCY, key="nancy-buffalo", b=buffalo.a)
    for rows, filters in (((NANCY, NANCY_TOO), {"country": "FR"}), ((NANCY, elsewhere), {})):
        found = asked_of("Quels partenariats entre la France et le Japon ?", "fr", Register(rows))
        assert found is not None
        assert found.filters == filters


def test_who_signed_is_no_question_for_rows() -> None:
    """A person is asked for, not whether there is a partnership."""
    for question in ("Who signed the Nancy agreement?", "Who signed the partnership of Nancy and Kanazawa?"):
        assert asked_of(question, "en", register(NANCY)) is None


def test_a_year_is_not_told_beside_its_day_and_names_are_those_of_each_language() -> None:
    """What articles in two scripts say of one partnership is one row, as each reader can read it."""
    dated = row("Nancy est jumelée avec Kanazawa.", "fr", "b.md", since="1973-10-12")
    (one,) = joined([(NANCY, 1.0), (dated, 1.0)], {})
    assert [cell.value for cell in one.since] == ["1973-10-12"]
    latin = row("Le village de Saint-Roman est jumelé avec le village de Sagara.", "fr", "c.md")
    kana = row("熊本県相良村はフランスのサン・ロマン村と姉妹村である。", "ja", "d.md")
    (one,) = joined([(kana, 1.0), (latin, 1.0)], {})
    assert one.a.name("fr") == "Saint-Roman"
    assert one.a.name("ja") == "サン・ロマン"


@pytest.mark.parametrize(
    ("text", "language", "key"),
    [
        ("ソーミュールと会津若松市", "ja", "fr-city-saumur"),
        ("シェルブールと八戸市", "ja", "fr-city-cherbourg"),
        ("Le maire du Creusot est venu.", "fr", "fr-city-le-creusot"),
    ],
)
def test_a_name_is_known_in_other_spellings(text: str, language: str, key: str) -> None:
    """With a long vowel more, by its first part, as it sounds, and with its article in a preposition."""
    assert authorities_in(text, language)[0].authority.key == key


def test_what_a_list_answers_is_found_in_full_by_its_filters() -> None:
    """Place, field, kind and period of the question, so that the page shows the same rows."""
    known = register(NANCY, AIX, DIJON)
    found = asked_of("熊本県はどこと協定を結んでいますか。", "ja", known)
    assert found is not None
    assert found.filters == {"place": "jp-prefecture-kumamoto", "kind": "agreement"}
    found = asked_of("How many partnerships since 2010?", "en", known)
    assert found is not None
    assert found.filters == {"country": "FR", "since_from": "2010"}


def test_a_question_names_the_rows_that_it_wants_to_be_told_about() -> None:
    """Both partners have to be named: of one or of several partnerships."""
    known = register(NANCY, AIX, DIJON)
    question = "Comparez le jumelage entre Nancy et Kanazawa et l'accord entre Dijon Métropole et Kobe"
    assert [one.a.key for one in rows_named(question, "fr", known)] == ["fr-city-nancy"]
    assert rows_named("Parlez-moi du jumelage de Nancy", "fr", known) == ()


def test_a_sentence_that_only_goes_on_about_a_pair_states_nothing() -> None:
    """Beside one that names both and says that they are twins it isn't shown, nor is the date in it told."""
    idle = row("Nancy et Kanazawa vivent de leurs jardins depuis 2017.", "fr", "i.md", since="2017")
    (found,) = joined([(idle, 4.0), (NANCY_JA, 2.0)], {})
    assert found.sentences == found.kind[0].sentences == NANCY_JA.sentences
    assert [cell.value for cell in found.since] == ["1973-10-12"]
    assert sorted(found.documents) == ["b.md", "i.md"]
    (alone,) = joined([(idle, 4.0)], {})
    assert alone.sentences == idle.sentences


def test_names_of_the_glossary_are_one_partner() -> None:
    """Whatever each document calls it, the list shows a town once, by the name that its reader can read."""
    latin = row("La ville de Quillebrac est jumelée avec Sabae.", "fr", "a.md")
    kana = row("キユブラ市と鯖江市は姉妹都市である。", "ja", "b.md")
    derived = {one.documents[0]: {"rows": [{"strength": 3.0, **one.to_json()}]} for one in (latin, kana)}
    texts = SimpleNamespace(originals=derived)
    generation = SimpleNamespace(derived=json.dumps(derived), texts=texts, edition=str)
    assert len(read_register(generation).partnerships) == 2  # type: ignore[arg-type]
    (one,) = read_register(generation, [("Quillebrac", "キユブラ")]).partnerships  # type: ignore[arg-type]
    assert (one.a.name("fr"), one.a.name("ja")) == ("Quillebrac", "キユブラ")


def test_remarks_on_corrections_say_where() -> None:
    """Where documents say otherwise, unless only more exactly; pairs and places that nobody knows."""
    corrections = [
        Correction("change", "Nancy", "金沢市", since="1974", source="Archives", number=2),
        Correction("change", "Aix-en-Provence", "Kumamoto", since="2013", source="Mairie", number=3),
        Correction("hide", "Nancy", "Kanasawa", number=4),
        Correction("add", "Nancy", "Atlantis", source="Archives", number=5),
        Correction("add", "Nancy", "Atlantis", source="Archives", country_b="GR", number=6),
        Correction("change", "Atlantis", "Naples", since="1990", source="Archives", number=7),
        Correction("add", "Atlantis", "Naples", source="Archives", country_a="GR", number=8),
        Correction("hide", "Kumamoto", "Aix-en-Provence", number=9),
    ]
    disagrees, hidden, unknown, *twice = remarks(register(NANCY, AIX), corrections, Path("register.csv"))
    assert disagrees == "Nancy – 金沢市: since is 1974 in the corrections, 1973 in a.md"
    assert "line 4: the documents state no partnership of Nancy and Kanasawa" in hidden
    assert "Names are in: partnerbot partnerships" in hidden
    assert "line 5: no document and no list knows 'Atlantis'" in unknown
    assert "state in country_b where it lies" in unknown
    assert twice == [
        f"register.csv, line {later}: line {first} is for the same two. What both state counts as line "
        f"{later} has it. Keep one of them."
        for first, later in ((5, 6), (7, 8), (3, 9))
    ]


def test_a_partner_that_staff_add_is_the_one_of_the_documents() -> None:
    """One that nobody knows is a town."""
    small = row("Le village de Clairmoulin est jumelé avec Sabae.", "fr", "c.md")
    lines = [Correction("add", "Clairmoulin", "Atlantis", source="Mairie")]
    rows = corrected(register(small), lines).partnerships
    assert {one.a.key for one in rows} == {"fr-village-clairmoulin"}
    assert [one.b.level for one in rows] == ["city", "city"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("twinned since November", False),
        ("no agreement", True),
        ("L'unique ville", False),
        ("un lieu", False),
    ],
)
def test_a_word_with_a_full_stop_is_whole(text: str, said: bool) -> None:
    """ "no" isn't told by November, nor a tie by a place."""
    words = {"en": "no. uni. lie."}
    assert has_word(text, "en", words) is said


def test_staff_correct_the_register(tmp_path: Path) -> None:
    """They add, change and hide rows; what documents state otherwise stays behind theirs."""
    file = tmp_path / "register.csv"
    file.write_text(
        "action,a,b,kind,since,fields,source\n"
        "change,Nancy,金沢市,,1974,,Archives\n"
        "hide,Dijon Métropole,préfecture de Kumamoto,,,,\n"
        "add,Rennes,Sendai,sister_cities,1967-09-09,culture; sport,Mairie\n",
        "utf-8",
    )
    found = corrected(register(NANCY, DIJON), read_corrections(file).lines)
    changed, added = found.partnerships
    assert [cell.value for cell in changed.since] == ["1974", "1973"]
    assert (changed.corrected, changed.source, changed.sentences) == (True, "Archives", NANCY.sentences)
    assert (added.key, added.fields[1].value) == ("fr-city-rennes--jp-city-sendai", "sport")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("remove,Nancy,Kanazawa,,,,x", "action is 'remove'"),
        ("add,Nancy,Kanazawa,colony,,,x", "kind is 'colony'"),
        ("ad,Nancy,Kanazawa,,,,x", "action is 'ad', not one of add, change, hide"),
        ("add,Nancy,Kanazawa,,1973-13,,x", "since is '1973-13'"),
        ("add,Nancy,Kanazawa,,31/02/1973,,x", "since is '31/02/1973'"),
        ("add,Nancy,Kanazawa,,10/12/1973,,x", "since is '10/12/1973'"),
        ("add,Nancy,Kanazawa,,,chess,x", "fields is 'chess'"),
        ("change,Nancy,Kanazawa,,1973,,", "source is empty"),
        ("add,Lyon,LYON,,,,x", "a and b are one place"),
        ("hide,Kanazawa,金沢,,,,", "a and b are one place"),
    ],
)
def test_a_correction_that_cant_be_used_is_named_and_the_others_count(
    tmp_path: Path, line: str, told: str
) -> None:
    """With its line, and what it may say."""
    file = tmp_path / "register.csv"
    file.write_text(f"action,a,b,kind,since,fields,source\n{line}\nhide,Tours,Takamatsu\n", "utf-8")
    read = read_corrections(file)
    assert [one.a for one in read.lines] == ["Tours"]
    (unusable,) = read.unusable
    assert f"line 2, is left out: {told}" in unusable


def test_corrections_without_their_columns_are_told_once(tmp_path: Path) -> None:
    """By the first line, not by each of those whose action isn't known then."""
    file = tmp_path / "register.csv"
    file.write_text("hide,Tours,Takamatsu\nhide,Nancy,Kanazawa\nhide,Dijon,Nagoya\n", "utf-8")
    read = read_corrections(file)
    assert read.lines == ()
    (unusable,) = read.unusable
    assert "line 1, doesn't name the columns action, a and b" in unusable


@pytest.mark.parametrize(
    ("kind", "fields", "country", "meant"),
    [
        ("jumelage", "culture, sport", "Allemagne", ("sister_cities", ("culture", "sport"), "DE")),
        ("Ville jumelée", "innovation et sciences", "DE", ("sister_cities", ("innovation",), "DE")),
        ("twin town", "food; parks and gardens", "Germany", ("sister_cities", ("food", "gardens"), "DE")),
        ("姉妹都市", "教育、観光", "ドイツ", ("sister_cities", ("education", "tourism"), "DE")),
        ("agreement", "", "", ("agreement", (), "")),
    ],
)
def test_a_correction_says_things_as_people_write_them(
    tmp_path: Path, kind: str, fields: str, country: str, meant: tuple[str, tuple[str, ...], str]
) -> None:
    """In a language of the page, in the encoding and with the columns of a French spreadsheet."""
    file = tmp_path / "register.csv"
    head = "action;a;b;kind;fields;source;country_b"
    file.write_bytes(f'{head}\r\nadd;Nantes;Sarrebruck;{kind};"{fields}";Mairie;{country}\r\n'.encode())
    (row,) = corrected(register(), read_corrections(file).lines).partnerships
    told = row.kind[0].value, tuple(cell.value for cell in row.fields), row.b.country
    assert (*told, row.a.country) == (*meant, "FR")


@pytest.mark.parametrize(
    ("mark", "since", "meant"),
    [
        (";", "10/12/1973", "1973-12-10"),
        (";", "09.10.1973", "1973-10-09"),
        (";", "12 octobre 1973", "1973-10-12"),
        (",", "26/11/1973", "1973-11-26"),
        (",", "09.09.1973", "1973-09-09"),
        (",", "1973/9/2", "1973-09-02"),
        (",", "1973-10", "1973-10"),
    ],
)
def test_a_date_is_taken_as_a_spreadsheet_saves_it(tmp_path: Path, mark: str, since: str, meant: str) -> None:
    """The day first in a file with semicolons; in another one where it can't be taken for a month."""
    file = tmp_path / "register.csv"
    lines = ["action,a,b,since,source", f"change,Nancy,Kanazawa,{since},Archives"]
    file.write_text("\n".join(lines).replace(",", mark), "utf-8")
    assert [one.since for one in read_corrections(file).lines] == [meant]


def test_a_town_that_no_list_knows_is_asked_for_by_its_name_in_the_register() -> None:
    """Since when it is twinned is then told from its row, not from the text."""
    text = "Nancy est jumelée avec la ville japonaise de Hanamura depuis 2009."
    known = register(AIX, row(text, "fr", "h.md", since="2009"))
    for question in (
        "Since when has Nancy been twinned with Hanamura?",
        "Since when are Hanamura and Nancy twinned?",
    ):
        found = asked_of(question, "en", known)
        assert found is not None
        assert (found.asked, [row.b.key for row in found.rows]) == (
            "since",
            ["jp-city-hanamura"],
        )
    assert asked_of("Since when has Nancy been twinned with Hanamurata?", "en", known) is None


def test_no_corrections_are_none(tmp_path: Path) -> None:
    """Without the file the register is what the documents state."""
    assert read_corrections(tmp_path / "register.csv").lines == ()
