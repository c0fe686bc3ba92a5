"""PDF files, read by a child process that has limits."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from partnerbot.documents import pdf_child
from partnerbot.documents.extracted import Extracted
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# A thick report; the limit is against files made to keep a parser busy.
MAX_PAGES = 2_000
# As many as 2,000 dense pages hold; more comes only from files made to unpack to much.
MAX_CHARACTERS = 5_000_000
# Address space. pypdf takes 80 MB for small files, and some ten times the size of large ones.
MAX_MEMORY_BYTES = 1_500 * 1024 * 1024
# pypdf reads 20 to 100 pages a second; the clock allows for a machine with other work to do.
MAX_CPU_SECONDS = 60
MAX_WALL_SECONDS = 120

REASONS = {
    "encrypted": "it needs a password. Save it without one.",
    "corrupt": "it is corrupt, or no PDF. Make it anew, or open it in a PDF reader and print it to a PDF.",
    "scanned": "its pages are pictures without text (scanned). Run a text recognition (OCR) on it, "
    "for instance ocrmypdf.",
    "too_many_pages": f"it has more than {MAX_PAGES:,} pages. Split it.",
    "too_much_text": f"it is too large: more than {MAX_CHARACTERS:,} characters of text. Split it.",
    "memory": f"reading it took more than {MAX_MEMORY_BYTES // 1_048_576} MB of memory. Split it, or print it "
    "to a new PDF.",
    "time": f"reading it took more than {MAX_CPU_SECONDS} seconds. Split it, or print it to a new PDF.",
}


def extract_pdf(path: Path) -> Extracted:
    """Return the text of each page, and the title and date that the file states.

    Raises: DocumentRejected with one of REASONS.
    """
    answer = _read_in_child(path)
    if "refused" in answer:
        raise DocumentRejected(REASONS[str(answer["refused"])])
    pages = [str(page) for page in answer["pages"]]
    if not any(character.isalnum() for page in pages for character in page):
        raise DocumentRejected(REASONS["scanned"])
    return Extracted(
        pages=pages, has_pages=True, title=sensible_title(answer["title"]), published=answer["created"]
    )


def _read_in_child(path: Path) -> dict[str, object]:
    limits = (MAX_PAGES, MAX_CHARACTERS, MAX_MEMORY_BYTES, MAX_CPU_SECONDS)
    # -P: the child's folder holds modules with names of the standard library's, such as html.
    command = [sys.executable, "-P", pdf_child.__file__, str(path), *map(str, limits)]
    try:
        child = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=MAX_WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentRejected(REASONS["time"]) from error
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise DocumentRejected(REASONS["time"])
    if child.returncode != 0:
        raise DocumentRejected(REASONS["memory" if b"MemoryError" in child.stderr else "corrupt"])
    return dict(json.loads(child.stdout))
