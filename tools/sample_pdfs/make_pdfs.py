"""Make the sample corpus's PDFs from the texts beside this script.

Each `*.md` here is one PDF: its front matter says where it goes, its metadata and its page header
and footer; its body is headings (`#`, `##`), paragraphs, and tables of `|` rows. The PDFs are laid
out as public bodies lay theirs out, because a reader of PDFs has to cope with that: a header and a
footer on every page, "Page 2 / 3", justified French paragraphs with words broken at line ends, and
Japanese lines broken in the middle of a sentence.

The bytes depend only on the texts, the fonts and the versions of the libraries: dates come from the
front matter, and no random identifier is written.

Run: python tools/sample_pdfs/make_pdfs.py
Needs: reportlab, pyphen, fonttools, PyYAML; Debian packages fonts-liberation and fonts-noto-cjk
(both under the SIL Open Font License 1.1).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Table
from truetype_from_cff import truetype_subset

TEXTS = Path(__file__).parent
REPOSITORY = TEXTS.parent.parent

FRENCH_FONTS = {
    "body-fr": Path("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"),
    "heading-fr": Path("/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf"),
}
JAPANESE_FONTS = {
    "body-ja": Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"),
    "heading-ja": Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
}
JAPANESE_IN_COLLECTION = 0
"""The Japanese variant's place in the Noto CJK collections."""

INK = HexColor("#1f2933")
ACCENT = HexColor("#1d4e89")
PALE = HexColor("#cbd5e1")
MARGIN = 25 * mm
FRAME_PADDING = 6
"""Points that reportlab leaves between a margin and the text."""
ROOM_FOR_HEADING = {"#": 40 * mm, "##": 24 * mm}
"""A heading with less room than this goes to the next page; a paragraph may run on to the next page."""

FRENCH_PAGE_LABEL = "Page {page} / {pages}"
JAPANESE_PAGE_LABEL = "{page} / {pages}ページ"


@dataclass(frozen=True)
class Text:
    """One PDF to be: where it goes, what it says of itself, and its blocks of text in order."""

    output: Path
    """Relative to the repository."""
    title: str
    author: str
    subject: str
    language: str
    """"fr" or "ja"."""
    created: date
    sidecar: bool
    """Whether `<output>.yaml` is written too; without it the metadata is in the PDF only."""
    header: str
    footer: str
    blocks: list[str]

    @property
    def is_japanese(self) -> bool:
        """Whether lines may break between any two characters."""
        return self.language == "ja"

    def page_label(self, page: int, pages: int) -> str:
        """Return the page number as the footer writes it."""
        label = JAPANESE_PAGE_LABEL if self.is_japanese else FRENCH_PAGE_LABEL
        return label.format(page=page, pages=pages)


def read_text(path: Path) -> Text:
    """Read a source text: YAML front matter, then blocks parted by blank lines."""
    _, front_matter, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields: dict[str, Any] = yaml.safe_load(front_matter)
    output = Path(fields.pop("output"))
    return Text(output=output, blocks=[block.strip() for block in body.strip().split("\n\n")], **fields)


def paragraph_styles(text: Text) -> dict[str, ParagraphStyle]:
    """Return the styles by block: "title", "#", "##", "body" and "cell"."""
    body_font, heading_font = f"body-{text.language}", f"heading-{text.language}"
    breaking: dict[str, Any] = {"wordWrap": "CJK"} if text.is_japanese else {}
    body_breaking = breaking if text.is_japanese else {"hyphenationLang": "fr_FR"}

    def heading(size: float, before: float, after: float, color: Color) -> ParagraphStyle:
        return ParagraphStyle(
            f"heading-{size}",
            fontName=heading_font,
            fontSize=size,
            leading=size * 1.35,
            spaceBefore=before,
            spaceAfter=after,
            textColor=color,
            **breaking,
        )

    body_size = 10.5 if text.is_japanese else 11
    return {
        "title": heading(20, 0, 16, ACCENT),
        "#": heading(15, 16, 6, ACCENT),
        "##": heading(12, 8, 4, INK),
        "body": ParagraphStyle(
            "body",
            fontName=body_font,
            fontSize=body_size,
            leading=body_size * (1.75 if text.is_japanese else 1.5),
            spaceAfter=7,
            textColor=INK,
            alignment=TA_JUSTIFY,
            firstLineIndent=body_size if text.is_japanese else 0,
            **body_breaking,
        ),
        "cell": ParagraphStyle(
            "cell", fontName=body_font, fontSize=10, leading=13, textColor=INK, **breaking
        ),
    }


def table_of(block: str, styles: dict[str, ParagraphStyle]) -> Table:
    """Return the table that a block of `|` rows draws; its first row is the head."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    cells = [[Paragraph(cell, styles["cell"]) for cell in row] for row in rows]
    widths = [22 * mm, 58 * mm] + [26 * mm] * (len(rows[0]) - 2)
    return Table(
        cells,
        colWidths=widths,
        repeatRows=1,
        spaceBefore=4,
        spaceAfter=10,
        style=[
            ("LINEBELOW", (0, 0), (-1, 0), 1, ACCENT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, PALE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ],
    )


def flowables(text: Text) -> Iterator[Flowable]:
    """Yield the PDF's content in order: the title, then the blocks."""
    styles = paragraph_styles(text)
    yield Paragraph(text.title, styles["title"])
    for block in text.blocks:
        mark, _, heading = block.partition(" ")
        if mark in ("#", "##"):
            yield CondPageBreak(ROOM_FOR_HEADING[mark])
            yield Paragraph(heading, styles[mark])
        elif mark == "|":
            yield table_of(block, styles)
        else:
            yield Paragraph(block, styles["body"])


def lay_out(text: Text, pages: int) -> tuple[bytes, int]:
    """Lay the text out on A4 pages.

    Args:
        pages: the page count that footers show.
    Returns: the PDF's bytes, and how many pages it has.
    """
    drawn = 0

    def decorate(canvas: Canvas, template: SimpleDocTemplate) -> None:
        nonlocal drawn
        drawn = template.page
        width, height = A4
        canvas.saveState()
        canvas.setFont(f"body-{text.language}", 8.5)
        canvas.setFillColor(INK)
        canvas.setStrokeColor(PALE)
        canvas.drawString(MARGIN, height - 15 * mm, text.header)
        canvas.line(MARGIN, height - 17 * mm, width - MARGIN, height - 17 * mm)
        canvas.line(MARGIN, 17 * mm, width - MARGIN, 17 * mm)
        canvas.drawString(MARGIN, 12 * mm, text.footer)
        canvas.drawRightString(width - MARGIN, 12 * mm, text.page_label(template.page, pages))
        canvas.restoreState()

    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=MARGIN - FRAME_PADDING,
        rightMargin=MARGIN - FRAME_PADDING,
        topMargin=MARGIN - FRAME_PADDING,
        bottomMargin=MARGIN - FRAME_PADDING,
        title=text.title,
        author=text.author,
        subject=text.subject,
        creator="partnerbot",
        lang=text.language,
        invariant=1,
    )
    template.build(list(flowables(text)), onFirstPage=decorate, onLaterPages=decorate)
    return buffer.getvalue(), drawn


def make_pdf(text: Text) -> None:
    """Write one PDF, and its sidecar where the text asks for one."""
    midnight = datetime(text.created.year, text.created.month, text.created.day, tzinfo=UTC)
    # reportlab takes the creation date from here, and from nowhere else.
    os.environ["SOURCE_DATE_EPOCH"] = str(int(midnight.timestamp()))
    _, pages = lay_out(text, pages=1)
    content, _ = lay_out(text, pages)
    target = REPOSITORY / text.output
    target.write_bytes(content)
    if text.sidecar:
        sidecar = {"title": text.title, "language": text.language, "published": text.created.isoformat()}
        Path(f"{target}.yaml").write_text(
            yaml.safe_dump(sidecar, allow_unicode=True, sort_keys=False, width=200), encoding="utf-8"
        )
    print(f"{text.output}: {pages} pages, {len(content):,} bytes")


def main() -> None:
    """Make every PDF whose text is in this folder."""
    paths = sorted(TEXTS.glob("*.md"))
    characters = {character for path in paths for character in path.read_text(encoding="utf-8")}
    characters |= set(JAPANESE_PAGE_LABEL)
    printable = {character for character in characters if character.isprintable()}
    for name, font in FRENCH_FONTS.items():
        pdfmetrics.registerFont(TTFont(name, font))
    for name, font in JAPANESE_FONTS.items():
        needed = truetype_subset(font, JAPANESE_IN_COLLECTION, printable)
        pdfmetrics.registerFont(TTFont(name, needed))
    for path in paths:
        make_pdf(read_text(path))


if __name__ == "__main__":
    main()
