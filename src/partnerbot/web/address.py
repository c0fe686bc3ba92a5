"""Who asks, and by which name: the visitor's address, the server's own, and where it stands behind a proxy.

Everything behind this works with one address: the public one where the owner has
stated it. A visitor can't change it by a header, neither Host nor those that
proxies add, and Gradio, which would believe several of them, never sees them.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from partnerbot.addresses import PublicAddress
from partnerbot.web.refusals import refusal

log = logging.getLogger(__name__)

_BELIEVED_BY_GRADIO = {
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-gradio-server",
    b"forwarded",
}
"""The server has already made of these what it may, for proxies that it trusts."""

_WRITTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:[0-9]+)?")
"""A host as a browser writes it: a number or a name, and a port."""


class ClientAddress:
    """ASGI middleware that makes a request's client the visitor, for proxies that are trusted.

    From anyone else X-Forwarded-For is only a claim, and is not looked at. What looks like a proxy
    that nobody named is told to the operator, once: all its visitors share one client's limits.
    """

    def __init__(self, app: ASGIApp, proxies: str) -> None:
        """`proxies`: addresses and networks, separated by commas."""
        self._app = app
        trusted = [proxy for proxy in proxies.split(",") if proxy]
        self._behind_proxies = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type]
        self._trusts_some = bool(trusted)
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._trusts_some and not self._warned:
            self._warn_of_unknown_proxy(scope)
        await self._behind_proxies(scope, receive, send)  # type: ignore[arg-type]

    def _warn_of_unknown_proxy(self, scope: Scope) -> None:
        client = scope.get("client")
        if client is None or not any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            return
        try:
            nearby = ipaddress.ip_address(client[0]).is_private
        except ValueError:
            return
        if nearby:
            self._warned = True
            log.warning(
                "A proxy seems to stand at %s, and all its visitors count as one client. "
                "If it is yours, set PARTNERBOT_TRUSTED_PROXIES=%s",
                client[0],
                client[0],
            )


class AddressCheck:
    """ASGI middleware that refuses requests for other hosts, and states the public address for the rest.

    Without a public address it answers to numbers, to names without a dot and to this machine's
    name. None of them can be a stranger's domain that was pointed here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, public: PublicAddress | None) -> None:
        self._app = app
        self._public = public
        self._names = {socket.gethostname().lower()}
        if public is not None:
            self._names.add(urlsplit(public.origin).hostname or "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self._answers_to(hosts[0]):
            await refusal(scope, 421, "unknown_host")(scope, receive, send)
            return
        await self._app(self._from_outside(scope), receive, send)

    def _answers_to(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname, parts.port
        except ValueError:
            return False
        if not name or parts.netloc != host or not _WRITTEN.fullmatch(host):
            return False
        return "." not in name.rstrip(".") or name in self._names or _is_number(name)

    def _from_outside(self, scope: Scope) -> Scope:
        """Return the scope as a visitor's browser sees it, with the path whole, prefix and all."""
        headers = [(name, value) for name, value in scope["headers"] if name not in _BELIEVED_BY_GRADIO]
        public = self._public
        if public is None:
            return {**scope, "headers": headers}
        headers = [(name, value) for name, value in headers if name != b"host"]
        headers.append((b"host", public.host.encode("ascii")))
        path = _below(public.prefix, scope["path"])
        # A proxy may pass the prefix on or cut it off.
        raw = _below(public.prefix, (scope.get("raw_path") or scope["path"].encode()).decode("latin-1"))
        return {
            **scope,
            "scheme": public.scheme,
            "headers": headers,
            "root_path": public.prefix,
            "path": path,
            "raw_path": raw.encode("latin-1"),
        }


def _below(prefix: str, path: str) -> str:
    if path == prefix:
        return f"{prefix}/"
    return path if path.startswith(f"{prefix}/") else f"{prefix}{path}"


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
