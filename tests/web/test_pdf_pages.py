"""The pictures of PDF pages and the boxes on them, against where the text was really put."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from pathlib import Path

import pytest
from langchain_core.documents import Document
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from event_loops import run_apart
from partnerbot.web.limits.waiting_room import WaitingRoom
from partnerbot.web.links import QuotedSpan
from partnerbot.web.sources.pdf_page_child import letters, places
from partnerbot.web.sources.source_pages import AT_ONCE, WAITING, PdfPage, Rectangle, page_of

WIDTH, HEIGHT = 595.0, 842.0
FRENCH = "Helvetica"
JAPANESE = "HeiseiKakuGo-W5"
SIZE = 12.0


@pytest.fixture(scope="module", autouse=True)
def japanese_font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(JAPANESE))


def write(path: Path, pages: list[list[tuple[str, str, float, float]]], rotate: int = 0) -> Path:
    """Write a PDF whose pages hold lines: font, text, and where they begin in points from the bottom."""
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    for lines in pages:
        canvas.setPageRotation(rotate)
        for font, text, x, y in lines:
            canvas.setFont(font, SIZE)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return path


def document(*pages: str) -> Document:
    starts = [sum(len(page) + 1 for page in pages[:number]) for number in range(len(pages))]
    return Document(page_content="\n".join(pages), metadata={"page_starts": json.dumps(starts)})


def drawn_page(path: Path, about: Document, passage: QuotedSpan) -> PdfPage | None:
    return run_apart(page_of(WaitingRoom(1, 0), path, about, passage, "client"))


def boxes_of(
    path: Path, about: Document, quote: str, answer: str, nth: int = 0
) -> tuple[list[Rectangle], list[Rectangle]]:
    """Return the boxes of the quote and of the answer, in points from the top left."""
    start = -1
    for _ in range(nth + 1):
        start = about.page_content.index(quote, start + 1)
    at = quote.index(answer)
    page = drawn_page(path, about, QuotedSpan(start, start + len(quote), (at, at + len(answer))))
    assert page is not None
    assert Image.open(io.BytesIO(page.picture)).size == (page.width, page.height)
    scale = page.width / WIDTH if page.width < page.height else page.width / HEIGHT
    return tuple(
        [tuple(side / scale for side in box) for box in boxes] for boxes in (page.quote, page.answer)
    )  # type: ignore[return-value]


def sits_on(box: Rectangle, font: str, before: str, text: str, x: float, y: float) -> bool:
    """Whether a box covers `text`, which follows `before` on a line that begins at x, y."""
    left = x + pdfmetrics.stringWidth(before, font, SIZE)
    right = left + pdfmetrics.stringWidth(text, font, SIZE)
    on_line = box[1] < HEIGHT - y - SIZE * 0.5 and HEIGHT - y - 1 < box[3] < HEIGHT - y + SIZE * 0.5
    return abs(box[0] - left) < 2 and abs(box[2] - right) < 2.5 and on_line


def test_a_french_sentence_is_marked_where_it_stands(tmp_path: Path) -> None:
    """On the second page, after other words of its line; the answer inside it apart."""
    line = "Avant. La charte fut signée le 3 mai 2019 à Kirisawa."
    path = write(tmp_path / "a.pdf", [[(FRENCH, "Page une", 50, 800)], [(FRENCH, line, 50, 700)]])
    about = document("Page une", line)
    (quote,), (answer,) = boxes_of(
        path, about, "La charte fut signée le 3 mai 2019 à Kirisawa.", "3 mai 2019"
    )
    assert sits_on(quote, FRENCH, "Avant. ", "La charte fut signée le 3 mai 2019 à Kirisawa", 50, 700)
    assert sits_on(answer, FRENCH, "Avant. La charte fut signée le ", "3 mai 2019", 50, 700)


def test_a_japanese_sentence_over_two_lines_is_marked_on_both(tmp_path: Path) -> None:
    """Each line has its own box; the index has the lines joined."""
    first, second = "交流は続いた。足湯は2019年", "5月に駅前で開業した。翌年も続く。"
    path = write(tmp_path / "ja.pdf", [[(JAPANESE, first, 80, 600), (JAPANESE, second, 80, 580)]])
    about = document(first + second)
    quote, answer = boxes_of(path, about, "足湯は2019年5月に駅前で開業した。", "駅前")
    assert len(quote) == 2
    assert sits_on(quote[0], JAPANESE, "交流は続いた。", "足湯は2019年", 80, 600)
    assert sits_on(quote[1], JAPANESE, "", "5月に駅前で開業した", 80, 580)
    assert sits_on(answer[0], JAPANESE, "5月に", "駅前", 80, 580)


def test_of_equal_sentences_the_cited_one_is_marked(tmp_path: Path) -> None:
    """The second, where the passage is the second."""
    lines = ["Total : 2020", "Autre ligne", "Total : 2020"]
    path = write(tmp_path / "b.pdf", [[(FRENCH, line, 50, 700 - 40 * n) for n, line in enumerate(lines)]])
    (quote,), _ = boxes_of(path, document("\n".join(lines)), "Total : 2020", "2020", nth=1)
    assert sits_on(quote, FRENCH, "", "Total : 2020", 50, 620)


def test_a_row_is_marked_without_the_headings_that_it_says(tmp_path: Path) -> None:
    """They stand elsewhere on the page; of rows alike, the cited one is marked."""
    rows = [("Ville", "Année"), ("Valmont", "2019"), ("Brume", "2021"), ("Valmont", "2019")]
    cells = [
        (FRENCH, cell, 50 + 90 * at, 700 - 40 * n)
        for n, row in enumerate(rows)
        for at, cell in enumerate(row)
    ]
    path = write(tmp_path / "t.pdf", [cells])
    row = "Ville: Valmont | Année: 2019"
    text = f"{row}\nVille: Brume | Année: 2021\n{row}"
    quote, answer = boxes_of(path, document(text), row, "2019", nth=1)
    assert sits_on(quote[0], FRENCH, "", "Valmont", 50, 580)
    assert sits_on(quote[1], FRENCH, "", "2019", 140, 580)
    assert [sits_on(box, FRENCH, "", "2019", 140, 580) for box in answer] == [True]


def test_hyphens_at_line_ends_do_not_hide_the_words(tmp_path: Path) -> None:
    """Cleaning has joined the word; on the page it is in two parts."""
    path = write(
        tmp_path / "c.pdf",
        [[(FRENCH, "Un accord de coopé-", 50, 700), (FRENCH, "ration fut signé.", 50, 680)]],
    )
    quote, _ = boxes_of(
        path, document("Un accord de coopération fut signé."), "Un accord de coopération fut signé.", "accord"
    )
    assert len(quote) == 2


def test_a_turned_page_is_marked_as_it_is_shown(tmp_path: Path) -> None:
    """A landscape scan: the box is as the picture is turned."""
    path = write(tmp_path / "d.pdf", [[(FRENCH, "Une phrase sur le côté.", 100, 700)]], rotate=90)
    (quote,), _ = boxes_of(path, document("Une phrase sur le côté."), "Une phrase sur le côté.", "phrase")
    # Turned clockwise, the text runs down, and its old baseline at 700 is 700 from the left.
    assert abs(quote[0] - 700) < 6
    assert abs(quote[1] - 100) < 3


def test_what_is_no_pdf_gives_no_page(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the reason; the passage can be shown as text."""
    broken = tmp_path / "x.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing")
    assert drawn_page(broken, document("Une phrase."), QuotedSpan(0, 10, None)) is None
    assert "can't be drawn" in caplog.text


def test_who_asks_for_many_pages_is_shown_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While some wait, further ones get none at once, and text instead; afterwards all is as before."""
    path = write(tmp_path / "e.pdf", [[(FRENCH, "Une phrase.", 50, 700)]])
    drawing = threading.Event()
    drawn = PdfPage(1, b"", 1, 1, [], [])
    monkeypatch.setattr("partnerbot.web.sources.source_pages._drawn", lambda *_: drawing.wait(20) and drawn)

    async def scene() -> None:
        room, about = WaitingRoom(AT_ONCE, WAITING), document("Une phrase.")

        def ask(number: int) -> asyncio.Task[PdfPage | None]:
            client = f"client {number}"
            return asyncio.create_task(page_of(room, path, about, QuotedSpan(0, number, None), client))

        served = [ask(number) for number in range(1, AT_ONCE + WAITING + 1)]
        try:
            await asyncio.sleep(0)
            assert await asyncio.wait_for(ask(len(served) + 1), 5) is None
        finally:
            drawing.set()
        assert await asyncio.wait_for(asyncio.gather(*served), 10) == [drawn] * len(served)
        assert await ask(len(served) + 1) == drawn

    run_apart(scene())


def test_one_client_leaves_pages_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has one drawn at a time and waits for few; another's is drawn meanwhile."""
    path = write(tmp_path / "f.pdf", [[(FRENCH, "Une phrase.", 50, 700)]])
    going_on, begun = threading.Event(), []
    drawn = PdfPage(1, b"", 1, 1, [], [])

    def draw(_file: Path, _changed: int, _number: int, asked: bytes) -> PdfPage:
        quote = json.loads(asked)["quote"]
        begun.append(quote)
        if quote != "Une phrase.":
            going_on.wait(20)
        return drawn

    monkeypatch.setattr("partnerbot.web.sources.source_pages._drawn", draw)

    async def scene() -> None:
        room, about = WaitingRoom(AT_ONCE, WAITING), document("Une phrase.")

        def ask(end: int, client: str) -> asyncio.Task[PdfPage | None]:
            return asyncio.create_task(page_of(room, path, about, QuotedSpan(0, end, None), client))

        rude = [ask(end, "rude") for end in range(1, 6)]
        try:
            told, _ = await asyncio.wait(rude, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            assert {each.result() for each in told} == {None}
            while not begun:  # its thread may be slow to start
                await asyncio.sleep(0.01)
            assert await asyncio.wait_for(ask(11, "polite"), 5) == drawn
            assert begun == ["U", "Une phrase."]
        finally:
            going_on.set()
        assert (await asyncio.wait_for(asyncio.gather(*rude), 10)).count(drawn) == 3

    run_apart(scene())


def test_text_is_compared_by_its_letters() -> None:
    """Widths, ligatures, hyphens and spaces don't count; places are in the original."""
    assert letters("ﬁn ２０年")[0] == letters("fin 20 年")[0]
    assert places("bcd", "abcdabcd", expected=6) == [(0, 5, 3)]
    assert places("première moitiédeuxième", "premièremoitié…deuxième", 0) != []
