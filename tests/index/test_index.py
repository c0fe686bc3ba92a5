"""Building an index, building it again, and opening it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from langchain_core.documents import Document

from combinations import combinations
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, IndexBusy, IndexMismatch, IndexUnavailable
from partnerbot.index import generations
from partnerbot.index.build import BuildReport, build_index
from partnerbot.index.manifest import Manifest
from partnerbot.index.passages import split_into_passages
from partnerbot.index.planted_orders import quotable
from partnerbot.index.search import Index
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings

CHARTER = "La charte de Clairmoulin et de Kirisawa a été signée en avril 2009."
FOOTBATH = "霧沢駅前の足湯は、2021年6月5日に開業した。利用は無料で、毎日開いている。"
TEA = "The tea master Aoki Rin held a ceremony for 75 guests in the old paper mill."


@dataclass(frozen=True)
class Site:
    """A folder of documents and its index."""

    documents: Path
    index: Path
    model: EmbeddingModel

    def write(self, name: str, text: str) -> None:
        (self.documents / name).write_text(text, "utf-8")

    def build(self) -> BuildReport:
        return build_index(self.documents, self.index, self.model)

    def open(self) -> Index:
        return Index.open(self.index, self.model)

    def sources(self) -> list[str]:
        return [document.metadata["source"] for document in self.open().texts.documents()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Site:
    """Two documents, indexed; tests work on a copy."""
    folder = tmp_path_factory.mktemp("built")
    site = Site(folder / "documents", folder / "index", model)
    site.documents.mkdir()
    site.write("charte.md", CHARTER)
    site.write("ashiyu.md", FOOTBATH)
    site.build()
    return site


@pytest.fixture
def site(built: Site, tmp_path: Path) -> Site:
    """A copy of the indexed documents and their index, to be changed."""
    shutil.copytree(built.documents, tmp_path / "documents")
    shutil.copytree(built.index, tmp_path / "index")
    return Site(tmp_path / "documents", tmp_path / "index", built.model)


def test_indexing_twice_does_nothing(site: Site) -> None:
    """The second run says so, keeps the generation and the counts, and embeds nothing."""
    before = generations.current(site.index)
    report = site.build()
    assert (report.rebuilt, report.embedded, report.documents) == (False, 0, 2)
    assert report.passages == site.open().manifest.passages
    assert generations.current(site.index) == before


def test_only_what_is_new_is_embedded(site: Site) -> None:
    """An added document costs its own passages, each in two views; the others keep their vectors."""
    before = site.open()
    kept = before.texts.passages_of("charte.md")
    vectors = {id: vector.tolist() for id, vector in before.vectors(kept, "context").items()}
    site.write("tea.md", TEA)
    report = site.build()
    after = site.open()
    assert (report.rebuilt, report.documents) == (True, 3)
    assert report.embedded == 2 * len(after.texts.passages_of("tea.md"))
    assert after.texts.passages_of("charte.md") == kept
    assert {id: vector.tolist() for id, vector in after.vectors(kept, "context").items()} == vectors


def test_a_changed_document_is_indexed_anew(site: Site) -> None:
    """Its old words are gone, its new ones are there."""
    site.write("charte.md", CHARTER.replace("2009", "2011"))
    report = site.build()
    assert report.rebuilt
    assert 0 < report.embedded < 2 * report.passages
    texts = [passage.text for passage in site.open().texts.passages_of("charte.md")]
    assert texts == [CHARTER.replace("2009", "2011")]


def test_a_removed_document_is_forgotten(site: Site, model: EmbeddingModel) -> None:
    """Neither its text nor its passages are found, and nothing is embedded."""
    (site.documents / "ashiyu.md").unlink()
    assert site.build().embedded == 0
    assert site.sources() == ["charte.md"]
    found = site.open().search("足湯", model.query_vector("足湯"))
    assert {candidate.passage.source for candidate in found} == {"charte.md"}
    with pytest.raises(KeyError):
        site.open().document("ashiyu.md")


def test_files_that_are_no_documents_change_nothing(site: Site) -> None:
    """What the file manager or git leave behind is no reason to index again."""
    (site.documents / ".DS_Store").write_bytes(b"\x00")
    (site.documents / ".git").mkdir()
    (site.documents / ".git" / "HEAD").write_text("ref: refs/heads/main", "utf-8")
    assert not site.build().rebuilt


def test_skipped_files_are_named_and_the_rest_is_indexed(site: Site) -> None:
    """Each with its reason, in this run and in the next, which does nothing."""
    site.write("empty.md", "")
    site.write("broken.pdf", "no PDF at all")
    site.write("picture.xyz", "?")
    for rebuilt in (True, False):
        report = site.build()
        assert report.rebuilt is rebuilt
        assert report.documents == 2
        assert [file.source for file in report.skipped] == ["broken.pdf", "empty.md", "picture.xyz"]
        assert all(file.reason for file in report.skipped)


def test_nothing_to_index_leaves_the_index_alone(site: Site) -> None:
    """A folder emptied by mistake does not take the chat down; the message says what to do."""
    for path in site.documents.iterdir():
        path.unlink()
    site.write("empty.md", "")
    before = generations.current(site.index)
    with pytest.raises(ConfigurationError, match=r"left as it was.*\.md, \.txt[\s\S]*empty\.md"):
        site.build()
    assert generations.current(site.index) == before
    assert site.sources() == ["ashiyu.md", "charte.md"]


def test_a_missing_folder_is_named(site: Site) -> None:
    """With the setting that points to it."""
    shutil.rmtree(site.documents)
    with pytest.raises(ConfigurationError, match="PARTNERBOT_DOCUMENTS"):
        site.build()


def test_progress_is_told(site: Site) -> None:
    """Reading and embedding, each up to its total."""
    site.write("tea.md", TEA)
    told: list[tuple[str, int, int]] = []
    build_index(site.documents, site.index, site.model, lambda *step: told.append(step))
    for stage in ("read", "embed"):
        steps = [(done, total) for name, done, total in told if name == stage]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


def test_another_models_index_is_refused_and_rebuilt(site: Site) -> None:
    """Both models and the command that rebuilds are named; that command does it."""
    other = EmbeddingModel("another-model", "another-1234", lambda: site.model._model)
    with pytest.raises(IndexMismatch, match=r"multilingual-e5-small .* another-model .*partnerbot index"):
        Index.open(site.index, other)
    folder = generations.current(site.index)
    Manifest.read(folder).model_copy(update={"model_fingerprint": "older-9"}).write(folder)
    with pytest.raises(IndexMismatch, match="older-9"):
        site.open()
    report = site.build()
    assert report.rebuilt
    assert report.embedded == 2 * report.passages
    assert site.sources() == ["ashiyu.md", "charte.md"]


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
            "background.npz",
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


def test_a_lost_store_is_told(site: Site) -> None:
    """Without its texts an index would find nothing, and every answer would be "not in the documents"."""
    shutil.rmtree(generations.current(site.index) / "chroma")
    with pytest.raises(IndexUnavailable, match="Run: partnerbot index"):
        site.open()


def test_a_damaged_index_is_built_anew(site: Site) -> None:
    """What the messages say to run does help, for the pointer and for the generation."""
    (generations.current(site.index) / "manifest.json").write_text("{", "utf-8")
    assert site.build().rebuilt
    assert site.sources() == ["ashiyu.md", "charte.md"]
    (site.index / "current.json").write_text("{", "utf-8")
    assert site.build().rebuilt
    assert site.sources() == ["ashiyu.md", "charte.md"]


def test_an_unfinished_generation_is_not_read(site: Site) -> None:
    """A run that was cut off leaves the one before current, and the next run succeeds."""
    (generations.begin(site.index) / "texts.sqlite").write_bytes(b"half")
    assert site.sources() == ["ashiyu.md", "charte.md"]
    site.write("tea.md", TEA)
    assert site.build().rebuilt
    assert site.sources() == ["ashiyu.md", "charte.md", "tea.md"]


@pytest.mark.system
def test_a_second_writer_is_refused(site: Site) -> None:
    """Another process is indexing: this one says so and changes nothing."""
    holding = (
        "import sys; from pathlib import Path; from partnerbot.index import generations\n"
        "with generations.writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holding, str(site.index)]
    site.write("tea.md", TEA)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(IndexBusy, match="Another process is indexing"):
            site.build()
        other.communicate("")
    assert site.sources() == ["ashiyu.md", "charte.md"]
    assert site.build().rebuilt


def test_a_running_bot_sees_the_new_generation(site: Site) -> None:
    """Without a restart: the next question is answered from the new documents."""
    settings = Settings(documents=site.documents, index=site.index)
    bot = Partnerbot(settings, site.model, load_reader())
    before = bot.ready()
    question = "How many guests attended the tea ceremony?"
    assert bot.ask(question).status == "not_in_documents"
    site.write("tea.md", TEA)
    site.build()
    assert bot.ask(question).citations[0].source == "tea.md"
    after = bot.ready()
    assert (before.documents, after.documents) == (2, 3)
    assert after.generation > before.generation


def test_old_generations_are_removed(site: Site) -> None:
    """Only the current one and the one before stay on disk."""
    for number in range(3):
        site.write("tea.md", f"{TEA} The mill was built {number} times.")
        site.build()
    assert len(list((site.index / "generations").iterdir())) == 2


def test_a_long_document_costs_no_more_a_passage_than_a_short_one() -> None:
    """A report of 500 pages is read once, not once for each of its passages."""

    def seconds(sentences: int) -> float:
        text = " ".join(
            f"En 2009, la charte numéro {n} a été signée à Clairmoulin." for n in range(sentences)
        )
        document = Document(text, metadata={"source": "r.md", "language": "fr", "title": "Rapport"})
        passages = split_into_passages(document).passages
        planted = {one.id for one in passages[::7]}
        opened, took = Texts([IndexedDocument.of(document, "", passages)]), []
        for _ in range(3):
            began = time.process_time()
            quotable(opened.passages_of("r.md"), planted, text)
            took.append(time.process_time() - began)
        return min(took)

    assert seconds(8_000) < 8 * seconds(2_000)
