"""The list of partnerships as visitors use it: on any screen, by keyboard, without script, on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browsing import Visitor
from scripted_bot import ScriptedBot
from serving import serving
from twin_towns import list_twin_towns

# Names that lie over another, and those that go beyond the picture.
UNREADABLE = """() => {
  const found = [];
  for (const picture of document.querySelectorAll(".pb-picture > svg")) {
    if (!picture.checkVisibility()) continue;
    const whole = picture.getBoundingClientRect();
    const names = [...picture.querySelectorAll(".pb-name")];
    const named = names.map((name) => [name.textContent, name.getBoundingClientRect()]);
    named.forEach(([text, a], at) => {
      if (a.left < whole.left - 1 || a.right > whole.right + 1) found.push(text);
      const leading = a.height / 3; // above and below the letters
      for (const [other, b] of named.slice(at + 1))
        if (a.left < b.right && b.left < a.right && a.top < b.bottom - leading && b.top < a.bottom - leading)
          found.push(`${text} over ${other}`);
    });
  }
  return found;
}"""

# Texts of table cells that take more than one line.
BROKEN = """(cells) => cells.filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
}).map((cell) => cell.textContent)"""

PICTURES = ".pb-picture > svg:not(.pb-unseen):visible"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with 150 partnerships."""
    bot = ScriptedBot(tmp_path_factory.mktemp("bot"))
    list_twin_towns(bot, 150)
    with serving(bot, chats=()) as address:
        yield address


def opened(visitor: Visitor, query: str = "lang=fr") -> Page:
    visitor.page.goto(f"{visitor.address}/partnerships?{query}")
    return visitor.page


@pytest.mark.parametrize(("language", "width"), [("fr", 1280), ("ja", 320), ("en", 360), ("ko", 640)])
def test_150_partnerships_can_be_read_at_any_width(
    visit: Callable[..., Visitor], language: str, width: int
) -> None:
    """Nothing goes beyond the page, and no name in a picture lies over another."""
    visitor = visit()
    visitor.page.set_viewport_size({"width": width, "height": 800})
    page = opened(visitor, f"lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("tbody[id]").count() == 150
    expect(page.locator(PICTURES)).to_have_count(2)
    assert page.locator(f"{PICTURES} >> .pb-name").count() > 40
    assert page.evaluate(UNREADABLE) == []


def test_a_wide_table_leaves_each_kind_in_one_line(visit: Callable[..., Visitor]) -> None:
    """However long the lists of fields beside it are."""
    page = opened(visit(), "lang=ja")
    kinds = page.locator("tbody[id] td:nth-child(3)")
    assert kinds.count() == 150
    assert kinds.evaluate_all(BROKEN) == []


def test_on_a_phone_the_first_rows_are_shown_and_all_on_demand(visit: Callable[..., Visitor]) -> None:
    """And one that a picture leads to; the choice is folded, too. On a desk, nothing is."""
    page = opened(visit("phone"))
    rows = page.locator("tbody[id]:visible")
    expect(rows).to_have_count(5)
    expect(page.locator(".pb-filters")).to_be_hidden()
    hidden = page.locator("tbody[id]").nth(100)
    page.evaluate("key => { location.hash = key }", hidden.get_attribute("id"))
    expect(hidden).to_be_in_viewport()
    page.locator(".pb-more summary").click()
    expect(rows).to_have_count(150)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    expect(rows).to_have_count(150)
    expect(page.locator(".pb-more")).to_be_hidden()


def test_a_place_shows_its_links_when_it_has_the_focus_and_leads_to_its_rows(
    visit: Callable[..., Visitor],
) -> None:
    """By keyboard: the list can be reached without going through the dots."""
    page = opened(visit())
    jump = page.locator(".pb-skip").first
    page.locator(".pb-count a").focus()
    page.keyboard.press("Tab")
    expect(jump).to_be_focused()
    expect(jump).to_be_in_viewport()
    place = page.locator(".pb-wide .pb-spot", has_text="Augsburg").first
    links = place.locator("g")
    expect(links).to_have_css("visibility", "hidden")
    page.keyboard.press("Tab")
    page.evaluate("element => element.focus()", place.element_handle())
    expect(links).to_have_css("visibility", "visible")
    page.keyboard.press("Enter")
    expect(page.locator("tbody")).to_have_count(4)
    expect(page.locator("select[name=place]")).to_have_value("de-city-augsburg")


def test_a_source_opens_beside_the_list_and_gives_the_focus_back(visit: Callable[..., Visitor]) -> None:
    """As beside the chat, by keyboard alone."""
    page = opened(visit(), "lang=en&place=fr-city-brest")
    page.locator("tbody summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    link = page.locator(".pb-see").first
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence mark")).to_contain_text("Brest et Yokosuka")
    page.keyboard.press("Escape")
    expect(page.locator("#evidence")).to_be_hidden()
    expect(link).to_be_focused()


def test_without_script_rows_are_chosen_sorted_and_opened(browser: Browser, address: str) -> None:
    """The form and the links are the page's own; a source opens as a page."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/partnerships?lang=en")
    if page.locator(".pb-choice > summary").is_visible():
        page.locator(".pb-choice > summary").click()
    page.select_option("select[name=country]", "FR")
    page.fill("input[name=since_to]", "1970")
    page.click(".pb-filters button")
    page.click("th a >> text=Since")
    years = [int(text[:4]) for text in page.locator("tbody[id] td:nth-child(4)").all_inner_texts()]
    assert years == sorted(years)
    assert 5 < len(years) < 30
    assert years[-1] <= 1970
    page.locator("tbody summary").first.click()
    page.locator(".pb-see").first.click()
    expect(page.locator("mark")).to_contain_text(str(years[0]))
    context.close()


def test_on_paper_there_are_pictures_and_table_and_nothing_to_press(visit: Callable[..., Visitor]) -> None:
    """On a white page, also for those whose screens are dark."""
    page = opened(visit(scheme="dark"))
    page.emulate_media(media="print")
    expect(page.locator(".pb-filters")).to_be_hidden()
    expect(page.locator(".pb-languages")).to_be_hidden()
    expect(page.locator(PICTURES)).to_have_count(2)
    expect(page.locator("tbody").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
