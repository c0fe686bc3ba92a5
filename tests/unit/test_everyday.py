"""What visitors ask of a house every day, from texts and tables: its hours, courses, prices, what is on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.dates import format_date

from partnerbot.answering.answer import Answer
from partnerbot.answering.entities import names_only_the_whole
from partnerbot.bot import Partnerbot
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import EmbeddingModel
from small_corpus import article, bot_on

LAST_YEAR, SOON, LATER = (date.today() + timedelta(days=days) for days in (-365, 20, 90))

COURSES = """<html lang="fr"><title>Les cours de la Maison</title><body><h1>Les cours de la Maison</h1>
<p>Les cours reprennent chaque année en septembre.</p>
<table><tr><th>Cours</th><th>Jour</th><th>Professeur</th><th>Prix annuel</th></tr>
<tr><td>Poterie</td><td>lundi</td><td>Mme Arnaud</td><td>310 €</td></tr>
<tr><td>Tambour</td><td>mardi</td><td>M. Carrel</td><td>360 €</td></tr>
<tr><td>Calligraphie</td><td>samedi</td><td>Mme Arnaud</td><td>340 €</td></tr>
<tr><td>Échecs</td><td>jeudi</td><td>M. Leroux</td><td>90 €</td></tr></table></body></html>"""

EVENTS = f"""Date;Événement;Lieu
{LAST_YEAR};Concert de flûte;Grande salle
{SOON};Concert de harpe;Grande salle
{LATER};Marché des potiers;Cour
"""

HOURS = "La Maison est ouverte du mardi au samedi, de 10 h à 18 h 30. Le jeudi, elle ferme à 21 h."
WAY = "Le parking souterrain se trouve à 200 mètres ; la Maison n'a pas de parking à elle."
HOURS_ENGLISH = (
    "The House is open from Tuesday to Saturday, 10 am to 6.30 pm. On Thursdays it closes at 9 pm."
)
WAY_ENGLISH = "The underground car park is 200 metres away; the House has no car park of its own."
LIBRARY = "図書室は水曜日から土曜日の13時から18時まで利用できます。本は5冊まで借りられます。"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Partnerbot:
    """A bot on the documents of a house of culture."""
    documents = {
        "cours.html": COURSES,
        "programme.csv": EVENTS,
        "acces.md": article("Horaires et accès", f"{HOURS}\n\n{WAY}"),
        "access.md": article(
            "Hours and how to get here", f"{HOURS_ENGLISH}\n\n{WAY_ENGLISH}", "en", translation_of="acces.md"
        ),
        "toshoshitsu.md": article("図書室のご案内", LIBRARY, "ja"),
        "histoire.md": article("Une histoire", "La Maison a été fondée en 1987 par un tisserand."),
    }
    return bot_on(documents, tmp_path_factory.mktemp("house"), model)


def rows_of(answer: Answer, source: str) -> list[str]:
    """The rows of a table that an answer quotes, by their first cells."""
    quoted = "\n".join(one.quote for one in answer.citations if one.source == source)
    return [row.split(" | ")[0].split(": ")[1] for row in quoted.split("\n") if " | " in row]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("Quels cours ont lieu le mardi ?", ["Tambour"]),
        ("火曜日の講座は何ですか", ["Tambour"]),
        ("Quels cours donne Mme Arnaud ?", ["Calligraphie", "Poterie"]),
        ("Quels cours proposez-vous ?", ["Calligraphie", "Poterie", "Tambour", "Échecs"]),
    ],
)
def test_of_a_table_the_rows_that_are_asked_for_are_shown(
    house: Partnerbot, question: str, rows: list[str]
) -> None:
    """By a word or a day of the week, in any language; all of them where none is."""
    assert sorted(rows_of(house.ask(question), "cours.html")) == rows


def test_rows_are_asked_for_by_their_month(house: Partnerbot) -> None:
    """A date as a spreadsheet writes it is one in the month that is asked for."""
    if LATER.month in (SOON.month, LAST_YEAR.month):
        pytest.skip("of three days, two are in one month")
    answer = house.ask(f"Quels événements sont au programme en {format_date(LATER, 'MMMM', 'fr')} ?")
    assert rows_of(answer, "programme.csv") == [LATER.isoformat()]


def test_the_cheapest_is_told_by_the_whole_table(house: Partnerbot) -> None:
    """No row says of itself that it is the cheapest: none is set large, or shown alone."""
    answer = house.ask("Quel est le cours le moins cher ?")
    assert answer.short_answer is None
    assert len(rows_of(answer, "cours.html")) in (0, 4)
    assert house.ask("Combien coûte le cours de poterie ?").status == "answered"


@pytest.mark.parametrize(
    "question", ["When is the next concert?", "Quand a lieu le prochain concert ?", "Le prochain concert ?"]
)
def test_what_is_to_come_tells_when_the_next_one_is(house: Partnerbot, question: str) -> None:
    """Not the concert of last year, and nothing else that is to come."""
    assert rows_of(house.ask(question), "programme.csv") == [SOON.isoformat()]


@pytest.mark.parametrize(
    "question", ["When is the next election?", "Quand a lieu le prochain match de rugby ?"]
)
def test_what_is_to_come_says_nothing_of_something_else(house: Partnerbot, question: str) -> None:
    """Neither is on the programme."""
    assert house.ask(question).status == "not_in_documents"


@pytest.mark.parametrize(
    ("question", "source"), [("Is there parking?", "access.md"), ("Y a-t-il un parking ?", "acces.md")]
)
def test_an_article_and_its_translation_are_one_source_of_a_yes_or_no(
    house: Partnerbot, question: str, source: str
) -> None:
    """What the two say is the same, though no value shows it; the asker's edition is quoted."""
    assert [one.source for one in house.ask(question).citations] == [source]


@pytest.mark.parametrize("question", ["図書室は何時から開いていますか", "図書室は何時までですか"])
def test_from_when_until_when_is_one_answer(house: Partnerbot, question: str) -> None:
    """Asked from when, until when alone would be wrong."""
    assert house.ask(question).short_answer == "13時から18時まで"


@pytest.mark.parametrize("question", ["開館時間を教えてください", "Donnez-moi vos horaires d'ouverture"])
def test_the_opening_hours_are_all_hours(house: Partnerbot, question: str) -> None:
    """Those of one day are no headline."""
    answer = house.ask(question)
    assert (answer.status, answer.short_answer) == ("answered", None)


NAMES = Spellings([["Maison d'Arvert", "アルヴェール館"], ["Maison d'Arvert Lyon", "アルヴェール館リヨン"]])


@pytest.mark.parametrize(
    ("question", "text", "whole"),
    [
        ("Quand la Maison d'Arvert Lyon a-t-elle ouvert ?", "La Maison d'Arvert est née en 1988.", True),
        ("アルヴェール館リヨンはいつできましたか", "La Maison d'Arvert est née en 1988.", True),
        (
            "Quand la Maison d'Arvert Lyon a-t-elle ouvert ?",
            "La Maison d'Arvert Lyon a ouvert en 1990.",
            False,
        ),
        ("Quand la Maison d'Arvert a-t-elle ouvert ?", "La Maison d'Arvert est née en 1988.", False),
        ("Quand la Maison d'Arvert Lyon a-t-elle ouvert ?", "Elle est née en 1988.", False),
    ],
)
def test_what_is_said_of_the_whole_is_not_said_of_its_part(question: str, text: str, whole: bool) -> None:
    """Their names tell which is a part of which, in any script."""
    assert names_only_the_whole(question, text, NAMES) is whole


def test_articles_on_what_is_asked_about_come_first(tmp_path: Path, model: EmbeddingModel) -> None:
    """Not what only mentions it, as who told a story."""
    documents = {
        "agrumes.md": article(
            "Un agrume venu du sud",
            "Nagoya, qui raconte cette histoire, présente une spécialité à manger. Cet agrume est doux.",
        ),
        "nagoya.md": article(
            "Nagoya, une ville et ses usines", "Nagoya a deux millions d'habitants et un grand port."
        ),
    }
    documents["pont.md"] = article("Le pont", "Le pont est en pierre.")
    bot = bot_on(documents, tmp_path, model)
    for question in ("Qu'est-ce que Nagoya ?", "名古屋について教えてください"):
        assert bot.ask(question).citations[0].source == "nagoya.md"
