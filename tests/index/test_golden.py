"""The owner's golden questions: the file, and what counts as right."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnerbot.answering.answer import Answer
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.golden import GoldenQuestion, read_golden
from replies import answer


def reply(status: str) -> Answer:
    quotes = ["Vitagora a ouvert en 2020."] if status == "answered" else []
    return answer("In spring [1]", quotes, status=status)


def test_a_file_of_questions_is_read(tmp_path: Path) -> None:
    """With what each is known by; without a file there are none."""
    path = tmp_path / "golden.toml"
    assert read_golden(path) == []
    path.write_text(
        '[[question]]\nquestion = "When?"\nanswer = "2020"\nsources = ["fr/a.md"]\n\n'
        '[[question]]\nquestion = "Why?"\nanswered = false\n',
        "utf-8",
    )
    assert read_golden(path) == [
        GoldenQuestion(question="When?", answer="2020", sources=["fr/a.md"]),
        GoldenQuestion(question="Why?", answered=False),
    ]


@pytest.mark.parametrize("content", ["question = 1", "[[question]]\nasks = 'When?'", "[[", "\x00"])
def test_a_wrong_file_is_named(tmp_path: Path, content: str) -> None:
    """And nothing is indexed on the strength of it."""
    path = tmp_path / "golden.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=r"golden\.toml"):
        read_golden(path)


@pytest.mark.parametrize(
    ("asked", "given", "right"),
    [
        (GoldenQuestion(question="q"), reply("answered"), True),
        (GoldenQuestion(question="q"), reply("not_in_documents"), False),
        (GoldenQuestion(question="q", answered=False), reply("not_in_documents"), True),
        (GoldenQuestion(question="q", answered=False), reply("answered"), False),
        (GoldenQuestion(question="q", answer="2020"), reply("answered"), True),
        (GoldenQuestion(question="q", answer="2021"), reply("answered"), False),
        (GoldenQuestion(question="q", sources=["b.md", "1.md"]), reply("answered"), True),
        (GoldenQuestion(question="q", sources=["b.md"]), reply("answered"), False),
    ],
)
def test_what_counts_as_right(asked: GoldenQuestion, given: Answer, right: bool) -> None:
    """The answer's words, in it or in a quote; one of the sources; or that the documents don't say."""
    assert asked.fits(given) == right
