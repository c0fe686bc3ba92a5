"""Text recognition by Tesseract, for owners who prefer it: a program that they have installed."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from functools import cache
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
_WORD = "5"
"""The level of its rows that tell a word."""


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
    """Return the lines of text on an image, cells of tables apart, as `recognition.py` takes them.

    Raises: ConfigurationError as `languages`; CalledProcessError if the program breaks.
    """
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    command = ["tesseract", "stdin", "stdout", "-l", languages(), "tsv"]
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    told = subprocess.run(command, input=file.getvalue(), capture_output=True, check=True, env=alone)
    found: list[tuple[tuple[float, float, float, float], str, float]] = []
    line = None
    table = io.StringIO(told.stdout.decode("utf-8"))
    for row in csv.DictReader(table, dialect="excel-tab", quoting=csv.QUOTE_NONE):
        if row["level"] != _WORD or not (text := row["text"].strip()):
            continue
        left, top, width, height = (float(row[side]) for side in ("left", "top", "width", "height"))
        edges, sure = (left, top, left + width, top + height), float(row["conf"]) / 100
        its_line = row["block_num"], row["par_num"], row["line_num"]
        if its_line == line and left - found[-1][0][2] <= _BETWEEN_CELLS * height:
            before, said, was = found.pop()
            edges = (*map(min, before[:2], edges[:2]), *map(max, before[2:], edges[2:]))  # type: ignore[assignment]
            sure = (was * len(said) + sure * len(text)) / (len(said) + len(text))
            text = said + ("" if is_mainly_unspaced(said[-1] + text[0]) else " ") + text
        found.append((edges, text, sure))
        line = its_line
    return found
