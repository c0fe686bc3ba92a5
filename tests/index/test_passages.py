"""Passages: the units that are embedded, found and quoted."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document

from partnerbot.index.passages import Passage, display_width
from partnerbot.index.texts import split_into_passages


def document(text: str, language: str = "fr", source: str = "a.md") -> Document:
    return Document(page_content=text, metadata={"source": source, "title": "Titre", "language": language})


def texts(text: str, language: str = "fr") -> list[str]:
    return [passage.text for passage in split_into_passages(document(text, language)).passages]


FRENCH = (
    "La charte a été signée en avril 2009 à la mairie. M. Ozaki a reçu Mme Morin et J.-M. Roche le soir. "
    "La fiche n° 12 donne la liste des invités."
)
JAPANESE = (
    "市長は「また春に会いましょう。」と述べ、会場は拍手に包まれた。足湯の利用は無料で、毎日午前9時に開く。"
)


def test_a_passage_is_a_sentence() -> None:
    """French and Japanese alike, abbreviations and quotations whole."""
    assert [len(texts(FRENCH)), len(texts(JAPANESE, "ja"))] == [3, 2]
    assert texts(FRENCH)[1] == "M. Ozaki a reçu Mme Morin et J.-M. Roche le soir."
    assert texts(JAPANESE, "ja")[0] == "市長は「また春に会いましょう。」と述べ、会場は拍手に包まれた。"


def test_a_passage_knows_its_neighbours() -> None:
    """Its context reaches over a sentence beside it; the title is embedded with it."""
    first, second, third = split_into_passages(document(FRENCH)).passages
    assert second.context.endswith(f"{second.text} {third.text}")
    assert first.context.startswith(first.text)
    assert first.context.endswith(second.text)
    assert third.context.startswith(second.text)
    assert second.text_in_context == f"Titre\n{second.context}"


def test_a_passage_is_read_in_its_paragraph_and_under_its_heading() -> None:
    """A quote ends with its paragraph: what is read with a sentence should stand in it."""
    text = (
        "Les rencontres de Kirisawa\n\n"
        "La ville a reçu cinquante-quatre collectivités en 2024. La mairie avait invité leurs maires.\n\n"
        "Une exposition de céramiques s'est tenue à la gare."
    )
    heading, first, second, third = split_into_passages(document(text)).passages
    assert heading.heading == ""
    assert {one.heading for one in (first, second, third)} == {heading.text}
    assert first.context == second.context == f"{first.text} {second.text}"
    assert third.text_in_context.startswith("Titre – Les rencontres de Kirisawa\n")


def test_a_short_sentence_joins_the_next() -> None:
    """ "Oui." can't be found alone; at the end it joins the one before."""
    long = "La boutique vend des tommes affinées au saké."
    assert texts(f"Oui. {long}") == [f"Oui. {long}"]
    assert texts(f"{long} Oui.") == [f"{long} Oui."]
    assert texts("Oui.") == ["Oui."]


LIST = "- les artisans du papier et du bois\n- les écoles"
HEADING = "Les dates\n\nLa prochaine rencontre aura lieu en mai 2027 à Kirisawa."


def test_the_last_item_of_a_list_stays_in_it() -> None:
    """However short, it is no part of what comes next; a heading is of the text below it."""
    assert texts(f"{LIST}\n\n{HEADING}") == [LIST, HEADING]
    short = "Y prennent part plusieurs villes des deux pays :\n\n- Sèvre\n- Minato"
    assert texts(f"{short}\n\n{HEADING}") == [short, HEADING]


def test_a_row_of_a_table_is_a_passage() -> None:
    """Whole, whatever full stops are in it, and alone, however short."""
    rows = ["Ville: M. Ozaki. Sèvre | Année: 2019", "Sèvre | 2020", "Minato | 2021"]
    assert texts("\n".join(rows) + f"\n\n{HEADING}") == [*rows, HEADING]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Sont jumelées : " + ", ".join(f"la ville numéro {number}" for number in range(200))),
        ("ja", "参加した町は、" + "、".join(f"霧沢{number}番町" for number in range(200))),
        ("en", "x" * 5000),
        ("ja", "霧" * 3000),
    ],
)
def test_a_long_list_is_cut(language: str, text: str) -> None:
    """What has no full stop is cut, at a pause where there is one, and nothing is lost."""
    parts = texts(text, language)
    assert all(display_width(part) <= 725 for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    if "、" in text:
        assert all(part.endswith("、") for part in parts[:-1])
    if " " in text:
        assert " ".join(parts) == text


def test_a_text_without_a_full_stop_is_cut_in_time_proportional_to_its_length() -> None:
    """Of the square, a megabyte of characters would keep an indexer for a quarter of an hour."""

    def seconds(characters: int) -> float:
        took = []
        for _ in range(3):
            began = time.thread_time()
            texts("霧" * characters, "ja")
            took.append(time.thread_time() - began)
        return min(took)

    assert seconds(160_000) < 8 * seconds(40_000)


def test_a_context_stays_short() -> None:
    """Two very long neighbours would drown the sentence."""
    long = "mot " * 170 + "fin."
    passages = split_into_passages(document(f"{long} La charte date de 2009, dit-on. {long}")).passages
    (middle,) = (passage for passage in passages if "2009" in passage.text)
    assert display_width(middle.context) <= 1_000


def check(text: str, passages: list[Passage]) -> None:
    end = 0
    for passage in passages:
        assert passage.start >= end
        assert text[end : passage.start].strip() == ""
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""
        assert passage.context_start <= passage.start < passage.end <= passage.context_end
        assert text[passage.context_start : passage.context_end] == passage.context
        end = passage.end
    assert text[end:].strip() == ""


_WORDS = st.sampled_from(
    [
        "Oui.",
        "M.",
        "n°",
        "J.-M.",
        "Kirisawa",
        "2009,",
        "霧沢市",
        "「はい。」",
        "と",
        "。",
        "\n",
        "\n\n",
        " ",
        "😀",
        "é",
        "x" * 900,
        "霧" * 400,
    ]
)


@settings(max_examples=200)
@given(
    st.one_of(st.text(), st.lists(_WORDS, max_size=40).map("".join)),
    st.sampled_from(["fr", "ja", "en", "xx"]),
)
def test_passages_cover_the_whole_text(text: str, language: str) -> None:
    """In order, verbatim at their offsets, without overlap; only white space lies between."""
    check(text, split_into_passages(document(text, language)).passages)


@settings(max_examples=50)
@given(st.lists(_WORDS, max_size=40).map("".join))
def test_ids_are_stable_and_distinct(text: str) -> None:
    """Splitting again gives the same ids; two passages never share one, in one document or two."""
    passages = split_into_passages(document(text)).passages
    ids = [passage.id for passage in passages]
    assert [passage.id for passage in split_into_passages(document(text)).passages] == ids
    others = [passage.id for passage in split_into_passages(document(text, source="b.md")).passages]
    assert len(set(ids + others)) == len(ids) + len(others)


def test_an_id_does_not_depend_on_what_follows() -> None:
    """Text added at the end leaves the passages before it as they were."""
    before = split_into_passages(document(FRENCH)).passages
    after = split_into_passages(
        document(f"{FRENCH}\n\nUn paragraphe de plus, assez long pour lui seul.")
    ).passages
    assert [passage.id for passage in before] == [passage.id for passage in after[:-1]]
