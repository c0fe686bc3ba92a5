"""Draws a page of a PDF or picture file in a process of its own: `pdf_page_child.py FILE PAGE MEMORY CPU`.

An untrusted PDF can make a renderer use any amount of memory or time, or crash it; here that ends
this process and nothing else. It imports nothing of ours, so that it starts quickly. It reads
`{"quote", "cells", "highlight", "expected", "lines"}` as JSON from its input, and writes one line of JSON
(`width`, `height`, and the boxes of `quote` and `answer` in pixels), then the picture as WebP. `cells` is the
quote with the headings blank that its rows say, `lines` what was recognised where the page has no text.
"""

import io
import json
import os
import re
import resource
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

WIDTH = 1240
"""Pixels: an A4 page at 150 dots per inch, which is sharp at twice the width of a phone."""

HIGHEST = 3600
"""Pixels: a strip longer than this is drawn smaller."""

SHORTEST_PART = 6
"""Letters: a shorter part of a quote that is not on the page as a whole may be there by chance."""


class Box(NamedTuple):
    """A rectangle on the picture, in pixels from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float


_Shown = tuple[Any, str, Callable[[int], Box]]
"""The picture of a page, its characters, and where on the picture each is."""


def letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and figures of a text in one form, and where in the text each stands.

    The text of the index was cleaned: its lines joined, hyphens and doubled spaces gone, widths
    and ligatures made one. What is left here is the same before and after that.

    >>> letters("Ｖita-\\ngora, ﬁn")
    ('vitagorafin', [0, 1, 2, 3, 6, 7, 8, 9, 12, 12, 13])
    """
    kept, positions = [], []
    for position, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character).casefold():
            if folded.isalnum():
                kept.append(folded)
                positions.append(position)
    return "".join(kept), positions


def places(wanted: str, page: str, expected: int) -> list[tuple[int, int, int]]:
    """Return where `wanted` is on the page, as (start in wanted, start on page, length) of its parts.

    Whole if it is there whole: of several places the one nearest to `expected`. Else the parts in
    order, for a quote that goes on overleaf or whose table cells the page holds in another order.
    """
    if not wanted:
        return []
    found = [place.start() for place in re.finditer(f"(?={re.escape(wanted)})", page)]
    if found:
        return [(0, min(found, key=lambda at: abs(at - expected)), len(wanted))]
    blocks = SequenceMatcher(None, wanted, page, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size >= SHORTEST_PART]


def joined(boxes: Iterable[Box]) -> Iterator[Box]:
    """Join the boxes of letters that follow each other on a line, or in a column of vertical text."""
    runs: list[list[Box]] = []
    for box in boxes:
        if runs and _continues(runs[-1][-1], box):
            runs[-1].append(box)
        else:
            runs.append([box])
    for run in runs:
        left, top, right, bottom = zip(*run, strict=True)
        yield Box(min(left), min(top), max(right), max(bottom))


def _continues(last: Box, box: Box) -> bool:
    height = min(last.bottom - last.top, box.bottom - box.top)
    width = min(last.right - last.left, box.right - box.left)
    beside = min(last.bottom, box.bottom) - max(last.top, box.top)
    above = min(last.right, box.right) - max(last.left, box.left)
    # A page that lies on its head is read from right to left.
    to_the_side = max(box.left, last.left) - min(box.right, last.right)
    on_line = beside > height / 2 and -height / 2 < to_the_side < 1.5 * height
    in_column = above > width / 2 and -width / 2 < box.top - last.bottom < width / 2
    return on_line or in_column


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    os.nice(10)  # answers go before pictures
    for name, value in (("RLIMIT_AS", memory_bytes), ("RLIMIT_CPU", cpu_seconds), ("RLIMIT_CORE", 0)):
        with suppress(ValueError, OSError):  # macOS refuses a limit on address space
            resource.setrlimit(getattr(resource, name), (value, value))


def _draw(path: str, number: int, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    image, characters, box = (_sheet if path.lower().endswith(".pdf") else _photograph)(path, number)
    if asked["lines"]:
        characters, box = _recognised(asked["lines"], image.size)
    quote, answer = _boxes(characters, box, asked)
    picture = io.BytesIO()
    image.save(picture, "WEBP", quality=80, method=4)
    about = {"width": image.width, "height": image.height, "quote": quote, "answer": answer}
    return about, picture.getvalue()


def _sheet(path: str, number: int) -> _Shown:
    import pypdfium2
    import pypdfium2.raw as pdfium

    page = pypdfium2.PdfDocument(path)[number - 1]
    scale = min(WIDTH / page.get_width(), HIGHEST / page.get_height())
    # What a viewer shows: annotations too, but no form fields, whose scripts are not run here.
    picture = page.render(scale=scale)
    text = page.get_textpage()
    codes = (pdfium.FPDFText_GetUnicode(text, index) for index in range(text.count_chars()))
    characters = "".join(chr(code) if code < 0x110000 else " " for code in codes)
    on_picture = picture.get_posconv(page).to_bitmap  # whatever the page's rotation and crop

    def box(index: int) -> Box:
        left, bottom, right, top = text.get_charbox(index, loose=True)
        (x0, y0), (x1, y1) = on_picture(left, top), on_picture(right, bottom)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    return picture.to_pil(), characters, box


def _photograph(path: str, number: int) -> _Shown:
    from PIL import Image, ImageOps

    file = Image.open(path)
    file.seek(number - 1)
    image = ImageOps.exif_transpose(file).convert("RGB")
    image.thumbnail((WIDTH, HIGHEST))
    return image, "", lambda _: Box(0, 0, 0, 0)


def _recognised(lines: list[tuple[Any, ...]], size: tuple[int, int]) -> tuple[str, Callable[[int], Box]]:
    """Return the characters of recognised lines, and where each is: a share of its line, by its width."""
    characters, boxes = "", list[Box]()
    across, down = size
    for text, start_x, start_y, end_x, end_y, height in lines:
        widths = [2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text]
        ends = [0, *accumulate(widths)]
        run, fall = (end_x - start_x) * across, (end_y - start_y) * down
        half = height * down / 2
        for first, last in pairwise(end / ends[-1] for end in ends):
            x, y = sorted((first * run, last * run)), sorted((first * fall, last * fall))
            wide, high = (0.0, half) if abs(run) > abs(fall) else (half, 0.0)
            left, top = start_x * across, start_y * down
            boxes.append(Box(left + x[0] - wide, top + y[0] - high, left + x[1] + wide, top + y[1] + high))
        boxes.append(Box(0, 0, 0, 0))
        characters += f"{text}\n"
    return characters, boxes.__getitem__


def _boxes(characters: str, box: Callable[[int], Box], asked: dict[str, Any]) -> tuple[list[Box], list[Box]]:
    """Return the boxes of the quote, if need be without a row's headings, and of the answer in it."""
    on_page, positions = letters(characters)
    wanted, offsets = letters(asked["quote"])
    if wanted not in on_page:
        wanted, offsets = letters(asked["cells"])
    first, end = asked["highlight"] or (0, 0)
    quote: list[Box] = []
    answer: list[Box] = []
    for in_quote, at, length in places(wanted, on_page, asked["expected"]):
        run = range(positions[at], positions[at + length - 1] + 1)
        quote += joined(box(index) for index in run if characters[index].strip())
        within = [i for i in range(length) if first <= offsets[in_quote + i] < end]
        if within:
            run = range(positions[at + within[0]], positions[at + within[-1]] + 1)
            answer += joined(box(index) for index in run if characters[index].strip())
    return quote, answer


def main(arguments: list[str]) -> None:
    path, number, memory_bytes, cpu_seconds = arguments
    _limit(int(memory_bytes), int(cpu_seconds))
    about, picture = _draw(path, int(number), json.load(sys.stdin))
    sys.stdout.buffer.write(json.dumps(about).encode("ascii") + b"\n" + picture)


if __name__ == "__main__":
    main(sys.argv[1:])
