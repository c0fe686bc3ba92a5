"""Pages that are pictures: read within limits, told as such, and what can't be read is named."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.documents import Document
from reportlab.pdfbase.pdfmetrics import stringWidth

from event_loops import run_apart
from partnerbot.bot import Partnerbot
from partnerbot.cli.index import unread_told
from partnerbot.documents.formats import ReadingLimits
from partnerbot.documents.metadata import page_at
from partnerbot.documents.reading import DocumentReader
from partnerbot.documents.recognised import (
    RecognisedLine,
    is_recognised,
    text_of,
    unread_pages,
)
from partnerbot.documents.recognition import _in_order, tesseracts_languages
from partnerbot.errors import ConfigurationError, DocumentRejected
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from partnerbot.web.limits.waiting_room import WaitingRoom
from partnerbot.web.links import QuotedSpan
from partnerbot.web.render import Renderer
from partnerbot.web.sources.source_pages import PdfPage, page_of
from scans import HEIGHT, LEADING, LEFT, SIZE, TOP, WIDTH, sheet, write_scan

LINES = [
    "La métropole de Valmont et le département d'Iwamori ont signé un",
    "accord le 5 mai 2019. Il porte sur le bois, les sources chaudes et",
    "la formation des jeunes.",
]
SENTENCE = "Il porte sur le bois, les sources chaudes et la formation des jeunes."


def read(
    path: Path, kept: Path, limits: ReadingLimits | None = None, *, by_tesseract: bool = False
) -> Document:
    """Read a document with text recognition."""
    with DocumentReader(limits or ReadingLimits(), kept, by_tesseract=by_tesseract) as reading:
        return reading.document(path, path.name)


def marked(path: Path, document: Document, quote: str) -> PdfPage:
    """Return the picture of the page that a quote is on."""
    start = document.page_content.index(quote)
    span = QuotedSpan(start, start + len(quote), None)
    page = run_apart(page_of(WaitingRoom(1, 0), path, document, span, "client"))
    assert page is not None
    return page


@pytest.mark.system
def test_scanned_page_is_read_marked_and_kept(tmp_path: Path) -> None:
    """Beside a page with text of its own; tilted as scans are. What was read is not read again."""
    scan = write_scan(tmp_path / "a.pdf", [["Un accord pour la forêt"], sheet(LINES, degrees=1.0)])
    done: list[tuple[str, int, int]] = []
    with DocumentReader(ReadingLimits(), tmp_path / "kept", lambda *count: done.append(count)) as reading:
        document = reading.document(scan, "a.pdf")
    assert done == [("recognise", 1, 1)]
    text, about = document.page_content, document.metadata
    assert text == f"Un accord pour la forêt\n\n{' '.join(LINES)}"
    assert page_at(about, text.index(SENTENCE)) == 2
    assert [is_recognised(about, page) for page in (1, 2)] == [False, True]
    assert unread_pages(about) == []

    page = marked(scan, document, SENTENCE)
    scale = page.width / WIDTH
    first, second = page.quote
    before = stringWidth("accord le 5 mai 2019. ", "Helvetica", SIZE)
    assert abs(first[0] / scale - LEFT - before) < 12
    assert abs(second[2] / scale - LEFT - stringWidth(LINES[2], "Helvetica", SIZE)) < 12
    for box, row in ((first, 1), (second, 2)):
        middle = TOP + LEADING * row - SIZE / 3
        # By one degree, a line rises by 8 points over the width of the page.
        assert abs((box[1] + box[3]) / 2 / scale - middle) < 8

    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_text(kept.read_text("utf-8").replace("sources", "forges") + '\n[2, [["cut o', "utf-8")
    assert "forges chaudes" in read(scan, tmp_path / "kept").page_content


@pytest.fixture
def no_languages_known() -> Iterator[None]:
    """They are looked up once in a process."""
    tesseracts_languages.cache_clear()
    yield
    tesseracts_languages.cache_clear()


@pytest.mark.system
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
@pytest.mark.usefixtures("no_languages_known")
def test_owners_may_have_tesseract_read(tmp_path: Path) -> None:
    """With its words' places; a page that it reads badly is named, too."""
    sentence = SENTENCE.removeprefix("Il ")  # some of its versions read "II"
    scan = write_scan(tmp_path / "a.pdf", [sheet(LINES, degrees=1.0), sheet(LINES * 3, dots_per_inch=20)])
    document = read(scan, tmp_path / "kept", by_tesseract=True)
    assert document.page_content.endswith(sentence)
    assert unread_pages(document.metadata) == [2]
    first, second = marked(scan, document, sentence).quote
    assert first[1] < second[1]


@pytest.mark.usefixtures("no_languages_known")
def test_without_tesseract_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read, by the indexer as by doctor, and what needs no program at all."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"apt install tesseract-ocr .*PARTNERBOT_OCR=true"):
        DocumentReader(recognised=tmp_path / "kept", by_tesseract=True)


@pytest.mark.system
def test_picture_file_that_lies_on_its_head_is_read_and_marked(tmp_path: Path) -> None:
    """A picture of text is a document, whichever way it was laid on the scanner."""
    sheet(LINES, degrees=180).save(tmp_path / "a.png")
    document = read(tmp_path / "a.png", tmp_path / "kept")
    assert document.page_content == " ".join(LINES)
    page = marked(tmp_path / "a.png", document, LINES[2])
    (box,) = page.quote
    scale = page.width / WIDTH
    assert abs(WIDTH - box[2] / scale - LEFT) < 6
    assert abs(HEIGHT - (box[1] + box[3]) / 2 / scale - (TOP + 2 * LEADING - SIZE / 3)) < 6


@pytest.mark.system
def test_page_that_is_read_badly_is_named_not_indexed(tmp_path: Path) -> None:
    """Of letters that are three dots high nothing is sure; the other page stays."""
    coarse = sheet(LINES * 3, dots_per_inch=26).resize((1240, 500))
    scan = write_scan(tmp_path / "a.pdf", [["Un accord pour la forêt"], coarse])
    document = read(scan, tmp_path / "kept")
    assert document.page_content == "Un accord pour la forêt"
    assert unread_pages(document.metadata) == [2]
    assert not is_recognised(document.metadata, 2)


@pytest.mark.system
def test_pages_without_anything_are_no_pages_unread(tmp_path: Path) -> None:
    """An empty page in a document of text costs nothing and is no matter for anybody."""
    scan = write_scan(tmp_path / "a.pdf", [["Un accord pour la forêt"], []])
    assert unread_pages(read(scan, tmp_path / "kept").metadata) == []


@pytest.mark.system
def test_limits_of_recognition_are_named(tmp_path: Path) -> None:
    """Pages that are too many, and those that are left when time is up; what has text is read."""
    scan = write_scan(tmp_path / "a.pdf", [["Un accord"], sheet(LINES), sheet(LINES)])
    few = read(scan, tmp_path / "kept", ReadingLimits(recognised_pages=0))
    assert (few.page_content, unread_pages(few.metadata)) == ("Un accord", [2, 3])
    hurried = read(scan, tmp_path / "kept", ReadingLimits(recognition_seconds=0))
    assert unread_pages(hurried.metadata) == [2, 3]
    slow = sheet(LINES * 3, dots_per_inch=300, degrees=180)
    scan = write_scan(tmp_path / "b.pdf", [slow, slow, slow])
    with pytest.raises(DocumentRejected, match="reading it took more than 1 seconds"):
        read(scan, tmp_path / "kept", ReadingLimits(cpu_seconds=1, wall_seconds=1))
    assert SENTENCE in read(scan, tmp_path / "kept").page_content


def test_lines_side_by_side_are_cells_of_a_row() -> None:
    """Rows of a table say their headings, and paragraphs are apart, as in a PDF with text."""
    rows = [("Ville", "Année", "Pays"), ("Valmont", "2019", "France"), ("Brume", "2021", "Japon")]
    lines = [
        RecognisedLine(cell, 0.1 + 0.3 * column, 0.2 + 0.02 * row, 0.2 + 0.3 * column, 0.2 + 0.02 * row, 0.01)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    end = RecognisedLine("La suite en 2027.", 0.1, 0.3, 0.5, 0.3, 0.01)
    assert text_of([*lines, end]).strip() == (
        "Ville: Valmont | Année: 2019 | Pays: France\nVille: Brume | Année: 2021 | Pays: Japon"
        "\n\nLa suite en 2027."
    )


def keep(folder: Path, path: Path, pages: dict[int, list[object]]) -> None:
    """Write what was recognised of a file as a run that was killed leaves it."""
    folder.mkdir(parents=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = (json.dumps([number, *page]) for number, page in pages.items())
    (folder / f"{digest}.jsonl").write_text("\n".join(lines), "utf-8")


@pytest.mark.system
def test_answer_from_a_scan_says_so(tmp_path: Path, model: EmbeddingModel) -> None:
    """In the source's card and in JSON; pages that could not be read are in the report, until they can be."""
    scan = write_scan(tmp_path / "documents" / "a.pdf", [sheet([]), sheet([])])
    lines = [[line, 0.1, 0.1 + 0.02 * row, 0.9, 0.1 + 0.02 * row, 0.01] for row, line in enumerate(LINES)]
    keep(tmp_path / "index" / "recognised", scan, {1: [lines, True], 2: [[], False]})
    report = build_index(tmp_path / "documents", tmp_path / "index", model, ocr=True)
    assert report.manifest.unread == {"a.pdf": [2]}
    assert not (tmp_path / "index" / "recognised").exists()
    settings = Settings(documents=tmp_path / "documents", index=tmp_path / "index")
    answer = Partnerbot(settings, model, load_reader()).ask(
        "Sur quoi porte l'accord entre Valmont et Iwamori ?"
    )
    first = answer.citations[0]
    assert (first.source, first.page, first.ocr) == ("a.pdf", 1, True)
    assert "(OCR)" in Renderer.of_all(settings)["fr"].answer(answer, "k")
    again = build_index(tmp_path / "documents", tmp_path / "index", model, ocr=True)
    assert (again.rebuilt, again.manifest.unread) == (False, {"a.pdf": [2]})
    assert "page 2 " in unread_told([2])
    assert "20 and 30 more " in unread_told(range(1, 51))


@pytest.mark.system
def test_scan_is_refused_where_recognition_is_off(tmp_path: Path) -> None:
    """With what turns it on; a document that has pages with text, too, is read without the others."""
    only = write_scan(tmp_path / "a.pdf", [sheet(LINES)])
    both = write_scan(tmp_path / "b.pdf", [["Un accord pour la forêt"], sheet(LINES)])
    with DocumentReader() as reading:
        with pytest.raises(DocumentRejected, match="PARTNERBOT_OCR"):
            reading.document(only, "a.pdf")
        assert reading.document(both, "b.pdf").page_content == "Un accord pour la forêt"


def test_columns_are_read_one_after_the_other() -> None:
    """Between lines that reach over both; the cells of a table are read row by row."""

    def line(text: str, left: float, right: float, row: int) -> tuple[tuple[float, ...], str, float]:
        return (left, 20.0 * row, right, 20.0 * row + 15), text, 1.0

    def order(*found: tuple[tuple[float, ...], str, float]) -> list[str]:
        return [text for _, text, _ in _in_order(list(found))]

    columns = [line(f"{side}{row}", *place, row) for row in range(1, 6) for side, place in SIDES.items()]
    top, foot = line("top", 0, 900, 0), line("foot", 0, 900, 7)
    assert order(top, *columns, foot) == [
        "top",
        *(f"{side}{row}" for side in SIDES for row in range(1, 6)),
        "foot",
    ]
    cells = [line(f"{row}{at}", at, at + 70, row) for row in range(1, 6) for at in (0, 200, 400)]
    assert order(*cells) == [text for _, text, _ in cells]


SIDES = {"left": (0, 400), "right": (450, 850)}
