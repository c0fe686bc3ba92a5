"""Text recognition (OCR): the lines of text in the picture of a page, by PP-OCR or the owner's Tesseract."""

from __future__ import annotations

import csv
import io
import math
import os
import subprocess
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from partnerbot.documents.formats.picture import DOTS_PER_INCH, page_picture
from partnerbot.documents.recognised import RecognisedLine, RecognisedPage
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.errors import ConfigurationError

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST_SURE = 0.85
"""How sure the recognition must be of a page's characters on average: of those that it reads it is .98 sure
and more, of those that lie on their heads below .6."""

_LEAST_SURE_OF_A_LINE = 0.6
"""Below, it is a stamp or a picture, on a page that is read."""

_FEWEST_LETTERS = 20
"""That a page of text has, when nothing on it is sure."""

_MOST_TILTED, _TILT_STEP = 5.0, 0.25
"""Degrees. Lines of a page that is tilted by one degree already are taken for each other."""

_OVER_COLUMNS = 8
"""Lines at the top or foot of a page that may reach over its columns."""

_LEAST_LINES, _LEAST_WIDE = 3, 8.0
"""Of a column of text: how many lines, and how wide these are, in their heights."""

_Found = tuple[tuple[float, float, float, float], str, float]
"""Edges of a line (left, top, right, bottom in pixels), its text, and how sure it is, from 0 to 1."""

_DARKEST_BLANK = 200
"""Of 255: paper, and the noise of a scanner."""


def recognise(path: Path, page: int, *, by_tesseract: bool = False) -> RecognisedPage:
    """Read a page of a PDF or a picture file, counted from 1, whichever way it lies.

    A page on which nothing is found is read: there is no text on it.

    Raises: DocumentRejected if there is no such picture; MemoryError; whatever a broken file makes its
        libraries raise.
    """
    finer = _TESSERACTS_DOTS_PER_INCH / DOTS_PER_INCH if by_tesseract else 1
    find = _found_by_tesseract if by_tesseract else _found
    image = page_picture(path, page, finer)
    if not any(image.histogram()[:_DARKEST_BLANK]):
        return RecognisedPage([], True)
    tilt = _tilt(image)
    seen = first = _read(image, tilt, find)
    for quarter in (180,) if first.lines else (90, 270):
        if not (seen.lines and seen.is_sure):
            seen = _read(image, tilt + quarter, find)
    if seen.lines and seen.is_sure:
        return seen
    if sum(len(line.text) for line in first.lines) < _FEWEST_LETTERS:  # of a picture that is none of text
        return RecognisedPage([], True)
    return first


def _read(image: Image, degrees: float, find: Callable[[Image], list[_Found]]) -> RecognisedPage:
    """Read an image turned counterclockwise; the lines' places are those on the image as it is."""
    import PIL.Image

    turned = image.rotate(degrees, PIL.Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    found = find(turned)
    characters = sum(len(text) for _, text, _ in found)
    sure = sum(len(text) * confidence for _, text, confidence in found)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def back(x: float, y: float) -> tuple[float, float]:
        x, y = x - turned.width / 2, y - turned.height / 2
        return (
            (x * cosine - y * sine) / image.width + 0.5,
            (x * sine + y * cosine) / image.height + 0.5,
        )

    lines = [
        RecognisedLine(
            text,
            *back(left, (top + bottom) / 2),
            *back(right, (top + bottom) / 2),
            (bottom - top) / image.height,
        )
        for (left, top, right, bottom), text, confidence in _in_order(found)
        if confidence >= _LEAST_SURE_OF_A_LINE or sure < LEAST_SURE * characters
    ]
    return RecognisedPage(lines, sure >= LEAST_SURE * characters)


def _in_order(found: list[_Found]) -> list[_Found]:
    """Return lines, which come from top to bottom, in reading order: a column of text before the next one.

    Some lines at the top and the foot of a page may reach over its columns.
    """
    for top, foot in product(range(_OVER_COLUMNS), repeat=2):
        between = found[top : len(found) - foot]
        if (gutter := _gutter(between)) is not None:
            left = [one for one in between if one[0][2] <= gutter]
            right = [one for one in between if one[0][2] > gutter]
            return [*found[:top], *_in_order(left), *_in_order(right), *found[len(found) - foot :]]
    return found


def _gutter(found: list[_Found]) -> float | None:
    """Return where the first column of text ends, if another is beside it; cells of tables are none."""
    across = sorted(found, key=lambda one: one[0][0])
    reach = 0.0
    for place, (edges, _, _) in enumerate(across):
        if edges[0] > reach and min(place, len(across) - place) >= _LEAST_LINES:
            sides = across[:place], across[place:]
            shapes = [
                [(right - left) / ((bottom - top) or 1) for (left, top, right, bottom), *_ in side]
                for side in sides
            ]
            if min(map(median, shapes)) >= _LEAST_WIDE:
                return reach
        reach = max(reach, edges[2])
    return None


def _tilt(image: Image) -> float:
    """Return by how many degrees a page has to be turned counterclockwise for its lines to be level.

    Then rows of pixels with ink and those between lines differ most.
    """
    import PIL.Image
    from PIL import ImageOps

    small = ImageOps.invert(image)
    small.thumbnail((800, 800))

    def contrast(degrees: float) -> float:
        ink = np.asarray(small.rotate(degrees, PIL.Image.Resampling.BILINEAR), np.float32)
        return float(max(np.square(np.diff(ink.sum(axis))).sum() for axis in (0, 1)))

    return float(max(np.arange(-_MOST_TILTED, _MOST_TILTED + _TILT_STEP, _TILT_STEP), key=contrast))


def _found(image: Image) -> list[_Found]:
    import pylopdf

    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    with pylopdf.Document() as document:
        sheet = document.new_page(width=image.width, height=image.height)
        sheet.insert_image((0, 0, image.width, image.height), stream=file.getvalue())
        words = _engine().recognize(sheet, dpi=72, min_confidence=0)  # a point is a pixel
    return [(word["bbox"], word["text"], word["confidence"]) for word in words if word["text"].strip()]


@cache
def _engine() -> Any:
    import pylopdf

    return pylopdf.OcrEngine(threads=1)


# ---- By Tesseract, for owners who prefer it: a program that they have installed ------------------

_TESSERACTS_DOTS_PER_INCH = 300
"""What its documentation asks for (tessdoc, ImproveQuality)."""

_CELLS_APART = 2.0
"""Heights of a line from which two of its words stand in different cells of a table."""

_NOT_LANGUAGES = ("osd", "equ")
_WORD = "5"
"""The level of its rows that tell a word."""


@cache
def tesseracts_languages() -> str:
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


def _found_by_tesseract(image: Image) -> list[_Found]:
    """Return the lines of text on an image, cells of tables apart.

    Raises: ConfigurationError as `tesseracts_languages`; CalledProcessError if the program breaks.
    """
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, dpi=(_TESSERACTS_DOTS_PER_INCH, _TESSERACTS_DOTS_PER_INCH))
    command = ["tesseract", "stdin", "stdout", "-l", tesseracts_languages(), "tsv"]
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    told = subprocess.run(command, input=file.getvalue(), capture_output=True, check=True, env=alone)
    found: list[_Found] = []
    line = None
    table = io.StringIO(told.stdout.decode("utf-8"))
    for row in csv.DictReader(table, dialect="excel-tab", quoting=csv.QUOTE_NONE):
        if row["level"] != _WORD or not (text := row["text"].strip()):
            continue
        left, top, width, height = (float(row[side]) for side in ("left", "top", "width", "height"))
        edges, sure = (left, top, left + width, top + height), float(row["conf"]) / 100
        its_line = row["block_num"], row["par_num"], row["line_num"]
        if its_line == line and left - found[-1][0][2] <= _CELLS_APART * height:
            before, said, was = found.pop()
            edges = (*map(min, before[:2], edges[:2]), *map(max, before[2:], edges[2:]))  # type: ignore[assignment]
            sure = (was * len(said) + sure * len(text)) / (len(said) + len(text))
            text = said + ("" if is_mainly_unspaced(said[-1] + text[0]) else " ") + text
        found.append((edges, text, sure))
        line = its_line
    return found
