"""Answers as the bot gives them, made of their words and quotes alone."""

from __future__ import annotations

from typing import Any

from partnerbot.answering.answer import Answer, Citation


def answer(text: str, quotes: list[str], **known: Any) -> Answer:
    """An answer with a citation for each quote."""
    citations = [
        Citation(
            title="…",
            url=None,
            source=f"{number}.md",
            page=None,
            language="fr",
            published=None,
            number=number,
            quote=quote,
            start=0,
            end=len(quote),
            highlight=None,
            relevance=0.9,
        )
        for number, quote in enumerate(quotes, start=1)
    ]
    usual: dict[str, Any] = {
        "question": "?",
        "language": "fr",
        "status": "answered",
        "answer": text,
        "short_answer": None,
        "citations": citations,
        "related": [],
        "generator": "extractive",
        "warnings": [],
        "timings_ms": {},
    }
    return Answer(**(usual | known))
