"""The page for staff in a browser: without script, on any screen, light and dark, in every language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert
from test_accessibility import violations

from browsing import Visitor, visiting
from partnerbot.evaluation.marks import Mark, keep_mark
from partnerbot.passwords import hashed
from partnerbot.records import FEEDBACK, LINKS, Records
from partnerbot.settings import Settings
from partnerbot.web.records.questions import Ended, keep
from scripted_bot import ScriptedBot
from serving import serving

SCREENSHOTS = Path(__file__).parents[2] / "ci-output" / "screenshots"

PASSWORD = "quatre mots de passe"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that has been asked things for twelve days."""
    folder = tmp_path_factory.mktemp("bot")
    bot = ScriptedBot(folder)
    stated = {"staff_password_hash": hashed(PASSWORD), "keep_questions_days": 60}
    bot.settings = Settings.model_validate(bot.settings.model_dump() | stated)
    records = Records(bot.settings)
    asked = ["Quand Vitagora ?"] * 9 + [
        "Bonjour",
        "ヴィタゴラはいつ？",
        "Quel est le prix du billet pour aller à Nagoya ?",
    ]
    asked += ["新幹線の切符はいくらですか？", "How much is a ticket to Nagoya?"]
    for day in range(12):
        for number, question in enumerate(asked[: 4 + 5 * day % 11]):
            moment, answer = datetime.now(UTC) - timedelta(days=day), bot.ask(question)
            keep(records, Ended(answer.status, number / 50, "", answer), moment)
    word = {
        "time": datetime.now(UTC),
        "day": datetime.now(UTC).date(),
        "useful": False,
        "reason": "incomplete",
        "outcome": "answered",
        "language": "fr",
        "question": asked[0],
        "answer": answer.answer,
        "sources": ["dijon.fr.md"],
    }
    records.change(insert(FEEDBACK).values(word))
    reply = {"question": asked[0], "language": "fr", "outcome": "answered", "reply": answer.answer}
    keep_mark(records, Mark(**reply, right=True))
    link = {
        "address": "https://www.example.org/actualites/2019/une-page-qui-n-est-plus-la",
        "day": word["day"],
    }
    records.change(insert(LINKS).values(**link, failure="the server answers 404."))
    with serving(bot, chats=()) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visitor]]:
    with ExitStack() as open_tabs:

        def _visit(size: str, scheme: str) -> Visitor:
            return open_tabs.enter_context(visiting(browser, address, size, scheme))

        yield _visit


def reads_well(page: Page, name: str) -> None:
    """axe finds nothing, and nothing is cut off on narrow screens."""
    assert violations(page) == []
    page.screenshot(path=SCREENSHOTS / f"staff-{name}.png", full_page=True)
    size = page.viewport_size
    assert size is not None
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size(size)


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("fr", "light", "phone"), ("ja", "dark", "desk"), ("en", "dark", "phone"), ("ko", "light", "desk")],
)
def test_staff_sign_in_read_and_leave(
    visit: Callable[..., Visitor], language: str, scheme: str, size: str
) -> None:
    """Nothing is cut off at 320 pixels, axe finds nothing, and the keyboard is enough."""
    visitor = visit(size, scheme)
    page = visitor.page
    page.goto(f"{visitor.address}/staff?lang={language}")
    assert violations(page) == []
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".pb-bars rect").first).to_be_attached()
    assert page.locator("html").get_attribute("lang") == language
    page.locator("#days summary").click()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    reads_well(page, f"{language}-{size}-{scheme}")
    page.locator("#marked a[href*=reply]").click()
    reads_well(page, f"reply-{language}-{size}-{scheme}")
    page.locator("main a[href*='/staff?']").click()
    page.locator("a[href*='/staff/answer?'][href*=question]").first.click()
    page.locator("textarea[name=texts]").first.fill("De 9 h à 17 h, du lundi au vendredi.")
    page.locator("input[name=source]").fill("ftp://www.example.org/horaires")
    page.locator(".pb-answer button").first.click()
    expect(page.locator("[role=alert]")).to_be_visible()
    visitor.complaints.clear()  # Chromium's word on the status 422
    reads_well(page, f"answer-{language}-{size}-{scheme}")
    page.locator("input[name=source]").fill("https://www.example.org/horaires")
    page.locator("input[name=expires]").fill("2026-01-31")
    page.locator(".pb-answer button").first.click()
    expect(page.locator("#answers li")).to_have_count(1)
    expect(page.locator("#answers [role=status]")).to_be_in_viewport()
    page.locator("#answers").screenshot(path=SCREENSHOTS / f"staff-answers-{language}-{size}-{scheme}.png")
    page.locator("#answers li a").click()
    page.locator(".pb-remove summary").click()
    reads_well(page, f"remove-{language}-{size}-{scheme}")
    page.locator(".pb-answer button[name=remove]").click()
    expect(page.locator("#answers [role=status]")).to_be_in_viewport()
    expect(page.locator("#answers li")).to_have_count(0)
    page.locator(".pb-leave button").click()
    expect(page.locator("input[type=password]")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outcomes_look_different_whatever_the_accent(visit: Callable[..., Visitor], scheme: str) -> None:
    """Each has a colour of its own, and what had no answer is striped in the bars and in their legend."""
    visitor = visit("desk", scheme)
    page = visitor.page
    page.goto(f"{visitor.address}/staff?lang=fr")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".pb-bars rect").first).to_be_attached()
    seen = """accent => {
        document.documentElement.style.setProperty("--accent", accent);
        const colours = [...document.querySelectorAll(".pb-legend li")].map((one) =>
            getComputedStyle(one, "::before")).map((look) => look.backgroundColor + look.backgroundImage);
        const bars = [...document.querySelectorAll(".pb-bars > svg > rect")];
        return [colours, [...new Set(bars.map((bar) => getComputedStyle(bar).fill))]];
    }"""
    (legend, bars), ours = page.evaluate(seen, "#8a1538"), page.evaluate(seen, "#1f4e79")
    assert [legend, bars] == ours
    assert len(set(legend)) == len(legend) == 4
    assert sum("gradient" in look for look in legend) == 1
    assert sum("stripes" in fill for fill in bars) == 1


def test_without_script_days_are_chosen_and_files_downloaded(browser: Browser, address: str) -> None:
    """The page has none."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/staff?lang=en")
    page.fill("input[type=password]", "not this one")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_be_visible()
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.select_option("select[name=outcome]", "not_in_documents")
    today = datetime.now(UTC).date()
    page.fill("input[name=since]", (today - timedelta(days=4)).isoformat())
    page.fill("input[name=until]", today.isoformat())
    page.click(".pb-filters button")
    expect(page.locator("details > .pb-scroll tbody tr")).to_have_count(5)
    with page.expect_download() as file:
        page.click("a[href*='figures.xlsx']")
    assert file.value.suggested_filename.endswith("_figures.xlsx")
    context.close()
