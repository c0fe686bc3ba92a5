"""Pages of text as a scanner sees them: pictures, tilted and noisy, in a PDF or alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

SIZE, LEADING, LEFT, TOP = 12.0, 20.0, 60.0, 60.0
"""Of the letters and lines of a page, in points."""

WIDTH, HEIGHT = A4[0], 240.0
"""Of a page, in points: recognition takes time in proportion."""


def sheet(lines: Sequence[str], *, degrees: float = 0.0, dots_per_inch: int = 150) -> Image.Image:
    """Return a page with these lines, turned counterclockwise by so many degrees, with a scanner's noise."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT))
    canvas.setFont("Helvetica", SIZE)
    for row, line in enumerate(lines):
        canvas.drawString(LEFT, HEIGHT - TOP - LEADING * row, line)
    canvas.save()
    page = pypdfium2.PdfDocument(file.getvalue())[0]
    image = page.render(scale=dots_per_inch / 72, grayscale=True).to_pil()
    image = image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)
    noise = np.random.default_rng(1).normal(0, 10, (image.height, image.width))
    return Image.fromarray(np.clip(np.asarray(image, float) + noise, 0, 255).astype("uint8"))


def write_scan(path: Path, pages: Sequence[Image.Image | Sequence[str]]) -> Path:
    """Write a PDF of pictures and of pages with lines of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    for page in pages:
        if isinstance(page, Image.Image):
            canvas.drawImage(ImageReader(page), 0, 0, WIDTH, HEIGHT)
        else:
            for row, line in enumerate(page):
                canvas.drawString(LEFT, HEIGHT - TOP - LEADING * row, line)
        canvas.showPage()
    canvas.save()
    return path
