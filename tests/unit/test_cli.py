"""The command line: results on stdout, everything else on stderr, and exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from partnerbot import __version__
from partnerbot.answering.answer import Answer, Point
from partnerbot.appearance import Contact, read_appearance
from partnerbot.bot import Partnerbot
from partnerbot.cli import main
from partnerbot.cli.ask import answers_to, as_text
from partnerbot.errors import IndexUnavailable
from partnerbot.evaluation.marks import Mark, cases, keep_mark, said
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.records import Records
from partnerbot.settings import Settings, load_settings
from partnerbot.web.app import create_app
from replies import answer
from scripted_bot import ScriptedBot
from serving import free_port
from small_corpus import CHARTER, DOCUMENTS, TEA, write_corpus
from waiting import wait_until

WHEN = "Quand la charte d’amitié a-t-elle été signée ?"
HOW_MANY = "How many guests attended the tea ceremony?"
OFF_TOPIC = "ブラジルの首都はどこですか？"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], small_settings: Settings) -> Run:
    """Run a command on the small corpus; returns exit code, stdout and stderr."""
    monkeypatch.setenv("PARTNERBOT_DOCUMENTS", str(small_settings.documents))
    monkeypatch.setenv("PARTNERBOT_INDEX", str(small_settings.index))

    def _run(*arguments: str | Path, stdin: str = "", asked: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["partnerbot", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: asked)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        return int(ended.value.code or 0), written.out, " ".join(written.err.split())

    return _run


def test_index_sums_up_and_tells_by_its_exit_code(run: Run, tmp_path: Path) -> None:
    """0 done, 0 nothing to do, 1 with files skipped and named; each stage ends complete; stdout is empty."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    guests = "".join(f"The tea master Aoki Rin held ceremony {n} for {n + 70} guests.\n\n" for n in range(20))
    (documents / "tea.md").write_text(guests, "utf-8")
    arguments = ("index", "--documents", documents, "--index", index)
    code, out, err = run(*arguments)
    assert (code, out) == (0, "")
    assert "Indexed 1 documents, 20 passages, 0 skipped," in err
    told = re.findall(r"(\w+ \w+): (\d+) of (\d+)", err)
    assert {stage for stage, done, total in told if done == total} == {stage for stage, _, _ in told}
    assert len(told) == 3
    code, out, err = run(*arguments)
    assert (code, out) == (0, "")
    assert "Nothing has changed" in err
    (documents / "empty.md").write_text("", "utf-8")
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert "Skipped empty.md: it is empty." in err
    assert "1 skipped" in err


def test_what_its_owner_keeps_out_of_the_index_is_no_fault(run: Run, tmp_path: Path) -> None:
    """It is told apart from what can't be read, in the doctor's list too, and the run ends with 0."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    (documents / "tea.md").write_text("The tea master held a ceremony for 75 guests.", "utf-8")
    (documents / "draft.md").write_text("---\npublished: false\n---\nThe mill burns in May.", "utf-8")
    arguments = ("index", "--documents", documents, "--index", index)
    for summary in ("Indexed 1 documents, 1 passages, 0 skipped, 1 left out,", "Nothing has changed"):
        code, _, err = run(*arguments)
        assert code == 0
        assert "Left out draft.md: it says published: false. Leave the key out" in err
        assert summary in err
    assert "ok   file left out: draft.md: it says published: false." in run("doctor", "--index", index)[1]


def test_two_files_that_say_the_same_are_told_and_cited_once(run: Run, tmp_path: Path) -> None:
    """Of such that with a public address is cited; another title over the same text is another document."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    twinning = "# Nancy et Kanazawa\n\nNancy est jumelée avec Kanazawa depuis 1973.\n"
    (documents / "a-copy.md").write_text(twinning, "utf-8")
    (documents / "b.md").write_text(f"---\nurl: https://www.example.org/nancy\n---\n{twinning}", "utf-8")
    (documents / "b (copy).md").write_text(twinning, "utf-8")
    for title in ("Calligraphie", "Ikebana"):
        (documents / f"{title}.md").write_text(f"# {title}\n\nCet atelier est complet.\n", "utf-8")
    told = "b.md: a-copy.md, b (copy).md say the same, word for word. Answers cite b.md alone. Remove what is"
    code, _, err = run("index", "--documents", documents, "--index", index)
    assert code == 0
    assert told in err
    assert "atelier" not in err
    assert f"look said twice: {told}" in run("doctor", "--index", index)[1]
    for question in ("Depuis quand Nancy est-elle jumelée avec Kanazawa ?", "Que sait-on de Nancy ?"):
        replied = json.loads(run("ask", question, "--json", "--index", index)[1])
        cited = [one["source"] for one in (*replied["citations"], *replied["related"])]
        assert cited.count("b.md") == 1, question
        assert not {"a-copy.md", "b (copy).md"} & {*cited}
    (row,) = map(json.loads, run("partnerships", "--json", "--index", index)[1].splitlines())
    assert {one["source"] for one in row["citations"]} == {"b.md"}
    (documents / "b.md").unlink()
    run("index", "--documents", documents, "--index", index)
    replied = json.loads(run("ask", "Que sait-on de Nancy ?", "--json", "--index", index)[1])
    assert {one["source"] for one in replied["citations"]} == {"a-copy.md"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("index", "--documents", "{tmp}/nowhere", "--index", "{tmp}/index"), "PARTNERBOT_DOCUMENTS"),
        (("index", "--documents", "{tmp}", "--index", "{tmp}/index"), "can be indexed"),
        (("index", "--documents", __file__, "--index", "{tmp}/index"), "is a file. Name the folder"),
        (("ask", WHEN, "--index", "{tmp}/nowhere"), "Run: partnerbot index"),
        (("ask",), "--batch"),
        (("ask", WHEN, "--batch", "{tmp}/x.jsonl"), "--batch"),
        (("ask", "--batch", "{tmp}/nowhere.jsonl", "--json"), "can't be read: No such file or directory"),
        (("ask", "   "), "empty"),
        (("serve", "--port", "99999"), "PARTNERBOT_PORT"),
        (("backup", "{tmp}/nowhere/partnerbot.tar.gz"), "Make its folder first"),
        (("init", __file__, "--name", "Mairie"), "is a file. Name a folder"),
    ],
)
def test_wrong_use_is_one_line(run: Run, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, what is wrong and what to do on stderr, no traceback, nothing on stdout."""
    code, out, err = run(*(argument.replace("{tmp}", str(tmp_path)) for argument in arguments))
    assert (code, out) == (2, "")
    assert err.startswith("partnerbot: ")
    assert told in err
    assert "Traceback" not in err


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable as it is written in the environment."""
    monkeypatch.setenv("PARTNERBOT_PORT", "many")
    code, _, err = run("ask", WHEN)
    assert code == 2
    assert "PARTNERBOT_PORT" in err


def test_a_variable_that_is_none_of_ours_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a line of .env is: a mistyped one would be without effect, and nobody would know."""
    monkeypatch.setenv("PARTNERBOT_PORTT", "1")
    code, _, err = run("questions")
    assert (code, "PARTNERBOT_PORTT: nothing has this name" in err) == (2, True)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--outcome", "foo", "'not_in_documents'"),
        ("--language", "zz", "Give a code such as fr, ja or en"),
        ("--since", "demain", "no day like 2026-11-30"),
        ("--until", "2026-13-01", "no day like 2026-11-30"),
    ],
)
def test_a_filter_that_fits_nothing_is_refused(run: Run, option: str, value: str, told: str) -> None:
    """An empty list would say that nobody asked."""
    for command in ("questions", "feedback"):
        code, out, err = run(command, option, value)
        assert (code, out, told in err) == (2, "", True), err


def test_settings_may_stand_in_a_file(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """.env of the current folder: the environment wins; other programs' lines are theirs, ours are read."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    file.write_text(
        'OTHER_SECRET=1\nPARTNERBOT_CONTACT="Mairie, 1 place d\'Armes"\nPARTNERBOT_INDEX=nowhere\n', "utf-8"
    )
    assert load_settings().contact == "Mairie, 1 place d'Armes"
    assert load_settings().index != Path("nowhere")
    assert run("ask", WHEN)[0] == 0
    for text, told in (
        ("PARTNERBOT_KONTAKT=x", "KONTAKT: nothing has this name"),
        (
            "PARTNERBOT_KEEP_QUESTION_DAYS=9",
            "nothing has this name (is PARTNERBOT_KEEP_QUESTIONS_DAYS meant?)",
        ),
        (
            'A=1\n  \nPARTNERBOT_CONTACT="x\nPARTNERBOT_PORT=3',
            ".env, line 3, can't be read: a value that begins with a quote has to end",
        ),
        ("\n# ours\nPARTNERBOT CONTACT=x", ".env, line 3, can't be read: it isn't written NAME=value"),
        ("é", ".env can't be read: save it in UTF-8"),
    ):
        file.write_bytes(text.encode("latin-1"))
        code, _, err = run("doctor")
        assert code == 2
        assert told in err


NEW = (
    "init",
    "new",
    "--name",
    "Mairie de Clairmoulin",
    "--name",
    "ja=クレールムーラン市",
    "--languages",
    "fr,ja",
)


def test_another_institutions_bot_is_begun(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: EmbeddingModel
) -> None:
    """Its files are written, two commands follow, and no page knows another institution."""
    monkeypatch.chdir(tmp_path)
    for setting in ("PARTNERBOT_DOCUMENTS", "PARTNERBOT_INDEX"):
        monkeypatch.delenv(setting)
    more = ("--contact", "mairie@clairmoulin.example", "--documents", "our texts", "--colour", "#f4a261")
    more += ("--hours", "9 h-17 h")
    more += ("--service", "Clairmoulin répond", "--service", "ja=クレールムーラン案内")
    code, out, _ = run(*NEW, *more, "--site", "https://clairmoulin.example")
    assert code == 0
    assert re.search(r" sync && \S*partnerbot index\n  \S*partnerbot serve\n$", out)
    (tmp_path / "new" / "our texts" / "tea.md").write_text(
        "The tea master held a ceremony for 75 guests.", "utf-8"
    )
    monkeypatch.chdir(tmp_path / "new")
    assert run("index")[0] == 0
    doctor = run("doctor")[1]
    assert "ok   sources: 1 in sources.toml" in doctor
    assert "not stated: examples, legal.publisher, legal.director, legal.host" in doctor
    settings = load_settings()
    assert read_appearance(settings.appearance).contact == Contact(
        main="mairie@clairmoulin.example", hours="9 h-17 h"
    )
    colours = read_appearance(settings.appearance).colours
    assert colours.light["accent"] != colours.dark["accent"] == "#f4a261"  # it can be read in the dark alone
    client = TestClient(create_app(Partnerbot(settings, model, load_reader())), "http://127.0.0.1")
    for page in ("fr", "ja", "privacy/fr", "legal/ja", "accessibility/fr", "embed?lang=fr", "widget.js"):
        shown = client.get(f"/{page}")
        assert shown.status_code == 200
        assert not re.search("CLAIR|クレアパリ|Vitagora|ヴィタゴラ|한국어|Kumamoto", shown.text), page
    assert "Mairie de Clairmoulin" in client.get("/fr").text
    assert "クレールムーラン市" in client.get("/ja").text
    assert "<title>Clairmoulin répond" in client.get("/fr").text
    assert "<title>クレールムーラン案内" in client.get("/ja").text
    # Of other languages than the documents' own there is no word.
    assert "de nos articles, en anglais." in client.get("/fr").text
    assert "<p>英語の資料から、" in client.get("/ja").text
    assert client.get("/en").status_code == 404
    assert not settings.owner.partnerships


def test_an_institution_may_begin_with_partnerships(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that is about them says so; any other has no list of them, and may take out the line later."""
    monkeypatch.chdir(tmp_path)
    assert run(*NEW, "--partnerships")[0] == 0
    assert read_appearance(tmp_path / "new" / "appearance.toml").partnerships


@pytest.mark.system
def test_the_commands_that_follow_work_as_they_are_printed(tmp_path: Path) -> None:
    """From the folder that is named, whichever way the program was called."""
    with_space = tmp_path / "a venv" / "partnerbot"
    with_space.parent.mkdir()
    with_space.symlink_to(Path(sys.executable).with_name("partnerbot"))
    for program in ([sys.executable, "-m", "partnerbot.cli"], [str(with_space)]):
        folder = tmp_path / f"le musée {len(program)}"
        arguments = ["init", str(folder), "--name", "Musée", "--documents", "nos textes"]
        begun = subprocess.run(
            [*program, *arguments], stdin=subprocess.DEVNULL, text=True, capture_output=True
        )
        assert begun.returncode == 0, begun.stderr
        (folder / "nos textes" / "tea.md").write_text(
            "The tea master held a ceremony for 75 guests.", "utf-8"
        )
        place, index, serve = begun.stdout.splitlines()[-3:]
        assert place.endswith(f"run, in {folder}/:")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PARTNERBOT_")
        }
        for command in (index, f"{serve} --help"):
            ended = subprocess.run(
                command, shell=True, cwd=folder, env=environment, text=True, capture_output=True
            )
            assert ended.returncode == 0, ended.stderr
        assert (folder / "index").is_dir()


@pytest.mark.system
def test_who_sits_at_a_terminal_is_not_told_which_module_warns() -> None:
    """A log that a program keeps says it."""
    warns = (
        "import sys, logging\n"
        "from partnerbot.cli.terminal import log_to_screen\n"
        "sys.stderr.isatty = lambda: len(sys.argv) > 1\n"
        "log_to_screen()\n"
        "logging.getLogger('partnerbot.documents.loading').warning('tea.md: look')"
    )
    seen = [
        subprocess.run([sys.executable, "-c", warns, *more], text=True, capture_output=True).stderr
        for more in ([], ["at a terminal"])
    ]
    assert seen == ["WARNING partnerbot.documents.loading: tea.md: look\n", "WARNING: tea.md: look\n"]


def test_root_is_told_that_everybody_may_read_its_settings(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The chat runs as somebody else, who has to read them; a password in them is nobody else's business."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    code, out, _ = run("init", "--name", "Mairie")
    assert code == 0
    assert "Everybody on this machine may read .env: before you write a key or a password into it, run" in out
    assert "chown USER .env && chmod 600 .env" in out


def test_what_is_not_given_is_asked_and_nothing_is_written_over(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty answer takes what is usual; what can't be used is asked again, or nothing written."""
    monkeypatch.chdir(tmp_path)
    for option, value, told in (
        (
            "--site",
            "ftp://clairmoulin.example",
            "such as https://www.example.org: no web address",
        ),
        ("--colour", "red", "such as #7a1f3d: a colour is written like #1f4e79"),
        ("--contact", "Mairie, 75001 Paris", "such as contact@example.org: an e-mail, a web address that"),
        ("--languages", "fr,de", "no texts in de"),
        ("--documents", "#1d5b4f", "Folder of documents: no name of a folder"),
        ("--documents", "/dev/null/documents", "/dev/null/documents can't be written: Not a directory"),
    ):
        code, _, err = run("init", "new", *NEW[2:4], option, value)
        assert (code, told in err) == (2, True), err
        assert not (tmp_path / "new" / "appearance.toml").exists()
    assert "--name" in run("init")[2]
    answers = [
        "fr, de",
        "FR, en",
        "",
        "Mairie",
        "",
        "Allô Mairie",
        "",
        "peut-être",
        "o",
        "",
        "ask us",
        "01 42 76 40 40",
        "1 place de la Mairie",
        "Lundi-vendredi, 9 h-17 h",
        "red",
        "#7a1f3d",
        "#7a1f3d",
        "docs",
        "clairmoulin.example",
    ]
    monkeypatch.setattr("os.geteuid", lambda: 10001)
    code, out, err = run("init", stdin="\n".join(answers), asked=True)
    assert code == 0
    assert "no texts in de" in err
    assert "a colour is written like" in err
    assert "none is given" in err
    assert "answer yes or no" in err
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert "may read .env" not in out
    assert 'sitemap = "https://clairmoulin.example/sitemap.xml"' in (tmp_path / "sources.toml").read_text(
        "utf-8"
    )
    appearance = read_appearance(tmp_path / "appearance.toml")
    assert (appearance.languages, appearance.institution) == (("fr", "en"), {"fr": "Mairie", "en": "Mairie"})
    assert appearance.name == {"fr": "Allô Mairie", "en": "Questions about our articles"}
    assert not appearance.partnerships
    assert appearance.contact.line == "01 42 76 40 40"
    assert appearance.contact.address == "1 place de la Mairie"
    assert appearance.contact.hours == "Lundi-vendredi, 9 h-17 h"
    assert (appearance.legal.basis, appearance.legal.unset[3]) == ("public_interest", "dpo")
    assert (tmp_path / "docs").is_dir()
    assert "has appearance.toml and .env already" in run(*NEW[:1], *NEW[2:])[2]


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"partnerbot {__version__}\n", "")


def test_ask_prints_the_answer_and_its_source(run: Run) -> None:
    """The answer first, then the quote and where it is from."""
    code, out, _ = run("ask", WHEN)
    assert code == 0
    assert out.startswith("12 avril 2009 [1]\n")
    assert "ont signé leur charte" in out
    assert CHARTER in out


def test_a_reply_of_several_parts_is_printed_as_a_list(tmp_path: Path) -> None:
    """Under its headings, with the numbers of its sources, whose quotes are not repeated."""
    told = "\n".join(as_text(ScriptedBot(tmp_path).ask("What if we compare the two?")))
    assert told.startswith("Here is what our documents say: [1] [2] [3]\n\nDijon\n- Par la suite, en 2020")
    assert "開設しました。 [2] [1]\n\nShizuoka\n- La prochaine édition" in told
    assert told.count("La prochaine édition") == 1
    assert "\n[3] Rapport annuel des rencontres, p. 3 (fr)\n    rapport.pdf" in told


def test_ask_json_prints_one_answer(run: Run) -> None:
    """Only JSON on stdout, one line; the answer is in the language asked for."""
    code, out, _ = run("ask", OFF_TOPIC, "--json", "--language", "fr")
    assert code == 0
    assert out.count("\n") == 1
    answer = json.loads(out)
    assert (answer["question"], answer["language"], answer["status"]) == (OFF_TOPIC, "fr", "not_in_documents")


def test_a_batch_keeps_its_order_and_survives_bad_lines(run: Run, tmp_path: Path) -> None:
    """One answer a line with the line's id, unknown keys ignored; what can't be answered says why."""
    lines = [
        json.dumps({"id": "a", "question": WHEN, "colour": "blue"}),
        "not json",
        json.dumps({"id": 3, "question": HOW_MANY}, ensure_ascii=False),
        json.dumps({"id": 4, "question": "   "}),
        json.dumps({"id": 5}),
        json.dumps(["a", "list"]),
        json.dumps({"id": 7, "question": 12}),
        json.dumps({"id": 8, "question": WHEN, "history": [{"role": "robot", "content": "x"}]}),
        json.dumps({"id": 9, "question": OFF_TOPIC, "history": None, "language": "klingon"}),
        "",
        json.dumps({"id": 10, "question": "Et le bureau\u2028de Kirisawa ?", "history": [
            {"role": "user", "content": WHEN}, {"role": "assistant", "content": "12 avril 2009 [1]"}
        ]}, ensure_ascii=False),
    ]  # fmt: skip
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\ufeff" + "\r\n".join(lines), "utf-8")
    code, out, _ = run("ask", "--batch", batch, "--json")
    assert code == 1
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", None, 3, 4, 5, None, 7, 8, 9, 10]
    failed = [answer["id"] for answer in answers if answer["status"] == "failed"]
    assert failed == [None, 4, 5, None, 7, 8, 9]
    assert "klingon" in answers[8]["answer"]
    assert all(answer["answer"] for answer in answers)
    assert [answers[at]["answer"].split("}: ")[1] for at in (1, 4, 5, 6, 7)] == [
        "no JSON stands there",
        "question: is missing",
        "as a whole: several values, each with a name of its own",
        "question: a text is written in quotes",
        "history.0.role: one of 'user' or 'assistant'",
    ]
    assert (answers[0]["short_answer"], answers[2]["short_answer"]) == ("12 avril 2009", "75")
    assert answers[2]["citations"][0]["source"] == TEA
    assert {frozenset(answer) for answer in answers} == {frozenset(answers[0])}


def test_what_is_no_language_is_refused(run: Run) -> None:
    code, out, err = run("ask", OFF_TOPIC, "--language", "klingon")
    assert (code, out) == (2, "")
    assert "klingon" in err
    assert "auto" in err


def test_any_language_can_be_asked_for(run: Run) -> None:
    """Also one the chat has no page in; a region or script counts for its language."""
    tags = {"fr-FR": "fr", "zh-Hans": "zh", "ru": "ru"}
    lines = [json.dumps({"id": tag, "question": WHEN, "language": tag}) for tag in tags]
    code, out, _ = run("ask", "--batch", "-", "--json", stdin="\n".join(lines))
    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, {answer["id"]: answer["language"] for answer in answers}) == (0, tags)
    code, out, _ = run("ask", WHEN, "--json", "--language", "PT-br")
    assert (code, json.loads(out)["language"]) == (0, "pt")


def test_a_batch_goes_on_when_an_answer_fails() -> None:
    """Its line says why; what is a defect of ours is not told as a mistake of the line."""

    class Failing:
        def ask(self, question: str, *_: object) -> Answer:
            if question == "defect":
                raise KeyError("defect")
            raise IndexUnavailable(f"No index for: {question}")

    lines = [json.dumps({"id": number, "question": f"question {number}"}) for number in (1, 2)]
    answers = list(answers_to(Failing(), lines, "fr"))
    assert [(one["id"], one["status"]) for one in answers] == [(1, "failed"), (2, "failed")]
    assert answers[0]["answer"] == "No index for: question 1"
    with pytest.raises(KeyError):
        list(answers_to(Failing(), [json.dumps({"id": 1, "question": "defect"})], "fr"))


def test_a_batch_is_read_from_stdin(run: Run) -> None:
    """As - ; all answered: 0."""
    code, out, _ = run("ask", "--batch", "-", "--json", stdin=json.dumps({"id": 1, "question": HOW_MANY}))
    assert code == 0
    assert json.loads(out)["short_answer"] == "75"


def test_an_empty_batch_has_no_answer(run: Run) -> None:
    """Nothing asked, nothing printed, nothing wrong."""
    assert run("ask", "--batch", "-", "--json")[:2] == (0, "")


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        pytest.param("PARTNERBOT_READER_MODEL", "no-model", "READER_MODEL", marks=pytest.mark.system),
        pytest.param("PARTNERBOT_RERANKER_MODEL", "no-model", "RERANKER_MODEL", marks=pytest.mark.system),
        ("PARTNERBOT_GLOSSARY", "wrong.yaml", "wrong.yaml is wrong: the file: a list"),
    ],
)
def test_golden_questions_are_asked_as_visitors_ask(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, value: str, told: str
) -> None:
    """With the owner's reader, reranker and glossary: one that isn't there can judge no index."""
    (tmp_path / "golden.toml").write_text(f'[[question]]\nquestion = "{HOW_MANY}"\n', "utf-8")
    monkeypatch.setenv("PARTNERBOT_GOLDEN", str(tmp_path / "golden.toml"))
    monkeypatch.setenv(
        "PARTNERBOT_DOCUMENTS", str(write_corpus(tmp_path / "documents", {TEA: DOCUMENTS[TEA]}))
    )
    (tmp_path / "wrong.yaml").write_text("Dijon: ディジョン", "utf-8")
    with monkeypatch.context() as own:
        own.setenv(setting, str(tmp_path / value))
        code, _, err = run("index", "--index", tmp_path / "index")
    assert code == 2
    assert told in err
    assert run("index", "--index", tmp_path / "index")[0] == 0


def test_replies_that_staff_marked_right_must_be_kept(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An index that loses one is not put into use; a mark of a wrong one binds nobody."""
    documents = write_corpus(tmp_path / "documents", {TEA: DOCUMENTS[TEA]})
    monkeypatch.setenv("PARTNERBOT_DOCUMENTS", str(documents))
    monkeypatch.setenv("PARTNERBOT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PARTNERBOT_INDEX", str(tmp_path / "index"))
    assert run("index")[0] == 0
    reply = json.loads(run("ask", HOW_MANY, "--json")[1])
    mark = Mark(
        question=HOW_MANY,
        language="en",
        outcome=reply["status"],
        reply=reply["answer"],
        answer=reply["short_answer"],
        sources=[citation["source"] for citation in reply["citations"]],
    )
    (documents / TEA).write_text("The ceremony was moved to the town hall.", "utf-8")
    records = Records(load_settings())
    keep_mark(records, mark.model_copy(update={"right": True}))
    code, _, err = run("index")
    assert (code, f"lost: {HOW_MANY}" in " ".join(err.split())) == (2, True)
    keep_mark(records, mark.model_copy(update={"right": False}))
    assert run("index")[0] == 0


def test_replies_that_staff_marked_wrong_are_cases(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are asked again: one that is as it was marked is told, and one that has become another."""
    documents = write_corpus(tmp_path / "documents", {TEA: DOCUMENTS[TEA]})
    monkeypatch.setenv("PARTNERBOT_DOCUMENTS", str(documents))
    monkeypatch.setenv("PARTNERBOT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PARTNERBOT_INDEX", str(tmp_path / "index"))
    assert run("index")[0] == 0
    records, report = Records(load_settings()), tmp_path / "report.html"
    for question in (HOW_MANY, "What is the capital of Brazil?"):
        reply = Answer.model_validate_json(run("ask", question, "--json")[1])
        told = {"question": question, "language": "en", "outcome": reply.status, "reply": said(reply)}
        keep_mark(records, Mark(**told, answer=reply.short_answer, right=False))
    code, out, _ = run("evaluate", "--report", report)
    assert code == 0
    assert "marked as wrong: 2. Replied to otherwise now: 0." in out
    assert f"{HOW_MANY} (en): 75" in out
    text = (documents / TEA).read_text("utf-8")
    (documents / TEA).write_text(text.replace("75", "80"), "utf-8")
    assert run("index")[0] == 0
    code, out, _ = run("evaluate", "marked", "--report", report)
    assert "marked as wrong: 2. Replied to otherwise now: 1." in out
    assert HOW_MANY not in out
    seen = " ".join(report.read_text("utf-8").split())
    assert re.search(rf"replied to otherwise</span>: <q lang=\"en\">{re.escape(HOW_MANY)}", seen)
    cases = json.loads(run("evaluate", "--json")[1])["cases"]
    assert [case["mended"] for case in cases] == [True, False]


@pytest.mark.parametrize(
    ("reply", "mended"),
    [
        (answer("2020 [1]", ["b"], short_answer="2020"), False),
        (answer("2021 [1]", ["a"], short_answer="2021"), True),
        (answer("Here [1]", ["a"], points=[Point(text="a", citations=[1])]), True),
        (answer("No.", [], status="not_in_documents"), True),
    ],
)
def test_a_headline_that_was_marked_wrong_is_mended_by_another_or_none(
    tmp_path: Path, reply: Answer, mended: bool
) -> None:
    """Whatever it is quoted from."""
    assert is_mended(tmp_path, answer("2020 [1]", ["a"], short_answer="2020"), reply) == mended


@pytest.mark.parametrize(("quotes", "mended"), [(["a", "b"], False), (["a"], True), (["a", "c"], True)])
def test_quotes_that_were_marked_wrong_are_mended_by_others(
    tmp_path: Path, quotes: list[str], mended: bool
) -> None:
    """Other words around them mend nothing."""

    def quoting(introduction: str, *quotes: str) -> Answer:
        points = [Point(text=quote, citations=[1]) for quote in quotes]
        return answer(introduction, list(quotes), points=points)

    assert is_mended(tmp_path, quoting("So it is said:", "a", "b"), quoting("Here:", *quotes)) == mended


def is_mended(state: Path, wrong: Answer, now: Answer) -> bool:
    """Mark a reply as wrong, and tell whether another one, of a bot that says nothing else, mends it."""
    records = Records(Settings(state=state, keep_questions_days=1))
    told = {"question": "?", "language": "fr", "outcome": wrong.status, "reply": said(wrong)}
    keep_mark(records, Mark(**told, answer=wrong.short_answer, right=False))
    (case,) = cases(records, SimpleNamespace(ask=lambda *_, **__: now))  # type: ignore[arg-type]
    return case.mended


def test_the_doctor_finds_all_well(run: Run) -> None:
    """Each check is one line; the exit code says that nothing failed."""
    code, out, _ = run("doctor")
    assert code == 0
    assert "FAIL" not in out
    assert "documents: 10 files" in out
    assert "multilingual-e5-small" in out
    assert re.search(r"index: generation 0.+ old, .+ MB: 10 documents \(.*fr \d.*\), \d+ passages", out)


def test_the_doctor_says_that_there_is_nothing_to_index(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty folder of documents fails, unless pages of a site are listed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERBOT_DOCUMENTS", str(tmp_path / "documents"))
    (tmp_path / "documents").mkdir()
    assert "FAIL documents: no files in" in run("doctor")[1]
    (tmp_path / "sources.toml").write_text('[[source]]\nsitemap = "https://a.example/sitemap.xml"\n', "utf-8")
    assert "ok   documents: 0 files in" in run("doctor")[1]


def test_the_doctor_asks_the_chat_at_its_port(run: Run) -> None:
    """As `serve --port` has it."""
    port = free_port()
    assert (
        f"http://127.0.0.1:{port} can't be asked"
        in run("doctor", "--embed", "http://127.0.0.1:1/", "--port", str(port))[1]
    )


def test_the_doctor_asks_the_database_of_records(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that can't be reached is told, without its password."""
    monkeypatch.setenv("PARTNERBOT_RECORDS", f"postgresql://partner:secret@127.0.0.1:{free_port()}/records")
    code, out, _ = run("doctor")
    assert code == 2
    assert re.search("FAIL records: What is kept in PostgreSQL can't be read", out)
    assert "secret" not in out


def test_the_doctor_names_what_the_owner_has_not_stated(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neutral words stand where nothing was stated; a file that states all of it is said to."""
    monkeypatch.setenv("PARTNERBOT_APPEARANCE", str(tmp_path / "appearance.toml"))
    told = run("doctor")[1]
    assert (
        "look not stated: contact, name.fr, name.ja, name.en, name.ko, examples, institution, legal." in told
    )
    assert "look not stated: PARTNERBOT_PUBLIC_URL, PARTNERBOT_TRUSTED_PROXIES. A chat for" in told
    names = "".join(f'{language} = "Mairie"\n' for language in ("fr", "ja", "en", "ko"))
    (tmp_path / "appearance.toml").write_text(
        f'contact = "mairie@clairmoulin.example"\n[name]\n{names}[institution]\nfr = "Mairie"\n'
        '[examples]\nfr = ["Quand ?"]\n'
        '[legal]\npublisher = "Mairie"\ndirector = "La maire"\nhost = "Mairie"\n',
        "utf-8",
    )
    monkeypatch.setenv("PARTNERBOT_PUBLIC_URL", "https://chat.clairmoulin.example")
    monkeypatch.setenv("PARTNERBOT_TRUSTED_PROXIES", "127.0.0.1")
    told = run("doctor")[1]
    assert "ok   appearance: names, contact, examples and legal notice are stated" in told
    assert "not stated" not in told
    with (tmp_path / "appearance.toml").open("a", encoding="utf-8") as more:
        more.write('basis = "public_interest"\n')
    of_public_bodies = "legal.dpo, legal.accessibility_scheme, legal.accessibility_plan"
    assert f"look not stated: {of_public_bodies}." in run("doctor")[1]


def test_the_doctor_names_colours_that_cant_be_read_and_examples_without_an_answer(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the contrast and what is needed, in each scheme; of ours none."""
    monkeypatch.setenv("PARTNERBOT_APPEARANCE", str(tmp_path / "appearance.toml"))
    written = (
        '[colours.light]\nink = "#cccccc"\naccent = "#7a1f3d"\n[colours.dark]\ncard = "#9a9a9a"\n'
        f'[examples]\nen = ["{HOW_MANY}", "What is the capital of Brazil?"]\n'
    )
    (tmp_path / "appearance.toml").write_text(written, "utf-8")
    told = run("doctor")[1]
    hard = [line for line in told.splitlines() if line.startswith("look colours: ")]
    assert "look colours: light: ink #cccccc on card #ffffff has a contrast of 1.6, and needs 4.5" in hard
    assert [line for line in hard if "dark: ink #e7e5df on card #9a9a9a" in line]
    assert not [line for line in hard if "7a1f3d" in line]
    assert "look example without an answer: en: What is the capital of Brazil?\n" in told
    assert HOW_MANY not in told
    (tmp_path / "appearance.toml").write_text("[colours.light]\n", "utf-8")
    assert "look colours" not in run("doctor")[1]


def test_the_doctor_says_where_records_are_kept_or_that_they_can_not_be(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without making anything: the server may run as somebody else."""
    monkeypatch.setenv("PARTNERBOT_STATE", str(tmp_path / "state"))
    assert f"ok   records: kept in {tmp_path}/state/" in run("doctor")[1]
    assert not (tmp_path / "state").exists()
    (tmp_path / "state").write_text("no folder", "utf-8")
    assert f"FAIL records: {tmp_path}/state/ can't be written: no feedback is kept" in run("doctor")[1]


def test_the_doctor_lists_what_was_skipped_and_how_the_last_run_ended(run: Run, tmp_path: Path) -> None:
    """A file that can't be read fails nothing; a run that failed does, with its reason."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    (documents / "tea.md").write_text("The tea master held a ceremony for 75 guests.", "utf-8")
    (documents / "empty.md").touch()
    assert run("index", "--documents", documents, "--index", index)[0] == 1
    code, out, _ = run("doctor", "--index", index)
    assert code == 0
    assert "skip file not indexed: empty.md: it is empty. Fill it or remove it." in out
    assert re.search(r"ok   last run: 20.+: published", out)
    (documents / "tea.md").unlink()
    assert run("index", "--documents", documents, "--index", index)[0] == 2
    code, out, _ = run("doctor", "--index", index)
    assert code == 2
    assert re.search(
        r"FAIL last run: 20.+: Nothing in .+ can be indexed, so the index was left as it was", out
    )


def test_the_doctor_tells_what_stopped_a_run_before_it_began(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is wrong in the owner's lists or settings fails every nightly run: each leaves a report."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    (documents / "tea.md").write_text("The tea master held a ceremony for 75 guests.", "utf-8")
    monkeypatch.setenv("PARTNERBOT_INDEX", str(index))
    monkeypatch.setenv("PARTNERBOT_DOCUMENTS", str(documents))
    for name, text in (("golden", "[[question"), ("sources", "delay_seconds = -1")):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
        monkeypatch.setenv(f"PARTNERBOT_{name.upper()}", str(tmp_path / f"{name}.toml"))
    assert run("index")[0] == 2
    code, out, _ = run("doctor")
    assert code == 2
    assert re.search(r"FAIL golden questions: .+golden\.toml can't be read", out)
    assert re.search(r"FAIL sources: .+sources\.toml is wrong: .*delay_seconds", out)
    assert re.search(r"FAIL last run: 20.+: .+golden\.toml can't be read", out)
    for name, text in (
        ("golden", f'[[question]]\nquestion = "{HOW_MANY}"\n'),
        ("sources", '[[source]]\npages = ["https://example.org/"]\n'),
    ):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    assert run("index")[0] == 0
    code, out, _ = run("doctor")
    assert code == 0
    assert re.search(r"ok   golden questions: 1 in .+golden\.toml", out)
    assert re.search(r"ok   sources: 1 in .+sources\.toml", out)

    (tmp_path / "broken.toml").write_text("[[question", "utf-8")
    for setting, value, told in (
        ("DOCUMENTS", "nowhere", "The documents folder .+nowhere/ does not exist"),
        ("GOLDEN", "broken.toml", "broken.toml can't be read"),
    ):
        with monkeypatch.context() as own:
            own.setenv(f"PARTNERBOT_{setting}", str(tmp_path / value))
            assert run("index")[0] == 2
        assert re.search(f"FAIL last run: 20.+: .*{told}", run("doctor")[1])


@pytest.mark.system
@pytest.mark.skipif(os.name == "nt", reason="stops and kills a process")
def test_the_doctor_tells_of_a_run_without_a_report(run: Run, tmp_path: Path) -> None:
    """While one goes on it says so; of one that was killed, that it was, and what to do."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    (documents / "tea.md").write_text("The tea master held a ceremony for 75 guests.", "utf-8")
    assert run("index", "--documents", documents, "--index", index)[0] == 0
    signed = (index / "writer.json").read_text("utf-8")
    last = json.loads(next((index / "reports").iterdir()).read_text("utf-8"))["ended_at"]
    wait_until(lambda: datetime.now(UTC).isoformat(timespec="seconds") > last, "another second")
    command = [sys.executable, "-m", "partnerbot.cli", "index", "--full"]
    with subprocess.Popen([*command, "--documents", documents, "--index", index]) as process:
        wait_until(lambda: (index / "writer.json").read_text("utf-8") != signed, "the run begins")
        process.send_signal(signal.SIGSTOP)
        going_on = run("doctor", "--index", index)
        process.kill()
    assert re.search(rf"ok   last run: begun at 20.+, not ended yet \(process {process.pid} on ", going_on[1])
    code, out, _ = run("doctor", "--index", index)
    assert code == 2
    assert re.search("FAIL last run: begun at 20.+ it was killed.+ Run again: partnerbot index", out)
    assert run("index", "--documents", documents, "--index", index)[0] == 0
    assert run("doctor", "--index", index)[0] == 0


def test_the_doctor_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without documents and without an index: both are named with their remedy."""
    monkeypatch.setenv("PARTNERBOT_DOCUMENTS", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PARTNERBOT_INDEX", str(tmp_path / "index"))
    code, out, _ = run("doctor")
    assert code == 2
    failures = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert [line.split()[1] for line in failures] == ["documents:", "index:"]
    assert "PARTNERBOT_DOCUMENTS" in failures[0]
    assert "Run: partnerbot index" in failures[1]


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        pytest.param("PARTNERBOT_READER_MODEL", "reader", marks=pytest.mark.system),
        pytest.param("PARTNERBOT_RERANKER_MODEL", "reranker", marks=pytest.mark.system),
        ("PARTNERBOT_GLOSSARY", "glossary"),
    ],
)
def test_the_doctor_names_what_is_missing_and_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, name: str
) -> None:
    """What can't be loaded is told under its own name; the index is looked at still."""
    (tmp_path / "wrong").write_text("Dijon: ディジョン", "utf-8")
    monkeypatch.setenv(setting, str(tmp_path / "wrong"))
    code, out, _ = run("doctor")
    assert code == 2
    assert [line.split()[1] for line in out.splitlines() if line.startswith("FAIL")] == [f"{name}:"]
    assert "ok   index: generation" in out


SLOW_TO_IMPORT = {"torch", "transformers", "sentence_transformers", "gradio", "chromadb", "onnxruntime"}


def imported(import_times: str) -> set[str]:
    """Return what a process imported, from its standard error under `-X importtime`."""
    return set(re.findall(r"^import time:.*\| +(\w+)$", import_times, re.MULTILINE))


@pytest.mark.system
def test_help_names_every_command_at_once() -> None:
    """From the shell, and without what is slow to import: neither models nor web server."""
    command = [sys.executable, "-X", "importtime", "-m", "partnerbot.cli", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    for name in ("index", "ask", "serve", "evaluate", "doctor"):
        assert name in ended.stdout
    assert "typer" in imported(ended.stderr)
    assert not imported(ended.stderr) & SLOW_TO_IMPORT


@pytest.mark.system
def test_an_index_of_texts_waits_for_no_other_format(tmp_path: Path) -> None:
    """A run over Markdown alone imports what reads web pages and Word files as little as the web server."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "tea.md").write_text(TEA, "utf-8")
    command = [sys.executable, "-X", "importtime", "-m", "partnerbot.cli", "index"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    slow = SLOW_TO_IMPORT | {"trafilatura", "docx", "pypdf"}
    assert imported(ended.stderr) & slow == {"chromadb", "onnxruntime"}


@pytest.mark.system
def test_the_shell_sees_results_and_exit_code(small_settings: Settings) -> None:
    """A whole process: JSON on stdout as UTF-8 whatever the locale, 0 at the end; without torch or gradio."""
    command = [
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "partnerbot.cli",
        "ask",
        OFF_TOPIC,
        "--json",
        "--index",
        small_settings.index,
    ]
    ended = subprocess.run(
        command,
        capture_output=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(Path.home())},
    )
    assert ended.returncode == 0, ended.stderr.decode()
    assert json.loads(ended.stdout.decode("utf-8"))["question"] == OFF_TOPIC
    assert imported(ended.stderr.decode()) & SLOW_TO_IMPORT == {"chromadb", "onnxruntime"}


def test_the_doctor_of_a_named_index_speaks_of_no_other_documents(run: Run, small_settings: Settings) -> None:
    """Those that the settings name need not be what it was indexed from."""
    assert "ok   documents: " in run("doctor")[1]
    told = run("doctor", "--index", str(small_settings.index))[1]
    assert "ok   index: " in told
    assert "ok   documents: " not in told
