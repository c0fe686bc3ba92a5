"""Data sets are read as written, measured as promised, and answered by the real bot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from typer.testing import CliRunner

from chat_server import chat_server, saying
from folders import load_documents
from partnerbot.answering.answer import Answer, Point, Turn
from partnerbot.cli import app
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.corpus import Corpus, file_name, write_documents
from partnerbot.evaluation.datasets import Expected, Nugget, WrittenDocument, read_data_set
from partnerbot.evaluation.matching import contains, exact_match, f1, occurs
from partnerbot.evaluation.measures import (
    differences,
    groups,
    measure,
    resample,
)
from partnerbot.evaluation.outcomes import (
    Cited,
    Outcome,
    Read,
    ask_all,
    is_readable,
    own_words,
    read_first,
)
from partnerbot.evaluation.presenting import page, shortfalls
from partnerbot.evaluation.report import TOGETHER, make_report, read_report, run
from partnerbot.settings import load_settings
from replies import answer

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


def broad(kind: str, reply: str, **known: Any) -> Outcome:
    """One broad English question and what is read of its reply; what is not named: nothing is expected."""
    gold = {name: known.pop(name, []) for name in ("nuggets", "must_not")}
    read = Read(language="en", own_words=known.pop("own_words", reply), first=reply)
    usual = {"gold": {}, "ranking": [], "short_answer": None, "probability": 0.0}
    return outcome(**(usual | known), expected=Expected(kind=kind, **gold), read=read)


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


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the three documents are indexed once for all tests."""
    return tmp_path_factory.mktemp("evaluated")


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
            ("office-fr", "q/office"),
            ("office-ja", "q/office"),
        ]
        assert read.queries[0].relevant == ["fr/office.md"]

    def test_broad(self) -> None:
        """Our own broad questions, dialogues and messages come in three languages, on our documents."""
        queries = read_data_set("broad", Path("documents")).queries
        assert {query.language for query in queries} == {"fr", "ja", "en"}
        assert all(query.expected is not None for query in queries)
        documents = Path(__file__).parents[2] / "documents"
        assert [id for query in queries for id in query.relevant if not (documents / id).is_file()] == []

    def test_broad_lines(self, tmp_path: Path) -> None:
        """A line asks in its own language or in each that it is written in; turns are asked one by one."""
        asked = {"fr": "Lesquels ?", "ja": "どれですか？"}
        lines = [
            {"qid": "a-en", "lang": "en", "kind": "list", "question": "Which?", "doc_ids": ["x.md"]},
            {"qid": "b", "kind": "dialogue", "turns": [{"question": asked}, {"question": asked}]},
        ]
        write_lines(tmp_path / "some.jsonl", lines)
        read = read_data_set(str(tmp_path / "some.jsonl"), Path("documents"))
        assert [query.id for query in read.queries] == ["a-en", "b-fr#0", "b-fr#1", "b-ja#0", "b-ja#1"]
        assert [query.dialogue for query in read.queries] == ["", "b-fr", "b-fr", "b-ja", "b-ja"]
        assert len({query.group for query in read.queries}) == 2
        assert read.queries[0].relevant == ["x.md"]
        limited = read_data_set(str(tmp_path / "some.jsonl"), Path("documents"), limit=2)
        assert [query.id for query in limited.queries] == ["a-en", "b-fr#0", "b-fr#1"]

    @pytest.mark.parametrize(
        "line",
        [
            {"qid": "a", "kind": "list", "question": "Which?"},
            {"qid": "a", "lang": "en", "question": "Which?"},
            {"qid": "a", "kind": "list", "lang": "fr", "question": {"fr": "Lesquels ?"}},
            {"qid": "a", "kind": "dialogue", "turns": []},
            {"qid": "a", "kind": "d", "turns": [{"question": {"fr": "?"}}, {"question": {"ja": "？"}}]},
        ],
    )
    def test_wrong_broad_lines(self, tmp_path: Path, line: dict[str, Any]) -> None:
        """A line whose languages can't be told, or that asks nothing, is refused."""
        write_lines(tmp_path / "some.jsonl", [line])
        with pytest.raises(ConfigurationError, match="line 1"):
            read_data_set(str(tmp_path / "some.jsonl"), Path("documents"))

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
            WrittenDocument(
                id=f"d{row}", language="fr", title=title, text="Un texte de deux phrases. En voici la fin."
            )
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


WRONG = Cited(document="b", language="en", quote="It closed in 1990.")
RIGHT = Cited(document="a", language="en", quote="It was founded in 1988.")
JAPANESE = Cited(document="a", language="ja", quote="事務所は熊本市にあります。")
NUGGETS = (Nugget(any=["Kanazawa", "金沢"]), Nugget(any=["Shizuoka"]), Nugget(any=["1958"], vital=False))
SPOILED = {"nuggets": NUGGETS[:1], "must_not": ["Yokohama"]}
GREETING = {"relevant": {}, "cited": []}
HELLO = "Hello! What would you like to know?"

MEASURED: dict[str, tuple[list[Outcome], dict[str, float | None]]] = {
    "a right document found and cited first, with the answer": (
        [outcome()],
        {"recall_at_1": 1, "mrr_at_10": 1, "first_citation_right": 1,
         "citation_precision": 1, "gold_in_quote": 1, "short_answer_exact": 1, "short_answer_f1": 1,
         "false_refusals": 0, "false_answers": None},
    ),
    "the rank of the first right document decides; documents that answer are alternatives": (
        [outcome(relevant={"a": "en", "z": "fr"}, ranking=["b", "c", "a", "d"])],
        {"recall_at_1": 0, "recall_at_5": 1, "mrr_at_10": 1 / 3},
    ),
    "nothing was found": ([outcome(ranking=[])], {"recall_at_5": 0}),
    "an abstention is a wrong citation and answer, but doesn't count against citation precision": (
        [outcome(id="1"), refused(id="2")],
        {"first_citation_right": 0.5, "gold_in_quote": 0.5, "short_answer_f1": 0.5, "false_refusals": 0.5,
         "recall_at_1": 1, "citation_precision": 1},
    ),
    "a right document cited second is some right citation, not the first, and half the precision": (
        [outcome(cited=[WRONG, RIGHT])],
        {"first_citation_right": 0, "any_citation_right": 1, "citation_precision": 0.5},
    ),
    "a quote is looked through for the answer as its own language writes it": (
        [outcome(cited=[JAPANESE], gold={"": ["Kumamoto"], "en": ["Kumamoto"], "ja": ["熊本市"]})],
        {"gold_in_quote": 1},
    ),
    "an answer in another language is not there": (
        [outcome(cited=[JAPANESE], gold={"": ["Kumamoto"]})], {"gold_in_quote": 0},
    ),
    "where a data set states no answers, citations are measured": (
        [outcome(gold={"": []})],
        {"gold_in_quote": None, "short_answer_exact": None, "first_citation_right": 1},
    ),
    "of the unanswerable, those answered are false answers, and nothing else is measured on them": (
        [outcome(id="1", relevant={}), refused(id="2", relevant={})],
        {"false_answers": 0.5, "false_refusals": None, "recall_at_1": None, "first_citation_right": None},
    ),
    "what is read of the nuggets, in whatever spelling; only the vital ones have to be there": (
        [
            broad("list", "金沢, Shizuoka", nuggets=NUGGETS, id="1"),
            broad("list", "Kanazawa", nuggets=NUGGETS, id="2"),
        ],
        {"vital": 0.75, "all_nuggets": 0.5, "full": 0.5, "wrong": 0},
    ),
    "what must not be said spoils a reply where it stands in its own words, not where it is quoted": (
        [
            broad("list", "Kanazawa, Yokohama", **SPOILED),
            broad("list", "Kanazawa, Yokohama", own_words="Kanazawa", id="2", **SPOILED),
        ],
        {"wrong": 0.5, "full": 0.5},
    ),
    "a refusal gives no nugget, even if its words hold one, and is a false refusal": (
        [broad("list", "Kanazawa", nuggets=NUGGETS, answered=False, cited=[])],
        {"vital": 0, "full": 0, "false_refusals": 1},
    ),
    "one value in answer to a question for several is counted; a question for one may have it": (
        [
            broad("list", "", short_answer="Kanazawa", id="1"),
            broad("howto", "", id="2"),
            broad("typo", "", short_answer="2020", id="3"),
        ],
        {"headline": 0.5},
    ),
    "a greeting is handled by words in its language without sources; none of it is an abstention": (
        [
            broad("social", HELLO, id="1", **GREETING),
            broad("social", "Bonjour, que voulez-vous savoir ?", id="2", **GREETING),
            broad("social", HELLO, id="3", relevant={}, cited=[WRONG]),
            broad("social", "This is not in our documents.", id="4", answered=False, **GREETING),
        ],
        {"handled": 0.25, "readable": 0.75, "false_answers": None, "false_refusals": None,
         "recall_at_1": None, "vital": None},
    ),
    "a broad question that no document answers is answered falsely, or rightly refused": (
        [
            broad("unanswerable_broad", "No.", id="1", relevant={}, cited=[], answered=False),
            broad("unanswerable_broad", "Yes.", id="2", relevant={}),
        ],
        {"false_answers": 0.5},
    ),
}  # fmt: skip


class TestMeasures:
    @pytest.mark.parametrize("what", MEASURED)
    def test_value(self, what: str) -> None:
        """Each measure is over the questions that it is about, and is not there without any."""
        outcomes, values = MEASURED[what]
        found = measure(outcomes)
        assert {name: found[name].value if name in found else None for name in values} == pytest.approx(
            values
        )

    def test_what_a_language_model_wrote(self) -> None:
        """Right if it has a gold answer; where it isn't shown, the reply was quoted."""
        asked = [
            outcome(id="1", written="It was founded in 1988."),
            outcome(id="2", written="Elle a été fondée en 1990."),
            outcome(id="3", written=""),
            outcome(id="4"),
        ]
        found = measure(asked)
        assert found["answer_correct"].value == pytest.approx(1 / 3)
        assert found["model_answered"].value == pytest.approx(2 / 3)
        assert found["language_right"].value == 0.5
        assert found["language_right"].questions == 2

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
        assert "false_answers" in changes
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


class TestReplies:
    def test_own_words(self) -> None:
        """Quotes, citation marks and addresses are not the reply's own words; points that don't quote are."""
        reply = answer(
            "Nos articles disent « la tour » [1]. Écrivez à a@b.fr ou voyez https://x.example/y",
            ["Elle date de 1887."],
            points=[Point(text="Elle date de 1887.", citations=[1]), Point(text="À suivre", citations=[])],
        )
        said = own_words(reply)
        assert "Nos articles disent" in said
        assert "À suivre" in said
        for not_own in ("tour", "[1]", "a@b.fr", "x.example", "1887"):
            assert not_own not in said

    def test_what_is_read_first(self) -> None:
        """The quotes are read after the words, a longer list than an overview; Japanese fills it sooner."""
        french = answer("Voici.", ["a" * 3000])
        assert "Voici." in read_first(french, "overview")
        assert (
            len(read_first(french, "typo"))
            < len(read_first(french, "overview"))
            < len(read_first(french, "list"))
        )
        japanese = answer("こちらです。", ["あ" * 3000])
        assert len(read_first(japanese, "list")) < len(read_first(french, "list")) / 2

    @pytest.mark.parametrize(
        ("words", "language", "readable"),
        [
            ("Voici ce que disent nos articles.", "fr", True),
            ("Voici ce que disent nos articles.", "en", False),
            ("資料には次のようにあります。", "ja", True),
            ("資料には次のようにあります。", "fr", False),
            ("ブランシュ・ロワゾー", "fr", False),
            ("Blanche Loiseau", "ja", True),
            ("2020 [1]", "en", True),
            ("資料によると：The signature took place in the town hall of Dijon.", "ja", False),
            ("", "en", True),
        ],
    )
    def test_readable(self, words: str, language: str, readable: bool) -> None:
        """Every phrase has to be in the asker's language; names and figures are, in its script."""
        assert is_readable(words, language) == readable

    def test_occurs(self) -> None:
        """A spelling is found letter by letter, whatever its width, case and spaces."""
        assert occurs("En tout, ４ ５００ habitants", ["4500", "4,500"])
        assert occurs("姉妹 都市", ["姉妹都市"])
        assert not occurs("En 2021", ["2020"])


class Listening:
    """A bot that remembers what it was asked, and after what."""

    writer = None

    def __init__(self) -> None:
        self.heard: list[tuple[str, list[str]]] = []

    def ask(self, question: str, history: Sequence[Turn]) -> Answer:
        self.heard.append((question, [turn.content for turn in history]))
        return answer(f"Reply {len(self.heard)}", [])


class TestDialogues:
    def test_history(self, tmp_path: Path) -> None:
        """Each turn is asked after the turns and replies before it, and after those of no other dialogue."""
        ask = {"kind": "dialogue", "lang": "fr"}
        lines = [
            {"qid": "a", **ask, "turns": [{"question": "A1"}, {"question": "A2"}]},
            {"qid": "b", **ask, "turns": [{"question": "B1"}, {"question": "B2"}]},
        ]
        write_lines(tmp_path / "some.jsonl", lines)
        bot: Any = Listening()
        built: Any = None
        ask_all(
            "some", read_data_set(str(tmp_path / "some.jsonl"), tmp_path).queries, Corpus(bot, built, {}, {})
        )
        assert bot.heard == [
            ("A1", []),
            ("A2", ["A1", "Reply 1"]),
            ("B1", []),
            ("B2", ["B1", "Reply 3"]),
        ]


class TestPage:
    def test_figures_plots_and_changes(self) -> None:
        """By pair of languages and kind of question, with what has changed since an earlier report."""
        facts = [outcome(id="1"), outcome(id="2", language="ja", relevant={"a": "fr"}), *self.unanswered()]
        before = make_report([], [refused(id="1"), *facts[1:]])
        shown = html.fromstring(page(make_report([], facts, before)))
        said = " ".join(shown.text_content().split())
        for words in ("en → en", "ja → fr", "recall@5", "Since the report of"):
            assert words in said
        drawn = shown.xpath("//figure[contains(figcaption, 'gold answer in quote')]//svg")
        assert drawn[0].xpath(".//text[@text-anchor='end']/text()") == ["all", "en → en", "ja → fr"]
        assert len(drawn[0].xpath(".//circle")) == 3
        change = shown.xpath("//h2[@id='since']/following::tr[td[2]='false refusals'][1]/td/text()")
        assert change[:3] == ["all", "false refusals", "-50.0"]

    def test_worst_replies(self) -> None:
        """Wrong answers come before refusals, the surest first; what is right is not among them."""
        stray = [Cited(document="b", language="fr", quote="En 1999.")]
        sure = outcome(id="sure", cited=stray, ranking=["b", "a"], probability=0.9)
        unsure = outcome(id="unsure", cited=stray, probability=0.4)
        partly = broad("list", "Dijon", id="partly", nuggets=[Nugget(any=["Dijon"]), Nugget(any=["Reims"])])
        found = shortfalls([outcome(id="right"), refused(id="not"), partly, unsure, sure, *self.unanswered()])
        assert [one.outcome.id for one in found] == ["sure", "unsure", "not", "partly"]
        assert [one.asks for one in found[2:]] == ["en → en", "list"]
        assert found[0].missed == ["any_citation_right", "gold_in_quote"]
        (first,) = html.fromstring(page(make_report([], [sure]))).xpath("//details")
        assert "1. b2. a ✓" in first.text_content()
        assert "En 1999." in first.text_content()

    def test_nothing_but_itself(self) -> None:
        """No script and no other host, whatever a document or a question holds."""
        evil = '"><script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>'
        cited = [Cited(document=evil, language=evil, quote=evil)]
        stranger = outcome(
            data_set=evil,
            id=evil,
            question=evil,
            language=evil,
            cited=cited,
            short_answer=evil,
            ranking=[evil],
        )
        wrong = broad(evil, evil, data_set=evil, must_not=["alert"], nuggets=[Nugget(any=[evil])])
        written = page(make_report([], [stranger, wrong]))
        shown = html.fromstring(written)
        assert not shown.xpath("//script | //img | //link | //iframe | //@src | //@onerror")
        assert all(to.startswith("#") for to in shown.xpath("//@href"))
        assert "default-src 'none'" in shown.xpath("//meta[@http-equiv]/@content")[0]
        assert evil in shown.text_content()

    @staticmethod
    def unanswered() -> list[Outcome]:
        """A question that no document answers, rightly abstained from."""
        return [refused(id="none", relevant={}, gold={})]


class TestJourney:
    def test_dialogue(self, data_set: Path, cache: Path) -> None:
        """Each turn and what follows it has its own outcome; a message that the bot won't take, no reply."""
        first = {"question": QUERIES[0]["question"], "nuggets": [{"any": ["2020"]}], "doc_ids": ["office#1"]}
        turns = [first, {"question": "Combien de personnes y travaillent ?", "doc_ids": ["office#1"]}]
        lines = [
            {"qid": "d-fr", "lang": "fr", "kind": "dialogue", "turns": turns},
            {"qid": "n-fr", "lang": "fr", "kind": "list", "question": "…", "doc_ids": ["office#1"]},
        ]
        write_lines(data_set / "queries.jsonl", lines)
        report = run([str(data_set)], load_settings(), cache)
        told, _, nothing = report.outcomes
        assert told.read is not None
        assert "2020" in told.read.first
        assert not nothing.answered
        assert report.sections[0].groups["dialogue, first"]["vital"].value == 1

    def test_data_set(self, data_set: Path, cache: Path) -> None:
        """Documents are indexed and asked by the real bot; a second run finds its index again."""
        settings = load_settings()
        report = run([str(data_set)], settings, cache)
        assert report.indexed[0].documents == 3
        assert report.indexed[0].skipped == []
        french, japanese, _ = report.outcomes
        assert french.ranking[0] == japanese.ranking[0] == "office#1"
        assert french.relevant == {"office#1": "fr"}
        assert 0 < french.probability <= 1
        assert set(report.sections[0].groups) == {"all", "fr → fr", "ja → fr", "none"}

        (generation,) = cache.glob("*/index/current.json")
        before = generation.read_text("utf-8")
        again = run([str(data_set)], settings, cache, limit=1)
        assert generation.read_text("utf-8") == before
        assert [one.id for one in again.outcomes] == ["office-fr"]
        assert again.outcomes[0].ranking == french.ranking

    def test_changed_reading_code(self, data_set: Path, cache: Path) -> None:
        """Documents are read again if the code that reads them was another when they were indexed."""
        settings = load_settings()
        run([str(data_set)], settings, cache, limit=1)
        (generation,) = cache.glob("*/index/current.json")
        before = generation.read_text("utf-8")
        (record,) = cache.glob("*/read-by.txt")
        record.write_text("other code", "utf-8")
        run([str(data_set)], settings, cache, limit=1)
        assert generation.read_text("utf-8") != before

    def test_candidates(self, data_set: Path, cache: Path) -> None:
        """Where a question names its candidates, no other document is found or cited."""
        asked = [{**QUERIES[0], "doc_ids": ["bread"], "candidate_ids": ["bread", "garden"]}]
        write_lines(data_set / "queries.jsonl", asked)
        (only,) = run([str(data_set)], load_settings(), cache).outcomes
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

    def test_two_of_one_name(self, data_set: Path, tmp_path: Path) -> None:
        """Two data sets of one name can't be told apart in a report."""
        with pytest.raises(ConfigurationError, match="named small"):
            run([str(data_set), str(data_set)], load_settings(), tmp_path / "cache")


class TestCommand:
    def test_json_table_and_comparison(
        self, data_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path
    ) -> None:
        """The command prints a report as JSON or as tables, and the differences from an earlier one."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))

        asked = CliRunner().invoke(app, ["evaluate", str(data_set), "--json"])
        assert asked.exit_code == 0, asked.output
        (tmp_path / "before.json").write_text(asked.stdout, "utf-8")
        assert len(json.loads(asked.stdout)["outcomes"]) == 3

        shown = CliRunner().invoke(
            app,
            [
                "evaluate",
                str(data_set),
                "--compare",
                str(tmp_path / "before.json"),
                "--report",
                str(tmp_path / "report.html"),
            ],
        )
        assert shown.exit_code == 0, shown.output
        for words in ("recall@1", "ja → fr", "none", "95 % interval", "Since the report of"):
            assert words in shown.stdout
        seen = html.parse(tmp_path / "report.html").getroot().text_content()
        for words in ("ja → fr", "Since the report of", "The worst replies", "3 documents"):
            assert words in seen

        with chat_server(saying("The tower was built in 1887 [1].")) as server:
            monkeypatch.setenv("PARTNERBOT_LLM_BASE_URL", server.address)
            written = CliRunner().invoke(app, ["evaluate", str(data_set), "--llm", "openai:test-model"])
            assert server.requests
        assert written.exit_code == 0, written.output
        said = " ".join(written.stdout.split())
        assert "answered by the model" in said
