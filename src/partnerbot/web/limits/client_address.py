"""Whose request it is: the address that is connected, or what a trusted proxy says of it."""

from __future__ import annotations

import ipaddress
import logging

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

log = logging.getLogger(__name__)


class ClientAddress:
    """ASGI middleware that makes a request's client the visitor, for proxies that are trusted.

    From anyone else X-Forwarded-For is only a claim, and is not looked at. What looks like a proxy
    that nobody named is told to the operator, once: all its visitors share one client's limits.
    """

    def __init__(self, app: ASGIApp, proxies: str) -> None:
        """`proxies`: addresses and networks, parted by commas."""
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
