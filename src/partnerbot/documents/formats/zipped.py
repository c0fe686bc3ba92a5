"""Documents that are zip archives of XML, opened within limits: Word, LibreOffice, PowerPoint, EPUB."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.formats import check_kind
from partnerbot.errors import DocumentRejected

# 300 MB of XML is far beyond any report, and what a few KB can unpack to.
MAX_UNCOMPRESSED_BYTES = 300 * 1024 * 1024
# Office writes some ten parts and one a picture.
MAX_PARTS = 5_000
_STRICT = b"http://purl.oclc.org/ooxml/"
"""What the parts of Office's "Strict Open XML" are named by; the readers know the ordinary names."""
_ENCRYPTED_OFFICE_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yield a document's archive. Whatever else the block raises, the document is taken to be corrupt.

    Raises: DocumentRejected if it is encrypted, corrupt or unpacks to too much; MemoryError; OSError.
    """
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        if file.read(len(_ENCRYPTED_OFFICE_FILE)) == _ENCRYPTED_OFFICE_FILE:
            raise DocumentRejected(
                f"it needs a password, or is of an older format. Save it as {suffix} without a password."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, suffix)
            yield archive
    except (DocumentRejected, MemoryError):
        raise
    except Exception as error:  # the layers of zip and XML raise anything
        check_kind(path, b"PK")
        raise DocumentRejected(f"it is corrupt, or no {suffix} file. Open it and save it again.") from error


def _check(archive: zipfile.ZipFile, suffix: str) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNCOMPRESSED_BYTES or len(parts) > MAX_PARTS:
        raise DocumentRejected(
            f"it unpacks to {unpacked / 1_048_576:.0f} MB in {len(parts):,} parts, where "
            f"{MAX_UNCOMPRESSED_BYTES // 1_048_576} MB in {MAX_PARTS:,} is the limit. Leave its pictures out."
        )
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise DocumentRejected("it needs a password. Save it without one.")
    relations = archive.read("_rels/.rels") if "_rels/.rels" in archive.namelist() else b""
    if suffix in (".docx", ".pptx") and _STRICT in relations:
        raise DocumentRejected(f"it is in its format's strict form. Save it as an ordinary {suffix} file.")


def xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """Return the tree of a part, its entities left as they are. Raises: KeyError if there is no such part."""
    # By default libxml2 refuses trees deeper than 256 and texts of more than 10 MB. Identifiers aren't
    # looked at: some programs give the same one twice.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    with archive.open(name) as part:
        return etree.parse(part, parser).getroot()


def stated(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Return what a part says of the document (title, date, language …), by the elements' names."""
    if name not in archive.namelist():
        return {}
    elements = reversed(list(xml(archive, name).iter("{*}*")))  # the first of a name wins
    return {etree.QName(one).localname: one.text.strip() for one in elements if (one.text or "").strip()}
