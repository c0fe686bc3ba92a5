"""Says whether a site may embed the chat, and why not: `partnerbot doctor --embed https://site`.

What must be right: the site is allowed by the settings; a page that came over TLS
can't show a chat that doesn't; the running chat allows the site on its way through a
proxy; and the site's own policy allows the script and the frame.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from lxml import html  # type: ignore[import-untyped]

from partnerbot.addresses import origin_of
from partnerbot.errors import ConfigurationError
from partnerbot.settings import Settings

_SECONDS = 5
_HEADER = "Content-Security-Policy"
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
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    here = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    chat = str(settings.public_address or here)
    return [
        _allowed(settings, origin, origin_of(chat)),
        _same_security(origin, chat, settings.public_address is not None),
        _running_chat(chat, origin),
        *_site(settings, site, chat),
    ]


def _allowed(settings: Settings, origin: str, own: str) -> Finding:
    if origin in (own, *settings.embedders):
        return Finding("settings", True, f"{origin} may show the chat")
    near = [other for other in settings.embedders if _bare(other) == _bare(origin)]
    why = f"{near[0]} is allowed, which browsers take for another site. " if near else ""
    wanted = ", ".join((*settings.embedders, origin))
    advice = f"Set PARTNERBOT_ALLOWED_ORIGINS='{wanted}' and restart the chat."
    return Finding("settings", False, f"{origin} is not allowed. {why}{advice}")


def _bare(origin: str) -> str:
    """Return an origin without what people leave out: the scheme and www."""
    return origin.partition("://")[2].removeprefix("www.")


def _same_security(origin: str, chat: str, stated: bool) -> Finding:
    if not origin.startswith("https:") or chat.startswith("https:"):
        return Finding("https", True, f"a page of {origin} may load {chat}")
    if not stated:
        unknown = "PARTNERBOT_PUBLIC_URL is not set, so the address that visitors use is not known."
        return Finding("https", None, f"{unknown} It must be https, because {origin} is.")
    blocked = f"{origin} is https and {chat} is not, so browsers load neither script nor frame."
    return Finding("https", False, f"{blocked} Put a proxy with TLS before the chat.")


def _running_chat(chat: str, origin: str) -> Finding:
    """Ask the chat's page for the headers that reach visitors; a proxy may have added some."""
    try:
        headers = _page(f"{chat}/fr").headers
    except httpx.HTTPError as error:
        return Finding(
            "running chat", None, f"{chat} can't be asked: {error}. Is it running, on that --port?"
        )
    for policy in headers.get_list(_HEADER):
        if not _lets(policy, ("frame-ancestors",), f"{origin}/", chat):
            advice = "Restart it if the settings are newer, and see that the proxy adds no policy."
            return Finding("running chat", False, f"{chat} answers with {policy}. {advice}")
    if _HEADER not in headers:
        return Finding("running chat", False, f"{chat} sends no {_HEADER}: is that partnerbot?")
    return Finding("running chat", True, f"{chat} lets {origin} show it")


def _site(settings: Settings, site: str, chat: str) -> Iterator[Finding]:
    """Ask the site's page whether it is where it seems to be, and what it forbids itself."""
    try:
        page = _page(site)
    except httpx.HTTPError as error:
        yield Finding(_SITE, None, f"{site} can't be asked: {error}")
        return
    own, origin = origin_of(str(page.url)), origin_of(chat)
    if own not in (origin_of(site), origin, *settings.embedders):
        told = f"{site} leads to {own}, which browsers take for another site and which is not allowed."
        yield Finding("settings", False, f"{told} Add that one to PARTNERBOT_ALLOWED_ORIGINS.")
    isolation = page.headers.get("Cross-Origin-Embedder-Policy", "unsafe-none")
    if isolation != "unsafe-none" and own != origin:
        told = f"{site} isolates itself (Cross-Origin-Embedder-Policy: {isolation}): browsers show no frame"
        yield Finding(_SITE, False, f"{told} of another site there. Put a link to {chat} in its place.")
        return
    metas = html.document_fromstring(b"<p>" + page.content).iter("meta")
    stated = [one.get("content", "") for one in metas if one.get("http-equiv", "").lower() == _HEADER.lower()]
    policies = [*page.headers.get_list(_HEADER), *stated]
    needed = [
        f"{name} {origin}"
        for name, names, file in (("script-src", _SCRIPTS, "widget.js"), ("frame-src", _FRAMES, "fr"))
        if not all(_lets(policy, names, f"{chat}/{file}", own) for policy in policies)
    ]
    if needed:
        yield Finding(_SITE, False, f"the {_HEADER} of {site} needs: {'; '.join(needed)}")
    elif any("'strict-dynamic'" in policy for policy in policies):
        yield Finding(_SITE, None, f"the {_HEADER} of {site} wants the page's nonce: <script nonce=… src=…>")
    else:
        yield Finding(_SITE, True, f"{site} lets its pages load the chat")


def _lets(policy: str, names: Sequence[str], address: str, own: str) -> bool:
    """Tell whether a policy of a page at `own` lets it load `address`, by the first of those named."""
    directives = {words[0].lower(): words[1:] for part in policy.split(";") if (words := part.split())}
    sources = next((directives[name] for name in names if name in directives), ["*"])
    if "'strict-dynamic'" in sources:  # browsers then look at no address
        return True
    return any(_fits(source.lower(), address, own) for source in sources)


def _fits(source: str, address: str, own: str) -> bool:
    url = urlsplit(address)
    if source == "'self'":
        return origin_of(own) == origin_of(address)
    if source in ("*", "http:", f"{url.scheme}:"):
        return True
    stated = urlsplit(source if "//" in source else f"//{source}")
    if stated.scheme not in ("", "http", url.scheme):
        return False
    path = stated.path
    if path not in ("", "/", url.path) and not (path.endswith("/") and url.path.startswith(path)):
        return False
    place = stated.netloc.removesuffix(":443" if url.scheme == "https" else ":80")
    if place.startswith("*."):
        return url.netloc.endswith(place[1:])
    return place in (url.netloc, f"{url.hostname}:*")


def _page(address: str) -> httpx.Response:
    return httpx.get(
        address, follow_redirects=True, timeout=_SECONDS, headers={"User-Agent": "partnerbot-doctor"}
    )
