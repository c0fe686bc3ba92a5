"""Headers that every response carries, so that a browser grants it no more than it needs."""

from __future__ import annotations

import hashlib
import logging
import re
from base64 import b64encode

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.web.api import defect

log = logging.getLogger(__name__)

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""The policy of what is no page. Pages send their own."""

_HEADERS = {
    "Content-Security-Policy": _NOTHING,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "usb",
            "xr-spatial-tracking",
        )
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}

_OVER_TLS = {
    "Strict-Transport-Security": "max-age=31536000",
    # Browsers complain of it on pages that did not come over TLS.
    "Cross-Origin-Opener-Policy": "same-origin",
}

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

_ICON_STYLE = ".cls-1 {\n\t\t\t\tfill: none;\n\t\t\t}"
"""The one style element that Gradio writes into the page: inside the picture of its stop button."""


def chat_policy(startup: str, embedders: tuple[str, ...]) -> str:
    """Return the Content-Security-Policy of a chat page that Gradio's markup `startup` starts.

    Scripts are this server's files and, each by its hash, the inline ones of that markup. No other
    inline script can run, however it came into the page.
    """
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *map(_hash, _INLINE_SCRIPT.findall(startup))]),
            f"style-src 'self' {_hash(_ICON_STYLE)}",
            # Gradio's notices (a lost connection) have style attributes, whose texts vary. They can
            # load nothing: pictures and fonts come from this server only.
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'self'",
            "form-action 'none'",
            " ".join(["frame-ancestors 'self'", *embedders]),
        ]
    )


def _hash(inline: str) -> str:
    """Return the source that allows one inline text and no other."""
    return f"'sha256-{b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


class SecurityHeaders:
    """ASGI middleware that adds the headers above; a response's own value of one wins.

    What nobody answered because of a defect it answers itself: further out there are no headers.
    """

    def __init__(self, app: ASGIApp, over_tls: bool, contact: str) -> None:
        """`over_tls`: visitors come by https, whatever a proxy makes of it on its way here. `contact`: whom a
        visitor is pointed to after a defect."""
        self._app = app
        self._over_tls = over_tls
        self._contact = contact

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                tls = _OVER_TLS if self._over_tls or scope.get("scheme") == "https" else {}
                for name, value in (_HEADERS | tls).items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/event-stream"):
                    # nginx would collect events, and who waits for them give up.
                    headers["X-Accel-Buffering"] = "no"
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:  # whatever it is, who asked is told so, as on every page
            if begun:
                raise
            log.exception("A request could not be answered")
            await defect(scope, self._contact)(scope, receive, send_with_headers)
