"""What an owner can plug in or turn: another reader, none, a reranker, the strictness."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from partnerbot.answering.confidence import threshold
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, ModelUnavailable, first_line
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.owner_models import OwnerReader, Reranker, load_owner_reader, load_reranker
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings, load_settings

PASSAGES = [
    ("", "Le bureau a ouvert en 2020 à Kumamoto."),
    ("Titre : un bureau", "2020年に熊本で開いた。"),
    ("t" * 3000, "x"),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Random models of a few thousand weights, saved as an owner would have them: real files, no sense."""
    # Imported here: whoever only collects the tests need not wait for torch.
    from transformers import (
        BertConfig,
        BertForQuestionAnswering,
        BertForSequenceClassification,
        BertTokenizerFast,
    )

    folder = tmp_path_factory.mktemp("tiny")
    characters = sorted(set("abcdefghijklmnopqrstuvwxyzéèàç0123456789年熊本開月日を、。 :?"))
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *characters,
        *(f"##{character}" for character in characters),
    ]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    shape = {
        "vocab_size": len(words),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    }
    models = {
        "reader": BertForQuestionAnswering(BertConfig(**shape)),
        "narrow": BertForQuestionAnswering(BertConfig(**shape, max_position_embeddings=64)),
        "reranker": BertForSequenceClassification(BertConfig(**shape, num_labels=1)),
        "classifier": BertForSequenceClassification(BertConfig(**shape, num_labels=3)),
    }
    for name, model in models.items():
        BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder / name)
        model.save_pretrained(folder / name)
    return {name: folder / name for name in models}


def test_an_owners_reader_marks_words_of_the_passage(tiny: dict[str, Path]) -> None:
    """Whatever it thinks, what it marks stands in the passage, not in its title."""
    reader = load_owner_reader(str(tiny["reader"]))
    for title, text in PASSAGES:
        reading = reader.read("Quand ?", title, text)
        assert text[reading.start : reading.end] == reading.text != ""


def test_an_owners_reader_answers_where_its_model_points(tiny: dict[str, Path]) -> None:
    """The tokens of the passage are told from those of question and title, and found again in its text."""
    import torch
    from transformers import AutoTokenizer

    class Pointing:
        """Stands in for a model that takes the thirteenth token for the answer: question and title count."""

        config = SimpleNamespace(max_position_embeddings=512)

        def __call__(self, input_ids: Any, **_: object) -> SimpleNamespace:
            logits = torch.zeros(input_ids.shape)
            logits[0, 12] = 9
            return SimpleNamespace(start_logits=logits, end_logits=logits)

    reader = OwnerReader(AutoTokenizer.from_pretrained(tiny["reader"]), Pointing())
    reading = reader.read("en 1987 ?", "1999", PASSAGES[0][1])
    assert (reading.text, reading.score) == ("2020", 18)


def test_a_question_that_fills_the_reader_leaves_room_for_the_passage(tiny: dict[str, Path]) -> None:
    """A visitor may ask at length."""
    reader = load_owner_reader(str(tiny["reader"]))
    assert all(reader.read("quand le bureau a ouvert " * 60, *passage).text for passage in PASSAGES)


def test_a_reader_with_few_places_is_given_as_much_as_it_can_read(tiny: dict[str, Path]) -> None:
    """Some models read 64 tokens, not 512: a longer question or passage is cut, not a crash."""
    reader = load_owner_reader(str(tiny["narrow"]))
    for question in ("Quand ?", "quand le bureau a ouvert " * 60):
        for title, text in PASSAGES:
            reading = reader.read(question, title, text)
            assert text[reading.start : reading.end] == reading.text != ""


def test_an_error_that_says_nothing_is_told_by_its_kind() -> None:
    """A library's error of several lines is told in one; one without words has a kind still."""
    assert first_line(ValueError("\nNo such model.\nSee there.")) == "No such model."
    assert first_line(RuntimeError()) == "RuntimeError"


def test_the_bot_answers_with_an_owners_reader_and_reranker(
    tiny: dict[str, Path], small_settings: Settings
) -> None:
    """Both are loaded by the settings that name them; quotes stay verbatim."""
    settings = small_settings.model_copy(
        update={
            "reader_model": str(tiny["reader"]),
            "reranker_model": str(tiny["reranker"]),
            "strictness": "lenient",
        }
    )
    bot = Partnerbot.open(settings)
    answer = bot.ask("Quand la charte d’amitié a-t-elle été signée ?")
    for citation in answer.citations:
        assert citation.quote in bot.document_text(citation.source).page_content


def test_a_reranker_orders_candidates_and_loses_none(tiny: dict[str, Path], small_bot: Partnerbot) -> None:
    """The order is its own scores', highest first, among the candidates that were found."""
    found = small_bot.investigate("Quand la charte d’amitié a-t-elle été signée ?").candidates[:20]
    reranker = load_reranker(str(tiny["reranker"]))
    assert reranker is not None
    ordered = reranker.rerank("Quand ?", found)
    assert {candidate.passage.id for candidate in ordered} == {candidate.passage.id for candidate in found}

    class ByLength:
        """Stands in for a cross-encoder that likes short passages."""

        def predict(self, pairs: list[tuple[str, str]], show_progress_bar: bool) -> list[float]:
            assert not show_progress_bar
            return [-float(len(text)) for _, text in pairs]

    lengths = [
        len(candidate.passage.text_in_context) for candidate in Reranker(ByLength()).rerank("?", found)
    ]
    assert lengths == sorted(lengths)
    assert reranker.rerank("Quand ?", []) == []


def test_a_model_that_is_none_is_told_with_the_setting_to_change(
    tmp_path: Path, tiny: dict[str, Path]
) -> None:
    """The message names the model, the cause and the setting."""
    with pytest.raises(ModelUnavailable, match="PARTNERBOT_READER_MODEL"):
        load_owner_reader(str(tmp_path / "nowhere"))
    with pytest.raises(ModelUnavailable, match="PARTNERBOT_RERANKER_MODEL"):
        load_reranker(str(tmp_path / "nowhere"))
    with pytest.raises(ModelUnavailable, match="3 scores"):
        load_reranker(str(tiny["classifier"]))


def test_the_stricter_the_fewer_answers(small_settings: Settings, model: EmbeddingModel) -> None:
    """What a strict bot answers a balanced one does, and what that answers a lenient one does."""
    questions = [
        "Quand la charte d’amitié a-t-elle été signée ?",
        "Combien de personnes habitent à Clairmoulin ?",
        "When did the Bellerive cheese dairy open its shop in Osaka?",
    ]
    answered = {}
    for strictness in ("lenient", "balanced", "strict"):
        settings = small_settings.model_copy(update={"strictness": strictness})
        bot = Partnerbot(settings, model, load_reader())
        answered[strictness] = {text for text in questions if bot.ask(text).status == "answered"}
    assert answered["strict"] <= answered["balanced"] <= answered["lenient"]
    thresholds = [threshold(strictness) for strictness in ("lenient", "balanced", "strict")]
    assert 0 < thresholds[0] < thresholds[1] < thresholds[2] < 1


def test_a_strictness_that_is_none_is_refused() -> None:
    """The message names the variable and what it takes."""
    with pytest.raises(ConfigurationError, match=r"PARTNERBOT_STRICTNESS.*lenient"):
        load_settings(strictness="very")
