"""Makes files that are meant to break a reader: corrupt, bombs, deep, endless, empty, of the wrong type."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from office_files import epub, opendocument, pptx, shape, xlsx, xlsx_rows

SEED = 20261124


def valid_pdf(text: str = "The register of the town was opened in 2020.") -> bytes:
    """Return a small PDF with a line of text."""
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawString(60, 700, text)
    canvas.save()
    return file.getvalue()


def valid_docx(body: str = "<w:p><w:r><w:t>The register was opened in 2020.</w:t></w:r></w:p>") -> bytes:
    """Return a small Word file with a body of that XML."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    office = "http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r" '
        f'Type="{office}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def pdf_of(objects: list[bytes], root: int = 1) -> bytes:
    """Return a PDF of these objects, numbered from 1, without a cross-reference table."""
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, thing) for number, thing in enumerate(objects, 1))
    return b"%%PDF-1.7\n%btrailer\n<< /Root %d 0 R >>\n%%%%EOF\n" % (body, root)


def _stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), more, content)


def page_tree() -> tuple[bytes, list[bytes]]:
    """Return a page whose content is object 4, and the objects 1 to 3 of a file of that page."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>"
    tree = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page]
    return page, tree


def crafted() -> dict[str, bytes]:
    """Return the attacks that have a name, by the file's name."""
    _, tree = page_tree()
    external = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    laughs = "<!DOCTYPE w [<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
    )
    return {
        "zero.pdf": b"",
        "zero.docx": b"",
        "zero.md": b"",
        "spaces.txt": b" \n" * 5000,
        "nothing-but-nul.txt": b"\0" * 10_000,
        "pages-that-are-their-own-parent.pdf": pdf_of(
            [tree[0], b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"]
        ),
        "deep-dictionary.pdf": pdf_of([tree[0], b"<< /A " * 30_000 + b"1" + b" >>" * 30_000]),
        "length-that-lies.pdf": pdf_of([*tree, b"<< /Length 999999999 >>\nstream\nBT (x) Tj ET\nendstream"]),
        "length-of-itself.pdf": pdf_of([*tree, b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream"]),
        "endless-previous.pdf": b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \n"
        b"trailer << /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF",
        "inline-image-without-end.pdf": pdf_of(
            [*tree, _stream(b"q BI /W 9 /H 9 /F /DCT ID " + b"A" * 90_000)]
        ),
        "text-without-end.pdf": pdf_of([*tree, _stream(b"BT (" + b"(" * 60_000)]),
        "encrypted-by-nobody.pdf": pdf_of(tree).replace(b"/Root", b"/Encrypt 9 0 R /Root"),
        "only-a-head.pdf": b"%PDF-1.7\n",
        "picture.pdf": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        "zip.pdf": valid_docx(),
        "pdf.docx": valid_pdf(),
        "pdf.html": valid_pdf(),
        "word.md": valid_docx(),
        "old.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096,
        "laughs.docx": _docx_with_xml(laughs + "]>", "&a11;"),
        "external.docx": _docx_with_xml(external, "&x;"),
        "deep.docx": valid_docx("<w:tbl><w:tr><w:tc>" * 4000 + "</w:tc></w:tr></w:tbl>" * 4000),
        "climbing.docx": _docx_with_extra("../../../../tmp/partnerbot-climbed.txt", b"x"),
        "deep.html": b"<div>" * 60_000 + b"text" + b"</div>" * 60_000,
        "one-tag.html": b"<p " + b"a=1 " * 200_000 + b">text",
        "entities.html": b"&#x41;" * 200_000,
        "unclosed.html": b"<table><tr><td>" * 20_000,
        "deep-list.md": b"".join(b" " * n + b"- x\n" for n in range(900)),
        "quotes.md": b">" * 60_000 + b" x\n",
        "brackets.md": b"[" * 60_000,
        "stars.md": b"*a" * 40_000,
        "backticks.md": b"".join(b"`" * n + b" " for n in range(1, 600)),
        "front-of-aliases.md": b"---\na: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"b%d: &b%d [%b]\n" % (n, n, b",".join([b"*a" if not n else b"*b%d" % (n - 1)] * 9))
            for n in range(9)
        )
        + b"---\ntext\n",
        "deep-front.md": b"---\ntitle: " + b"[" * 9000 + b"\n---\ntext\n",
        "front-that-runs-code.md": b"---\ntitle: !!python/object/apply:os.system"
        b" ['touch /tmp/partnerbot-ran']\n---\nx\n",
        "mixed-encodings.txt": "été 夏".encode() + "été".encode("latin-1") + "夏".encode("shift_jis") * 50,
        "utf-32.txt": "texte 夏".encode("utf-32"),
        "half-utf-16.txt": "texte 夏".encode("utf-16")[:-1],
        "surrogates.txt": b"\xed\xa0\x80\xed\xbf\xbf" * 1000,
        **_offices(laughs + "]>", external),
        "no-extension": b"text",
        "program.exe": b"MZ" + b"\0" * 100,
    }


def _offices(laughs: str, external: str) -> dict[str, bytes]:
    """Return attacks on what reads the files of offices, by the file's name."""
    deep = "<text:section>" * 4000 + "</text:section>" * 4000
    cell = "<table:table-cell><text:p>x</text:p></table:table-cell>"
    span = '<table:table-cell table:number-columns-repeated="99999999" table:number-rows-spanned="99999999">'
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    tower = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    good = {
        "odt": opendocument("text", "<text:p>Opened in 2020.</text:p>"),
        "odp": opendocument("presentation", "<draw:page><draw:frame/></draw:page>"),
        "ods": opendocument(
            "spreadsheet", f"<table:table><table:table-row>{cell}</table:table-row></table:table>"
        ),
        "pptx": pptx(shape("Opened in 2020.")),
        "xlsx": xlsx({"A": xlsx_rows([["Year", 2020]])}),
        "epub": epub("<p>Opened in 2020.</p>"),
    }
    return {
        **{f"cut.{ending}": content[: len(content) * 2 // 3] for ending, content in good.items()},
        **{f"zeros.{ending}": _with_zeros(content) for ending, content in good.items()},
        **{f"not.{ending}": valid_docx() for ending in good},
        **{f"text.{ending}": b"text" * 9 for ending in (*good, "rtf", "eml", "png", "jpg", "tif", "webp")},
        "laughs.odt": opendocument("text", "<text:p>&a11;</text:p>", doctype=laughs),
        "external.odt": opendocument("text", "<text:p>&x;</text:p>", doctype=external),
        "external.pptx": pptx(shape("&x;"), doctype=external),
        "external.xlsx": xlsx({"A": xlsx_rows([["&x;", 1]])}, doctype=external),
        "laughs.xlsx": xlsx({"A": xlsx_rows([["&a11;", 1]])}, doctype=laughs),
        "external.epub": epub("&x;", package="<dc:title>&x;</dc:title>", doctype=external),
        "deep.odt": opendocument("text", deep),
        "wide.odt": opendocument(
            "text", f"<table:table><table:table-row>{span}</table:table-cell></table:table-row></table:table>"
        ),
        "wide.ods": opendocument(
            "spreadsheet",
            f"<table:table><table:table-row>{span}<text:p>x</text:p></table:table-cell></table:table-row></table:table>",
        ),
        "far.xlsx": xlsx({"A": xlsx_rows([["x", 1]]) + far}),
        "huge-cell.xlsx": xlsx({"A": xlsx_rows([["x" * 6_000_000, 1]])}),
        "huge-cell.csv": b'"' + b"x" * 6_000_000 + b'"',
        "open-quote.csv": b'a,b\n"' + b"x,\n" * 100_000,
        "commas.csv": b"," * 6_000_000,
        "deep.rtf": b"{\\rtf1 " + b"{\\b " * 100_000 + b"x" + b"}" * 100_000,
        "fields.rtf": b"{\\rtf1 " + b'{\\field{\\*\\fldinst{HYPERLINK "x"' * 3000 + b"}",
        "tower.eml": tower,
        "long-header.eml": b"Subject: " + b"=?utf-8?q?x?= " * 5_000 + b"\n\ntext",
        "bomb.png": _png(60_000, 60_000),
        "self.epub": epub("<p>x</p>").replace(b"Ch%200", b"../../"),
    }


def _with_zeros(archive: bytes) -> bytes:
    """Return an archive with another part, which unpacks to 400 MB."""
    file = io.BytesIO(archive)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        opened.writestr("media/zeros.xml", b"0" * 400_000_000)
    return file.getvalue()


def _png(width: int, height: int) -> bytes:
    """Return a picture that says it is so large, and has but some bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + b"\x08\x02\x00\x00\x00")
        + chunk(b"IDAT", zlib.compress(b"0" * 99))
        + chunk(b"IEND", b"")
    )


def bombs() -> dict[str, bytes]:
    """Return the attacks that take seconds to make or to refuse, by the file's name."""
    page, tree = page_tree()
    bomb = zlib.compress(b"0" * 200_000_000, 9)
    nested = bomb
    for _ in range(3):
        nested = zlib.compress(nested, 9)
    return {
        "bomb.pdf": pdf_of([*tree, _stream(bomb, b"/Filter /FlateDecode")]),
        "nested-bomb.pdf": pdf_of([*tree, _stream(nested, b"/Filter [" + b"/FlateDecode " * 4 + b"]")]),
        "million-pages.pdf": pdf_of(
            [
                tree[0],
                b"<< /Type /Pages /Kids [" + b"3 0 R " * 100_000 + b"] /Count 1000000 >>",
                page,
                _stream(b"BT (x) Tj ET"),
            ]
        ),
        "deep-array.pdf": pdf_of([tree[0], b"[" * 50_000 + b"]" * 50_000]),
        "bomb.docx": _docx_with_bomb(),
        "one-line.txt": b"a" * 3_000_000,
    }


def _docx_with_xml(doctype: str, text: str) -> bytes:
    document = zipfile.ZipFile(io.BytesIO(valid_docx())).read("word/document.xml").decode()
    changed = doctype + document.replace("The register was opened in 2020.", text)
    return _docx_with_extra("word/document.xml", changed.encode(), instead=True)


def _docx_with_bomb() -> bytes:
    return _docx_with_extra("word/media/zeros.xml", b"0" * 400_000_000)


def _docx_with_extra(name: str, content: bytes, *, instead: bool = False) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(valid_docx())) as before,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.namelist():
            if not (instead and part == name):
                after.writestr(part, before.read(part))
        after.writestr(name, content)
    return file.getvalue()


_SEEDS: dict[str, Callable[[], bytes]] = {
    ".pdf": valid_pdf,
    ".docx": valid_docx,
    ".html": lambda: (
        b"<html><head><title>t</title></head><body><article><p>Opened in 2020.</p></article></body></html>"
    ),
    ".md": lambda: (
        b"---\ntitle: A\nlanguage: en\n---\n# Head\n\n- one\n- [two](https://x.example/)\n\n"
        b"| a | b |\n|---|---|\n"
    ),
    ".odt": lambda: opendocument("text", "<text:p>Opened in 2020.</text:p>"),
    ".pptx": lambda: pptx(shape("Opened in 2020.")),
    ".xlsx": lambda: xlsx({"A": xlsx_rows([["Year", 2020]])}),
    ".epub": lambda: epub("<p>Opened in 2020.</p>"),
    ".rtf": lambda: rb"{\rtf1\ansi Opened {\b in} \u233?2020.\par \'e9}",
    ".eml": lambda: b"Subject: A\nContent-Type: text/html\n\n<p>Opened in 2020.</p>",
    ".csv": lambda: b"Ville;Annee\nValmont;2019\n",
    ".txt": lambda: "Le registre a été ouvert en 2020. 台帳は2020年に開かれた。".encode(),
}


def fuzzed(number: int) -> Iterator[tuple[str, bytes]]:
    """Yield that many files made of good ones by flipping, cutting and repeating bytes; always the same."""
    chance = random.Random(SEED)
    for n in range(number):
        suffix = list(_SEEDS)[n % len(_SEEDS)]
        content = bytearray(_SEEDS[suffix]())
        for _ in range(chance.choice([1, 3, 20, 200])):
            at = chance.randrange(len(content))
            match chance.randrange(5):
                case 0:
                    content[at] = chance.randrange(256)
                case 1:
                    del content[at : at + chance.randrange(1, 60)]
                case 2:
                    piece = content[at : at + chance.randrange(1, 60)]
                    content[at:at] = piece * chance.randrange(1, 9)
                case 3:
                    content[at:at] = chance.randbytes(chance.randrange(1, 40))
                case 4:
                    content[at:at] = chance.choice(
                        [b"<<", b">>", b"[", b"stream", b"\xff\xfe", b"99999999", b"\0"]
                    )
            if not content:
                content = bytearray(b"\0")
        yield f"fuzzed{n}{suffix}", bytes(content)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a new folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
