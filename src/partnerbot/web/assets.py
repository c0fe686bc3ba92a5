"""The page's own files: compressed once, under addresses that change when they do, kept for good."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import brotli
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from partnerbot.appearance import LOGO_TYPES
from partnerbot.settings import Settings

FOREVER = "public, max-age=31536000, immutable"
"""For addresses whose content never changes."""

_BRIEFLY = "no-cache"
"""For addresses whose content may change: a browser asks whether it has."""


@dataclass(frozen=True)
class Asset:
    """A file, plain and in the two forms that browsers unpack."""

    content: bytes
    media_type: str
    packed: dict[str, bytes]

    @classmethod
    @cache
    def of(cls, name: str, content: bytes) -> Self:
        """Pack a file, as tightly as can be: it is done once and sent often."""
        # Of scripts, tables differ by machine, and Gradio changes the one in use.
        known = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
        media_type = known or "application/octet-stream"
        return cls(
            content, media_type, {"br": brotli.compress(content), "gzip": gzip.compress(content, mtime=0)}
        )

    def response(self, request: Request, lasts: bool) -> Response:
        """Return the file in the form that the browser unpacks best.

        `lasts`: the address changes when the content does, so that browsers may keep it for good.
        """
        headers = {"Cache-Control": FOREVER if lasts else _BRIEFLY, "Vary": "Accept-Encoding"}
        accepted = request.headers.get("accept-encoding", "")
        for encoding, content in self.packed.items():
            if encoding in accepted:
                packed = headers | {"Content-Encoding": encoding}
                return Response(content, media_type=self.media_type, headers=packed)
        return Response(self.content, media_type=self.media_type, headers=headers)


@cache
def assets() -> dict[str, Asset]:
    """Return the files of static/ by name, read and compressed once."""
    folder = files("partnerbot.web").joinpath("static")
    return {
        entry.name: Asset.of(entry.name, entry.read_bytes()) for entry in folder.iterdir() if entry.is_file()
    }


@cache
def version() -> str:
    """Return what the addresses of the files begin with: a digest of them all."""
    digest = hashlib.sha256()
    for name, asset in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + asset.content)
    return digest.hexdigest()[:12]


def asset_routes(settings: Settings) -> APIRouter:
    """Return the routes /static/<version>/<name>, and those of the owner's colours and logo."""
    router = APIRouter()

    @router.api_route("/static/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def static(path: str, request: Request) -> Response:
        stated, _, name = path.rpartition("/")
        asset = assets().get(name)
        if asset is None or stated not in ("", version()):
            return Response(status_code=404)
        return asset.response(request, lasts=bool(stated))

    appearance = settings.owner
    logo = settings.appearance.parent / appearance.logo

    @router.get("/appearance/{name}", include_in_schema=False)
    def owners(name: str) -> Response:
        headers = {"Cache-Control": _BRIEFLY}
        if name == "colours.css" and appearance.stylesheet:
            return Response(appearance.stylesheet, media_type="text/css", headers=headers)
        if name == "logo" and appearance.logo:
            return FileResponse(logo, media_type=LOGO_TYPES[logo.suffix.lower()], headers=headers)
        return Response(status_code=404)

    return router
