"""The page for staff: closed by default, opened by one password, its figures exactly what was asked."""

from __future__ import annotations

import asyncio
import csv
import io
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import httpx
import numpy as np
import psycopg
import pytest
from babel.numbers import format_decimal
from fastapi.testclient import TestClient
from lxml import html
from lxml.html import HtmlElement
from onnxruntime import InferenceSession
from pydantic import SecretStr
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select, text, update
from typer.testing import CliRunner

from event_loops import run_apart
from keeping import keep_question, kept
from partnerbot.answering.answer import DocumentReference, Kind, Turn
from partnerbot.answering.curated import CURATED
from partnerbot.bot import Partnerbot
from partnerbot.cli import app as commands
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.golden import GoldenQuestion
from partnerbot.evaluation.marks import Mark, keep_mark, marked
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.passwords import hashed
from partnerbot.records import COUNTED_DAYS, COUNTS, LINKS, MARKED, QUESTIONS, Records
from partnerbot.settings import Settings, load_settings
from partnerbot.spreadsheets import as_xlsx
from partnerbot.web.page_texts import languages, texts_of
from partnerbot.web.records.questions import Ended, alike, keep
from partnerbot.web.staff.figures import OUTCOMES, Chosen
from partnerbot.web.staff.pages import COOKIE, WRONG_PASSWORDS
from scripted_bot import ScriptedBot
from serving import api_of
from waiting import wait_until

PASSWORD = "quatre mots de passe"
HASH = hashed(PASSWORD)
HERE = "http://127.0.0.1"
NOW = datetime.now(UTC)
TODAY = NOW.date()


def bot_with(folder: Path, **settings: object) -> ScriptedBot:
    """Return a scripted bot with a page for staff, whose settings differ from the tests' own in these."""
    return ScriptedBot(folder, **{"staff_password_hash": HASH, **settings})


def signed_in(bot: ScriptedBot, address: str = HERE) -> TestClient:
    client = TestClient(api_of(bot), address)
    assert client.post("/staff", data={"password": PASSWORD}).status_code == 200
    assert COOKIE in client.cookies
    return client


def table(client: TestClient, name: str, **query: str) -> list[dict[str, str]]:
    response = client.get(f"/staff/{name}.csv", params={"lang": "en", **query})
    assert response.status_code == 200, response.text
    assert response.text.startswith("\ufeff"), "Excel would take it for another encoding"
    return list(csv.DictReader(io.StringIO(response.text[1:], newline="")))


def send(client: TestClient, form: HtmlElement, told: list[tuple[str, str]]) -> None:
    """Send a form, whose fields may come several times."""
    fields: dict[str, list[str]] = {}
    for name, value in told:
        fields.setdefault(name, []).append(value)
    sent = client.post(form.get("action"), data=fields, follow_redirects=False)
    assert sent.status_code == 303


def shown(client: TestClient, **query: str) -> HtmlElement:
    response = client.get("/staff", params={"lang": "en", **query})
    assert response.status_code == 200
    return html.fromstring(response.text)


# ---- Who gets in ---------------------------------------------------------------------------------


def test_by_default_there_is_no_page_and_nothing_is_counted(tmp_path: Path) -> None:
    """Not even a form that asks for a password."""
    bot = bot_with(tmp_path, staff_password_hash="")
    with TestClient(api_of(bot), HERE) as client:
        for method, path in (
            ("GET", "/staff"),
            ("POST", "/staff"),
            ("POST", "/staff/leave"),
            ("GET", "/staff/days.csv"),
        ):
            assert client.request(method, path).status_code == 404, path
        client.post("/api/ask", json={"question": "Quand Vitagora ?"})
    assert not bot.settings.state.exists()


def test_the_command_prints_the_line_that_opens_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in .env as it is; the password itself in its place is refused, and a short one, too."""
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(commands, ["staff-password"], input=f"{PASSWORD}\n{PASSWORD}\n")
    (line,) = [line for line in printed.stdout.splitlines() if line.startswith("PARTNERBOT_")]
    (tmp_path / ".env").write_text(f"{line}\n")
    stated = load_settings().staff_password_hash
    assert line.endswith(stated.get_secret_value())
    with TestClient(api_of(bot_with(tmp_path / "bot", staff_password_hash=stated)), HERE) as client:
        assert client.post("/staff", data={"password": PASSWORD}).url.query == b"lang=fr"
    short = CliRunner().invoke(commands, ["staff-password"], input="court\ncourt\n")
    assert (short.exit_code, "scrypt" in short.stdout) == (2, False)
    (tmp_path / ".env").write_text(f"PARTNERBOT_STAFF_PASSWORD_HASH={PASSWORD}\n")
    with pytest.raises(ConfigurationError, match="staff-password") as refused:
        load_settings()
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    ("public", "secure"), [("", False), ("https://chat.example.org/ask", True)], ids=["http", "https"]
)
def test_a_session_is_a_cookie_that_goes_nowhere_else(tmp_path: Path, public: str, secure: bool) -> None:
    """No script reads it, no other site sends it, no other page gets it."""
    address, prefix = (public, "/ask") if public else (HERE, "")
    with TestClient(api_of(bot_with(tmp_path, public_url=public)), address) as client:
        given = client.post("/staff", data={"password": PASSWORD}, follow_redirects=False)
        assert (given.status_code, given.headers["location"]) == (303, f"{prefix}/staff?lang=fr")
        said = {part.strip().lower() for part in given.headers["set-cookie"].split(";")}
        assert {"httponly", "samesite=strict", f"path={prefix}/staff"} <= said
        assert ("secure" in said) == secure
        assert "set-cookie" not in client.get("/health").headers


def test_a_wrong_password_opens_nothing_and_a_session_ends_when_it_is_left(tmp_path: Path) -> None:
    """On the server, too: whoever has copied the cookie is out."""
    with TestClient(api_of(bot_with(tmp_path)), HERE) as client:
        refused = client.post("/staff?lang=en", data={"password": "quatre mots de passé"})
        assert (refused.status_code, COOKIE in client.cookies) == (403, False)
        assert "not right" in refused.text
        assert client.get("/staff/days.csv").status_code == 403
        assert "Questions by day" not in client.get("/staff?lang=en").text
        client.post("/staff", data={"password": PASSWORD})
        copied = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        assert "Questions by day" in client.get("/staff?lang=en").text
        client.post("/staff/leave")
        assert COOKIE not in client.cookies
        assert "Questions by day" not in client.get("/staff?lang=en", headers=copied).text


def test_after_a_few_wrong_passwords_none_is_looked_at(tmp_path: Path) -> None:
    """However fast they come: the right one is refused, with the time to wait, but not from elsewhere."""
    app = api_of(bot_with(tmp_path))

    async def tried(address: str, *passwords: str) -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, client=(address, 5))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            sent = (client.post("/staff?lang=en", data={"password": password}) for password in passwords)
            return await asyncio.gather(*sent)

    guesses = run_apart(tried("203.0.113.7", *["x"] * (WRONG_PASSWORDS + 2)))
    assert sorted(guess.status_code for guess in guesses) == [403] * WRONG_PASSWORDS + [429] * 2
    (locked,) = run_apart(tried("203.0.113.7", PASSWORD))
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 15 * 60
    assert "Try again in" in locked.text
    assert COOKIE not in locked.cookies
    (other,) = run_apart(tried("203.0.113.8", PASSWORD))
    assert COOKIE in other.cookies


def test_no_other_site_can_send_the_forms(tmp_path: Path) -> None:
    """Not even one that may embed the chat."""
    bot = bot_with(tmp_path, allowed_origins="https://www.site.example")
    with signed_in(bot) as client:
        for origin in ("https://stranger.example", "https://www.site.example", "null"):
            for path in ("/staff", "/staff/leave", "/staff/reply", "/staff/answer"):
                sent = client.post(path, data={"password": PASSWORD}, headers={"Origin": origin})
                assert sent.status_code == 403, (origin, path)
        assert "Questions by day" in client.get("/staff?lang=en").text
        assert client.post("/staff/leave", headers={"Origin": HERE}).status_code == 200


def test_nothing_below_it_is_kept_framed_or_listed(tmp_path: Path) -> None:
    """Whatever is asked for, and by whom."""
    with signed_in(bot_with(tmp_path)) as client:
        for response in (
            client.get("/staff"),
            client.get("/staff/days.csv"),
            client.get("/staff/figures.xlsx"),
            client.get("/staff/secret.csv"),
            client.post("/staff", data={"password": "x"}),
            client.post("/staff/leave", follow_redirects=False),
            client.get("/staff/days.csv"),
        ):
            assert response.headers["cache-control"] == "no-store"
            assert "noindex" in response.headers["x-robots-tag"]
            assert response.headers["referrer-policy"] == "same-origin"
            policy = response.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src" not in policy
            assert "frame-ancestors 'none'" in policy


# ---- What is counted -----------------------------------------------------------------------------


def test_a_question_is_counted_by_how_it_ended_and_by_nothing_else(tmp_path: Path) -> None:
    """Neither its words nor its time nor whose it was; a refused one isn't counted, a failed one is."""
    bot = bot_with(tmp_path)
    with TestClient(api_of(bot), HERE, client=("203.0.113.77", 5)) as client:
        for question in ("When did Vitagora open?", "What price?", "Hello", "offline?", " ", "x" * 1001):
            client.post("/api/ask", json={"question": question, "language": "en"})
    rows = kept(bot.settings, COUNTS)
    assert all(isinstance(row.pop("milliseconds"), int) for row in rows)
    everywhere = {"day": TODAY, "language": "en", "kind": None}
    assert rows == [
        everywhere | {"outcome": "answered", "kind": "fact"},
        everywhere | {"outcome": "not_in_documents"},
        everywhere | {"outcome": "conversation"},
        everywhere | {"outcome": "failed"},
    ]
    assert kept(bot.settings, QUESTIONS) == []


def test_who_is_sent_to_the_contact_counts_as_without_an_answer(tmp_path: Path) -> None:
    """As does who is only shown what comes nearest."""
    bot = bot_with(tmp_path)
    records, answer = Records(bot.settings), bot.ask("When did Vitagora open?", language="en")
    for told in ({"kind": "conversation", "act": "contact"}, {"kind": "nearest"}):
        keep(records, Ended("answered", 0.005, "en", answer.model_copy(update=told)), NOW)
    assert [row["outcome"] for row in kept(bot.settings, COUNTS)] == ["not_in_documents"] * 2


def test_counts_are_deleted_in_time_and_with_the_page(tmp_path: Path) -> None:
    """After a year and a month; at once where there is no page for staff any more."""
    records = Records(bot_with(tmp_path / "bot", state=tmp_path).settings)
    for age in (0, COUNTED_DAYS - 1, COUNTED_DAYS, COUNTED_DAYS + 50):
        keep(records, Ended("failed", 0.005, "fr", None), NOW - timedelta(days=age))
    assert records.purge(today=TODAY) == 2
    assert Records(Settings(state=tmp_path)).purge(today=TODAY) == 2


def test_nothing_is_lost_where_many_write_at_once(tmp_path: Path, database: str) -> None:
    """In processes' stead, some that know nothing of each other and begin together, while one is read."""
    if database:
        with psycopg.connect(database) as connection:
            connection.execute("CREATE SCHEMA at_once")
        database += "&options=-csearch_path%3Dat_once"
    settings = bot_with(tmp_path, records=database).settings
    servers = [Records(settings) for _ in range(6)]
    with ThreadPoolExecutor(8) as threads:
        for number in range(240):
            threads.submit(keep, servers[number % 6], Ended("failed", 0.005, "fr", None))
            threads.submit(servers[0].rows, select(COUNTS))
    assert len(kept(settings, COUNTS)) == 240


@pytest.mark.parametrize("language", languages())
def test_visitors_are_told_that_questions_are_counted(tmp_path: Path, language: str) -> None:
    """Where they are."""
    said = texts_of(language).privacy.counting.format(days=COUNTED_DAYS)
    for number, stated in enumerate((HASH, "")):
        bot = bot_with(tmp_path / str(number), staff_password_hash=stated)
        with TestClient(api_of(bot), HERE) as client:
            assert (said in client.get(f"/privacy/{language}").text) == bool(stated)


# ---- What the page says --------------------------------------------------------------------------

# Midnight may come while these tests run: where the day counts, they name it.
MONTH = {"since": (TODAY - timedelta(days=29)).isoformat(), "until": TODAY.isoformat()}
DAY = MONTH | {"since": TODAY.isoformat()}
HOURS_PAGE = DocumentReference(
    title="Hours",
    url="https://www.example.org/hours",
    source="hours",
    page=None,
    language="en",
    published=None,
)
HOURS = ["What are your opening hours?", "When are you open?", "Quels sont vos horaires d'ouverture ?"]
PRICE = "How much is a ticket to Nagoya?"


@pytest.fixture(scope="module")
def asked(
    tmp_path_factory: pytest.TempPathFactory, database: str
) -> Iterator[tuple[TestClient, list[dict[str, object]]]]:
    """A page whose visitors asked 2,000 questions today and 40 on the days before, and what they were."""
    bot = bot_with(tmp_path_factory.mktemp("asked"), keep_questions_days=60, records=database)
    records, chance = Records(bot.settings), random.Random(7)
    answer = bot.ask("Quand Vitagora ?")
    absent = bot.ask("Quel prix ?")
    questions: list[dict[str, object]] = []
    for number in range(2_040):
        moment = NOW - timedelta(days=max(0, number - 1_999))
        language, outcome = chance.choice(("fr", "ja", "en")), chance.choices(OUTCOMES, (70, 20, 8, 2))[0]
        kind = chance.choice(("fact", "list")) if outcome == "answered" else None
        took, text = chance.randrange(5, 900), chance.choice([*HOURS, HOURS[0], HOURS[0], PRICE])
        changed: dict[str, object] = {"question": text, "language": language, "kind": kind or "fact"}
        if outcome == "conversation":
            changed["kind"] = "conversation"
        said = (answer if outcome == "answered" else absent).model_copy(update=changed)
        keep(records, Ended(outcome, took / 1000, language, said if outcome != "failed" else None), moment)
        questions.append(
            {"day": moment.date(), "language": language, "outcome": outcome, "kind": kind, "took": took}
            | {"question": text}
        )
    with signed_in(bot) as client:
        yield client, questions


def test_a_day_of_2000_questions_agrees_to_the_last_one(
    asked: tuple[TestClient, list[dict[str, object]]],
) -> None:
    """On the page, in its bars, as CSV and in the workbook."""
    client, questions = asked
    wanted = Counter((each["day"], each["outcome"]) for each in questions)
    days = table(client, "days", **MONTH)
    assert len(days) == 30
    assert days[-1]["Questions"] == "2000"
    words = vars(texts_of("en").staff)
    for row in days:
        day = date.fromisoformat(row["Day"])
        assert {outcome: int(row[words[outcome]]) for outcome in OUTCOMES} == {
            outcome: wanted[day, outcome] for outcome in OUTCOMES
        }
    page = shown(client, **MONTH)
    first = page.xpath("//details//tbody/tr[1]/*/text()")
    assert first[:2] == [TODAY.isoformat(), "2,000"]
    heights: Counter[str] = Counter()
    for bar in page.xpath("//rect[@x='291']"):
        heights[bar.get("class").removeprefix("pb-")] += float(bar.get("height"))
    assert dict(heights) == {outcome: wanted[TODAY, outcome] / 20 for outcome in OUTCOMES}
    figures = client.get("/staff/figures.xlsx", params={"lang": "en", **MONTH})
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(figures.content))
    assert workbook.sheet_names[0] == "Questions by day"
    assert workbook.get_sheet_by_index(0).to_python()[-1][1] == 2000
    for name, key in (("languages", "language"), ("kinds", "kind"), ("outcomes", "outcome")):
        recent = [each for each in questions if each["day"] > TODAY - timedelta(days=30)]  # type: ignore[operator]
        counted = Counter(each[key] for each in recent if each[key])
        assert sorted(int(row["Questions"]) for row in table(client, name, **MONTH)) == sorted(
            counted.values()
        )
    asked_in_words = Counter(each["question"] for each in recent if each["outcome"] != "failed")
    downloaded: Counter[object] = Counter()
    for row in table(client, "asked", **MONTH):
        downloaded[row["Question"]] += int(row["Questions"])
    assert downloaded == asked_in_words


def test_questions_without_an_answer_are_together_by_what_they_ask(
    asked: tuple[TestClient, list[dict[str, object]]],
) -> None:
    """In whatever language; with the most frequent one, and how many there are."""
    client, questions = asked
    absent = [each for each in questions if each["outcome"] == "not_in_documents"]
    of_today = [each for each in absent if each["day"] == TODAY]
    hours, price = table(client, "unanswered", **DAY)
    assert int(hours["Questions"]) == sum(each["question"] in HOURS for each in of_today)
    assert hours["Question"] == HOURS[0]
    assert int(price["Questions"]) == sum(each["question"] == PRICE for each in of_today)
    assert hours["Last asked"] == TODAY.isoformat()
    hint = texts_of("en").staff.unanswered_hint
    assert hint in shown(client, **MONTH).text_content()


def test_days_language_and_outcome_choose_what_is_counted(
    asked: tuple[TestClient, list[dict[str, object]]],
) -> None:
    """Everywhere on the page; what can't be read is as if it weren't there."""
    client, questions = asked
    day = TODAY - timedelta(days=3)
    (row,) = table(client, "days", since=day.isoformat(), until=day.isoformat())
    assert row["Questions"] == "1"
    of_french = [each for each in questions if each["language"] == "fr" and each["day"] == TODAY]
    chosen = DAY | {"language": "fr"}
    assert table(client, "days", **chosen)[0]["Questions"] == str(len(of_french))
    assert [row["Language"] for row in table(client, "languages", **chosen)] == ["French"]
    failed = sum(each["outcome"] == "failed" for each in of_french)
    assert table(client, "days", outcome="failed", **chosen)[0]["Questions"] == str(failed)
    assert table(client, "unanswered", outcome="answered") == []
    for query in ({"since": "hier"}, {"until": "9999-12-31"}, {"outcome": "<b>"}):
        assert len(table(client, "days", **query)) == 30
    assert len(table(client, "days", since="0001-01-01")) == COUNTED_DAYS
    assert len(table(client, "days", since="0001-01-01", until="0001-01-02")) == 1


def test_times_are_those_that_shares_of_the_questions_did_not_exceed(
    asked: tuple[TestClient, list[dict[str, object]]],
) -> None:
    """By the nearest rank, so that each is the time of a question."""
    client, questions = asked
    took = sorted(int(str(each["took"])) for each in questions if each["day"] == TODAY)
    rows = table(client, "times", **DAY)
    assert [row["Share of questions"] for row in rows] == ["50 %", "90 %", "95 %", "99 %"]
    wanted = [round(took[rank - 1] / 1000, 2) for rank in (1000, 1800, 1900, 1980)]
    assert [float(row["Seconds at most"]) for row in rows] == wanted
    shown = client.get("/staff", params={**DAY, "lang": "fr"}).text
    assert f"<td>{format_decimal(wanted[-1], locale='fr')}</td>" in shown


def test_every_document_is_listed_with_how_often_it_was_cited(
    asked: tuple[TestClient, list[dict[str, object]]],
) -> None:
    """Those that never were, too."""
    client, questions = asked
    answered = sum(each["outcome"] == "answered" and each["day"] == TODAY for each in questions)
    rows = {row["Source"]: row for row in table(client, "documents", **DAY)}
    assert len(rows) == 5
    assert rows["dijon.fr.md"]["Citations"] == str(answered)
    assert rows["rapport.pdf"] == {
        "Citations": "0",
        "Article": "Rapport annuel des rencontres",
        "Source": "rapport.pdf",
    }


def test_where_questions_are_not_kept_the_page_has_counts_and_says_so(tmp_path: Path) -> None:
    """And neither questions nor documents."""
    with signed_in(bot_with(tmp_path)) as client:
        client.post("/api/ask", json={"question": "What price?", "language": "en"})
        page = shown(client)
        assert texts_of("en").staff.not_kept in page.text_content()
        assert texts_of("en").staff.unanswered not in page.text_content()
        assert table(client, "days")[-1]["No answer"] == "1"
        assert client.get("/staff/unanswered.csv").status_code == 404


def test_questions_that_were_kept_before_there_was_a_page_are_counted(tmp_path: Path) -> None:
    """By the days on which nothing was counted yet."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    answer = bot.ask("Quand Vitagora ?")
    without_page = bot.settings.model_copy(update={"staff_password_hash": SecretStr("")})
    for age in (2, 2):
        keep_question(without_page, answer, NOW - timedelta(days=age))
    keep_question(bot.settings, answer, NOW)
    with signed_in(bot) as client:
        assert [row["Questions"] for row in table(client, "days", **MONTH)[-3:]] == ["2", "0", "1"]


def test_what_visitors_said_stands_with_its_question_and_reply(tmp_path: Path) -> None:
    """Once each; formulas and markup are text in whatever form."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    word = {"useful": False, "language": "fr", "status": "answered", "sources": ["dijon.fr.md"]}
    hostile = {"question": "=1+1 <b>gras</b>", "answer": "@SUM(A1)", "comment": "\x1b-2+3"}
    with signed_in(bot) as client:
        for reason in ({}, {"reason": "incomplete"}):
            sent = word | hostile | reason | {"name": "0123456789abcdef"}
            assert client.post("/api/feedback", json=sent).status_code == 204
        (row,) = table(client, "feedback")
        assert (row["Question"], row["Answer"]) == ("'=1+1 <b>gras</b>", "'@SUM(A1)")
        assert row["Reason"] == texts_of("en").feedback.incomplete
        page = shown(client)
        assert page.xpath("//q/text()") == ["=1+1 <b>gras</b>"]
        assert page.xpath("//blockquote/text()") == ["@SUM(A1)"]
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/staff/figures.xlsx?lang=en").content))
        cells = sheet.get_sheet_by_name("What visitors said").to_python()[1]
        assert cells[3] == "-2+3"
        assert cells[6] == "=1+1 <b>gras</b>"


def test_links_that_do_not_open_are_shown(tmp_path: Path) -> None:
    """With the reason and the day they were asked for; those that open aren't."""
    bot = bot_with(tmp_path)
    found = (
        {"address": "https://www.example.org/b", "failure": "404"},
        {"address": "https://www.example.org/c", "failure": "it redirects to nowhere."},
        {"address": "https://www.example.org/d", "failure": "503"},
        {"address": "https://www.example.org/e", "failure": "unknown_name"},
    )
    with signed_in(bot) as client:
        assert texts_of("en").staff.links not in shown(client).text_content()
        for row in (*found, {"address": "https://www.example.org/a", "failure": None}):
            Records(bot.settings).change(insert(LINKS).values(**row, day=TODAY))
        gone, unreached, down, unknown = table(client, "links")
        assert list(gone.values()) == ["https://www.example.org/b", "there is no such page (404)", f"{TODAY}"]
        assert unreached["Reason"] == "the site could not be asked (it redirects to nowhere.)"
        assert down["Reason"] == "the server is out of order (503)"
        assert unknown["Reason"] == "no server has this name"
        in_french = shown(client, lang="fr").text_content()
        assert "la page n’existe pas ou plus (404)" in in_french
        assert "aucun serveur ne porte ce nom" in in_french
        assert shown(client).xpath("//a[starts-with(@href, 'https://www.example.org')]/text()") == [
            f"https://www.example.org/{page}" for page in "bcde"
        ]


@pytest.mark.parametrize("keeps_days", [0, 9])
def test_what_staff_do_daily_comes_first_and_the_contents_lead_to_it(tmp_path: Path, keeps_days: int) -> None:
    """The contents name the sections that are there, in their order; figures and tables come last."""
    bot = bot_with(tmp_path, keep_questions_days=keeps_days)
    with signed_in(bot) as client:
        page = shown(client)
    contents = page.xpath("//nav[@aria-label='On this page']//a")
    leads_to = [link.get("href").removeprefix("#") for link in contents]
    assert leads_to == page.xpath("//main/section/@id")
    daily = ["unanswered", "answers", "said", "asked", "days", "documents"]
    assert leads_to == (daily if keeps_days else ["answers", "said", "days"])


def test_what_is_not_looked_at_daily_is_folded(tmp_path: Path) -> None:
    """The tables, below the picture of the days."""
    with signed_in(bot_with(tmp_path)) as client:
        page = shown(client)
    (folded,) = page.xpath("//section[@id='days']/details")
    files = [link.get("href").partition("?")[0] for link in folded.xpath(".//a[@class='pb-file']")]
    assert files == [f"/staff/{name}.csv" for name in ("outcomes", "languages", "kinds", "times")]


def test_a_follow_up_stands_after_what_it_follows(tmp_path: Path) -> None:
    """In the lists, as CSV, on its reply's page, where it is asked again so, in its mark and its answer."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    asked = []
    for earlier in ("What price for Nagoya?", "When did Vitagora open?"):
        asked.append(bot.ask("And the price?", [Turn(role="user", content=earlier)], language="en"))
        keep_question(bot.settings, asked[-1], datetime.now(UTC))
    with signed_in(bot) as client:
        in_full = [f"{one.follows[0]} › {one.question}" for one in asked]
        assert {row["Question"] for row in table(client, "unanswered")} == set(in_full), "not in one group"
        links = shown(client).xpath("//section[@id='asked']//li//a[contains(@href, '/staff/reply')]")
        assert [link.xpath("string(preceding-sibling::small/q)") for link in links] == [
            one.follows[0] for one in reversed(asked)
        ]
        for link, one in zip(links, reversed(asked), strict=True):
            page = html.fromstring(client.get(link.get("href")).text)
            assert page.xpath("//main//q/text()") == [one.follows[0], one.question]
            assert [turn.content for turn in bot.histories[-1]] == one.follows
            form = page.xpath("//form[contains(@action, '/staff/reply')]")[0]
            told = [(field.get("name"), field.get("value")) for field in form.xpath(".//input")]
            send(client, form, [*told, ("right", "true")])
        assert [row["Question"] for row in table(client, "marked")] == in_full
        assert [one.follows for one in marked(Records(bot.settings), right=True)] == [
            one.follows for one in reversed(asked)
        ]
        (write,) = page.xpath("//main//a[contains(@href, '/answer')]/@href")
        assert "What price for Nagoya? And the price?" in client.get(write).text


def test_all_kept_questions_are_found_page_by_page_and_by_words(tmp_path: Path) -> None:
    """The latest first; by words in any case, without their accents, also of what a question follows."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    absent = bot.ask("What price?", language="en")
    texts = [f"Where is house {number}?" for number in range(41)] + ["Où est l’École ?"]
    for one in texts:
        keep_question(bot.settings, absent.model_copy(update={"question": one}), NOW)
    after = {"question": "And when?", "follows": ["Is the school large?"]}
    keep_question(bot.settings, absent.model_copy(update=after), NOW)
    texts.append("And when?")

    def listed(page: HtmlElement) -> list[str]:
        return page.xpath("//section[@id='asked']//li//a/text()")

    with signed_in(bot) as client:
        page, found = shown(client, **DAY), []
        while True:
            found += listed(page)
            older = page.xpath("//p[@class='pb-pages']/a[.='Older']/@href")
            if not older:
                break
            page = html.fromstring(client.get(older[0]).text)
        assert found == texts[::-1]
        assert "41 to 43 of 43" in page.xpath("string(//p[@class='pb-pages'])")
        assert listed(shown(client, page="99", **DAY)) == listed(page)
        assert listed(shown(client, words="ecole OÙ", **DAY)) == ["Où est l’École ?"]
        assert listed(shown(client, words="school", **DAY)) == ["And when?"]
        assert listed(shown(client, words="house 39", **DAY)) == ["Where is house 39?"]
        page = shown(client, words="house", page="2", language="en", **DAY)
        assert len(listed(page)) == 20
        assert page.xpath("string(//input[@name='words']/@value)") == "house"
        assert page.xpath("string(//form[@role='search']/input[@name='language']/@value)") == "en"
        link = page.xpath("//section[@id='asked']//li//a/@href")[0]
        reply = html.fromstring(client.get(link).text)
        (back,) = reply.xpath("//a[contains(@href, '/staff?') and contains(., 'Back')]/@href")
        assert listed(html.fromstring(client.get(back).text)) == listed(page)
        (form,) = reply.xpath("//form[contains(@action, '/staff/reply')]")
        told = dict(form.form_values()) | {"right": "true"}
        assert listed(html.fromstring(client.post(form.get("action"), data=told).text)) == listed(page)
        assert listed(shown(client, words="no such word", **DAY)) == []
        assert [row["Question"] for row in table(client, "asked", words="ecole", **DAY)] == [
            "Où est l’École ?"
        ]
        (last,) = table(client, "asked", words="school", page="2", **DAY)
        assert (last["Question"], last["Questions"]) == ("Is the school large? › And when?", "1")
        assert len(table(client, "asked", **DAY)) == len(texts)
        assert listed(shown(client, page="9" * 5000, **DAY)) == listed(shown(client, page="99", **DAY))
        for odd in ("0", "-1", "x", "²"):
            assert listed(shown(client, page=odd, **DAY)) == listed(shown(client, **DAY))


def test_a_database_of_an_earlier_release_is_taken_over(tmp_path: Path, database: str) -> None:
    """What it lacks is added; what was kept in it stays."""
    if database:
        with psycopg.connect(database) as connection:
            connection.execute("CREATE SCHEMA earlier")
        database += "&options=-csearch_path%3Dearlier"
    bot = bot_with(tmp_path, keep_questions_days=9, records=database)
    answer = bot.ask("What price?", language="en")
    keep_question(bot.settings, answer, NOW)
    lacking = ("questions DROP COLUMN follows", "marked DROP COLUMN follows")
    later = ("questions DROP COLUMN vector", "questions DROP COLUMN asks")
    Records(bot.settings).change(
        text("DROP INDEX ix_questions_asks"),  # type: ignore[arg-type]
        *(text(f"ALTER TABLE {column}") for column in (*lacking, *later)),  # type: ignore[misc]
    )
    for _ in range(2):
        keep_question(bot.settings, answer.model_copy(update={"follows": ["Where?"]}), NOW)
    assert [row["follows"] for row in kept(bot.settings, QUESTIONS)] == [[], ["Where?"], ["Where?"]]
    with signed_in(bot) as client:
        assert [row["Questions"] for row in table(client, "unanswered")] == ["2", "1"]


def test_a_question_in_two_groups_goes_to_that_of_the_first(tmp_path: Path, database: str) -> None:
    """Whichever the database comes upon sooner."""
    if database:
        with psycopg.connect(database) as connection:
            connection.execute("CREATE SCHEMA two")
        database += "&options=-csearch_path%3Dtwo"
    bot = bot_with(tmp_path, keep_questions_days=9, records=database)
    answer = bot.ask("What price?", language="en")
    keep_question(bot.settings, answer, NOW)
    keep_question(bot.settings, answer, NOW)
    of = QUESTIONS.c
    for number, group in ((2, 3), (1, 9)):  # PostgreSQL comes last upon what was changed last
        Records(bot.settings).change(update(QUESTIONS).where(of.id == number).values(asks=group))
    keep_question(bot.settings, answer, NOW)
    asks = Records(bot.settings).rows(select(of.asks).order_by(of.id))
    assert [row.asks for row in asks] == [9, 3, 9]


def test_several_may_take_over_a_database_at_once(tmp_path: Path) -> None:
    """Who comes second waits, and adds nothing twice."""
    settings = bot_with(tmp_path, keep_questions_days=9).settings
    Records(settings).change(text("ALTER TABLE questions DROP COLUMN follows"))  # type: ignore[arg-type]
    with (
        closing(sqlite3.connect(settings.state / "records.sqlite", isolation_level=None)) as first,
        ThreadPoolExecutor(1) as pool,
    ):
        first.execute("BEGIN IMMEDIATE")
        first.execute("ALTER TABLE questions ADD COLUMN follows JSON NOT NULL DEFAULT '[]'")
        second = pool.submit(kept, settings, QUESTIONS)
        assert not wait([second], 0.5).done
        first.execute("COMMIT")
        assert second.result() == []


def test_a_reply_is_marked_on_its_page(tmp_path: Path) -> None:
    """As it is now, with what it follows: right is a golden question, wrong a case, until it is unmarked."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    records = Records(bot.settings)
    asked = bot.ask("When did Vitagora open?", language="en")
    keep_question(bot.settings, asked, datetime.now(UTC))
    with signed_in(bot) as client:
        (link,) = shown(client).xpath("//a[contains(@href, '/staff/reply')]/@href")
        page = html.fromstring(client.get(link).text)
        assert page.xpath("//q/text()") == [asked.question]
        assert texts_of("en").staff.follows_articles in page.text_content()
        assert asked.citations[0].quote in page.text_content()
        form = page.xpath("//form[contains(@action, '/staff/reply')]")[0]
        assert [button.get("value") for button in form.xpath(".//button")] == ["true", "false"]
        told = [(field.get("name"), field.get("value")) for field in form.xpath(".//input")]
        golden = GoldenQuestion(
            question=asked.question,
            language="en",
            answer=asked.short_answer,
            sources=[citation.source for citation in asked.citations],
        )
        for right, also in ((True, False), (False, True)):
            send(client, form, [*told, ("right", str(right).lower())])
            assert marked(records, right=right) == [golden]
            assert marked(records, right=also) == []
        (row,) = table(client, "marked")
        assert (row["What staff say"], row["Question"], row["Outcome"]) == (
            "Wrong",
            asked.question,
            "Answered",
        )
        (link,) = shown(client).xpath("//section[@id='marked']//a[contains(@href, 'marked=')]/@href")
        assert "Marked on" in client.get(link).text
        send(client, form, told)
        assert not marked(records, right=False)
        assert client.get(link).status_code == 404


def test_the_reply_says_what_it_follows(tmp_path: Path) -> None:
    """What staff wrote, with its source; nothing, where the documents don't say."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    absent = bot.ask("What price?", language="en")
    keep_question(bot.settings, absent, datetime.now(UTC))
    source = absent.model_copy(update={"kind": "curated", "generator": CURATED, "related": [HOURS_PAGE]})
    with signed_in(bot) as client:
        assert texts_of("en").staff.follows_nothing in client.get("/staff/reply?question=1&lang=en").text
        bot.ask = lambda *_, **__: source  # type: ignore[method-assign]
        told = html.fromstring(client.get("/staff/reply?question=1&lang=en").text)
        assert texts_of("en").staff.follows_staff in told.text_content()
        assert told.xpath("//main//ol//a/@href") == [HOURS_PAGE.url]


def test_replies_are_for_staff_and_where_questions_are_kept(tmp_path: Path) -> None:
    """A stranger sees and marks none; without kept questions there is nothing to mark."""
    bot = bot_with(tmp_path)
    mark = {"question": "q", "language": "en", "outcome": "answered", "reply": "r", "right": "true"}
    with TestClient(api_of(bot), HERE) as client:
        assert "Password" in client.get("/staff/reply?question=1&lang=en").text
        assert client.post("/staff/reply", data=mark).status_code == 403
        client.post("/staff", data={"password": PASSWORD})
        assert client.post("/staff/reply", data=mark).status_code == 200
        for query in ("question=1", "marked=1", "question=x", "question=99999999999", ""):
            assert client.get(f"/staff/reply?{query}").status_code == 404
    assert kept(bot.settings, MARKED) == []


def test_marks_outlive_questions_and_end_with_keeping_them(tmp_path: Path) -> None:
    """As the privacy page says."""
    settings = bot_with(tmp_path / "bot", keep_questions_days=1, state=tmp_path).settings
    keep_mark(Records(settings), Mark(question="q", language="en", outcome="answered", reply="r", right=True))
    assert Records(settings).purge(today=TODAY + timedelta(days=900)) == 0
    assert Records(Settings(state=tmp_path, staff_password_hash=SecretStr(HASH))).purge() == 1


# ---- Answers of staff ----------------------------------------------------------------------------

OWN = {
    "questions": "Quels sont vos horaires ?\r\n\r\nWhat are your opening hours?",
    "languages": ["fr", "en"],
    "texts": ["De 9 h à 17 h.\r\nFermé en août.", "9 a.m. to 5 p.m. <b>"],
    "source": "https://www.example.org/horaires",
    "expires": "",
}


def written(client: TestClient, **changed: object) -> httpx.Response:
    return client.post("/staff/answer?lang=en", data=OWN | changed, follow_redirects=False)


def form(client: TestClient, address: str) -> tuple[HtmlElement, dict[str, list[str]]]:
    """Return a form and what it would send as it stands."""
    response = client.get(address)
    assert response.status_code == 200
    (found,) = html.fromstring(response.text).xpath("//form[contains(@action, '/staff/answer')]")
    fields: dict[str, list[str]] = {}
    for name, value in found.form_values():
        # As browsers do, which leave out the line break that a text area begins with.
        fields.setdefault(name, []).append(value.removeprefix("\n"))
    return found, fields


def test_an_answer_is_written_changed_ended_and_removed(tmp_path: Path, database: str) -> None:
    """The form comes back as it was filled in; the list says where each answer is from, and until when."""
    bot = bot_with(tmp_path, curated=tmp_path / "curated.toml", records=database)
    (tmp_path / "curated.toml").write_text(
        '[[answer]]\nquestions = ["Where are you?"]\nsource = "https://www.example.org/"\n'
        '[answer.text]\nen = "In Paris."\n'
    )
    with signed_in(bot) as client:
        _, empty = form(client, "/staff/answer?lang=en")
        assert (empty["questions"], empty["languages"]) == ([""], ["fr", "ja", "en", "ko"])
        location = written(client).headers["location"]
        assert location == "/staff?lang=en&done=saved#answers"
        (said,) = html.fromstring(client.get(location).text).xpath(
            "//section[@id='answers']//*[@role='status']"
        )
        assert said.text == "The answer is saved."
        assert not shown(client, done="title").xpath("//*[@role='status']"), "nobody puts words there"
        (link,) = shown(client).xpath("//section[@id='answers']//a[contains(@href, 'answer=')]/@href")
        _, told = form(client, link)
        assert told["questions"] == ["Quels sont vos horaires ?\nWhat are your opening hours?"]
        assert told["texts"] == ["De 9 h à 17 h.\nFermé en août.", "", "9 a.m. to 5 p.m. <b>", ""]
        own, of_file = table(client, "answers")
        assert (own["Written on"], of_file["Written on"]) == (TODAY.isoformat(), "In the file curated.toml")
        assert own["Answer"].startswith("De 9 h"), "in the order in which they were written"
        past = (TODAY - timedelta(days=1)).isoformat()
        assert client.post("/staff/answer", data=told | {"expires": [past]}).status_code == 200
        assert table(client, "answers")[0]["Last day"] == past
        assert "expired on" in shown(client).xpath("string(//section[@id='answers'])")
        (link,) = shown(client).xpath("//section[@id='answers']//a[contains(@href, 'answer=')]/@href")
        opened, told = form(client, link)
        assert opened.xpath(".//details/summary/text()") == ["Remove"]
        (button,) = opened.xpath(".//details//button[@name='remove']")
        assert button.text == "Yes, remove", "one press deletes nothing"
        removed = client.post("/staff/answer?lang=en", data=told | {"remove": ["true"]})
        assert "The answer is removed." in removed.text
        assert [row["Question"] for row in table(client, "answers")] == ["Where are you?"]
        assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"questions": " \r\n"}, "questions"),
        ({"questions": "where are YOU?"}, "questions"),
        ({"texts": [" ", ""]}, "texts"),
        ({"source": "javascript:alert(1)"}, "source"),
        ({"expires": "tomorrow"}, "expires"),
    ],
)
def test_what_the_file_may_not_say_the_form_may_not_either(
    tmp_path: Path, changed: dict[str, object], field: str
) -> None:
    """It comes back filled in, with what isn't right beside its field; nothing is kept."""
    bot = bot_with(tmp_path, curated=tmp_path / "curated.toml")
    (tmp_path / "curated.toml").write_text(
        '[[answer]]\nquestions = ["Where are you?"]\nsource = "https://www.example.org/"\n'
        '[answer.text]\nen = "In Paris."\n'
    )
    with signed_in(bot) as client:
        refused = written(client, **changed)
        page = html.fromstring(refused.text)
        (told,) = page.xpath("//*[@role='alert']")
        marked_fields = page.xpath("//*[@aria-invalid='true']")
        assert (refused.status_code, {each.get("name") for each in marked_fields}) == (422, {field})
        assert all(told.get("id") in each.get("aria-describedby").split() for each in marked_fields)
        assert page.xpath("//input[@name='languages']/@value") == ["fr", "ja", "en", "ko"]
        (tmp_path / "curated.toml").write_text("[[answer]\n")
        assert table(client, "answers") == []


def test_an_answer_begins_with_a_question_that_has_none(tmp_path: Path) -> None:
    """From its group, with its wordings, and from its reply; its words stand in no address."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    for asked in ("What price?", "What is the price?", "What price?"):
        keep_question(bot.settings, bot.ask(asked, language="en"), datetime.now(UTC))
    with signed_in(bot) as client:
        page = shown(client)
        link, _ = page.xpath("//a[starts-with(., 'Write an answer –')]/@href")
        assert "price" not in link
        questions = form(client, link)[1]["questions"][0].splitlines()
        assert questions == ["What price?", "What is the price?"], "the other wordings of its group, too"
        reply = page.xpath("//a[contains(@href, '/staff/reply')]/@href")[0]
        (link,) = html.fromstring(client.get(reply).text).xpath("//main//a[contains(@href, '/answer')]/@href")
        assert form(client, link)[1]["questions"] == ["\n".join(questions)]
        assert client.get("/staff/answer?question=99").status_code == 404


def test_the_commonest_question_leads_its_group(tmp_path: Path) -> None:
    """Of those asked as often, that nearest to all the others, whichever was asked first."""
    bot, of = bot_with(tmp_path, keep_questions_days=9), QUESTIONS.c
    vectors = {"What fee?": (1, 0), "What price?": (0.8, 0.6), "How dear is it?": (0.5, 0.87)}
    for asked, leads in ((list(vectors), "What price?"), (["How dear is it?"], "How dear is it?")):
        for question in asked:
            keep_question(bot.settings, bot.ask(question, language="en"), datetime.now(UTC))
        for question, vector in vectors.items():
            of_group = {"asks": 7, "vector": np.array(vector, "<f2").tobytes()}
            Records(bot.settings).change(update(QUESTIONS).where(of.question == question).values(of_group))
        with signed_in(bot) as client:
            (group,) = table(client, "unanswered")
            assert group["Question"] == leads


def test_a_group_opens_and_says_when_it_has_been_answered(tmp_path: Path) -> None:
    """Each wording is there, on the page and in the file; those that staff's answer is given to come last."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    for asked in ("What price?", "What is the price?", "What price?", "Where is the pool?"):
        keep_question(bot.settings, bot.ask(asked, language="en"), datetime.now(UTC))
    with signed_in(bot) as client:
        opened = shown(client).xpath("//section[h2[contains(., 'without')]]//details")
        assert [each.xpath("string(.//q)") for each in opened] == ["What is the price?"]
        price, pool = table(client, "unanswered")
        assert (price["Question"], price["Other wordings"]) == ("What price?", "1 × What is the price?")
        assert price["Written by staff"] == pool["Written by staff"] == ""
        written(client, questions="what is the price?")
        others, answered = table(client, "unanswered")[:2], table(client, "unanswered")[2]
        assert [one["Question"] for one in others] == ["What price?", "Where is the pool?"]
        assert [one["Written by staff"] for one in others] == ["", ""]
        assert answered["Question"] == "What is the price?"
        assert answered["Written by staff"] == TODAY.isoformat()
        last = shown(client).xpath("//section[h2[contains(., 'without')]]/ol/li")[-1]
        assert "Answered by your team since" in last.text_content()
        assert last.xpath(".//a[contains(@href, 'answer=')]")
        assert not last.xpath(".//a[contains(@href, 'question=')]")


@pytest.mark.parametrize("source", ["", "http://intranet.example.org/horaires"])
def test_an_answer_needs_no_source_and_takes_any_web_address(tmp_path: Path, source: str) -> None:
    """What no page says can be answered, too; the form says which addresses it takes."""
    with signed_in(bot_with(tmp_path)) as client:
        assert "beginning with https:// or http://" in client.get("/staff/answer?lang=en").text
        assert written(client, source=source).status_code == 303
        assert [row["Source"] for row in table(client, "answers")] == [source]


def test_a_question_is_filed_in_its_own_language(tmp_path: Path) -> None:
    """Where staff have no answer in that language, too, and theirs is shown in another."""
    bot = bot_with(tmp_path, keep_questions_days=9)
    records = Records(bot.settings)
    answer = bot.ask("開館時間を教えてください。", language="fr").model_copy(update={"kind": "curated"})
    for page in ("ja", "fr", ""):
        keep(records, Ended("answered", 0.005, page, answer), NOW)
    for table_of in (QUESTIONS, COUNTS):
        assert [row["language"] for row in kept(bot.settings, table_of)] == ["ja", "ja", "ja"]


def test_an_answer_can_be_tried_before_it_is_kept(
    tmp_path: Path, small_settings: Settings, model: EmbeddingModel
) -> None:
    """It names the kept questions that it would be given to, and near ones to which it would not."""
    settings = small_settings.model_copy(
        update={"staff_password_hash": SecretStr(HASH), "state": tmp_path, "keep_questions_days": 9}
    )
    bot = Partnerbot.of(settings, model, writes=False)
    asked = ["What are the opening hours?", "What are your opening hours on Sunday?", "Who is the mayor?"]
    with signed_in(bot) as client:
        for earlier in (False, True):
            if earlier:  # what an earlier release kept has no vector
                keep_question(settings, bot.ask(asked[0], language="en"), datetime.now(UTC))
                Records(settings).change(update(QUESTIONS).values(vector=None, asks=None))
            page = html.fromstring(written(client, attempt="true").text)
            assert page.xpath("//section[@id='tried']/p")
            assert not page.xpath("//section[@id='tried']/ul")
        for question in asked:
            keep_question(settings, bot.ask(question, language="en"), datetime.now(UTC))
        page = html.fromstring(written(client, attempt="true").text)
        given, others = page.xpath("//section[@id='tried']/ul")
        assert given.xpath(".//q/text()") == asked[:1]
        assert others.xpath(".//q/text()") == asked[1:]
        assert page.xpath("string(//textarea[@name='questions'])").strip() == "\n".join(
            line for line in str(OWN["questions"]).splitlines()
        )
        assert table(client, "answers") == []
        wrong = written(client, attempt="true", questions="")
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)


def test_what_an_address_cant_say_is_told_and_days_are_put_in_order(tmp_path: Path) -> None:
    """A French spreadsheet gets semicolons and decimal commas."""
    bot = bot_with(tmp_path)
    with signed_in(bot) as client:
        client.post("/api/ask", json={"question": "Quand Vitagora ?"})
        assert not shown(client).xpath("//p[@role='alert']")
        page = html.fromstring(client.get("/staff?lang=en&since=tomorrow").text)
        assert "left out" in page.xpath("string(//p[@role='alert'])")
        backwards = {"since": TODAY.isoformat(), "until": (TODAY - timedelta(days=3)).isoformat()}
        assert len(table(client, "days", **backwards)) == 4
        first, *times = client.get("/staff/times.csv?lang=fr").text.splitlines()
        assert first == "\ufeffPart des questions;Secondes au plus"
        assert all(re.fullmatch(r"\d+ %;\d+,\d+", line) for line in times)


def test_strangers_write_no_answers(tmp_path: Path) -> None:
    """Nor does another site."""
    bot = bot_with(tmp_path)
    with TestClient(api_of(bot), HERE) as client:
        assert written(client).status_code == 403
        assert "Password" in client.get("/staff/answer?lang=en").text
    with signed_in(bot) as client:
        stranger = {"Origin": "https://stranger.example"}
        assert client.post("/staff/answer", data=OWN, headers=stranger).status_code == 403
        assert table(client, "answers") == []


def test_an_answer_is_given_by_every_replica_from_then_on(
    tmp_path: Path, small_settings: Settings, model: EmbeddingModel
) -> None:
    """To what asks the same; until it is changed or removed, and as long as the database is away."""
    settings = small_settings.model_copy(
        update={"staff_password_hash": SecretStr(HASH), "state": tmp_path, "keep_questions_days": 9}
    )
    here, there = (Partnerbot.of(settings, model, writes=False) for _ in range(2))
    other = Partnerbot.of(
        settings.model_copy(update={"staff_password_hash": SecretStr("")}), model, writes=False
    )
    asked = "What are the opening hours?"
    assert there.ask(asked).kind != "curated"
    keep_question(settings, there.ask(asked), datetime.now(UTC))
    with signed_in(here) as client:
        written(client)
        for bot in (here, there):
            wait_until(lambda bot=bot: bot.ask(asked).kind == "curated", "the answer is given")
        assert there.ask(asked).answer == "9 a.m. to 5 p.m. <b>"
        assert there.ask("What are the opening hours in 2019?").kind != "curated"
        assert other.ask(asked).kind != "curated", "where there is no page, nobody could see or remove it"
        told = html.fromstring(client.get("/staff/reply?question=1&lang=en").text)
        assert told.xpath("//main//a[contains(@href, 'answer=1')]/text()") == ["Quels sont vos horaires ?"]
        written(client, id="1", texts=["", "By appointment."])
        wait_until(lambda: there.ask(asked).answer == "By appointment.", "the change is given")
        (tmp_path / "records.sqlite").rename(tmp_path / "away")
        (tmp_path / "records.sqlite").mkdir()
        time.sleep(1.1)
        assert there.ask(asked).answer == "By appointment."


@pytest.mark.parametrize("language", languages())
def test_every_kind_and_outcome_has_a_word(language: str) -> None:
    """A kind that is new would otherwise stop the page."""
    words = vars(texts_of(language).staff)
    assert [kind for kind in get_args(Kind) if kind != "conversation" and f"kind_{kind}" not in words] == []
    assert [outcome for outcome in OUTCOMES if outcome not in words] == []


# ---- Their parts ---------------------------------------------------------------------------------


def test_the_most_frequent_question_leads_its_group() -> None:
    """Not the first; another subject stays apart."""
    asked = Counter({"What are the opening hours of your office?": 1, "Who founded Kumamoto castle?": 4})
    asked |= Counter({"When is your office open?": 2})
    assert alike(asked) == [
        ["Who founded Kumamoto castle?"],
        ["When is your office open?", "What are the opening hours of your office?"],
    ]
    assert alike(Counter()) == []


def test_each_of_many_questions_is_embedded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many groups each is compared with."""
    embedded, chance = 0, np.random.default_rng(7)

    def run(_: object, _outputs: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        nonlocal embedded
        embedded += len(given["attention_mask"])
        return [chance.standard_normal((len(given["attention_mask"]), 384)).astype(np.float32)]

    monkeypatch.setattr(InferenceSession, "run", run)
    asked = Counter(f"Who lived in house {number}?" for number in range(1, 1031))
    assert len(alike(asked)) == embedded == len(asked)


def test_questions_go_together_by_what_they_ask_in_any_language() -> None:
    """The library's hours aren't hidden below the pool's, nor one year's price below the next's."""
    groups = {
        "pool": ["Quels sont les horaires de la piscine ?", "À quelle heure ouvre la piscine ?"],
        "library": ["Quels sont les horaires de la bibliothèque ?", "horaires de la bibliothèque"],
        "price": ["prix d'entrée de la piscine", "How much is the entrance to the pool?"],
        "place": ["Où se trouve la piscine ?", "Where is the swimming pool?"],
        "2025": ["Quel était le budget du service en 2025 ?", "２０２５年の予算は？"],
        "2026": ["Quel sera le budget du service en 2026 ?"],
        "mayor": ["Qui est le maire ?", "市長は誰ですか", "Who is the mayor?"],
        "deputy": ["副市長は誰ですか"],
        "Takayama": ["高山市長は誰ですか", "Qui est le maire de Takayama ?"],
        "Takaoka": ["高岡市長は誰ですか"],
        "passport": ["Combien coûte un passeport ?", "How much is a passport?"],
        "identity card": ["Combien coûte une carte d’identité ?"],
        "enrol": ["Comment inscrire mon enfant à l’échange ?"],
        "withdraw": ["Comment désinscrire mon enfant de l’échange ?"],
        "water": ["Quand a été signée la convention sur l’eau ?"],
        "waste": ["When was the waste agreement signed?"],
        "committee": ["Qui préside le comité de jumelage ?", "Who chairs the twinning committee?"],
        "delegation": ["訪問団の団長は誰ですか"],
    }
    found = alike(Counter(question for group in groups.values() for question in group))
    about = {question: name for name, group in groups.items() for question in group}
    assert [group for group in found if len({about[question] for question in group}) > 1] == []
    assert sorted(question for group in found for question in group) == sorted(about)
    assert len(found) <= len(groups) + 3  # what is in doubt stands alone


def test_a_workbook_takes_whatever_stands_in_its_cells() -> None:
    """Signs that XML has none for go, numbers stay numbers, a name is no longer than Excel allows."""
    content = as_xlsx({"A & <B>" + "n" * 40: (("=x", "y"), [("a\x00\ud800é\n<b>", 2.5), ("z" * 40_000, 7)])})
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert workbook.sheet_names == ["A & <B>" + "n" * 24]
    columns, first, second = workbook.get_sheet_by_index(0).to_python()
    assert columns == ["=x", "y"]
    assert first == ["aé\n<b>", 2.5]
    assert (len(str(second[0])), second[1]) == (32_767, 7)


def test_days_out_of_reach_are_brought_within_it() -> None:
    """No address makes the page count days that nothing is kept of."""
    today = date(2026, 3, 10)
    assert Chosen.of({}, today) == Chosen(date(2026, 2, 9), today)
    assert Chosen.of({"since": "2026-03-12", "until": "2026-03-01"}, today).since == date(2026, 3, 1)
    assert len(Chosen.of({"since": "0001-01-01"}, today).days) == COUNTED_DAYS
