"""A folder of files becomes clean LangChain Documents; what can't be read is named, not lost."""

import json
import logging
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from operator import not_
from pathlib import Path, PurePosixPath
from typing import Annotated

from langchain_core.documents import Document
from pydantic import Field

from partnerbot.documents import metadata
from partnerbot.documents.cleaning import clean, clean_pages, normalise
from partnerbot.documents.decoding import decode
from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits
from partnerbot.documents.formats.html import extract_html
from partnerbot.documents.formats.markdown import extract_markdown, extract_plain_text
from partnerbot.documents.formats.picture import ENDINGS as PICTURES
from partnerbot.documents.front_matter import FrontMatter, read_front_matter, split_front_matter
from partnerbot.documents.language import detect_language
from partnerbot.documents.orders import gives_orders
from partnerbot.documents.recognised import (
    NONE,
    PagesWithoutText,
    RecognisedPages,
    about_recognised,
    text_of,
)
from partnerbot.documents.titles import title_from_file_name, title_like_line
from partnerbot.errors import ConfigurationError, DocumentRejected

_log = logging.getLogger(__name__)

# Reports with pictures stay below this; files are read in memory, and parsers need several times as much.
MAX_FILE_BYTES = 50 * 1024 * 1024


_TEXT_FORMATS: dict[str, Callable[[str], Extracted]] = {
    ".md": extract_markdown,
    ".markdown": extract_markdown,
    ".txt": extract_plain_text,
    ".html": extract_html,
    ".htm": extract_html,
}
_BINARY_FORMATS = {
    ".pdf": "pdf.extract_pdf",
    ".docx": "word.extract_word",
    ".odt": "opendocument.extract_opendocument",
    ".odp": "opendocument.extract_opendocument",
    ".pptx": "powerpoint.extract_powerpoint",
    ".xlsx": "spreadsheet.extract_spreadsheet",
    ".ods": "spreadsheet.extract_spreadsheet",
    ".csv": "spreadsheet.extract_csv",
    ".epub": "epub.extract_epub",
    ".rtf": "rtf.extract_rtf",
    ".eml": "mail.extract_mail",
    **dict.fromkeys(PICTURES, "picture.extract_picture"),
}
"""What reads a file, by its ending: imported when it is first needed, since most runs read few formats."""

KNOWN_ENDINGS = tuple(sorted([*_TEXT_FORMATS, *_BINARY_FORMATS]))
MARKUP_AND_BINARY = frozenset({".html", ".htm", *_BINARY_FORMATS})
"""Endings of files that libraries in C parse, or that may be far longer than they look."""

_OTHER_PICTURES = (".heic", ".heif", ".avif", ".svg", ".jp2")
_SIDECAR_ENDINGS = tuple(f"{ending}{yaml}" for ending in _BINARY_FORMATS for yaml in (".yaml", ".yml"))
_UNFINISHED_ENDINGS = (".swp", ".swo", ".part", ".crdownload", ".tmp", "~")
# They command a terminal, or make a name look like another.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SYSTEM_FILES = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class SkippedFile:
    """A file that is not among the documents, and why, in words that say what to do.

    `digest`: of what could not be read, so that it isn't tried again before it changes; empty for what must
    not or can't be opened at all. `excluded`: it says itself that it isn't to be indexed, which is no fault.
    `is_folder`: it is a folder that could not be listed, so that nobody knows what is in it now.
    """

    source: str
    reason: str
    digest: str = ""
    excluded: Annotated[bool, Field(exclude_if=not_)] = False
    is_folder: Annotated[bool, Field(exclude=True)] = field(default=False, compare=False)


@dataclass(frozen=True)
class FoundFiles:
    """Files by source, and those that must not be opened, each in order of source."""

    files: dict[str, Path]
    skipped: list[SkippedFile]


def check_folder(root: Path) -> None:
    """Raises: ConfigurationError if `root` is not a folder, saying what to do."""
    if root.is_file():
        raise ConfigurationError(f"{root} is a file. Name the folder that it is in: {root.parent}/")
    if not root.is_dir():
        raise ConfigurationError(
            f"The documents folder {root}/ does not exist. Create it, or name another: PARTNERBOT_DOCUMENTS."
        )


def survey(root: Path) -> FoundFiles:
    """Find the files below `root` that are meant to be documents, opening none; name what must not be opened.

    Left out: hidden and temporary files, and the .yaml files beside documents. A linked folder is not
    entered: what it holds inside `root` is found at its own place.

    Raises: ConfigurationError if `root` is not a folder.
    """
    check_folder(root)
    by_source, skipped = _walk(root)
    return FoundFiles(dict(sorted(by_source.items())), sorted(skipped, key=lambda file: file.source))


def sidecars(path: Path) -> list[Path]:
    """Return the files beside a document that state its metadata, whether they can be used or not."""
    if path.suffix.lower() not in _BINARY_FORMATS:
        return []
    beside = (path.with_name(path.name + ending) for ending in (".yaml", ".yml"))
    return [sidecar for sidecar in beside if sidecar.is_file()]


def _walk(root: Path) -> tuple[dict[str, Path], list[SkippedFile]]:
    files: dict[str, Path] = {}
    skipped: list[SkippedFile] = []
    home = root.resolve()

    def unreadable(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # it was removed this moment
            reason = (
                f"the folder can't be opened ({error.strerror}). What is indexed of it goes on answering. "
                "Allow reading it."
            )
            skipped.append(SkippedFile(_source(Path(error.filename), root), reason, is_folder=True))

    for folder, folder_names, file_names in os.walk(root, onerror=unreadable):
        folder_names[:] = [name for name in folder_names if not name.startswith(".")]
        links = [name for name in folder_names if os.path.islink(Path(folder, name))]  # noqa: PTH114
        below = _source(Path(folder), root)
        for name in [*links, *(name for name in file_names if not _is_left_out(name))]:
            path = Path(folder, name)
            # Not by `_source`, which for each of many files takes longer than all else here.
            source = (name if below == "." else f"{below}/{name}").encode(errors="replace").decode()
            reason = _unfit(path, source, home)
            if reason:
                skipped.append(SkippedFile(_HIDDEN.sub("\ufffd", source), reason))
            elif name not in links:
                files[source] = path
    return files, skipped


def _is_left_out(name: str) -> bool:
    lowered = name.lower()
    return (
        name.startswith((".", "~$"))
        or lowered.endswith(_UNFINISHED_ENDINGS + _SIDECAR_ENDINGS)
        or lowered in _SYSTEM_FILES
    )


def _unfit(path: Path, source: str, home: Path) -> str | None:
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return "its name is not valid UTF-8. Rename it."
    if _HIDDEN.search(source):  # names reach terminals and pages
        return "its name, or its folder's, has characters that can't be seen. Rename it."
    # Not by `Path.is_symlink`, which raises where a file may not even be looked at.
    if not os.path.islink(path):  # noqa: PTH114
        return None
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "the link leads nowhere. Remove it, or mend what it points to."
    if not target.is_relative_to(home):
        return "the link leads out of the documents folder. Copy the file itself into the folder."
    return None


def _source(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().encode(errors="replace").decode()


def load_document(
    path: Path, source: str, limits: ReadingLimits = DEFAULT_LIMITS, recognised: RecognisedPages | None = NONE
) -> Document:
    """Read one file in this process, cleaned and with its metadata; `reading.py` reads with limits on time.

    `recognised`: what its pages without text were found to say; None to be told which these are.

    Raises: DocumentRejected saying why it can't be read; PagesWithoutText; MemoryError.
    """
    try:
        stated, extracted = _read(path, limits)
        if recognised is None and extracted.pictures:
            raise PagesWithoutText(extracted.pictures)
        return _document(source, stated, extracted, limits, recognised or NONE)
    except (DocumentRejected, PagesWithoutText, MemoryError):
        raise
    except FileNotFoundError as error:
        raise DocumentRejected(
            "it is not there any more. A page of a site is fetched again by: partnerbot sync"
        ) from error
    except OSError as error:
        raise DocumentRejected(f"it can't be read ({error.strerror}). Allow reading it.") from error
    except Exception as error:  # of the many libraries at work, any may raise anything
        raise DocumentRejected(broken_down(error)) from error


def broken_down(error: Exception) -> str:
    """Return the reason why a document is refused at which its reader raised what nobody foresaw."""
    return f"what reads it breaks down at it ({type(error).__name__}). Save it again, or in another format."


def _read(path: Path, limits: ReadingLimits) -> tuple[FrontMatter, Extracted]:
    suffix = path.suffix.lower()
    if suffix not in KNOWN_ENDINGS:
        fitting = ".jpg, .png" if suffix in _OTHER_PICTURES else ".docx, .pdf, .txt"
        raise DocumentRejected(
            f"its type {suffix or '(none)'} is not known. Save it as {fitting} or another type of "
            "docs/documents.md, or move it elsewhere."
        )
    _check_file(path)
    if suffix in _TEXT_FORMATS:
        text = decode(path.read_bytes(), declared_in_html=suffix.startswith(".htm"))
        stated, text = split_front_matter(text)
        return stated, _TEXT_FORMATS[suffix](text)
    module, _, function = _BINARY_FORMATS[suffix].partition(".")
    extract = getattr(import_module(f"partnerbot.documents.formats.{module}"), function)
    return _stated_beside(path), extract(path, limits)


def _check_file(path: Path) -> None:
    """Refuse a file by what the file system says of it, before a byte is read."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise DocumentRejected("it is no regular file. Replace it by the document itself.")
    if status.st_size == 0:
        raise DocumentRejected("it is empty. Fill it or remove it.")
    if status.st_size > MAX_FILE_BYTES:
        raise DocumentRejected(
            f"it is too large: {status.st_size / 1_048_576:.0f} MB, where {MAX_FILE_BYTES // 1_048_576} MB "
            "is the limit. Split it, or save its pictures smaller."
        )


def _stated_beside(path: Path) -> FrontMatter:
    for sidecar in sidecars(path):
        if not sidecar.is_symlink():
            try:
                return read_front_matter(decode(sidecar.read_bytes()))
            except DocumentRejected as reason:
                raise type(reason)(f"in {sidecar.name}: {reason}") from reason
    return FrontMatter()


def _document(
    source: str, stated: FrontMatter, extracted: Extracted, limits: ReadingLimits, recognised: RecognisedPages
) -> Document:
    pages = [
        text_of(recognised[number].lines) if number in recognised and recognised[number].is_sure else page
        for number, page in enumerate(extracted.pages, start=1)
    ]
    limits.check(sum(map(len, pages)))
    if extracted.has_pages:
        text, page_starts = clean_pages(pages)
    else:
        text, page_starts = clean("\n\n".join(pages)), []
    if not any(map(str.isalnum, text)):
        raise DocumentRejected(_why_empty(extracted, recognised))
    if stated.unknown_language is not None:
        _log.warning(
            "%s: its language was found from its text, since %r in its front matter is none that is known. "
            "Write two letters such as fr, ja or en.",
            source,
            stated.unknown_language,
        )
    alternates = list(dict.fromkeys([*stated.alternates, *extracted.alternates]))
    found = {
        metadata.SOURCE: source,
        metadata.TITLE: _title(
            _one_line(stated.title), _unlike_file(source, _one_line(extracted.title)), title_like_line(text)
        )
        or _file_name(source, _one_line(extracted.title)),
        metadata.LANGUAGE: stated.language or detect_language(text, default=extracted.language or "en"),
        metadata.PUBLISHED: stated.published or extracted.published,
        metadata.URL: source if metadata.is_public_address(source) else stated.url or extracted.url,
        metadata.TRANSLATION_OF: stated.translation_of,
        metadata.ALTERNATES: json.dumps(alternates, ensure_ascii=False) if alternates else None,
        metadata.PAGE_STARTS: json.dumps(page_starts) if page_starts else None,
        **about_recognised(recognised),
    }
    return Document(page_content=text, metadata={key: value for key, value in found.items() if value})


def _why_empty(extracted: Extracted, recognised: RecognisedPages) -> str:
    if not extracted.pictures:
        return "it holds no text. Fill it or remove it."
    if not recognised:
        return (
            "its pages are pictures without text (scanned). Turn text recognition (OCR) on, "
            "PARTNERBOT_OCR=true, and run: partnerbot index --full. Or run another on it, such as ocrmypdf."
        )
    return (
        "its pages are pictures (scanned) in which no text could be read. Scan it again, upright and with "
        "300 dots per inch, or run another text recognition (OCR) on it, such as ocrmypdf."
    )


def _title(*candidates: str | None) -> str | None:
    """Return the first title there is; one that gives orders to a machine is none."""
    return next((title for title in candidates if title and not gives_orders(title)), None)


def _unlike_file(source: str, title: str) -> str | None:
    """Return the title that a file states, unless it is but the file's name, which programs put there."""
    return None if title.casefold() == PurePosixPath(source).stem.casefold() else title


def _file_name(source: str, title: str) -> str:
    """Return the file's name as a title, with the capitals that it states it with where it does."""
    name = title_from_file_name(source)
    return title if title.casefold() == name.casefold() else name


def _one_line(title: str | None) -> str:
    return " ".join(normalise(title or "").split())
