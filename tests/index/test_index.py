"""Building an index, building it again, and opening it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from langchain_core.documents import Document

from combinations import combinations
from indexed_site import TEA, Site
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, IndexMismatch, IndexUnavailable
from partnerbot.index import generations
from partnerbot.index.generations import Manifest
from partnerbot.index.planted_orders import quotable
from partnerbot.index.search import Index
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings


def test_indexing_twice_does_nothing(site: Site) -> None:
    """The second run says so, keeps the generation and the counts, and embeds nothing."""
    before = generations.current(site.index)
    report = site.build()
    assert (report.rebuilt, report.embedded, report.manifest.documents) == (False, 0, 2)
    assert report.manifest.passages == site.open().manifest.passages
    assert generations.current(site.index) == before


def test_only_what_is_new_is_embedded(site: Site) -> None:
    """An added document costs its own passages, each in two views; the others keep their vectors.

    Of a changed one the old words are gone, and of a removed one nothing is found.
    """
    before = site.open()
    kept = before.texts.passages_of("charte.md")
    vectors = {id: vector.tolist() for id, vector in before.vectors(kept, "context").items()}
    site.write("tea.md", TEA)
    report = site.build()
    after = site.open()
    assert (report.rebuilt, report.manifest.documents) == (True, 3)
    assert report.embedded == 2 * len(after.texts.passages_of("tea.md"))
    assert after.texts.passages_of("charte.md") == kept
    assert {id: vector.tolist() for id, vector in after.vectors(kept, "context").items()} == vectors
    site.write("tea.md", TEA.replace("75", "80"))
    (site.documents / "ashiyu.md").unlink()
    assert 0 < site.build().embedded < 2 * report.manifest.passages
    (passage,) = site.open().texts.passages_of("tea.md")
    assert "80 guests" in passage.text
    found = site.open().search("足湯", site.model.query_vector("足湯"))
    assert {candidate.passage.source for candidate in found} == {"charte.md", "tea.md"}
    with pytest.raises(KeyError):
        site.open().document("ashiyu.md")


def test_skipped_files_are_named_and_the_rest_is_indexed(site: Site) -> None:
    """Each with its reason, in this run and in the next, which does nothing."""
    site.write("empty.md", "")
    site.write("broken.pdf", "no PDF at all")
    site.write("picture.xyz", "?")
    for rebuilt in (True, False):
        report = site.build()
        assert report.rebuilt is rebuilt
        assert report.manifest.documents == 2
        assert [file.source for file in report.skipped] == ["broken.pdf", "empty.md", "picture.xyz"]
        assert all(file.reason for file in report.skipped)


def test_nothing_to_index_leaves_the_index_alone(site: Site) -> None:
    """A folder emptied by mistake does not take the chat down; the message says what to do."""
    for path in site.documents.iterdir():
        path.unlink()
    site.write("empty.md", "")
    before = generations.current(site.index)
    with pytest.raises(ConfigurationError, match=r"left as it was.*\.md, \.txt[\s\S]*empty\.md"):
        site.build(confirm_removal=True)
    assert generations.current(site.index) == before
    assert site.sources() == ["ashiyu.md", "charte.md"]


def test_progress_is_told(site: Site) -> None:
    """Reading and embedding, each up to its total."""
    site.write("tea.md", TEA)
    told: list[tuple[str, int, int]] = []
    site.build(on_progress=lambda *step: told.append(step))
    for stage in ("read", "embed"):
        steps = [(done, total) for name, done, total in told if name == stage]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


def test_another_models_index_is_refused(site: Site) -> None:
    """Both models and the command that rebuilds are named."""
    other = EmbeddingModel("another-model", "another-1234", site.model._load)
    with pytest.raises(IndexMismatch, match=r"toy .* another-model .*partnerbot index"):
        Index.open(site.index, other)


@pytest.mark.parametrize("changed", [{"format": 0}, {"splitter": "words-0"}])
def test_another_versions_index_is_refused(site: Site, changed: dict[str, object]) -> None:
    """Passages cut otherwise, or files of another form: never read as if they were ours."""
    folder = generations.current(site.index)
    Manifest.read(folder).model_copy(update=changed).write(folder)
    with pytest.raises(IndexMismatch, match="partnerbot index"):
        site.open()


def test_no_index_says_how_to_make_one(site: Site) -> None:
    """The command is in the message."""
    with pytest.raises(IndexUnavailable, match=r"no index in .*Run: partnerbot index"):
        Index.open(site.index.with_name("nowhere"), site.model)


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', '{"generation": "000099"}', '{"other": 1}'])
def test_a_damaged_pointer_is_told_and_mended(site: Site, content: str) -> None:
    """Reading says what to run; running it mends it."""
    (site.index / "current.json").write_text(content, "utf-8")
    with pytest.raises(IndexUnavailable, match="Run: partnerbot index"):
        site.open()


@pytest.mark.parametrize(
    ("file", "damage"),
    combinations(
        [
            "manifest.json",
            "chroma/chroma.sqlite3",
            "vectors.npy",
            "lexical.npz",
            "vocabulary.txt",
        ],
        ["missing", "empty", "garbled", "cut"],
    ),
)
def test_a_damaged_generation_is_told(site: Site, file: str, damage: str) -> None:
    """Whichever file is gone, empty, garbled or cut short: one kind of error, with what to run."""
    path = generations.current(site.index) / file
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        kept = {"empty": b"", "garbled": b"\xff\x00 not what it was", "cut": content[: len(content) // 2]}
        path.write_bytes(kept[damage])
    with pytest.raises(IndexUnavailable, match="Run: partnerbot index"):
        site.open()


def test_a_running_bot_sees_the_new_generation(site: Site, model: EmbeddingModel) -> None:
    """Without a restart: the next question is answered from the new documents."""
    site = replace(site, model=model)
    site.build()
    bot = Partnerbot(Settings(documents=site.documents, index=site.index), model, load_reader())
    before = bot.ready()
    question = "How many guests attended the tea ceremony?"
    assert bot.ask(question).status == "not_in_documents"
    site.write("tea.md", TEA)
    site.build()
    assert bot.ask(question).citations[0].source == "tea.md"
    after = bot.ready()
    assert (before.documents, after.documents) == (2, 3)
    assert after.generation > before.generation


def test_a_long_document_costs_no_more_a_passage_than_a_short_one() -> None:
    """A report of 500 pages is read once, not once for each of its passages."""

    def seconds(sentences: int) -> float:
        text = "\n\n".join(
            f"En 2009, la charte numéro {n} a été signée à Clairmoulin." for n in range(sentences)
        )
        document = Document(text, metadata={"source": "r.md", "language": "fr", "title": "Rapport"})
        opened, took = split_into_passages(document), []
        planted = {(one.start, one.end) for one in opened.passages[::7]}
        for _ in range(15):  # the least disturbed of them
            began = time.process_time()
            quotable(opened, planted)
            took.append(time.process_time() - began)
        return min(took)

    # Eight times as long; 64 times the time if each passage read it all.
    assert seconds(16_000) < 32 * seconds(2_000)
