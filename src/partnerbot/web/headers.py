"""Headers that every response carries: its name in the log, and what a browser may grant it, no more."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.logs import new_request_id, request_id
from partnerbot.web.metrics import REQUEST_ID, Metrics
from partnerbot.web.refusals import asked_in, error_response, failure


def policy(granted: str = "") -> str:
    """Return a Content-Security-Policy that grants what is stated, as in "img-src 'self'", and nothing else.

    Unless it says otherwise, a page may be framed by those of this server.
    """
    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    stated = {words[0]: words for part in (nothing + granted).split(";") if (words := part.split())}
    return "; ".join(map(" ".join, stated.values()))


_HEADERS = {
    "Content-Security-Policy": policy(),  # of what is no page: pages send their own
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=(), "
    "xr-spatial-tracking=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_OVER_TLS = {
    "Strict-Transport-Security": "max-age=31536000",
    # Browsers complain of it on pages that did not come over TLS.
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """ASGI middleware that adds the headers above, and names and counts each request.

    A response's own value of a header wins. What nobody answered because of a defect it answers itself:
    further out there are no headers.
    """

    def __init__(self, app: ASGIApp, over_tls: bool, contact: str, metrics: Metrics | None = None) -> None:
        """`over_tls`: visitors come by https, whatever a proxy makes of it on its way here. `contact`: whom a
        visitor is pointed to after a defect. `metrics`: where requests are counted."""
        self._app = app
        self._over_tls = over_tls
        self._contact = contact
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                tls = _OVER_TLS if self._over_tls or scope.get("scheme") == "https" else {}
                for header, value in (_HEADERS | tls).items():
                    headers.setdefault(header, value)
                headers["X-Request-ID"] = name
                if headers.get("content-type", "").startswith("text/event-stream"):
                    # nginx would collect events, and who waits for them give up.
                    headers["X-Accel-Buffering"] = "no"
                if self._metrics is not None:
                    self._metrics.request(scope["method"], message["status"])
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = new_request_id()
        request_id.set(name)
        try:
            await self._app({**scope, REQUEST_ID: name}, receive, send_with_headers)
        except Exception as defect:  # whatever it is, who asked is told so, as on every page
            if begun:
                raise
            response = error_response(*failure(defect, asked_in(scope), self._contact))
            await response(scope, receive, send_with_headers)
