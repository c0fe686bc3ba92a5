"""Lies of every kind in three languages are not shown; true sentences are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from langchain_core.documents import Document

from chat_script import ScriptedChat
from combinations import first_of_each
from judged_statements import JUDGED, Desk, read_statements
from judged_statements import TRUE as TRUE_KIND
from partnerbot.answering.answer import Answer
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.mentions import Known
from partnerbot.bot import Partnerbot
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from partnerbot.writing.asking import ChatAsker
from partnerbot.writing.cited_sentences import SentenceCutter
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verifier
from partnerbot.writing.writer import Writer
from statements import EXCERPTS, LIES, MARKED_WRONGLY, RULES, TRUE

DOCUMENTS = Path(__file__).parents[2] / "documents"
_TRUE_DROPPED_AT_MOST = 0.10

GLOSSARY = [("Kirisawa", "霧沢"), ("Clairmoulin", "クレールムラン")]
"""The owner's: no list of towns has these invented ones."""


@pytest.fixture(scope="module")
def desk(small_settings: Settings, model: EmbeddingModel) -> Desk:
    return Desk(small_settings.documents, SupportJudge(model), GLOSSARY, EXCERPTS)


_LIES = [(kind, *case) for kind, cases in LIES.items() for case in cases]


def lies_of_each(*names: str) -> pytest.MarkDecorator:
    """Return the lies as parameters; all but one of each that has these in common are thorough."""
    parameters = ("kind", "language", "question", "text")
    places = [parameters.index(name) for name in names]
    cases = first_of_each(_LIES, lambda case: tuple(case[place] for place in places))
    return pytest.mark.parametrize(parameters, cases, ids=lambda value: value if len(value) < 20 else None)


@lies_of_each("language")
def test_lie_is_not_shown(desk: Desk, kind: str, language: str, question: str, text: str) -> None:
    """A sentence that its citation doesn't carry is dropped, with a reason for the log."""
    del question
    for verdict in desk.verdicts(language, text):
        assert not verdict.quotes, kind
        assert verdict.reason


class _AlwaysAsking(Writer):
    """Tempts the model with questions that nothing answers as well."""

    def is_worth_asking(self, *_: object) -> bool:
        return True


class _Liar:
    """A bot whose model says a lie, as its answer and then as every translation."""

    def __init__(self, settings: Settings, model: EmbeddingModel, desk: Desk) -> None:
        self.chat = ScriptedChat(reply="")
        asker = ChatAsker(self.chat, Settings(llm_first_token_seconds=30, llm_answer_seconds=60))
        writer = _AlwaysAsking("scripted", asker, desk.judge)
        self._bot = Partnerbot(settings, model, desk.judge._reader, glossary=GLOSSARY, writer=writer)
        self._titles = {excerpt.number: excerpt.title for excerpt in desk.verifier.excerpts}
        self._found = cache(self._investigated)

    def answer(self, language: str, question: str, lie: str) -> Answer:
        """Have it answered; the numbers that the lie cites are those that the model was shown."""

        def reply(prompt: str) -> str:
            numbers = re.findall(r"==\w+== \[(\d+)\] ", prompt)
            if prompt.startswith("Translate"):
                said = re.sub(r"\s?\[\d+\]", "", lie)
                return "\n".join(f"[{number}] {said}" for number in numbers)
            shown = {title: n for n, title in re.findall(r"== \[(\d+)\] (.*) \(", prompt)}
            return re.sub(
                r"\[(\d+)\]", lambda mark: f"[{shown.get(self._titles.get(int(mark[1])), 99)}]", lie
            )

        self.chat.reply = reply
        *_, answer = self._bot.conclude(self._found(language, question))
        assert isinstance(answer, Answer)
        return answer

    def _investigated(self, language: str, question: str) -> Investigation:
        return self._bot.investigate(question, language=language)


@pytest.fixture(scope="module")
def liar(small_settings: Settings, model: EmbeddingModel, desk: Desk) -> _Liar:
    return _Liar(small_settings, model, desk)


@lies_of_each("kind")
def test_lie_of_a_model_reaches_no_visitor(
    liar: _Liar, kind: str, language: str, question: str, text: str
) -> None:
    """Through prompt, stream and verification to the Answer: neither as its text nor below a quote."""
    asked = len(liar.chat.prompts)
    answer = liar.answer(language, question, text)
    assert len(liar.chat.prompts) > asked, kind
    shown = re.sub(r"\s?\[\d+\]", "", answer.answer)
    cutter = SentenceCutter(language)
    for sentence in [*cutter.add(text), *cutter.finish()]:
        assert sentence.text not in shown
        assert all(sentence.text not in (one.translation or "") for one in answer.citations)


@pytest.mark.parametrize(
    ("said", "of"), first_of_each(RULES, lambda case: case[0][0]), ids=[said[-1][0][:20] for said, _ in RULES]
)
def test_rules_tell_what_a_quote_says(
    desk: Desk, said: tuple[str, str | None, str, list[str]], of: list[tuple[str, str, str | None]]
) -> None:
    """What the quote says passes in other words, scripts, calendars and units; else there is a reason."""
    language, published, title, sentences = said
    metadata = {"source": "a.md", "title": title, "language": language, "published": published}
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    spans = tuple((start, start + len(sentence)) for start, sentence in zip(starts, sentences, strict=True))
    excerpt = Excerpt(1, Document(page_content=text, metadata=metadata), spans)
    verifier = Verifier([excerpt], desk.judge, Known.mined(desk.known.spellings, [(text, language)]))
    for statement_language, statement, expected in of:
        _, reason = verifier.examine(statement, statement_language, excerpt)
        assert (reason is None) == (expected is None), (reason, statement)


@pytest.mark.thorough  # test_verdicts.py has true sentences of every language
def test_true_sentences_survive(desk: Desk) -> None:
    """Nine of ten true sentences are shown, each with verbatim quotes of the excerpts it cites."""
    dropped = []
    for language, _, text in TRUE:
        (verdict,) = desk.verdicts(language, text)
        if not verdict.quotes:
            dropped.append((verdict.reason, text))
        for quote in verdict.quotes:
            assert quote.excerpt.document.page_content[quote.start : quote.end] == quote.text
            assert f"[{quote.excerpt.number}]" in text
    assert len(dropped) <= _TRUE_DROPPED_AT_MOST * len(TRUE), dropped


@pytest.mark.parametrize(("language", "text", "source"), [(one[0], *one[2:]) for one in MARKED_WRONGLY])
def test_the_quote_is_found_whatever_number_a_model_writes(
    desk: Desk, language: str, text: str, source: str
) -> None:
    """A sentence that an excerpt carries is shown with a quote of that one."""
    (verdict,) = desk.verdicts(language, text)
    assert [quote.excerpt.source for quote in verdict.quotes] == [source]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "folder", "false_shown_at_most", "true_shown_at_least"),
    [
        ("kept.txt", JUDGED / "documents", 2, 48),
        ("sample_kept.txt", DOCUMENTS, 1, 41),
        ("answers_kept.txt", DOCUMENTS, 13, 90),
        ("blind.txt", DOCUMENTS, 14, 66),
    ],
)
def test_statements_on_other_subjects_are_told_apart(
    model: EmbeddingModel, name: str, folder: Path, false_shown_at_most: int, true_shown_at_least: int
) -> None:
    """What was written without looking at the rules passes as docs/decisions/011 says; no invention does."""
    desk = Desk(folder, SupportJudge(model))
    shown = [one for one in read_statements(JUDGED / name) if desk.verdict(one).quotes]
    wrongly = [(one.kind, one.text) for one in shown if one.kind != TRUE_KIND]
    assert "plausible" not in {kind for kind, _ in wrongly}
    assert len(wrongly) <= false_shown_at_most, wrongly
    assert len(shown) - len(wrongly) >= true_shown_at_least
