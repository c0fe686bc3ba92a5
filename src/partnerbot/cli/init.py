"""`partnerbot init`: writes the files with which an institution's own bot begins, by flags or questions."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin, urlsplit

import typer

from partnerbot.appearance import Appearance, as_colour, as_contact
from partnerbot.documents.normal_forms import fold
from partnerbot.durable import remedy
from partnerbot.errors import ConfigurationError
from partnerbot.sites.web_addresses import normal_address
from partnerbot.web.contrast import channels, contrast

_INK, _WHITE = "#10202e", "#ffffff"
# What an accent is hardest to read on, light and dark: --tint of the stylesheet.
_LIGHT_TINT, _DARK_TINT = "#eef2f6", "#212b36"
_YES = tuple(map(fold, ("y", "yes", "o", "oui", "はい", "예", "네")))
_NO = tuple(map(fold, ("n", "no", "non", "いいえ", "아니요", "아니오")))
_PARTNERSHIPS = "Do its documents tell of partnerships between towns, to list on a page with a map? yes or no"
_READABLE = 4.6
"""Contrast of a text with what is behind it: a little more than is needed."""


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it isn't there.")] = Path(),
    name: Annotated[
        list[str] | None, typer.Option(help="The institution's name; ja=… for that of one language.")
    ] = None,
    service: Annotated[
        list[str] | None, typer.Option(help="What the chat is called; ja=… in one language.")
    ] = None,
    languages: Annotated[str | None, typer.Option(help="Of the page, in their order: fr,ja,en,ko.")] = None,
    public_body: Annotated[
        bool | None, typer.Option(help="Whether the institution is one: its legal pages differ.")
    ] = None,
    partnerships: Annotated[
        bool | None,
        typer.Option(help="Whether the chat lists the partnerships of towns that documents state."),
    ] = None,
    contact: Annotated[str | None, typer.Option(help="An e-mail, web address or telephone.")] = None,
    address: Annotated[str | None, typer.Option(help="Where visitors come, in a line.")] = None,
    hours: Annotated[str | None, typer.Option(help="When visitors may come or call, in a line.")] = None,
    colour: Annotated[str | None, typer.Option(help="Of links and buttons: #7a1f3d.")] = None,
    documents: Annotated[str | None, typer.Option(help="Folder of documents, from FOLDER on.")] = None,
    site: Annotated[str | None, typer.Option(help="A site to fetch: https://www.example.org.")] = None,
) -> None:
    """Begin your institution's own bot: write its files. What isn't given is asked for."""
    from partnerbot.web.page_texts import languages as all_languages
    from partnerbot.web.page_texts import texts_of

    codes = _asked(languages, "Languages of the page", _languages, ",".join(all_languages())).split(",")
    names = _by_language("Name of the institution", name or [], dict.fromkeys(codes, ""))
    usual = {code: texts_of(code).page.title for code in codes}
    services = _by_language("Name of the chat", service or [], usual)
    if public_body is None:
        public_body = bool(_asked(None, "Is it a public body, such as a town? yes or no", _yes, "no"))
    if partnerships is None:
        partnerships = bool(_asked(None, _PARTNERSHIPS, _yes, "no"))
    contact = _asked(contact, "Contact for visitors, such as contact@example.org", as_contact)
    address = _asked(address, "Address for visitors, if there is one")
    hours = _asked(hours, "Opening hours, if there are any")
    colour = _asked(colour, "Colour of links and buttons, such as #7a1f3d", _colour)
    documents = _asked(documents, "Folder of documents", _folder, "documents")
    site = _asked(site, "Site to fetch, such as https://www.example.org", _site)
    files = {
        "appearance.toml": _appearance(
            names,
            services,
            public_body,
            partnerships,
            {"main": contact, "address": address, "hours": hours},
            colour,
        ),
        ".env": _begun("environment", documents=_quoted(documents), site=site or "https://www.example.org"),
    }
    if site:
        files["sources.toml"] = _sources(site)
    if there := [file for file in files if (folder / file).exists()]:
        raise ConfigurationError(
            f"{folder}/ has {' and '.join(there)} already. Name another folder, or remove what is there."
        )
    if folder.is_file():
        raise ConfigurationError(f"{folder} is a file. Name a folder.")
    try:
        for made in (folder, folder / documents):
            if not made.is_dir():
                made.mkdir(parents=True)
                print(f"Made the folder {made.resolve()}/.")
        for file, text in files.items():
            # It will have secrets; what root writes is for a service to read.
            if file == ".env" and os.geteuid():
                (folder / file).touch(0o600)
            (folder / file).write_text(text, "utf-8")
    except OSError as error:
        place = error.filename or folder  # a full disk is told without a name
        raise ConfigurationError(f"{place} can't be written: {error.strerror}. {remedy(error)}.") from error
    if site:
        print(f"What is fetched: {_sources(site).splitlines()[-1]}, as sources.toml says.")
    if not os.geteuid():
        print(
            "Everybody on this machine may read .env: before you write a key or a password into it, run, "
            "with the user that the chat runs as: chown USER .env && chmod 600 .env"
        )
    command = _this_command()
    print(f"Written to {folder.resolve()}/: {', '.join(files)}.")
    print(f"Put your documents into {(folder / documents).resolve()}/. Then run, in {folder.resolve()}/:")
    print(f"  {f'{command} sync && ' if site else ''}{command} index\n  {command} serve")


def _this_command() -> str:
    """Return how a shell runs the program that runs now, from any folder."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m {__package__}"
    on_path = shutil.which(called.name)
    if on_path and (str(called) == called.name or Path(on_path).resolve() == called.resolve()):
        return called.name
    return shlex.quote(str(called.resolve()))


def _asked(given: str | None, question: str, read: Callable[[str], str] = str.strip, usual: str = "") -> str:
    """Return what was given, else what is answered; where nobody is there to ask, what is usual.

    `read`: returns a text as it is written into the files. What it can't read is asked for once more.
    """
    asks = given is None and sys.stdin.isatty()

    def _read(text: str) -> str:
        try:
            return read(text)
        except (ValueError, ConfigurationError) as error:
            if asks:
                raise typer.BadParameter(str(error)) from error
            raise ConfigurationError(f"{question}: {error}") from error

    if not asks:
        return _read(usual if given is None else given)
    return str(typer.prompt(question, usual, show_default=bool(usual), err=True, value_proc=_read))


def _languages(text: str) -> str:
    from partnerbot.web.page_texts import offered_languages

    codes = tuple(dict.fromkeys(text.lower().replace(" ", "").split(",")))
    return ",".join(offered_languages(Appearance.model_construct(languages=codes)))


def _name(text: str) -> str:
    if not (name := text.strip()):
        raise ValueError('none is given, such as "Mairie de Clairmoulin" (--name)')
    return name


def _yes(text: str) -> str:
    """Return something for yes, nothing for no, in a language of the page."""
    said = fold(text.strip())
    if said not in (*_YES, *_NO):
        raise ValueError("answer yes or no, in short y or n; oui or non; はい or いいえ")
    return said if said in _YES else ""


def _folder(text: str) -> str:
    if not (folder := text.strip()) or folder.startswith("#"):
        raise ValueError("no name of a folder")
    return folder


def _colour(text: str) -> str:
    return text and as_colour(text.strip())


def _site(text: str) -> str:
    """Return a site's whole address: people leave out https://."""
    if not (stated := text.strip()):
        return ""
    address = normal_address(stated if "://" in stated else f"https://{stated}")
    if address is None:
        raise ValueError("no web address")
    return address


def _by_language(question: str, given: Sequence[str], usual: Mapping[str, str]) -> dict[str, str]:
    """Return a name in each language; `given`: as the option takes it, `usual`: the first's where empty."""
    stated = dict(each.split("=", 1) for each in given if each.partition("=")[0] in usual)
    plain = next((each for each in given if each.partition("=")[0] not in usual), None)
    names: dict[str, str] = {}
    for language, name in usual.items():
        name = name or next(iter(names.values()), "")
        names[language] = _asked(stated.get(language, plain), f"{question} ({language})", _name, name)
    return names


def _appearance(
    names: Mapping[str, str],
    services: Mapping[str, str],
    public_body: bool,
    partnerships: bool,
    contact: Mapping[str, str],
    colour: str,
) -> str:
    """Return the text of appearance.toml.

    `names`: the institution's by language, `services`: the chat's, `contact`: what its table says.
    """
    return _begun(
        "appearance",
        languages=json.dumps([*names]),
        contact=_table(contact),
        name=_table(services),
        institution=_table(names),
        public="" if public_body else "# ",
        without_partnerships="# " if partnerships else "",
        colours="".join(f"\n[colours.{scheme}]\n{_table(of)}\n" for scheme, of in _colours(colour).items()),
        first=next(iter(names)),
    )


def _sources(site: str) -> str:
    """Return the text of sources.toml: of a whole site its sitemap is fetched."""
    if urlsplit(site).path in ("", "/"):
        site = urljoin(site, "/sitemap.xml")
    what = f"sitemap = {_quoted(site)}" if site.endswith(".xml") else f"pages = [{_quoted(site)}]"
    return _begun("sources", what=what)


def _begun(file: str, **values: str) -> str:
    return resources.files(__package__).joinpath("begun", f"{file}.txt").read_text("utf-8").format(**values)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _table(values: Mapping[str, str]) -> str:
    return "\n".join(f"{key} = {_quoted(value)}" for key, value in values.items())


# ---- Colours -----------------------------------------------------------------------------------


def _colours(accent: str) -> dict[str, dict[str, str]]:
    """Return an accent's tokens for both schemes, moved towards black or white until it can be read."""
    if not accent:
        return {}
    tokens = {}
    for scheme, tint, end in (("light", _LIGHT_TINT, "#000000"), ("dark", _DARK_TINT, _WHITE)):
        shades = (_mixed(accent, end, share / 20) for share in range(21))
        shade = next(each for each in shades if contrast(each, tint) >= _READABLE)
        over = max((_WHITE, _INK), key=lambda ink: contrast(ink, shade))
        tokens[scheme] = {"accent": shade, "accent-deep": _mixed(shade, end, 0.25), "on-accent": over}
    return tokens


def _mixed(colour: str, end: str, share: float) -> str:
    pairs = zip(channels(colour), channels(end), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)
