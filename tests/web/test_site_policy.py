"""Policies of other sites: read as browsers read them."""

from __future__ import annotations

import pytest

from partnerbot.web.site_policy import Policy, matches, stated_in_markup

SITE = "https://www.site.example"
CHAT = "https://chat.example.org/chat/fr"


@pytest.mark.parametrize(
    "source",
    [
        "*", "https:", "http:", "https://chat.example.org", "http://chat.example.org", "chat.example.org",
        "chat.example.org:443", "chat.example.org:*", "*.example.org", "https://chat.example.org/",
        "https://chat.example.org/chat/", "https://chat.example.org/chat/fr",
    ],
)  # fmt: skip
def test_what_lets_the_chat_through(source: str) -> None:
    """A star, a scheme, a host with or without its scheme, port and path, or a name below a star."""
    assert matches([source], CHAT, SITE)


@pytest.mark.parametrize(
    "source",
    [
        "'none'", "'self'", "'nonce-abc'", "'unsafe-inline'", "ftp:", "wss://chat.example.org", "example.org",
        "*.chat.example.org", "chat.example.org:8443", "chat.example.org.evil.example",
        "https://chat.example.org/other/", "https://chat.example.org/chat/frame",
    ],
)  # fmt: skip
def test_what_does_not(source: str) -> None:
    """Another host, scheme, port or path, and keywords that speak of something else."""
    assert not matches([source], CHAT, SITE)


def test_an_insecure_page_and_its_own_origin() -> None:
    """A host without a scheme has the page's, or a better one; 'self' is scheme, host and port."""
    assert matches(["chat.example.org"], CHAT, "http://www.site.example")
    assert not matches(["chat.example.org"], CHAT.replace("https", "http"), SITE)
    assert matches(["'self'"], "http://a.example:81/x", "http://a.example:81")
    assert not matches(["'self'"], "http://a.example:81/x", "http://a.example")
    assert matches(["[::1]:8080"], "http://[::1]:8080/fr", "http://[::1]")


def test_the_first_directive_that_is_there_counts() -> None:
    """Of the ones that may decide, and of two with one name."""
    policy = Policy.read("Default-Src 'self'; frame-src a.example; frame-src b.example;")
    assert policy.first("frame-src", "child-src", "default-src") == ["a.example"]
    assert policy.first("script-src", "default-src") == ["'self'"]
    assert policy.first("child-src") is None


def test_a_page_may_state_policies_itself() -> None:
    """In any spelling of the element; broken markup is no obstacle."""
    html = """<!doctype html><META HTTP-EQUIV="content-security-policy" content="frame-src 'none'"><p <meta
        http-equiv=Content-Security-Policy content="default-src &#39;self&#39;"/><meta charset=utf-8>"""
    assert stated_in_markup(html)[0] == "frame-src 'none'"
    assert stated_in_markup("<p>no policy") == []
