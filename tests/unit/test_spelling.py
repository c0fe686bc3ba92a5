"""Misspelt words of a question: what they are taken for, and what is left as it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from langchain_core.documents import Document

from partnerbot.answering.spelling import Correction, Spelling
from partnerbot.bot import Partnerbot
from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.index.lexical import words_of
from partnerbot.index.spellings import read_glossary
from partnerbot.index.texts import Texts, split_into_passages

ROOT = Path(__file__).parents[2]
_TABLE = Path(__file__).parents[1] / "misspelt.tsv"
MISSPELT = [tuple(line.split("\t")) for line in _TABLE.read_text("utf-8").splitlines()]
KNOWN_MISSES = 5
"""Of misspelt.tsv: two letters wrong in a short name, or a wrong word that exists."""


def spelling_of(documents: Iterable[Document], glossary: Path) -> Spelling:
    """Return what puts questions right by documents."""
    texts = Texts(split_into_passages(one) for one in documents)
    return Spelling(words_of(texts, None).knowing(read_glossary(glossary)), texts)


@pytest.fixture(scope="module")
def sample(sample_documents: list[Document]) -> Spelling:
    """The articles of the sample."""
    return spelling_of(sample_documents, ROOT / "glossary.yaml")


def test_misspelt_questions_are_mended(sample: Spelling) -> None:
    """Nearly all of some sixty questions, misspelt as people misspell, are as they should be."""
    wrong = [
        (asked, sample.corrected(asked, language).text)
        for language, asked, meant in MISSPELT
        if sample.corrected(asked, language).text.lower() != meant.lower()
    ]
    assert len(wrong) <= KNOWN_MISSES, wrong


@pytest.mark.parametrize(
    ("written", "language", "meant"),
    [
        ("quand dijon et kumamoto ont signé ?", "fr", "quand Dijon et Kumamoto ont signé ?"),
        ("When did vitagora come to aix-en-provence?", "en", "When did Vitagora come to Aix-en-Provence?"),
        ("list all twinnings between france and japan", "en", "list all twinnings between France and Japan"),
        ("tell me about nancy and kanazawa", "en", "tell me about Nancy and Kanazawa"),
        ("avec qui tours est jumelée ?", "fr", "avec qui Tours est jumelée ?"),
        ("le salon de la ville", "fr", "le salon de la ville"),
        ("Who met the mayor of tours in Takamatsu?", "en", "Who met the mayor of tours in Takamatsu?"),
    ],
)
def test_names_are_large_in_what_is_written_small(
    sample: Spelling, written: str, language: str, meant: str
) -> None:
    """As on a telephone; what may be a common word stays, and so does what has other capitals."""
    assert sample.corrected(written, language) == Correction(meant)


def test_what_was_mended_stays(sample: Spelling) -> None:
    """A question put right is not changed again."""
    for language, asked, _ in MISSPELT:
        mended = sample.corrected(asked, language).text
        assert sample.corrected(mended, language).spelled == ()


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How did Yokosuka mark the fifty years in spite of the epidemic?", "en"),
        ("Que fait Nikola Tesla à Dijon ?", "fr"),
        ("Quel est le rôle de la mairie ?", "fr"),
        ("Comment je m’inscris ?", "fr"),
        ("Quelles villes sont jumelées avec Toulouse ?", "fr"),
        ("What are the opening hours of the library?", "en"),
        ("Who is the mayor of Birmingham?", "en"),
        ("観光について教えてください", "ja"),
        ("エレベーターはありますか", "ja"),
        ("Wo liegt Kumamoto, und wer hat unterschrieben?", "de"),
    ],
)
def test_words_that_exist_stay(sample: Spelling, question: str, language: str) -> None:
    """A word that the documents don't have is still a word."""
    corrected = sample.corrected(question, language)
    assert (corrected.text, corrected.spelled) == (question, ())


def test_names_of_another_collection(tmp_path: Path) -> None:
    """What is near depends on the documents alone."""
    texts = {
        "fr": "La ville de Clairmoulin et Kirisawa ont signé une charte. Kirisawa est au Japon.",
        "ja": "クレールムランと霧沢市は姉妹都市です。クレールムランの市長が訪れました。",
    }
    documents = [
        Document(text, metadata={SOURCE: f"{language}.md", TITLE: "Kirisawa", LANGUAGE: language})
        for language, text in texts.items()
    ]
    spelling = spelling_of(documents, tmp_path / "none.yaml")
    assert spelling.corrected("ou est clermoulin ?", "fr").spelled == (("clermoulin", "Clairmoulin"),)
    assert spelling.corrected("クレルムーラムはどこ", "ja").text == "クレールムランはどこ"
    assert spelling.corrected("くれーるむらんはどこ", "ja").text == "クレールムランはどこ"
    assert spelling.corrected("parlez-moi de vitagorra", "fr").spelled == ()


def test_the_reply_says_what_it_looked_for(small_bot: Partnerbot) -> None:
    """The first line is the question as it was taken; one spelt right has none."""
    right = "Quand la charte d'amitié entre Clairmoulin et Kirisawa a-t-elle été signée ?"
    answer = small_bot.ask("Quand la charte d'amitié entre Clairmoulin et Kirissawa a-t-elle été signée ?")
    assert answer.answer.splitlines()[0] == f"Résultats pour «\u00a0{right}\u00a0»"
    assert answer.question.count("Kirissawa") == 1
    common = small_bot.ask("Kand la charte d'amitié entre Clairmoulin et Kirisawa a-t-elle été signée ?")
    assert "Résultats pour" not in common.answer
    assert "Résultats pour" not in small_bot.ask(right).answer


def test_the_parts_of_an_address_are_no_words(sample: Spelling) -> None:
    """Nobody's name in an e-mail is taken for a misspelt word."""
    for asked in ("Écrivez-moi à paul.durand@exemple.fr", "Que dit www.clairmoulinn.fr ?"):
        assert sample.corrected(asked, "fr").text == asked


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "낭시와 가나자와는 언제 자매결연을 맺었습니까?",
            "Nancy와 Kanazawa는 언제 姉妹都市提携을 맺었습니까?",
        ),
        ("비타고라는 구마모토 사무소를", "Vitagora는 Kumamoto 사무소를"),
        ("브레스트시와 요코스카시", "Brest시와 Yokosuka시"),
        ("디종 메트로폴에 대해", "Dijon métropole에 대해"),
        ("투르와 다카마쓰, 샤르트르와 콩피에뉴", "Tours와 Takamatsu, Chartres와 Compiègne"),
        ("일불 지자체 교류회의는 몇 번", "Rencontres franco-japonaises는 몇 번"),
        ("마르세유 시장, 아비뇽의 시장, 렌의 시장", "Marseille 시장, Avignon의 시장, Rennes의 시장"),
        ("파리에 있는 칸의 시장 로시노", "Paris에 있는 Cannes의 시장 Rossinot"),
        ("니스와 가와고에의 교류, 리옹에는 전주가", "Nice와 Kawagoe의 교류, Lyon에는 Jeonju가"),
        ("아이치현과 홋카이도, 기후현", "Aichi현과 Hokkaido, Gifu현"),
    ],
)
def test_names_in_hangul_are_written_as_the_documents_write_them(
    sample: Spelling, written: str, meant: str
) -> None:
    """A Korean name is found by its sound, or as the glossary spells it, whatever particle follows it.

    So is what Korean calls partnerships; and a place of the list that the documents don't have.
    """
    assert sample.named(written, "ko") == meant


@pytest.mark.parametrize(
    "question",
    [
        "어느 나라가 더 많은 도시를 가지고 있습니까?",
        "얼마나 많은 사람이 회의에 참가했나요?",
        "이 도시의 거리는 뜻을 알 수 없어요",
        "안녕하세요, 무엇을 도와주실 수 있나요?",
        "들어간다고 하면 서면으로 덩어리까지",
        "개가 문을 열고 들어가면 어떻게 하나요?",
        "기후 변화에 대해 두 나라는 무엇을 한다고 하나요?",
        "이란과 싱가포르의 도시마다 다음 테마가 있나요?",
    ],
)
def test_korean_words_are_no_names(sample: Spelling, question: str) -> None:
    """Words that Korean texts are full of stay, though some sound like a town."""
    assert sample.named(question, "ko") == question
