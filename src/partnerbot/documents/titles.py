"""Finding a document's title where nobody states it."""

import re
from pathlib import PurePosixPath

from partnerbot.documents.line_joining import LIST_MARK
from partnerbot.documents.scripts import is_unspaced

LONGEST_TITLE = 160  # characters
# A title stands at the top; further down a short line is a heading of one part.
BLOCKS_LOOKED_AT = 4

_FILE_NAME = re.compile(
    r"(?:.*[/\\])?[^\s/\\]+\.(?:docx?|odt|rtf|pdf|indd|pptx?|xlsx?|tex|html?|md|txt|ai|qxd)", re.IGNORECASE
)
_PROGRAM_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|powerpoint presentation|présentation powerpoint|"
    r"untitled|sans titre|無題|名称未設定|document|slide|title|titre|タイトル)\s*+\d*+(?:\s*+[-–:].*)?"
    r"|\(?(?:anonymous|unspecified)\)?",
    re.IGNORECASE,
)
_PROGRAM_PREFIX = re.compile(r"microsoft (?:word|powerpoint|excel)\s*[-–]\s*", re.IGNORECASE)
_SENTENCE_OR_OPEN_END = re.compile(r"[.。,、;；:：]$")
_BYLINE = re.compile(
    r"(?:par|by|auteure?|author|publié|published|mis à jour|updated|le \d{1,2})\b.{0,80}"
    r"|(?:文責|執筆|文)\s*[:：・].*|.{0,10}\d{4}年\d{1,2}月(?:\d{1,2}日)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


def title_like_line(text: str) -> str | None:
    """Return the first line near the top of a clean text that reads as a title, or None.

    Short, alone, and no sentence: a slogan or first paragraph before the title is passed over.
    """
    for block in text.split("\n\n")[:BLOCKS_LOOKED_AT]:
        line = block.split("\n")[0].strip()
        if reads_as_title(line) and not _BYLINE.fullmatch(line):
            return line
    return None


def reads_as_title(line: str) -> bool:
    """Tell whether a line has the shape of a title, wherever it stands."""
    if not 2 <= len(line) <= LONGEST_TITLE or _SENTENCE_OR_OPEN_END.search(line):
        return False
    if LIST_MARK.match(line) or line[0].islower() or " | " in line:
        return False
    return bool(_WORD.search(line)) and (len(_WORD.findall(line)) > 1 or is_unspaced(line[0]))


def sensible_title(stated: str | None) -> str | None:
    """Return the title a PDF or Word file states, or None if a program made it up.

    "Microsoft Word - rapport.doc", "rapport_v2.indd" and "untitled" say nothing to a reader.
    """
    if stated is None:
        return None
    title = _PROGRAM_PREFIX.sub("", " ".join(stated.split()))
    if _FILE_NAME.fullmatch(title) or _PROGRAM_TITLE.fullmatch(title) or "\ufffd" in title:
        return None
    return title if len(title) >= 2 and _WORD.search(title) else None


def title_from_file_name(source: str) -> str:
    """Return a title made of the file's name: "kumamoto_dijon-2024.fr.md" is "kumamoto dijon 2024".

    >>> title_from_file_name("fr/kumamoto_dijon-2024.fr.md")
    'kumamoto dijon 2024'
    """
    name = PurePosixPath(source).stem
    name = re.sub(r"\.[a-z]{2}$", "", name)
    return " ".join(re.split(r"[\s_-]+", name)).strip() or name
