"""The answer inside its sentence, and what it is called in the asker's language."""

from __future__ import annotations

from itertools import product

import pytest

from partnerbot.answering.highlight import lacks_answer, locate_answer

FR_OFFICE = "Par la suite, en 2019, la coopérative a ouvert son bureau à Otsu."
FR_SIGNED = "La charte a été signée le 20 octobre 2023 à la mairie de Tours."
JA_SIGNED = "憲章は2023年10月20日にトゥール市役所で署名された。"
FR_VISIT = "Une délégation a visité Tours du 17 au 22 octobre."
FR_TOWNS = "L'agglomération rassemble 23 communes et 4 lycées."
JA_TOWNS = "広域連合には23の自治体が加わり、職員は50人である。"
EN_PEOPLE = "The valley has 1,843 inhabitants."

LOCATED = [
    # question language, question, sentence language, sentence, highlighted, short answer
    ("en", "When did the cooperative open its office?", "fr", FR_OFFICE, "2019", "2019"),
    ("ja", "協同組合はいつ事務所を開きましたか。", "fr", FR_OFFICE, "2019", "2019年"),
    ("fr", "Quand la coopérative a-t-elle ouvert son bureau ?", "fr", FR_OFFICE, "2019", "2019"),
    ("en", "When was the charter signed?", "fr", FR_SIGNED, "20 octobre 2023", "20 October 2023"),
    ("ja", "憲章はいつ署名されましたか。", "fr", FR_SIGNED, "20 octobre 2023", "2023年10月20日"),
    ("de", "Wann wurde die Charta unterzeichnet?", "fr", FR_SIGNED, "20 octobre 2023", "20. Oktober 2023"),
    ("fr", "Quand la charte a-t-elle été signée ?", "ja", JA_SIGNED, "2023年10月20日", "20 octobre 2023"),
    ("ko", "헌장은 언제 서명되었습니까?", "ja", JA_SIGNED, "2023年10月20日", "2023년 10월 20일"),
    ("en", "In what year was the charter signed?", "fr", FR_SIGNED, "20 octobre 2023", "2023"),
    ("fr", "En quelle année la charte a-t-elle été signée ?", "fr", FR_SIGNED, "20 octobre 2023", "2023"),
    ("ja", "憲章は何年に署名されましたか。", "ja", JA_SIGNED, "2023年10月20日", "2023年"),
    ("en", "When did the delegation visit?", "fr", FR_VISIT, "17 au 22 octobre", "17–22 October"),
    ("ja", "訪問団はいつ訪れましたか。", "fr", FR_VISIT, "17 au 22 octobre", "10月17日～22日"),
    ("en", "How many municipalities take part?", "ja", "23の自治体が加わった。", "23", "23"),
    ("fr", "Combien de communes rassemble-t-elle ?", "fr", FR_TOWNS, "23", "23"),
    ("fr", "Combien de lycées y a-t-il ?", "fr", "Il y a 23 communes et 4 lycées.", "4", "4"),
    ("ja", "いくつの自治体が加わっていますか。", "ja", JA_TOWNS, "23", "23"),
    ("ja", "職員は何人ですか。", "ja", JA_TOWNS, "50", "50"),
    ("fr", "Combien d'habitants compte la vallée ?", "en", EN_PEOPLE, "1,843", "1\u202f843"),
    ("ja", "谷には何人住んでいますか。", "en", EN_PEOPLE, "1,843", "1,843"),
    ("en", "How long is it?", "fr", "Le stage dure quatre semaines.", "quatre semaines", "4 weeks"),
    ("fr", "Combien de temps dure le stage ?", "ja", "研修は6か月続く。", "6か月", "6\u00a0mois"),
    ("en", "How much money was given?", "ja", "寄付は200万円だった。", "200万円", "2,000,000 Japanese yen"),
    ("en", "What percentage agreed?", "fr", "En tout, 20,8 % ont dit oui.", "20,8 %", "20.8%"),
    ("en", "How much of the area is forest?", "fr", "La forêt couvre 60 % du pays.", "60 %", "60%"),
    ("en", "In what country is the school?", "ja", "学校はポルトガルにある。", "ポルトガル", "Portugal"),
    ("ja", "学校はどの国にありますか。", "fr", "L'école se trouve au Portugal.", "Portugal", "ポルトガル"),
    (
        "en",
        "Which countries sent guests?",
        "fr",
        "Les invités venaient d'Espagne, d'Italie et du Portugal.",
        "Espagne, d'Italie et du Portugal",
        "Spain, Italy and Portugal",
    ),
    ("en", "How many of the 12 towns agreed?", "fr", "Sur les 12 villes, 7 l'ont fait.", "7", "7"),
]  # fmt: skip


@pytest.mark.parametrize(("asked_in", "question", "said_in", "sentence", "highlighted", "short"), LOCATED)
def test_the_answer_is_found_and_said_for_the_asker(
    asked_in: str, question: str, said_in: str, sentence: str, highlighted: str, short: str
) -> None:
    """The highlight is the sentence's own words; the short answer is written as the asker writes."""
    located = locate_answer(question, asked_in, sentence, said_in)
    assert located is not None
    assert sentence[located.start : located.end] == highlighted
    assert located.short_answer == short


UNSURE = [
    ("fr", "Pourquoi la charte a-t-elle été signée ?", "fr", FR_SIGNED),
    ("fr", "Qu'a-t-on signé le 20 octobre 2023 ?", "fr", FR_SIGNED),
    ("fr", "Quand, en 2019, la coopérative a-t-elle ouvert ?", "fr", FR_OFFICE),
    ("ja", "2019年のいつ事務所を開きましたか。", "fr", FR_OFFICE),
    ("fr", "Quel jour la coopérative a-t-elle ouvert son bureau ?", "fr", FR_OFFICE),
    ("ja", "いつ行われましたか。", "fr", "Les fêtes de 2011 et de 2014 ont plu."),
    ("en", "When did he die?", "en", "Anders Holm (3 May 1801 – 9 June 1870) was a baker."),
    ("en", "How many schools are there?", "ja", JA_TOWNS),
    ("fr", "Combien de musées compte l'agglomération ?", "fr", FR_TOWNS),
    ("fr", "Combien d'élèves ?", "fr", "Otsu a 300 élèves ; Tours, à peu près 450, soit davantage."),
    ("fr", "Que sont les 23 communes, et combien sont-elles ?", "fr", "Ce sont 23 communes."),
    ("en", "In what country is the school?", "fr", "Ni en Italie ce jour-là, ni ensuite au Portugal."),
    ("fr", "Dans quel pays, hors du Portugal, est l'école ?", "fr", "L'école se trouve au Portugal."),
    ("ja", "どの国の人ですか。", "ja", "ポルトガル語を話す。"),
    ("fr", "Quand Tours a-t-elle voté ?", "en", "Otsu voted on 30 May 1972, Tours's council on 8 June."),
]


@pytest.mark.parametrize(("asked_in", "question", "said_in", "sentence"), UNSURE)
def test_nothing_is_highlighted_when_unsure(
    asked_in: str, question: str, said_in: str, sentence: str
) -> None:
    """What the question states, two readings, or none: no highlight rather than a wrong one."""
    assert locate_answer(question, asked_in, sentence, said_in) is None


def test_of_several_dates_the_one_beside_the_questions_words_is_taken() -> None:
    """Words that question and sentence share tell which date is meant."""
    sentence = "La boulangerie fut bâtie en 1911 ; le moulin en 1936."
    located = locate_answer("Quand le moulin a-t-il ouvert ?", "fr", sentence, "fr")
    assert located is not None
    assert located.short_answer == "1936"


def test_a_relative_date_is_highlighted_and_said_only_in_its_own_language() -> None:
    """ "Last October" cannot be rewritten for another language without knowing the day it counts from."""
    sentence = "La charte a été signée en octobre de l’année dernière."
    same = locate_answer("Quand la charte a-t-elle été signée ?", "fr", sentence, "fr")
    other = locate_answer("When was the charter signed?", "en", sentence, "fr")
    assert same is not None
    assert other is not None
    assert sentence[same.start : same.end] == "octobre de l’année dernière" == same.short_answer
    assert (other.start, other.end) == (same.start, same.end)
    assert other.short_answer is None


def test_full_width_figures_are_shown_narrow() -> None:
    """In one language the sentence's own form is kept, figures in the usual width."""
    located = locate_answer("いつ開きましたか。", "ja", "事務所は１９９０年１０月に開いた。", "ja")
    assert located is not None
    assert located.short_answer == "1990年10月"


def test_a_regional_language_code_is_its_language() -> None:
    """Codes may carry a region."""
    assert locate_answer("When was it signed?", "en-US", FR_SIGNED, "fr-FR") is not None


def test_a_sentence_without_the_kind_of_value_lacks_the_answer() -> None:
    """A when question cannot be answered by a sentence without a date; what can't be told isn't lacking."""
    assert lacks_answer("When was the charter signed?", "en", "La charte a été signée à Tours.", "fr")
    assert lacks_answer("How many people came in 2019?", "en", "En 2019, la fête a plu.", "fr")
    assert not lacks_answer("When was it?", "en", "Les fêtes de 2011 et de 2014 ont plu.", "fr")
    assert not lacks_answer("How many schools are there?", "en", JA_TOWNS, "ja")
    assert not lacks_answer("Who signed?", "en", "Personne.", "fr")


def test_odd_questions_and_sentences_raise_nothing() -> None:
    """Any text may be asked and searched."""
    questions = ["", "Quand ?", "いつ", "How many?", "Qui ?", "どこ", "Quel pays ?"]
    for question, sentence, language in product(
        questions, ["", " ", "😀", "……", "A", "\u202e"], ["fr", "ja", "en", "xx"]
    ):
        assert locate_answer(question, language, sentence, language) is None
