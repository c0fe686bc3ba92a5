"""Says whether a site may embed the chat, and why not: `partnerbot doctor --embed https://site`.

What must be right: the site is allowed by the settings; a page that came over TLS
can't show a chat that doesn't; the running chat allows the site on its way through a
proxy; and the site's own policy allows the script and the frame.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from partnerbot.addresses import origin_of
from partnerbot.errors import ConfigurationError
from partnerbot.settings import Settings
from partnerbot.web.site_policy import HEADER, Policy, matches, stated_in_markup

_SECONDS = 5
_LONGEST_PAGE = 500_000
"""Bytes that are read of a site's page: a policy stands at its beginning."""

_SITE = "policy of the site"
_SCRIPTS = ("script-src-elem", "script-src", "default-src")
_FRAMES = ("frame-src", "child-src", "default-src")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `passed` is None if it couldn't be."""

    subject: str
    passed: bool | None
    text: str


def check_embedding(settings: Settings, site: str) -> list[Finding]:
    """Look at everything that decides whether pages of `site` can show the chat.

    Raises: ConfigurationError if `site` is no address.
    """
    try:
        origin = origin_of(site)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    public = settings.public_address
    chat = str(public) if public else f"http://{_host(settings.host)}:{settings.port}"
    allowed = _allowed(settings, origin, origin_of(chat))
    return [
        allowed,
        _same_security(origin, chat, public is not None),
        *_running_chat(chat, origin, bool(allowed.passed)),
        *_site(settings, site, chat),
    ]


def _host(host: str) -> str:
    """Return a host to ask at, for an address that is listened on."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _allowed(settings: Settings, origin: str, own: str) -> Finding:
    if origin == own:
        return Finding("settings", True, f"{origin} is the chat's own site")
    if origin in settings.embedders:
        return Finding("settings", True, f"{origin} is in PARTNERBOT_ALLOWED_ORIGINS")
    near = [other for other in settings.embedders if _bare(other) == _bare(origin)]
    why = f"{near[0]} is allowed, which browsers take for another site. " if near else ""
    wanted = ", ".join((*settings.embedders, origin))
    return Finding(
        "settings",
        False,
        f"{origin} is not allowed. {why}Set PARTNERBOT_ALLOWED_ORIGINS='{wanted}' and restart the chat.",
    )


def _bare(origin: str) -> str:
    """Return an origin without what people leave out: the scheme and www."""
    return origin.partition("://")[2].removeprefix("www.")


def _same_security(origin: str, chat: str, stated: bool) -> Finding:
    if not origin.startswith("https:") or chat.startswith("https:"):
        return Finding("https", True, f"a page of {origin} may load {chat}")
    if not stated:
        return Finding(
            "https",
            None,
            "PARTNERBOT_PUBLIC_URL is not set, so the address that visitors use is not known. "
            f"It must be https, because {origin} is.",
        )
    return Finding(
        "https",
        False,
        f"{origin} is https and {chat} is not, so browsers load neither script nor frame. "
        "Put a proxy with TLS before the chat.",
    )


def _running_chat(chat: str, origin: str, allowed: bool) -> Iterator[Finding]:
    """Ask the chat's page for the headers that reach visitors; a proxy may have added some."""
    try:
        headers, _, _ = _fetch(f"{chat}/fr")
    except (OSError, ValueError) as error:
        yield Finding("running chat", None, f"{chat} can't be asked: {_reason(error)}. Is it running?")
        return
    policies = headers.get_all(HEADER, [])
    stated = (Policy.read(policy).first("frame-ancestors") for policy in policies)
    refusals = [
        sources for sources in stated if sources is not None and not matches(sources, origin, origin_of(chat))
    ]
    frame_options = headers.get("X-Frame-Options")
    if refusals:
        advice = "Restart it if the settings are newer, and see that the proxy adds no policy."
        says = f"{chat} answers with frame-ancestors {' '.join(refusals[0])}."
        yield Finding("running chat", False, f"{says} {advice}" if allowed else says)
    elif frame_options and origin != origin_of(chat) and not policies:
        yield Finding("running chat", False, f"{chat} answers with X-Frame-Options: {frame_options}")
    elif not policies:
        yield Finding("running chat", False, f"{chat} sends no {HEADER}: is that partnerbot?")
    else:
        yield Finding("running chat", True, f"{chat} lets {origin} show it")


def _site(settings: Settings, site: str, chat: str) -> Iterator[Finding]:
    """Ask the site's page whether it is where it seems to be, and what it forbids itself."""
    try:
        headers, page, arrived = _fetch(site)
    except (OSError, ValueError) as error:
        yield Finding(_SITE, None, f"{site} can't be asked: {_reason(error)}")
        return
    if origin_of(arrived) not in (origin_of(site), origin_of(chat), *settings.embedders):
        yield Finding(
            "settings",
            False,
            f"{site} leads to {origin_of(arrived)}, which browsers take for another site and which is not "
            "allowed. Add that one to PARTNERBOT_ALLOWED_ORIGINS.",
        )
    yield from _policy(arrived, chat, headers, page)


def _policy(site: str, chat: str, headers: Message, page: str) -> Iterator[Finding]:
    isolation = headers.get("Cross-Origin-Embedder-Policy", "unsafe-none").split(";")[0].strip()
    if isolation != "unsafe-none" and origin_of(site) != origin_of(chat):
        yield Finding(
            _SITE,
            False,
            f"{site} isolates itself (Cross-Origin-Embedder-Policy: {isolation}), so browsers show no frame "
            f"of another site there. Put a link to {chat} in its place.",
        )
        return
    policies = [Policy.read(text) for text in (*headers.get_all(HEADER, []), *stated_in_markup(page))]
    missing, nonce_wanted = set(), False
    for policy in policies:
        scripts, frames = policy.first(*_SCRIPTS), policy.first(*_FRAMES)
        if scripts is not None and "'strict-dynamic'" in scripts:
            nonce_wanted = True  # browsers then look at no address
        elif scripts is not None and not matches(scripts, f"{chat}/widget.js", origin_of(site)):
            missing.add("script-src")
        if frames is not None and not matches(frames, f"{chat}/fr", origin_of(site)):
            missing.add("frame-src")
    if missing:
        needed = "; ".join(f"{name} {origin_of(chat)}" for name in sorted(missing, reverse=True))
        yield Finding(_SITE, False, f"the {HEADER} of {site} needs: {needed}")
    elif not nonce_wanted:
        yield Finding(_SITE, True, f"{site} lets its pages load the chat")
    if nonce_wanted:
        yield Finding(
            _SITE,
            None,
            f"the {HEADER} of {site} has 'strict-dynamic': the line needs the page's nonce, "
            '<script nonce="…" src=…>, which is not looked at here',
        )


def _fetch(address: str) -> tuple[Message, str, str]:
    """Return a page's headers, the beginning of its markup, and the address it was found at in the end.

    Raises: OSError, ValueError.
    """
    request = urllib.request.Request(address, headers={"User-Agent": "partnerbot-doctor"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:
            return response.headers, response.read(_LONGEST_PAGE).decode("utf-8", "replace"), response.url
    except urllib.error.HTTPError as refusal:
        # A page that is refused has its headers too.
        return refusal.headers, refusal.read(_LONGEST_PAGE).decode("utf-8", "replace"), refusal.url


def _reason(error: Exception) -> str:
    """Say what went wrong, without the names of Python."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return cause.strerror or str(cause) if isinstance(cause, OSError) else str(cause)
