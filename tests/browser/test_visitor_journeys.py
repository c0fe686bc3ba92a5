"""Whole visits: ask, open the source, follow up, share, come back, say what one thinks of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from langchain_core.documents import Document
from playwright.sync_api import Browser, Locator, Page, Route, expect
from reportlab.pdfbase.pdfmetrics import stringWidth

from browsing import FINISHED, SIZES, Visitor, visiting
from cable import cable
from combinations import combinations, one_of
from keeping import kept
from partnerbot.documents.metadata import SOURCE
from partnerbot.records import FEEDBACK
from partnerbot.web.page_texts import texts_of
from scripted_bot import RECORD_AT, RECORD_FONT, RECORD_LINES, RECORD_SIZE, ScriptedBot
from serving import serving

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parents[2] / "ci-output" / "screenshots"
VITAGORA = {
    "fr": "Quand Vitagora a-t-il ouvert son bureau de Kumamoto ?",
    "ja": "ヴィタゴラはいつ熊本に事務所を開設しましたか？",
    "en": "When did Vitagora open its Kumamoto office?",
}
PDF_QUESTION = "Où se tiendront les rencontres de Shizuoka ?"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> ScriptedBot:
    return ScriptedBot(tmp_path_factory.mktemp("bot"))


@pytest.fixture(scope="module")
def address(bot: ScriptedBot) -> Iterator[str]:
    with serving(bot) as address:
        yield address


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.mark.parametrize(("language", "size"), combinations(VITAGORA, SIZES))
def test_a_source_opens_and_survives_reload_and_back(
    visit: Callable[..., Visitor], language: str, size: str
) -> None:
    """The passage in its document, the quote marked and in view; with title, date, language and link."""
    visitor = visit(size, "dark" if language == "ja" else "light")
    page = visitor.open(language)
    visitor.ask(VITAGORA[language])
    citation = page.locator(".pb-cite").first
    citation.click()
    panel = page.locator("#evidence")
    expect(panel.locator("mark.pb-answering")).to_be_in_viewport()
    assert panel.locator("mark.pb-answering").inner_text() == "2020"
    assert "Par la suite, en" in panel.locator("mark").first.inner_text()
    assert panel.locator("h2").inner_text() == "Une coopération entre Kumamoto et Dijon"
    assert panel.locator(".pb-text").get_attribute("lang") == "fr"
    facts = panel.locator(".pb-facts").inner_text()
    assert "2024" in facts
    texts = texts_of(language)
    assert (texts.answer.in_language.partition("{")[0].strip() in facts) or language == "fr"
    link = panel.locator("a", has_text=texts.answer.open)
    assert (link.get_attribute("href") or "").startswith("https://www.clairparis.org/fr/dijon-kumamoto")
    expect(panel.locator("h2")).to_be_focused()
    picture(page, f"{language}-source-{size}")
    page.reload()
    expect(panel.locator("mark.pb-answering")).to_be_in_viewport()
    page.go_back()
    expect(panel).to_be_hidden()
    expect(page.locator(".pb-answered .pb-short")).to_be_visible()
    assert page.locator(".pb-source").count() == 2
    assert page.locator("html").get_attribute("lang") == language


def test_the_title_of_a_long_source_stays_in_view(bot: ScriptedBot, visit: Callable[..., Visitor]) -> None:
    """Beside what closes it, wherever in the text the quote stands."""
    text = "\n\n".join(f"Ligne {number}." for number in range(400))
    bot.add(
        "long.md", Document(text, metadata=bot.document_text("dijon.fr.md").metadata | {SOURCE: "long.md"})
    )
    page = visit("phone").open("fr")
    start = text.index("Ligne 300")
    address = f"/documents/long.md?start={start}&end={start + 9}&lang=fr"
    page.evaluate("source => history.replaceState({ source }, '')", address)
    page.reload()
    panel = page.locator("#evidence")
    expect(panel.locator("mark")).to_be_in_viewport()
    expect(panel.locator(".pb-panel-title")).to_be_in_viewport(ratio=1)
    expect(panel.locator(".pb-panel-close")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_pdf_shows_its_page_with_the_mark_on_the_words(visit: Callable[..., Visitor], size: str) -> None:
    """The mark is where the page's own coordinates say that the sentence stands."""
    visitor = visit(size)
    page = visitor.open("fr")
    visitor.ask(PDF_QUESTION)
    page.locator(".pb-cite").first.click()
    if size == "phone":
        # A page of A4 is too small to read there: its text comes first.
        expect(page.locator("#evidence .pb-answering")).to_be_in_viewport()
        expect(page.locator("#evidence img")).to_have_count(0)
        # Where the page doesn't come, its text stays.
        page.route("**view=panel*", lambda route: route.abort())
        page.locator(".pb-view").click()
        expect(page.locator(".pb-view")).to_have_text(texts_of("fr").panel.failed)
        expect(page.locator("#evidence .pb-answering")).to_be_visible()
        visitor.complaints.clear()
        page.unroute("**view=panel*")
        page.locator(".pb-view").click()
    image = page.locator("#evidence .pb-sheet-page img")
    expect(image).to_be_visible()
    page.wait_for_function("() => document.querySelector('#evidence img').complete")
    assert image.evaluate("image => image.naturalWidth") > 1000
    box = image.bounding_box()
    mark = page.locator("#evidence .pb-box").bounding_box()
    answer = page.locator("#evidence .pb-box-answer").bounding_box()
    assert box is not None
    assert mark is not None
    assert answer is not None
    points = box["width"] / 595
    # The sentence begins at x = 60 on a baseline at y = 700 of 842, 14 points high.
    assert abs((mark["x"] - box["x"]) / points - 60) < 2
    assert (mark["y"] - box["y"]) / points < 842 - 700 - 8
    assert (mark["y"] + mark["height"] - box["y"]) / points > 842 - 700
    assert mark["height"] / points < 24
    assert mark["x"] < answer["x"] < answer["x"] + answer["width"] < mark["x"] + mark["width"]
    expect(page.locator("#evidence .pb-box-answer")).to_be_in_viewport()
    picture(page, f"fr-pdf-{size}")
    sheet, enlarge = page.locator("#evidence .pb-sheet-view"), page.locator(".pb-enlarge")
    whole = "view => view.scrollWidth <= view.clientWidth"
    assert sheet.evaluate(whole)
    enlarge.click()
    assert not sheet.evaluate(whole)
    expect(page.locator("#evidence .pb-box-answer")).to_be_in_viewport()
    enlarge.click()
    assert sheet.evaluate(whole)


@pytest.mark.parametrize("size", one_of(["phone", "desk"], "phone"))
def test_the_mark_of_a_japanese_pdf_is_on_the_words(visit: Callable[..., Visitor], size: str) -> None:
    """On both lines of the sentence, from its first letter to its last; the answer's on the answer alone."""
    visitor = visit(size)
    page = visitor.open("ja")
    visitor.ask("静岡の会議は？")
    page.locator(".pb-cite").first.click()
    page.locator(".pb-view").click()
    image = page.locator("#evidence .pb-sheet-page img")
    expect(image).to_be_visible()
    page.wait_for_function("() => document.querySelector('#evidence img').complete")
    sheet = image.bounding_box()
    assert sheet is not None
    points = sheet["width"] / 595

    def reached(box: Locator) -> tuple[float, float, float, float]:
        """Return left, right, top and bottom in points from the bottom left, as the PDF was written."""
        drawn = box.bounding_box()
        assert drawn is not None
        left, top = ((drawn[side] - sheet[side]) / points for side in ("x", "y"))
        return left, left + drawn["width"] / points, 842 - top, 842 - top - drawn["height"] / points

    def written(line: int, words: str) -> tuple[float, float, float]:
        """Return where words of a line were written: left, right, baseline."""
        x, baseline = RECORD_AT[line]
        before = RECORD_LINES[line].partition(words)[0]
        left = x + stringWidth(before, RECORD_FONT, RECORD_SIZE)
        return left, left + stringWidth(words, RECORD_FONT, RECORD_SIZE), baseline

    boxes = page.locator("#evidence .pb-box").all()
    assert len(boxes) == 2
    (answer,) = page.locator("#evidence .pb-box-answer").all()
    marks = [
        *zip(boxes, (0, 1), ("会議は2024年", "11月に静岡市で開かれた"), strict=True),
        (answer, 1, "静岡市"),
    ]
    for mark, line, words in marks:
        left, right, top, bottom = reached(mark)
        first, last, baseline = written(line, words)
        assert abs(left - first) < 2, words
        assert abs(right - last) < 2.5, words
        assert bottom < baseline + 1, words
        assert baseline + RECORD_SIZE * 0.5 < top < baseline + RECORD_SIZE * 1.6, words
    expect(answer).to_be_in_viewport()
    picture(page, f"ja-pdf-{size}")


def test_escape_and_the_button_close_the_source(visit: Callable[..., Visitor]) -> None:
    """The focus returns to the citation; the browser's history is as before."""
    visitor = visit()
    page = visitor.open("en")
    visitor.ask(VITAGORA["en"])
    before = page.evaluate("history.length")
    for closing in ("Escape", "button"):
        page.locator(".pb-cite").nth(1).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#evidence mark").first).to_be_visible()
        if closing == "Escape":
            page.keyboard.press("Escape")
        else:
            page.locator(".pb-panel-close").click()
        expect(page.locator("#evidence")).to_be_hidden()
        expect(page.locator(".pb-cite").nth(1)).to_be_focused()
        assert page.evaluate("history.state?.source ?? null") is None
    assert page.evaluate("history.length") <= before + 1


def test_a_shared_link_brings_its_question(visit: Callable[..., Visitor], bot: ScriptedBot) -> None:
    """Into the box, and says so; it is the visitor who sends it, since any site can open a link.

    It begins a conversation of its own; the one before can be had back.
    """
    visitor = visit()
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.address)
    page = visitor.open("ja")
    visitor.ask(VITAGORA["ja"])
    page.locator(".pb-share").click()
    expect(page.locator(".pb-share")).to_have_text(texts_of("ja").follow_up.shared)
    link = page.evaluate("navigator.clipboard.readText()")
    # What follows "#" stays in the browser: no server and no proxy on the way has it in its log.
    assert (urlsplit(link).path, urlsplit(link).query) == ("/ja", "")
    asked = len(bot.asked)
    box = page.locator("#question textarea")
    for place in (None, "about:blank"):  # on the page itself, and in another tab
        if place is not None:
            page.goto(place)
        page.goto(link)
        expect(box).to_have_value(VITAGORA["ja"])
        expect(page.locator("#linked")).to_be_visible()
        expect(page.locator(".pb-answered")).to_have_count(0)
        assert page.url == f"{visitor.address}/ja"
        page.locator("#undo").click()
        expect(page.locator(".pb-answered")).to_have_count(1)
        page.reload()
        expect(page.locator(".pb-answered")).to_have_count(1)
        expect(box).to_have_value("")
    page.goto(link)
    expect(box).to_have_value(VITAGORA["ja"])
    expect(page.locator("#linked")).to_be_visible()
    expect(page.locator(".pb-answered")).to_have_count(0)
    assert len(bot.asked) == asked
    box.press("Enter")
    expect(page.locator(".pb-answered")).to_have_count(1)
    expect(page.locator("#linked")).to_be_hidden()
    assert not bot.histories[-1]


def test_a_link_of_another_site_asks_nothing(visit: Callable[..., Visitor], bot: ScriptedBot) -> None:
    """A page that a visitor is on opens the chat with a question: nobody has asked it."""
    visitor = visit()
    page, asked = visitor.page, len(bot.asked)
    page.set_content("<p>A page of somebody else</p>")
    link = f"{visitor.address}/en#{urlencode({'q': 'Vitagora?'})}"
    with page.expect_popup() as opened:
        page.evaluate("address => void open(address)", link)
    box = opened.value.locator("#question textarea")
    expect(box).to_have_value("Vitagora?")
    box.fill("What price?")
    box.press("Enter")
    expect(opened.value.locator(FINISHED)).to_be_visible()
    assert [question for question, *_ in bot.asked[asked:]] == ["What price?"]


@pytest.mark.parametrize("sign", ["?", "#"])
def test_a_link_may_hold_any_question(visit: Callable[..., Visitor], sign: str) -> None:
    """Whatever its signs; also where somebody has written it behind "?", which is cleared away."""
    visitor, question = visit(), "Vitagora & C#: 50 % + ?"
    visitor.page.goto(f"{visitor.address}/en{sign}{urlencode({'q': question})}")
    box = visitor.page.locator("#question textarea")
    expect(box).to_have_value(question)
    assert visitor.page.url == f"{visitor.address}/en"
    box.press("Enter")
    expect(visitor.page.locator(".pb-question .pb-said")).to_have_text(question)
    expect(visitor.page.locator(FINISHED)).to_be_visible()


def test_a_shared_follow_up_brings_what_it_follows(visit: Callable[..., Visitor], bot: ScriptedBot) -> None:
    """The question that it was understood after is shown as such, and goes along when that is sent."""
    visitor = visit("phone")
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.address)
    page = visitor.open("en")
    for question in ("Hello", "Where is Shizuoka?", VITAGORA["en"], "And what price?"):
        visitor.ask(question)
    page.locator(".pb-share").nth(1).click()
    expect(page.locator(".pb-share").nth(1)).to_have_text(texts_of("en").follow_up.shared)
    page.locator(".pb-share").last.click()
    expect(page.locator(".pb-share").last).to_have_text(texts_of("en").follow_up.shared_with)
    link = page.evaluate("navigator.clipboard.readText()")
    page.locator("#clear").click()
    expect(page.locator(".pb-welcome")).to_be_visible()
    page.goto("about:blank")
    page.goto(link)
    carried = page.locator(".pb-carried")
    expect(carried).to_have_text(f"{texts_of('en').chat.before} {VITAGORA['en']}")
    box = page.locator("#question textarea")
    expect(box).to_have_value("And what price?")
    label, before = (carried.locator(part).bounding_box() for part in (".pb-note", ".pb-said"))
    assert label is not None
    assert before is not None
    assert label["y"] < before["y"] or label["x"] < before["x"]
    picture(page, "en-carried-phone")
    box.press("Enter")
    expect(page.locator(".pb-absent")).to_be_visible()
    expect(carried).to_be_visible()
    assert [(turn.role, turn.content) for turn in bot.histories[-1]] == [("user", VITAGORA["en"])]


def test_another_language_takes_the_conversation_along(
    visit: Callable[..., Visitor], bot: ScriptedBot
) -> None:
    """The last question is answered anew in the language of the page; what was being written stays."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask("Le prix du billet ?")
    visitor.ask(VITAGORA["fr"])
    page.locator("#question textarea").fill("Et ensuite ?")
    page.locator(".pb-languages [lang=ja]").click()
    expect(page.locator(".pb-answered .pb-said")).to_contain_text("フランス語の資料によると")
    assert page.locator("html").get_attribute("lang") == "ja"
    expect(page.locator(".pb-question")).to_have_count(2)
    expect(page.locator(".pb-absent")).to_have_count(1)
    assert [turn.content for turn in bot.histories[-1]][:1] == ["Le prix du billet ?"]
    expect(page.locator("#question textarea")).to_have_value("Et ensuite ?")
    page.reload()
    expect(page.locator(".pb-answered .pb-said")).to_contain_text("フランス語の資料によると")
    assert bot.asked[-2:] == [(VITAGORA["fr"], None, "fr"), (VITAGORA["fr"], "ja", "ja")]
    # Who goes back finds the answer that was left, and nothing is asked.
    page.locator(".pb-languages [lang=fr]").click()
    expect(page.locator(".pb-answered .pb-short")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "fr"
    assert bot.asked[-1] == (VITAGORA["fr"], "ja", "ja")


def test_an_empty_question_is_told_at_the_box(visit: Callable[..., Visitor], bot: ScriptedBot) -> None:
    """By the button and by Enter; the start stays as it is, and who writes is told no longer."""
    visitor, texts = visit("phone"), texts_of("en")
    page, asked = visitor.open("en"), len(bot.asked)
    for send in (page.locator("#send").click, lambda: page.locator("#question textarea").press("Enter")):
        send()
        expect(page.locator("#count")).to_have_text(texts.errors.empty)
        expect(page.locator(".pb-welcome")).to_be_visible()
        page.locator("#question textarea").fill("V")
        expect(page.locator("#count")).to_be_hidden()
        page.locator("#question textarea").fill("")
    assert (len(bot.asked), page.locator(".message-row").count()) == (asked, 0)


def test_a_language_may_be_left_before_its_page_is_there(visit: Callable[..., Visitor]) -> None:
    """The conversation goes along all the same, and nothing is complained of."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask(VITAGORA["fr"])
    for language in ("ja", "en", "fr", "ja"):
        page.locator(f".pb-languages [lang={language}]").click()
    expect(page.locator(".pb-answered .pb-said")).to_contain_text("フランス語の資料によると")
    expect(page.locator(".pb-question")).to_have_count(1)


def test_a_phone_has_room_for_the_reply(visit: Callable[..., Visitor]) -> None:
    """What stays on the screen takes a sixth of its height; over a keyboard there are reply and box."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask(VITAGORA["fr"])
    bars = """() => [...document.querySelectorAll("header, #composer")]
        .reduce((sum, bar) => sum + bar.offsetHeight, 0)"""
    assert page.evaluate(bars) < 740 / 6
    page.set_viewport_size({"width": 740, "height": 360})
    expect(page.locator(".pb-short")).to_be_in_viewport(ratio=1)
    assert page.evaluate(bars) < 360 / 3
    page.locator("#conversation [role=log]").hover()
    page.mouse.wheel(0, 2000)
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#question textarea").focus()
    page.set_viewport_size({"width": 360, "height": 400})
    expect(page.locator(".pb-short")).to_be_in_viewport(ratio=1)
    expect(page.locator("#question textarea")).to_be_in_viewport(ratio=1)
    # The question has gone up: the room is the reply's.
    expect(page.locator(".pb-question .pb-said")).not_to_be_in_viewport()
    picture(page, "fr-keyboard-phone")
    page.locator(".pb-not-useful").click()
    for button in page.locator("#feedback button").all():
        expect(button).to_be_in_viewport(ratio=1)


def test_a_question_is_edited_and_asked_again(visit: Callable[..., Visitor], bot: ScriptedBot) -> None:
    """It takes the place of what followed; giving up leaves the conversation as it is."""
    visitor = visit("phone")
    page = visitor.open("en")
    visitor.ask(VITAGORA["en"])
    visitor.ask("What else?")
    page.locator(".pb-edit").first.click()
    box = page.locator("#question textarea")
    expect(box).to_have_value(VITAGORA["en"])
    expect(page.locator("#editing")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#editing")).to_be_hidden()
    expect(box).to_have_value("")
    page.locator(".pb-edit").first.click()
    box.fill("When was the agreement signed last year?")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-warning")).to_be_visible()
    assert page.locator(".pb-question").count() == 1
    assert bot.histories[-1] == []


@pytest.mark.parametrize("language", one_of(VITAGORA, "en"))
def test_feedback_is_kept_without_the_question(
    visit: Callable[..., Visitor], bot: ScriptedBot, language: str
) -> None:
    """The tap counts; a reason and a comment may follow it under the same name; thanks; no cookie."""
    visitor = visit("phone")
    page = visitor.open(language)
    visitor.ask(VITAGORA[language])
    with page.expect_response("**/api/feedback"):
        page.locator(".pb-not-useful").click()
    *_, tap = kept(bot.settings, FEEDBACK)
    assert (tap["useful"], tap["reason"]) == (False, None)
    dialog = page.locator("#feedback")
    dialog.get_by_label(texts_of(language).feedback.incomplete).check()
    dialog.locator("textarea").fill(f"Trop court, {language}")
    picture(page, f"{language}-feedback-phone")
    with page.expect_response("**/api/feedback"):
        dialog.locator(".pb-primary").click()
    expect(page.locator(".pb-feedback")).to_have_text(texts_of(language).feedback.thanks)
    assert page.context.cookies() == []
    *_, word = kept(bot.settings, FEEDBACK)
    assert word["name"] == tap["name"]
    assert (word["useful"], word["reason"], word["language"]) == (False, "incomplete", language)
    assert word["sources"] == ["dijon.fr.md", "articles/熊本 交流.md"]
    assert (word["question"], word["answer"]) == (None, None)


@pytest.mark.parametrize("language", one_of(VITAGORA, "ja"))
def test_a_suggestion_goes_on(visit: Callable[..., Visitor], language: str) -> None:
    """After an answer there are questions that the documents answer; one tap asks one."""
    visitor = visit("phone")
    page = visitor.open(language)
    visitor.ask({"fr": "Le prix du billet ?", "ja": "切符は？", "en": "What price?"}[language])
    suggestion = page.locator(".pb-suggestion").first
    question = suggestion.inner_text()
    suggestion.click()
    expect(page.locator(".pb-answered")).to_be_visible()
    assert question in page.locator(".pb-question").last.inner_text()


@pytest.fixture
def held(visit: Callable[..., Visitor]) -> tuple[Visitor, Callable[[], None]]:
    """A visitor whose network is so slow that Gradio is not there until it is let go."""
    visitor = visit("phone")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    visitor.page.route("**/static/gradio/index-*.js", hold)

    def let_go() -> None:
        while waiting:
            waiting.pop().continue_()

    return visitor, let_go


def test_one_can_write_before_the_chat_is_there(held: tuple[Visitor, Callable[[], None]]) -> None:
    """What was written goes over to the chat, with the cursor where it was; nothing has been asked."""
    visitor, let_go = held
    page = visitor.page
    page.goto(f"{visitor.address}/ja", wait_until="commit")
    early = page.locator("#early textarea")
    early.fill("ヴィタゴラはいつ？")
    early.press("ArrowLeft")
    picture(page, "ja-loading-phone")
    let_go()
    box = page.locator("#question textarea")
    expect(box).to_be_focused()
    expect(box).to_have_value("ヴィタゴラはいつ？")
    page.keyboard.type("ですか")
    expect(box).to_have_value("ヴィタゴラはいつですか？")
    assert page.locator(".pb-question").count() == 0
    assert page.locator("#early").count() == 0


def test_one_can_ask_before_the_chat_is_there(
    held: tuple[Visitor, Callable[[], None]], bot: ScriptedBot
) -> None:
    """It is said that the question is on its way; it is asked once, when it can be."""
    visitor, let_go = held
    page = visitor.page
    before = len(bot.asked)
    page.goto(f"{visitor.address}/en", wait_until="commit")
    # The page's scripts come after its first bytes; from then on, Enter sends.
    page.wait_for_function("() => navigator.language === 'en'")
    page.locator("#early textarea").fill(VITAGORA["en"])
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#early .pb-searching")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text(texts_of("en").chat.searching)
    let_go()
    expect(page.locator(".pb-answered")).to_be_visible()
    assert [question for question, *_ in bot.asked[before:]] == [VITAGORA["en"]]


def test_an_example_can_be_asked_before_the_chat_is_there(held: tuple[Visitor, Callable[[], None]]) -> None:
    """It is in the page from its first byte, and asked when it can be."""
    visitor, let_go = held
    page = visitor.page
    page.goto(f"{visitor.address}/fr", wait_until="commit")
    page.wait_for_function("() => navigator.language === 'fr'")
    example = page.locator("#early .pb-example").first
    question = example.inner_text()
    example.click()
    expect(page.locator("#early textarea")).to_have_value(question)
    let_go()
    expect(page.locator(".pb-question")).to_contain_text(question)
    expect(page.locator(".pb-answered")).to_be_visible()


def test_a_question_to_a_chat_that_comes_late_is_told_and_stays(
    held: tuple[Visitor, Callable[[], None]], bot: ScriptedBot
) -> None:
    """After 15 seconds at most the box can be used again, and it goes on from there once the chat comes."""
    visitor, let_go = held
    page = visitor.page
    before = len(bot.asked)
    page.goto(f"{visitor.address}/en", wait_until="commit")
    page.wait_for_function("() => navigator.language === 'en'")
    early = page.locator("#early textarea")
    early.fill(VITAGORA["en"])
    early.press("Enter")
    expect(early).not_to_be_editable()
    told = page.locator("#connection", has_text=texts_of("en").connection.not_loaded)
    expect(told).to_be_visible()
    expect(early).to_be_editable()
    let_go()
    box = page.locator("#question textarea")
    expect(box).to_have_value(VITAGORA["en"])
    expect(told).to_be_hidden()
    assert len(bot.asked) == before
    box.press("Enter")
    expect(page.locator(".pb-answered")).to_be_visible()


def test_a_chat_that_does_not_come_is_told(visit: Callable[..., Visitor]) -> None:
    """In the page's language, with what to do; the words that were written stay."""
    visitor = visit()
    page = visitor.page
    page.route("**/static/gradio/core-*.js", lambda route: route.abort())
    page.goto(f"{visitor.address}/fr", wait_until="commit")
    page.locator("#early textarea").fill("Quand ?")
    expect(page.locator("#connection")).to_contain_text(texts_of("fr").connection.not_loaded)
    expect(page.locator("#early textarea")).to_have_value("Quand ?")
    visitor.complaints.clear()  # the browser's own, of the file that did not come


@pytest.mark.parametrize("language", ["fr", "ko"])
def test_all_that_a_page_begins_with_is_asked_for_at_once(
    visit: Callable[..., Visitor], language: str
) -> None:
    """Each script is named in the page itself, all styles are one file, and nothing is fetched twice."""
    visitor = visit("phone")
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(visitor.address)))
    page.goto(f"{visitor.address}/{language}")
    page.locator("#question textarea").wait_for()
    page.wait_for_load_state("networkidle")
    named = page.request.get(f"{visitor.address}/{language}").text()
    scripts = [path for path in asked if path.endswith(".js")]
    assert len(scripts) > 20
    assert [path for path in scripts if path not in named] == []
    styles = [path.rpartition("/")[2] for path in asked if ".css" in path]
    assert len(styles) == 3
    assert [name for name in styles if name.startswith("chat-")]
    assert len(asked) == len(set(asked))
    assert [path for path in asked if "gradio_api" in path] == []


def test_too_many_questions_are_told_with_when_to_go_on(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In each language; the question stays in the box."""
    bot = ScriptedBot(tmp_path_factory.mktemp("limited"))
    bot.settings = bot.settings.model_copy(update={"questions_per_minute": 1})
    with serving(bot) as address, visiting(browser, address, "phone") as visitor:
        page = visitor.open("fr")
        visitor.ask(VITAGORA["fr"])
        for language, question in VITAGORA.items():
            if language != "fr":
                page.goto(f"{address}/{language}")
                expect(page.locator(".pb-answered")).to_be_visible()
            visitor.ask(question)
            told = page.locator(".pb-rejected").last.inner_text()
            assert told.startswith(texts_of(language).errors.too_many_questions.partition("{")[0])
            expect(page.locator("#question textarea")).to_have_value(question)
            picture(page, f"{language}-limited-phone")


def test_being_offline_is_said(visit: Callable[..., Visitor]) -> None:
    """In the page's language, as long as it lasts; the conversation stays readable."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask(VITAGORA["fr"])
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("hors connexion")
    picture(page, "fr-offline-phone")
    assert page.locator(".pb-short").is_visible()
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_contain_text("rétablie")


@pytest.mark.parametrize("language", one_of(VITAGORA, "fr"))
def test_after_a_cut_the_chat_goes_on(browser: Browser, address: str, language: str) -> None:
    """An answer that the network breaks off is told and kept as stopped; the next question is answered."""
    with cable(address) as network, visiting(browser, network.address, "phone") as visitor:
        page = visitor.open(language)
        visitor.ask(VITAGORA[language])
        page.locator("#question textarea").fill("slow Vitagora?")
        page.keyboard.press("Enter")
        expect(page.locator(".pb-partial .pb-said")).to_be_visible()
        page.locator("#question textarea").fill("A draft")
        network.pull()
        expect(page.locator(".pb-stopped")).to_contain_text(texts_of(language).chat.stopped)
        expect(page.locator("#connection")).to_contain_text(texts_of(language).connection.lost)
        expect(page.locator(".pb-answered")).to_have_count(1)
        expect(page.locator("#question textarea")).to_have_value("A draft")
        picture(page, f"{language}-cut-phone")
        visitor.ask(VITAGORA[language])
        expect(page.locator(".pb-answered")).to_have_count(2)
        expect(page.locator("#connection")).to_be_hidden()
        visitor.complaints.clear()  # the browser's own, of the network


def test_a_question_on_its_way_is_shown_at_once(visit: Callable[..., Visitor]) -> None:
    """Within three frames of Enter, 50 ms on a free machine, before anything has come back."""
    visitor = visit()
    page = visitor.open("en")
    page.route("**/gradio_api/queue/join*", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    page.locator("#question textarea").fill(VITAGORA["en"])
    frames = page.evaluate(
        """() => new Promise((resolve) => {
            const box = document.querySelector("#question textarea");
            let frames = 0;
            const look = () => ++frames && document.getElementById("sending").checkVisibility()
                ? resolve(frames) : requestAnimationFrame(look);
            box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
            requestAnimationFrame(look);
            setTimeout(() => resolve(9999), 2000);
        })"""
    )
    assert frames <= 3


def test_the_owners_language_file_is_enough(visit: Callable[..., Visitor]) -> None:
    """Korean came as one file: its page, its words, its dates. Where no question in Korean is answered,
    those to start with are English, and say so."""
    visitor = visit()
    page = visitor.open("ko")
    example = page.locator(".pb-example").first
    assert example.get_attribute("lang") == "en"
    asked = example.inner_text()
    example.click()
    expect(page.locator(".pb-question")).to_contain_text(asked)
    expect(page.locator(".pb-answered")).to_be_visible()
    page.locator("#clear").click()
    expect(example).to_be_visible()
    visitor.ask("Vitagora?")
    assert page.locator("html").get_attribute("lang") == "ko"
    assert "2024년 7월 1일" in page.locator(".pb-source").first.inner_text()
    assert "출처 2건" in page.locator(".pb-answered").inner_text()
    picture(page, "ko-answered-desk")


@pytest.mark.parametrize("language", one_of(VITAGORA, "fr"))
def test_on_paper_there_is_the_conversation(visit: Callable[..., Visitor], language: str) -> None:
    """Without controls, and nothing of it cut off."""
    visitor = visit()
    page = visitor.open(language)
    visitor.ask(VITAGORA[language])
    visitor.ask("Parlez-moi du partenariat")
    page.emulate_media(media="print")
    for hidden in ("#composer", "#clear", ".pb-actions", ".pb-languages", ".pb-edit"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".pb-address").first).to_have_text("https://www.clairparis.org/fr/dijon-kumamoto")
    expect(page.locator(".pb-address").first).to_be_visible()
    log = page.locator("#conversation [role=log]")
    assert log.evaluate("log => log.scrollHeight <= log.clientHeight + 1")
