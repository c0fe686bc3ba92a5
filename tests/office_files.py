"""Small real files of offices, made by hand: each has the parts that an office's programs write."""

from __future__ import annotations

import io
import zipfile

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    f'xmlns:{name}="{_ODF}{full}:1.0"'
    for name, full in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "presentation": "presentation",
        "meta": "meta",
    }.items()
)
_OFFICE = "http://schemas.openxmlformats.org"
_RELATIONS = f'xmlns="{_OFFICE}/package/2006/relationships"'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Return an archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def opendocument(kind: str, body: str, styles: str = "", meta: str = "", doctype: str = "") -> bytes:
    """Return a file of LibreOffice: `kind` is text, presentation or spreadsheet."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"{doctype}<office:document-content {_SPACES}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
            "meta.xml": f'<office:document-meta {_SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<office:meta>{meta}</office:meta></office:document-meta>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}manifest:1.0"><m:file-entry '
            f'm:full-path="/" m:media-type="application/vnd.oasis.opendocument.{kind}"/></m:manifest>',
        }
    )


def odt_table(rows: list[list[str]], marked: int = 0) -> str:
    """Return a table of LibreOffice, its first rows marked as headings."""
    written = [
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    ]
    head = f"<table:table-header-rows>{''.join(written[:marked])}</table:table-header-rows>" if marked else ""
    return f"<table:table>{head}{''.join(written[marked:])}</table:table>"


def shape(*paragraphs: str, place: str = "", more: str = "") -> str:
    """Return a shape of a slide; `place`: the type of its placeholder."""
    texts = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in paragraphs)
    kind = f'<p:ph type="{place}"/>' if place else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"{more}/><p:cNvSpPr/><p:nvPr>{kind}</p:nvPr></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/>{texts}</p:txBody></p:sp>"
    )


def pptx(*slides: str, hidden: int | None = None, doctype: str = "") -> bytes:
    """Return PowerPoint slides of these shapes, shown in this order; of them `hidden` is not shown."""
    space = (
        f'xmlns:a="{_OFFICE}/drawingml/2006/main" xmlns:p="{_OFFICE}/presentationml/2006/main" '
        f'xmlns:r="{_OFFICE}/officeDocument/2006/relationships"'
    )
    parts: dict[str, str | bytes] = {}
    relations = listed = ""
    for number, shapes in enumerate(slides):
        # The parts' names say nothing of their order.
        name = f"slides/slide{len(slides) - number}.xml"
        show = ' show="0"' if number == hidden else ""
        parts[f"ppt/{name}"] = (
            f"{doctype}<p:sld {space}{show}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        )
        kind = f"{_OFFICE}/officeDocument/2006/relationships/slide"
        relations += f'<Relationship Id="r{number}" Type="{kind}" Target="{name}"/>'
        listed += f'<p:sldId id="{256 + number}" r:id="r{number}"/>'
    parts["ppt/presentation.xml"] = (
        f"<p:presentation {space}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
    )
    parts["ppt/_rels/presentation.xml.rels"] = f"<Relationships {_RELATIONS}>{relations}</Relationships>"
    return zipped(parts)


def xlsx(sheets: dict[str, str], hidden: str = "", doctype: str = "") -> bytes:
    """Return an Excel file of sheets, each the XML of its rows; of them `hidden` is not shown."""
    space = f'xmlns="{_OFFICE}/spreadsheetml/2006/main" xmlns:r="{_OFFICE}/officeDocument/2006/relationships"'
    relation, package = f"{_OFFICE}/officeDocument/2006/relationships", f"{_OFFICE}/package/2006"
    listed = relations = types = ""
    parts: dict[str, str | bytes] = {}
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name == hidden else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="r{number}"/>'
        relations += (
            f'<Relationship Id="r{number}" Type="{relation}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/>'
        )
        types += (
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="application/vnd.'
            'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"{doctype}<worksheet {space}><sheetData>{rows}</sheetData></worksheet>"
        )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName='
            '"/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
            f'sheet.main+xml"/>{types}</Types>',
            "_rels/.rels": f'<Relationships {_RELATIONS}><Relationship Id="r" '
            f'Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f"<workbook {space}><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships {_RELATIONS}>{relations}</Relationships>",
            **parts,
        }
    )


def xlsx_rows(rows: list[list[str | int]], first: int = 1) -> str:
    """Return rows of an Excel sheet, from that row on."""
    return "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + column)}{number}"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(rows, start=first)
    )


def epub(*chapters: str, package: str = "", doctype: str = "") -> bytes:
    """Return a book of chapters, each the inside of a page."""
    items = "".join(
        f'<item id="c{n}" href="Ch%20{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": f'{doctype}<package xmlns="http://www.idpf.org/2007/opf" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>{package}</metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
    }
    for number, chapter in enumerate(chapters):
        parts[f"OEBPS/Ch {number}.xhtml"] = (
            '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
            f"<body>{chapter}</body></html>"
        )
    return zipped(parts)
