"""PDF files, read by a child process that has limits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partnerbot.documents import pdf_child
from partnerbot.documents.extracted import Extracted
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected


@dataclass(frozen=True)
class PdfLimits:
    """How much one PDF may ask for before it is refused."""

    pages: int = 2_000
    """A thick report; the limit is against files made to keep a parser busy."""

    characters: int = 5_000_000
    """As many as 2,000 dense pages hold; more comes only from files made to unpack to much."""

    memory_bytes: int = 1_500 * 1024 * 1024
    """Address space. 3 pages of text took 39 MB of memory, 300 took 61 MB; pictures take more."""

    cpu_seconds: int = 60
    """Measured on 2 cores: 0.4 s for 3 pages, start included, and 4.7 s for 300."""

    wall_seconds: int = 180
    """Longer than the processor time, for a machine with other work to do."""


DEFAULT_LIMITS = PdfLimits()


def extract_pdf(path: Path, limits: PdfLimits = DEFAULT_LIMITS) -> Extracted:
    """Return the text of each page, and the title and date that the file states.

    Raises: DocumentRejected if it needs a password, is corrupt, has no text, or goes over a limit.
    """
    answer = _read_in_child(path, limits)
    if "refused" in answer:
        raise DocumentRejected(_reason(answer["refused"], limits))
    pages = [str(page) for page in answer["pages"]]
    if not any(character.isalnum() for page in pages for character in page):
        raise DocumentRejected(_reason("scanned", limits))
    return Extracted(
        pages=pages, has_pages=True, title=sensible_title(answer["title"]), published=answer["created"]
    )


def _read_in_child(path: Path, limits: PdfLimits) -> dict[str, Any]:
    numbers = (limits.pages, limits.characters, limits.memory_bytes, limits.cpu_seconds)
    # -P: the child's folder holds modules with names of the standard library's, such as html.
    command = [sys.executable, "-P", pdf_child.__file__, str(path), *map(str, numbers)]
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limits.wall_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return {"refused": "time"}
    if _ended_by("SIGXCPU", child.returncode):
        return {"refused": "time"}
    if _ended_by("SIGKILL", child.returncode) or (child.returncode and b"MemoryError" in child.stderr):
        return {"refused": "memory"}
    return {"refused": "corrupt"} if child.returncode else dict(json.loads(child.stdout))


def _ended_by(signal_name: str, returncode: int) -> bool:
    number = getattr(signal, signal_name, None)  # Windows has neither
    return number is not None and returncode == -number


def _reason(name: str, limits: PdfLimits) -> str:
    return {
        "encrypted": "it needs a password. Save it without one.",
        "corrupt": "it is corrupt, or no PDF. Make it anew, or print it to a PDF from a PDF reader.",
        "scanned": "its pages are pictures without text (scanned). Run a text recognition (OCR) on it, "
        "for instance with ocrmypdf.",
        "too_many_pages": f"it has more than {limits.pages:,} pages. Split it.",
        "too_much_text": f"it is too large: more than {limits.characters:,} characters of text. Split it.",
        "memory": f"reading it took more than {limits.memory_bytes // 1_048_576:,} MB of memory. Split it, "
        "or print it to a new PDF.",
        "time": f"reading it took more than {limits.cpu_seconds} seconds of processor time or "
        f"{limits.wall_seconds} in all. Split it, or print it to a new PDF.",
    }[name]
