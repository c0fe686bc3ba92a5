"""The answer that was read, and what it is called in the asker's language."""

from __future__ import annotations

from itertools import product

import pytest

from partnerbot.answering.highlight import Located, lacks_answer, locate_answer

FR_OFFICE = "Par la suite, en 2019, la coopérative a ouvert son bureau à Otsu."
FR_SIGNED = "La charte a été signée le 20 octobre 2023 à la mairie de Tours."
JA_SIGNED = "憲章は2023年10月20日にトゥール市役所で署名された。"
FR_DAY, JA_DAY, FR_DAYS = "20 octobre 2023", "2023年10月20日", "17 au 22 octobre"
FR_VISIT = "Une délégation a visité Tours du 17 au 22 octobre."
FR_TOWNS = "L'agglomération rassemble 23 communes et 4 lycées."
JA_TOWNS = "広域連合には23の自治体が加わり、職員は50人である。"
EN_PEOPLE = "The valley has 1,843 inhabitants."

LOCATED = [
    # the asker's language, question, the sentence's, sentence, read, highlighted (None: that), short answer
    ("en", "When did the cooperative open its office?", "fr", FR_OFFICE, "2019", None, "2019"),
    ("ja", "協同組合はいつ事務所を開きましたか。", "fr", FR_OFFICE, "en 2019", "2019", "2019年"),
    ("fr", "Quand la coopérative a-t-elle ouvert son bureau ?", "fr", FR_OFFICE, "2019", None, "2019"),
    ("en", "When was the charter signed?", "fr", FR_SIGNED, FR_DAY, None, "20 October 2023"),
    ("ja", "憲章はいつ署名されましたか。", "fr", FR_SIGNED, "20 octobre", FR_DAY, JA_DAY),
    ("de", "Wann wurde die Charta unterzeichnet?", "fr", FR_SIGNED, FR_DAY, None, "20. Oktober 2023"),
    ("nl", "Wanneer is het handvest getekend?", "fr", FR_SIGNED, FR_DAY, None, "20 oktober 2023"),
    ("fr", "Quand la charte a-t-elle été signée ?", "ja", JA_SIGNED, JA_DAY, None, FR_DAY),
    ("ko", "헌장은 언제 서명되었습니까?", "ja", JA_SIGNED, JA_DAY, None, "2023년 10월 20일"),
    ("en", "In what year was the charter signed?", "fr", FR_SIGNED, "2023", FR_DAY, "2023"),
    ("fr", "En quelle année fut-elle signée ?", "fr", FR_SIGNED, "2023", FR_DAY, "2023"),
    ("ja", "憲章は何年に署名されましたか。", "ja", JA_SIGNED, "2023年", JA_DAY, "2023年"),
    ("en", "When did the delegation visit?", "fr", FR_VISIT, FR_DAYS, None, "17–22 October"),
    ("ja", "訪問団はいつ訪れましたか。", "fr", FR_VISIT, "du 17 au 22 octobre", FR_DAYS, "10月17日～22日"),
    ("fr", "Combien de communes rassemble-t-elle ?", "fr", FR_TOWNS, "23 communes", "23", "23"),
    ("fr", "Combien de lycées y a-t-il ?", "fr", FR_TOWNS, "4 lycées", "4", "4"),
    ("ja", "職員は何人ですか。", "ja", JA_TOWNS, "50人", "50", "50"),
    ("fr", "Combien d'habitants ?", "en", EN_PEOPLE, "1,843 inhabitants", "1,843", "1\u202f843"),
    ("ja", "谷には何人住んでいますか。", "en", EN_PEOPLE, "1,843", None, "1,843"),
    ("en", "How long is it?", "fr", "Le stage dure quatre semaines.", "quatre semaines", None, "4 weeks"),
    ("fr", "Combien de temps dure le stage ?", "ja", "研修は6か月だ。", "6か月だ", "6か月", "6\u00a0mois"),
    ("en", "How much money was given?", "ja", "200万円だった。", "200万円", None, "2,000,000 Japanese yen"),
    ("en", "What percentage agreed?", "fr", "En tout, 20,8 % ont dit oui.", "20,8 %", None, "20.8%"),
    ("en", "How much of the area is forest?", "fr", "La forêt couvre 60 % du pays.", "60 %", None, "60%"),
    ("en", "In what country is it?", "ja", "学校はポルトガルにある。", "ポルトガル", None, "Portugal"),
    ("ja", "どこにありますか。", "fr", "Elle est au Portugal.", "Portugal", None, "ポルトガル"),
    ("en", "How many of the 12 towns agreed?", "fr", "Sur les 12 villes, 7 l'ont fait.", "7", None, "7"),
    ("ja", "いつですか。", "ja", "１９９０年１０月だ。", "１９９０年１０月", None, "1990年10月"),
    ("fr", "Quand ferme-t-il ?", "fr", "Il ferme le 2025-12-06.", "2025-12-06", None, "6 décembre 2025"),
    ("ja", "事務所はいつからありますか。", "ja", "1990年に開かれた。", "1990年に", "1990年", "1990年"),
]  # fmt: skip


def located(question: str, asked_in: str, sentence: str, said_in: str, read: str) -> Located | None:
    """Return what is made of an answer that the reader has read."""
    start = sentence.index(read)
    return locate_answer(question, asked_in, sentence, said_in, (start, start + len(read)))


@pytest.mark.parametrize(
    ("asked_in", "question", "said_in", "sentence", "read", "highlighted", "short"), LOCATED
)
def test_the_answer_is_said_for_the_asker(
    asked_in: str, question: str, said_in: str, sentence: str, read: str, highlighted: str | None, short: str
) -> None:
    """The highlight is the sentence's own words; the short answer is written as the asker writes."""
    found = located(question, asked_in, sentence, said_in, read)
    assert found is not None
    assert sentence[found.start : found.end] == (highlighted or read)
    assert found.short_answer == short


LEFT_AS_READ = [
    ("fr", "Qui a signé la charte ?", "fr", FR_SIGNED, "mairie de Tours"),
    ("fr", "Pourquoi cette fête ?", "fr", FR_SIGNED, "La charte a été signée le 20 octobre 2023"),
    ("fr", "Quand, en 2019, la coopérative a-t-elle ouvert ?", "fr", FR_OFFICE, "2019"),
    ("ja", "2019年のいつ事務所を開きましたか。", "fr", FR_OFFICE, "2019"),
    ("fr", "Quel jour la coopérative a-t-elle ouvert son bureau ?", "fr", FR_OFFICE, "2019"),
    ("ja", "いつ行われましたか。", "fr", "Les fêtes de 2011 et de 2014 ont plu.", "2011 et de 2014"),
    ("en", "When did he die?", "en", "Anders Holm (3 May 1801 – 9 June 1870) was a baker.", "9 June 1870"),
    ("fr", "Combien de musées ?", "fr", FR_TOWNS, "23 communes et 4 lycées"),
    ("fr", "Combien sont les 23 communes ?", "fr", "Ce sont 23 communes.", "23"),
    ("en", "In what country?", "fr", "Ni en Italie ni au Portugal.", "Italie ni au Portugal"),
    ("ja", "どの国の人ですか。", "ja", "ポルトガル語を話す。", "ポルトガル"),
]


@pytest.mark.parametrize(("asked_in", "question", "said_in", "sentence", "read"), LEFT_AS_READ)
def test_what_is_no_value_or_several_stays_as_it_was_read(
    asked_in: str, question: str, said_in: str, sentence: str, read: str
) -> None:
    """What the question states, two values, or none: the document's own words rather than a wrong value."""
    assert located(question, asked_in, sentence, said_in, read) is None


def test_a_relative_date_is_said_only_in_its_own_language() -> None:
    """ "Last October" cannot be rewritten for another language without knowing the day it counts from."""
    sentence = "La charte a été signée en octobre de l’année dernière."
    read = "octobre de l’année dernière"
    same = located("Quand la charte a-t-elle été signée ?", "fr", sentence, "fr", read)
    other = located("When was the charter signed?", "en", sentence, "fr", read)
    assert same is not None
    assert other is not None
    assert sentence[same.start : same.end] == read == same.short_answer
    assert other.short_answer is None


def test_a_sentence_without_the_kind_of_value_lacks_the_answer() -> None:
    """A when question cannot be answered by a sentence without a date; what can't be told isn't lacking."""
    assert lacks_answer("When was the charter signed?", "en", "La charte a été signée à Tours.", "fr")
    assert lacks_answer("How many people came in 2019?", "en", "En 2019, la fête a plu.", "fr")
    assert not lacks_answer("When was it?", "en", "Les fêtes de 2011 et de 2014 ont plu.", "fr")
    assert not lacks_answer("How many schools are there?", "en", JA_TOWNS, "ja")
    assert not lacks_answer("Who signed?", "en", "Personne.", "fr")
    assert not lacks_answer("Quand a lieu le marché ?", "fr", "市場は土曜日です。", "ja")
    assert not lacks_answer("Combien coûte la fête ?", "fr", "Action: fête | Montant (euros): 4300", "fr")
    assert lacks_answer("Combien coûte la fête ?", "fr", "La fête a duré 3 heures.", "fr")


def test_odd_questions_and_sentences_raise_nothing() -> None:
    """Any text may be asked and searched."""
    questions = ["", "Quand ?", "いつ", "How many?", "Qui ?", "どこ", "Quel pays ?"]
    for question, sentence, language in product(
        questions, ["", " ", "😀", "……", "A", "\u202e"], ["fr", "ja", "en", "xx"]
    ):
        assert locate_answer(question, language, sentence, language, (0, len(sentence))) is None
