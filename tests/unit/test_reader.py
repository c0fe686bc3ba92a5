"""The trained reader, with the model the package ships."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partnerbot.errors import ModelUnavailable
from partnerbot.models.reader import (
    MODEL_FOLDER,
    Reader,
    TrainedReader,
    best_span,
    chance,
    load_reader,
    trimmed,
)

OFFICE = (
    "Vitagora au Japon",
    "Le pôle Vitagora a d'abord travaillé à distance. Par la suite, en 2020, Vitagora a ouvert un bureau à "
    "Kumamoto, où travaillent deux personnes. Les échanges avec la ville ont doublé depuis.",
)
TEA = (
    "静岡の茶",
    "静岡市は緑茶の産地として知られる。市内には約三千の茶農家があり、毎年五月に新茶祭りが開かれる。",
)
FESTIVAL = (
    "Summer in Nantes",
    "Every July the city holds a music festival on the island. It is free for all.",
)


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return load_reader()


@pytest.mark.parametrize(
    "question",
    [
        "En quelle année Vitagora a-t-il ouvert son bureau à Kumamoto ?",
        "When did Vitagora open its Kumamoto office?",
        "ヴィタゴラが熊本に事務所を開いたのはいつですか。",
    ],
)
def test_finds_the_year_in_another_language(reader: Reader, question: str) -> None:
    """A question in French, English or Japanese finds the year in a French passage."""
    reading = reader.read(question, *OFFICE)
    assert "2020" in reading.text
    assert len(reading.text) < 20


def test_prefers_the_passage_that_answers(reader: Reader) -> None:
    """Among passages in three languages, the one that answers gets the highest score."""
    question = "When did Vitagora open its Kumamoto office?"
    tea, office, festival = (reader.read(question, *passage).score for passage in (TEA, OFFICE, FESTIVAL))
    assert office > max(tea, festival)


def test_doubts_a_near_miss(reader: Reader) -> None:
    """Asked about a city that the passage doesn't name, the same passage is less likely to answer."""
    right = reader.read("When did Vitagora open its Kumamoto office?", *OFFICE)
    near = reader.read("When did Vitagora open its Osaka office?", *OFFICE)
    assert near.score < right.score


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Vitagora opened an office in Kumamoto in 2020.", "Vitagora closed its office in Kumamoto in 2020."),
        (
            "ヴィタゴラは2020年に熊本に事務所を開いた。",
            "ヴィタゴラは2020年に熊本の事務所を開き、職員を10人雇った。",
        ),
        ("L'agence de Vitagora à Kumamoto date de 2020.", "Kumamoto a ouvert une agence à Vitagora en 2020."),
    ],
)
def test_tells_a_statement_that_is_supported(reader: TrainedReader, true: str, false: str) -> None:
    """A statement that the passage says is surer than one of the same words that it doesn't."""
    said, tea, festival = (reader.read(true, *passage).support for passage in (OFFICE, TEA, FESTIVAL))
    assert said > max(tea, festival, reader.read(false, *OFFICE).support)


@pytest.mark.parametrize(
    "question",
    [
        "Quelles organisations françaises sont présentes au Japon ?",
        "Which French organisations have opened an office in Japan?",
        "日本に事務所を置くフランスの団体はどこですか。",
    ],
)
def test_tells_a_part_of_what_is_asked(reader: TrainedReader, question: str) -> None:
    """One of many: a passage that tells of it is more relevant than others, in whatever language."""
    office, tea, festival = (
        reader.relevance(reader.states(question, *passage)) for passage in (OFFICE, TEA, FESTIVAL)
    )
    assert office > max(tea, festival)


def test_offsets_are_of_the_text(reader: Reader) -> None:
    """Start and end point into the passage's text, not into title and text together."""
    for question in ("静岡は何で知られていますか。", "Quand a lieu la fête ?", "?"):
        for title, text in (OFFICE, TEA, FESTIVAL):
            reading = reader.read(question, title, text)
            assert text[reading.start : reading.end] == reading.text
            assert reading.text.strip()
            assert np.isfinite(reading.score)


@settings(max_examples=25)
@given(text=st.text(min_size=1, max_size=80).filter(str.strip), title=st.text(max_size=10))
@example(text="㍿ ﬁn…", title="\ud800")
@example(text="e\u0301 2020\u200b", title="")
@example(text="\ud83d", title="")
def test_any_text_can_be_read(reader: Reader, text: str, title: str) -> None:
    """Whatever the characters, the span is a part of the text and not empty."""
    reading = reader.read("quand ?", title, text)
    assert text[reading.start : reading.end] == reading.text != ""


def test_nothing_to_read(reader: Reader) -> None:
    """A blank passage is refused."""
    with pytest.raises(ValueError, match="blank"):
        reader.read("Quand ?", "Titre", " \n")


def test_long_inputs_are_cut(reader: Reader) -> None:
    """Questions, titles and passages beyond what the network takes are cut, without an error."""
    reading = reader.read("なぜ" * 500, "題" * 40, OFFICE[1] * 30)
    assert reading.text
    reading = reader.read("Quand ?", "titre " * 700, OFFICE[1])
    assert chance(reading.score) < 0.01
    assert reading.text


def test_threads_share_one_reader(reader: Reader) -> None:
    """Readings from four threads at once are those of one."""
    question = "When did Vitagora open its Kumamoto office?"
    expected = [reader.read(question, *passage).text for passage in (OFFICE, TEA)]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda passage: reader.read(question, *passage).text, [OFFICE, TEA] * 8)
        assert list(found) == expected * 8


@pytest.mark.parametrize("altered", ["shared.onnx", "answers.onnx", "relevance.onnx"])
def test_altered_model_is_refused(tmp_path: Path, altered: str) -> None:
    """A model that isn't the one named in reader.json, or none at all, is told as such."""
    shutil.copytree(MODEL_FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / altered).unlink()
    with pytest.raises(ModelUnavailable, match="missing"):
        load_reader(tmp_path)
    (tmp_path / altered).write_bytes(b"something else")
    with pytest.raises(ModelUnavailable, match="checksum"):
        load_reader(tmp_path)


def test_another_vocabulary_is_refused(tmp_path: Path) -> None:
    """A reader trained with another version of the vocabulary isn't used."""
    facts = json.loads((MODEL_FOLDER / "reader.json").read_text("utf-8"))
    (tmp_path / "reader.json").write_text(json.dumps(facts | {"vocabulary": "0" * 64}), "utf-8")
    with pytest.raises(ModelUnavailable, match="vocabulary"):
        load_reader(tmp_path)


def test_best_span_never_runs_backwards() -> None:
    """The end is never before the start, even where its logit is highest, nor too far after it."""
    starts, ends = np.array([0, 0, 5, 0], np.float32), np.array([9, 0, 0, 4], np.float32)
    ends[0] = 8
    assert best_span(starts, ends) == ((2, 3), (2, 3), 9.0)
    ends[2] = 3.6  # nearly as good an end
    assert best_span(starts, ends) == ((2, 3), (2, 3), 9.0)
    starts[1] = 4.6
    assert best_span(starts, ends) == ((2, 3), (1, 3), 9.0)
    far = np.zeros(100, np.float32)
    far[0] = 1
    assert best_span(far, far[::-1])[0] != (0, 99)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" 2020, ", "2020"),
        ("「熊本城」。", "熊本城"),
        ("(en 2020", "en 2020"),
        ("Despax (maire)", "Despax (maire)"),
        ("« Allez les filles ! »", "Allez les filles"),
        ("(a) et (b)", "(a) et (b)"),
        ("...", "..."),
        (" 。", "。"),
    ],
)
def test_edges_are_trimmed(text: str, kept: str) -> None:
    """Spaces and punctuation at the edges go, but not a bracket that was opened inside."""
    start, end = trimmed(text, 0, len(text))
    assert text[start:end] == kept
