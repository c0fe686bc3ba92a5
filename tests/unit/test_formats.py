"""The formats of offices: what a reader sees is read, in order; rows say their headings."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from folders import load_one
from office_files import epub, odt_table, opendocument, pptx, shape, xlsx, xlsx_rows, zipped
from partnerbot.documents.formats import ReadingLimits
from partnerbot.documents.formats.html import visible_text
from partnerbot.documents.formats.tables import table_lines, without_headings
from partnerbot.documents.loading import load_document
from partnerbot.documents.metadata import page_at
from partnerbot.errors import DocumentRejected

FRENCH = "La métropole de Valmont et le département d’Iwamori ont signé un accord en mai 2019."
TABLE = [["Ville", "Partenaire", "Année"], ["Valmont", "Iwamori", "2019"], ["Brume", "Kawano", "2021"]]
STRICT = zipped({"_rels/.rels": "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"})
ROWS = "Ville: Valmont | Partenaire: Iwamori | Année: 2019\nVille: Brume | Partenaire: Kawano | Année: 2021"


# Tables


@pytest.mark.parametrize(
    ("rows", "marked", "lines"),
    [
        (TABLE, None, ROWS.split("\n")),
        # By year, with names at the left: what is under a year is no year.
        (
            [["", "2018", "2019"], ["Visites", "120", "130"]],
            None,
            ["Visites | 2018: 120 | 2019: 130"],
        ),
        # Without headings: the first row is like the others.
        (TABLE[1:], None, ["Valmont | Iwamori | 2019", "Brume | Kawano | 2021"]),
        ([["Nom", "Valmont"], ["Pays", "France"]], None, ["Nom | Valmont", "Pays | France"]),
        # Headings over others, and a row that is a heading itself.
        (
            [["Ville", "Accord", "Accord"], ["", "Date", "Objet"], ["Asie"], ["Kawano", "2021", ""]],
            2,
            ["Asie", "Ville: Kawano | Accord Date: 2021"],
        ),
        # Cells of text are laid out in columns, not headed.
        ([["a" * 61, "b"], ["c", "2019"]], 1, ["a" * 61 + " | b", "c | 2019"]),
        ([["Ville", "Année"]], 1, ["Ville | Année"]),
    ],
)
def test_rows_say_their_headings_where_these_are_sure(
    rows: list[list[str]], marked: int | None, lines: list[str]
) -> None:
    """Those that the file marks, or that alone have no figures; otherwise a row says what it says."""
    assert table_lines(rows, marked) == lines


def test_a_row_without_its_headings_keeps_its_places() -> None:
    """For finding it on the picture of a page, where the headings stand elsewhere."""
    row = ROWS.split("\n")[0]
    bare = without_headings(f"Les accords : deux.\n{row}")
    assert bare.split() == ["Les", "accords", ":", "deux.", "Valmont", "|", "Iwamori", "|", "2019"]
    assert bare.index("Iwamori") == f"Les accords : deux.\n{row}".index("Iwamori")


def html_table(rows: list[list[str]], head: str = "th") -> str:
    """A table of a web page."""
    lines = [
        "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(rows, [head, *["td"] * len(rows)], strict=False)
    ]
    return f"<table>{''.join(lines)}</table>"


@pytest.mark.parametrize("head", ["th", "td"])
def test_table_of_a_page(tmp_path: Path, head: str) -> None:
    """Within an article, and where no article is found."""
    article = f"<html><body><article><h1>Les accords</h1><p>{FRENCH}</p>{html_table(TABLE, head)}"
    assert ROWS in load_one(tmp_path, "a.html", article)[0]
    assert visible_text(html_table(TABLE, head)) == ROWS


def test_cells_of_a_page_that_span_others() -> None:
    """A cell over two rows is said in both; a heading over two columns in both."""
    table = (
        "<table><tr><th rowspan=2>Ville</th><th colspan=2>Accord</th></tr>"
        "<tr><th>Date</th><th>Objet</th></tr>"
        "<tr><td rowspan=2>Valmont</td><td>2019</td><td>le <b>bois</b></td></tr>"
        "<tr><td>2021</td><td>les<br>sources</td></tr></table>"
    )
    assert visible_text(table) == (
        "Ville: Valmont | Accord Date: 2019 | Accord Objet: le bois\n"
        "Ville: Valmont | Accord Date: 2021 | Accord Objet: les sources"
    )


@pytest.mark.parametrize(
    "table",
    [
        "<table role=presentation><tr><th>Ville<th>Année<tr><td>Valmont<td>2019</table>",
        "<table><tr><th>Lun<th>Mar<tr><td><a href=x>12</a><td><a href=x>13</a></table>",
        "<table><tr><th>Ville<th>Année<tr><td><table><tr><td>Valmont</table><td>2019</table>",
        "<table><tr><th colspan=5000>Ville<th>Année<tr><td colspan=5000>Valmont<td>2019</table>",
    ],
)
def test_table_that_is_no_table_of_data_stays(tmp_path: Path, table: str) -> None:
    """One that lays out the page, a calendar of links, one that holds another, one far too wide."""
    assert ": " not in load_one(tmp_path, "a.html", f"<p>{FRENCH}</p>{table}")[0]


def test_a_row_of_links_is_a_menu(tmp_path: Path) -> None:
    """Old pages put theirs into a table; a row of data with a link stays."""
    menu = "<table><tr><td><a href=/>ACCUEIL</a><td><a href=/b>BLOG</a><td>A+ A-</table>"
    row = "<table><tr><td>Valmont<td>signé le 3 mai 2019<td><a href=x>ici</a></table>"
    text = load_one(tmp_path, "a.html", f"{menu}<p>{FRENCH}</p>{row}")[0]
    assert "ACCUEIL" not in text
    assert "3 mai 2019" in text


@pytest.mark.parametrize("mark", ["repeated", "bold"])
def test_headings_that_word_marks(tmp_path: Path, mark: str) -> None:
    """Rows that are repeated on every page, or all in bold, where nothing else tells headings."""
    word = docx.Document()
    table = word.add_table(rows=0, cols=2)
    for number, texts in enumerate([("Ville", "Partenaire"), ("Valmont", "Iwamori"), ("Brume", "Kawano")]):
        row = table.add_row()
        for cell, text in zip(row.cells, texts, strict=True):
            cell.paragraphs[0].add_run(text).bold = mark == "bold" and not number
        if mark == "repeated" and not number:
            row._tr.get_or_add_trPr().append(docx.oxml.OxmlElement("w:tblHeader"))
    word.save(str(tmp_path / "a.docx"))
    assert load_document(tmp_path / "a.docx", "a.docx").page_content == (
        "Ville: Valmont | Partenaire: Iwamori\nVille: Brume | Partenaire: Kawano"
    )


def test_table_of_a_pdf(tmp_path: Path) -> None:
    """Its rows may be far from each other on the page."""
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for line in range(3):
        canvas.drawString(60, 790 - 14 * line, f"Les villes partenaires ont signé cet accord ({line}).")
    for row, cells in enumerate(TABLE):
        for column, cell in enumerate(cells):
            canvas.drawString(60 + 150 * column, 700 - 40 * row, cell)
    canvas.drawString(60, 560, "La suite en 2027.")
    canvas.save()
    assert ROWS + "\n\nLa suite" in load_document(tmp_path / "a.pdf", "a.pdf").page_content


# LibreOffice


def test_odt_in_the_order_of_its_page(tmp_path: Path) -> None:
    """Headings, paragraphs, nested lists, a table, a footnote after its paragraph; the title it states."""
    body = (
        "<text:table-of-content><text:index-body><text:p>Un accord....1</text:p></text:index-body>"
        "</text:table-of-content><text:h>Un accord</text:h>"
        f"<text:p>{FRENCH[:20]}<text:s text:c='999999999'/><text:span>{FRENCH[20:]}</text:span>"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Voir le texte.</text:p>"
        "</text:note-body></text:note></text:p><text:list><text:list-item><text:p>le bois</text:p><text:list>"
        "<text:list-item><text:p>chêne</text:p></text:list-item></text:list></text:list-item></text:list>"
        + odt_table(TABLE, marked=1)
    )
    meta = (
        "<dc:title>Accord de Valmont</dc:title><meta:creation-date>2019-06-01T10:00:00</meta:creation-date>"
    )
    text, about = load_one(tmp_path, "a.odt", opendocument("text", body, meta=meta))
    start = f"{FRENCH[:20]} {FRENCH[20:]}".replace("  ", " ")
    assert text == f"Un accord\n\n{start}\n\nVoir le texte.\n\n- le bois\n- chêne\n\n{ROWS}"
    assert (about["title"], about["language"]) == ("Accord de Valmont", "fr")


def test_when_an_office_file_was_begun_is_no_date_of_publication(tmp_path: Path) -> None:
    """Mostly its template was begun then, or another document that it was made from."""
    word = docx.Document()
    word.add_paragraph(FRENCH)
    assert word.core_properties.created  # of python-docx's own template
    word.save(str(tmp_path / "a.docx"))
    begun = "<meta:creation-date>2013-12-23T10:00:00</meta:creation-date>"
    text = opendocument("text", f"<text:p>{FRENCH}</text:p>", meta=begun)
    slides = io.BytesIO(pptx(shape(FRENCH)))
    with zipfile.ZipFile(slides, "a") as archive:
        archive.writestr("docProps/core.xml", "<core><created>2013-12-23T10:00:00Z</created></core>")
    for name, content in (("a.docx", None), ("a.odt", text), ("a.pptx", slides.getvalue())):
        content = content or (tmp_path / name).read_bytes()
        assert "published" not in load_one(tmp_path, name, content)[1], name


STYLES = (
    '<style:style style:name="Gone"><style:text-properties style:text-line-through-style="solid"/>'
    "</style:style>"
    '<style:style style:name="Child" style:parent-style-name="Gone"/>'
    '<style:style style:name="Back" style:parent-style-name="Gone"><style:text-properties '
    'style:text-line-through-style="none"/></style:style>'
    '<style:style style:name="Away"><style:text-properties text:display="none"/></style:style>'
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        *(
            (
                f'<text:p>Le pass coûte <text:span text:style-name="{style}">9 euros </text:span>12 euros.'
                "</text:p>",
                f"Le pass coûte {'9 euros ' if style == 'Back' else ''}12 euros.",
            )
            for style in ("Gone", "Child", "Back", "Away")
        ),
        (
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>Annulé.</text:p></text:deletion>"
            "</text:changed-region></text:tracked-changes><text:p>Valable.<office:annotation><text:p>Ah ?"
            "</text:p></office:annotation></text:p>",
            "Valable.",
        ),
        (
            "<text:p>Avant.<draw:frame><draw:text-box><text:p>Dans le cadre.</text:p></draw:text-box>"
            "</draw:frame></text:p><text:section><text:p>Dans la section.</text:p></text:section>",
            "Avant.\n\nDans le cadre.\n\nDans la section.",
        ),
        (
            "<table:table><table:table-row><table:table-cell table:number-rows-spanned='2'><text:p>Valmont"
            "</text:p></table:table-cell><table:table-cell><text:p>2019</text:p></table:table-cell>"
            "</table:table-row><table:table-row><table:covered-table-cell/><table:table-cell><text:p>2021"
            "</text:p></table:table-cell><table:table-cell table:number-columns-repeated='900000000'/>"
            "</table:table-row></table:table>",
            "Valmont | 2019\nValmont | 2021",
        ),
    ],
)
def test_odt_without_what_a_reader_does_not_see(tmp_path: Path, body: str, text: str) -> None:
    """Struck out or hidden by a style or its parent, deleted, a remark; frames and sections are text."""
    assert load_one(tmp_path, "a.odt", opendocument("text", body, STYLES))[0] == text


def test_odt_that_gives_an_identifier_twice_is_read(tmp_path: Path) -> None:
    """As editors do that copy a list."""
    body = "".join(f'<text:p xml:id="list1">{line}</text:p>' for line in ("Le bois.", "Les sources."))
    assert load_one(tmp_path, "a.odt", opendocument("text", body))[0] == "Le bois.\n\nLes sources."


def test_odp_has_its_slides_as_pages(tmp_path: Path) -> None:
    """In order, without hidden ones and without what the speaker noted."""

    def slide(text: str, more: str = "") -> str:
        return (
            f"<draw:page {more}><draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box>"
            "</draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>Ne pas dire.</text:p>"
            "</draw:text-box>"
            "</draw:frame></presentation:notes></draw:page>"
        )

    hiding = (
        '<style:style style:name="H"><style:drawing-page-properties presentation:visibility="hidden"/>'
        "</style:style>"
    )
    slides = slide("Le premier accord date de 2019.") + slide("Caché.", 'draw:style-name="H"')
    slides += slide("Le second date de 2021.")
    text, about = load_one(tmp_path, "a.odp", opendocument("presentation", slides, hiding))
    assert text == "Le premier accord date de 2019.\n\nLe second date de 2021."
    assert page_at(about, text.index("second")) == 2


# Microsoft's


def test_pptx_has_its_slides_as_pages(tmp_path: Path) -> None:
    """As they are shown: their order, paragraphs of a shape as items, tables; no numbers, no hidden ones."""
    cells = "".join(
        "<a:tr>"
        + "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in row
        )
        + "</a:tr>"
        for row in TABLE
    )
    table = (
        f'<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/>{cells}</a:tbl>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )
    content = pptx(
        shape("Un accord", place="title") + shape("le bois", "les sources") + shape("12", place="sldNum"),
        shape("Caché."),
        shape("Les dates", more=' hidden="1"') + table,
        hidden=1,
    )
    text, about = load_one(tmp_path, "a.pptx", content)
    assert text == f"Un accord\n\n- le bois\n- les sources\n\n{ROWS}"
    assert about["title"] == "Un accord"
    assert page_at(about, text.index("Brume")) == 2


def test_xlsx_rows_say_their_headings(tmp_path: Path) -> None:
    """Each sheet by its name, what stands above the headings before them, hidden sheets not at all."""
    rows = xlsx_rows(
        [["Accords de Valmont"], TABLE[0], ["Valmont", "Iwamori", 2019], ["Brume", "Kawano", 2021]]
    )
    sheets = {
        "Accords": rows,
        "Villes": xlsx_rows([["Ville", "Pays"], ["Valmont", "France"]]),
        "Brouillon": rows,
    }
    text, _ = load_one(tmp_path, "a.xlsx", xlsx(sheets, hidden="Brouillon"))
    assert text == f"Accords\n\nAccords de Valmont\n\n{ROWS}\n\nVilles\n\nVille | Pays\nValmont | France"


def test_ods_rows_say_their_headings(tmp_path: Path) -> None:
    """As those of Excel do; a date is written as one, a whole number without a point."""
    cell = (
        '<table:table-cell office:value-type="{0}" office:{1}="{2}"><text:p>{2}</text:p></table:table-cell>'
    )
    rows = "".join(
        f"<table:table-row>{''.join(cells)}</table:table-row>"
        for cells in (
            [cell.format("string", "string-value", name) for name in ("Ville", "Date", "Élèves")],
            [
                cell.format("string", "string-value", "Valmont"),
                cell.format("date", "date-value", "2019-05-05"),
                cell.format("float", "value", "12"),
            ],
        )
    )
    sheet = f'<table:table table:name="Feuille1">{rows}</table:table>'
    assert load_one(tmp_path, "a.ods", opendocument("spreadsheet", sheet))[0] == (
        "Ville: Valmont | Date: 2019-05-05 | Élèves: 12"
    )


def test_ods_that_is_laid_out_otherwise_is_read(tmp_path: Path) -> None:
    """With spaces between its cells, as some programs write; a hidden sheet is not read."""
    hidden = '<style:style style:name="Away"><style:table-properties table:display="false"/></style:style>'
    shown, away = (
        odt_table(rows).replace(
            "<table:table>", f'<table:table table:name="{style}" table:style-name="{style}">'
        )
        for rows, style in ((TABLE, "Shown"), ([["Brouillon"]], "Away"))
    )
    content = opendocument(
        "spreadsheet", f"{shown}{away}".replace("<table:table-cell>", "\n <table:table-cell>"), hidden
    )
    assert load_one(tmp_path, "a.ods", content)[0] == ROWS


# Others


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_csv_rows_say_their_headings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Whatever parts the cells and however it is encoded; quoted cells may hold anything."""
    quoted = [*TABLE, ["Sèvre, la petite", "Mi;nato", "2022"]]
    content = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in quoted).encode(encoding)
    assert load_one(tmp_path, "a.csv", content)[0] == (
        f"{ROWS}\nVille: Sèvre, la petite | Partenaire: Mi;nato | Année: 2022"
    )


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        (
            ["Association;Montant 2023;Montant 2024", "Club Ikebana;800;950", "Judo Rhin;1 200 €;1 300 €"],
            "Association: Club Ikebana | Montant 2023: 800 | Montant 2024: 950\n"
            "Association: Judo Rhin | Montant 2023: 1 200 € | Montant 2024: 1 300 €",
        ),
        (["団体;2023年度予算;備考", "柔道会;800;道場"], "団体: 柔道会 | 2023年度予算: 800 | 備考: 道場"),
        (["Reims;Nagoya;2017", "Brume;Kawano;2021"], "Reims | Nagoya | 2017\nBrume | Kawano | 2021"),
        (["12;14;2017-05-06", "9;8;2018-01-02"], "12 | 14 | 2017-05-06\n9 | 8 | 2018-01-02"),
        (
            ["Schongau;Bavière;6 mai 1962", "Lucques;Toscane;1er juin 1962"],
            "Schongau | Bavière | 6 mai 1962\nLucques | Toscane | 1er juin 1962",
        ),
    ],
)
def test_first_row_of_a_sheet_is_of_headings_if_it_has_words(
    tmp_path: Path, rows: list[str], read: str
) -> None:
    """With figures beside them too; bare figures, and dates above dates, are values."""
    assert load_one(tmp_path, "a.csv", "\n".join(rows).encode())[0] == read
    cells = [[int(cell) if cell.isdigit() else cell for cell in row.split(";")] for row in rows]
    assert load_one(tmp_path, "a.xlsx", xlsx({"Feuille1": xlsx_rows(cells)}))[0] == read


def test_rtf_without_what_it_hides(tmp_path: Path) -> None:
    """Accents and Japanese, in both ways of writing; tables; not what is hidden, struck out or deleted."""
    rtf = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
        r"{\f1\fnil\fcharset128 MS Mincho;}}"
        r"{\info{\title Accord de Valmont}{\author X}}"
        r"\pard La m\'e9tropole a sign\u233? un accord{\v  secret}{\strike  vieux}"
        r"{\deleted  faux} en 2019.\par "
        r"\pard\f1\uc2\u29066\'8cF\uc1\'96\'7b\f0\par "
        r"\trowd\cellx1000\cellx2000\intbl Ville\cell Ann\'e9e\cell\row"
        r"\intbl Valmont\cell 2019\cell\row\pard Fin.\par}"
    )
    text, about = load_one(tmp_path, "a.rtf", rtf)
    assert text == ("La métropole a signé un accord en 2019.\n\n熊本\n\nVille: Valmont | Année: 2019\n\nFin.")
    assert about["title"] == "Accord de Valmont"


def test_rtf_with_a_picture_as_pandoc_writes_it(tmp_path: Path) -> None:
    """Its bytes in letters, announced without their number."""
    picture = r"{\pict\jpegblip\picw25\pich25 \bin ffd8ffe0}"
    rtf = r"{\rtf1\ansi\deff0 {\pard A" + picture + r"\par}{\pard Accord de 2019.\par}}"
    text, _ = load_one(tmp_path, "a.rtf", rtf)
    assert text.split() == ["A", "Accord", "de", "2019."]


def test_epub_in_reading_order(tmp_path: Path) -> None:
    """Chapters follow each other; title, date and language are the book's."""
    package = (
        "<dc:title>Le livre des accords</dc:title><dc:date>2020-03-01</dc:date>"
        "<dc:language>fr-FR</dc:language>"
    )
    content = epub(f"<h1>Un accord</h1><p>{FRENCH}</p>", html_table(TABLE), package=package)
    text, about = load_one(tmp_path, "a.epub", content)
    assert text == f"Un accord\n\n{FRENCH}\n\n{ROWS}"
    assert (about["title"], about["published"]) == ("Le livre des accords", "2020-03-01")


@pytest.mark.parametrize("is_html", [False, True])
def test_message_has_its_subject_and_its_date(tmp_path: Path, is_html: bool) -> None:
    """Its text, or its page where it has no text; not what is attached."""
    message = EmailMessage()
    message["Subject"], message["Date"] = "Accord avec 岩森", "Wed, 05 Jun 2019 10:00:00 +0200"
    message.set_content(f"<p>{FRENCH}</p>" if is_html else FRENCH, "html" if is_html else "plain")
    message.add_attachment(b"Annexe secrete", maintype="text", subtype="plain", filename="a.txt")
    text, about = load_one(tmp_path, "a.eml", message.as_bytes())
    assert text == FRENCH
    assert (about["title"], about["published"]) == ("Accord avec 岩森", "2019-06-05")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.odt", b"PK\x03\x04cut off", r"it is corrupt, or no \.odt file\. Open it"),
        ("a.docx", b"%PDF-1.7 and more", r"it is no \.docx file, but a PDF \(\.pdf\)\. Give it the ending"),
        ("a.xlsx", "<html><table>", "but a web page"),
        ("a.pptx", opendocument("text", "<text:p>x</text:p>"), "corrupt"),
        ("a.docx", STRICT, "strict form"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        ("a.rtf", "Dear reader", "no .rtf"),
        ("a.eml", "", "empty"),
        ("a.eml", "\n\n", "no message"),
        ("a.csv", b"\x00\x01\x02" * 100, "binary"),
        ("a.png", b"\x89PNG\r\n\x1a\n cut off", "corrupt"),
    ],
)
def test_file_of_an_office_that_can_not_be_read_is_named(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    """With what is the matter."""
    with pytest.raises(DocumentRejected, match=reason):
        load_one(tmp_path, name, content)


def test_cells_without_end_are_refused(tmp_path: Path) -> None:
    """One cell of more text than a document may have, or empty ones without number."""
    few = ReadingLimits(characters=1000)
    for content in ('"' + "x" * 1001, "," * 1001):
        (tmp_path / "a.csv").write_text(content)
        with pytest.raises(DocumentRejected):
            load_document(tmp_path / "a.csv", "a.csv", few)


def test_yaml_beside_a_table_states_its_title(tmp_path: Path) -> None:
    """Where a format can't say it itself."""
    (tmp_path / "a.csv.yaml").write_text("title: Les accords\nlanguage: fr\n")
    assert load_one(tmp_path, "a.csv", "\n".join(map(",".join, TABLE)))[1]["title"] == "Les accords"
