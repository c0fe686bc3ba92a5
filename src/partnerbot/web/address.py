"""By which name the server is asked, and where it stands behind a proxy.

Everything behind this works with one address: the public one where the owner has
stated it. A visitor can't change it by a header, neither Host nor those that
proxies add, and Gradio, which would believe several of them, never sees them.
"""

import ipaddress
import logging
import re
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

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


class AddressCheck:
    """ASGI middleware that refuses requests for other hosts, and states the public address for the rest.

    Without a public address it answers to numbers, to names without a dot and to this machine's
    name. None of them can be a stranger's domain that was pointed here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, public: PublicAddress | None, proxies: str) -> None:
        """`proxies`: those that are trusted. Without any, what looks like one is told to the operator, once:
        all its visitors share one client's limits."""
        self._app = app
        self._public = public
        self._warns = not proxies
        self._names = {socket.gethostname().lower()}
        if public is not None:
            self._names.add(urlsplit(public.origin).hostname or "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._warns and "x-forwarded-for" in headers and scope.get("client"):
            self._warn_of_a_proxy_at(scope["client"][0])
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._answers_to(hosts[0]):
            await refusal(scope, "unknown_host")(scope, receive, send)
            return
        await self._app(self._from_outside(scope), receive, send)

    def _warn_of_a_proxy_at(self, address: str) -> None:
        if _is_number(address) and ipaddress.ip_address(address).is_private:
            self._warns = False
            log.warning(
                "A proxy seems to stand at %s, and all its visitors count as one client. "
                "If it is yours, set PARTNERBOT_TRUSTED_PROXIES=%s",
                address,
                address,
            )

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
