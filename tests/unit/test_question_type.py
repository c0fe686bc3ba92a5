"""What a question asks for, in nine languages."""

from __future__ import annotations

import pytest

from partnerbot.answering.question_type import AnswerType, expected_answer

T = AnswerType

QUESTIONS = [
    # French
    ("fr", "Quand Vitagora a-t-il ouvert son bureau ?", T.DATE),
    ("fr", "Depuis quand les deux villes sont-elles jumelées ?", T.DATE),
    ("fr", "À quelle date la charte a-t-elle été signée ?", T.DATE),
    ("fr", "A quelles dates la délégation est-elle venue ?", T.DATE),
    ("fr", "Quel jour le maire est-il arrivé ?", T.DATE),
    ("fr", "En quel mois a lieu la fête ?", T.DATE),
    ("fr", "En quelle année le jumelage a-t-il commencé ?", T.YEAR),
    ("fr", "Depuis quelle année le lycée reçoit-il des élèves ?", T.YEAR),
    ("fr", "Combien de communes compte l'agglomération ?", T.NUMBER),
    ("fr", "Combien y a-t-il d'habitants ?", T.NUMBER),
    ("fr", "Quel est le nombre de participants ?", T.NUMBER),
    ("fr", "Combien de temps dure le stage ?", T.DURATION),
    ("fr", "Pour combien d'années le maire est-il élu ?", T.DURATION),
    ("fr", "Depuis combien de temps dure l'échange ?", T.DURATION),
    ("fr", "Combien coûte l'entrée ?", T.MONEY),
    ("fr", "Quel est le montant de la subvention ?", T.MONEY),
    ("fr", "Quelle est la part des communes rurales ?", T.PERCENT),
    ("fr", "Qui a signé l'accord ?", T.PERSON),
    ("fr", "Avec qui le maire a-t-il dîné ?", T.PERSON),
    ("fr", "Par qui le parc a-t-il été dessiné ?", T.PERSON),
    ("fr", "Quel architecte a dessiné le pont ?", T.PERSON),
    ("fr", "Où se tient le festival ?", T.PLACE),
    ("fr", "Dans quelle ville le festival se tient-il ?", T.PLACE),
    ("fr", "Quel village accueille le marché ?", T.PLACE),
    ("fr", "Dans quel pays se trouve ce musée ?", T.COUNTRY),
    ("fr", "Comment s'appelle la mascotte ?", T.NAME),
    ("fr", "Quel est le nom du journal ?", T.NAME),
    ("fr", "Qu’est-ce qui a changé quand le maire est parti ?", T.OTHER),
    ("fr", "Que fait la ville quand il neige ?", T.OTHER),
    ("fr", "Pourquoi la ville où il vit a-t-elle changé ?", T.OTHER),
    # English
    ("en", "When did the office open?", T.DATE),
    ("en", "Since when have the cities been twinned?", T.DATE),
    ("en", "On what date was it signed?", T.DATE),
    ("en", "In which century was the castle built?", T.DATE),
    ("en", "What year did the exchange begin?", T.YEAR),
    ("en", "In which year was the charter renewed?", T.YEAR),
    ("en", "How many municipalities took part?", T.NUMBER),
    ("en", "What is the population of the town?", T.NUMBER),
    ("en", "How many years does a mayor serve?", T.DURATION),
    ("en", "How long does the visit last?", T.DURATION),
    ("en", "How much does the ticket cost?", T.MONEY),
    ("en", "How much money was collected?", T.MONEY),
    ("en", "What percentage of visitors came by train?", T.PERCENT),
    ("en", "Who signed the memorandum?", T.PERSON),
    ("en", "To whom was the letter sent?", T.PERSON),
    ("en", "Which painter founded the museum?", T.PERSON),
    ("en", "Where will the meeting be held?", T.PLACE),
    ("en", "In which city is the office?", T.PLACE),
    ("en", "Which Japanese town is the partner?", T.PLACE),
    ("en", "In which European country is the office?", T.COUNTRY),
    ("en", "What is the name of the mascot?", T.NAME),
    ("en", "What is the mascot called?", T.NAME),
    ("en", "What did the mayor say when the bridge opened?", T.OTHER),
    ("en", "Which prize did the exchange receive?", T.OTHER),
    ("en", "Whose idea was the festival?", T.OTHER),
    ("en", "Is the office open?", T.OTHER),
    # Japanese
    ("ja", "事務所はいつ開設されましたか。", T.DATE),
    ("ja", "署名は何年何月何日でしたか。", T.DATE),
    ("ja", "会議は何月に開かれますか。", T.DATE),
    ("ja", "城は何世紀に建てられましたか。", T.DATE),
    ("ja", "提携は何年に始まりましたか？", T.YEAR),
    ("ja", "設立は西暦何年ですか。", T.YEAR),
    ("ja", "いくつの自治体が参加しましたか。", T.NUMBER),
    ("ja", "参加者は何人でしたか。", T.NUMBER),
    ("ja", "何か国が加盟していますか。", T.NUMBER),
    ("ja", "会員企業は何社ですか。", T.NUMBER),
    ("ja", "これまで何回開かれましたか。", T.NUMBER),
    ("ja", "提携は何周年を迎えましたか。", T.NUMBER),
    ("ja", "村の人口はどのくらいですか。", T.NUMBER),
    ("ja", "市長の任期は何年ですか。", T.DURATION),
    ("ja", "研修は何週間続きますか。", T.DURATION),
    ("ja", "滞在期間はどのくらいですか。", T.DURATION),
    ("ja", "入場料はいくらですか。", T.MONEY),
    ("ja", "予算は何万円ですか。", T.MONEY),
    ("ja", "来場者の何パーセントが外国人ですか。", T.PERCENT),
    ("ja", "覚書に署名したのは誰ですか。", T.PERSON),
    ("ja", "所長はどなたですか。", T.PERSON),
    ("ja", "次の会議はどこで開かれますか。", T.PLACE),
    ("ja", "提携先はどの都市ですか。", T.PLACE),
    ("ja", "どの国から来ましたか。", T.COUNTRY),
    ("ja", "特産品を並べた百貨店はどこですか。", T.NAME),
    ("ja", "マスコットの名前は何ですか。", T.NAME),
    ("ja", "なぜ交流が始まりましたか。", T.OTHER),
    ("ja", "賞を受けたのは何番目の都市ですか。", T.OTHER),
    ("ja", "「いつか会う日」とはどんな催しですか。", T.OTHER),
    # and others
    ("de", "Wann wurde das Büro eröffnet?", T.DATE),
    ("de", "In welchem Jahr begann der Austausch?", T.YEAR),
    ("de", "Wie viele Gemeinden nehmen teil?", T.NUMBER),
    ("de", "Wie lange dauert der Besuch?", T.DURATION),
    ("de", "Wer hat unterschrieben?", T.PERSON),
    ("es", "¿Cuándo se firmó el acuerdo?", T.DATE),
    ("es", "¿Cuántos municipios participan?", T.NUMBER),
    ("es", "¿Dónde está la oficina?", T.PLACE),
    ("it", "Quando è stato firmato l'accordo?", T.DATE),
    ("it", "Chi ha firmato?", T.PERSON),
    ("pt", "Quantos municípios participam?", T.NUMBER),
    ("pt", "Onde fica o escritório?", T.PLACE),
    ("ko", "사무소는 언제 열었습니까?", T.DATE),
    ("ko", "참가자는 몇 명입니까?", T.NUMBER),
    ("zh", "办事处是什么时候成立的？", T.DATE),
    ("zh", "有多少个城市参加？", T.NUMBER),
    ("zh", "谁签署了协议？", T.PERSON),
]


@pytest.mark.parametrize("language", sorted({language for language, *_ in QUESTIONS}))
def test_the_interrogative_decides_what_is_asked(language: str) -> None:
    """The interrogative, with the noun it governs, tells the kind of answer."""
    expected = {question: type for spoken, question, type in QUESTIONS if spoken == language}
    assert {question: expected_answer(question, language) for question in expected} == expected


def test_an_unknown_language_expects_nothing() -> None:
    """A language without a table is no error: its questions are OTHER."""
    assert expected_answer("Milloin?", "fi") is AnswerType.OTHER
