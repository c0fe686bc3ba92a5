"""A folder of files becomes documents; every file that doesn't is named with its reason."""

from __future__ import annotations

import os
import zipfile
from contextlib import suppress
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from folders import LoadedDocuments, load_documents, load_one, write
from hostile_files import valid_docx
from partnerbot.documents.decoding import decode
from partnerbot.documents.formats.html import visible_text
from partnerbot.documents.loading import (
    MAX_FILE_BYTES,
    SkippedFile,
    load_document,
    survey,
)
from partnerbot.documents.metadata import iso_date
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import ConfigurationError, DocumentRejected

FRENCH = "La métropole de Valmont et le département d’Iwamori ont signé un accord en mai 2019."
JAPANESE = "岩森県とヴァルモン都市圏は、2019年5月に協定を結びました。"


def reason(folder: Path, name: str, content: str | bytes) -> str:
    """Return why a folder's only file is skipped."""
    write(folder / name, content)
    loaded = load_documents(folder)
    assert loaded.documents == []
    (skipped,) = loaded.skipped
    assert skipped.source == name
    return skipped.reason


# The folder


def test_files_are_found_recursively_in_order(tmp_path: Path) -> None:
    """Every folder below is looked into; the order is that of the paths."""
    for name in ("b.md", "a/z.txt", "a/b/c.html", "c.unknown"):
        write(tmp_path / name, FRENCH)
    assert list(survey(tmp_path).files) == ["a/b/c.html", "a/z.txt", "b.md", "c.unknown"]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.md",
        ".git/notes.md",
        "~$accord.docx",
        "notes.md.swp",
        "big.pdf.part",
        "notes.md~",
        "accord.pdf.yaml",
        "Thumbs.db",
    ],
)
def test_files_nobody_means_as_documents_are_left_out(tmp_path: Path, name: str) -> None:
    """Hidden and temporary files and the YAML beside PDFs are neither loaded nor skipped."""
    write(tmp_path / name, FRENCH)
    assert load_documents(tmp_path) == LoadedDocuments([], [])


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A link can't publish what lies elsewhere on the machine; one that stays inside is followed."""
    secret = write(tmp_path / "elsewhere" / "secret.txt", FRENCH)
    folder = tmp_path / "documents"
    write(folder / "kept.md", FRENCH)
    (folder / "inside.md").symlink_to(folder / "kept.md")
    (folder / "secret.txt").symlink_to(secret)
    (folder / "everything").symlink_to(tmp_path / "elsewhere")
    (folder / "broken.md").symlink_to(folder / "missing.md")
    loaded = load_documents(folder)
    assert [document.metadata["source"] for document in loaded.documents] == ["inside.md", "kept.md"]
    reasons = {file.source: file.reason for file in loaded.skipped}
    assert sorted(reasons) == ["broken.md", "everything", "secret.txt"]
    assert "leads out" in reasons["secret.txt"]
    assert "leads out" in reasons["everything"]
    assert "leads nowhere" in reasons["broken.md"]


def test_missing_folder_is_a_matter_of_configuration(tmp_path: Path) -> None:
    """The message names the folder and the setting."""
    with pytest.raises(ConfigurationError, match="PARTNERBOT_DOCUMENTS"):
        load_documents(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError):
        load_documents(write(tmp_path / "file.md", FRENCH))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.md", "", "empty"),
        ("blank.txt", " \n\u3000\n", "no text"),
        ("marks.md", "---\ntitle: Rien\n---\n\n***\n", "no text"),
        ("film.mp4", "x", "type .mp4 is not known"),
        ("README", "x", "type (none) is not known. Save it as .docx"),
        ("photo.HEIC", "x", "type .heic is not known. Save it as .jpg"),
        ("binary.txt", bytes(range(256)) * 4, "binary"),
        ("broken.docx", b"PK\x03\x04 not a zip", "corrupt"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "password"),
        ("empty.html", "<html><head><title>Rien</title></head><body></body></html>", "no text"),
        ("broken.pdf", "%PDF-1.4", "corrupt"),
    ],
)
def test_file_that_can_not_be_read_is_named(
    tmp_path: Path, name: str, content: str | bytes, words: str
) -> None:
    """Each skipped file has a reason in plain words."""
    assert words in reason(tmp_path, name, content)


def test_file_too_large_is_named_unread(tmp_path: Path) -> None:
    """The size alone decides, before anything is read into memory."""
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    (skipped,) = load_documents(tmp_path).skipped
    assert "too large" in skipped.reason


def test_special_file_is_not_opened(tmp_path: Path) -> None:
    """Opening a pipe would wait forever."""
    os.mkfifo(tmp_path / "pipe.md")
    (skipped,) = load_documents(tmp_path).skipped
    assert "no regular file" in skipped.reason


def test_name_that_is_no_text_is_named(tmp_path: Path) -> None:
    """A file name in another encoding can't be shown or linked; the reason can."""
    try:
        write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")), FRENCH)
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert load_documents(tmp_path).skipped == [
        SkippedFile("caf?.md", "its name is not valid UTF-8. Rename it.")
    ]


# Front matter


def test_front_matter_states_the_metadata(tmp_path: Path) -> None:
    """What the owner states wins over what the text says; unknown keys are ignored."""
    text, metadata = load_one(
        tmp_path,
        "fr/accord.md",
        "---\ntitle: 'Accord : le bois'\nlanguage: FR-fr\npublished: 2019-05-06\n"
        "url: https://example.org/accord\ntranslation_of: ja/kyotei.md\nauthor: nobody\n---\n"
        f"# Un titre\n\n{FRENCH}\n",
    )
    assert text == f"Un titre\n\n{FRENCH}"
    assert metadata == {
        "source": "fr/accord.md",
        "title": "Accord : le bois",
        "language": "fr",
        "published": "2019-05-06",
        "url": "https://example.org/accord",
        "translation_of": "ja/kyotei.md",
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2019", "2019"),
        ("2019-05", "2019-05"),
        ("2019-05-06", "2019-05-06"),
        ("'2019-05-06'", "2019-05-06"),
        ("2019-05-06T10:30:00+09:00", "2019-05-06"),
        ("2019-05-06 10:30:00", "2019-05-06"),
    ],
)
def test_dates_keep_their_precision(tmp_path: Path, written: str, read: str) -> None:
    """A year is no first of January."""
    _, metadata = load_one(tmp_path, "a.md", f"---\npublished: {written}\n---\n{FRENCH}")
    assert metadata["published"] == read


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("title: [a, b]", ("title", "a list")),
        ("language: {fr: ja}", ("language", "a mapping")),
        ("published: 2024-13-45", ("published", "'2024-13-45'", "2024-07-01")),
        ("published: mai 2024", ("published", "'mai 2024'", "2024-07")),
        ("url: www.example.org", ("url", "'www.example.org'", "https://")),
        ("url: javascript:alert(1)", ("url", "'javascript:alert(1)'", "https://")),
        ("url: https://good.example@evil.example/", ("url", "good.example@", "without a user's name")),
        ("alternates: [https://good.example:80@evil.example/]", ("alternates", "a list")),
        ("title: &a Dijon\nurl: *a", ("not valid YAML", "line 3", "alias")),
        ("title: a: b: c", ("not valid YAML", "quotes")),
        ("layout: post\ntitle: a: b: c", ("not valid YAML", "quotes")),
        ("published: false", ("published: false", "Leave the key out")),
    ],
)
def test_wrong_front_matter_is_named(tmp_path: Path, block: str, words: tuple[str, ...]) -> None:
    """The reason names the key, its value and what to write."""
    told = reason(tmp_path, "a.md", f"---\n{block}\n---\n{FRENCH}")
    for word in words:
        assert word in told


@pytest.mark.parametrize("key", ["title", "url", "published", "alternates", "author"])
def test_a_block_stands_for_no_more_than_it_says(tmp_path: Path, key: str) -> None:
    """Lists of lists of lists by their names would be read for minutes, and printed whole."""
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 12))
    told = reason(tmp_path, "a.md", f"---\n{bomb}{key}: *a11\n---\n{FRENCH}")
    assert "alias" in told
    assert len(told) < 400


@pytest.mark.parametrize("value", ["x" * 15_000, f"[{'x, ' * 5_000}]"])
@pytest.mark.parametrize("key", ["title", "url", "published", "alternates"])
def test_a_reason_is_short_whatever_is_stated(tmp_path: Path, key: str, value: str) -> None:
    """It names the key, and of what is wrong there the beginning or the kind."""
    if (key, value[0]) == ("title", "x"):
        return
    told = reason(tmp_path, "a.md", f"---\n{key}: {value}\n---\n{FRENCH}")
    assert key in told
    assert len(told) < 400


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("published: true\ndate: 2024-07-01 09:30:00 +0900", "2024-07-01"),
        ("date: 2024-07", "2024-07"),
        ("date: 2024-07\npublished: 2025", "2025"),
        ("published: yes", None),
        ("date: 1 July 2024", None),
        ("date: [2024]", None),
    ],
)
def test_dates_as_other_programs_state_them(tmp_path: Path, written: str, read: str | None) -> None:
    """Jekyll and Hugo name it date; what they say otherwise is no reason to leave the file out."""
    _, metadata = load_one(tmp_path, "a.md", f"---\n{written}\n---\n{FRENCH}")
    assert metadata.get("published") == read


@pytest.mark.parametrize("written", ["jp", "Klingonais", "Suomi", "fr ja"])
def test_language_that_is_none_is_told_by_the_text(
    tmp_path: Path, written: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The document is there all the same, and what was written is named."""
    _, metadata = load_one(tmp_path, "a.md", f"---\nlanguage: {written}\n---\n{FRENCH}")
    assert metadata["language"] == "fr"
    assert f"a.md: its language was found from its text, since '{written}'" in caplog.text


def test_front_matter_without_its_end_is_named(tmp_path: Path) -> None:
    """A forgotten line --- would otherwise make the metadata text."""
    assert "no end" in reason(tmp_path, "a.md", f"---\ntitle: Accord\n\n{FRENCH}")


def test_language_no_is_norwegian(tmp_path: Path) -> None:
    """YAML's words for true and false are languages here."""
    _, metadata = load_one(tmp_path, "a.txt", f"---\nlanguage: no\n---\n{FRENCH}")
    assert metadata["language"] == "no"


def test_rule_at_the_start_is_no_front_matter(tmp_path: Path) -> None:
    """A text may begin with a line of dashes, and have another one below."""
    text, _ = load_one(tmp_path, "a.md", f"---\n\n{FRENCH}")
    assert text == FRENCH
    for between in (FRENCH, "# Un accord", "Le projet : un accord", f"- le bois\n\n{FRENCH}", FRENCH * 300):
        text, _ = load_one(tmp_path, "a.md", f"---\n\n{between}\n\n---\n\n{JAPANESE}")
        assert between.removeprefix("# ")[-10:] in text
        assert text.endswith(JAPANESE)


@pytest.mark.parametrize("date", ["2024-02-30", "24-01-01", "2024-1-1", "demain", ""])
def test_no_real_date(date: str) -> None:
    """Only ISO dates that exist are dates."""
    assert iso_date(date) is None


# Encodings


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (JAPANESE, "utf-8"),
        (JAPANESE, "utf-8-sig"),
        (JAPANESE, "utf-16"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        ("岩森県", "shift_jis"),
        ("岩森県", "euc_jp"),
        ("くまモン", "shift_jis"),
        (FRENCH, "cp1252"),
        ("Où va l'été ?", "iso-8859-1"),
        ("Café", "iso-8859-1"),
        ("GÉNÉRAL", "iso-8859-1"),
        ("Coûte 12 € – œuvre d’art", "cp1252"),
    ],
)
def test_text_in_any_usual_encoding(text: str, encoding: str) -> None:
    """Japanese and French are read right even where there are only a few bytes to tell by."""
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("shift_jis", "Shift_JIS"),
        ("euc_jp", "EUC-JP"),
        ("cp932", "x-sjis"),
        ("utf-8", "utf-8"),
        ("utf-8", "UTF-16"),
        ("shift_jis", "utf-8"),
    ],
)
def test_page_in_the_charset_it_declares(tmp_path: Path, encoding: str, declared: str) -> None:
    """The charset of a page's meta element decides, unless it is plainly wrong; UTF-16 there means UTF-8."""
    page = f"<html><head><meta charset='{declared}'></head><body><p>{JAPANESE}</p></body></html>"
    text, _ = load_one(tmp_path, "a.html", page.encode(encoding))
    assert JAPANESE in text


@pytest.mark.parametrize(
    ("data", "declared", "read"),
    [
        (FRENCH.encode() + b" Sign\xe9.", "utf-8", FRENCH + " Sign\ufffd."),
        (FRENCH.encode() + b" Sign\xe9.", None, FRENCH + " Sign\ufffd."),
        (JAPANESE.encode()[:-1], None, JAPANESE[:-1] + "\ufffd"),
        (JAPANESE.encode("cp932")[:-1], "Shift_JIS", JAPANESE[:-1] + "\ufffd"),
        (JAPANESE.encode("cp932")[:-1], None, JAPANESE[:-1] + "\ufffd"),
        (JAPANESE.encode("euc_jp")[:-1], "EUC-JP", JAPANESE[:-1] + "\ufffd"),
        (JAPANESE.encode("euc_jp")[:-1], None, JAPANESE[:-1] + "\ufffd"),
    ],
)
def test_one_bad_byte_spoils_no_other(data: bytes, declared: str | None, read: str) -> None:
    """A stray byte, or a character cut in its middle, is a mark of its own, as in a browser."""
    assert decode(data, declared_by_server=declared) == read


@pytest.mark.parametrize("declared", ["EUC-JP", None])
def test_characters_that_windows_added_to_japanese(declared: str | None) -> None:
    """Numbers in circles, abbreviations and variants of names are read in EUC-JP as in Shift_JIS."""
    added = b"\xad\xa1\xad\xea\xfc\xe2\xf9\xa1"
    assert decode(added + JAPANESE.encode("euc_jp"), declared_by_server=declared) == "①㈱髙纊" + JAPANESE


def test_page_whose_description_is_cut_within_a_character(tmp_path: Path) -> None:
    """A program that counted bytes spoilt the head of the page; its text is whole."""
    cut = JAPANESE.encode()[:20].decode("utf-8", "ignore").encode() + b"\xe3\x81"
    head = b"<html><head><meta charset='utf-8'><meta name='description' content='" + cut + b"'></head>"
    text, _ = load_one(tmp_path, "a.html", head + f"<body><p>{JAPANESE}</p></body></html>".encode())
    assert text == JAPANESE


def test_line_ends_of_any_system() -> None:
    """Windows and old Macintosh line ends are line ends."""
    assert decode(b"a\r\nb\rc\n") == "a\nb\nc\n"


@settings(max_examples=150)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, declared: bool) -> None:
    """No bytes break the reading."""
    try:
        assert isinstance(decode(data, declared_in_html=declared), str)
    except DocumentRejected as refused:
        assert "UTF-8" in str(refused)  # noqa: PT017


# Markdown and plain text


def test_markdown_becomes_the_text_a_reader_sees(tmp_path: Path) -> None:
    """Marks go; headings, items, rows and code keep their words and their place."""
    text, metadata = load_one(
        tmp_path,
        "a.md",
        "Un accord\n=========\n\n"
        "La **métropole** de [Valmont](https://example.org) a _signé_ un accord\n"
        "de coopé-\nration avec `Iwamori`.\n\n"
        "## Les thèmes\n\n- le bois\n- les *sources*\n    1. chaudes\n    2. froides\n\n"
        "![Les maires devant la scierie](p1100457reduit.jpg)\n\n"
        "| Ville | Année |\n|---|---|\n| Valmont | 2019 |\n| **Brume** | 2021 |\n\n"
        "```\nun code\n```\n\n> Une citation.\n\n<div>Un <b>cadre</b></div>\n\n<!-- rien -->\n\nLa fin.\n",
    )
    assert text == (
        "Un accord\n\n"
        "La métropole de Valmont a signé un accord de coopération avec Iwamori.\n\n"
        "Les thèmes\n\n- le bois\n- les sources\n1. chaudes\n2. froides\n\n"
        "Les maires devant la scierie\n\n"
        "Ville: Valmont | Année: 2019\nVille: Brume | Année: 2021\n\n"
        "un code\n\nUne citation.\n\nUn cadre\n\nLa fin."
    )
    assert metadata["title"] == "Un accord"


def test_copied_page_as_markdown_reads_like_as_text(tmp_path: Path) -> None:
    """Lines of one Markdown paragraph are still seen one by one when captions are looked for."""
    text, _ = load_one(
        tmp_path,
        "a.md",
        f"Sélectionnez votre langue\n\n# Un accord\n\n{FRENCH}\n\n"
        "maxresdefault\nVidéo de la visite(©2018岩森県)\n",
    )
    assert text == f"Un accord\n\n{FRENCH}"


def test_japanese_markdown_lines_are_joined_without_space(tmp_path: Path) -> None:
    """A line break in a Japanese paragraph is nothing."""
    text, _ = load_one(tmp_path, "a.md", "# 協定\n\n岩森県は協\n定を結\nんだ。\n")
    assert text == "協定\n\n岩森県は協定を結んだ。"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "Sélectionnez votre langue\n\nUne association née en 1994.\n\n"
            "Un accord pour la forêt\n\nPar Iwamori\n\nTexte.",
            "Un accord pour la forêt",
        ),
        ("森の協定\n\n岩森県は協定を結んだ。", "森の協定"),
        ("Un accord pour la forêt\nLa ville a signé en mai 2019.", "Un accord pour la forêt"),
        ("Quand partir ?\n\nEn mai.", "Quand partir ?"),
        ("La ville a signé en mai 2019. Elle a fêté en juin.", "notes accord 2019"),
    ],
)
def test_title_of_a_plain_text(tmp_path: Path, text: str, title: str) -> None:
    """The first line that reads as a title, not a menu, a slogan or a byline; else the file's name."""
    _, metadata = load_one(tmp_path, "notes_accord-2019.fr.txt", text)
    assert metadata["title"] == title


def test_a_title_that_is_the_files_name_keeps_its_capitals(tmp_path: Path) -> None:
    """As a page of one word states it; what a program made of the file's name is still put into words."""
    for name, stated, title in (
        ("boutique.html", "Boutique", "Boutique"),
        ("accord_de-2019.html", "accord_de-2019", "accord de 2019"),
    ):
        page = f"<html><head><title>{stated}</title></head><body><p>{FRENCH}</p></body></html>"
        assert load_one(tmp_path, name, page)[1]["title"] == title


# Web pages

PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Un accord pour la forêt | Ville de Valmont</title>
<meta property="og:site_name" content="Ville de Valmont">
<meta property="article:published_time" content="2019-05-06T09:00:00+02:00">
<link rel="canonical" href="https://example.org/accord"></head>
<body><header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/n">Actualités</a></li></ul></nav>
</header>
<main><article><h1>Un accord pour la forêt</h1>
<p>{FRENCH} Il porte sur le bois, sur les sources chaudes et sur l’accueil
de stagiaires dans les ateliers de la rive gauche, au pied de la vieille scierie.</p>
<h2>Les suites</h2><p>Une deuxième rencontre aura lieu en <b>2027</b> à Iwamori, où le gouverneur recevra
les élus de Valmont et ceux des communes voisines.</p>
<ul><li>le bois</li><li>les sources chaudes</li></ul>
<table><tr><th>Ville</th><th>Année</th></tr><tr><td>Valmont</td><td>2019</td></tr></table>
</article></main><footer>© 2019 Ville de Valmont</footer></body></html>"""


def test_page_gives_its_article_and_what_it_states(tmp_path: Path) -> None:
    """Menus and footer go; title without the site's name, date and canonical address are found."""
    text, metadata = load_one(tmp_path, "a.html", PAGE)
    assert text == (
        "Un accord pour la forêt\n\n"
        f"{FRENCH} Il porte sur le bois, sur les sources chaudes et sur l’accueil de stagiaires dans les"
        " ateliers de la rive gauche, au pied de la vieille scierie.\n\n"
        "Les suites\n\nUne deuxième rencontre aura lieu en 2027 à Iwamori, où le gouverneur recevra les élus"
        " de Valmont et ceux des communes voisines.\n\n"
        "- le bois\n- les sources chaudes\n\nVille: Valmont | Année: 2019"
    )
    assert metadata == {
        "source": "a.html",
        "title": "Un accord pour la forêt",
        "language": "fr",
        "published": "2019-05-06",
        "url": "https://example.org/accord",
    }


def test_front_matter_before_a_page(tmp_path: Path) -> None:
    """A page may begin with front matter, which wins over what the page states."""
    _, metadata = load_one(tmp_path, "a.html", f"---\ntitle: Autre\npublished: 2020\n---\n{PAGE}")
    assert (metadata["title"], metadata["published"]) == ("Autre", "2020")


def test_japanese_page_written_over_several_lines(tmp_path: Path) -> None:
    """Line breaks in the source are no spaces in Japanese."""
    page = f"<html><body><h1>協定</h1><p>岩森県は\n  協定を結んだ。</p><p>{JAPANESE}</p></body></html>"
    text, metadata = load_one(tmp_path, "a.html", page)
    assert "岩森県は協定を結んだ。" in text
    assert metadata["title"] == "協定"


RUBY = (
    "<ruby>熊本<rp>（</rp><rt lang='ja'>くま<b>もと</b></rt><rp>）</rp></ruby>城は"
    "<ruby>四<rt>よん<rb>百<rt>ひゃく</ruby>年前の城。"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", f"<html><body><article><h1>{RUBY}</h1><p>{RUBY}{JAPANESE}</p></article></body></html>"),
        ("a.md", f"# {RUBY}\n\n{RUBY}{JAPANESE}\n"),
        ("a.md", f"# {RUBY}\n\n<div>{RUBY}{JAPANESE}</div>\n"),
    ],
)
def test_readings_above_words_are_no_text(tmp_path: Path, name: str, content: str) -> None:
    """Furigana would be glued to the word they stand over; the word itself stays whole."""
    text, metadata = load_one(tmp_path, name, content)
    assert text == f"熊本城は四百年前の城。\n\n熊本城は四百年前の城。{JAPANESE}"
    assert metadata["title"] == "熊本城は四百年前の城。"


# What is taken back or hidden


@pytest.mark.parametrize(
    "text",
    [
        "Le pass coûte ~~9 euros~~ 12 euros.",
        "Le pass coûte <del>9 euros</del> <ins>12 euros</ins>.",
        "Le pass coûte <s>9 <s>neuf</s> euros</s> 12 euros.",
        "Le pass coûte <STRIKE>9 **euros**</STRIKE> 12 euros.",
        "Le pass <br hidden>coûte <span style='text-decoration:line-through'>9 euros</span> 12 euros.",
        "<div hidden>\n\n# Tarif\n\n- 9 euros\n\n<div>\n</div>\n\n```\n9\n```\n\n</div>\n\n"
        "Le pass coûte 12 euros.",
        "<del>\n\n9 euros\n\n</del>Le pass coûte 12 euros.",
        "Ancien <s>tarif : 9 euros\n\nLe pass coûte 12 euros.",
        "Le pass coûte <template>9 euros</template> 12 euros.",
        "Le pass coûte 12 euros.\n\n<dialog>\n\n9 euros\n\n</dialog>",
    ],
)
def test_markdown_that_is_struck_out_or_hidden_is_no_text(tmp_path: Path, text: str) -> None:
    """What an author took back isn't read, also across paragraphs; what is inserted is."""
    read, metadata = load_one(tmp_path, "a.md", text)
    assert read.removeprefix("Ancien\n\n") == "Le pass coûte 12 euros."
    assert metadata["title"] in ("a", "Ancien")


OLD = "<b>Le pass coûtait 9 euros.</b>"


@pytest.mark.parametrize(
    "withdrawn",
    [
        f"<del>{OLD}</del>",
        f"<s>{OLD}</s>",
        f"<strike>{OLD}</strike>",
        f"<span hidden>{OLD}</span>",
        f"<span hidden=''><p>{OLD}</p></span>",
        f"<span style='color: red; DISPLAY : None !important'>{OLD}</span>",
        f"<span style='visibility:hidden'>{OLD}</span>",
        f"<span style='text-decoration: underline line-through'>{OLD}</span>",
        f"<span style='display: none !important; display: inline'>{OLD}</span>",
        f"<template>{OLD}</template>",
        f"<datalist><option>{OLD}</option></datalist>",
    ],
)
def test_page_without_what_it_withdraws(tmp_path: Path, withdrawn: str) -> None:
    """Neither where an article is found nor where all visible text is taken, nor in its title."""
    article = PAGE.replace("<p>Une", f"<p>{withdrawn} Une").replace("<h1>Un", f"<h1>{withdrawn}Un")
    bare = f"<div>{withdrawn}Le <ins>nouveau</ins> tarif est de 12 euros.</div>"
    for markup in (article, f"<body>{bare}</body>", f"<html style='display:none'><body>{bare}</body></html>"):
        text, metadata = load_one(tmp_path, "a.html", markup)
        assert "coûtait" not in text
        assert "coûtait" not in metadata["title"]
        assert "Une deuxième rencontre" in text or text == "Le nouveau tarif est de 12 euros."


def test_hidden_text_that_a_reader_can_bring_out_is_text() -> None:
    """What a later rule of the same style shows again, or a search unfolds, is read."""
    shown = "<p hidden='until-found'>Un pli.</p><p style='display:none; display:block'>Un pas.</p>"
    assert visible_text(f"{shown}<dialog open>Un avis.</dialog>") == "Un pli.\n\nUn pas.\n\nUn avis."


def test_unusual_page_is_taken_as_it_reads(tmp_path: Path) -> None:
    """Where no article is found all visible text is, without scripts."""
    text, _ = load_one(tmp_path, "a.html", "<body><script>var a</script><div>Bonjour<br>Valmont</div></body>")
    assert "Valmont" in text
    assert "var" not in text


def test_date_inside_the_text_is_no_date_of_publication(tmp_path: Path) -> None:
    """The date of an event is not that of the page."""
    _, metadata = load_one(tmp_path, "a.html", f"<html><body><p>Le 5 mai 2019. {FRENCH}</p></body></html>")
    assert "published" not in metadata


def test_any_markup_is_read_or_refused() -> None:
    """No page breaks the reading."""

    @settings(max_examples=60)
    @given(st.text(alphabet=st.sampled_from("<>/&;!-\"'= pdivbr\x00é日\n\ud800"), max_size=80))
    def read(markup: str) -> None:
        assert isinstance(visible_text(markup), str)
        with suppress(DocumentRejected):
            assert isinstance(reading.page(markup).pages[0], str)

    with DocumentReader() as reading:
        read()


# Word


def test_word_file_in_the_order_of_its_page(tmp_path: Path) -> None:
    """Headings, paragraphs, lists and tables keep their order; the first heading is the title."""
    word = docx.Document()
    word.core_properties.title = "Microsoft Word - accord.docx"
    word.add_heading("Un accord pour la forêt", 1)
    word.add_paragraph(FRENCH)
    word.add_paragraph("le bois", style="List Bullet")
    word.add_paragraph("les sources", style="List Bullet")
    table = word.add_table(rows=2, cols=2)
    for cell, content in zip(table._cells, ("Ville", "Année", "Valmont", "2019"), strict=True):
        cell.text = content
    word.add_paragraph("La fin de l’accord.")
    word.save(str(tmp_path / "a.docx"))
    (document,) = load_documents(tmp_path).documents
    assert document.page_content == (
        f"Un accord pour la forêt\n\n{FRENCH}\n\n- le bois\n- les sources\n\n"
        "Ville: Valmont | Année: 2019\n\nLa fin de l’accord."
    )
    assert document.metadata["title"] == "Un accord pour la forêt"
    assert document.metadata["language"] == "fr"


def run(text: str) -> str:
    """A piece of a Word paragraph."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*pieces: str) -> str:
    """A Word paragraph of pieces, some of them already in XML."""
    return f"<w:p>{''.join(piece if piece[0] == '<' else run(piece) for piece in pieces)}</w:p>"


def around(tag: str, *content: str) -> str:
    """An element of a Word file."""
    return f"<w:{tag}>{''.join(content)}</w:{tag}>"


def field(content: str, properties: str = "") -> str:
    """A form field of Word, around a piece of a paragraph or around paragraphs."""
    return around("sdt", around("sdtPr", properties), around("sdtContent", content))


def box(*texts: str, format: str = "", around_it: str = "") -> str:
    """A text box of Word, as it is anchored in a paragraph."""
    content = around("pict", around("txbxContent", *map(paragraph, texts)))
    anchor = around("r", around("rPr", format), content)
    return around(around_it, anchor) if around_it else anchor


MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
CONTENTS = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
BEGINS, GOES_ON = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>', "<w:tcPr><w:vMerge/></w:tcPr>"
MAY = around("tbl", around("tr", around("tc", paragraph("mai"))))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            paragraph(
                "Le pacte ",
                around("ins", run("n’est plus")),
                around("del", "<w:r><w:delText>est</w:delText></w:r>"),
                " valable.",
            ),
            "Le pacte n’est plus valable.",
        ),
        (
            paragraph(
                "Le maire ", around("moveFrom", run("hier ")), "a signé ", around("moveTo", run("hier."))
            ),
            "Le maire a signé hier.",
        ),
        (
            paragraph(
                "Signé à ",
                field(run("Valmont")),
                around("smartTag", run(" en 2019")),
                field(run("Cliquez ici."), "<w:showingPlcHdr/>"),
                ".",
            ),
            "Signé à Valmont en 2019.",
        ),
        (
            paragraph(
                around("r", around("ruby", around("rt", run("くまもと")), around("rubyBase", run("熊本")))),
                "城は石垣で知られる。",
            ),
            "熊本城は石垣で知られる。",
        ),
        (
            paragraph("Avant.") + field(paragraph("Dans le cadre.")) + paragraph("Après."),
            "Avant.\n\nDans le cadre.\n\nAprès.",
        ),
        (
            field(paragraph("Le pacte", "<w:r><w:tab/></w:r>", "3"), CONTENTS)
            + paragraph("Le pacte est signé."),
            "Le pacte est signé.",
        ),
        (
            around(
                "tbl",
                around(
                    "tr",
                    around("tc", BEGINS, paragraph("Valmont")),
                    field(around("tc", paragraph("2019"))),
                ),
                field(
                    around(
                        "tr",
                        around("tc", GOES_ON, "<w:p/>"),
                        around("tc", paragraph("20", around("ins", run("21"))), MAY, "<w:p/>"),
                    )
                ),
            ),
            "Valmont | 2019\nValmont | 2021 mai",
        ),
        (
            paragraph("Avant.", box("Dans le cadre.", "Et après."), box("Un autre.")) + paragraph("Après."),
            "Avant.\n\nDans le cadre.\n\nEt après.\n\nUn autre.\n\nAprès.",
        ),
        (
            paragraph(
                "Avant.",
                box("Vieux.", around_it="del"),
                box("Caché.", format="<w:vanish/>"),
                f"<mc:AlternateContent {MC}><mc:Choice>{box('Dit une fois.')}</mc:Choice>"
                f"<mc:Fallback>{box('Dit une fois.')}</mc:Fallback></mc:AlternateContent>",
            ),
            "Avant.\n\nDit une fois.",
        ),
    ],
)
def test_word_file_keeps_every_word_that_a_reader_sees(tmp_path: Path, body: str, text: str) -> None:
    """Those in tracked changes, form fields, tables and text boxes are read, once; no deletions and aids."""
    assert load_one(tmp_path, "a.docx", valid_docx(body))[0] == text


OFF = '<w:strike w:val="0"/>'


@pytest.mark.parametrize(
    ("format", "is_text"),
    [
        ("<w:strike/>", False),
        ('<w:dstrike w:val="true"/>', False),
        ("<w:vanish/>", False),
        (OFF, True),
        ('<w:rStyle w:val="Struck"/>', False),
        (f'<w:rStyle w:val="Struck"/>{OFF}', True),
        ("<w:i/>", True),
    ],
)
def test_word_text_that_is_struck_out_or_hidden_is_no_text(
    tmp_path: Path, format: str, is_text: bool
) -> None:
    """By the format of the words, or by their style and what it is based on."""
    word = docx.Document()
    struck = word.styles.add_style("Withdrawn", WD_STYLE_TYPE.CHARACTER)
    struck.font.strike = True
    word.styles.add_style("Struck", WD_STYLE_TYPE.CHARACTER).base_style = struck
    word.styles.add_style("Away", WD_STYLE_TYPE.PARAGRAPH).font.hidden = True
    word.add_paragraph("Annexe de travail.", style="Away")
    line = word.add_paragraph("Le pass coûte ")
    line.add_run("9 euros ")._r.get_or_add_rPr().extend(parse_xml(around_formats(format)))
    line.add_run("12 euros.")
    word.save(str(tmp_path / "a.docx"))
    document = load_document(tmp_path / "a.docx", "a.docx")
    assert document.page_content == f"Le pass coûte {'9 euros ' if is_text else ''}12 euros."


def around_formats(format: str) -> str:
    """Formats of a piece of a Word paragraph, with the names they need."""
    return f'<w:rPr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{format}</w:rPr>'


@pytest.mark.parametrize("mark", ["del", "hidden"])
def test_word_rows_that_are_deleted_or_hidden_are_no_text(tmp_path: Path, mark: str) -> None:
    """A deletion of a row that nobody has accepted yet counts, as one of words does."""
    old = around("tr", around("trPr", f"<w:{mark}/>"), around("tc", paragraph("9 euros")))
    new = around("tr", around("tc", paragraph("12 euros")))
    assert load_one(tmp_path, "a.docx", valid_docx(around("tbl", old, new)))[0] == "12 euros"


def test_word_file_that_unpacks_to_too_much_is_named(tmp_path: Path) -> None:
    """The sizes in the archive's list decide, before anything is unpacked."""
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part in range(4):
            archive.writestr(f"word/{part}.xml", bytes(100 * 1024 * 1024))
    assert (tmp_path / "bomb.docx").stat().st_size < MAX_FILE_BYTES
    (skipped,) = load_documents(tmp_path).skipped
    assert "unpacks to 400 MB" in skipped.reason
