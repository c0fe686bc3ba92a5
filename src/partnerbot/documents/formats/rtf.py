"""Rich text (.rtf)."""

import re
from itertools import groupby
from pathlib import Path

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.tables import table_lines
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# Hidden, struck out and deleted text; "\*" begins what a reader that doesn't know it has to leave out.
_WITHDRAWN = re.compile(r"(?<!\\)\\(?:v|strike|striked1|deleted)(?![a-z0-9-])")
_UNCOUNTED = re.compile(r"\\bin(?![a-z0-9-])")
_TITLE = re.compile(r"\{\\title ([^{}]{1,500})\}")
_BULLET = re.compile(r"^[·•▪◦o][\t ]+", re.MULTILINE)


def extract_rtf(path: Path, _: ReadingLimits) -> Extracted:
    """Return the text with its tables' rows as lines, and the title that the file states."""
    from striprtf.striprtf import rtf_to_text

    marked = path.read_bytes().decode("latin-1")
    if not marked.lstrip().startswith("{\\rtf"):
        raise DocumentRejected("it is no .rtf file. Open it and save it again as .rtf.")
    # Pandoc announces the bytes of a picture without their number, for which the library looks.
    marked = _UNCOUNTED.sub("", marked)
    # The library looks for links with an expression that takes the square of their number.
    marked = marked.replace("\\field{", "{")
    text = rtf_to_text(_WITHDRAWN.sub(r"\\*", marked), errors="replace")  # type: ignore[no-untyped-call]
    blocks = []
    # It ends every cell with a bar, and each row with a line break.
    for is_row, lines in groupby(text.split("\n"), lambda line: line.endswith("|")):
        if is_row:
            blocks.append("\n".join(table_lines(line[:-1].split("|") for line in lines)))
        else:
            blocks.append(_BULLET.sub("- ", "\n".join(lines)))
    title = _TITLE.search(marked)
    stated = None
    if title is not None:
        stated = rtf_to_text("{\\rtf1 " + title[1] + "}", errors="replace")  # type: ignore[no-untyped-call]
    return Extracted(pages=("\n\n".join(blocks),), title=sensible_title(stated))
