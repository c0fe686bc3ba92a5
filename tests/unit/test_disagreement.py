"""Documents that disagree, and articles that say "last year": both sides are shown, with their dates."""

from __future__ import annotations

import pytest

from chat_script import Reply, ScriptedChat, number_of
from partnerbot.answering.answer import Answer
from partnerbot.answering.phrases import phrases, written_date
from partnerbot.bot import Partnerbot
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from partnerbot.writing.asking import ChatAsker
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.writer import Writer
from small_corpus import article, bot_on

DOCUMENTS = {
    "musee-2018.md": (
        "fr",
        "2018-03-02",
        "Le musée du papier de Clairmoulin",
        "Le musée du papier a ouvert ses portes dans l'ancien moulin. L'entrée du musée du papier coûte "
        "4 euros. Il est fermé le mardi.",
    ),
    "musee-2024.md": (
        "fr",
        "2024-05-10",
        "Le musée du papier fait peau neuve",
        "Après deux ans de travaux, le musée du papier accueille de nouveau le public. L'entrée du musée du "
        "papier coûte désormais 7 euros. Une salle est consacrée à Kirisawa.",
    ),
    "choir-2016.md": (
        "en",
        "2016-09-01",
        "The Kirisawa choir",
        "The Kirisawa choir sings in both towns every spring. The choir is conducted by Mori Taeko. "
        "It has 40 singers.",
    ),
    "choir-2023.md": (
        "en",
        "2023-04-12",
        "A new conductor for the Kirisawa choir",
        "The Kirisawa choir has begun its season. The choir is conducted by Henri Vasseur, who succeeded "
        "Mori Taeko in January.",
    ),
    "gaiyou.md": (
        "ja",
        "2015-04-01",
        "霧沢市の概要",
        "霧沢市は山に囲まれた市である。霧沢市の人口は3万2千人である。",
    ),
    "toukei.md": (
        "ja",
        "2024-04-01",
        "霧沢市の統計",
        "霧沢市は毎年統計を公表している。霧沢市の人口は2万7千人である。高齢化が進んでいる。",
    ),
    "pont.md": (
        "fr",
        "2011-01-01",
        "Le pont des Tisserands",
        "Le pont des Tisserands relie les deux rives de la Lise. Le pont des Tisserands mesure 84 mètres.",
    ),
    "moulin.md": (
        "fr",
        "2012-01-01",
        "Le moulin",
        "Le moulin de Clairmoulin a été bâti près du pont. La roue du moulin mesure 6 mètres.",
    ),
}

DISAGREE = {
    "fr": (
        "Combien coûte l'entrée du musée du papier ?",
        "musee-2018.md",
        "4 euros",
        "musee-2024.md",
        "7 euros",
    ),
    "en": (
        "Who conducts the Kirisawa choir?",
        "choir-2016.md",
        "Mori Taeko",
        "choir-2023.md",
        "Henri Vasseur",
    ),
    "ja": ("霧沢市の人口は何人ですか？", "gaiyou.md", "3万2千", "toukei.md", "2万7千"),
}
"""By language: a question, the older document with what it says, and the newer one."""


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Partnerbot:
    """A bot on the documents that quotes them."""
    documents = {
        name: article(title, text, language, published=published)
        for name, (language, published, title, text) in DOCUMENTS.items()
    }
    return bot_on(documents, tmp_path_factory.mktemp("disagreement"), model)


def written_by(bot: Partnerbot, model: EmbeddingModel, reply: Reply) -> Partnerbot:
    asker = ChatAsker(ScriptedChat(reply=reply), Settings(llm_first_token_seconds=20))
    return Partnerbot(
        bot.settings, model, load_reader(), writer=Writer("scripted", asker, SupportJudge(model))
    )


def published_of(answer: Answer) -> dict[str, str | None]:
    return {citation.source: citation.published for citation in answer.citations}


@pytest.mark.parametrize("language", DISAGREE)
def test_both_are_quoted_with_their_dates(bot: Partnerbot, language: str) -> None:
    """Whichever comes first, the other's answer stands below it, and which of them is the newer one."""
    question, older, before, newer, after = DISAGREE[language]
    answer = bot.ask(question, language=language)
    first, second = answer.answer.split("\n")
    assert published_of(answer) == {older: DOCUMENTS[older][1], newer: DOCUMENTS[newer][1]}
    newer_first = answer.citations[0].source == newer
    assert (after if newer_first else before) in first
    said = f"{before if newer_first else after} [2]"
    dates = [written_date(str(citation.published), language) for citation in answer.citations]
    line = phrases(language).says_older if newer_first else phrases(language).says_newer
    assert second == line.format(answer=said, first=dates[0], date=dates[1])


WRITTEN = {
    "fr": ("coûte 4 euros", "L'entrée du musée du papier coûte 4 euros [{n}]."),
    "en": ("conducted by Mori", "The Kirisawa choir is conducted by Mori Taeko [{n}]."),
    "ja": ("3万2千人", "霧沢市の人口は3万2千人である[{n}]。"),
}
"""By language: what an excerpt has, and what a model writes that saw only the older document."""


@pytest.mark.parametrize("language", DISAGREE)
def test_a_written_answer_that_knows_only_the_old_is_completed(
    bot: Partnerbot, model: EmbeddingModel, language: str
) -> None:
    """What the newer document says is added below, with both dates."""
    question, older, _, newer, after = DISAGREE[language]
    words, said = WRITTEN[language]
    writing = written_by(bot, model, lambda prompt: said.format(n=number_of(prompt, words)))
    answer = writing.ask(question, language=language)
    assert answer.generator == "scripted"
    first, second = answer.answer.split("\n")
    assert first == said.format(n=1)
    assert published_of(answer) == {older: DOCUMENTS[older][1], newer: DOCUMENTS[newer][1]}
    dates = [written_date(DOCUMENTS[source][1], language) for source in (older, newer)]
    assert second == phrases(language).says_newer.format(answer=f"{after} [2]", first=dates[0], date=dates[1])


def test_a_written_answer_that_gives_both_stays_as_it_is(bot: Partnerbot, model: EmbeddingModel) -> None:
    """Nothing is said twice."""

    def both(prompt: str) -> str:
        old, new = number_of(prompt, "coûte 4 euros"), number_of(prompt, "coûte désormais 7 euros")
        museum = "L'entrée du musée du papier coûte"
        return f"{museum} 4 euros [{old}]. {museum} désormais 7 euros [{new}]."

    answer = written_by(bot, model, both).ask(DISAGREE["fr"][0])
    assert answer.generator == "scripted"
    assert "4 euros [1]. L'entrée du musée du papier coûte désormais 7 euros [2]." in answer.answer
    assert "\n" not in answer.answer


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_what_is_not_in_dispute_is_not_disputed(bot: Partnerbot, language: str) -> None:
    """Another thing's measure is no other answer."""
    answer = bot.ask("Quelle longueur mesure le pont des Tisserands ?", language=language)
    assert published_of(answer) == {"pont.md": "2011-01-01"}
    assert "\n" not in answer.answer
