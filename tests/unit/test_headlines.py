"""The large short answer: one value, of the kind asked for, in the reader's script, or none at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnerbot.answering.answer import Turn
from partnerbot.bot import Partnerbot
from partnerbot.models.embeddings import EmbeddingModel
from small_corpus import article, bot_on

SAMPLE = Path(__file__).parents[2] / "documents"

DOCUMENTS = {
    "reims.md": article("Reims et ses fêtes", "La ville de Reims a organisé une fête japonaise en 2019."),
    "nagoya.md": article(
        "名古屋の提携", "名古屋市は2017年10月20日、フランスのランス市と姉妹都市になりました。", "ja"
    ),
    "kobe.md": article("神戸の港", "マルセイユ市の姉妹都市は神戸市です。", "ja"),
    "takamatsu.md": article(
        "Takamatsu et Tours",
        "Takamatsu a reçu les quatrièmes assises. La suite s'est déroulée à Tours, sa ville jumelle.",
    ),
    "beaune.md": article("L'accord de Beaune", "L'accord de Beaune a été signé par Aline Morvan."),
    "autun.md": article("L'accord d'Autun", "L'accord d'Autun a été signé par Paul Girard."),
    "cluny.md": article(
        "L'accord de Cluny",
        "Deux hommes ont tenu la plume : pour Cluny, son président, Marc Vidal, et pour Obama, le maire.",
    ),
    "jardins.md": article("Les jardins", "La revue compte 47 jardins japonais en Bourgogne."),
    "parcs.md": article("Nos parcs", "On trouve 60 jardins japonais en Bourgogne."),
    "clubs.md": article("Le club de Beaune", "Le club Japon de Beaune est présidé par Nadia Perrin."),
    "the.md": article(
        "Le festival du thé d'Uzès",
        "Le festival du thé d'Uzès a réuni 4 200 visiteurs sous les platanes. C'était en mai 2014.",
    ),
    "cinema.md": article("Le cinéma d'Uzès", "On y passe un film japonais chaque mois depuis 2019."),
    "sorgues.md": article(
        "Le parc de Sorgues",
        "Le parc de Sorgues a été dessiné par Lise Morel. Il a ouvert le 9 avril 2011 et a 30 cerisiers.",
    ),
    "obuse.md": article(
        "Hokusai à Nantes",
        "Les estampes avaient fait le voyage depuis Obuse, où un musée porte le nom de l'artiste.",
    ),
}

TABLE = """<html lang="fr"><title>Piscine : tarifs</title><body><h1>Piscine : tarifs</h1>
<p>Les tarifs de la piscine sont votés chaque année par le conseil municipal.</p>
<table><tr><th>Public</th><th>Entrée simple</th><th>Abonnement annuel</th></tr>
<tr><td>Adulte</td><td>5,20 €</td><td>140 €</td></tr><tr><td>Enfant</td><td>2,80 €</td><td>75 €</td></tr>
<tr><td>Étudiant</td><td>3,90 €</td><td>98 €</td></tr></table></body></html>"""


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Partnerbot:
    """A bot on a few sentences."""
    return bot_on({**DOCUMENTS, "piscine.html": TABLE}, tmp_path_factory.mktemp("headlines"), model)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        # And not Lens, which is 「ランス」 too.
        ("Quelle ville française est jumelée avec Nagoya ?", "Reims"),
        ("Quelle ville japonaise est jumelée avec Marseille ?", "Kobe (神戸市)"),  # and not Gōdo
    ],
)
def test_a_name_in_kana_is_the_town_that_is_meant(bot: Partnerbot, question: str, answer: str) -> None:
    """Of namesakes the one that the documents name, or the largest."""
    assert bot.ask(question).short_answer == answer


@pytest.mark.parametrize(
    "question",
    [
        "Est-ce que Tours est jumelée avec Takamatsu ?",
        "Is Tours twinned with Takamatsu?",
        "トゥールは高松と姉妹都市ですか。",
        "Où se trouve Obuse ?",
        "Where is Obuse?",
    ],
)
def test_what_is_no_value_of_the_kind_asked_for_is_quoted(bot: Partnerbot, question: str) -> None:
    """Neither yes nor no is a value, and "a museum" no place."""
    answer = bot.ask(question)
    assert answer.short_answer is None
    assert answer.citations or answer.related


@pytest.mark.parametrize("greeting", ["Bonjour, ", "Bonsoir ! ", "Excusez-moi, "])
def test_a_greeting_before_a_question_names_nothing(bot: Partnerbot, greeting: str) -> None:
    """Its capital letter makes no name of it that the documents would have to have."""
    question = "quelle ville a organisé une fête japonaise ?"
    assert bot.ask(greeting + question).status == bot.ask(question.capitalize()).status == "answered"


def test_what_may_be_asked_of_several_things_has_no_headline(bot: Partnerbot) -> None:
    """Who signed what? Both are quoted; with a name, it is one of them."""
    assert bot.ask("Qui a signé l'accord ?").short_answer is None
    assert bot.ask("Qui a signé l'accord de Beaune ?").short_answer == "Aline Morvan"


@pytest.mark.parametrize(("year", "large"), [("en 2014", "4 200"), ("en 2019", None), ("", "4 200")])
def test_a_value_is_of_the_year_asked_for(bot: Partnerbot, year: str, large: str | None) -> None:
    """The figure of another year is quoted with its year, and not set large."""
    answer = bot.ask(f"Combien de visiteurs le festival du thé d'Uzès a-t-il réunis {year} ?")
    assert answer.short_answer == large
    assert "mai 2014" in answer.citations[0].quote or large


@pytest.mark.parametrize("question", ["Qui a signé l'accord de Beaune, et quand ?", "Qui l'a signé ?"])
def test_a_name_is_set_large_where_it_is_all_that_is_asked(bot: Partnerbot, question: str) -> None:
    """Not where two things are, nor after another question, whose names it may be about or not."""
    before = [
        Turn(role="user", content="Quand a été signé l'accord de Beaune ?"),
        Turn(role="assistant", content="… [1]"),
    ]
    answer = bot.ask(question, before if "Beaune" not in question else [])
    assert answer.short_answer is None
    assert "Aline Morvan" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("before", "question", "large"),
    [
        ("Quand le parc de Sorgues a-t-il ouvert ?", "Combien de cerisiers y a-t-il ?", "30"),
        ("Qui a dessiné le parc de Sorgues ?", "Quand a-t-il ouvert ?", "9 avril 2011"),
        ("Combien de cerisiers a le parc de Sorgues ?", "Quand a-t-il ouvert ?", "9 avril 2011"),
    ],
)
def test_a_follow_up_asks_for_what_it_says_itself(
    bot: Partnerbot, before: str, question: str, large: str
) -> None:
    """And not for what the question before it asked for."""
    history = [Turn(role="user", content=before), Turn(role="assistant", content="… [1]")]
    assert bot.ask(question, history).short_answer == large


def test_who_somebody_is_is_told_by_the_sentence(bot: Partnerbot) -> None:
    """A piece cut across a comma says nothing."""
    assert bot.ask("Qui est Marc Vidal ?").short_answer is None


def test_articles_that_count_otherwise_are_both_told(bot: Partnerbot) -> None:
    """Whichever is taken first, readers see that there is another figure."""
    answer = bot.ask("Combien y a-t-il de jardins japonais en Bourgogne ?")
    assert {citation.source for citation in answer.citations} == {"jardins.md", "parcs.md"}
    assert "47" in answer.answer
    assert "60" in answer.answer


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("Qui préside le club Japon de Beaune ?", "Qui préside maintenant le club Japon de Beaune ?"),
        ("Who chairs the Japan club of Beaune?", "Who is the current chair of the Japan club of Beaune?"),
        ("ボーヌの日本クラブの会長は誰ですか。", "ボーヌの日本クラブの現在の会長は誰ですか。"),
    ],
)
def test_who_it_is_today_an_article_cannot_know(bot: Partnerbot, then: str, now: str) -> None:
    """It told who it was when it appeared: its sentence is shown, and no name set large."""
    assert bot.ask(then).short_answer == "Nadia Perrin"
    answer = bot.ask(now)
    assert answer.short_answer is None
    assert "Nadia Perrin" in "".join(citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    ("question", "row", "large"),
    [
        ("Quel est le prix de l'abonnement annuel pour un adulte ?", "Public: Adulte", "140 €"),
        ("Combien coûte l'entrée de la piscine pour un étudiant ?", "Public: Étudiant", None),
        ("Quel est le prix de l'abonnement annuel pour un retraité ?", None, None),
    ],
)
def test_a_row_of_a_table_answers_for_itself(
    bot: Partnerbot, question: str, row: str | None, large: str | None
) -> None:
    """It is read without those around it, comes first, and gives its value; no other row's stands for it."""
    answer = bot.ask(question)
    if row is not None:
        assert answer.citations[0].quote.startswith(row)
    if large is not None or row is None:
        assert answer.short_answer == large


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("I work for a small council in Brittany and would like a twin town. What should we do first?", True),
        ("What did Brittany decide on twin towns?", False),
        ("We are winegrowers in Burgundy with a bakery and a school, how do we find a Japanese town?", True),
        ("We are winegrowers in Burgundy with a bakery and a school, how do we renew a passport?", False),
    ],
)
def test_who_asks_how_may_name_a_place_of_their_own(
    tmp_path: Path, model: EmbeddingModel, question: str, found: bool
) -> None:
    """No document has it, and the guidance is for them all the same; what it decided nobody tells."""
    guide = (
        "How to find a twin town in Japan. First, the town council writes to CLAIR Paris, which looks for a"
        " partner of the same size. Second, the two mayors meet, and choose a few fields of exchange."
    )
    bot = bot_on({"guide.md": article("What to do first", guide, "en")}, tmp_path / "town", model)
    assert (bot.ask(question).status == "answered") is found


@pytest.mark.parametrize(
    "question", ["Où a eu lieu l'exposition Hokusai ?", "Where was the Hokusai exhibition held?"]
)
def test_where_things_came_from_is_not_where_they_were_shown(
    question: str, tmp_path: Path, model: EmbeddingModel
) -> None:
    """The place is in the passage before it; which of the two is asked for is read there."""
    article = SAMPLE / "fr" / "nantes-obuse-hokusai.md"
    answer = bot_on({"a.md": article.read_text("utf-8")}, tmp_path, model).ask(question)
    assert answer.short_answer is None
    assert any("Nantes" in one.quote for one in answer.citations)


def test_a_time_of_day_is_answered_by_one(tmp_path: Path, model: EmbeddingModel) -> None:
    """The day on which it is answers another question."""
    text = "Le cours de thé commence le 12 mars 2027 à la mairie de Clairmoulin."
    bot = bot_on({"cours.md": article("Un cours de thé", text)}, tmp_path, model)
    assert bot.ask("Quand commence le cours de thé ?").short_answer == "12 mars 2027"
    hour = bot.ask("À quelle heure commence le cours de thé ?")
    assert hour.short_answer is None
    assert [one.source for one in hour.citations] == ["cours.md"]
