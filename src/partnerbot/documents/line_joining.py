"""The lines of a text; those that were broken for a page's width become whole sentences again.

A line break is taken back where the sentence plainly goes on: hyphenation, a small letter
or a particle at the seam, or a line as full as the text's widest ones. Where that is in
doubt the break stays: two lines too many cost less than two sentences in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from partnerbot.documents.scripts import ends_sentence, is_mainly_unspaced, is_unspaced, width

WRAP = "\v"
"""A line break that its format says means nothing, as in a Markdown paragraph."""

PAGE = "\f"
"""Where a page starts; it stands before the page's first character."""


@dataclass(frozen=True)
class Line:
    """One line, without its break. `wraps`: the break after it is known to mean nothing."""

    text: str
    wraps: bool = False

    @property
    def is_blank(self) -> bool:
        """Tell whether there is nothing to read, though a page may start here."""
        return not self.text.replace(PAGE, "").strip()

    def without_text(self) -> Line:
        """Return a blank line that keeps the page marks of this one."""
        return Line(PAGE * self.text.count(PAGE))


def split_lines(text: str) -> list[Line]:
    """Return the lines of `text`; `join_lines` puts them together again."""
    pieces = re.split(f"([\n{WRAP}])", text)
    return [
        Line(piece, wraps=pieces[index + 1 : index + 2] == [WRAP])
        for index, piece in enumerate(pieces)
        if index % 2 == 0
    ]


def join_lines(lines: Iterable[Line]) -> str:
    """Return the lines as one text."""
    return "\n".join(line.text for line in lines)


# Columns. Text wrapped by an editor or a page has 60 to 110; below 40 a line tells nothing
# about wrapping (lists, addresses), above 180 each line is a paragraph of its own.
NARROWEST_WRAP = 40
WIDEST_WRAP = 180
# Share of the usual full width from which a line counts as full: proportional fonts, long words
# and the rule against 、 or 。 at the start of a line make full lines differ by a tenth or two.
FULL = 0.8
# Characters before a seam that may be a word broken there; a longer one is none.
LONGEST_WORD = 100
# A text shows that it is wrapped by at least this many full lines.
FULL_LINES_NEEDED = 3

LIST_MARK = re.compile(
    r"(?:[-–—*+•‣◦▪●○■□◆◇▶➢✓※]\s+|[・●○■□◆◇※]|\d{1,2}[.)]\s|[(（]\d{1,2}[)）]|[①-⑳]|[a-z][.)]\s|[A-Z]\)\s)"
)
_SENTENCE_INSIDE = re.compile(r"[。！？]|[.!?] ")
_TABLE_ROW = re.compile(r" [|｜] |\t")
_LOWER_CASE_START = re.compile(r"[a-zà-öø-ÿœ]|[ldjnsctmqu]{1,2}['’]|[,;:!?)»%]")
_FUNCTION_WORD_END = re.compile(
    r"(?:^|[\s'’])(?:de|du|des|la|le|les|et|ou|à|au|aux|en|un|une|par|pour|sur|dans|avec|que|qui|"
    r"the|of|and|or|in|to|an?|for|with|on|at|by|from|that)$|[,(«]$",
    re.IGNORECASE,
)
# At the seam of a Japanese sentence: a comma or particle before, something that opens none after.
_JAPANESE_GOES_ON = re.compile("[、，（「『・]$|.{5}[はがをにでとの]$")
_JAPANESE_CONTINUES = re.compile("[をんぁぃぅぇぉっゃゅょァィゥェォッャュョー、。，．」』）〉》】！？ヶ々]")
_BRACKETS = ("「」", "『』", "（）", "()", "«»", "“”")
_HYPHENATED = re.compile("(?<![A-Za-z\u00c0-\u024f])([A-Za-z\u00c0-\u024f]++)[-\u2010]$")
# "mid- and late 1960s": the hyphen stands for a word's other part, and a space follows it.
_SUSPENDED_HYPHEN = re.compile("(?:and|or|to|et|ou|und|oder|bis)$")
# They begin where a word does and never give a letter back: a file of one endless word is read in one go.
_WITH_HYPHENS = re.compile("(?<![A-Za-z\u00c0-\u024f])[A-Za-z\u00c0-\u024f]++(?:-[A-Za-z\u00c0-\u024f]++)+")
_WHOLE_WORD = re.compile("(?<![A-Za-z\u00c0-\u024f])[A-Za-z\u00c0-\u024f]++(?![-\u2010\\w])")
_WORD_START = re.compile(f"{PAGE}*([A-Za-z\u00c0-\u024f]+)")

# Words that keep their hyphen, as first part and as second.
_COMPOUND_START = re.compile(
    "franco|nippo|sino|anglo|euro|afro|vice|ex|non|mi|demi|semi|quasi|sous|avant|après|contre|entre|inter|chef|"
    "peut|rendez|celui|celle|ceux|celles|au|là|est|sainte?|grande?|petite?|nord|sud|mont|self|well|long|short|"
    "high|low|co|pre|post|cross|multi"
)
_COMPOUND_END = re.compile(
    "ci|là|ils?|elles?|on|je|tu|nous|vous|ce|moi|toi|lui|leur|y|en|mêmes?|dire|être|ville|lieu|t|based|led|"
    "related|term|wide"
)


@dataclass(frozen=True)
class _Layout:
    """What the whole text tells about its lines."""

    full_width: int
    """Columns of a full line; 0 if the text doesn't look wrapped."""
    words: frozenset[str]
    hyphenated: frozenset[str]
    hyphen_starts: frozenset[str]


@dataclass(frozen=True)
class _Block:
    """What the lines between two blank ones tell together."""

    is_list: bool
    widest: int
    """Columns of its widest line."""
    ends_sentence: bool


class _Paragraph:
    """A paragraph while its lines are joined, with no more of it at hand than the next seam asks for.

    Looking at all that is joined already, at each seam, would take the square of its length.
    """

    def __init__(self, line: str) -> None:
        self._pieces: list[str] = []
        self._end = ""
        self._take(line)

    def join(self, line: str, layout: _Layout) -> None:
        """Add a line of the same sentence: without a space where the script has none."""
        text = line.lstrip(PAGE)
        marks = line[: len(line) - len(text)]
        first, second = _HYPHENATED.search(self._end), _WORD_START.match(text)
        if first and second and not _SUSPENDED_HYPHEN.match(second[1]):
            if not _keeps_hyphen(first[1], second[1], layout):
                self._pieces[-1] = self._pieces[-1].removesuffix(self._end[-1])
                self._end = self._end[:-1]
        else:
            left, right = is_unspaced(self._end[-1]), is_unspaced(text[0])
            if not (left if left == right else is_mainly_unspaced(self._end + text)):
                marks = f" {marks}"
        self._take(marks + text)

    def line(self) -> Line:
        """Return all of it as one line."""
        return Line("".join(self._pieces))

    def _take(self, piece: str) -> None:
        self._pieces.append(piece)
        self._end = (self._end + piece.replace(PAGE, ""))[-LONGEST_WORD:]


def join_broken_lines(lines: Sequence[Line]) -> list[Line]:
    """Return whole paragraphs and items as lines, with blank lines where paragraphs part."""
    layout = _layout(lines)
    joined: list[Line] = []
    for block in _blocks(lines):
        if joined:
            joined.append(Line(""))
        joined.extend(_join_block(block, layout))
    return joined


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Group lines between blank ones; page marks on blank lines move to the text after them."""
    blocks: list[list[Line]] = [[]]
    marks = ""
    for line in lines:
        if line.is_blank:
            marks += PAGE * line.text.count(PAGE)
            if not line.text.count(PAGE):
                blocks.append([])
        else:
            blocks[-1].append(Line(marks + line.text.strip(" "), line.wraps))
            marks = ""
    filled = [block for block in blocks if block]
    if marks and filled:
        filled[-1][-1] = Line(filled[-1][-1].text + marks)
    elif marks:
        filled = [[Line(marks)]]
    return filled


def _layout(lines: Sequence[Line]) -> _Layout:
    text = "\n".join(line.text for line in lines)
    widths = sorted(
        width(line.text)
        for line, following in pairwise(lines)
        if not line.is_blank and not following.is_blank
    )
    usual = widths[int(len(widths) * 0.9)] if widths else 0
    full_lines = sum(1 for columns in widths if columns >= FULL * usual)
    wrapped = NARROWEST_WRAP <= usual <= WIDEST_WRAP and full_lines >= FULL_LINES_NEEDED
    hyphenated = _WITH_HYPHENS.findall(text)
    return _Layout(
        full_width=usual if wrapped else 0,
        words=frozenset(word.lower() for word in _WHOLE_WORD.findall(text)),
        hyphenated=frozenset(word.lower() for word in hyphenated),
        hyphen_starts=frozenset(word.split("-")[0].lower() for word in hyphenated),
    )


def _join_block(lines: Sequence[Line], layout: _Layout) -> list[Line]:
    paragraphs: list[Line] = []
    texts = [line.text.replace(PAGE, "") for line in lines]
    block = _Block(_looks_like_a_list(texts), max(map(width, texts)), ends_sentence(texts[-1]))
    # Authors of Markdown write lists without its marks, too, and may put a line over them.
    are_entries = block.is_list or _looks_like_a_list(texts[1:])
    current = _Paragraph(lines[0].text)
    for (line, following), (before, after) in zip(pairwise(lines), pairwise(texts), strict=True):
        if (line.wraps and not (are_entries or LIST_MARK.match(after))) or _goes_on(
            before, after, block, layout
        ):
            current.join(following.text, layout)
        else:
            paragraphs.append(current.line())
            if _parts_paragraphs(before, after):
                paragraphs.append(Line(""))
            current = _Paragraph(following.text)
    paragraphs.append(current.line())
    return paragraphs


def _looks_like_a_list(texts: Sequence[str]) -> bool:
    """Tell whether the lines are entries: each starts as one, and none holds the end of a sentence."""
    return len(texts) >= 3 and not any(
        ends_sentence(text) or _SENTENCE_INSIDE.search(text) or _LOWER_CASE_START.match(text)
        for text in texts
    )


def _goes_on(before: str, after: str, block: _Block, layout: _Layout) -> bool:
    """Tell whether the sentence of line `before` continues on line `after`."""
    if LIST_MARK.match(after) or _TABLE_ROW.search(after) or _TABLE_ROW.search(before):
        return False
    if _HYPHENATED.search(before) and _WORD_START.match(after):
        return True
    if any(before.rfind(pair[0]) > before.rfind(pair[1]) and pair[1] in after for pair in _BRACKETS):
        return True
    is_full = bool(layout.full_width) and width(before) >= FULL * layout.full_width
    if is_unspaced(before[-1]) or is_unspaced(after[0]):
        return _japanese_goes_on(before, after, block, layout, is_full and not block.is_list)
    if ends_sentence(before):
        return is_full and width(f"{before} {after.split()[0]}") > layout.full_width
    if _LOWER_CASE_START.match(after) or _FUNCTION_WORD_END.search(before):
        return True
    return is_full and not block.is_list


def _japanese_goes_on(before: str, after: str, block: _Block, layout: _Layout, is_full: bool) -> bool:
    if _JAPANESE_CONTINUES.match(after):
        return True
    if ends_sentence(before):
        return is_full and width(before) >= layout.full_width
    if _JAPANESE_GOES_ON.search(before) or is_full:
        return True
    # Without evidence from the rest of the text: a sentence of its own width, ended on the last line.
    return width(before) >= max(32, block.widest - 4) and block.ends_sentence


def _keeps_hyphen(first: str, second: str, layout: _Layout) -> bool:
    """Decide by the rest of the text, then by what compounds are made of.

    "coopé-" + "ration" is a broken word, "franco-" + "japonaise" is a compound.
    """
    left, right = first.lower(), second.lower()
    if left + right in layout.words:
        return False
    if f"{left}-{right}" in layout.hyphenated or left in layout.hyphen_starts:
        return True
    if second[0].isupper() or _COMPOUND_START.fullmatch(left) or _COMPOUND_END.fullmatch(right):
        return True
    return len(left) > 3 and len(right) > 3 and left in layout.words and right in layout.words


def _parts_paragraphs(before: str, after: str) -> bool:
    """Tell whether the break between two lines is one between paragraphs, not entries."""
    if LIST_MARK.match(after) or (_TABLE_ROW.search(before) and _TABLE_ROW.search(after)):
        return False
    if ends_sentence(before) or ends_sentence(after):
        return True
    return max(width(before), width(after)) > 2 * NARROWEST_WRAP
