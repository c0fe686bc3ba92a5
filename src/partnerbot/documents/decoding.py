"""From bytes to text, whatever encoding an owner's editor or web server wrote."""

import codecs
import re

from charset_normalizer import from_bytes

from partnerbot.errors import DocumentRejected

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:-]+)", re.IGNORECASE)
_DECLARATION_REACH = 4096  # bytes; the HTML standard asks for it within the first 1,024
# Web pages that declare the left name are written in the right one (WHATWG Encoding standard).
_AS_BROWSERS_READ = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
}
_LEGACY = ["cp932", "euc_jp", "cp1252"]
# Encodings that refuse what was written in others, and how many characters beyond ASCII must be right in
# them for one that is not. Read as UTF-8, articles in the other encodings have 0.6 right ones for a wrong one
# at most; as EUC-JP 0.2; as Shift_JIS 7, where they are Western.
_RIGHT_FOR_ONE_WRONG = {"utf-8": 2, "euc_jp": 20, "cp932": 20}
_NOT_READ = "\ufffd"
_NEC_PAIRS = "partnerbot.nec_pairs"
# An accented capital between two letters, read as Shift_JIS; no Japanese text has this.
_MISREAD_ACCENT = re.compile("[A-Za-z][\uff61-\uff9f][A-Za-z]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ESC_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")


def decode(data: bytes, declared_in_html: bool = False, declared_by_server: str | None = None) -> str:
    """Return the text of `data`, with line ends as \\n and without a byte order mark.

    A byte order mark decides, then the charset a web server or an HTML page declares, then UTF-8;
    what remains is most likely Shift_JIS, EUC-JP or Windows Western (charset-normalizer
    chooses well between these three, even for one word), else anything it recognises.

    A stray byte is read as U+FFFD, as browsers show it: it is no reason to take all the others for
    something else.

    Raises: DocumentRejected if the bytes are no text at all.
    """
    return _decoded(data, declared_in_html, declared_by_server).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, declared_in_html: bool, declared_by_server: str | None) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if declared_by_server and (text := _decode_as(declared_by_server, data)) is not None:
        return text
    declared = _DECLARED.search(data[:_DECLARATION_REACH]) if declared_in_html else None
    if declared is not None:
        name = declared[1].decode("ascii")
        # In UTF-16 the declaration itself could not be read: such pages are UTF-8 (WHATWG HTML, prescan).
        name = "utf-8" if name.lower().startswith("utf-16") else name
        if (text := _decode_as(name, data)) is not None:
            return text
    if len(_CONTROL.findall(data)) > len(data) // 100:
        raise DocumentRejected("it holds binary data, not text. Save it as text in UTF-8.")
    if _ESC_ISO_2022_JP.search(data) and (text := _decode_strictly(data, "iso2022_jp")) is not None:
        return text
    if (text := _decode_strictly(data, "utf-8")) is not None:
        return text
    return _decode_mostly(data, "utf-8") or _decode_mostly(data, "euc_jp") or _decode_legacy(data)


def _decode_as(charset: str, data: bytes) -> str | None:
    name = charset.lower()
    return _decode_strictly(data, _AS_BROWSERS_READ.get(name, name))


def _decode_strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _decode_mostly(data: bytes, encoding: str) -> str | None:
    """Decode bytes of which only a few are wrong; None if more are, or none."""
    if _decode_strictly(data, encoding) is not None:
        return None
    text = data.decode(encoding, errors=_NEC_PAIRS if encoding == "euc_jp" else "replace")
    wrong = text.count(_NOT_READ)
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return text if right >= _RIGHT_FOR_ONE_WRONG[encoding] * wrong else None


def _nec_pair(error: UnicodeError) -> tuple[str, int]:
    """Read a pair of EUC-JP that NEC and Windows added to the standard, such as ① or 髙, by Shift_JIS.

    Browsers read these (WHATWG Encoding standard, index jis0208); Python's codec of EUC-JP doesn't.
    """
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or min(pair) < 0xA1 or max(pair) > 0xFE:
        return _NOT_READ, error.start + 1
    row, cell = (byte - 0xA0 for byte in pair)
    first = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    second = cell + (0x9E if row % 2 == 0 else 0x3F if cell < 64 else 0x40)
    return bytes([first, second]).decode("cp932", errors="replace")[0], error.start + 2


codecs.register_error(_NEC_PAIRS, _nec_pair)


def _decode_legacy(data: bytes) -> str:
    western = _decode_strictly(data, "cp1252")
    guess = from_bytes(data, cp_isolation=_LEGACY).best()
    if guess is not None and not (western is not None and _MISREAD_ACCENT.search(str(guess))):
        return str(guess)
    if western is not None:
        return western
    if (text := _decode_mostly(data, "cp932")) is not None:
        return text
    guess = from_bytes(data).best()
    if guess is None:
        raise DocumentRejected("its character encoding is not recognised. Save it as text in UTF-8.")
    return str(guess)
