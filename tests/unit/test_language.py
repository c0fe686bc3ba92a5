"""Languages of documents and of one-line questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerbot.documents.language import detect_language

QUESTIONS = """
en | When did Vitagora open its Kumamoto office?
en | Who signed the agreement between Kumamoto and Dijon?
en | Where is Osaka Castle?
en | How many towns are twinned with Kanazawa?
en | Vitagora office Kumamoto opening year
en | What is Kumamon?
en | Sister cities of Nara
en | Is Shizuoka a prefecture?
en | And in Dijon?
en | WHO IS THE MAYOR OF NANCY?
en | Tell me about sake exports to France
en | Which city hosts the 8th meeting: Shizuoka or Takamatsu?
en | Kumamoto contact
en | When was CLAIR Paris founded
fr | Quand Vitagora a-t-il ouvert son bureau à Kumamoto ?
fr | Qui a signé l'accord entre Kumamoto et Dijon ?
fr | Où se trouve Kanazawa ?
fr | Combien de villes sont jumelées avec Nara ?
fr | date ouverture bureau Kumamoto
fr | C'est quoi Kumamon ?
fr | Et à Dijon ?
fr | Villes jumelées avec Sendai
fr | QUI EST LE MAIRE DE NANCY ?
fr | Qu'est-ce que Vitagora ?
fr | Parlez-moi du saké de Shizuoka
fr | Le jumelage Tours-Takamatsu
fr | ou sont les rencontres franco-japonaises
fr | Quelle est la mascotte de Kumamoto ?
fr | Quels sont les partenaires japonais de Bordeaux ?
fr | bureau japonais Vitagora
de | Wann hat Vitagora sein Büro in Kumamoto eröffnet?
de | Wer hat das Abkommen mit Dijon unterzeichnet?
de | Wo liegt Kanazawa?
de | Wie viele Städte sind mit Nara verbunden?
de | Was ist Kumamon?
de | Partnerstädte von Sendai
de | Und in Dijon?
es | ¿Cuándo abrió Vitagora su oficina en Kumamoto?
es | ¿Quién firmó el acuerdo con Dijon?
es | ¿Dónde está Kanazawa?
es | ¿Cuántas ciudades están hermanadas con Nara?
es | Qué es Kumamon
es | Ciudades hermanadas con Sendai
es | ¿Y en Dijon?
it | Quando ha aperto Vitagora il suo ufficio a Kumamoto?
it | Chi ha firmato l'accordo con Dijon?
it | Dove si trova Kanazawa?
it | Quante città sono gemellate con Nara?
it | Che cos'è Kumamon?
it | Città gemellate con Sendai
it | E a Dijon?
pt | Quando a Vitagora abriu o seu escritório em Kumamoto?
pt | Quem assinou o acordo com Dijon?
pt | Onde fica Kanazawa?
pt | Quantas cidades são geminadas com Nara?
pt | O que é o Kumamon?
pt | Cidades geminadas com Sendai
pt | E em Dijon?
nl | Wanneer heeft Vitagora zijn kantoor in Kumamoto geopend?
nl | Wie heeft de overeenkomst met Dijon ondertekend?
nl | Waar ligt Kanazawa?
nl | Hoeveel steden zijn verbonden met Nara?
"""
LABELLED = [tuple(line.split(" | ")) for line in QUESTIONS.strip().split("\n")]


def test_short_questions_full_of_japanese_names() -> None:
    """At least nine in ten are told right where the surroundings give no hint, and no name decides."""
    wrong = [
        (language, question)
        for language, question in LABELLED
        if detect_language(question, default="unknown") not in (language, "unknown")
    ]
    unsure = [
        question for _, question in LABELLED if detect_language(question, default="unknown") == "unknown"
    ]
    assert len(wrong) <= 2, wrong
    assert len(unsure) <= 4, unsure


@pytest.mark.parametrize("language", ["fr", "en"])
def test_questions_on_a_page_in_their_language(language: str) -> None:
    """With the page's language as default, every French and English question is told right."""
    for expected, question in LABELLED:
        if expected == language:
            assert detect_language(question, default=language) == language, question


@pytest.mark.parametrize(
    "name", ["Kumamoto", "KUMAMOTO", "Vitagora", "Dijon ?", "Kumamoto Dijon", "Kumamon?"]
)
@pytest.mark.parametrize("default", ["en", "fr", "ja"])
def test_name_alone_tells_nothing(name: str, default: str) -> None:
    """A question that is only a name is in the language of the page it is asked on."""
    assert detect_language(name, default=default) == default


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ヴィタゴラはいつ熊本に事務所を開設しましたか？", "ja"),
        ("Vitagoraはいつ熊本に?", "ja"),
        ("CLAIR Parisとは", "ja"),
        ("くまモン", "ja"),
        ("熊本県", "ja"),
        ("姉妹都市一覧", "ja"),
        ("其の二、佐々木", "ja"),
        ("日仏自治体交流会議開催実績一覧", "ja"),
        ("中国和法国的合作关系", "zh"),
        (
            "熊本縣的吉祥物是くまモン，於二零一零年誕生，深受當地居民與遊客的喜愛，並曾多次訪問法國的城市與鄉村，推廣當地的農產品與觀光資源",
            "zh",
        ),
        ("法国", "ja"),
        ("第戎都會區與熊本縣於去年十月簽署了合作備忘錄", "zh"),
        ("구마모토는 어디입니까?", "ko"),
        ("Где находится Кумамото?", "ru"),
        ("Πού βρίσκεται το Κουμαμότο;", "el"),
        ("Que veut dire くまモン en français ?", "fr"),
        ("What is くまモン?", "en"),
        ("Le terme 熊本 s'écrit avec deux kanjis.", "fr"),
    ],
)
def test_script_decides_where_it_can(text: str, language: str) -> None:
    """Kana, hangul and other scripts tell the language; a quoted word of Japanese doesn't."""
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "   ", "2024", "😀😀", "?!", "\ud800", "\x00", "https://"])
def test_text_without_words_gets_the_default(text: str) -> None:
    """No letters, no language."""
    assert detect_language(text, default="fr") in ("fr", "en")


def test_document_with_a_foreign_preface() -> None:
    """The start of a document doesn't decide for all of it."""
    body = "Les deux villes ont signé un accord sur la formation des jeunes et le travail du bois. " * 40
    assert (
        detect_language("The two cities have signed an agreement about training and wood. " * 8 + body)
        == "fr"
    )


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_gets_a_code(text: str) -> None:
    """Whatever Unicode comes, the answer is two letters."""
    language = detect_language(text)
    assert len(language) == 2
    assert language.islower()


def test_rows_of_a_table_are_in_the_language_of_their_headings() -> None:
    """Each cell begins with a capital, which makes no names of all its words."""
    assert detect_language("Bassin: Grand bassin | Température: 27 °C", default="en") == "fr"
    assert detect_language("Car park: Harbour | Spaces: 120 | Hourly rate: 1.50", default="fr") == "en"
