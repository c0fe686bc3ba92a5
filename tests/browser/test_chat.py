"""The chat as visitors meet it, in a real Chromium against a real server.

Each test may ask `server(bot)` for the address of any bot. Screenshots go to
ci-output/screenshots/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browsing import FINISHED, SIZES, Visitor
from combinations import combinations, one_of
from partnerbot.web.page_texts import texts_of
from scripted_bot import ScriptedBot
from serving import serving

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parents[2] / "ci-output" / "screenshots"

QUESTIONS = {
    "fr": {
        "answered": "Quand Vitagora a-t-il ouvert son bureau de Kumamoto ?",
        "dated": "Quand le protocole a-t-il été signé l’année dernière ?",
        "absent": "Quel est le prix du billet de train ?",
        "failed": "Le service est-il offline ?",
        "rejected": "!?",
        "several": "Parlez-moi du partenariat",
        "talk": "Bonjour",
    },
    "ja": {
        "answered": "ヴィタゴラはいつ熊本に事務所を開設しましたか？",
        "dated": "昨年、協定が結ばれたのはいつですか？",
        "absent": "電車の切符はいくらですか？",
        "failed": "offlineですか？",
        "rejected": "！？",
        "several": "交流について教えてください",
        "talk": "こんにちは",
    },
    "en": {
        "answered": "When did Vitagora open its Kumamoto office?",
        "dated": "When was the agreement signed last year?",
        "absent": "What does the train ticket cost?",
        "failed": "What if it is offline?",
        "rejected": "!?",
        "several": "What partnership is there?",
        "talk": "Hello",
    },
    "ko": {
        "answered": "Vitagora는 언제 구마모토에 사무소를 열었습니까?",
        "dated": "작년에 협정을 맺은 날은 언제입니까?",
        "absent": "기차표는 얼마입니까?",
        "failed": "offline입니까?",
        "rejected": "!?",
        "several": "교류에 대해 알려 주세요",
        "talk": "안녕하세요",
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[ScriptedBot], str]]:
    """Start a server for a bot and return its address; it ends with the module."""
    with ExitStack() as running:
        yield lambda bot: running.enter_context(serving(bot))


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> ScriptedBot:
    return ScriptedBot(tmp_path_factory.mktemp("bot"))


@pytest.fixture(scope="module")
def address(server: Callable[[ScriptedBot], str], bot: ScriptedBot) -> str:
    return server(bot)


def _scroll_up_and_down(page: Page) -> list[str]:
    """Return what has a scroll bar at its side."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("*")]
            .filter((part) => part.scrollHeight > part.clientHeight + 1)
            .filter((part) => ["auto", "scroll"].includes(getComputedStyle(part).overflowY))
            .map((part) => part.className)"""
    )
    return found


def _shows_no_sideways_scroll(page: Page) -> bool:
    """Whether the page and every part of it fit the width (what is scrolled inside counts too)."""
    return bool(
        page.evaluate(
            """() => document.scrollingElement.scrollWidth <= innerWidth
            && [...document.querySelectorAll("#conversation [role=log], .pb-document, header")]
                .every((part) => part.scrollWidth <= part.clientWidth)"""
        )
    )


@pytest.mark.parametrize(("language", "size", "scheme"), combinations(QUESTIONS, SIZES, ["light", "dark"]))
def test_every_state_fits_and_is_pictured(
    visit: Callable[..., Visitor], language: str, size: str, scheme: str
) -> None:
    """Nothing scrolls sideways on any screen, one part scrolls up and down, and each state is pictured."""
    visitor = visit(size, scheme)
    page = visitor.open(language)

    def picture(state: str) -> None:
        assert _shows_no_sideways_scroll(page), state
        assert len(_scroll_up_and_down(page)) <= 1, state
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{language}-{state}-{size}-{scheme}.png")

    picture("empty")
    for state, question in QUESTIONS[language].items():
        visitor.ask(question)
        expect(page.locator(f".pb-{'answered' if state == 'dated' else state}")).to_be_visible()
        picture(state)
        page.locator("#clear").click()
        expect(page.locator(".pb-welcome")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "short", "date", "foreign_language"),
    [
        ("fr", "2020", "Publié le 1er juillet 2024", "en japonais"),
        ("ja", "2020年", "2024年7月1日公開", "フランス語の資料"),
        ("en", "2020", "Published on 1 July 2024", "in French"),
    ],
)
def test_an_answer_is_shown_with_its_sources(
    visit: Callable[..., Visitor], language: str, short: str, date: str, foreign_language: str
) -> None:
    """Short answer, sentence with citations, and cards: date, language, marked quote, link."""
    visitor = visit()
    page = visitor.open(language)
    visitor.ask(QUESTIONS[language]["answered"])
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator(".pb-short").inner_text() == short
    assert page.locator(".pb-body .pb-cite").all_inner_texts() == ["[1]", "[2]"]
    card = page.locator(".pb-source").first
    assert card.locator("blockquote").get_attribute("lang") == "fr"
    assert card.locator("mark").inner_text() == "2020"
    assert date in card.inner_text()
    assert foreign_language in page.locator(".pb-sources").inner_text()
    link = card.locator(".pb-open")
    assert (link.get_attribute("href") or "").startswith(
        "https://www.clairparis.org/fr/dijon-kumamoto#:~:text="
    )
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in (link.get_attribute("rel") or "")


@pytest.mark.parametrize("language", one_of(QUESTIONS, "fr"))
def test_what_the_documents_do_not_say_looks_different(visit: Callable[..., Visitor], language: str) -> None:
    """No card, no mark, no citation: a message, a contact, and documents that are no evidence."""
    visitor = visit()
    page = visitor.open(language)
    visitor.ask(QUESTIONS[language]["absent"])
    assert page.locator(".pb-source, mark, .pb-cite, .pb-short").count() == 0
    assert page.locator(".pb-contact").get_attribute("href") == "https://www.clairparis.org/"
    assert page.locator(".pb-related li").count() == 2


def test_a_relative_date_is_explained(visit: Callable[..., Visitor]) -> None:
    """The answer's warning stands between the answer and its sources."""
    visitor = visit()
    page = visitor.open("en")
    visitor.ask(QUESTIONS["en"]["dated"])
    assert "1 July 2024" in page.locator(".pb-warning").inner_text()


@pytest.mark.parametrize("question", ["What if it is offline?", "A broken question", "half an answer"])
def test_a_failure_is_told_with_the_next_step(visit: Callable[..., Visitor], question: str) -> None:
    """Known or not, before or during the answer: plain words, a contact, and no internals."""
    visitor = visit()
    page = visitor.open("en")
    visitor.ask(question)
    text = page.locator(".pb-failed").inner_text()
    assert "clairparis.org" in text
    assert "partnerbot index" not in text
    visitor.ask(QUESTIONS["en"]["answered"])
    expect(page.locator(".pb-answered")).to_be_visible()


def test_a_refused_question_stays_to_be_mended(visit: Callable[..., Visitor]) -> None:
    """Too long: told at the box with a count, and not sent."""
    visitor = visit()
    page = visitor.open("fr")
    box, count = page.locator("#question textarea"), page.locator("#count")
    box.fill("é" * 800)
    expect(count).to_be_hidden()
    box.fill("é" * 1001)
    expect(count).to_have_text(re.compile(r"^1\s001 / 1\s000 – .* Raccourcissez-la"))
    page.keyboard.press("Enter")
    page.locator("#send").click()
    expect(box).to_have_value("é" * 1001)
    assert page.locator(FINISHED).count() == 0
    box.fill("é" * 1000)
    expect(count).to_have_text(re.compile(r"^1\s000 / 1\s000$"))


@pytest.mark.parametrize("language", one_of(QUESTIONS, "ja"))
def test_an_example_question_is_answered(visit: Callable[..., Visitor], language: str) -> None:
    """One tap asks it."""
    visitor = visit("phone")
    page = visitor.open(language)
    example = page.locator(".pb-example").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".pb-answered")).to_be_visible()
    assert question in page.locator(".pb-question").inner_text()


def test_clear_brings_the_beginning_back(visit: Callable[..., Visitor], bot: ScriptedBot) -> None:
    """The examples return, and the next question has no history; until then all can be had back."""
    visitor = visit()
    page = visitor.open("en")
    visitor.ask(QUESTIONS["en"]["answered"])
    for _ in range(2):
        page.locator("#clear").click()
        expect(page.locator(".pb-welcome")).to_be_visible()
        page.locator("#undo").click()
        expect(page.locator(".pb-short")).to_be_visible()
    page.locator("#clear").click()
    expect(page.locator(".pb-welcome")).to_be_visible()
    expect(page.locator("#clear")).to_be_hidden()
    visitor.ask(QUESTIONS["en"]["absent"])
    assert bot.histories[-1] == []


def test_the_conversation_goes_with_the_next_question(
    visit: Callable[..., Visitor], bot: ScriptedBot
) -> None:
    """As plain text, neither HTML nor the sources' titles; and what it cited, which the tab keeps too."""
    visitor = visit()
    page = visitor.open("en")
    visitor.ask(QUESTIONS["en"]["answered"])
    visitor.ask("What <b>else</b>?\n**Two** lines")
    page.wait_for_function(
        "() => sessionStorage.length && Object.values(sessionStorage)[0].includes('**Two**')"
    )
    page.reload()
    expect(page.locator(".pb-answered .pb-short")).to_be_visible()
    visitor.ask("What now?")
    assert [(turn.role, turn.content, turn.sources) for turn in bot.histories[-1]] == [
        ("user", QUESTIONS["en"]["answered"], []),
        (
            "assistant",
            "According to documents in French and Japanese, it opened in 2020 [1] [2].",
            ["dijon.fr.md", "articles/熊本 交流.md"],
        ),
        ("user", "What <b>else</b>?\n**Two** lines", []),
        ("assistant", "Our documents say nothing about this.", []),
    ]


def test_an_answer_can_be_stopped_and_asked_again(visit: Callable[..., Visitor]) -> None:
    """Words show as they come; stopping keeps them and says so; asking again starts over."""
    visitor = visit()
    page = visitor.open("fr")
    page.locator("#question textarea").fill("slow question")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-partial .pb-said")).to_contain_text("mot mot")
    assert page.locator(".pb-source").count() == 0
    page.locator("#stop").click()
    expect(page.locator(".pb-note")).to_contain_text("interrompue")
    expect(page.locator("#send")).to_be_visible()
    page.locator(".pb-retry").click()
    expect(page.locator(".pb-note")).to_have_count(0)
    expect(page.locator(".pb-question")).to_have_count(1)
    expect(page.locator(".pb-partial .pb-said")).to_contain_text("mot mot")
    page.locator("#stop").click()


def test_a_question_on_its_way_is_not_cleared(visit: Callable[..., Visitor]) -> None:
    """Until the service has it, nothing can end it, and its answer would come into what was cleared."""
    visitor = visit()
    page = visitor.open("fr")
    visitor.ask(QUESTIONS["fr"]["answered"])
    page.route("**/gradio_api/queue/join*", lambda _: None)
    with page.expect_request("**/gradio_api/queue/join*"):
        page.locator("#question textarea").fill(QUESTIONS["fr"]["absent"])
        page.keyboard.press("Enter")
    expect(page.locator("#clear")).to_be_hidden()
    page.unroute("**/gradio_api/queue/join*")
    expect(page.locator(FINISHED)).to_have_count(2)
    page.locator("#clear").click()
    expect(page.locator(".pb-question")).to_have_count(0)


def test_what_is_written_meanwhile_is_kept_and_asked(visit: Callable[..., Visitor]) -> None:
    """While an answer comes, the box is the visitor's; as soon as it is there, Enter asks what is written."""
    visitor = visit()
    page, box = visitor.open("en"), visitor.page.locator("#question textarea")
    box.fill("slow, and it lingers")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-partial .pb-said")).to_contain_text("mot mot")
    box.fill("What next?")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-answered")).to_have_count(1)
    expect(page.locator("#send")).to_be_visible()
    expect(box).to_have_value("What next?")
    expect(page.locator(".pb-question")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".pb-absent")).to_have_count(1)
    expect(page.locator("#send")).to_be_visible()
    expect(box).to_have_value("")
    expect(page.locator(".pb-question")).to_have_count(2)


def test_the_newest_question_is_in_view_with_its_answer(visit: Callable[..., Visitor]) -> None:
    """After several answers the reader starts at the question, not at the end of the sources."""
    visitor = visit("phone")
    page = visitor.open("fr")
    for _ in range(3):
        visitor.ask(QUESTIONS["fr"]["answered"])
    expect(page.locator(".pb-question").last).to_be_in_viewport(ratio=1)
    expect(page.locator(".pb-short").last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("language", QUESTIONS)
def test_no_word_is_gradios_or_in_another_language(visit: Callable[..., Visitor], language: str) -> None:
    """In a German browser, every label is one of our texts, and Gradio's own words are not shown."""
    visitor = visit()
    page = visitor.open(language)
    visitor.ask(QUESTIONS[language]["answered"])
    labels = page.evaluate(
        """() => [...document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")]
            .filter((element) => element.checkVisibility())
            .flatMap((element) => ["aria-label", "title", "placeholder", "alt"]
                .map((name) => element.getAttribute(name)))
            .filter(Boolean)"""
    )
    texts = texts_of(language)
    ours = {
        text
        for section in vars(texts).values()
        if not isinstance(section, str)
        for text in vars(section).values()
        if isinstance(text, str)
    }
    cited = {texts.answer.cited.format(number=number) for number in (1, 2)}
    assert set(labels) <= ours | cited
    assert not re.search("Gradio|Chatbot|Textbox|Löschen|Absenden|Laden", page.locator("body").inner_text())


def test_a_screen_reader_hears_an_answer_once(visit: Callable[..., Visitor]) -> None:
    """The log itself is silent and named; the announcer says the answer, not its HTML."""
    visitor = visit()
    page = visitor.open("en")
    visitor.ask(QUESTIONS["en"]["answered"])
    log = page.locator("#conversation [role=log]")
    expect(log).to_have_attribute("aria-live", "off")
    expect(log).to_have_attribute("aria-label", "Conversation")
    assert page.locator("#conversation [data-testid][aria-label]").count() == 0
    expect(page.locator("#announcer")).to_have_text(re.compile(r"^2020 According to .*\[1\] \[2\]\.$"))


def test_enter_that_ends_a_japanese_conversion_does_not_ask(visit: Callable[..., Visitor]) -> None:
    """It chooses a word; the next Enter asks."""
    visitor = visit()
    page = visitor.open("ja")
    box = page.locator("#question textarea")
    box.focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "くまもと", "selectionStart": 4, "selectionEnd": 4})
    box.evaluate(
        """element => element.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    session.send("Input.insertText", {"text": "熊本のヴィタゴラは？"})
    page.wait_for_timeout(300)
    assert page.locator(".pb-question").count() == 0
    page.keyboard.press("Enter")
    expect(page.locator(".pb-answered")).to_be_visible()


def test_small_targets_are_big_enough(visit: Callable[..., Visitor]) -> None:
    """Everything to tap is at least 24 pixels high and wide, on a phone."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask(QUESTIONS["fr"]["answered"])
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, textarea")]
            .filter((element) => element.checkVisibility() && !element.matches(".pb-skip"))
            .map((element) => [element.className, element.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24)
            .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
    )
    assert small == []


def test_the_copy_button_copies_the_answer_with_its_sources(visit: Callable[..., Visitor]) -> None:
    """The question, the answer, then each source with its quote and address; the label confirms."""
    visitor = visit()
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.address)
    page = visitor.open("fr")
    visitor.ask(QUESTIONS["fr"]["answered"])
    page.locator(".pb-copy").click()
    expect(page.locator(".pb-copy")).to_have_text("Copié")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        f"{QUESTIONS['fr']['answered']}\n\n2020\n\n"
        "Vitagora a ouvert ce bureau en 2020 [1] [2].\n\n[1] Une coopération"
    )
    assert (
        "\n\n[1] Une coopération entre Kumamoto et Dijon\nPublié le 1er juillet 2024\n«\u00a0Par la suite"
        in copied
    )
    formatted = page.evaluate(
        """async () => (await (await navigator.clipboard.read())[0].getType("text/html")).text()"""
    )
    assert "<strong>2020</strong>" in formatted
    assert formatted.count("<blockquote>") == 2
    assert "https://www.clairparis.org/fr/dijon-kumamoto\n" in copied


def test_a_reply_of_several_parts_is_copied_with_its_quotes_once(visit: Callable[..., Visitor]) -> None:
    """Under their headings, each with the numbers of its sources; then the sources, without the quotes."""
    visitor = visit()
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.address)
    page = visitor.open("en")
    visitor.ask("What if we compare the two?")
    page.locator(".pb-copy").click()
    expect(page.locator(".pb-copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        "What if we compare the two?\n\nHere is what our documents say:\n\nDijon\n\n– “Par la suite, en 2020"
    )
    assert "開設しました。” [2] [1]\n\nShizuoka\n\n– “La prochaine" in copied
    assert copied.count("La prochaine édition") == 1
    assert "\n\n[3] Rapport annuel des rencontres\nPublished in 2025 · in French · page 3\nhttp" in copied
    formatted = page.evaluate(
        """async () => (await (await navigator.clipboard.read())[0].getType("text/html")).text()"""
    )
    assert "<strong>Shizuoka</strong></p><ul><li>“La prochaine" in formatted


def test_the_name_in_the_head_is_whole_beside_four_languages(visit: Callable[..., Visitor]) -> None:
    """On a phone, once there is a conversation, in a head of two lines at most."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask(QUESTIONS["fr"]["answered"])
    assert page.locator(".pb-languages a").count() == 4
    name = page.locator(".pb-brand > span")
    assert name.evaluate("name => name.scrollWidth <= name.clientWidth")
    head = page.locator(".pb-header").bounding_box()
    assert head is not None
    assert head["height"] < 48
    assert _shows_no_sideways_scroll(page)


def test_a_long_name_has_the_width_that_a_desk_has(visit: Callable[..., Visitor]) -> None:
    """In one line, beside the languages; what is read below keeps its measure and begins where that does."""
    page = visit("desk").open("fr")
    left = "each => each.getBoundingClientRect().left"
    height = page.locator(".pb-header").evaluate("head => head.offsetHeight")
    name = page.locator(".pb-brand > span")
    name.evaluate("name => { name.firstChild.data = 'Vos questions sur les services de Clairmoulin ' }")
    assert page.locator(".pb-header").evaluate("head => head.offsetHeight") == height
    assert page.locator(".pb-bar").evaluate(left) == page.locator(".pb-welcome").evaluate(left)
    assert _shows_no_sideways_scroll(page)


def test_each_part_of_a_reply_opens_its_own_words(visit: Callable[..., Visitor]) -> None:
    """From its source's line, which has the only number of it; a part of a quote is marked in it."""
    visitor = visit("phone")
    page = visitor.open("fr")
    visitor.ask("Parlez-moi du partenariat")
    assert page.locator(".pb-short, .pb-source").count() == 0
    panel = page.locator("#evidence")
    assert page.locator(".pb-cite").count() == 0
    opening = page.locator(".pb-origin .pb-see").first
    opening.focus()
    page.keyboard.press("Enter")
    answering = panel.locator("mark.pb-answering")
    expect(answering).to_contain_text("– Par la suite, en 2020, Vitagora a ouvert")
    expect(answering).not_to_contain_text("collaboration")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opening).to_be_focused()
    announced = page.locator("#announcer")
    expect(announced).to_contain_text("Voici ce que disent nos documents")
    expect(announced).to_contain_text("La prochaine édition")
    assert _shows_no_sideways_scroll(page)


TRANSLATOR = """
self.Translator = {
  availability: async ({ sourceLanguage, targetLanguage }) =>
    sourceLanguage === "fr" ? "unavailable" : `downloadable ${targetLanguage}`,
  create: async ({ sourceLanguage, targetLanguage }) => {
    if (!navigator.userActivation.isActive) throw new DOMException("No gesture", "NotAllowedError");
    return { translate: async (text) => `${sourceLanguage}>${targetLanguage} ${text.length}`, destroy() {} };
  },
};
"""
"""A stand-in for what a browser has: it translates from Japanese, not from French."""


@pytest.mark.parametrize("question", ["answered", "What partnership is there?"])
def test_the_browsers_own_translator_translates_a_foreign_quote(
    visit: Callable[..., Visitor], question: str
) -> None:
    """A button where it can, under the quote; what it puts there is named as the browser's."""
    visitor = visit("phone")
    visitor.page.add_init_script(TRANSLATOR)
    page = visitor.open("en")
    visitor.ask(QUESTIONS["en"].get(question, question))
    button = page.locator(".pb-translate")
    expect(button).to_have_text(texts_of("en").answer.translate)
    button.focus()
    page.keyboard.press("Enter")
    translation = page.locator(".pb-quote[lang=ja] + .pb-translation")
    expect(translation).to_have_text(f"{texts_of('en').answer.browser_translation} ja>en 47")
    expect(page.locator("#announcer")).to_have_text("ja>en 47")
    assert button.count() == 0


def test_without_a_translator_there_is_no_button(visit: Callable[..., Visitor]) -> None:
    """The quote is labelled all the same."""
    visitor = visit()
    visitor.page.add_init_script("delete self.Translator")
    page = visitor.open("fr")
    visitor.ask("Parlez-moi du partenariat")
    assert "en japonais" in page.locator(".pb-point").nth(1).inner_text()
    page.wait_for_timeout(300)
    assert page.locator(".pb-translate").count() == 0


@pytest.mark.parametrize("language", one_of(QUESTIONS, "en"))
def test_a_greeting_is_answered_as_such(visit: Callable[..., Visitor], language: str) -> None:
    """Paragraphs, an e-mail address to tap, and three examples, of which a tap asks one."""
    visitor = visit("phone")
    page = visitor.open(language)
    visitor.ask(QUESTIONS[language]["talk"])
    assert page.locator(".pb-talk .pb-body p").count() == 2
    expect(page.locator(".pb-talk a").first).to_have_attribute("href", "mailto:contact@clairparis.org")
    assert page.locator(".pb-actions, .pb-label:has(+ .pb-sources), .pb-absent").count() == 0
    assert page.locator(".pb-suggestion").count() == 3
    page.locator(".pb-suggestion").first.click()
    expect(page.locator(".pb-question")).to_have_count(2)
    expect(page.locator(".pb-answered")).to_have_count(2)
