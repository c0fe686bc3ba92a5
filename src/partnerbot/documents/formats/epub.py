"""Electronic books (.epub)."""

import posixpath
from pathlib import Path
from urllib.parse import unquote

from partnerbot.documents.decoding import decode
from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.html import visible_text
from partnerbot.documents.formats.zipped import opened, stated, xml
from partnerbot.documents.metadata import iso_date
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

_PACKAGE = "{http://www.idpf.org/2007/opf}"


def extract_epub(path: Path, limits: ReadingLimits) -> Extracted:
    """Return the chapters in reading order, and the title, date and language that the book states."""
    with opened(path) as archive:
        container = xml(archive, "META-INF/container.xml")
        package = next(container.iter("{*}rootfile")).get("full-path")
        if "META-INF/rights.xml" in archive.namelist():
            raise DocumentRejected(
                "it is protected against reading (DRM). Ask its publisher for a copy without."
            )
        book, folder = xml(archive, package), posixpath.dirname(package)
        parts = {item.get("id"): item for item in book.iter(f"{_PACKAGE}item")}
        chapters: list[str] = []
        for entry in book.iter(f"{_PACKAGE}itemref"):
            item = parts[entry.get("idref")]
            if entry.get("linear") == "no" or "nav" in item.get("properties", "").split():
                continue
            name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href"))))
            chapters.append(visible_text(decode(archive.read(name), declared_in_html=True)))
            limits.check(sum(map(len, chapters)))
        about = stated(archive, package)
    return Extracted(
        pages=("\n\n".join(chapters),),
        title=sensible_title(about.get("title")),
        published=iso_date(about.get("date", "")[:10]),
        language=about.get("language", "")[:2].lower() or None,
    )
