"""Answers by a language model's server in the chat, in a real browser: they stream, can be stopped, and
carry translations of foreign quotes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from browsing import visiting
from chat_server import ChatHandler, chat_server
from partnerbot.bot import Partnerbot
from partnerbot.settings import Settings
from serving import serving
from waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.browser

_QUESTION = "When was the friendship charter signed?"
_TRANSLATION = "The town of Clairmoulin and the city of Kirisawa signed their charter on 12 April 2009."


@pytest.mark.parametrize("leave", ["stop", "close"])
def test_leaving_before_the_first_sentence_ends_the_models_request(
    small_settings: Settings, browser: Browser, leave: str
) -> None:
    """Stop, or a page that is closed: the model's server sees it at once."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        handler.say("The charter was ")
        handler.wait_for_the_end()

    with chat_server(behave) as server:
        settings = small_settings.model_copy(
            update={"llm": "openai:scripted", "llm_base_url": server.address, "llm_first_token_seconds": 60.0}
            | {"llm_answer_seconds": 120.0, "feedback": False}
        )
        with serving(Partnerbot.open(settings)) as address, visiting(browser, address) as visitor:
            page = visitor.open("en")
            page.locator("#question textarea").fill(_QUESTION)
            page.keyboard.press("Enter")
            assert server.waited_for.wait(PATIENCE_SECONDS)
            expect(page.locator(".pb-pending")).to_be_visible()
            page.wait_for_timeout(1_500)  # longer than the page is left without any word
            expect(page.locator(".pb-pending")).to_be_visible()
            if leave == "close":
                page.close()
            else:
                page.locator("#stop").click()
                expect(page.locator(".pb-stopped")).to_be_visible()
            assert server.left.wait(30)  # without it, the time for a first token ends the request


def test_answer_streams_can_be_stopped_and_shows_translations(
    small_settings: Settings, browser: Browser
) -> None:
    """A verified sentence is on the page while the model still writes; Stop ends its request; the
    translation stands below the quote, called what it is."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        if handler.prompt.startswith("Translate"):
            handler.say(f"[1] {_TRANSLATION}")
        else:
            found = re.search(r"\[(\d+)\] (?:(?!\n==).)*12 avril 2009", handler.prompt, re.DOTALL)
            assert found
            handler.say(f"The charter was signed on 12 April 2009 [{found[1]}]. It ")
            if len(handler.server.requests) == 1:
                handler.hang()
            handler.say(f"was signed in 1999 [{found[1]}].")
        handler.end()

    with chat_server(behave) as server:
        settings = small_settings.model_copy(
            update={"llm": "openai:scripted", "llm_base_url": server.address, "llm_first_token_seconds": 60.0}
            | {"llm_answer_seconds": 120.0, "feedback": False}
        )
        with serving(Partnerbot.open(settings)) as address, visiting(browser, address) as visitor:
            page = visitor.open("en")
            page.locator("#question textarea").fill(_QUESTION)
            page.keyboard.press("Enter")
            expect(page.locator(".pb-partial")).to_contain_text("12 April 2009")
            page.locator("#stop").click()
            expect(page.locator(".pb-stopped")).to_contain_text("12 April 2009")
            page.locator("#clear").click()
            expect(page.locator(".pb-stopped")).to_have_count(0)
            page.locator("#question textarea").fill(_QUESTION)
            page.keyboard.press("Enter")
            answer = page.locator(".pb-answered")
            expect(answer).to_contain_text("12 April 2009")
            expect(answer).not_to_contain_text("1999")
            below = answer.locator(".pb-quote + .pb-translation").first
            expect(below).to_contain_text("Machine translation:")
            expect(below).to_contain_text(_TRANSLATION)
