"""Data sets are read as written, measured as promised, and answered by the real bot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from chat_server import chat_server, saying
from partnerbot.cli import app
from partnerbot.documents.reading import load_documents
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.corpus import file_name, write_documents
from partnerbot.evaluation.datasets import WrittenDocument, read_data_set
from partnerbot.evaluation.matching import contains, exact_match, f1
from partnerbot.evaluation.metrics import (
    differences,
    groups,
    measure,
    resample,
    trade_off_curve,
)
from partnerbot.evaluation.outcomes import Cited, Outcome, Written
from partnerbot.evaluation.report import TOGETHER, make_report, read_report
from partnerbot.evaluation.run import run
from partnerbot.indexing.embedded_model import locate
from partnerbot.settings import load_settings

DOCUMENTS = [
    {
        "doc_id": "office#1",
        "lang": "fr",
        "title": "Vitagora : un bureau au Japon",
        "text": "Vitagora, de Dijon, a ouvert un bureau à Kumamoto en 2020. Trois personnes y travaillent.",
        "url": "https://example.org/vitagora",
    },
    {
        "doc_id": "garden",
        "lang": "ja",
        "title": "水前寺公園",
        "text": "水前寺公園は熊本市にある庭園で、1636年に造られました。毎年多くの人が訪れます。",
    },
    {
        "doc_id": "bread",
        "lang": "en",
        "title": "",
        "text": "The bakery in Brest sells bread every morning. It was founded in 1987 by two sisters.",
    },
]
QUERIES = [
    {
        "qid": "office-fr",
        "lang": "fr",
        "question": "En quelle année Vitagora a-t-il ouvert un bureau à Kumamoto ?",
        "answers": ["2020", "2020年"],
        "answers_by_lang": {"fr": ["2020"], "ja": ["2020年"]},
        "doc_ids": ["office#1"],
        "parallel_id": "office",
    },
    {
        "qid": "office-ja",
        "lang": "ja",
        "question": "ヴィタゴラが熊本に事務所を開いたのは何年ですか。",
        "answers": ["2020", "2020年"],
        "answers_by_lang": {"fr": ["2020"], "ja": ["2020年"]},
        "doc_ids": ["office#1"],
        "parallel_id": "office",
    },
    {"qid": "tower", "lang": "en", "question": "How tall is the Tokyo Tower?", "answers": [], "doc_ids": []},
]


def outcome(**known: Any) -> Outcome:
    """One outcome; what is not named: an English question, answered in English from document a."""
    usual: dict[str, Any] = {
        "data_set": "set",
        "id": "1",
        "group": known.get("id", "1"),
        "language": "en",
        "question": "When?",
        "relevant": {"a": "en"},
        "gold": {"": ["1988"]},
        "ranking": ["a", "b"],
        "answered": True,
        "cited": [Cited(document="a", language="en", quote="It was founded in 1988.")],
        "short_answer": "1988",
        "probability": 0.9,
        "milliseconds": 10.0,
    }
    return Outcome(**(usual | known))


def refused(**known: Any) -> Outcome:
    """The same question, abstained from."""
    return outcome(**({"answered": False, "cited": [], "short_answer": None, "probability": 0.1} | known))


def write_lines(file: Path, records: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """A folder with three documents and three questions."""
    folder = tmp_path / "small"
    write_lines(folder / "docs.jsonl", DOCUMENTS)
    write_lines(folder / "queries.jsonl", QUERIES)
    return folder


class TestMatching:
    @pytest.mark.parametrize(
        ("answer", "gold", "language"),
        [
            ("the Eiffel Tower.", "Eiffel tower", "en"),
            ("L'université", "université", "fr"),
            ("4 500", "4,500", "en"),
            ("4 500", "4500", "fr"),
            ("629,63 euros", "629.63 euros", "fr"),
            ("１９８８年", "1988年", "ja"),
            ("A", "a", "en"),
        ],
    )
    def test_same(self, answer: str, gold: str, language: str) -> None:
        """Case, articles, punctuation, width and the writing of numbers make no difference."""
        assert exact_match(answer, [(gold, language)])

    @pytest.mark.parametrize(
        ("answer", "gold", "language"),
        [("2020", "2021", "en"), ("1.5", "15", "en"), ("", "1988", "en"), ("été", "ete", "fr")],
    )
    def test_different(self, answer: str, gold: str, language: str) -> None:
        """Other numbers, other letters and nothing are no match."""
        assert not exact_match(answer, [(gold, language)])

    def test_f1_counts_words_and_characters(self) -> None:
        """F1 is of words in French, of characters in Japanese, and of the best gold answer."""
        assert f1("novembre 2011", [("2011", "fr")]) == pytest.approx(2 / 3)
        assert f1("熊本県", [("熊本市", "ja")]) == pytest.approx(2 / 3)
        assert f1("Dijon", [("Tours", "fr"), ("Dijon", "fr")]) == 1
        assert f1("", [("Tours", "fr")]) == 0

    def test_contains_whole_words(self) -> None:
        """A number is not found inside a longer one, a Japanese word is found inside a sentence."""
        assert contains("En 2020, le bureau ouvre.", ["2020"], "fr")
        assert not contains("Il compte 12020 habitants.", ["2020"], "fr")
        assert not contains("12 020 habitants", ["020"], "fr")
        assert contains("水前寺公園は熊本市にあります。", ["熊本市"], "ja")
        assert contains("le 20 octobre 2020 500 personnes", ["2020"], "fr")
        assert not contains("anything", [], "en")
        assert not contains("anything", ["…"], "en")


class TestDataSets:
    def test_with_documents(self, data_set: Path) -> None:
        """Documents and questions are read; answers keep their language; parallel questions share a group."""
        read = read_data_set(str(data_set), Path("documents"))
        assert not isinstance(read.documents, Path)
        assert [document.id for document in read.documents] == ["office#1", "garden", "bread"]
        french, japanese, none = read.queries
        assert french.group == japanese.group != none.group
        assert french.answers["ja"] == ["2020年"]
        assert none.relevant == []

    def test_question_groups(self, tmp_path: Path) -> None:
        """A group of questions on the settings' documents becomes one question a language."""
        group = {
            "id": "office",
            "question": {"fr": "Quand ?", "ja": "いつ？"},
            "answers": {"fr": ["2020"], "ja": ["2020年"]},
            "sources": ["fr/office.md"],
        }
        write_lines(tmp_path / "q" / "questions-fr.jsonl", [group])
        read = read_data_set(str(tmp_path / "q"), tmp_path / "documents")
        assert read.documents == tmp_path / "documents"
        assert [(query.id, query.group) for query in read.queries] == [
            ("office-fr", "office"),
            ("office-ja", "office"),
        ]
        assert read.queries[0].relevant == ["fr/office.md"]

    def test_sample(self) -> None:
        """Our own questions come in three languages, and some have no answer."""
        queries = read_data_set("sample", Path("documents")).queries
        assert {query.language for query in queries} == {"fr", "ja", "en"}
        assert {bool(query.relevant) for query in queries} == {True, False}

    def test_limit_is_spread(self, tmp_path: Path) -> None:
        """A limit takes questions from the whole file, not only its first ones."""
        queries = [{"qid": str(n), "lang": "en", "question": "?", "doc_ids": []} for n in range(9)]
        write_lines(tmp_path / "s" / "docs.jsonl", DOCUMENTS)
        write_lines(tmp_path / "s" / "queries.jsonl", queries)
        read = read_data_set(str(tmp_path / "s"), Path("documents"), limit=3)
        assert [query.id for query in read.queries] == ["0", "3", "6"]

    @pytest.mark.parametrize(
        ("queries", "problem"),
        [
            ([{**QUERIES[0], "doc_ids": ["elsewhere"]}], "elsewhere"),
            ([{**QUERIES[0], "candidate_ids": ["nowhere"]}], "nowhere"),
            ([QUERIES[0], QUERIES[0]], "more than once"),
            ([QUERIES[0], {"qid": "x", "lang": "en", "doc_ids": []}], "line 2: question"),
            ([], "empty"),
        ],
    )
    def test_wrong_questions(self, tmp_path: Path, queries: list[dict[str, Any]], problem: str) -> None:
        """What is wrong with the questions is said, with where."""
        write_lines(tmp_path / "s" / "docs.jsonl", DOCUMENTS)
        write_lines(tmp_path / "s" / "queries.jsonl", queries)
        with pytest.raises(ConfigurationError, match=problem):
            read_data_set(str(tmp_path / "s"), Path("documents"))

    def test_not_json(self, data_set: Path) -> None:
        """A line that is no JSON is named."""
        (data_set / "docs.jsonl").write_text('{"doc_id": "a"', "utf-8")
        with pytest.raises(ConfigurationError, match="line 1: not JSON"):
            read_data_set(str(data_set), Path("documents"))

    def test_no_data_set(self, tmp_path: Path) -> None:
        """A folder without a data set is refused, saying what one is."""
        with pytest.raises(ConfigurationError, match=r"docs\.jsonl and queries\.jsonl"):
            read_data_set(str(tmp_path), Path("documents"))


class TestWrittenDocuments:
    def test_names_are_safe_and_differ(self) -> None:
        """Ids that differ in case or in unsafe characters alone have different, safe names."""
        names = [file_name(id) for id in ("a#1", "a/1", "A#1", "../../etc", "東京", "大阪", "x" * 500)]
        assert len({name.lower() for name in names}) == len(names)
        assert all(name.isascii() and "/" not in name and len(name) < 100 for name in names)

    def test_loaded_as_written(self, tmp_path: Path) -> None:
        """The loader gets back title, language, address and text, and finds a title where none is stated."""
        titles = ["Titre : deux points", "# 2020", "no", ""]
        written = [
            WrittenDocument(f"d{row}", "fr", title, "Un texte de deux phrases. En voici la fin.", None)
            for row, title in enumerate(titles)
        ]
        names = write_documents(written, tmp_path / "d")
        loaded = {
            document.metadata["source"]: document for document in load_documents(tmp_path / "d").documents
        }
        for document in written:
            read = loaded[names[document.id]]
            assert read.page_content == document.text
            assert read.metadata["language"] == "fr"
            assert read.metadata["title"] == document.title or not document.title

    def test_nothing_else_stays(self, tmp_path: Path) -> None:
        """A document of an earlier writing goes."""
        document = WrittenDocument("a", "fr", "", "Un texte.", None)
        write_documents([document, WrittenDocument("b", "fr", "", "Un autre.", None)], tmp_path / "d")
        write_documents([document], tmp_path / "d")
        assert [file.name for file in (tmp_path / "d").iterdir()] == [file_name("a")]


class TestMeasures:
    def test_right_answer(self) -> None:
        """A right document found and cited first, with the answer: everything is 1, nothing is refused."""
        found = measure([outcome()])
        for name in ("recall_at_1", "mrr_at_10", "ndcg_at_10", "first_citation_right", "citation_precision"):
            assert found[name].value == 1
        for name in ("gold_in_quote", "short_answer_exact", "short_answer_f1"):
            assert found[name].value == 1
        assert found["false_refusals"].value == 0
        assert "false_answers" not in found

    def test_retrieval_ranks(self) -> None:
        """The rank of the first right document decides; documents that answer are alternatives."""
        found = measure([outcome(relevant={"a": "en", "z": "fr"}, ranking=["b", "c", "a", "d"])])
        assert found["recall_at_1"].value == 0
        assert found["recall_at_5"].value == 1
        assert found["mrr_at_10"].value == pytest.approx(1 / 3)
        assert measure([outcome(ranking=[])])["recall_at_5"].value == 0

    def test_refusal_is_wrong(self) -> None:
        """An abstention counts as a wrong citation and answer, but not against citation precision."""
        found = measure([outcome(id="1"), refused(id="2")])
        assert found["first_citation_right"].value == 0.5
        assert found["gold_in_quote"].value == 0.5
        assert found["short_answer_f1"].value == 0.5
        assert found["false_refusals"].value == 0.5
        assert found["recall_at_1"].value == 1
        assert found["citation_precision"].value == 1

    def test_sentences_of_a_language_model(self) -> None:
        """Recall is over all it wrote where a right document was at hand, precision over what is shown."""
        written = Written(
            outcome="written",
            text="It was founded in 1988 [1]. It closed [2].",
            language="en",
            sentences=[["a"], ["b"]],
            dropped={"meaning": 2},
            tokens=900,
            first_sentence_ms=800.0,
            first_token_ms=300.0,
            excerpts=["b", "a"],
        )
        blind = written.model_copy(update={"excerpts": ["b"], "sentences": [], "first_token_ms": 100.0})
        outcomes = [outcome(id="1", written=written), outcome(id="2", written=blind)]
        found = measure(outcomes)
        assert found["sentences_cited_right"].value == 0.5
        assert found["sentence_recall"].value == 0.25
        assert found["sentence_recall"].questions == 1
        writing = make_report([], outcomes).sections[0].writing
        assert writing is not None
        assert writing.first_token_ms is not None
        assert writing.first_token_ms.p50 == 200

    def test_later_citation(self) -> None:
        """A right document cited second is some right citation, not the first, and half the precision."""
        wrong = Cited(document="b", language="en", quote="It closed in 1990.")
        right = Cited(document="a", language="en", quote="It was founded in 1988.")
        found = measure([outcome(cited=[wrong, right])])
        assert found["first_citation_right"].value == 0
        assert found["any_citation_right"].value == 1
        assert found["citation_precision"].value == 0.5

    def test_gold_in_the_language_of_the_source(self) -> None:
        """A quote is looked through for the answer as its own language writes it."""
        quote = Cited(document="a", language="ja", quote="事務所は熊本市にあります。")
        gold = {"": ["Kumamoto"], "en": ["Kumamoto"], "ja": ["熊本市"]}
        assert measure([outcome(cited=[quote], gold=gold)])["gold_in_quote"].value == 1
        assert measure([outcome(cited=[quote], gold={"": ["Kumamoto"]})])["gold_in_quote"].value == 0

    def test_without_gold_answers(self) -> None:
        """Where a data set states no answers, answers are not measured, citations are."""
        found = measure([outcome(gold={"": []})])
        assert "gold_in_quote" not in found
        assert "short_answer_exact" not in found
        assert found["first_citation_right"].value == 1

    def test_unanswerable(self) -> None:
        """Of the unanswerable, those answered are false answers, and nothing else is measured on them."""
        found = measure([outcome(id="1", relevant={}), refused(id="2", relevant={})])
        assert set(found) == {"false_answers"}
        assert found["false_answers"].value == 0.5

    def test_groups(self) -> None:
        """Questions are sorted by their language and the document's; their own comes first where it can."""
        members = groups(
            [
                outcome(id="1", language="fr", relevant={"a": "ja"}),
                outcome(id="2", language="fr", relevant={"a": "ja", "b": "fr"}),
                outcome(id="3", language="en", relevant={"a": "ja", "b": "fr"}),
                outcome(id="4", relevant={}),
            ]
        )
        assert {group: len(found) for group, found in members.items()} == {
            "all": 4,
            "en → fr+ja": 1,
            "fr → fr": 1,
            "fr → ja": 1,
            "none": 1,
        }

    def test_perfect_trade_off(self) -> None:
        """Probabilities that part answerable from unanswerable have AUROC 1 and cost no refusal."""
        asked = [outcome(id=str(n)) for n in range(5)]
        asked += [refused(id=f"n{n}", relevant={}) for n in range(5)]
        found = measure(asked)
        assert found["auroc"].value == 1
        assert found["false_refusals_at_10"].value == 0
        assert [point.false_refusals for point in trade_off_curve(asked)] == [0, 0]

    def test_trade_off(self) -> None:
        """At 10 % false answers the unanswerable question that looks surest sets what must be refused."""
        asked = [outcome(id="1", probability=0.9), outcome(id="2", probability=0.4)]
        asked += [outcome(id="n", relevant={}, probability=0.6)]
        asked += [outcome(id=f"n{n}", relevant={}, probability=0.1) for n in range(4)]
        assert measure(asked)["false_refusals_at_10"].value == 0.5
        assert measure(asked)["auroc"].value == pytest.approx(0.9)
        curve = trade_off_curve(asked)
        assert [(point.threshold, point.false_answers, point.false_refusals) for point in curve] == [
            (0.9, 0, 0.5),
            (0.6, pytest.approx(0.2), 0.5),
            (0.4, pytest.approx(0.2), 0),
            (0.1, 1, 0),
        ]

    def test_trade_off_as_scikit_learn(self) -> None:
        """AUROC is scikit-learn's where probabilities are tied, too."""
        random = np.random.default_rng(1)
        asked = [
            outcome(
                id=str(n), relevant={"a": "en"} if n % 3 else {}, probability=float(random.integers(8)) / 8
            )
            for n in range(60)
        ]
        expected = roc_auc_score([one.answerable for one in asked], [one.probability for one in asked])
        assert measure(asked)["auroc"].value == pytest.approx(expected)

    def test_translations_are_one_piece_of_evidence(self) -> None:
        """A question in three languages is drawn as one: the interval is as wide as without its copies."""
        once = [outcome(id=str(n)) if n % 2 else refused(id=str(n)) for n in range(20)]
        thrice = [
            one.model_copy(update={"id": f"{one.id}-{copy}"}) for one in once for copy in ("fr", "ja", "en")
        ]
        assert measure(thrice)["false_refusals"].low == measure(once)["false_refusals"].low
        apart = [one.model_copy(update={"group": one.id}) for one in thrice]
        assert measure(apart)["false_refusals"].low > measure(once)["false_refusals"].low
        assert (resample(thrice)[:, 0] == resample(thrice)[:, 2]).all()

    def test_difference_is_paired(self) -> None:
        """A change that helps one question in ten has an interval that starts at no change."""
        before = [refused(id=str(n)) if n < 2 else outcome(id=str(n)) for n in range(20)]
        after = [outcome(id=str(n)) for n in range(20)]
        change = differences(before, after)["false_refusals"]
        assert change.value == pytest.approx(-0.1)
        assert change.low < -0.1 < change.high <= 0
        same = differences(after, after)["false_refusals"]
        assert same.value == same.low == same.high == 0


class TestReport:
    def test_survives_json(self, tmp_path: Path) -> None:
        """A report is the same after writing and reading, and compared with itself nothing changes."""
        report = make_report([], [outcome(id="1"), refused(id="2"), refused(id="3", relevant={})])
        file = tmp_path / "report.json"
        file.write_text(report.model_dump_json(), "utf-8")
        assert read_report(file) == report
        comparison = make_report([], report.outcomes, read_report(file)).comparison
        assert comparison is not None
        assert (comparison.only_before, comparison.only_after) == (0, 0)
        changes = comparison.changes[0].groups["all"]
        assert "auroc" in changes
        assert all(estimate.value == estimate.low == estimate.high == 0 for estimate in changes.values())

    def test_compares_shared_questions(self) -> None:
        """Only questions that both reports asked are compared; the others are counted."""
        before = make_report([], [refused(id="1"), outcome(id="2")])
        comparison = make_report([], [outcome(id="1"), refused(id="3"), refused(id="4")], before).comparison
        assert comparison is not None
        assert (comparison.only_before, comparison.only_after) == (1, 2)
        assert comparison.changes[0].questions == 1
        assert comparison.changes[0].groups["all"]["first_citation_right"].value == 1

    def test_nothing_to_compare(self) -> None:
        """A report of other questions is refused."""
        with pytest.raises(ConfigurationError, match="nothing to compare"):
            make_report([], [outcome(id="1")], make_report([], [outcome(id="2")]))

    def test_several_data_sets(self) -> None:
        """Several data sets are reported one by one and together."""
        report = make_report([], [outcome(data_set="a"), refused(data_set="b")])
        assert [section.data_set for section in report.sections] == ["a", "b", TOGETHER]
        assert report.sections[2].groups["all"]["false_refusals"].value == 0.5

    def test_no_report(self, tmp_path: Path) -> None:
        """Another JSON file is refused as a report."""
        (tmp_path / "other.json").write_text('{"questions": 3}', "utf-8")
        with pytest.raises(ConfigurationError, match="no report"):
            read_report(tmp_path / "other.json")


class TestJourney:
    def test_data_set(self, data_set: Path, tmp_path: Path) -> None:
        """Documents are indexed and asked by the real bot; a second run finds its index again."""
        settings = load_settings()
        report = run([str(data_set)], settings, tmp_path / "cache")
        assert report.indexed[0].documents == 3
        assert report.indexed[0].skipped == []
        french, japanese, _ = report.outcomes
        assert french.ranking[0] == japanese.ranking[0] == "office#1"
        assert french.relevant == {"office#1": "fr"}
        assert 0 < french.probability <= 1
        assert set(report.sections[0].groups) == {"all", "fr → fr", "ja → fr", "none"}

        (generation,) = (tmp_path / "cache").glob("*/index/current.json")
        before = generation.read_text("utf-8")
        again = run([str(data_set)], settings, tmp_path / "cache", limit=1)
        assert generation.read_text("utf-8") == before
        assert [one.id for one in again.outcomes] == ["office-fr"]
        assert again.outcomes[0].ranking == french.ranking

    def test_changed_reading_code(self, data_set: Path, tmp_path: Path) -> None:
        """Documents are read again if the code that reads them was another when they were indexed."""
        settings = load_settings()
        run([str(data_set)], settings, tmp_path / "cache", limit=1)
        (generation,) = (tmp_path / "cache").glob("*/index/current.json")
        before = generation.read_text("utf-8")
        (record,) = (tmp_path / "cache").glob("*/read-by.txt")
        record.write_text("other code", "utf-8")
        run([str(data_set)], settings, tmp_path / "cache", limit=1)
        assert generation.read_text("utf-8") != before

    def test_candidates(self, data_set: Path, tmp_path: Path) -> None:
        """Where a question names its candidates, no other document is found or cited."""
        asked = [{**QUERIES[0], "doc_ids": ["bread"], "candidate_ids": ["bread", "garden"]}]
        write_lines(data_set / "queries.jsonl", asked)
        (only,) = run([str(data_set)], load_settings(), tmp_path / "cache").outcomes
        assert sorted(only.ranking) == ["bread", "garden"]
        assert "office#1" not in [cited.document for cited in only.cited]

    def test_questions_on_a_folder(self, tmp_path: Path) -> None:
        """Questions alone are asked of the folder in the settings, whose sources are the ids."""
        documents = tmp_path / "documents"
        (documents / "fr").mkdir(parents=True)
        text = "---\ntitle: Vitagora\nlanguage: fr\n---\n" + DOCUMENTS[0]["text"]
        (documents / "fr" / "office.md").write_text(text, "utf-8")
        group = {
            "id": "office",
            "question": {"fr": QUERIES[0]["question"]},
            "answers": {"fr": ["2020"]},
            "sources": ["fr/office.md"],
        }
        write_lines(tmp_path / "q" / "questions.jsonl", [group])
        (only,) = run([str(tmp_path / "q")], load_settings(documents=documents), tmp_path / "cache").outcomes
        assert only.relevant == {"fr/office.md": "fr"}
        assert only.ranking == ["fr/office.md"]

        write_lines(tmp_path / "q" / "questions.jsonl", [{**group, "sources": ["fr/gone.md"]}])
        with pytest.raises(ConfigurationError, match=r"gone\.md"):
            run([str(tmp_path / "q")], load_settings(documents=documents), tmp_path / "cache")

    def test_rejected_question(self, data_set: Path, tmp_path: Path) -> None:
        """A question that the bot won't take counts as a refusal."""
        write_lines(data_set / "queries.jsonl", [{**QUERIES[0], "question": "???"}])
        (only,) = run([str(data_set)], load_settings(), tmp_path / "cache").outcomes
        assert not only.answered
        assert only.ranking == []

    def test_two_of_one_name(self, data_set: Path, tmp_path: Path) -> None:
        """Two data sets of one name can't be told apart in a report."""
        with pytest.raises(ConfigurationError, match="named small"):
            run([str(data_set), str(data_set)], load_settings(), tmp_path / "cache")


class TestCommand:
    def test_json_table_and_comparison(
        self, data_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command prints a report as JSON or as tables, and the differences from an earlier one."""
        model = locate()
        cached = tmp_path / "cache" / "partnerbot" / model.name
        cached.parent.mkdir(parents=True)
        cached.symlink_to(model)  # made once for all tests; the rest of the cache is this test's own
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

        asked = CliRunner().invoke(app, ["evaluate", str(data_set), "--json"])
        assert asked.exit_code == 0, asked.output
        (tmp_path / "before.json").write_text(asked.stdout, "utf-8")
        assert len(json.loads(asked.stdout)["outcomes"]) == 3

        shown = CliRunner().invoke(
            app, ["evaluate", str(data_set), "--compare", str(tmp_path / "before.json")]
        )
        assert shown.exit_code == 0, shown.output
        for words in ("recall@1", "ja → fr", "none", "95 % interval", "Since the report of"):
            assert words in shown.stdout

        with chat_server(saying("The tower was built in 1887 [1].")) as server:
            monkeypatch.setenv("PARTNERBOT_LLM_BASE_URL", server.address)
            written = CliRunner().invoke(app, ["evaluate", str(data_set), "--llm", "openai:test-model"])
            assert server.requests
        assert written.exit_code == 0, written.output
        said = " ".join(written.stdout.split())
        for words in ("sentences shown", "tokens", "first verified sentence"):
            assert words in said
