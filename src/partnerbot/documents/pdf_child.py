"""Reads one PDF in a process of its own: `python pdf_child.py FILE PAGES CHARACTERS MEMORY CPU`.

An untrusted PDF can make a parser use any amount of memory or time; here that ends this
process and nothing else. It imports nothing of ours, so that it starts quickly. It writes one
JSON object to its output: `pages`, `title` and `created`, or `refused` (a name of pdf.REASONS).
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows; the parent's clock remains
        return
    for name, limit in (("RLIMIT_AS", memory_bytes), ("RLIMIT_CPU", cpu_seconds), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (ValueError, OSError):  # macOS refuses a limit on address space
            continue


def _read(path: str, max_pages: int, max_characters: int) -> dict[str, Any]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, PdfReadError, WrongPasswordError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return {"refused": "encrypted"}
        if len(reader.pages) > max_pages:
            return {"refused": "too_many_pages"}
        pages: list[str] = []
        characters = 0
        for page in reader.pages:
            pages.append(page.extract_text())
            characters += len(pages[-1])
            if characters > max_characters:
                return {"refused": "too_much_text"}
        return {"pages": pages, **_stated(reader)}
    except (FileNotDecryptedError, WrongPasswordError, DependencyError):
        return {"refused": "encrypted"}
    except MemoryError:
        return {"refused": "memory"}
    except (PdfReadError, RecursionError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return {"refused": "corrupt"}


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
