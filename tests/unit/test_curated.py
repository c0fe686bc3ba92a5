"""Answers of staff: given to what asks the same, and to nothing that is near it."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from partnerbot.answering.alike import Asked
from partnerbot.answering.curated import Curated, CuratedAnswer, read_curated
from partnerbot.appearance import Appearance
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from partnerbot.web.completions import MODEL
from partnerbot.web.render import Renderer
from serving import api_of

JUDGED = Path(__file__).parents[1] / "curated.tsv"
ASIDE = Path(__file__).parents[2] / "training/questions/curated_aside.toml"
HOURS = """
[[answer]]
questions = ["Quels sont vos horaires d’ouverture ?", "What are your opening hours?"]
source = "https://www.example.org/horaires"
expires = 2026-12-31

[answer.text]
fr = "Du lundi au vendredi, de 9 h à 17 h."
en = "Monday to Friday, 9 a.m. to 5 p.m. <b>"
"""


def judged(kind: str) -> Iterator[tuple[str, str, str, str]]:
    with JUDGED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["kind"] == kind:
                yield row["language"], row["of_staff"], row["text"], row["asked"]


def is_matched(language: str, of_staff: str, text: str, asked: str) -> bool:
    answer = CuratedAnswer(questions=(of_staff,), text={language: text}, source="https://www.example.org/")
    return Curated(lambda: [answer]).matched(asked, language, Spellings(())) is not None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "curated.toml"
    path.write_text(HOURS, "utf-8")
    return path


def test_another_place_year_name_or_figure_is_another_question() -> None:
    """Of sixty near misses none is matched, however near its meaning."""
    near = list(judged("near"))
    assert len(near) == 60
    assert [asked for asked in near if is_matched(*asked)] == []


def test_what_asks_something_else_of_the_same_is_another_question() -> None:
    """Where for when, to leave for to join."""
    assert [asked for asked in judged("other") if is_matched(*asked)] == []


def test_what_is_asked_of_another_subject_is_another_question() -> None:
    """Even if staff's answer is so short that it says nothing of its own."""
    far = list(judged("far"))
    assert len(far) == 20
    assert [asked for asked in far if is_matched(*asked)] == []


def test_other_words_for_the_same_are_the_same_question() -> None:
    """Most of them; what isn't matched is answered by the documents."""
    same = [is_matched(*asked) for asked in judged("same")]
    assert sum(same) >= 23
    assert is_matched("ko", "박물관은 언제 엽니까?", "9시에 엽니다.", "박물관은 언제 엽니까")


def test_hardly_a_near_miss_gets_an_answer_and_most_rewordings_do() -> None:
    """Of invented towns' answers: another verb or object, a negation, a limit in place of the thing."""
    matched: dict[str, list[tuple[str, bool]]] = {"same": [], "near": []}
    for one in tomllib.loads(ASIDE.read_text("utf-8"))["answer"]:
        curated = Curated(partial(list, [CuratedAnswer(questions=one["questions"], text=one["text"])]))
        for kind, found in matched.items():
            for language, questions in one[kind].items():
                for asked in questions:
                    found.append((asked, curated.matched(asked, language, Spellings(())) is not None))
    assert [len(found) for found in matched.values()] == [120, 120]
    near, same = (sum(is_given for _, is_given in matched[kind]) for kind in ("near", "same"))
    assert near <= 10
    assert same >= 90


@pytest.mark.parametrize(
    "of_staff", ["Les chiens sont-ils admis ?", "Are dogs allowed?", "犬を連れて入れますか"]
)
@pytest.mark.parametrize(
    ("language", "of_dogs", "of_cats"),
    [
        ("fr", "Les chiens sont-ils admis ?", "Les chats sont-ils admis ?"),
        ("en", "Are dogs allowed?", "Are cats allowed?"),
        ("ja", "犬を連れて入れますか", "猫を連れて入れますか"),
    ],
)
def test_cats_are_not_given_the_answer_to_dogs(
    of_staff: str, language: str, of_dogs: str, of_cats: str
) -> None:
    """In whatever language staff wrote, and in whatever it is asked."""
    assert is_matched(language, of_staff, "…", of_dogs)
    assert not is_matched(language, of_staff, "…", of_cats)


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("fr", "À quelle heure ouvrez-vous ?"),
        ("fr", "Vos horaires ?"),
    ],
)
def test_hours_are_told_however_they_are_asked_for(language: str, asked: str) -> None:
    """At length or in a word."""
    assert is_matched(language, "Quels sont vos horaires ?", "De 9 h à 17 h.", asked)


@pytest.mark.parametrize(
    ("language", "asked", "is_the_same"),
    [
        ("en", "How can I donate to the Sakura association?", True),
        ("ja", "サクラ協会に寄付するにはどうすればいいですか？", True),
        ("en", "How can I donate to the Sakura association of 2025?", False),
        ("ja", "大阪のサクラ協会に寄付するにはどうすればいいですか？", False),
    ],
)
def test_a_question_in_another_language_is_recognised(language: str, asked: str, is_the_same: bool) -> None:
    """If it says the same names and years."""
    answer = CuratedAnswer(
        questions=("Comment faire un don à l’association Sakura ?",),
        text={"fr": "Par chèque ou par virement.", "en": "By cheque or bank transfer."},
        source="https://www.example.org/",
    )
    found = Curated(lambda: [answer]).matched(asked, language, Spellings(()))
    assert (found is answer) == is_the_same


@pytest.mark.parametrize(
    ("language", "ours", "others"),
    [
        ("en", "Who is the director of the office?", ["Who is the deputy director of the office?"]),
        ("fr", "Qui est l’adjoint au maire ?", ["Qui est le maire ?", "Qui est le préfet ?"]),
        ("ja", "所長は誰ですか？", ["副所長は誰ですか？", "前の所長は誰ですか？"]),
        ("ko", "시장은 누구입니까?", ["부시장은 누구입니까?"]),
    ],
)
def test_another_office_is_another_question(language: str, ours: str, others: list[str]) -> None:
    """A deputy or a predecessor is somebody else, as whoever holds another office."""
    one = Asked(ours, language)
    assert Asked(ours, language).agrees_with(one, Spellings(()))
    assert not any(Asked(other, language).agrees_with(one, Spellings(())) for other in others)


@pytest.mark.parametrize(
    ("language", "asked", "in_french", "is_the_same"),
    [
        ("en", "How many chairs can I rent?", "Combien de chaises puis-je louer ?", True),
        ("en", "Can I rent a chair?", "Puis-je louer une chaise ?", True),
        ("en", "Who chairs the committee?", "Qui vend des chaises au comité ?", False),
        ("en", "Who is the chair of the committee?", "Qui vend des chaises au comité ?", False),
        ("ja", "消防団長は誰ですか？", "Qui est le chef des pompiers ?", True),
        ("ja", "訪問団の団長は誰ですか？", "Qui est le chef des pompiers ?", False),
    ],
)
def test_what_only_looks_like_an_office_is_none(
    language: str, asked: str, in_french: str, is_the_same: bool
) -> None:
    """Chairs to sit on aren't presidents, and no delegation fights fires."""
    assert Asked(asked, language).agrees_with(Asked(in_french, "fr"), Spellings(())) == is_the_same


def test_what_is_near_an_answer_is_offered_its_question() -> None:
    """In words too far to be sure; what asks something else, of another place or surely the same isn't."""
    answer = CuratedAnswer(
        questions=("Quels sont les horaires d'ouverture de la mairie ?", "When is the town hall open?"),
        text={"fr": "Du lundi au vendredi, de 9 h à 17 h."},
    )
    curated = Curated(lambda: [answer])
    french, english = ((question, answer.language_of(question)) for question in answer.questions)
    for asked in ("Quels jours la mairie est-elle ouverte ?", "Quand puis-je passer à la mairie ?"):
        assert curated.matched(asked, "fr", Spellings(())) is None
        assert curated.near(asked, "fr", Spellings(())) == french
    assert curated.near("When can I go to the town hall?", "en", Spellings(())) == english
    for asked in ("Où est la mairie ?", "À quelle heure ouvre la piscine ?", french[0]):
        assert curated.near(asked, "fr", Spellings(())) is None


def test_an_answer_is_given_until_it_expires(file: Path) -> None:
    """On its last day it still is."""
    curated = Curated(lambda: read_curated(file))
    asked = "What are your opening hours ?", "en", Spellings(())
    assert curated.matched(*asked, today=date(2026, 12, 31)) is not None
    assert curated.matched(*asked, today=date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (HOURS.replace("https:", "javascript:"), r"answer 1.*source.*https"),
        (HOURS.replace("2026-12-31", '"tomorrow"'), r"answer 1 expires: a day"),
        (HOURS.replace("source", "sauce"), r"sauce: nothing has this name"),
        (HOURS + HOURS.replace("Quels sont", "Où sont"), r"two to one question: What are your"),
        (HOURS.replace('fr = "Du', 'fr = "" # '), r"fr"),
        ("[[answer]\n", r"line 1"),
        ('[[answer]]\nquestions = "Quand ?"\ntext.fr = "Oui."', r"questions: a list is written in \[ \]"),
    ],
)
def test_a_wrong_line_is_told(file: Path, wrong: str, told: str) -> None:
    """By the file, the answer and what it should be, when the bot starts."""
    file.write_text(wrong, "utf-8")
    with pytest.raises(ConfigurationError, match=told) as refused:
        read_curated(file)
    assert str(file) in str(refused.value)


def test_no_file_is_no_answers(tmp_path: Path) -> None:
    """As for every institution at first."""
    assert read_curated(tmp_path / "curated.toml") == ()


def test_staffs_question_is_offered_where_no_sure_answer_was_found(
    file: Path, small_settings: Settings, model: EmbeddingModel
) -> None:
    """Also where passages come near, or the contact is given; a fact needs none."""
    file.write_text(HOURS.replace("d’ouverture ?", "d'ouverture de la mairie ?"), "utf-8")
    bot = Partnerbot.of(small_settings.model_copy(update={"curated": file}), model, writes=True)
    answer = bot.ask("Qui est le maire de Kirisawa ?").model_copy(
        update={"question": "Quand puis-je passer à la mairie ?", "language": "fr"}
    )
    offered = [
        bot.question_of_staff(answer.model_copy(update=told)) is not None
        for told in (
            {"kind": "passages"},
            {"kind": "nearest"},
            {"kind": "conversation", "act": "contact"},
            {"kind": "fact"},
        )
    ]
    assert offered == [True, True, True, False]


def test_staffs_answer_is_shown_as_theirs_with_its_source(
    file: Path, small_settings: Settings, model: EmbeddingModel
) -> None:
    """In the asker's language, before what documents say; a follow-up and another question get theirs."""
    file.write_text(HOURS.replace("expires = 2026-12-31\n", ""), "utf-8")
    bot = Partnerbot.of(small_settings.model_copy(update={"curated": file}), model, writes=True)
    answer = bot.ask("What are the opening hours?")
    assert (answer.kind, answer.generator, answer.citations) == ("curated", "staff", [])
    assert answer.answer.startswith("Monday to Friday")
    shown = Renderer("en", Settings(), Appearance()).answer(answer, "a1")
    assert "Written by our staff" in shown
    assert 'href="https://www.example.org/horaires"' in shown
    assert "5 p.m. &lt;b&gt;" in shown
    assert "(English)" not in shown
    in_french = answer.model_copy(update={"language": "fr"})
    assert "(French)" in Renderer("en", Settings(), Appearance()).answer(in_french, "a1")
    without_source = in_french.model_copy(update={"related": []})
    for language, told in (("en", "Written by our staff, in French."), ("ja", "職員がフランス語で作成した")):
        assert told in Renderer(language, Settings(), Appearance()).answer(without_source, "a1")
    assert bot.ask("What are your opening hours?", language="fr").answer.startswith("Du lundi")
    assert bot.ask("When was the friendship charter signed?").kind != "curated"


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ('source = "https://www.example.org/horaires"\n', "Written by our staff, from:"),
        ("", "Written by our staff."),
    ],
)
def test_staffs_answer_is_shown_as_theirs_by_programs_too(
    file: Path, small_settings: Settings, model: EmbeddingModel, source: str, label: str
) -> None:
    """And in the chat, whether they name a source or not; a stream says what a whole reply says."""
    file.write_text(re.sub(r"source = .*\nexpires = .*\n", source, HOURS), "utf-8")
    settings = small_settings.model_copy(update={"curated": file, "completions": True})
    bot = Partnerbot.of(settings, model, writes=True)
    answer = bot.ask("What are your opening hours?")
    assert label in Renderer("en", Settings(), Appearance()).answer(answer, "a1")
    body = {"model": MODEL, "messages": [{"role": "user", "content": answer.question}]}
    with TestClient(api_of(bot), "http://127.0.0.1") as web:
        reply = web.post("/v1/chat/completions", json=body)
        events = web.post("/v1/chat/completions", json=body | {"stream": True}).text.split("\n\n")
    whole = reply.json()["choices"][0]["message"]["content"]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events if event.startswith("data: {")]
    assert f"\n\n{label}" in whole
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == whole
