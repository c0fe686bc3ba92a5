"""axe-core over every state of the chat, and a visit by keyboard alone.

`make accessibility` runs the whole matrix and writes what the accessibility statement says was tested.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browsing import SIZES, Visitor, visiting
from combinations import one_of
from partnerbot.web.statements import RESULTS
from scripted_bot import ScriptedBot
from serving import serving
from twin_towns import list_twin_towns

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGES = ("fr", "ja", "en", "ko")
SCHEMES = ("light", "dark")
EVERY = [*product(LANGUAGES, SCHEMES, SIZES)]
BY_DEFAULT = {
    ("fr", "light", "phone"),
    ("ja", "dark", "desk"),
    ("ko", "dark", "landscape"),
    ("en", "light", "tablet"),
}
STATED = json.loads(RESULTS.read_text("utf-8"))
"""What the server says in this run: the whole matrix writes what the next one will."""

QUESTIONS = {
    "fr": ("Quand Vitagora ?", "Quel prix ?", "offline ?", "Quelles étapes ?", "Bonjour"),
    "ja": ("ヴィタゴラはいつ？", "切符はいくら？", "offlineですか？", "手順は？", "こんにちは"),
    "en": ("When did Vitagora open?", "What price?", "What if offline?", "What steps?", "Hello"),
    "ko": ("Vitagora는 언제?", "얼마입니까?", "offline입니까?", "절차는?", "안녕하세요"),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    bot = ScriptedBot(tmp_path_factory.mktemp("bot"))
    list_twin_towns(bot, 12)
    with serving(bot) as address:
        yield address


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong, as "rule: where"."""
    # All that it finds right would be some megabytes, too.
    wanted = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=wanted).response
    return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]


def states(visitor: Visitor, language: str) -> Iterator[str]:
    """Bring the page into one state after the other, and name each."""
    visitor.page.add_init_script(
        "self.Translator = { availability: async () => 'available',"
        " create: async () => ({ translate: async () => 'x', destroy() {} }) }"
    )
    page = visitor.open(language)
    yield "empty"
    answered, absent, failed, several, greeting = QUESTIONS[language]
    visitor.ask(answered)
    yield "answer"
    page.locator(".pb-cite").first.click()
    expect(page.locator("#evidence mark").first).to_be_visible()
    yield "source"
    page.go_back()
    expect(page.locator("#evidence")).to_be_hidden()
    page.locator(".pb-not-useful").last.click()
    expect(page.locator("#feedback")).to_be_visible()
    yield "feedback"
    page.locator("#feedback .pb-cancel").click()
    visitor.ask(absent)
    yield "not in the documents"
    visitor.ask(failed)
    yield "error"
    visitor.page.locator("#clear").click()
    expect(page.locator(".pb-welcome")).to_be_visible()
    visitor.ask(several)
    page.locator(".pb-translate").first.click()
    expect(page.locator(".pb-translation")).to_be_visible()
    yield "several parts, one translated"
    visitor.ask(greeting)
    yield "greeting"
    page.goto(f"{visitor.address}/partnerships?lang={language}")
    page.locator("tbody[id] summary").first.click()
    page.locator(".pb-see").first.click()
    expect(page.locator("#evidence mark").first).to_be_visible()
    yield "partnerships, a source open"


@pytest.fixture(scope="module")
def looked_at() -> dict[tuple[str, str, str], dict[str, list[str]]]:
    """What was found in each state, by combination."""
    return {}


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [pytest.param(*each, marks=() if each in BY_DEFAULT else pytest.mark.thorough) for each in EVERY],
)
def test_no_state_has_a_violation(
    visit: Callable[..., Visitor],
    looked_at: dict[tuple[str, str, str], dict[str, list[str]]],
    language: str,
    scheme: str,
    size: str,
) -> None:
    """Every language, size and scheme, in every state; the last of them writes the statement's figures."""
    visitor = visit(size, scheme)
    found = {state: violations(visitor.page) for state in states(visitor, language)}
    looked_at[language, scheme, size] = found
    if len(looked_at) == len(EVERY):
        every = [wrong for states_ in looked_at.values() for wrong in states_.values()]
        results = {
            "tested": datetime.now(UTC).date().isoformat(),
            "axe": Axe().run(visitor.page).response["testEngine"]["version"],
            "chromium": visitor.page.context.browser.version if visitor.page.context.browser else "",
            "states": len(every),
            "violations": sum(map(len, every)),
        }
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    assert not any(found.values()), found


def test_the_page_before_the_chat_is_there_has_no_violation(visit: Callable[..., Visitor]) -> None:
    """On a slow network that is what one sees first."""
    visitor = visit("phone", "dark")
    page = visitor.page
    page.route("**/static/gradio/index-*.js", lambda _: None)
    page.goto(f"{visitor.address}/ja", wait_until="commit")
    page.locator("#early textarea").wait_for()
    assert violations(page) == []


def test_a_whole_visit_by_keyboard(visit: Callable[..., Visitor]) -> None:
    """Ask, open the source, read on in it, close it, copy, go on: each step's focus can be seen."""
    visitor = visit()
    page = visitor.open("fr")

    def tab_to(selector: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert style != "none", f"{selector} has no visible focus"
                return
        pytest.fail(f"Tab does not reach {selector}")

    page.keyboard.press("Tab")
    expect(page.locator(".pb-skip")).to_be_focused()
    page.keyboard.press("Enter")
    box = page.locator("#question textarea")
    expect(box).to_be_focused()
    assert box.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.type("Quand Vitagora ?")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-answered")).to_be_visible()
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(page.locator("#announcer")).to_contain_text("2020")
    page.locator(".pb-skip").focus()
    tab_to(".pb-cite")
    page.keyboard.press("Enter")
    expect(page.locator("#evidence h2")).to_be_focused()
    tab_to("#evidence .pb-open")
    page.keyboard.press("Escape")
    expect(page.locator(".pb-cite").first).to_be_focused()
    tab_to(".pb-copy")
    tab_to(".pb-useful")
    tab_to(".pb-suggestion")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-answered")).to_have_count(2)


@pytest.mark.parametrize("language", one_of(LANGUAGES, "fr"))
def test_at_320_pixels_and_at_twice_the_size_nothing_is_cut_off(
    browser: Browser, address: str, language: str
) -> None:
    """The page reflows: no sideways scrolling, and the box for the question stays in view."""
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.set_viewport_size({"width": 320, "height": 512})
        visitor.open(language)
        visitor.ask(QUESTIONS[language][0])
        for width, text_size in ((320, "100%"), (640, "200%")):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", text_size)
            wide = page.evaluate(
                """() => [...document.querySelectorAll("body *")].filter((part) => part.checkVisibility()
                    && !part.closest(".pb-unseen, .pb-skip, #announcer")
                    && part.getBoundingClientRect().right > innerWidth + 1)
                    .map((part) => part.outerHTML.slice(0, 90))"""
            )
            assert wide == [], (width, text_size)
            expect(page.locator("#question textarea")).to_be_in_viewport()


@pytest.mark.parametrize("language", one_of(LANGUAGES, "ja"))
def test_the_statement_says_what_was_tested(visit: Callable[..., Visitor], language: str) -> None:
    """In the reader's language, with the figures of the last run; without a violation itself."""
    visitor = visit("phone")
    page = visitor.page
    page.goto(f"{visitor.address}/accessibility/{language}")
    assert page.locator("html").get_attribute("lang") == language
    text = page.locator("main").inner_text()
    assert str(STATED["states"]) in text
    assert STATED["axe"] in text
    assert violations(page) == []
