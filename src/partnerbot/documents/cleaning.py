"""Raw text to clean text: characters, running heads, boilerplate, broken lines, spaces.

What a cleaned text promises to those who split and quote it: NFC; no control, zero-width
or no-break characters; paragraphs and headings apart by one blank line; a single line
break only between the items of a list, the rows of a table or the lines of an address,
never inside a sentence. Cleaning again changes nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from partnerbot.documents.boilerplate import without_boilerplate
from partnerbot.documents.line_joining import PAGE, WRAP, join_broken_lines, join_lines, split_lines
from partnerbot.documents.normal_forms import normal_form

# Soft hyphen, direction marks, word joiner, byte order mark, tags, glyph variants of kanji:
# nothing a reader sees, and each splits or disguises a word for a search.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e01ef\ud800-\udfff]"
)
_SOFT_HYPHEN_BREAK = re.compile(f"\u00ad *[\n{WRAP}]({PAGE}*) *")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Joiners make one emoji of several, and words of some Indian and Arabic scripts; elsewhere they do nothing.
_IDLE_JOINER = re.compile(
    "(?<=[\\s\u0021-\u024f\u3040-\u9fff])[\u200c\u200d]+"
    "|(?<![\u200c\u200d])[\u200c\u200d]++(?=[\\s\u0021-\u024f\u3040-\u9fff]|$)"
)
_LINE_BREAK = re.compile("\r\n|[\r\x85\u2028]")
_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Two spaces part what stands side by side, such as the names of pictures; more say no more.
_WIDE_GAP = re.compile(" {3,}")
# Full-width digits and letters, half-width katakana, kanji parts and Latin ligatures, which fonts in
# PDFs give for plain characters. The rest of NFKC would lose meaning: ½, ①, ™, m².
_COMPATIBILITY_FORMS = re.compile(
    "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+|[\uff61-\uff9f]+|[\u2f00-\u2fd5]+|[\ufb00-\ufb06]+"
)
# What fonts in PDFs give for kanji that look the same: Unicode 15's Equivalent_Unified_Ideograph of each CJK
# radical that NFKC leaves alone, so that 市⻑ is found as 市長.
_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑𫜹忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
)
_FULL_WIDTH_IN_NUMBER = re.compile("(?<=[0-9])[．，：／－](?=[0-9])")
# Word's bullets, which its symbol fonts place in the private use area.
_SYMBOL_FONT_BULLET = re.compile("[\uf0b7\uf0a7\uf0d8\uf0fc]")

# Most texts are settled after two or three looks; one that isn't after so many was made not to be.
MOST_LOOKS = 10

_JAPANESE_INDENT = re.compile("^(\f?)\u3000+(?=[^\\s・●○■□◆※①-⑳(（0-9０-９])", re.MULTILINE)


def normalise(text: str) -> str:
    """Return `text` in one form of each character and space; words and lines stay as they are.

    For what a person types as well as for documents: nothing is judged or removed but
    characters that can't be seen.
    """
    return _tidy_spaces(_normalise_characters(text.replace(WRAP, "\n").replace(PAGE, "\n")))


def clean(text: str) -> str:
    """Return the text of a document without what is not text, in whole paragraphs.

    `text` may hold `lines.WRAP` where a format knows that a line break means nothing.
    """
    return _clean(text.replace(PAGE, "\n\n"))


def clean_pages(pages: Sequence[str]) -> tuple[str, list[int]]:
    """Clean the pages of one document together; return the text and where each page starts.

    What repeats at the top or foot of the pages goes, and a sentence that runs over a page
    break is whole, unless the page ends in a blank line. A page that is left without text starts where the
    next one does.
    """
    bare = without_running_heads([page.replace(WRAP, "\n").replace(PAGE, "\n\n").strip() for page in pages])
    ends = ["\n\n" if page.endswith("\n\n") else "\n" for page in pages]
    # What stood between a head and the text is gone with the head.
    marked = _clean(
        "".join(
            f"{PAGE if n else ''}{page.strip()}{end}"
            for n, (page, end) in enumerate(zip(bare, ends, strict=True))
        )
    )
    pieces = marked.split(PAGE)
    starts = [0]
    for piece in pieces[:-1]:
        starts.append(starts[-1] + len(piece))
    return "".join(pieces), starts


def _clean(text: str) -> str:
    for _ in range(MOST_LOOKS):
        # Joining lines can bring to light what a second look removes, such as a credit
        # over two lines. Every round but the last shortens the text or joins lines.
        indented = _JAPANESE_INDENT.sub("\n\\1", text)
        lines = split_lines(_WIDE_GAP.sub("  ", _normalise_characters(indented)))
        cleaned = _tidy_spaces(join_lines(join_broken_lines(without_boilerplate(lines))))
        if cleaned == text:
            break
        text = cleaned
    return text


def _normalise_characters(text: str) -> str:
    text = _LINE_BREAK.sub("\n", text).replace("\u2029", "\n\n")
    text = _SOFT_HYPHEN_BREAK.sub("\\1", text)
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = _SPACE.sub(" ", _IDLE_JOINER.sub("", text))
    text = _SYMBOL_FONT_BULLET.sub("•", text)
    text = _COMPATIBILITY_FORMS.sub(lambda match: normal_form("NFKC", match[0]), text)
    text = _FULL_WIDTH_IN_NUMBER.sub(lambda match: normal_form("NFKC", match[0]), text)
    return normal_form("NFC", text.translate(_RADICALS))


def _tidy_spaces(text: str) -> str:
    text = re.sub(" {2,}", " ", text)
    text = re.sub(
        f" ?{PAGE}[{PAGE} ]*", lambda marks: " " * (" " in marks[0]) + PAGE * marks[0].count(PAGE), text
    )
    text = re.sub(f" ?\n ?({PAGE}*) ?", "\n\\1", text)
    text = re.sub("\n{3,}", "\n\n", text).strip(" \n")
    body = text.rstrip(f" \n{PAGE}")
    return body + PAGE * text.count(PAGE, len(body))


# ---- Running heads -----------------------------------------------------------------------------


# Lines at each end of a page that may belong to its head or foot.
REACH = 3
# A running head stands on at least this share of the pages (left and right pages may differ).
REPEATED_ON = 0.4
LONGEST_HEAD = 160  # characters

_NUMBER = re.compile(r"\d{1,4}")
_LETTER = re.compile(r"[^\W\d_]")
# Stands around a number that is counted from the page's place.
_PLACE = "\x00"
_PAGE_ONE = re.compile(rf"\W*{_PLACE}1{_PLACE}[\W1]*")
# Headings that are numbered too, and may happen to begin every page.
_NUMBERED_HEADING = re.compile(
    r"(?:article|chapitre|chapter|section|partie|part|annexe|annex|question|fiche)\b|第\s*\d", re.IGNORECASE
)


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """Return the pages without heads and feet that repeat, and without page numbers."""
    split = [page.split("\n") for page in pages]
    edges = [_edges(lines) for lines in split]
    copies = _copies_of_heads(split, edges)
    return ["\n".join(_text_lines(lines, page, edges[page], copies)) for page, lines in enumerate(split)]


def _text_lines(lines: Sequence[str], page: int, edges: set[int], copies: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines that are text. The title may read as the head does: only the head goes."""
    left = dict(copies)
    for position, line in enumerate(lines):
        heads = _heads(line, page) if position in edges else ()
        head = next((head for head in heads if left.get(head)), None)
        if head is None:
            yield line
        else:
            left[head] -= 1


def _edges(lines: Sequence[str]) -> set[int]:
    """Positions of the first and last lines that have text, at most REACH from each end."""
    filled = [position for position, line in enumerate(lines) if line.strip()]
    return set(filled[:REACH] + filled[-REACH:])


def _heads(line: str, page: int) -> set[str]:
    """What would make `line` the same running head on other pages.

    The line as it is, and for each number in it, the line with that number told from the
    page's place: "Page 3 of 9" on the third page and "Page 4 of 9" on the fourth are one.
    """
    text = " ".join(line.split())
    if len(text) > LONGEST_HEAD:
        return set()
    heads = {text} if _LETTER.search(text) else set()
    if not _NUMBERED_HEADING.match(text):
        heads |= {
            f"{text[: number.start()]}{_PLACE}{int(number[0]) - page}{_PLACE}{text[number.end() :]}"
            for number in _NUMBER.finditer(text)
        }
    return heads


def _copies_of_heads(pages: Sequence[Sequence[str]], edges: Sequence[set[int]]) -> dict[str, int]:
    """Return what repeats from page to page, and how often it stands on each page at least.

    A number alone may be a figure of the text; it is a page's number if on another page, too, it is as far
    from that page's place, or if it is the 1 of a single page.
    """
    by_page = [
        Counter(head for position in edges[page] for head in _heads(lines[position], page))
        for page, lines in enumerate(pages)
    ]
    seen = Counter(head for heads in by_page for head in heads)
    needed = max(2, REPEATED_ON * len(pages))
    return {
        head: min(heads[head] for heads in by_page if head in heads)
        for head, count in seen.items()
        if count >= (needed if _LETTER.search(head) else 2) or (len(pages) == 1 and _PAGE_ONE.fullmatch(head))
    }
