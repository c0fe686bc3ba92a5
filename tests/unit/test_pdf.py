"""PDFs: read in a child process with limits, pages kept, each failure named."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader, PdfWriter
from pypdf.generic import EncodedStreamObject, NameObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from folders import load_documents
from hostile_files import page_tree, pdf_of
from partnerbot.documents.cleaning import clean_pages, normalise
from partnerbot.documents.formats import ReadingLimits
from partnerbot.documents.formats.pdf import extract_pdf
from partnerbot.documents.metadata import page_at
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import DocumentRejected

ROOT = Path(__file__).parents[2]

FRENCH_PAGES = [
    [
        "Un accord pour la forêt",
        "",
        "La métropole de Valmont et le département d'Iwamori ont signé un accord de coopé-",
        "ration le 5 mai 2019. Il porte sur le bois, les sources chaudes et la formation des",
        "jeunes, que la ville de",
    ],
    [
        "Valmont accueille chaque été pendant six semaines dans ses ateliers de la rive gauche",
        "du fleuve, au pied de la vieille scierie.",
        "",
        "Le maire a reçu la délégation.",
    ],
    ["Les suites", "", "Une deuxième rencontre aura lieu en 2027."],
]


def write_pdf(
    path: Path, pages: list[list[str]], font: str = "Helvetica", title: str = "", head: str = ""
) -> Path:
    """Write lines of text as a PDF, an empty string leaving a gap, with a head and page numbers."""
    if font != "Helvetica":
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    canvas = Canvas(str(path), pagesize=A4)
    if title:
        canvas.setTitle(title)
    for number, lines in enumerate(pages, start=1):
        canvas.setFont(font, 11)
        if head:
            canvas.drawString(60, 800, head)
            canvas.drawString(280, 30, f"{number} / {len(pages)}")
        for row, line in enumerate(lines):
            if line:
                canvas.drawString(60, 760 - 16 * row, line)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="module")
def reading() -> Iterator[DocumentReader]:
    """One child process for all files; to start it takes longer than to read most of them."""
    with DocumentReader() as reading:
        yield reading


def refusal(reading: DocumentReader, path: Path) -> str:
    """Return why a PDF is refused."""
    with pytest.raises(DocumentRejected) as caught:
        reading.document(path, path.name)
    return str(caught.value)


def refusal_within(limits: ReadingLimits, path: Path) -> str:
    """Return why a PDF is refused by a child process of its own."""
    with DocumentReader(limits) as reading:
        return refusal(reading, path)


def test_text_is_whole_and_every_offset_has_its_page(reading: DocumentReader, tmp_path: Path) -> None:
    """Heads and numbers go, sentences run over page breaks, and each place maps to its page."""
    write_pdf(tmp_path / "accord.pdf", FRENCH_PAGES, title="L'accord de 2019", head="Ville de Valmont")
    document = reading.document(tmp_path / "accord.pdf", "accord.pdf")
    text = document.page_content
    assert text == (
        "Un accord pour la forêt\n\n"
        "La métropole de Valmont et le département d'Iwamori ont signé un accord de coopération le 5 mai"
        " 2019. Il porte sur le bois, les sources chaudes et la formation des jeunes, que la ville de Valmont"
        " accueille chaque été pendant six semaines dans ses ateliers de la rive gauche du fleuve, au pied de"
        " la vieille scierie.\n\n"
        "Le maire a reçu la délégation.\n\n"
        "Les suites\n\n"
        "Une deuxième rencontre aura lieu en 2027."
    )
    assert document.metadata["title"] == "L'accord de 2019"
    assert document.metadata["language"] == "fr"
    for words, page in (("Un accord", 1), ("jeunes", 1), ("Valmont accueille", 2), ("reçu", 2), ("2027", 3)):
        assert page_at(document.metadata, text.index(words)) == page


def test_japanese_pdf(reading: DocumentReader, tmp_path: Path) -> None:
    """Japanese lines are joined without spaces, and page numbers in Japanese go."""
    write_pdf(
        tmp_path / "kyotei.pdf",
        [
            [
                "森の協定",
                "",
                "岩森県とヴァルモン都市圏は、二〇一九年五月五日に森林と温泉についての協力協",
                "定を結んだ。",
            ],
            ["次の会議は2027年に開かれる。"],
        ],
        font="HeiseiMin-W3",
        head="岩森県広報",
    )
    document = reading.document(tmp_path / "kyotei.pdf", "kyotei.pdf")
    assert document.page_content == (
        "森の協定\n\n"
        "岩森県とヴァルモン都市圏は、二〇一九年五月五日に森林と温泉についての協力協定を結んだ。\n\n"
        "次の会議は2027年に開かれる。"
    )
    assert document.metadata["language"] == "ja"
    assert document.metadata["title"] == "森の協定"


def test_cells_of_a_table_stay_in_their_row(tmp_path: Path) -> None:
    """Text side by side on a page is one row, its cells apart and with their headings."""
    canvas = Canvas(str(tmp_path / "table.pdf"))
    canvas.drawString(60, 760, "Les villes partenaires et leurs accords")
    for row, cells in enumerate(
        [("Ville", "Partenaire", "Année"), ("Valmont", "Iwamori", "2019"), ("Brume", "Kawano", "2021")]
    ):
        for column, cell in enumerate(cells):
            canvas.drawString(60 + 150 * column, 700 - 18 * row, cell)
    canvas.save()
    text, _ = clean_pages(extract_pdf(tmp_path / "table.pdf").pages)
    assert "Ville: Valmont | Partenaire: Iwamori | Année: 2019\nVille: Brume | " in text


def test_a_page_that_a_browser_printed(tmp_path: Path) -> None:
    """Cells that only space parts are a row's where three rows stand below each other; headings stand alone.

    Browsers write a whole page as one text, each line by its place, and give line breaks none.
    """
    lines: list[tuple[int, int, list[tuple[int, str]]]] = [
        (760, 18, [(60, "Rapport du syndicat")]),
        (736, 16, [(60, "Vers qui se tourner")]),
        (
            716,
            12,
            [(60, "Le syndicat, dont le bureau a depuis le mois de mai 2020 pour chef Armelle Le Goff,")],
        ),
        (701, 12, [(60, "se trouve au moulin.")]),
        (645, 12, [(60, "Un mot en gras"), (150, "et la suite de la ligne.")]),
        (500, 12, [(60, "-"), (78, "le pain")]),
        (486, 12, [(60, "-"), (78, "le sel")]),
        (472, 12, [(60, "-"), (78, "l'eau")]),
    ]
    rows = [
        ("Poste", "2024", "2025"),
        ("Ventes", "3,9", "4,2"),
        ("Achats", "0,8", "1,1"),
        ("Eau", "1,6", "1,7"),
    ]
    lines += [
        (440 - 20 * row, 12, [(60 + 100 * column, cell) for column, cell in enumerate(cells)])
        for row, cells in enumerate(rows)
    ]
    canvas = Canvas(str(tmp_path / "printed.pdf"), pagesize=A4)
    canvas.transform(1, 0, 0, -1, 0, A4[1])
    for y, size, cells in lines:
        canvas.saveState()
        for x, cell in cells:
            canvas.setFont("Helvetica", size)
            canvas.addLiteral(f"BT /F1 {size} Tf 1 0 0 -1 {x} {A4[1] - y} Tm ({cell}) Tj ET")
        canvas.restoreState()
    canvas.save()
    text, _ = clean_pages(extract_pdf(tmp_path / "printed.pdf").pages)
    assert text.startswith("Rapport du syndicat\n\nVers qui se tourner\n\nLe syndicat, dont")
    assert "Armelle Le Goff, se trouve au moulin." in text
    assert "Un mot en gras et la suite de la ligne." in text
    assert "- le pain\n- le sel\n- l'eau" in text
    assert "\nPoste: Achats | 2024: 0,8 | 2025: 1,1" in text


@pytest.mark.parametrize(
    "title", ["Microsoft Word - accord.doc", "accord_v2.indd", "untitled", "Envoi-2019", ""]
)
def test_title_made_by_a_program_gives_way_to_the_text(
    reading: DocumentReader, tmp_path: Path, title: str
) -> None:
    """A file name in the title field says nothing; the first line of the text does."""
    write_pdf(tmp_path / "envoi-2019.pdf", FRENCH_PAGES, title=title)
    document = reading.document(tmp_path / "envoi-2019.pdf", "envoi-2019.pdf")
    assert document.metadata["title"] == "Un accord pour la forêt"


@pytest.mark.parametrize(
    ("title", "says", "is_dated"),
    [
        ("Budget 2024", "Le budget du voyage est de 9 200 euros.", False),
        ("Budget", "Le budget de 2023 et 2024 est de 9 200 euros.", False),
        ("Budget", "Le budget du voyage est de 9 200 euros.", True),
        ("Budget 2024", f"Le budget a été voté en {date.today().year}.", True),
    ],
)
def test_a_pdf_that_was_exported_again_is_not_of_that_day(
    reading: DocumentReader, tmp_path: Path, title: str, says: str, is_dated: bool
) -> None:
    """The day it was made is told from its text: an older year there says that it is older."""
    write_pdf(tmp_path / "b.pdf", [[says]], title=title)
    published = reading.document(tmp_path / "b.pdf", "b.pdf").metadata.get("published")
    assert (published is not None) == is_dated


def test_yaml_beside_a_pdf_wins_over_the_file(tmp_path: Path) -> None:
    """`name.pdf.yaml` states title, date, language and address, and is no document itself."""
    write_pdf(tmp_path / "accord.pdf", FRENCH_PAGES, title="Autre titre")
    (tmp_path / "accord.pdf.yaml").write_text(
        "title: 'Accord : le texte'\npublished: 2019-05\nurl: https://example.org/accord\n", encoding="utf-8"
    )
    loaded = load_documents(tmp_path)
    assert [document.metadata["source"] for document in loaded.documents] == ["accord.pdf"]
    metadata = loaded.documents[0].metadata
    assert (metadata["title"], metadata["published"]) == ("Accord : le texte", "2019-05")
    assert metadata["url"] == "https://example.org/accord"


def test_wrong_yaml_beside_a_pdf_is_named(reading: DocumentReader, tmp_path: Path) -> None:
    """The reason names the file beside, the key, the value and the fix."""
    write_pdf(tmp_path / "accord.pdf", FRENCH_PAGES)
    (tmp_path / "accord.pdf.yaml").write_text("published: mai 2019\n", encoding="utf-8")
    reason = refusal(reading, tmp_path / "accord.pdf")
    for part in ("accord.pdf.yaml", "published", "'mai 2019'", "2024-07-01"):
        assert part in reason


def encrypted(path: Path, password: str) -> Path:
    """Write a copy that needs `password`, in AES-256."""
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    target = path.with_name(f"locked-{path.name}")
    writer.write(target)
    return target


def test_encrypted_pdf_is_named_unless_its_password_is_empty(reading: DocumentReader, tmp_path: Path) -> None:
    """A PDF that only forbids printing opens without a password and is read."""
    plain = write_pdf(tmp_path / "plain.pdf", FRENCH_PAGES)
    assert "password" in refusal(reading, encrypted(plain, "secret"))
    assert "Valmont" in extract_pdf(encrypted(plain, "")).pages[0]


def test_corrupt_pdf_is_named(reading: DocumentReader, tmp_path: Path) -> None:
    """What is cut short, no PDF, or has a picture where its text should be is refused as corrupt."""
    whole = write_pdf(tmp_path / "whole.pdf", FRENCH_PAGES).read_bytes()
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(whole[:300])
    assert "corrupt" in refusal(reading, cut)
    no_pdf = tmp_path / "no.pdf"
    no_pdf.write_bytes(b"Dear reader, this is a letter.")
    assert "corrupt" in refusal(reading, no_pdf)
    for begins, kind in (
        (b"PK\x03\x04", "Word"),
        (b"\x89PNG\r\n", "picture"),
        (b"<!doctype html>", "web page"),
    ):
        no_pdf.write_bytes(begins + whole[:300].replace(b"%PDF", b""))
        assert kind in refusal(reading, no_pdf)
        assert "corrupt" not in refusal(reading, no_pdf)
    pictured = tmp_path / "pictured.pdf"
    pictured.write_bytes(
        pdf_of([*page_tree()[1], b"<< /Length 9 /Filter /JBIG2Decode >>\nstream\n000000000\nendstream"])
    )
    assert "corrupt" in refusal(reading, pictured)


def test_scanned_pdf_is_named(reading: DocumentReader, tmp_path: Path) -> None:
    """Pages without any text are refused with the way to get some."""
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(50, 50, 400, 600, fill=1)
    canvas.showPage()
    canvas.save()
    assert "OCR" in refusal(reading, tmp_path / "scan.pdf")


def test_page_without_text_keeps_its_place(reading: DocumentReader, tmp_path: Path) -> None:
    """A picture page between two pages of text counts."""
    write_pdf(tmp_path / "x.pdf", [["Un accord pour la forêt"], [], ["Les suites en 2027"]])
    document = reading.document(tmp_path / "x.pdf", "x.pdf")
    assert page_at(document.metadata, document.page_content.index("Les suites")) == 3


def test_limits_on_pages_and_text_are_named(tmp_path: Path) -> None:
    """The reason says which limit it was."""
    path = write_pdf(tmp_path / "x.pdf", FRENCH_PAGES)
    assert "more than 2 pages" in refusal_within(ReadingLimits(pages=2), path)
    assert "more than 100 characters" in refusal_within(ReadingLimits(characters=100), path)


def laborious_pdf(path: Path) -> Path:
    """Write a small file whose one page asks for minutes of work."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(small_page())))
    content = zlib.compress(b"BT /F1 12 Tf " + b"(a) Tj 0 -1 Td " * 2_000_000 + b"ET")
    stream = EncodedStreamObject()
    stream._data = content
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    writer.write(path)
    return path


def small_page() -> bytes:
    """Return a PDF of one page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pageCompression=0)
    canvas.drawString(60, 700, "a")
    canvas.save()
    return buffer.getvalue()


@pytest.mark.system
def test_pdf_that_keeps_the_parser_busy_is_stopped(tmp_path: Path) -> None:
    """The child dies of its processor time, or of the clock; the caller goes on."""
    path = laborious_pdf(tmp_path / "busy.pdf")
    assert path.stat().st_size < 200_000
    assert "1 seconds of processor time" in refusal_within(ReadingLimits(cpu_seconds=1), path)
    assert "1 in all" in refusal_within(ReadingLimits(wall_seconds=1), path)


@pytest.mark.system
def test_pdf_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    """The child can't take more address space than it is allowed."""
    path = laborious_pdf(tmp_path / "big.pdf")
    limits = ReadingLimits(memory_bytes=900 * 1024 * 1024)
    assert "more than 900 MB of memory" in refusal_within(limits, path)


def test_document_without_pages_has_no_page() -> None:
    """Text files have no pages to cite."""
    assert page_at({"source": "a.md"}, 10) is None


@pytest.mark.parametrize(
    "source", sorted((ROOT / "tools/sample_pdfs").glob("*.md")), ids=lambda path: path.stem
)
def test_no_sentence_of_the_sample_pdfs_is_torn(source: Path, reading: DocumentReader) -> None:
    """Neither a heading's size nor an indent nor a page's end: each paragraph reads as it was written."""
    _, front_matter, written = source.read_text("utf-8").split("---\n", 2)
    pdf = ROOT / yaml.safe_load(front_matter)["output"]
    document = reading.document(pdf, pdf.name)
    between = "" if document.metadata["language"] == "ja" else " "
    read = re.sub(r"([.。])\n\n", rf"\1{between}", document.page_content)
    paragraphs = [one for one in written.strip().split("\n\n") if not one.startswith(("#", "|", "-"))]
    assert [one for one in paragraphs if normalise(one.strip()) not in normalise(read)] == []
