"""Another institution's site, on a loopback address of its own: plain pages that embed the chat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARTICLE = """<main><h1>Un pont entre deux villes</h1><p>La commune et sa ville jumelle fêtent quinze ans
d’échanges : lycéens, artisans, chercheurs.</p><p><a id="link" href="#more">La suite</a></p>
<input id="field" aria-label="Recherche"><div id="place"></div></main>"""

LOOK = """<style>body{margin:0;font:17px/1.6 Georgia,serif;background:#fff;color:#222}
main{max-width:40rem;margin:4rem auto;padding:0 1.5rem}h1{font-size:2.4rem;line-height:1.15}</style>"""


@dataclass
class HostSite:
    """A site's pages by path, as (HTML, headers), and where paths lead; `origin` once it is served."""

    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    def page(
        self,
        path: str,
        embed: str,
        *,
        language: str = "fr",
        head: str = LOOK,
        policy: str = "",
        body: str = ARTICLE,
        direction: str = "ltr",
    ) -> str:
        """Add a page with `embed` at its end and return its address."""
        html = (
            f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
            f'<link rel="icon" href="data:,"><title>Un pont entre deux villes</title>{head}</head>'
            f"<body>{body}{embed}</body></html>"
        )
        self.pages[path] = html, {"Content-Security-Policy": policy} if policy else {}
        return f"{self.origin}{path}"


@contextmanager
def hosting(host: str) -> Iterator[HostSite]:
    """Serve a site at a loopback address (127.0.0.2 is another site than 127.0.0.1)."""
    site = HostSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html, headers = site.pages.get(self.path, ("", {}))
            if leads_to := site.redirects.get(self.path):
                headers = {"Location": leads_to}
            self.send_response(302 if leads_to else 200 if html else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    site.origin = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
