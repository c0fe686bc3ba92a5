"""Gradio's own files: which ones a chat page begins with, named to the browser at once, packed tightly.

Left alone, Gradio's scripts find one another step by step, in some eight journeys to the server, and its
styles come in seventeen files. On a slow phone that is where the time goes. Gradio's build says which
component needs which files: so our page names all scripts together and has all styles in one file.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import Response
from gradio import __version__ as gradio_version

from partnerbot.web.assets import Asset
from partnerbot.web.chat.theme import theme

log = logging.getLogger(__name__)

_BUILD = files("gradio").joinpath("templates", "frontend", "assets")

_SCRIPT = re.compile(r'<script type="module"[^>]* src="\./assets/([\w.-]+)"')
_STYLE = re.compile(r'<link rel="stylesheet"[^>]* href="\./assets/([\w.-]+)"')
# How the build writes a script's list of files, an import that waits until it is needed, with the places
# in that list of what it needs in turn, and an import that is made at once.
_LIST = re.compile(r"m\.f=\[([^\]]*)\]")
_LISTED = re.compile(r'"\./([\w.-]+)"')
_LATER = r"import\(`\./([\w.-]+)`\)[^_]*?(?:__vite__mapDeps\(\[([\d,]*)\]\)|\[\])"
_AT_ONCE = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')

_ROOT = "column"
"""The component around a page's own ones. Gradio's configuration does not name it."""


@dataclass(frozen=True)
class StartupFiles:
    """What a chat page begins with: scripts and styles by name, in the order they are needed.

    The first of each are those that Gradio's own page names.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]

    @property
    def stylesheet(self) -> str:
        """The name of the one file that has all the styles, and Gradio's theme."""
        return f"chat-{hashlib.sha256(_stylesheet(self.styles)).hexdigest()[:12]}.css"


@cache
def startup_files(components: frozenset[str], language: str) -> StartupFiles:
    """Return the files that a page asks for before it can be used; `components` are the types it has.

    Of a build of Gradio that has not the form we know, only those that its own page names: its scripts find
    the others, one after the other.

    Raises: RuntimeError if its page names none.
    """
    index = _BUILD.joinpath("..", "index.html").read_text(encoding="utf-8")
    entry, style = (_found(pattern, "index.html", index)[1] for pattern in (_SCRIPT, _STYLE))
    try:
        return _all_files(entry, style, components, language)
    except (RuntimeError, StopIteration, IndexError, OSError) as unknown:
        _warn(str(unknown))
        return StartupFiles((entry,), (style,))


@cache
def _warn(unknown: str) -> None:
    log.warning(
        "The chat works, but its page loads more slowly: Gradio %s is not the version that "
        "constraints.txt names. %s",
        gradio_version,
        unknown,
    )


def _all_files(entry: str, style: str, components: frozenset[str], language: str) -> StartupFiles:
    needed = [entry, style, *_imported(entry, r"Promise\.all\(\[\w+\(\(\)=>")]
    page, core = (next(name for name in needed if name.startswith(start)) for start in ("Index-", "core-"))
    needed += _imported(page, r"default:\w+\}=await ")
    if f"./lang/{language}.json" in _text(core):
        needed += _imported(core, rf'"\./lang/{language}\.json":\(\)=>\w+\(\(\)=>')
    for component in sorted({*components, _ROOT}):
        needed += _imported(core, rf"\b{component}:\{{[^{{}}]*?component:\(\)=>\w+\(\(\)=>")
    needed = list(dict.fromkeys(needed))
    for name in needed:  # it grows while it is read
        if name.endswith(".js"):
            needed += [each for each in dict.fromkeys(_AT_ONCE.findall(_text(name))) if each not in needed]
    return StartupFiles(
        tuple(name for name in needed if name.endswith(".js")),
        tuple(name for name in needed if name.endswith(".css")),
    )


def _imported(script: str, where: str) -> Iterator[str]:
    """Yield the file that a script imports later, at the place `where`, and those that one needs."""
    text = _text(script)
    found = _found(re.compile(where + _LATER), script, text)
    yield found[1]
    if found[2]:
        names = _LISTED.findall(_found(_LIST, script, text)[1])
        yield from (names[int(place)] for place in found[2].split(","))


def _found(pattern: re.Pattern[str], name: str, text: str) -> re.Match[str]:
    found = pattern.search(text)
    if found is None:
        raise RuntimeError(f"Its {name} has nothing like {pattern.pattern}.")
    return found


def _text(name: str) -> str:
    return _BUILD.joinpath(name).read_text(encoding="utf-8")


@cache
def _stylesheet(styles: tuple[str, ...]) -> bytes:
    of_theme = getattr(theme(), "_get_theme_css", None)
    if of_theme is None:
        _warn("It has no theme in the form we know.")
    return "\n".join([*map(_text, styles), of_theme() if of_theme else ""]).encode()


@cache
def _names() -> frozenset[str]:
    """Return the names of Gradio's files, so that no address can lead elsewhere."""
    return frozenset(entry.name for entry in _BUILD.iterdir() if entry.is_file())


def gradio_file_routes(startups: Collection[StartupFiles]) -> APIRouter:
    """Return the route /static/gradio/<name>, where each file's name changes with its content."""
    router = APIRouter()
    stylesheets = {begun.stylesheet: begun.styles for begun in startups}

    @cache
    def asset(name: str) -> Asset:
        styles = stylesheets.get(name)
        return Asset.of(name, _BUILD.joinpath(name).read_bytes() if styles is None else _stylesheet(styles))

    @router.api_route("/static/gradio/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    def gradio_file(name: str, request: Request) -> Response:
        """Send a file of Gradio's, or the styles that a page begins with."""
        if name not in stylesheets and name not in _names():
            return Response(status_code=404)
        return asset(name).response(request, lasts=True)

    return router
