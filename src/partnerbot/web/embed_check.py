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

_SECONDS = 5
_POLICY = "Content-Security-Policy"


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
    return [
        _allowed(settings, origin, origin_of(chat)),
        _same_security(origin, chat, public is not None),
        *_running_chat(chat, origin),
        *_policy_of_site(site, origin_of(chat)),
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


def _running_chat(chat: str, origin: str) -> Iterator[Finding]:
    """Ask the chat's page for the headers that reach visitors; a proxy may have added some."""
    try:
        headers = _headers(f"{chat}/fr")
    except (OSError, ValueError) as error:
        yield Finding("running chat", None, f"{chat} can't be asked: {error}")
        return
    refusals = [
        sources
        for policy in headers.get_all(_POLICY, [])
        if (sources := _directive(policy, "frame-ancestors")) is not None
        and not _matches(sources, origin, origin_of(chat))
    ]
    frame_options = headers.get("X-Frame-Options")
    if refusals:
        yield Finding(
            "running chat",
            False,
            f"{chat} answers with frame-ancestors {' '.join(refusals[0])}. "
            "Restart the chat if the settings are newer, and see that the proxy adds no policy.",
        )
    elif frame_options and origin != origin_of(chat) and not headers.get_all(_POLICY):
        yield Finding("running chat", False, f"{chat} answers with X-Frame-Options: {frame_options}")
    elif not headers.get_all(_POLICY):
        yield Finding("running chat", False, f"{chat} sends no {_POLICY}: is that partnerbot?")
    else:
        yield Finding("running chat", True, f"{chat} lets {origin} show it")


def _policy_of_site(site: str, chat: str) -> Iterator[Finding]:
    """Ask the site's page for its own policy."""
    try:
        headers = _headers(site)
    except (OSError, ValueError) as error:
        yield Finding("policy of the site", None, f"{site} can't be asked: {error}")
        return
    missing = {
        directive
        for policy in headers.get_all(_POLICY, [])
        for directive, fallbacks in {
            "script-src": ("script-src-elem", "script-src", "default-src"),
            "frame-src": ("frame-src", "child-src", "default-src"),
        }.items()
        if (sources := _first(policy, fallbacks)) is not None and not _matches(sources, chat, origin_of(site))
    }
    if missing:
        needed = "; ".join(f"{directive} {chat}" for directive in sorted(missing, reverse=True))
        yield Finding("policy of the site", False, f"the Content-Security-Policy of {site} needs: {needed}")
    else:
        yield Finding("policy of the site", True, f"{site} lets its pages load the chat")


def _headers(address: str) -> Message:
    request = urllib.request.Request(address, headers={"User-Agent": "partnerbot-doctor"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:
            headers: Message = response.headers
            return headers
    except urllib.error.HTTPError as refusal:
        # A page that is refused has its headers too.
        return refusal.headers


def _directive(policy: str, name: str) -> list[str] | None:
    """Return the sources of a directive in one policy; None if it isn't there."""
    for directive in policy.split(";"):
        words = directive.split()
        if words and words[0].lower() == name:
            return words[1:]
    return None


def _first(policy: str, names: tuple[str, ...]) -> list[str] | None:
    found = (_directive(policy, name) for name in names)
    return next((sources for sources in found if sources is not None), None)


def _matches(sources: list[str], origin: str, own: str) -> bool:
    """Say whether a list of sources lets an origin through: a name, a scheme, a star, or 'self'."""
    scheme, _, host = origin.partition("://")
    for source in (word.lower().rstrip("/") for word in sources):
        stated_scheme, separator, name = source.rpartition("://")
        if source == "'self'":
            if origin == own:
                return True
        elif source == "*" or source == f"{scheme}:":
            return True
        elif separator and stated_scheme != scheme:
            continue
        elif name == host or (name.startswith("*.") and host.endswith(name[1:])):
            return True
    return False
