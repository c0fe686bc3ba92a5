"""The chat on other sites' pages, in a real Chromium: an allowed site and a stranger's.

The chat, the allowed site and the stranger have loopback addresses of their own, so
that the browser takes them for three sites. Screenshots go to ci-output/screenshots/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from browsing import patient
from combinations import combinations, one_of
from host_sites import ARTICLE, HostSite, hosting
from partnerbot.settings import Settings
from partnerbot.web.embed_check import check_embedding
from partnerbot.web.page_texts import texts_of
from scripted_bot import ScriptedBot
from serving import serving

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parents[2] / "ci-output" / "screenshots"

QUESTIONS = {
    "fr": "Quand Vitagora a-t-il ouvert son bureau de Kumamoto ?",
    "ja": "ヴィタゴラはいつ熊本に事務所を開設しましたか？",
    "en": "When did Vitagora open its Kumamoto office?",
}

HOSTILE_LOOK = """<style>
* { color: lime !important; font: italic 40px/3 fantasy !important; transform: rotate(3deg) !important;
    letter-spacing: 9px !important; animation: none !important }
partnerbot-bubble, partnerbot-chat, html > :not(body) { display: none !important; opacity: 0.1 !important;
    position: static !important; visibility: hidden !important; pointer-events: none !important }
button, div, a, iframe, svg, h2, span { display: none !important; border: 9px dashed red !important }
html { font-size: 62.5%; filter: none } body { zoom: 1.2; text-transform: uppercase }
</style>"""

EVENTS = """<script>window.told = []; for (const name of ["open", "ready", "answer", "close"])
document.addEventListener("partnerbot:" + name, ({ detail }) => told.push([name, detail.status ?? null]))
</script>"""


@dataclass(frozen=True)
class Sites:
    """The chat, a site that may show it, one of its own domain that may, and one that may not.

    Chromium's private windows, as these tests have, give the chat's frame storage on its own domain only.
    """

    chat: str
    allowed: HostSite
    neighbour: HostSite
    stranger: HostSite

    def script(self, attributes: str = "") -> str:
        """The line that staff paste."""
        return f'<script src="{self.chat}/widget.js" defer {attributes}></script>'


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with ExitStack() as running:
        allowed = running.enter_context(hosting("127.0.0.2"))
        neighbour = running.enter_context(hosting("127.0.0.1"))
        stranger = running.enter_context(hosting("127.0.0.3"))
        folder = tmp_path_factory.mktemp("widget")
        bot = ScriptedBot(folder / "bot")
        bot.settings = bot.settings.model_copy(
            update={"allowed_origins": f"{neighbour.origin} {allowed.origin}"}
        )
        yield Sites(running.enter_context(serving(bot)), allowed, neighbour, stranger)


@dataclass
class Guest:
    """A visitor's tab on a host page, and all that it asked for or complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    @property
    def launch(self) -> Any:
        return self.page.locator(".launch")

    @property
    def form(self) -> Any:
        """The box of a place in the page, before its chat."""
        return self.page.locator("partnerbot-chat textarea")

    def open(self) -> None:
        self.launch.click()
        self.chat.locator("#question textarea").wait_for()

    def asked_of(self, site: str) -> list[str]:
        return [url.removeprefix(site) for url in self.requests if url.startswith(site)]

    def stored(self) -> int:
        """Count what is kept anywhere: cookies, and the storage of every frame that may have one."""
        count = """() => { try { return localStorage.length + sessionStorage.length } catch { return 0 } }"""
        return len(self.page.context.cookies()) + sum(frame.evaluate(count) for frame in self.page.frames)

    def wait_until_kept(self, exchanges: int) -> None:
        """Wait until the chat has kept so many questions with their answers in its tab."""
        (frame,) = (frame for frame in self.page.frames if frame != self.page.main_frame)
        frame.wait_for_function(
            """count => Object.entries(sessionStorage).some(
                ([key, kept]) => !key.endsWith("-draft") && JSON.parse(kept).length === count)""",
            arg=exchanges,
        )

    def focused(self) -> str:
        """Name what has the focus, in the page, in the bubble or in the chat's frame."""
        return str(
            self.page.evaluate(
                """() => { let at = document.activeElement;
                while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                if (at.localName === "iframe") return "chat";
                return at.id || at.className || at.getAttribute("aria-label") }"""
            )
        )


@pytest.fixture
def visit(browser: Browser, sites: Sites) -> Iterator[Callable[..., Guest]]:
    """Open a host page; in the end no tab has met a site but its own and the chat's, nor an error."""
    with ExitStack() as open_tabs:
        yield lambda address, **context: open_tabs.enter_context(
            _visiting(browser, sites, address, **context)
        )


@contextmanager
def _visiting(
    browser: Browser, sites: Sites, address: str, *, faultless: bool = True, **options: Any
) -> Iterator[Guest]:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "de-DE"} | options)
    guest = Guest(patient(context))
    guest.page.on("pageerror", lambda error: guest.complaints.append(str(error)))
    guest.page.on(
        "console", lambda line: guest.complaints.append(line.text) if line.type == "error" else None
    )
    context.on("request", lambda request: guest.requests.append(request.url))
    try:
        guest.page.goto(address)
        yield guest
        complaints = [*guest.complaints]  # a request that the closing tab cuts off is no complaint
    finally:
        context.close()
    own = address.split("/", 3)
    known = ("/".join(own[:3]), sites.chat, "data:", "blob:")
    assert [url for url in guest.requests if not url.startswith(known)] == []
    if faultless:
        assert complaints == []


@pytest.fixture
def visit_privately(whole_browser: Browser, sites: Sites) -> Iterator[Callable[..., Guest]]:
    """As `visit`, in a private window of the whole Chromium: another site's frame has no storage there."""
    with ExitStack() as open_tabs:
        yield lambda address, **context: open_tabs.enter_context(
            _visiting(whole_browser, sites, address, **context)
        )


PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}


def _shoot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"widget-{name}.png")


@pytest.mark.parametrize(("language", "size"), combinations(QUESTIONS, ["desk", "phone"]))
def test_a_visitor_asks_in_the_bubble(
    visit_privately: Callable[..., Guest], sites: Sites, language: str, size: str
) -> None:
    """In the page's language; before it is opened, only the script was loaded and nothing is stored."""
    address = sites.allowed.page(f"/{language}", sites.script(), language=f"{language}-XX")
    guest = visit_privately(address, **(PHONE if size == "phone" else {}))
    expect(guest.launch).to_have_text(texts_of(language).widget.ask)
    _shoot(guest.page, f"{language}-{size}-closed")
    assert guest.asked_of(sites.chat) == ["/widget.js"]
    assert guest.stored() == 0
    guest.open()
    chat = guest.chat
    expect(chat.locator(".pb-welcome .pb-notice")).to_contain_text(texts_of(language).page.notice)
    expect(chat.locator(".pb-skip")).not_to_be_in_viewport()
    chat.locator("#question textarea").fill(QUESTIONS[language])
    chat.locator("#question textarea").press("Enter")
    expect(chat.locator(".pb-source")).to_have_count(2)
    _shoot(guest.page, f"{language}-{size}")
    panel = guest.page.locator(".panel").bounding_box()
    assert panel is not None
    cut = guest.page.locator(".title").evaluate("title => title.scrollHeight - title.clientHeight")
    assert cut < 10  # a line is 21 px; tall glyphs reach over theirs
    if size == "phone":
        assert (panel["x"], panel["y"], panel["width"], panel["height"]) == (0, 0, 390, 780)
    else:
        assert panel["width"] == 420
        assert panel["x"] + panel["width"] == 1260
    assert guest.stored() == 0


@pytest.mark.parametrize("kind", ["script", "element"])
def test_a_place_in_the_page_waits_for_the_visitor(
    visit: Callable[..., Guest], sites: Sites, kind: str
) -> None:
    """It says that it is an automatic system before anything is loaded; one tap begins."""
    if kind == "script":
        embed = sites.script('data-inline="#place" data-title="Une question ?"')
    else:
        embed = f'<partnerbot-chat data-title="Une question ?"></partnerbot-chat>{sites.script()}'
    guest = visit(sites.allowed.page(f"/inline-{kind}", embed))
    place = guest.page.locator("partnerbot-chat")
    expect(place).to_contain_text("Une question ?")
    expect(place).to_contain_text("système automatique")
    expect(guest.page.locator("partnerbot-bubble")).to_have_count(0)
    assert guest.asked_of(sites.chat) == ["/widget.js"]
    guest.open()
    guest.page.evaluate(
        "question => document.querySelector('partnerbot-chat').ask(question)", QUESTIONS["fr"]
    )
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    _shoot(guest.page, f"inline-{kind}")


def test_a_plain_frame_needs_no_script(visit: Callable[..., Guest], sites: Sites) -> None:
    """The chat is whole in it, with its own title and notice."""
    frame = f'<iframe src="{sites.chat}/ja" title="質問" width="100%" height="640"></iframe>'
    guest = visit(sites.allowed.page("/frame", frame, policy=f"default-src 'none'; frame-src {sites.chat}",
                                     head='<link rel="icon" href="data:,">'), faultless=False)  # fmt: skip
    guest.chat.locator("#question textarea").fill(QUESTIONS["ja"])
    guest.chat.locator("#question textarea").press("Enter")
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    expect(guest.chat.locator(".pb-brand")).to_be_visible()


def test_a_stranger_is_blocked_and_told_so(visit: Callable[..., Guest], sites: Sites) -> None:
    """The browser shows nothing of the chat there; the panel says so and links to it."""
    guest = visit(sites.stranger.page("/", sites.script(), language="en"), faultless=False)
    guest.launch.click()
    status = guest.page.locator(".status")
    expect(status).to_contain_text(texts_of("en").widget.blocked)
    assert status.locator("a").get_attribute("href") == f"{sites.chat}/en"
    assert any("frame-ancestors" in complaint for complaint in guest.complaints)
    assert not any(frame.url.startswith(sites.chat) for frame in guest.page.frames)
    answer = guest.page.evaluate(
        """address => fetch(address, {method: "POST", body: '{"question": "Vitagora?"}',
            headers: {"Content-Type": "application/json"}}).then(() => "read", () => "refused")""",
        f"{sites.chat}/api/ask",
    )
    assert answer == "refused"


def test_the_keyboard_alone_is_enough(visit: Callable[..., Guest], sites: Sites) -> None:
    """Enter opens, the cursor is in the question, Tab goes round, Escape closes and the focus returns."""
    guest = visit(sites.allowed.page("/keys", sites.script()))
    keys = guest.page.keyboard
    guest.launch.focus()
    keys.press("Enter")
    box = guest.chat.locator("#question textarea")
    box.wait_for()
    expect(box).to_be_focused()
    dialog = guest.page.get_by_role("dialog", name=texts_of("fr").page.title)
    expect(dialog).to_be_visible()
    visited = []
    for _ in range(60):
        keys.press("Tab")
        visited.append(guest.focused())
        if visited[-1] == texts_of("fr").widget.close and visited.count("chat") > 1:
            break
    assert {"chat", texts_of("fr").widget.close, texts_of("fr").widget.new_tab} <= {*visited, ""}
    assert not {"link", "field", "launch"} & set(visited)
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    assert guest.focused() == "chat"
    box.focus()
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    assert guest.focused() == "launch"
    assert guest.launch.get_attribute("aria-expanded") == "false"


def test_escape_in_a_japanese_conversion_does_not_close(visit: Callable[..., Guest], sites: Sites) -> None:
    """It undoes the conversion; only an Escape of its own closes the panel."""
    guest = visit(sites.allowed.page("/ime", sites.script(), language="ja"))
    guest.open()
    guest.chat.locator("#question textarea").evaluate(
        """box => box.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Escape", isComposing: true, bubbles: true}))"""
    )
    guest.page.wait_for_timeout(200)
    expect(guest.page.locator(".panel")).to_be_visible()


@pytest.mark.parametrize("policy", ["strict", "none but the chat"])
def test_a_strict_policy_of_the_page_is_enough(
    visit: Callable[..., Guest], sites: Sites, policy: str
) -> None:
    """Two directives name the chat; no inline style, picture or connection is needed. Trusted Types hold."""
    needed = f"script-src {sites.chat}; frame-src {sites.chat}"
    whole = {
        "strict": f"default-src 'self'; {needed}; img-src data:; object-src 'none'; base-uri 'none'",
        "none but the chat": f"default-src 'none'; {needed}; img-src data:; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
    }[policy]
    name = policy.replace(" ", "-")
    guest = visit(sites.allowed.page(f"/csp-{name}", sites.script(), policy=whole, head=""))
    guest.open()
    guest.chat.locator(".pb-example").first.click()
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    assert guest.launch.evaluate("button => getComputedStyle(button).borderRadius") != "0px"


@pytest.mark.parametrize(
    ("policy", "works"),
    [
        ("default-src *; img-src data:", True),
        ("script-src 'self' 127.0.0.1:*; child-src http:", True),
        ("script-src {chat}/; frame-src {chat}/fr", True),
        ("script-src {chat}; frame-src {chat}/ja/", False),
        ("script-src {chat}; child-src 'self'", False),
        ("script-src 'nonce-x' 'strict-dynamic' {chat} http:", False),
    ],
)  # fmt: skip
def test_the_doctor_reads_policies_as_the_browser_does(
    visit: Callable[..., Guest], sites: Sites, policy: str, works: bool
) -> None:
    """What it says of a page's policy is what comes of the chat there."""
    whole = policy.format(chat=sites.chat)
    address = sites.allowed.page("/doctor", sites.script(), policy=whole, head="")
    settings = Settings(public_url=sites.chat, allowed_origins=sites.allowed.origin)
    told = {finding.subject: finding.passed for finding in check_embedding(settings, address)}
    assert bool(told["policy of the site"]) is works
    guest = visit(address, faultless=works)
    guest.page.evaluate("window.partnerbot?.open()")
    if works:
        guest.chat.locator("#question textarea").wait_for()
    else:
        guest.page.wait_for_timeout(1000)
        assert any("Content Security Policy" in complaint for complaint in guest.complaints)


def test_hostile_styles_of_the_page_do_not_reach_it(visit: Callable[..., Guest], sites: Sites) -> None:
    """Its button, panel and text look the same on a page whose style attacks everything."""
    looks = []
    for name, head in (("calm", ""), ("hostile", HOSTILE_LOOK)):
        guest = visit(sites.allowed.page(f"/look-{name}", sites.script(), head=head))
        expect(guest.launch).to_be_visible()
        look = [guest.launch.bounding_box(), guest.launch.evaluate(
            """button => { const { color, font, letterSpacing, transform } = getComputedStyle(button);
                return [color, font, letterSpacing, transform] }"""
        )]  # fmt: skip
        guest.open()
        looks.append([*look, guest.page.locator(".panel").bounding_box()])
        _shoot(guest.page, f"look-{name}")
    assert looks[0] == looks[1]


def test_it_leaves_the_page_as_it_is(visit: Callable[..., Guest], sites: Sites) -> None:
    """No style, no element in the body, no global but its own."""
    plain = visit(sites.allowed.page("/plain", ""))
    guest = visit(sites.allowed.page("/with", sites.script()))
    guest.open()
    same = """() => [document.body.innerText, document.styleSheets.length,
        JSON.stringify(getComputedStyle(document.body))]"""
    assert guest.page.evaluate(same) == plain.page.evaluate(same)
    added = "() => Object.getOwnPropertyNames(window).filter((name) => !/^\\d+$/.test(name))"
    new = set(guest.page.evaluate(added)) - set(plain.page.evaluate(added))
    assert new == {"partnerbot"}


def test_a_single_page_application_keeps_the_conversation(visit: Callable[..., Guest], sites: Sites) -> None:
    """The body is replaced, the address and the language change: the chat stays as it was."""
    guest = visit(sites.allowed.page("/spa", sites.script()))
    guest.open()
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    guest.page.evaluate(
        """() => { history.pushState({}, "", "/spa/next"); document.documentElement.lang = "ja";
            const body = document.createElement("body"); body.innerHTML = "<h1>次のページ</h1>";
            document.body.replaceWith(body) }"""
    )
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    guest.page.evaluate("document.querySelectorAll('html > :not(head, body)').forEach((e) => e.remove())")
    expect(guest.launch).to_have_text(texts_of("ja").widget.ask)
    guest.open()
    expect(guest.chat.locator("html")).to_have_attribute("lang", "ja")


def test_loading_it_twice_makes_one(visit: Callable[..., Guest], sites: Sites) -> None:
    """Twice in the page, and once more later, by whatever a CMS does."""
    guest = visit(sites.allowed.page("/twice", sites.script() + sites.script("data-accent='#7a1f3d'")))
    expect(guest.launch).to_be_visible()
    _load_again(guest, sites)
    expect(guest.page.locator("partnerbot-bubble")).to_have_count(1)


def test_the_page_can_open_ask_and_close_and_is_told(visit: Callable[..., Guest], sites: Sites) -> None:
    """Questions that come together are asked in turn; events tell the outcome and never the words."""
    guest = visit(sites.allowed.page("/api", sites.script(), body=ARTICLE + EVENTS))
    expect(guest.launch).to_be_visible()
    guest.page.evaluate("([one, two]) => { partnerbot.ask(one); partnerbot.ask(two) }",
                        [QUESTIONS["fr"], "Quel est le prix du billet ?"])  # fmt: skip
    guest.chat.locator(".pb-absent").wait_for()
    assert guest.chat.locator(".pb-answered").count() == 1
    guest.page.evaluate("partnerbot.close()")
    expect(guest.page.locator(".panel")).to_be_hidden()
    assert guest.page.evaluate("told") == [
        ["open", None],
        ["ready", None],
        ["answer", "answered"],
        ["answer", "not_in_documents"],
        ["close", None],
    ]


def test_feedback_is_sent_from_the_bubble(visit: Callable[..., Guest], sites: Sites) -> None:
    """The form's own buttons work in the frame as on the chat's page."""
    guest = visit(sites.allowed.page("/feedback", sites.script()))
    guest.open()
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    guest.chat.locator(".pb-not-useful").click()
    form, texts = guest.chat.locator("#feedback"), texts_of("fr").feedback
    form.get_by_label(texts.incomplete).check()
    form.get_by_role("button", name=texts.send).click()
    expect(form).to_be_hidden()
    expect(guest.chat.locator(".pb-feedback")).to_have_text(texts.thanks)


def test_the_address_of_the_page_is_not_told(visit: Callable[..., Guest], sites: Sites) -> None:
    """No request to the chat's frame names the page it is shown in."""
    guest = visit(sites.allowed.page("/private-page", sites.script()))
    told: list[str | None] = []
    guest.page.on("request", lambda request: told.append(request.headers.get("referer")))
    guest.open()
    assert told
    assert not any("private-page" in (referer or "") for referer in told)


def test_options_change_side_colour_and_title(visit: Callable[..., Guest], sites: Sites) -> None:
    """A pale colour gets dark text on the button, and darker links inside, which stay readable."""
    attributes = (
        'data-position="left" data-accent="#ffd54f" data-title="Le guichet" data-language="en" data-open'
    )
    guest = visit(sites.allowed.page("/options", sites.script(attributes)))
    panel = guest.page.locator(".panel")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] == 20
    expect(guest.page.get_by_role("dialog", name="Le guichet")).to_be_visible()
    bar = guest.page.locator(".bar")
    assert bar.evaluate("bar => getComputedStyle(bar).backgroundColor") == "rgb(255, 213, 79)"
    assert bar.evaluate("bar => getComputedStyle(bar).color") == "rgb(20, 24, 29)"
    chat = guest.chat.locator("html")
    expect(chat).to_have_attribute("lang", "en")
    accent = chat.evaluate("html => html.style.getPropertyValue('--accent')")
    assert max(int(channel) for channel in accent[4:-1].split()) < 140
    _shoot(guest.page, "options")


@pytest.mark.parametrize(
    ("declared", "dark"), [("", False), ("light dark", True), ("dark", True)], ids=["none", "both", "dark"]
)
def test_the_chat_is_as_light_or_dark_as_the_page(
    visit: Callable[..., Guest], sites: Sites, declared: str, dark: bool
) -> None:
    """On a visitor's dark device, a page that declares no dark look gets a light chat."""
    head = f"<style>html {{ color-scheme: {declared or 'normal'} }}</style>"
    path = f"/scheme-{declared.replace(' ', '-')}"
    guest = visit(sites.allowed.page(path, sites.script(), head=head), color_scheme="dark")
    guest.open()
    paper = guest.chat.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert (paper == "rgb(20, 24, 29)") is dark
    _shoot(guest.page, f"scheme-{declared.replace(' ', '-') or 'none'}")


def test_on_a_page_from_right_to_left_it_stands_left(visit: Callable[..., Guest], sites: Sites) -> None:
    """The button is on the other side, and its own words still run from left to right."""
    page = sites.allowed.page("/rtl", sites.script(), language="ar", direction="rtl")
    guest = visit(page, locale="fr-FR")
    expect(guest.launch).to_have_text(texts_of("fr").widget.ask)
    box = guest.launch.bounding_box()
    assert box is not None
    assert box["x"] == 20
    guest.open()
    assert guest.page.locator(".bar").evaluate("bar => getComputedStyle(bar).direction") == "ltr"
    _shoot(guest.page, "rtl")


@pytest.mark.parametrize(("wish", "name"), [("reduce", "none"), ("no-preference", "rise")])
def test_motion_is_as_the_visitor_wishes(
    visit: Callable[..., Guest], sites: Sites, wish: str, name: str
) -> None:
    """Someone who asked for less of it sees the panel at once."""
    guest = visit(sites.allowed.page("/motion", sites.script()), reduced_motion=wish)
    guest.open()
    panel = guest.page.locator(".panel")
    assert panel.evaluate("panel => getComputedStyle(panel).animationName") == name


def test_it_keeps_clear_of_notches_and_bars(visit: Callable[..., Guest], sites: Sites) -> None:
    """On a phone with both: the button beside them, the panel's controls and the chat inside of them."""
    guest = visit(sites.allowed.page("/notch", sites.script()), **PHONE)
    devtools = guest.page.context.new_cdp_session(guest.page)
    insets = {"top": 40, "left": 30, "bottom": 50, "right": 60}
    devtools.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    button = guest.launch.bounding_box()
    assert button is not None
    assert (button["x"] + button["width"], button["y"] + button["height"]) == (390 - 20 - 60, 780 - 20 - 50)
    guest.open()
    _shoot(guest.page, "notch")
    close = guest.page.get_by_role("button", name=texts_of("fr").widget.close).bounding_box()
    frame = guest.page.locator("iframe").bounding_box()
    assert close is not None
    assert frame is not None
    assert close["y"] >= 40
    assert close["x"] + close["width"] <= 390 - 60
    assert (frame["x"], frame["x"] + frame["width"]) == (30, 390 - 60)
    box = guest.chat.locator("#question textarea").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 780 - 50


def test_an_element_in_the_page_is_opened_closed_and_asked(visit: Callable[..., Guest], sites: Sites) -> None:
    """By its own methods and by the page's; closed, it is as before, and its frame is gone."""
    element = "<partnerbot-chat></partnerbot-chat>"
    guest = visit(sites.allowed.page("/element-api", element + sites.script(), body=ARTICLE + EVENTS))
    chat = guest.page.locator("partnerbot-chat")
    expect(guest.launch).to_be_visible()
    chat.evaluate("(chat, question) => chat.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    chat.evaluate("chat => chat.close()")
    expect(guest.launch).to_be_visible()
    expect(guest.page.locator("iframe")).to_have_count(0)
    guest.page.evaluate("partnerbot.open()")
    guest.chat.locator("#question textarea").wait_for()
    assert [name for name, _ in guest.page.evaluate("told")] == [
        "open", "ready", "answer", "close", "open", "ready",
    ]  # fmt: skip


def test_an_element_follows_the_language_of_the_page(visit: Callable[..., Guest], sites: Sites) -> None:
    """Before it is opened, as the button does; also after the page has moved it."""
    element = "<partnerbot-chat></partnerbot-chat>"
    guest = visit(sites.allowed.page("/element-language", element + sites.script()))
    expect(guest.form).to_have_attribute("placeholder", texts_of("fr").chat.placeholder)
    guest.page.evaluate("document.documentElement.lang = 'ja'")
    expect(guest.form).to_have_attribute("placeholder", texts_of("ja").chat.placeholder)
    guest.page.evaluate("document.querySelector('#place').append(document.querySelector('partnerbot-chat'))")
    guest.page.evaluate("document.documentElement.lang = 'en'")
    expect(guest.form).to_have_attribute("placeholder", texts_of("en").chat.placeholder)
    guest.open()
    expect(guest.chat.locator("html")).to_have_attribute("lang", "en")


def test_an_element_that_is_taken_out_leaves_nothing_behind(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """Neither a listener of the window nor, once it is forgotten, any node; moved, it goes on."""
    guest = visit(sites.allowed.page("/element-gone", sites.script('data-inline="#place"')))
    devtools = guest.page.context.new_cdp_session(guest.page)

    def kept() -> tuple[int, int]:
        devtools.send("HeapProfiler.collectGarbage")
        counts = devtools.send("Memory.getDOMCounters")
        return counts["nodes"], counts["jsEventListeners"]

    def come_and_go(times: int) -> None:
        guest.page.evaluate(
            """times => { for (let n = 0; n < times; n++) {
                const chat = document.createElement("partnerbot-chat");
                document.body.append(chat);
                chat.remove();
            } }""",
            times,
        )

    expect(guest.launch).to_be_visible()
    come_and_go(1)
    nodes, listeners = kept()
    come_and_go(50)
    more_nodes, more_listeners = kept()
    assert more_nodes - nodes < 50
    assert more_listeners - listeners < 50
    guest.page.evaluate("document.body.prepend(document.querySelector('partnerbot-chat'))")
    guest.open()
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator(".pb-source")).to_have_count(2)


def test_storage_that_the_browser_denies_is_not_missed(visit: Callable[..., Guest], sites: Sites) -> None:
    """Browsers that block other sites' storage throw when it is touched; the chat answers all the same."""
    guest = visit(sites.allowed.page("/denied", sites.script()))
    guest.page.context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, {
                get() { throw new DOMException("denied", "SecurityError") } })"""
    )
    guest.page.reload()
    guest.open()
    guest.chat.locator(".pb-example").first.click()
    expect(guest.chat.locator(".pb-source")).to_have_count(2)


def test_staff_make_the_line_and_it_works(visit: Callable[..., Guest], sites: Sites) -> None:
    """What /embed writes, pasted into a page, gives what its preview showed."""
    staff = visit(f"{sites.chat}/embed?lang=fr", viewport={"width": 1280, "height": 1400})
    page = staff.page
    page.locator("[name=accent]").fill("#7a1f3d")
    page.locator("[name=title]").fill('Le "guichet" <b>&')
    page.locator("[name=language]").select_option("ja")
    preview = page.frame_locator("#preview")
    expect(preview.locator(".launch")).to_have_text(texts_of("ja").widget.ask)
    preview.locator(".launch").click()
    expect(preview.locator(".title")).to_have_text('Le "guichet" <b>&')
    preview.frame_locator("iframe").locator("#question textarea").wait_for()
    _shoot(page, "embed")
    line = page.locator("#line").inner_text()
    assert line.count("<") == 2
    page.locator("#site").fill(f"{sites.allowed.origin}/page")
    expect(page.locator("#verdict")).to_have_class("yes")
    page.locator("#site").fill(sites.stranger.origin)
    expect(page.locator("#setting")).to_contain_text(f"{sites.allowed.origin}, {sites.stranger.origin}")
    guest = visit(sites.allowed.page("/pasted", line))
    guest.open()
    expect(guest.page.locator(".title")).to_have_text('Le "guichet" <b>&')
    expect(guest.chat.locator("html")).to_have_attribute("lang", "ja")


@pytest.mark.parametrize("kind", one_of(["inline", "element", "frame"], "inline"))
def test_every_kind_of_line_works(visit: Callable[..., Guest], sites: Sites, kind: str) -> None:
    """Each gives a chat on the allowed site."""
    staff = visit(f"{sites.chat}/embed?lang=en")
    staff.page.locator(f"[name=kind][value={kind}]").check()
    line = staff.page.locator("#line")
    expect(line).to_contain_text(
        {"inline": "data-inline", "element": "partnerbot-chat", "frame": "iframe"}[kind]
    )
    guest = visit(sites.allowed.page(f"/line-{kind}", line.inner_text(), language="en"))
    if kind != "frame":
        guest.launch.click()
    guest.chat.locator("#question textarea").fill(QUESTIONS["en"])
    guest.chat.locator("#question textarea").press("Enter")
    expect(guest.chat.locator(".pb-source")).to_have_count(2)


def test_the_preview_covers_nothing(visit: Callable[..., Guest], sites: Sites) -> None:
    """It stays beside the options while staff scroll, and leaves the line and its button free."""
    page = visit(f"{sites.chat}/embed?lang=fr", viewport={"width": 1280, "height": 600}).page
    page.locator("#copy").scroll_into_view_if_needed()
    for down in range(0, 1400, 200):
        page.evaluate("down => scrollTo(0, down)", down)
        preview, line = (page.locator(part).bounding_box() for part in (".preview", ".result"))
        assert preview is not None
        assert line is not None
        assert preview["y"] + preview["height"] <= line["y"]
    page.locator("#copy").click(timeout=2000)


def test_staff_are_told_where_to_paste(visit: Callable[..., Guest], sites: Sites) -> None:
    """The bubble's line goes to the end of every page, the others to where the chat is to stand."""
    page = visit(f"{sites.chat}/embed?lang=ja").page
    note, texts = page.locator(".result .note:visible"), texts_of("ja").embed
    expect(note).to_have_text(texts.line_note)
    for kind in ("inline", "element", "frame"):
        page.locator(f"[name=kind][value={kind}]").check()
        expect(note).to_have_text(texts.line_note_in_place)
        page.locator("details summary").click()
        expect(page.locator("details p")).to_be_visible()
        expect(page.locator("details dl")).to_be_hidden()
        page.locator("details summary").click()
    page.locator("[name=kind][value=bubble]").check()
    page.locator("details summary").click()
    expect(page.locator("dd")).to_have_text([texts.wordpress, texts.drupal, texts.spip, texts.typo3])


def test_without_https_the_line_can_still_be_copied(visit: Callable[..., Guest], sites: Sites) -> None:
    """Browsers then give pages no clipboard: the line is marked, for the keyboard."""
    page = visit(f"{sites.chat}/embed?lang=en").page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("#copy").click()
    assert page.evaluate("String(getSelection())").strip() == page.locator("#line").inner_text()
    expect(page.locator("#copy")).to_have_text(texts_of("en").embed.copy)


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_narrow_place_has_room_for_its_words(
    visit: Callable[..., Guest], sites: Sites, language: str
) -> None:
    """In a column of 260 pixels no word is broken, cut or over another."""
    column = '<div style="width: 260px" id="place"></div>'
    page = sites.allowed.page(f"/narrow-{language}", sites.script('data-inline="#place"'), language=language,
                              body=column)  # fmt: skip
    guest = visit(page)
    field, button = guest.form.bounding_box(), guest.launch.bounding_box()
    assert field is not None
    assert button is not None
    assert field["height"] < 50
    assert button["height"] < 50
    assert button["x"] >= field["x"] + field["width"] or button["y"] >= field["y"] + field["height"]
    for part in (guest.form, guest.launch):
        assert part.evaluate(
            "part => part.scrollWidth <= part.clientWidth && part.scrollHeight <= part.clientHeight"
        )
    _shoot(guest.page, f"narrow-{language}")


def test_escape_ends_only_what_is_open_in_the_chat(visit: Callable[..., Guest], sites: Sites) -> None:
    """A source, the form for a comment and an edit end alone; the Escape after them closes the panel."""
    guest = visit(sites.allowed.page("/escape", sites.script()))
    guest.open()
    chat, keys, panel = guest.chat, guest.page.keyboard, guest.page.locator(".panel")
    chat.locator("#question textarea").fill(QUESTIONS["fr"])
    keys.press("Enter")
    chat.locator(".pb-cite").first.click()
    expect(chat.locator("#evidence .pb-panel-title")).to_be_focused()
    keys.press("Escape")
    expect(chat.locator("#evidence")).to_be_hidden()
    chat.locator(".pb-not-useful").click()
    chat.locator("[name=comment]").fill("Il manque la date.")
    keys.press("Escape")
    expect(chat.locator("#feedback")).to_be_hidden()
    chat.locator(".pb-edit").click()
    keys.press("Escape")
    expect(chat.locator("#editing")).to_be_hidden()
    guest.page.wait_for_timeout(200)
    expect(panel).to_be_visible()
    keys.press("Escape")
    expect(panel).to_be_hidden()


@pytest.mark.parametrize(("refusal", "copied"), [("NotAllowedError", True), ("AbortError", False)])
def test_what_a_phone_does_not_share_is_copied(
    visit: Callable[..., Guest], sites: Sites, refusal: str, copied: bool
) -> None:
    """The frame may open the phone's menu; where that is refused, not left, the link is copied."""
    guest = visit(sites.allowed.page("/share", sites.script()), **PHONE)
    guest.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # Chromium on Linux has no such menu.
    guest.page.context.add_init_script(
        f"navigator.share = () => Promise.reject(new DOMException('', '{refusal}'))"
    )
    guest.open()
    assert guest.page.locator("iframe").get_attribute("allow") == "clipboard-write; web-share; translator"
    guest.chat.locator(".pb-example").first.click()
    share = guest.chat.locator(".pb-share")
    label = share.inner_text()
    share.tap()
    if copied:
        expect(share).to_have_text(texts_of("fr").follow_up.shared)
    else:
        guest.page.wait_for_timeout(200)
        expect(share).to_have_text(label)


def test_the_text_on_a_colour_is_the_one_that_reads_better(visit: Callable[..., Guest], sites: Sites) -> None:
    """White or near-black, by the contrast that WCAG 2 defines; in the middle, too."""
    guest = visit(sites.allowed.page("/accent", ""))
    white, black = "rgb(255, 255, 255)", "rgb(20, 24, 29)"
    for accent in ("#d97706", "#767676", "#7d7d7d", "#c60", "#1f4e79", "#ffd54f"):
        guest.page.goto(sites.allowed.page("/accent", sites.script(f'data-accent="{accent}"')))
        colour, background = guest.launch.evaluate(
            "button => [getComputedStyle(button).color, getComputedStyle(button).backgroundColor]"
        )
        assert colour == max(white, black, key=lambda text: _contrast(text, background)), accent


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        shares = [int(channel) / 255 for channel in colour[4:-1].split(",")]
        red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dim, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("when", ["before", "around", "later"])
def test_beside_an_element_the_script_makes_no_bubble_however_often(
    visit: Callable[..., Guest], sites: Sites, when: str
) -> None:
    """Loaded twice, before the element is read, around it or afterwards; calls go to the element."""
    element = "<partnerbot-chat></partnerbot-chat>"
    at_once = sites.script().replace(" defer", "")
    embed = {
        "before": at_once + at_once + element,
        "around": sites.script() + element + sites.script(),
        "later": element + sites.script(),
    }[when]
    guest = visit(sites.allowed.page(f"/element-twice-{when}", embed))
    expect(guest.launch).to_be_visible()
    if when == "later":
        _load_again(guest, sites)
    expect(guest.page.locator("partnerbot-bubble")).to_have_count(0)
    guest.page.evaluate("partnerbot.open()")
    expect(guest.page.locator("partnerbot-chat iframe")).to_be_visible()


def _load_again(guest: Guest, sites: Sites) -> None:
    guest.page.evaluate(
        """address => new Promise((done) => { const tag = document.createElement("script");
            tag.src = address; tag.onload = done; document.body.append(tag) })""",
        f"{sites.chat}/widget.js?again",
    )


def test_the_page_asks_on_after_a_question_that_was_refused_or_stopped(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """Each question waits for the one before it to end, however it ends."""
    guest = visit(sites.allowed.page("/ask-on", sites.script()), faultless=False)
    join, refused = "**/gradio_api/queue/join*", {"status": 503, "json": {"error": {"message": "Complet."}}}
    guest.page.route(join, lambda route: route.fulfill(**refused), times=1)
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator("#connection")).to_contain_text("Complet.")
    guest.page.evaluate(
        "questions => questions.forEach(partnerbot.ask)", ["slow", "Quel est le prix du billet ?"]
    )
    guest.chat.locator("#stop").click()
    expect(guest.chat.locator(".pb-stopped")).to_have_count(1)
    expect(guest.chat.locator(".pb-absent")).to_have_count(1)


@pytest.mark.parametrize("doing", ["writing", "editing"])
def test_what_a_visitor_is_writing_outlasts_a_question_of_the_page(
    visit: Callable[..., Guest], sites: Sites, doing: str
) -> None:
    """The page's question is asked after all that was said; the visitor's words come back at once."""
    guest = visit(sites.allowed.page("/draft", sites.script()))
    guest.open()
    chat, box = guest.chat, guest.chat.locator("#question textarea")
    box.fill(QUESTIONS["fr"])
    box.press("Enter")
    expect(chat.locator(".pb-answered")).to_have_count(1)
    if doing == "editing":
        chat.locator(".pb-edit").click()
    box.fill("Et le musée")
    guest.page.evaluate("partnerbot.ask('slow')")
    expect(chat.locator(".pb-question")).to_have_count(2)
    expect(box).to_have_value("Et le musée")
    expect(chat.locator("#stop")).to_be_visible()
    expect(chat.locator(".pb-answered")).to_have_count(2)
    expect(box).to_have_value("Et le musée")


def test_words_in_the_box_outlast_a_refused_question_of_the_page(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """A refused question comes back to the box only where nothing else was in it."""
    guest = visit(sites.allowed.page("/draft-refused", sites.script()))
    guest.open()
    box = guest.chat.locator("#question textarea")
    box.fill("Et le musée")
    guest.page.evaluate("partnerbot.ask('12345')")
    expect(guest.chat.locator(".pb-rejected")).to_have_count(1)
    expect(box).to_have_value("Et le musée")


def test_a_conversation_that_comes_back_is_no_new_answer(visit: Callable[..., Guest], sites: Sites) -> None:
    """On the site's next page the chat shows what was said; only what is asked there is told as answered."""
    guest = visit(sites.neighbour.page("/first", sites.script(), body=ARTICLE + EVENTS))
    guest.page.evaluate(
        "questions => questions.forEach(partnerbot.ask)", [QUESTIONS["fr"], "Quel est le prix du billet ?"]
    )
    expect(guest.chat.locator(".pb-absent")).to_have_count(1)
    guest.wait_until_kept(2)
    guest.page.goto(sites.neighbour.page("/second", sites.script("data-open"), body=ARTICLE + EVENTS))
    expect(guest.chat.locator(".pb-absent")).to_have_count(1)
    expect(guest.chat.locator(".pb-answered")).to_have_count(1)
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator(".pb-answered")).to_have_count(2)
    guest.page.wait_for_timeout(200)
    assert [told for told in guest.page.evaluate("told") if told[0] == "answer"] == [["answer", "answered"]]


@pytest.mark.parametrize("options", ["", 'data-inline="#place"'], ids=["bubble", "place"])
def test_a_conversation_is_open_again_after_a_reload(
    visit: Callable[..., Guest], sites: Sites, options: str
) -> None:
    """And on the site's next page, without taking the cursor; not if it was closed, or nothing asked.

    Where a page has the other kind of chat, that stays closed: nobody opened it.
    """
    guest = visit(sites.neighbour.page("/before", sites.script(options)))
    guest.open()
    guest.page.reload()
    expect(guest.launch).to_be_visible()
    guest.open()
    guest.chat.locator("#question textarea").fill(QUESTIONS["fr"])
    guest.chat.locator("#question textarea").press("Enter")
    expect(guest.chat.locator(".pb-answered")).to_have_count(1)
    guest.wait_until_kept(1)
    following = sites.neighbour.page("/after", sites.script(options))
    for again in (guest.page.reload, lambda: guest.page.goto(following)):
        again()
        expect(guest.chat.locator(".pb-answered")).to_have_count(1)
        expect(guest.launch).to_be_hidden()
        assert guest.focused() not in ("chat", "panel")
    other = "" if options else 'data-inline="#place"'
    guest.page.goto(sites.neighbour.page("/other", sites.script(other)))
    expect(guest.launch).to_be_visible()
    guest.page.goto(following)
    guest.page.evaluate("partnerbot.close()")
    guest.page.reload()
    expect(guest.launch).to_be_visible()
    expect(guest.page.locator("iframe")).to_be_hidden()


@contextmanager
def _slow_line(page: Page) -> Iterator[None]:
    """Let nothing of what the chat is made with through, until the block ends."""
    page.route("**/static/gradio/*.js", lambda _: None)
    yield
    page.unroute("**/static/gradio/*.js")


def test_on_a_slow_line_the_first_question_can_be_written_at_once(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """The chat's early box shows as soon as it is there, and nobody is told that the chat can't be shown."""
    guest = visit(sites.allowed.page("/slow-line", sites.script()))
    guest.page.clock.install()
    early, box = (guest.chat.locator(f"{place} textarea") for place in ("#early", "#question"))
    with _slow_line(guest.page):
        guest.launch.click()
        expect(early).to_be_visible()
        expect(guest.page.locator("iframe")).to_be_visible()
        guest.page.clock.run_for(30_000)
        expect(guest.page.locator(".status")).to_have_count(0)
        early.fill(QUESTIONS["fr"])
    expect(box).to_have_value(QUESTIONS["fr"])
    box.press("Enter")
    expect(guest.chat.locator(".pb-source")).to_have_count(2)


KEY_MS = 60


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("begun", ["in the box", "by the button", "by the page"])
def test_nothing_that_is_typed_from_the_first_click_on_is_lost(
    visit: Callable[..., Guest], sites: Sites, size: str, begun: str
) -> None:
    """The small form keeps it until it is sent, however late or soon the chat comes, and asks it there."""
    address = sites.allowed.page(f"/typed-{size}-{begun[-3:]}", sites.script('data-inline="#place"'))
    guest = visit(address, **(PHONE if size == "phone" else {}))
    press = "tap" if size == "phone" else "click"
    question = QUESTIONS["fr"]
    with _slow_line(guest.page):
        if begun == "by the button":
            getattr(guest.launch, press)()
        if begun != "by the button" or size == "phone":  # without a keyboard nothing can be typed yet
            field = guest.form if begun != "by the button" else guest.chat.locator("#early textarea")
            getattr(field, press)()
        for number, key in enumerate(question):
            guest.page.keyboard.type(key)
            if number == 5 and begun == "by the page":
                guest.page.evaluate("partnerbot.open()")
            guest.page.wait_for_timeout(KEY_MS)
        if begun == "by the button":
            guest.page.keyboard.press("Enter")
        else:
            getattr(guest.launch, press)()
        expect(guest.chat.locator("#early textarea")).to_have_value(question)
        expect(guest.page.locator("partnerbot-chat .start")).to_be_hidden()
        expect(guest.chat.locator("#early textarea")).to_be_in_viewport()
        _shoot(guest.page, f"typed-{size}-{begun.replace(' ', '-')}")
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    expect(guest.chat.locator(".pb-question .pb-said")).to_have_text(question)
    if size == "desk":
        expect(guest.chat.locator("#question textarea")).to_be_focused()


def test_a_japanese_conversion_is_not_broken_by_the_chat_that_comes(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """Enter that ends it sends nothing; the form stays while it goes on."""
    guest = visit(sites.allowed.page("/converted", sites.script('data-inline="#place"'), language="ja"))
    session = guest.page.context.new_cdp_session(guest.page)
    guest.form.click()
    session.send("Input.imeSetComposition", {"text": "くまもと", "selectionStart": 4, "selectionEnd": 4})
    guest.page.evaluate("partnerbot.open()")
    guest.chat.locator("#question textarea").wait_for()
    expect(guest.form).to_be_focused()
    guest.form.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    session.send("Input.insertText", {"text": "熊本"})
    expect(guest.form).to_have_value("熊本")
    guest.form.press("Enter")
    expect(guest.chat.locator(".pb-question .pb-said")).to_have_text("熊本")
    expect(guest.form).to_be_hidden()


def test_what_was_sent_to_a_chat_that_does_not_come_is_not_lost(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """It stands in the form again when the visitor is told."""
    guest = visit(sites.stranger.page("/kept", sites.script('data-inline="#place"')), faultless=False)
    guest.form.fill(QUESTIONS["fr"])
    guest.launch.click()
    expect(guest.form).not_to_be_editable()
    expect(guest.page.locator(".status a")).to_be_visible()
    expect(guest.form).to_be_editable()
    expect(guest.form).to_have_value(QUESTIONS["fr"])


def test_a_place_that_opens_with_the_page_leaves_the_cursor_to_the_page(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """And shows no form beside its chat."""
    guest = visit(sites.allowed.page("/open-place", sites.script('data-inline="#place" data-open')))
    guest.chat.locator("#question textarea").wait_for()
    expect(guest.form).to_be_hidden()
    assert guest.page.evaluate("document.activeElement === document.body")


def test_a_visitor_who_went_elsewhere_while_the_chat_came_stays_there(
    visit: Callable[..., Guest], sites: Sites
) -> None:
    """The cursor isn't taken away from the page's own field."""
    guest = visit(sites.allowed.page("/slow-place", sites.script('data-inline="#place"')))
    with _slow_line(guest.page):
        guest.launch.click()
        guest.chat.locator("#early textarea").wait_for()
        guest.page.locator("#field").focus()
    guest.chat.locator("#question textarea").wait_for()
    guest.page.wait_for_timeout(300)
    expect(guest.page.locator("#field")).to_be_focused()


def test_a_place_that_comes_later_gets_its_chat(visit: Callable[..., Guest], sites: Sites) -> None:
    """A single-page application makes it late and anew with each view: the chat comes, and goes on."""
    guest = visit(sites.neighbour.page("/late", sites.script('data-inline="#late"')))
    show = """() => { const view = document.querySelector("main"); view.innerHTML = "<h1>Vue</h1>";
        setTimeout(() => (view.innerHTML += '<div id="late"></div>'), 50) }"""
    chats = guest.page.locator("#late > partnerbot-chat")
    expect(guest.page.locator("partnerbot-chat")).to_have_count(0)
    guest.page.evaluate(show)
    expect(chats).to_have_count(1)
    guest.open()
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    expect(guest.chat.locator("#send")).to_be_visible()
    guest.page.wait_for_timeout(500)
    guest.page.evaluate(show)
    expect(chats).to_have_count(1)
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    expect(guest.page.locator("partnerbot-chat")).to_have_count(1)


def test_a_closed_button_follows_the_language_of_the_page(visit: Callable[..., Guest], sites: Sites) -> None:
    """Also after it was opened: the next opening is in it; back in the first, all is there."""
    guest = visit(sites.neighbour.page("/switch", sites.script()))
    guest.open()
    guest.page.evaluate("question => partnerbot.ask(question)", QUESTIONS["fr"])
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
    guest.wait_until_kept(1)
    guest.page.evaluate("document.documentElement.lang = 'ja'")
    expect(guest.page.locator(".title")).to_have_text(texts_of("fr").page.title)
    guest.page.evaluate("partnerbot.close()")
    expect(guest.launch).to_have_text(texts_of("ja").widget.ask)
    guest.open()
    expect(guest.chat.locator("html")).to_have_attribute("lang", "ja")
    expect(guest.page.locator(".title")).to_have_text(texts_of("ja").page.title)
    guest.page.evaluate("partnerbot.close()")
    guest.page.evaluate("document.documentElement.lang = 'fr'")
    expect(guest.launch).to_have_text(texts_of("fr").widget.ask)
    guest.open()
    expect(guest.chat.locator(".pb-source")).to_have_count(2)
