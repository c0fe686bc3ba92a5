"""Cleaning: what is not text goes, and nothing else does."""

from __future__ import annotations

import textwrap
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerbot.documents.cleaning import clean, clean_pages, normalise
from partnerbot.documents.line_joining import WRAP

COPIED_PAGE = """Sélectionnez votre langue

L'ASSOCIATION MIRABELLE a été créée en mars 1994 pour faire connaître les villages du Japon en Lorraine.

A+ A A-

Un premier accord entre le département d'Iwamori et la métropole de Valmont

Par le département d'Iwamori, Division de la Forêt

Le département d’Iwamori et la métropole de Valmont ont signé un accord au mois de mai. L’accord porte sur
« le bois », « les sources chaudes » et l’accueil des stagiaires.

En 2019, la scierie Boréal a ouvert son bureau à Iwamori.

https://youtu.be/a_bCdE-FgHi

\u00a0p2200318reduit \u00a0line 4482910023417
\u00a0Délégation d’Iwamori devant la scierie \u00a0Signature à l’hôtel de ville(©2018岩森県もりりん)
\u00a0affiche finale \u00a01820033445566reduit
\u00a0Affiche des dix ans. Moririn et le hérisson. \u00a0La mascotte(©2018岩森県もりりん)
\u00a0maxresdefault \u00a0
\u00a0Vidéo de la visite(©2018岩森県もりりん)"""


def test_page_copied_as_text_keeps_its_article_and_loses_the_rest() -> None:
    """A web page copied with its menus and captions becomes its paragraphs, slogan included."""
    assert clean(COPIED_PAGE) == (
        "L'ASSOCIATION MIRABELLE a été créée en mars 1994 pour faire connaître les villages du Japon en"
        " Lorraine.\n\n"
        "Un premier accord entre le département d'Iwamori et la métropole de Valmont\n\n"
        "Par le département d'Iwamori, Division de la Forêt\n\n"
        "Le département d’Iwamori et la métropole de Valmont ont signé un accord au mois de mai. L’accord"
        " porte sur « le bois », « les sources chaudes » et l’accueil des stagiaires.\n\n"
        "En 2019, la scierie Boréal a ouvert son bureau à Iwamori."
    )


@pytest.mark.parametrize(
    "line",
    [
        "Sélectionnez votre langue",
        "Choisir la langue",
        "Select your language",
        "言語を選択",
        "言語を選択してください",
        "A+ A A-",
        "A- A A+",
        "文字サイズ 小 中 大",
        "Français | English | 日本語",
        "FR EN JA",
        "Aller au contenu principal",
        "Skip to content",
        "本文へスキップ",
        "ページの先頭へ戻る",
        "Accueil > Actualités > Coopération décentralisée",
        "ホーム > お知らせ > 国際交流",
        "Accueil | Actualités | Agenda | Contact",
        "Partager sur Facebook",
        "Facebook Twitter LinkedIn",
        "Partager : Facebook - Twitter - Envoyer par courriel",
        "シェア：X・LINE・はてなブックマーク",
        "© 2024 Ville de Valmont. Tous droits réservés",
        "Copyright © 2019 Iwamori Prefecture",
        "Crédit photo : Ville de Valmont",
        "写真提供：岩森県",
        "Signature à la mairie en mai 2019(©2018岩森県もりりん)",
        "調印式の様子（©2018岩森県もりりん）",
        "p1100457reduit",
        "maxresdefault",
        "design final 1719364696426reduit",
        "DSC_0042.jpg",
        "IMG_20240512_101500",
        "photo de groupe devant la mairie.JPG",
        "https://youtu.be/a_bCdE-FgHi",
        "<https://example.org/page?id=3>",
    ],
)
def test_line_of_a_known_kind_goes(line: str) -> None:
    """Menus, pickers, image names, credits and bare addresses go; the sentences beside them stay."""
    assert clean(f"La ville a signé.\n\n{line}\n\nElle a fêté.") == "La ville a signé.\n\nElle a fêté."


@pytest.mark.parametrize(
    "line",
    [
        "Contact",
        "Accueil des stagiaires japonais",
        "Langues parlées : français, anglais, japonais",
        "La photo p1100457 montre la signature.",
        "Voir https://example.org/programme pour le programme.",
        "Les droits sont réservés à la ville.",
        "Photo de famille des maires devant le château.",
        "L'appel à projets A, B et C",
        "23",
        "1719364696426",
        "日本語を話す職員が迎える。",
        "Le menu du banquet : truite, riz, mirabelles.",
        "Copyright law changed in 2020.",
        "½ litre, ① à ③, Kumamon™, 20 m²",
    ],
)
def test_line_that_only_resembles_one_stays(line: str) -> None:
    """A sentence or heading that holds a menu word, an address or a credit word is text."""
    assert line in clean(f"Un texte.\n\n{line}\n\nUn autre.")


def test_credit_inside_a_sentence_goes_alone() -> None:
    """The mark of a mascot's owner is cut out; its sentence stays whole."""
    assert clean("La ville a reçu Moririn (©2018岩森県もりりん), sa mascotte.") == (
        "La ville a reçu Moririn, sa mascotte."
    )


def test_menu_down_the_page_goes_and_the_title_under_it_stays() -> None:
    """Menu words in a row are a menu; a line before or after may be the title."""
    menu = "Accueil\nActualités\nNos projets\nAgenda\nContact\nUn accord pour la forêt\n\nLe texte suit ici."
    assert clean(menu) == "Un accord pour la forêt\n\nLe texte suit ici."


def test_caption_under_an_image_name_goes_but_not_a_paragraph() -> None:
    """What follows an image's name is its caption, unless it is a sentence."""
    assert clean("DSC_0042.jpg\nLa délégation devant la scierie\n\nLa scierie a ouvert en 2019.") == (
        "La scierie a ouvert en 2019."
    )
    assert clean("DSC_0042.jpg\nLa scierie a ouvert en 2019.") == "La scierie a ouvert en 2019."


def test_address_that_a_sentence_runs_into_stays() -> None:
    """An address on its own line can be the end of a wrapped sentence."""
    text = "Le programme complet de la semaine se trouve à l'adresse\nhttps://example.org/programme"
    assert "https://example.org/programme" in clean(text)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("la coopé-\nration continue", "la coopération continue"),
        ("l'amitié franco-\njaponaise", "l'amitié franco-japonaise"),
        ("la Bourgogne-\nFranche-Comté", "la Bourgogne-Franche-Comté"),
        ("le vice-\ngouverneur", "le vice-gouverneur"),
        ("celui-\nci arrive", "celui-ci arrive"),
        ("the part-\nnership began", "the partnership began"),
        ("a well-\nknown city", "a well-known city"),
        ("the mid-\nand late 1960s", "the mid- and late 1960s"),
        ("un porte-greffe et un porte-\nbagage", "un porte-greffe et un porte-bagage"),
        ("le co\u00ad\nmité", "le comité"),
    ],
)
def test_hyphen_at_a_line_end(broken: str, whole: str) -> None:
    """A broken word is joined; a compound keeps its hyphen and loses the line break."""
    assert clean(broken) == whole


def test_hyphenation_follows_the_rest_of_the_text() -> None:
    """A form seen elsewhere in the text decides before any rule does."""
    assert clean("Le multi-\nsite.\n\nUn multisite.") == "Le multisite.\n\nUn multisite."
    assert clean("Le savoir-\nfaire.\n\nUn savoir-faire.") == "Le savoir-faire.\n\nUn savoir-faire."


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (
            "岩森県は2019年5月、\nヴァルモン都市圏と\n協定を結んだ。",
            "岩森県は2019年5月、ヴァルモン都市圏と協定を結んだ。",
        ),
        (
            "岩森県とヴァルモン都市圏は昨年の五月に協定を締\n結した。",
            "岩森県とヴァルモン都市圏は昨年の五月に協定を締結した。",
        ),
        ("訪問団は「森の\n国」を見学した。", "訪問団は「森の国」を見学した。"),
        ("二〇一九年に\nBoréal社が事務所を開いた。", "二〇一九年にBoréal社が事務所を開いた。"),
    ],
)
def test_line_break_inside_a_japanese_sentence(broken: str, whole: str) -> None:
    """Japanese lines are joined without a space."""
    assert clean(broken) == whole


def test_japanese_paragraphs_and_headings_stay_apart() -> None:
    """An indent, a full stop or a short heading line ends a paragraph."""
    text = "はじめに\n　岩森県は森の国である。\n　協定は五月に結ばれた。\n今後の予定\n式典は秋に行う。"
    assert clean(text) == "\n\n".join(
        ["はじめに", "岩森県は森の国である。", "協定は五月に結ばれた。", "今後の予定", "式典は秋に行う。"]
    )


def test_hard_wrapped_paragraphs_become_one_line_each() -> None:
    """Lines as full as the widest go on; headings, lists and blank lines stay."""
    text = (
        "Les premiers échanges\n"
        "Le département d’Iwamori et la métropole de Valmont travaillent ensemble\n"
        "Depuis dix ans, sur le bois et les sources chaudes. Le maire Paul\n"
        "Durand a visité Iwamori deux fois, et le gouverneur est venu en retour\n"
        "à Valmont.\n"
        "\n"
        "Les thèmes :\n"
        "- le bois\n"
        "- les sources chaudes\n"
        "1. une école\n"
        "2. un musée"
    )
    assert clean(text) == (
        "Les premiers échanges\n\n"
        "Le département d’Iwamori et la métropole de Valmont travaillent ensemble Depuis dix ans, sur le bois"
        " et les sources chaudes. Le maire Paul Durand a visité Iwamori deux fois, et le gouverneur est venu"
        " en retour à Valmont.\n\n"
        "Les thèmes :\n- le bois\n- les sources chaudes\n1. une école\n2. un musée"
    )


def test_address_keeps_its_lines() -> None:
    """Short lines that each start anew are no wrapped sentence."""
    address = "Hôtel de ville\nPlace de la Forêt\n54000 Valmont"
    assert clean(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "次のとおりです。\n・アウクスブルク市（ドイツ） 昭和34年提携\n・アンジェ市（フランス） 平成21年提携",
        "1994年　江原道と友好提携\n1995年　河北省と友好提携\n2018年　バーモント州と姉妹提携",
        "Ako - Rockingham, Australia, 1997\nTamba - Kent, USA\nToyooka - Aubagne, France",
    ],
)
def test_lists_without_the_marks_of_markdown_keep_their_lines(text: str) -> None:
    """Authors write them so, though to Markdown they are one paragraph."""
    assert clean(text.replace("\n", WRAP)) == clean(text)
    assert clean("La ville de Valmont\va signé\vavec Iwamori.") == "La ville de Valmont a signé avec Iwamori."


def test_one_form_of_each_character() -> None:
    """Full-width letters and digits, half-width katakana, ligatures and radicals get their plain form."""
    assert clean("市⻑と⻄村さんは⻘い⿃を⾒た。") == "市長と西村さんは青い鳥を見た。"
    assert (
        normalise("ＡＢＣ１２３　ｶﾞｲﾄﾞ　ﬁn ⼈口１，８４３人　２０．５％")
        == "ABC123 ガイド fin 人口1,843人 20.5％"
    )


def test_japanese_punctuation_and_special_signs_stay() -> None:
    """What full compatibility normalisation would damage is kept."""
    text = "「森の国」。、・（岩森）！？½ ① ™ m² ㈱ 〜"
    assert normalise(text) == text


def test_invisible_characters_go_and_spaces_are_plain() -> None:
    """Zero-width, control and direction marks go; no-break spaces become spaces."""
    assert normalise("\ufeffVal\u200bmont\u00a0: 2\u202f000 hab\u00aditants\x00\x07 !\u2028Fin") == (
        "Valmont : 2 000 habitants !\nFin"
    )
    assert normalise("e\u0301te\u0301") == "été"
    assert normalise("か\u3099") == "が"


def test_joined_emoji_stays_one() -> None:
    """The joiner that makes a family of three people is no invisible waste."""
    assert normalise("👨\u200d👩\u200d👧 Iwa\u200dmori") == "👨\u200d👩\u200d👧 Iwamori"


def test_pages_are_one_text_with_the_place_of_each() -> None:
    """Heads, feet and page numbers go, a sentence over a page break is whole, each page has its start."""
    pages = [
        "Rapport annuel\nUn accord pour la forêt\n\nLa ville a signé un accord sur la coopé-\n1",
        "Rapport annuel\nration et sur le bois, puis une déclaration\n2",
        "Rapport annuel\ncommune en mai.\n\nLe maire a parlé.\n3",
    ]
    text, starts = clean_pages(pages)
    assert text == (
        "Un accord pour la forêt\n\n"
        "La ville a signé un accord sur la coopération et sur le bois, puis une déclaration commune en mai."
        "\n\n"
        "Le maire a parlé."
    )
    assert [text[start:].split(" ")[0] for start in starts[1:]] == ["ration", "commune"]
    assert starts[0] == 0


def test_title_that_is_also_the_running_head_stays_once() -> None:
    """Each page loses its head, not the title that reads the same."""
    pages = ["Le guide\nLe guide\n\nUn texte.", "Le guide\nDeux textes.", "Le guide\nTrois textes."]
    assert clean_pages(pages)[0].startswith("Le guide\n\nUn texte.")


def test_number_alone_on_a_page_is_text_unless_it_counts_pages() -> None:
    """A figure at a page's end stays when the pages don't count with it."""
    text, _ = clean_pages(["Nombre de communes :\n23", "Nombre d'écoles :\n112"])
    assert "23" in text
    assert "112" in text


@pytest.mark.parametrize(
    "foot", ["{0}", "- {0} -", "Page {0}", "{0} / 3", "page {0} sur 3", "{0}ページ", "Rapport – p. {0}"]
)
def test_page_numbers_go_in_any_writing(foot: str) -> None:
    """Whatever stands around it, a number that counts the pages is none of the text."""
    pages = [f"Un texte {word}.\n{foot.format(page)}" for page, word in enumerate(("bref", "long", "vif"), 7)]
    assert clean_pages(pages)[0] == "Un texte bref.\n\nUn texte long.\n\nUn texte vif."


def test_pages_without_text_start_where_the_next_one_does() -> None:
    """Empty pages keep their place in the count."""
    text, starts = clean_pages(["", "Un texte.", "", "Un autre.", ""])
    assert text == "Un texte.\n\nUn autre."
    assert starts == [0, 0, 11, 11, 20]


any_text = st.text(alphabet=st.characters(), max_size=200)
lines = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *COPIED_PAGE.split("\n"),
                "",
                "　岩森県は、",
                "森の国と",
                "ﾓﾘﾘﾝ",
                "coopé-",
                "ration",
                "• un",
                "a | b",
            ]
        ),
        st.text(max_size=30),
    ),
    max_size=12,
).map("\n".join)


@settings(max_examples=200)
@given(st.one_of(any_text, lines))
def test_cleaning_again_changes_nothing(text: str) -> None:
    """Cleaning is idempotent, and its result is NFC without control characters, for any Unicode."""
    once = clean(text)
    assert clean(once) == once
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not {character for character in once if unicodedata.category(character) in ("Cc", "Cs")} - {"\n"}


@settings(max_examples=100)
@given(st.lists(lines, max_size=5))
def test_page_starts_ascend_within_the_text(pages: list[str]) -> None:
    """Every page has a start, in order, inside the text or at its end."""
    text, starts = clean_pages(pages)
    assert len(starts) == max(1, len(pages))
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert starts[-1] <= len(text)
    assert clean(text) == text


PROSE = "la ville signe un accord avec le département pour former des jeunes au travail du bois en 2019"
WORDS = tuple(PROSE.split())


@settings(max_examples=100)
@given(
    st.lists(
        st.lists(st.sampled_from(WORDS), min_size=6, max_size=60).map(lambda words: " ".join(words) + "."),
        min_size=1,
        max_size=6,
    ),
    st.integers(min_value=20, max_value=100),
)
def test_no_letter_of_ordinary_paragraphs_is_lost(paragraphs: list[str], columns: int) -> None:
    """Whatever width prose is wrapped at, cleaning gives its words back, in paragraphs."""
    wrapped = "\n\n".join(textwrap.fill(paragraph, columns) for paragraph in paragraphs)
    assert clean(wrapped).split() == " ".join(paragraphs).split()
