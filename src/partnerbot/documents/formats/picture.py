"""Pages and files that are pictures: how they are brought before the text recognition, and drawn."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.errors import DocumentRejected

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
"""Of picture files that may hold text."""

MOST_PIXELS = 40_000_000
"""An A3 page at 400 dots per inch has 31 million."""

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")
DOTS_PER_INCH = 150
"""Of pages: letters of 7 points are read as well as at 200, in half of the time."""
_LONGEST_SIDE = 2_400
"""Pixels, of a sheet or a picture that has more."""


def extract_picture(path: Path, limits: ReadingLimits) -> Extracted:
    """Return a picture as pages without text, for the text recognition to read."""
    with _opened(path) as image:
        pages = min(getattr(image, "n_frames", 1), limits.recognised_pages + 1)
    return Extracted(pages=("",) * pages, has_pages=True, pictures=tuple(range(1, pages + 1)))


def page_picture(path: Path, page: int, finer: float = 1) -> Image:
    """Return a page of a PDF or a picture file, counted from 1, in grey, as a reader sees it.

    `finer`: how many dots for each that the embedded recognition needs.

    Raises: DocumentRejected as `extract_picture`; whatever a broken file makes PDFium raise.
    """
    from PIL import ImageOps

    if path.suffix.lower() in ENDINGS:
        with _opened(path) as image:
            image.seek(page - 1)
            found = _on_white(ImageOps.exif_transpose(image))
        found.thumbnail((_LONGEST_SIDE * finer, _LONGEST_SIDE * finer))
        return found
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        sheet = document[page - 1]
        scale = finer * min(DOTS_PER_INCH / 72, _LONGEST_SIDE / max(sheet.get_size()))
        rendered: Image = sheet.render(scale=scale, grayscale=True).to_pil()
    return rendered


def _on_white(image: Image) -> Image:
    if not image.has_transparency_data:
        return image.convert("L")
    import PIL.Image

    sheet = PIL.Image.new("RGBA", image.size, "white")
    sheet.alpha_composite(image.convert("RGBA"))
    return sheet.convert("L")


def _opened(path: Path) -> Image:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(path, formats=_FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DocumentRejected(
            f"it has more than {MOST_PIXELS // 1_000_000} million pixels. Save it smaller."
        ) from error
    except UnidentifiedImageError as error:
        raise DocumentRejected("it is corrupt, or no picture. Save it again as .png or .jpg.") from error
