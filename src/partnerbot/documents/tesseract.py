"""Text recognition by Tesseract, for owners who prefer it: a program that they have installed."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.errors import ConfigurationError

if TYPE_CHECKING:
    from PIL.Image import Image

DOTS_PER_INCH = 300
"""What its documentation asks for (tessdoc, ImproveQuality)."""

_BETWEEN_CELLS = 2.0
"""Heights of a line from which two of its words stand in different cells of a table."""

_NOT_LANGUAGES = ("osd", "equ")


@cache
def languages() -> str:
    """Return the languages that Tesseract has, as its option -l takes them.

    Raises: ConfigurationError saying what to install if the program or its languages are missing.
    """
    try:
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise _missing("the program tesseract doesn't run here") from error
    found = [line for line in listed.stdout.splitlines()[1:] if line not in _NOT_LANGUAGES]
    if not found:
        raise _missing("tesseract has no language")
    return "+".join(found)


def _missing(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"PARTNERBOT_OCR is tesseract, but {why}. Install it with the languages of your documents (Debian: "
        "apt install tesseract-ocr tesseract-ocr-fra tesseract-ocr-jpn), or take the recognition that comes "
        "with partnerbot: PARTNERBOT_OCR=true"
    )


def lines_of(image: Image) -> list[tuple[tuple[float, float, float, float], str, float]]:
    """Return the lines of text on an image, cells of tables apart, from top to bottom.

    Each with its edges (left, top, right, bottom in pixels), its text, and how sure it is, from 0 to 1.

    Raises: ConfigurationError as `languages`; CalledProcessError if the program breaks.
    """
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    told = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", languages(), "tsv"],
        input=file.getvalue(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    ).stdout.decode("utf-8")
    rows = csv.DictReader(io.StringIO(told), dialect="excel-tab", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row["level"] == "5" and row["text"].strip()]
    found = []
    for _, line in groupby(
        words, key=lambda row: [row[part] for part in ("block_num", "par_num", "line_num")]
    ):
        cells: list[list[dict[str, str]]] = []
        for word in line:
            if not cells or _gap(cells[-1][-1], word) > _BETWEEN_CELLS * int(word["height"]):
                cells.append([])
            cells[-1].append(word)
        found += map(_joined, cells)
    return sorted(found, key=lambda one: one[0][1])


def _gap(before: dict[str, str], word: dict[str, str]) -> int:
    return int(word["left"]) - int(before["left"]) - int(before["width"])


def _joined(words: list[dict[str, str]]) -> tuple[tuple[float, float, float, float], str, float]:
    edges = [
        (left, top, left + width, top + height)
        for left, top, width, height in (
            [float(word[side]) for side in ("left", "top", "width", "height")] for word in words
        )
    ]
    lefts, tops, rights, bottoms = zip(*edges, strict=True)
    text = words[0]["text"]
    for word in words[1:]:
        text += ("" if is_mainly_unspaced(text[-1] + word["text"][0]) else " ") + word["text"]
    letters = sum(len(word["text"]) for word in words)
    sure = sum(len(word["text"]) * float(word["conf"]) for word in words) / letters / 100
    return (min(lefts), min(tops), max(rights), max(bottoms)), text, sure
