"""A bot that says what the script tells it to: the outer edge of the web tests.

It answers as `partnerbot.bot.Partnerbot` does. Its documents are real
files in a folder, and every quote is a verbatim part of one of them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from partnerbot.answering.answer import Answer, Citation, Kind, Point, Related, Token, Turn
from partnerbot.answering.curated import CuratedAnswer
from partnerbot.documents.metadata import PAGE_STARTS
from partnerbot.errors import IndexUnavailable, QuestionRejected
from partnerbot.index.current import Readiness
from partnerbot.register.rows import Register
from partnerbot.settings import Settings

FRENCH = """Une coopération entre Kumamoto et Dijon

Les échanges ont commencé en 2010, autour de l’agroalimentaire. Par la suite, en 2020, Vitagora a ouvert \
son bureau japonais à Kumamoto, en collaboration avec les services du département.

En octobre de l’année dernière, les deux collectivités ont signé un protocole d’entente.
"""

JAPANESE = """熊本県とディジョン都市圏の交流

フランスの食品産業クラスター「ヴィタゴラ」は、2020年に熊本市内に日本事務所を開設しました。県は手続きを支援しました。
"""

PDF_PAGES = [
    "Rapport annuel",
    "Les rencontres",
    "La prochaine édition des rencontres se tiendra à Shizuoka, du 12 au 14 mai 2026.",
]

RECORD_LINES = ("交流は続いた。会議は2024年", "11月に静岡市で開かれた。翌年も続く。")
RECORD_FONT, RECORD_SIZE = "HeiseiKakuGo-W5", 12
RECORD_AT = ((80, 600), (80, 580))
"""Where its lines begin, in points from the bottom left of an A4 page."""

SEVERAL: dict[Kind, tuple[str, ...]] = {
    "overview": ("partnership", "partenariat", "交流について", "교류"),
    "howto": ("steps", "étapes", "手順", "절차"),
    "comparison": ("ompare",),
}
"""What replies of several parts are asked for with."""

MARKUP = "Fin <script>document.title='pwned'</script> <img src=x onerror=alert(1)> *étoile* $$x$$ [1]\n"


def simple_pdf(pages: Sequence[str]) -> bytes:
    """Write a small PDF with one line of Latin text on each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        stream = f"BT /F1 14 Tf 60 700 Td ({safe}) Tj ET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
            f"/Encoding /WinAnsiEncoding >> >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    )
    return body + end.encode("ascii")


def japanese_pdf(path: Path) -> None:
    """Write a sentence over two lines of a page, in a font that is not in the file."""
    registerFont(UnicodeCIDFont(RECORD_FONT))
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.setFont(RECORD_FONT, RECORD_SIZE)
    for line, (x, y) in zip(RECORD_LINES, RECORD_AT, strict=True):
        canvas.drawString(x, y, line)
    canvas.save()


READINESS = Readiness(
    documents=4,
    passages=9,
    model="scripted",
    languages={"fr": 3, "ja": 1},
    generation="000007",
    built_at="2026-11-01T02:00:00+00:00",
    age_seconds=3600,
    megabytes=12.5,
    written=None,
)
"""What the scripted bot says is loaded."""


class ScriptedBot:
    """Answers by a word in the question; anything else is not in the documents.

    "Vitagora", "ヴィタゴラ": answered with sources in two languages. "Shizuoka": from a
    PDF; "静岡": from a Japanese one. "partnership", "partenariat", "交流について", "교류": an overview of
    three documents; "steps", "étapes", "手順", "절차": a how-to; "compare": two sides. "Hello", "Bonjour",
    "こんにちは", "안녕": a conversational reply. "dernière", "last year", "昨年", "작년": with a warning.
    "markup": an answer whose every text is hostile. "broken": an unexpected exception.
    "offline": no index. "half": fails after two tokens. "slow": takes seconds; "moment": less
    than one; "lingers": ends long after its answer. "And …" follows the question before it. It keeps
    each history it was given.
    Its register is what `partnerships` is set to.
    """

    writer = None

    def __init__(self, folder: Path, *, index_ready: bool = True, **settings: Any) -> None:
        """`settings`: those that differ from the tests' own."""
        own: dict[str, Any] = {
            "documents": folder / "documents",
            "index": folder / "index",
            "state": folder / "state",
            "contact": "https://www.clairparis.org/",
            "appearance": folder / "appearance.toml",  # there is none
            # Tests ask more in a minute than a visitor may.
            "questions_per_minute": 0,
            "requests_per_minute": 0,
        }
        self.settings = Settings(**(own | settings))
        self.partnerships = Register()
        self.histories: list[list[Turn]] = []
        self.asked: list[tuple[str, str | None, str | None]] = []
        self._index_ready = index_ready
        documents = self.settings.documents
        documents.mkdir(parents=True)
        (documents / "dijon.fr.md").write_text(FRENCH, encoding="utf-8")
        (documents / "articles").mkdir()
        (documents / "articles" / "熊本 交流.md").write_text(JAPANESE, encoding="utf-8")
        (documents / "rapport.pdf").write_bytes(simple_pdf(PDF_PAGES))
        japanese_pdf(documents / "kiroku.pdf")
        (documents / "markup.html").write_text(MARKUP, encoding="utf-8")
        (documents / "not-indexed.md").write_text("Brouillon confidentiel.", encoding="utf-8")
        (folder / "secret.txt").write_text("hors du dossier", encoding="utf-8")
        url = "https://www.clairparis.org/fr/dijon-kumamoto"
        starts = [sum(len(page) + 1 for page in PDF_PAGES[:number]) for number in range(len(PDF_PAGES))]
        self._documents = {
            "dijon.fr.md": _document(
                FRENCH, "dijon.fr.md", "Une coopération entre Kumamoto et Dijon", "fr", "2024-07-01", url
            ),
            "articles/熊本 交流.md": _document(
                JAPANESE, "articles/熊本 交流.md", "熊本県とディジョン都市圏の交流", "ja", "2023-11", None
            ),
            "rapport.pdf": _document(
                "\n".join(PDF_PAGES), "rapport.pdf", "Rapport annuel des rencontres", "fr", "2025", None
            ),
            "markup.html": _document(
                MARKUP, "markup.html", "<b>Titre</b> & <img src=x>", "fr", None, "javascript:alert(1)"
            ),
        }

        self._documents["rapport.pdf"].metadata[PAGE_STARTS] = json.dumps(starts)
        record = _document("".join(RECORD_LINES), "kiroku.pdf", "会議の記録", "ja", "2024-12", None)
        record.metadata[PAGE_STARTS] = "[0]"
        self._documents["kiroku.pdf"] = record

    def add(self, source: str, document: Document) -> None:
        """Put a document into the index under any name."""
        self._documents[source] = document

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
    ) -> Answer:
        *_, answer = self.stream(question, history, language, interface_language)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
        left: threading.Event | None = None,  # noqa: ARG002  # a script has nothing to end
    ) -> Iterator[Token | Answer]:
        self.asked.append((question, language, interface_language))
        self.histories.append(list(history))
        if not question.strip():
            raise QuestionRejected("empty", "The question is empty.")
        if len(question) > 1000:
            raise QuestionRejected("too_long", "The question has more than 1,000 characters.")
        if not any(character.isalpha() for character in question):
            raise QuestionRejected("no_words", "The question has no words.")
        if "offline" in question or not self._index_ready:
            raise IndexUnavailable("There is no index. Run: partnerbot index")
        if "broken" in question:
            raise ZeroDivisionError("a defect")
        answer = self._answer(question, language or _language_of(question))
        if question.startswith("And "):
            before = [turn.content for turn in history if turn.role == "user"]
            answer = answer.model_copy(update={"follows": before[-1:]})
        pieces = answer.answer.split(" ")
        for number, piece in enumerate(pieces):
            if "half" in question and number == 2:
                raise IndexUnavailable("The index went away.")
            if "slow" in question:
                time.sleep(0.7)
            if "moment" in question and number == 0:
                time.sleep(0.4)
            yield Token(text=piece if number == len(pieces) - 1 else f"{piece} ")
        yield answer
        if "lingers" in question:
            time.sleep(2)

    def ready(self) -> Readiness:
        if not self._index_ready:
            raise IndexUnavailable("There is no index in index/. Run: partnerbot index")
        return READINESS

    def register(self) -> Register:
        self.ready()
        return self.partnerships

    def document_text(self, source: str) -> Document:
        if not self._index_ready:
            raise IndexUnavailable("There is no index in index/. Run: partnerbot index")
        return self._documents[source]

    def example_questions(self, language: str) -> list[str]:
        return {
            "fr": [
                "Quand Vitagora a-t-il ouvert son bureau de Kumamoto ?",
                "Où se tiendront les prochaines rencontres de Shizuoka ?",
                "Quand le protocole a-t-il été signé l’année dernière ?",
            ],
            "ja": [
                "ヴィタゴラはいつ熊本に事務所を開設しましたか？",
                "次の会議はShizuokaのどこで開かれますか？",
                "昨年、協定が結ばれたのはいつですか？",
            ],
            "en": [
                "When did Vitagora open its Kumamoto office?",
                "Where will the Shizuoka meetings be held?",
                "When was the agreement signed last year?",
            ],
        }.get(language, [])

    def question_of_staff(self, answer: Answer) -> tuple[str, str] | None:
        """None: staff answered nothing."""

    def answered_by(
        self, answer: CuratedAnswer, questions: Sequence[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        own = {question.casefold() for question in answer.questions}
        return [one for one in questions if one[0].casefold() in own]

    def documents(self, at_most: int) -> list[Document]:
        return list(self._documents.values())[:at_most]

    def quoted_answer(self, question: str, language: str) -> Answer:
        return self._answer(question, language)

    def _answer(self, question: str, language: str) -> Answer:
        if "slow" in question:
            words = " ".join(["mot"] * 12)
            return _answered(question, language, f"{words} [1]", None, [self._vitagora_fr(1)])
        if any(word in question for word in ("Hello", "Bonjour", "こんにちは", "안녕")):
            return self._greeting(question, language)
        for kind, words in SEVERAL.items():
            if any(word in question for word in words):
                return self._several(question, language, kind)
        if "Vitagora" in question or "ヴィタゴラ" in question or "half" in question:
            text = {
                "fr": "Vitagora a ouvert ce bureau en 2020 [1] [2].",
                "ja": "フランス語の資料によると、2020年に開設されました[1][2]。",
                "ko": "프랑스어 자료에 따르면 2020년에 문을 열었습니다 [1] [2].",
                "en": "According to documents in French and Japanese, it opened in 2020 [1] [2].",
            }[language]
            short = "2020年" if language == "ja" else "2020"
            return _answered(question, language, text, short, [self._vitagora_fr(1), self._vitagora_ja(2)])
        if "Shizuoka" in question:
            quote = "La prochaine édition des rencontres se tiendra à Shizuoka, du 12 au 14 mai 2026."
            citation = self._cite(1, "rapport.pdf", quote, "Shizuoka", page=3)
            return _answered(question, language, "Shizuoka [1]", "Shizuoka", [citation])
        if "静岡" in question:
            quote = "会議は2024年11月に静岡市で開かれた。"
            citation = self._cite(1, "kiroku.pdf", quote, "静岡市", page=1)
            return _answered(question, language, f"{quote}[1]", "静岡市", [citation])
        if any(word in question for word in ("dernière", "last year", "昨年", "작년")):
            quote = "En octobre de l’année dernière, les deux collectivités ont signé un protocole d’entente."
            warning = {
                "fr": "« L’année dernière » s’entend par rapport à l’article\u00a0: 1er juillet 2024.",
                "ja": "「昨年」は、記事の日付（2024年7月1日）を基準にした表現です。",
                "en": "“Last year” is relative to the date of the article: 1 July 2024.",
                "ko": "‘작년’은 기사 날짜(2024년 7월 1일)를 기준으로 합니다.",
            }[language]
            citation = self._cite(1, "dijon.fr.md", quote, "octobre de l’année dernière")
            answer = _answered(question, language, f"{quote} [1]", None, [citation])
            return answer.model_copy(update={"warnings": [warning]})
        if "markup" in question:
            citation = self._cite(1, "markup.html", MARKUP.strip(), "*étoile*")
            text = f"{MARKUP.strip()}\n\n<h1>x</h1>"
            return _answered(question, language, text, "<i>court</i>", [citation])
        sentences = {
            "ko": "자료에는 이에 대한 내용이 없습니다.",
            "fr": "Nos documents ne disent rien à ce sujet.",
            "ja": "資料には、この点についての記載がありません。",
            "en": "Our documents say nothing about this.",
        }
        return Answer(
            question=question,
            language=language,
            status="not_in_documents",
            answer=sentences[language],
            short_answer=None,
            citations=[],
            related=[
                Related(**self._reference("dijon.fr.md")),
                Related(**self._reference("articles/熊本 交流.md")),
            ],
            generator="scripted",
            warnings=[],
            timings_ms={"total": 1.0},
        )

    def _greeting(self, question: str, language: str) -> Answer:
        text = {
            "fr": "Bonjour !\nJe réponds d’après nos documents. Écrivez à contact@clairparis.org, ou voyez "
            "https://www.clairparis.org/fr/contact.",
            "ja": "こんにちは。\n資料をもとにお答えします。お問い合わせはcontact@clairparis.orgまで"
            "（https://www.clairparis.org/ja/contact）。",
            "en": "Hello!\nI answer from our documents. Write to contact@clairparis.org, or see "
            "https://www.clairparis.org/en/contact.",
            "ko": "안녕하세요.\n자료를 바탕으로 답합니다. 문의: contact@clairparis.org "
            "(https://www.clairparis.org/en/contact)",
        }[language]
        return _answered(question, language, text, None, []).model_copy(update={"kind": "conversation"})

    def _several(self, question: str, language: str, kind: Kind) -> Answer:
        """Say three things from two documents and a part of a quote; as a comparison, under two labels."""
        meetings = "La prochaine édition des rencontres se tiendra à Shizuoka, du 12 au 14 mai 2026."
        citations = [
            self._vitagora_fr(1),
            self._vitagora_ja(2),
            self._cite(3, "rapport.pdf", meetings, "Shizuoka", page=3),
        ]
        lead = {
            "fr": "Voici ce que disent nos documents\u00a0: [1] [2] [3]",
            "ja": "資料には次のように書かれています。[1][2][3]",
            "en": "Here is what our documents say: [1] [2] [3]",
            "ko": "자료에는 다음과 같이 나와 있습니다. [1] [2] [3]",
        }[language]
        one, other = ("Dijon", "Shizuoka") if kind == "comparison" else (None, None)
        points = [
            Point(text=citations[0].quote.partition(", en coll")[0], citations=[1], label=one),
            Point(text=citations[1].quote, citations=[2, 1], label=one),
            Point(text=citations[2].quote, citations=[3], label=other),
        ]
        answer = _answered(question, language, lead, None, citations)
        return answer.model_copy(update={"kind": kind, "points": points})

    def _vitagora_fr(self, number: int) -> Citation:
        quote = (
            "Par la suite, en 2020, Vitagora a ouvert son bureau japonais à Kumamoto, "
            "en collaboration avec les services du département."
        )
        return self._cite(number, "dijon.fr.md", quote, "2020")

    def _vitagora_ja(self, number: int) -> Citation:
        quote = "フランスの食品産業クラスター「ヴィタゴラ」は、2020年に熊本市内に日本事務所を開設しました。"
        return self._cite(number, "articles/熊本 交流.md", quote, "2020年")

    def _reference(self, source: str, page: int | None = None) -> dict[str, object]:
        about = self._documents[source].metadata
        return {
            "title": about["title"],
            "url": about.get("url"),
            "source": source,
            "page": page,
            "language": about["language"],
            "published": about.get("published"),
        }

    def _cite(
        self, number: int, source: str, quote: str, highlight: str, page: int | None = None
    ) -> Citation:
        start = self._documents[source].page_content.index(quote)
        at = quote.index(highlight)
        return Citation.model_validate(
            {
                **self._reference(source, page),
                "number": number,
                "quote": quote,
                "start": start,
                "end": start + len(quote),
                "highlight": (at, at + len(highlight)),
                "relevance": 0.9,
            }
        )


def _document(
    text: str, source: str, title: str, language: str, published: str | None, url: str | None
) -> Document:
    optional = {"published": published, "url": url}
    return Document(
        page_content=text,
        metadata={
            "source": source,
            "title": title,
            "language": language,
            **{key: value for key, value in optional.items() if value},
        },
    )


def _language_of(question: str) -> str:
    if any("\u3040" <= character <= "\u9fff" for character in question):
        return "ja"
    if any("\uac00" <= character <= "\ud7a3" for character in question):
        return "ko"
    return "en" if question.lower().startswith(("when", "where", "what")) else "fr"


def _answered(
    question: str, language: str, answer: str, short_answer: str | None, citations: list[Citation]
) -> Answer:
    return Answer(
        question=question,
        language=language,
        status="answered",
        answer=answer,
        short_answer=short_answer,
        citations=citations,
        related=[],
        generator="scripted",
        warnings=[],
        timings_ms={"total": 1.0},
    )
