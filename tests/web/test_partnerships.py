"""The list of partnerships, as page and as data: what it says, what one can choose, and who sees it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from lxml import html
from lxml.html import HtmlElement
from pydantic import ValidationError

from partnerbot.answering.answer import Answer, Citation, Point
from partnerbot.answering.from_register import REGISTER
from partnerbot.appearance import Appearance
from partnerbot.bot import Partnerbot
from partnerbot.cli import main
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.register.mining import mine_all
from partnerbot.register.rows import Register
from partnerbot.settings import Settings
from partnerbot.web.app import create_app
from partnerbot.web.page_texts import texts_of
from partnerbot.web.render import Renderer
from scripted_bot import ScriptedBot
from serving import api_of
from small_corpus import article, write_corpus
from twin_towns import list_twin_towns

HERE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> ScriptedBot:
    """A bot whose documents tell of 40 partnerships."""
    bot = ScriptedBot(tmp_path_factory.mktemp("listed"))
    list_twin_towns(bot, 40)
    return bot


@pytest.fixture(scope="module")
def client(bot: ScriptedBot) -> Iterator[TestClient]:
    with TestClient(api_of(bot), HERE) as client:
        yield client


def page(client: TestClient, **query: str) -> HtmlElement:
    """Return the page in French, unless the query says otherwise."""
    response = client.get(f"/partnerships?{urlencode({'lang': 'fr'} | query)}")
    assert response.status_code == 200
    return html.fromstring(response.text)


def rows(shown: HtmlElement) -> dict[str, list[str]]:
    """Return the rows of a page by their keys, as one reads them."""
    return {
        row.get("id"): [" ".join(cell.text_content().split()) for cell in row.xpath("tr[1]/td")]
        for row in shown.xpath("//tbody[@id]")
    }


def data(client: TestClient, **query: str) -> list[dict[str, Any]]:
    found = client.get("/api/partnerships", params=query)
    assert found.status_code == 200, found.text
    assert found.json()["count"] == len(found.json()["partnerships"])
    partnerships: list[dict[str, Any]] = found.json()["partnerships"]
    return partnerships


def table(client: TestClient, **query: str) -> list[dict[str, str]]:
    response = client.get("/api/partnerships", params={"format": "csv", **query})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.text.startswith("\ufeff"), "Excel would take it for another encoding"
    parted_by = ";" if query.get("lang", "fr") == "fr" else ","
    return list(csv.DictReader(io.StringIO(response.text[1:], newline=""), delimiter=parted_by))


def test_a_row_says_what_the_documents_state_in_the_readers_language(client: TestClient) -> None:
    """Names, kind, fields, and the most trusted date; another stands with its quote, and for what it is."""
    key = "fr-city-autun--jp-city-kawagoe"
    shown = page(client)
    french = rows(shown)
    assert len(french) == 40
    assert french[key][:3] == ["Autun", "Kawagoe", "amitié"]
    assert french[key][3] == "1995"
    (stated,) = (row for row in shown.xpath("//tbody[@id]") if row.get("id") == key)
    assert "Depuis\u00a0: 1995" in stated.text_content()
    assert "Autre date citée\u00a0: 12 avril 1996" in stated.text_content()
    assert "Depuis\u00a0: 12 avril 1996" not in stated.text_content()
    japanese = rows(page(client, lang="ja"))[key]
    assert japanese[:3] == ["オータン", "川越市", "友好都市"]
    assert "1995年" in japanese[3]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"place": "de-city-augsburg"}, 2),
        ({"place": "アウクスブルク"}, 2),
        ({"country": "FR"}, 30),
        ({"region": "JP-11"}, 1),
        ({"kind": "friendship"}, 10),
        ({"field": "food", "country": "FR"}, 8),
        ({"since_from": "1990", "since_to": "1999"}, 4),
        ({"place": "de-city-augsburg", "country": "FR"}, 0),
        ({"place": "Atlantis"}, 0),
    ],
)
def test_page_api_and_csv_choose_the_same_rows(client: TestClient, query: dict[str, str], count: int) -> None:
    """Whatever is asked for, by key or by a name in any language."""
    keys = {row["key"] for row in data(client, **query)}
    assert len(keys) == count
    assert set(rows(page(client, **query))) == keys
    assert {row["key"] for row in table(client, **query)} == keys


def test_what_a_form_leaves_empty_chooses_nothing(client: TestClient) -> None:
    """A browser sends every field; a date that is none is refused by the API only."""
    assert len(rows(page(client, place="", kind="", since_from="", since_to=""))) == 40
    assert len(rows(page(client, since_from="hier"))) == 40
    assert client.get("/api/partnerships?since_from=hier").status_code == 422
    assert client.get("/api/partnerships?country=France").status_code == 422
    refused = client.get("/api/partnerships?kind=nope", headers={"Accept-Language": "fr"}).json()["error"]
    assert refused["reason"] == "invalid_request"
    assert refused["message"].startswith("L’adresse a des valeurs qui ne sont pas valables (kind: one of ")
    assert "sister_cities" in refused["message"]


def test_rows_are_sorted_by_any_column_both_ways(client: TestClient) -> None:
    """By name without regard to accents; those without a date come last in both orders of dates."""
    names = [row[0] for row in rows(page(client, country="FR")).values()]
    assert names.index("Digne-les-Bains") < names.index("Évian-les-Bains") < names.index("Faaa")
    forth, back = (
        [row[3] for row in rows(page(client, country="FR", sort=sort)).values()]
        for sort in ("since", "-since")
    )
    dated = [year for year in forth if year]
    assert forth[: len(dated)] == dated
    assert [year[:4] for year in dated] == sorted(year[:4] for year in dated)
    assert [year[:4] for year in back[: len(dated)]] == [year[:4] for year in reversed(dated)]
    header = page(client, sort="-since").xpath("//th[@aria-sort]")
    assert [(each.text_content(), each.get("aria-sort")) for each in header] == [("Depuis", "descending")]


def test_names_in_hangul_are_in_the_order_of_their_sounds(tmp_path: Path) -> None:
    """And not in that of their Latin letters: 낭시 before 디종, though Dijon is before Nancy."""
    bot = ScriptedBot(tmp_path)
    list_twin_towns(bot, 3)
    named = zip(bot.partnerships.partnerships, ("디종", "투르", "낭시"), strict=True)
    called = [replace(row, a=replace(row.a, names={**row.a.names, "ko": name})) for row, name in named]
    bot.partnerships = Register(tuple(called))
    with TestClient(api_of(bot), HERE) as client:
        shown = [row[0] for row in rows(page(client, lang="ko")).values()]
    assert shown == ["낭시", "디종", "투르"]


def test_partners_of_other_countries_than_most_come_after_all_under_a_head(client: TestClient) -> None:
    """In the table in any order, and in the menu of places, where the countries of most come first."""
    for sort in ("place", "-since"):
        shown = page(client, sort=sort)
        (head,) = shown.find_class("pb-others")
        assert head.text_content().strip() == "Avec d’autres pays"
        before = {row.get("id") for row in head.xpath("preceding-sibling::tbody[@id]")}
        after = {row.get("id") for row in head.xpath("following-sibling::tbody[@id]")}
        assert (len(before), len(after)) == (30, 10)
        assert all(key.startswith("fr-") for key in before)
    countries = page(client).xpath("//select[@name='place']/optgroup/@label")
    assert countries[:2] == ["France", "Japon"]
    assert not page(client, country="FR").find_class("pb-others")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"place": "de-city-augsburg"}, "Augsburg"),
        ({"place": "アウクスブルク"}, "Augsburg"),
        ({"place": "Atlantis"}, "Atlantis"),
        ({"country": "US"}, "US"),
        ({"region": "JP-11"}, "préfecture de Saitama"),
        ({"region": "JP-99"}, "JP-99"),
        ({"kind": "planned"}, "en projet"),
        ({"kind": "twinned_ports"}, "twinned_ports"),
        ({"field": "gastronomy"}, "gastronomy"),
        ({"since_from": "1990-04-01"}, "1990-04-01"),
        ({"since_to": "1999"}, "1999"),
    ],
)
def test_the_form_shows_what_an_address_has_chosen(
    client: TestClient, query: dict[str, str], shown: str
) -> None:
    """Also by a name, or by words that nothing fits; sent as it is, it chooses the same."""
    chosen = page(client, **query)
    (name,) = query
    field = chosen.forms[0].inputs[name]
    if field.tag == "select":
        assert [option.text_content() for option in field.xpath(".//option[@selected]")] == [shown]
    else:
        assert field.get("value") == shown
        assert field.type == ("number" if len(shown) == 4 else "text"), "a browser leaves it empty"
    again = page(client, **dict(chosen.forms[0].form_values()))
    assert rows(again) == rows(chosen)


def test_links_go_on_from_what_is_chosen(client: TestClient) -> None:
    """A place, another order, another language, the CSV: each keeps the filters; all without script."""
    shown = page(client, country="FR", sort="since")
    shown.make_links_absolute(f"{HERE}/partnerships")
    for link in shown.xpath("//main//th/a/@href | //tbody[1]//td/a/@href | (//svg//a)[1]/@href"):
        assert set(rows(html.fromstring(client.get(link).text))) <= set(rows(shown)), link
    japanese = shown.xpath("//nav//a[@hreflang='ja']/@href")[0]
    assert set(rows(html.fromstring(client.get(japanese).text))) == set(rows(shown))
    form = shown.forms[0]
    assert form.method == "GET"
    assert dict(form.form_values()) | {"place": ""} == {
        "lang": "fr", "sort": "since", "place": "", "country": "FR", "kind": "", "field": "",
        "since_from": "", "since_to": "", "region": "",
    }  # fmt: skip


def test_every_quote_is_verbatim_and_opens_its_source(bot: ScriptedBot, client: TestClient) -> None:
    """In the data by its offsets; on the page by a link to where it is marked in its document."""
    for row in data(client):
        assert {what for quote in row["citations"] for what in quote["supports"]} >= {"pair", "kind"}
        for quote in row["citations"]:
            document = bot.document_text(quote["source"])
            assert document.page_content[quote["start"] : quote["end"]] == quote["quote"]
    details = page(client, place="fr-city-brest").xpath("//tbody//details")[0]
    assert "Brest et Yokosuka" in details.xpath(".//blockquote")[0].text_content()
    assert "Domaine\u00a0: culture" in details.text_content()
    assert "Depuis\u00a0: 2009" in details.text_content()
    source = html.fromstring(client.get(details.xpath(".//a/@href")[0]).text)
    assert details.xpath(".//blockquote")[0].text_content() in source.xpath("//mark")[0].text_content()


def test_names_can_neither_be_markup_nor_formulas(tmp_path: Path) -> None:
    """Whatever a document calls a place, it is shown as it is, and no spreadsheet calculates it."""
    bot = ScriptedBot(tmp_path / "bot")
    list_twin_towns(bot, 1)
    (row,) = bot.partnerships.partnerships
    hostile = replace(row.a, names={"fr": '=HYPERLINK("https://x.example")<script>alert(1)</script>'})
    bot.partnerships = Register((replace(row, a=hostile),))
    with TestClient(api_of(bot), HERE) as client:
        shown = page(client)
        assert next(iter(rows(shown).values()))[0] == hostile.names["fr"]
        assert not [each for each in shown.xpath("//script") if not each.get("type")]
        assert table(client, lang="fr")[0]["partner_1"] == f"'{hostile.names['fr']}"


def test_without_partnerships_there_is_no_page_and_no_link_to_one(tmp_path: Path) -> None:
    """The API says that there are none; once there are some, the chat links to them."""
    bot = ScriptedBot(tmp_path / "bot")
    with TestClient(create_app(bot, chats=["fr"]), HERE) as client:
        missing = client.get("/partnerships")
        assert missing.status_code == 404
        assert "text/html" in missing.headers["content-type"]
        assert data(client) == []
        assert "/partnerships" not in client.get("/fr").text
        list_twin_towns(bot, 3)
        page = html.fromstring(client.get("/fr").text)
        # Without script, too: it needs none.
        assert len(page.xpath("//a[@href='/partnerships?lang=fr']")) == 2
        assert page.xpath("//noscript//a/@href")[-1] == "/partnerships?lang=fr"


def test_behind_a_proxy_every_address_begins_with_its_path(tmp_path: Path) -> None:
    """Or is relative to the page."""
    bot = ScriptedBot(tmp_path / "bot", public_url="https://www.example.org/chat")
    list_twin_towns(bot, 5)
    with TestClient(create_app(bot, chats=()), "https://www.example.org/chat") as client:
        shown = html.fromstring(client.get("/partnerships").text)
        addresses = {link for _, _, link, _ in shown.iterlinks()} | {shown.forms[0].action}
        assert [each for each in addresses if not each.startswith(("/chat/", "#", "?"))] == []


def test_without_an_index_both_say_when_to_come_back(tmp_path: Path) -> None:
    """503, in words for people and for programs."""
    bot = ScriptedBot(tmp_path / "bot", index_ready=False)
    with TestClient(api_of(bot), HERE) as client:
        assert client.get("/partnerships").status_code == 503
        assert client.get("/api/partnerships").json()["error"]["reason"] == "unavailable"


def test_what_a_real_index_states_is_shown_and_printed(
    tmp_path: Path,
    model: EmbeddingModel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Mined from the documents, corrected by staff: on the page, by the API and on the command line."""
    said = "Rennes et Sendai sont jumelées depuis le 9 septembre 1967."
    documents = write_corpus(tmp_path / "documents", {"rennes.md": article("Un demi-siècle", said)})
    index = tmp_path / "index"
    build_index(documents, index, model, derive=mine_all)
    monkeypatch.chdir(tmp_path)
    Path("register.csv").write_text(
        "action,a,b,kind,source\nadd,Nancy,Kanazawa,friendship,Lettre du maire\nadd,Brest,,,\n", "utf-8"
    )
    bot = Partnerbot(Settings(documents=documents, index=index), model, load_reader())
    client = TestClient(api_of(bot), HERE)  # not entered: nothing looks for questions to suggest
    shown = page(client)
    assert [row[:4] for row in rows(shown).values()] == [
        ["Nancy", "Kanazawa", "amitié", ""],
        ["Rennes", "Sendai", "jumelage", "9 septembre 1967"],
    ]
    assert "Lettre du maire" in shown.xpath("//tbody//details")[0].text_content()
    as_data = data(client)
    assert [[quote["quote"] for quote in row["citations"]] for row in as_data] == [[], [said]]

    def printed(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["partnerbot", "partnerships", "--index", str(index), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        rejected = shown.err.count("line 3, is left out: a or b is empty")
        assert (rejected, ended.value.code) == (1, 1)
        return shown.out

    assert printed() == "Nancy – Kanazawa · friendship\nRennes – Sendai · sister cities · 1967-09-09\n"
    assert [json.loads(line) for line in printed("--json").splitlines()] == as_data
    table_rows = csv.DictReader(
        io.StringIO(printed("--csv", "--language", "fr").lstrip("\ufeff")), delimiter=";"
    )
    assert [(row["kind"], row["staff_source"]) for row in table_rows] == [
        ("amitié", "Lettre du maire"),
        ("jumelage", ""),
    ]


def test_an_owner_may_want_no_partnerships(
    tmp_path: Path,
    model: EmbeddingModel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No page, data, link, reply, example or word of them; the documents are quoted as ever."""
    said = "Rennes et Sendai sont jumelées depuis le 9 septembre 1967."
    documents = write_corpus(tmp_path / "documents", {"rennes.md": article("Un demi-siècle", said)})
    build_index(documents, tmp_path / "index", model, derive=mine_all)
    monkeypatch.chdir(tmp_path)
    question, words = "Depuis quand Rennes et Sendai sont-elles jumelées ?", texts_of("fr")

    def opened() -> tuple[Partnerbot, TestClient]:
        bot = Partnerbot(Settings(documents=documents, index=tmp_path / "index"), model, load_reader())
        return bot, TestClient(create_app(bot, chats=("fr",)), HERE)

    bot, client = opened()
    assert words.register.title in client.get("/fr").text
    assert bot.ask(question).generator == REGISTER
    assert words.accessibility.covers_partnerships in client.get("/accessibility/fr").text

    Path("appearance.toml").write_text("partnerships = false\n", "utf-8")
    bot, client = opened()
    shown = client.get("/partnerships?lang=fr", headers={"Accept": "text/html"})
    assert (shown.status_code, words.errors.not_found in shown.text) == (404, True)
    assert client.get("/api/partnerships").json()["error"]["reason"] == "not_found"
    assert "/api/partnerships" not in client.get("/api/openapi.json").json()["paths"]
    assert "artenariat" not in client.get("/fr").text
    assert words.accessibility.covers_partnerships not in client.get("/accessibility/fr").text
    answer = bot.ask(question)
    assert (answer.generator, answer.full_list, answer.citations[0].quote) == ("extractive", None, said)
    assert bot.ask("Parlez-moi du partenariat Rennes – Sendai.").generator != REGISTER
    assert not bot.register().partnerships
    monkeypatch.setattr(sys, "argv", ["partnerbot", "partnerships", "--index", "index"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "appearance.toml has partnerships = false" in capsys.readouterr().err


def test_a_reply_leads_to_the_full_list() -> None:
    """With the filters of its question and in the page's language, below the path of the service."""
    citation = Citation(
        number=1, source="a.md", title="A", url=None, language="fr", published=None,
        quote="Brest et Yokosuka.", start=0, end=18, page=None, highlight=None, relevance=1.0,
    )  # fmt: skip
    reply = Answer(
        question="?", language="fr", status="answered", kind="list", answer="1 partenariat [1]",
        short_answer=None, points=[Point(text=citation.quote, citations=[1])], citations=[citation],
        related=[], generator="register", warnings=[], full_list="/partnerships?field=food", timings_ms={},
    )  # fmt: skip
    shown = html.fromstring(
        Renderer("fr", Settings(public_url="https://x.org/chat"), Appearance()).answer(reply, "k")
    )
    assert "/chat/partnerships?field=food&lang=fr" in shown.xpath("//p[@class='pb-links']/a/@href")
    with pytest.raises(ValidationError):
        Answer.model_validate(reply.model_dump() | {"full_list": "//elsewhere.example"})
