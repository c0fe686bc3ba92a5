"""Reads one PDF in a process of its own: `python pdf_child.py FILE PAGES CHARACTERS MEMORY CPU`.

An untrusted PDF can make a parser use any amount of memory or time; here that ends this
process and nothing else. It imports nothing of ours, so that it starts quickly. It writes one
JSON object to its output: `pages`, `title` and `created`, or `refused` (the name of a reason in pdf.py).
"""

from __future__ import annotations

import json
import logging
import sys
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple
from unicodedata import east_asian_width

# Lines further apart than this many usual leadings belong to different paragraphs.
PARAGRAPH_GAP = 1.35


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows; the parent's clock remains
        return
    # One second between the soft and the hard limit, so that the signal says which limit it was.
    for name, soft, hard in (
        ("RLIMIT_AS", memory_bytes, memory_bytes),
        ("RLIMIT_CPU", cpu_seconds, cpu_seconds + 1),
        ("RLIMIT_CORE", 0, 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (soft, hard))
        except (ValueError, OSError):  # macOS refuses a limit on address space
            continue


def _read(path: str, max_pages: int, max_characters: int) -> dict[str, Any]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, WrongPasswordError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return {"refused": "encrypted"}
        if len(reader.pages) > max_pages:
            return {"refused": "too_many_pages"}
        pages: list[str] = []
        characters = 0
        for page in reader.pages:
            pages.append(_page_text(page))
            characters += len(pages[-1])
            if characters > max_characters:
                return {"refused": "too_much_text"}
        return {"pages": pages, **_stated(reader)}
    except (FileNotDecryptedError, WrongPasswordError, DependencyError):
        return {"refused": "encrypted"}
    except (MemoryError, LimitReachedError):
        return {"refused": "memory"}
    except Exception:  # a broken file makes pypdf raise anything
        return {"refused": "corrupt"}


def _page_text(page: Any) -> str:
    """Return the page's text with " | " between cells of a row, and blank lines at wide gaps.

    pypdf gives each cell of a table a line of its own, and no sign of paragraphs; where the
    pieces stand on the page tells both. Only line breaks change.
    """
    pieces: list[_Piece] = []

    def note(text: str, matrix: Any, text_matrix: Any, _font: Any, size: Any) -> None:
        if text:
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            height = abs(size * text_matrix[3] * matrix[3]) or abs(size)
            pieces.append(_Piece(text, x, y, height))

    plain: str = page.extract_text(visitor_text=note)
    if "".join(piece.text for piece in pieces).split() != plain.split():
        return plain
    usual = _usual_leading(pieces)
    return "".join(
        piece.text.removesuffix("\n") + _break(piece, following, usual)
        if piece.text.endswith("\n")
        else piece.text
        for piece, following in zip_longest(pieces, pieces[1:])
    )


class _Piece(NamedTuple):
    """Some text, where it starts on the page, and its height, in points."""

    text: str
    x: float
    y: float
    height: float


def _leading(before: _Piece, after: _Piece) -> float:
    """Return the distance down to the next line, in heights of the smaller letters of the two."""
    return (before.y - after.y) / (min(before.height, after.height) or 1)


def _usual_leading(pieces: list[_Piece]) -> float:
    """Return the leading inside paragraphs, 0 if there are no two lines."""
    distances = sorted(leading for pair in pairwise(pieces) if (leading := _leading(*pair)) > 0.5)
    return distances[len(distances) // 3] if distances else 0.0


def _break(piece: _Piece, following: _Piece | None, usual: float) -> str:
    if following is None:
        return "\n"
    if abs(piece.y - following.y) < 1:
        columns = sum(2 if east_asian_width(character) in "WF" else 1 for character in piece.text.strip())
        end = piece.x + columns * piece.height / 2
        return " | " if following.x - end > piece.height / 2 else "\n"
    return "\n\n" if usual and _leading(piece, following) > PARAGRAPH_GAP * usual else "\n"


def _stated(reader: Any) -> dict[str, str | None]:
    """What the file says of itself; a malformed date or title is none."""
    title = created = None
    try:
        information = reader.metadata
        if information is not None:
            title = information.title
            date = information.creation_date
            created = date.date().isoformat() if date is not None else None
    except Exception:  # pypdf parses these with nothing but trust
        pass
    return {"title": title if isinstance(title, str) else None, "created": created}


def main(arguments: list[str]) -> None:
    """Read the PDF named by the first argument within the limits of the others."""
    path, *limits = arguments
    max_pages, max_characters, memory_bytes, cpu_seconds = (int(limit) for limit in limits)
    _limit(memory_bytes, cpu_seconds)
    logging.disable()
    try:
        result = json.dumps(_read(path, max_pages, max_characters))
    except MemoryError:
        result = json.dumps({"refused": "memory"})
    sys.stdout.write(result)


if __name__ == "__main__":
    main(sys.argv[1:])
