"""Fetching a site's pages: politely, within limits, from where it is allowed, and only what has changed."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from langchain_core.documents import Document
from sqlalchemy import insert
from test_pdf import write_pdf

from combinations import combinations
from keeping import kept
from local_site import Served, Site, running_site
from partnerbot.bot import Partnerbot
from partnerbot.cli import main
from partnerbot.documents.formats import Extracted
from partnerbot.documents.loading import load_document
from partnerbot.documents.metadata import ALTERNATES, LANGUAGE, PUBLISHED, SOURCE, TITLE, URL
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import ConfigurationError, SiteUnreachable, SyncFailed
from partnerbot.index.build import build_index
from partnerbot.index.reports import last_report
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.records import CURATED, LINKS, Records
from partnerbot.settings import Settings, load_settings
from partnerbot.sites.cache import PageCache, synced_files
from partnerbot.sites.fetching import Fetcher, FetchLimits
from partnerbot.sites.network import Resolve, is_public, resolve
from partnerbot.sites.sources import Sources, read_sources
from partnerbot.sites.sync import SyncReport, sync
from toy_model import toy_model

QUICK = FetchLimits(
    page_bytes=300_000, pdf_bytes=300_000, seconds=1.0, silence_seconds=0.4, back_off_seconds=0.05
)

FR_TEXT = (
    "La passerelle des Deux-Rives a été inaugurée le 14 mai 2016 à Valmont. Elle relie le marché couvert "
    "à l'ancienne gare, et les habitants la traversent chaque jour pour se rendre au travail."
)
JA_TEXT = (
    "ヴァルモンの「ドゥ・リーヴ歩道橋」は2016年5月14日に開通した。屋根付き市場と旧駅を結び、住民が毎日通勤に利用している。"
    "建設費は市と県が分担した。"
)

READING = DocumentReader()
"""Reads every test's pages: its process takes half a second to start."""


@pytest.fixture(autouse=True, scope="module")
def reading_ends() -> Iterator[None]:
    yield
    READING.close()


def page(title: str, text: str, language: str = "fr", head: str = "", links: str = "") -> Served:
    """A page as a site's system makes it: menus, an article, a footer."""
    return Served(
        f"""<!doctype html><html lang="{language}">
<head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body><nav><a href="/">Accueil</a> <a href="/menu.pdf">Plan</a></nav>
<article><h1>{title}</h1><p>{text}</p>{links}</article>
<footer>Mentions légales</footer></body></html>""".encode()
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def whole_site(site: Site, tmp_path: Path) -> Site:
    """A site with a sitemap of sitemaps, a feed, translations, a PDF, redirects and a robots.txt."""
    site.pages["/robots.txt"] = Served(b"User-agent: *\nDisallow: /private/\n", media_type="text/plain")
    site.pages["/sitemap.xml"] = Served(
        f"<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        f"<sitemap><loc>{site.at('/pages.xml')}</loc></sitemap></sitemapindex>".encode(),
        media_type="application/xml",
    )
    paths = ["/fr/passerelle", "/ja/hodokyo", "/fr/tag/ponts", "/private/notes", "/fr/ancien"]
    site.pages["/pages.xml"] = Served(
        (
            "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
            + "".join(f"<url><loc>{site.at(path)}</loc></url>" for path in paths)
            + "</urlset>"
        ).encode(),
        media_type="application/xml",
        packed=True,
    )
    translations = "".join(
        f'<link rel="alternate" hreflang="{language}" href="{path}">'
        for language, path in (("fr", "/fr/passerelle"), ("ja", "/ja/hodokyo"), ("x-default", "/"))
    )
    site.pages["/fr/passerelle"] = page(
        "La passerelle des Deux-Rives",
        FR_TEXT,
        head=translations + '<meta property="article:published_time" content="2016-05-15T08:00:00+02:00">'
        f'<link rel="canonical" href="{site.at("/fr/passerelle")}">',
        links='<p><a href="../rapport.pdf">Le rapport</a></p>',
    )
    site.pages["/ja/hodokyo"] = page("ドゥ・リーヴ歩道橋", JA_TEXT, "ja", head=translations)
    site.pages["/fr/tag/ponts"] = page("Ponts", "Tous les articles sur les ponts de la région de Valmont.")
    site.pages["/private/notes"] = page("Notes", "Ce texte ne regarde personne, et ne doit pas être lu ici.")
    site.pages["/fr/ancien"] = Served(status=301, headers={"Location": "/fr/nouveau"})
    site.pages["/fr/nouveau"] = page(
        "Le nouveau lavoir", "Le lavoir de Valmont a rouvert en 2019 après des travaux de dix mois."
    )
    written = write_pdf(
        tmp_path / "rapport.pdf",
        [
            [
                "Le rapport sur la passerelle",
                "",
                "La passerelle a coûté 3 400 000 euros à la ville de Valmont.",
            ]
        ],
    )
    site.pages["/rapport.pdf"] = Served(written.read_bytes(), media_type="application/pdf")
    site.pages["/menu.pdf"] = Served(written.read_bytes(), media_type="application/pdf")
    site.pages["/actualites.rss"] = Served(
        f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Actualités</title>
        <item><title>Une fête</title><link>{site.at("/fr/fete?id=3&amp;l=fr")}</link>
        <pubDate>Mon, 01 Jul 2024 00:30:00 +0900</pubDate></item></channel></rss>""".encode(),
        media_type="application/rss+xml",
    )
    site.pages["/fr/fete?id=3&l=fr"] = page(
        "La fête des lanternes", "Trois cents lanternes ont descendu la rivière de Valmont samedi soir."
    )
    return site


def listed(site: Site, **more: object) -> Sources:
    """Both of the whole site's listings, with its PDFs, without pauses."""
    return Sources.model_validate(
        {
            "source": [
                {"sitemap": site.at("/sitemap.xml"), "exclude": ["*/tag/*"], "linked_pdfs": True},
                {"feed": site.at("/actualites.rss")},
            ],
            "delay_seconds": 0,
            "private_hosts": [site.host],
            **more,
        }
    )


def chosen(site: Site, *sources: object) -> Sources:
    """These sources of a site, without pauses."""
    return Sources.model_validate({"source": sources, "delay_seconds": 0, "private_hosts": [site.host]})


def pages(site: Site, *paths: str, **more: object) -> Sources:
    """Pages by address."""
    return chosen(site, {"pages": [site.at(path) for path in paths], **more})


def sitemap(site: Site, *paths: str, modified: str = "", more: str = "") -> Served:
    """A sitemap of these paths, each dated so, with more said of it."""
    dated = f"<lastmod>{modified}</lastmod>" if modified else ""
    urls = "".join(f"<url><loc>{site.at(path)}</loc>{dated}{more}</url>" for path in paths)
    text = f'<urlset xmlns:x="http://www.w3.org/1999/xhtml">{urls}</urlset>'
    return Served(text.encode(), media_type="application/xml")


def of_sitemap(site: Site, path: str = "/sitemap.xml", /, **more: object) -> Sources:
    """What a sitemap of a site lists."""
    return chosen(site, {"sitemap": site.at(path), **more})


def documents(folder: Path) -> dict[str, Document]:
    """What was kept, by public address, as the indexer reads it."""
    return {source: load_document(path, source) for source, path in (synced_files(folder) or {}).items()}


def run(
    sources: Sources, folder: Path, limits: FetchLimits = QUICK, reading: DocumentReader = READING
) -> SyncReport:
    fetcher = Fetcher("https://example.org", sources.delay_seconds, sources.private_hosts, limits)
    return sync(sources, folder, fetcher, reading)


def reasons(report: SyncReport) -> str:
    return "\n".join(f"{file.source}: {file.reason}" for file in report.skipped)


def test_a_site_becomes_documents_with_what_it_says_of_them(whole_site: Site, tmp_path: Path) -> None:
    """Sitemap, feed, PDF: text, title, date, language, public address and translations are kept."""
    report = run(listed(whole_site), tmp_path)
    kept = documents(tmp_path)
    at = whole_site.at
    paths = ("/fr/passerelle", "/ja/hodokyo", "/fr/nouveau", "/rapport.pdf", "/fr/fete?id=3&l=fr")
    assert set(kept) == {at(path) for path in paths}
    french = kept[at("/fr/passerelle")]
    assert FR_TEXT in french.page_content
    assert "Mentions légales" not in french.page_content
    assert french.metadata == {
        SOURCE: at("/fr/passerelle"),
        URL: at("/fr/passerelle"),
        TITLE: "La passerelle des Deux-Rives",
        LANGUAGE: "fr",
        PUBLISHED: "2016-05-15",
        ALTERNATES: f'["{at("/ja/hodokyo")}"]',
    }
    assert kept[at("/ja/hodokyo")].metadata[LANGUAGE] == "ja"
    assert kept[at("/rapport.pdf")].metadata[URL] == at("/rapport.pdf")
    assert kept[at("/fr/fete?id=3&l=fr")].metadata[PUBLISHED] == "2024-07-01"
    assert "robots.txt" in reasons(report)
    assert "/private/notes" not in whole_site.paths()


def test_a_second_sync_transfers_almost_nothing(whole_site: Site, tmp_path: Path) -> None:
    """Nothing has changed: each address is asked once, and the bodies stay where they are."""
    first = run(listed(whole_site), tmp_path)
    whole_site.forget()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    second = run(listed(whole_site), tmp_path)
    assert (second.added, second.changed, second.removed) == ([], [], [])
    assert second.unchanged == len(first.added)
    assert second.bytes_received == whole_site.sent_bytes < 100  # robots.txt, no more
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")} == before


def test_a_hostile_site_is_synced_twice(whole_site: Site, tmp_path: Path) -> None:
    """Endless, slow and private addresses beside good ones, which are kept; the second sync is short."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"<p>encore et encore</p>" * 500

    def trickle() -> Iterator[bytes]:
        for _ in range(200):
            time.sleep(0.05)
            yield b"<p>"

    inside = "http://localhost:1/geheim.pdf"
    whole_site.pages["/endless"], whole_site.pages["/slow"] = Served(endless), Served(trickle)
    whole_site.pages["/bomb"] = Served(b"<p>" + b"a" * 3_000_000, packed=True)
    whole_site.pages["/links"] = page("Liens", FR_TEXT, links=f'<a href="{inside}">x</a>')
    hostile = [whole_site.at(path) for path in ("/endless", "/bomb", "/slow", "/links")]
    more = {"pages": hostile, "linked_pdfs": True, "hosts": [whole_site.host, "localhost:1"]}
    sources = Sources.model_validate(
        {**listed(whole_site).model_dump(), "source": [*listed(whole_site).source, more]}
    )
    first = run(sources, tmp_path)
    assert len(first.added) == 6
    told = reasons(first)
    assert "/endless: it is larger than" in told
    assert "/bomb: it is larger than" in told
    assert "/slow: it did not come within" in told
    assert f"{inside}: " in told
    whole_site.forget()
    second = run(sources, tmp_path)
    assert (second.added, second.changed, second.removed, second.unchanged) == ([], [], [], 6)
    assert "It is not asked again before" in reasons(second)
    assert "/endless" not in whole_site.paths()
    assert second.bytes_received < 500  # robots.txt, and what trickled twice


def test_what_was_refused_is_asked_again_in_time(site: Site, tmp_path: Path) -> None:
    """An address with nothing to read costs one transfer a week; when its sitemap dates it anew, at once."""

    def asked_on(day: int) -> bool:
        site.forget()
        fetcher = Fetcher("x", 0, {site.host}, QUICK)
        sync(sources, tmp_path, fetcher, READING, today=date(2024, 3, day))
        return "/a" in site.paths()

    site.pages["/a"] = Served(b"<html><body></body></html>")
    site.pages["/sitemap.xml"] = sitemap(site, "/a", modified="2024-03-01")
    sources = of_sitemap(site)
    assert [day for day in range(1, 17) if asked_on(day)] == [1, 8, 15]
    site.pages["/sitemap.xml"] = sitemap(site, "/a", modified="2024-03-16")
    assert asked_on(16)


def test_links_that_no_longer_open_are_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of documents and of what staff wrote, asked for without what is at them; kept for staff."""
    site.pages |= {
        "/robots.txt": Served(b"User-agent: *\nDisallow: /private"),
        "/open": Served(b"x" * 9000),
        "/old": Served(status=301, headers={"Location": "/open"}),
        "/only-whole": Served(b"x" * 9000, head=False),
    }
    pages = ("/open", "/old", "/only-whole", "/private")
    (tmp_path / "documents").mkdir()
    for number, path in enumerate(pages):
        (tmp_path / "documents" / f"{number}.md").write_text(
            f"---\nurl: {site.at(path)}\n---\nThe tea house number {number} is open.", "utf-8"
        )
    monkeypatch.chdir(tmp_path)

    def run(*command: str) -> int:
        monkeypatch.setattr("sys.argv", ["partnerbot", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    assert run("index") == 0
    answer = {"questions": ["Where?"], "text": {"en": "Here."}, "source": site.at("/gone")}
    Records(load_settings()).change(insert(CURATED).values(**answer, day=date(2026, 1, 1)))
    assert run("links") == 1
    told = capsys.readouterr().out.splitlines()
    assert len([line for line in told if "no public address" in line]) == len(pages) + 1
    (tmp_path / "sources.toml").write_text(
        f'delay_seconds = 0\nprivate_hosts = ["{site.host}"]\n[[source]]\npages = ["{site.at("/open")}"]\n'
    )
    assert run("links") == 1
    assert capsys.readouterr().out == f"{site.at('/gone')}: the server answers 404.\n"
    assert sorted(site.heads) == sorted(["/open", "/old", "/open", "/only-whole", "/gone"])
    assert sorted(site.paths()) == ["/gone", "/only-whole"]
    rows = kept(load_settings(), LINKS)
    assert {row["address"]: row["failure"] for row in rows} == {
        site.at("/open"): None,
        site.at("/old"): None,
        site.at("/only-whole"): None,
        site.at("/gone"): "404",
    }
    site.pages["/gone"] = Served(b"back")
    assert run("links") == 0
    assert [row["failure"] for row in kept(load_settings(), LINKS)] == [None] * 4


@pytest.mark.parametrize("kind", ["sitemap", "feed"])
@pytest.mark.parametrize(
    ("include", "exclude", "kept"),
    [
        (None, None, ["/fr/a", "/fr/tag/b", "/ja/a", "/ja/a?p=2"]),
        (["/fr/*"], None, ["/fr/a", "/fr/tag/b"]),
        (["/fr/*", "/ja/a"], None, ["/fr/a", "/fr/tag/b", "/ja/a"]),
        (None, ["*/tag/*", "*p=*"], ["/fr/a", "/ja/a"]),
        (["/fr/*"], ["*/tag/*"], ["/fr/a"]),
    ],
)
def test_patterns_choose_among_what_is_listed(
    site: Site,
    tmp_path: Path,
    kind: str,
    include: list[str] | None,
    exclude: list[str] | None,
    kept: list[str],
) -> None:
    """`include` says what of a sitemap or feed is fetched, `exclude` what of that is not; nothing else is."""
    paths = ["/fr/a", "/fr/tag/b", "/ja/a", "/ja/a?p=2"]
    for path in paths:
        site.pages[path] = page(path, FR_TEXT)
    listing = "".join(
        f"<url><loc>{site.at(path)}</loc></url>"
        if kind == "sitemap"
        else f'<entry><title>x</title><link href="{site.at(path)}"/></entry>'
        for path in paths
    )
    site.pages["/list"] = Served(
        (
            f"<urlset>{listing}</urlset>"
            if kind == "sitemap"
            else f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{listing}</feed>'
        ).encode(),
        media_type="application/xml",
    )
    patterns = {"include": include, "exclude": exclude}
    patterns = {name: value for name, value in patterns.items() if value is not None}
    run(chosen(site, {kind: site.at("/list"), **patterns}), tmp_path)
    assert site.paths() == ["/list", *kept]


@pytest.mark.parametrize(
    ("listed", "pattern"),
    combinations(
        ["/actualités/1", "/actualit%C3%A9s/1", "/actualite%CC%81s/1"],
        ["/actualités/*", "/actualit%c3%a9s/*", "*ités/*", "/actualite\u0301s/1"],
    ),
)
def test_patterns_are_written_as_people_read_addresses(
    site: Site, tmp_path: Path, listed: str, pattern: str
) -> None:
    """Whether the site or the owner encodes them or not."""
    site.pages["/sitemap.xml"] = sitemap(site, listed, "/b")
    run(of_sitemap(site, include=[pattern]), tmp_path)
    assert len(site.paths()) == 2
    assert "/actualit" in site.paths()[1]


def test_a_pattern_that_chooses_nothing_is_named(whole_site: Site, tmp_path: Path) -> None:
    """Most likely it is misspelt, and the owner misses its pages; what others choose is fetched."""
    (source, feed) = listed(whole_site).source
    source = source.model_copy(update={"include": ("/fr/*", "/jp/*")})
    feed = feed.model_copy(update={"include": ("/jp/*",)})
    report = run(listed(whole_site, source=[source, feed]), tmp_path)
    assert [(one.source, '"/jp/*"' in one.reason) for one in report.skipped] == [
        (whole_site.at("/sitemap.xml"), True)
    ]
    assert whole_site.at("/fr/passerelle") in report.added


@pytest.mark.parametrize("narrower", [{"exclude": ["/fr/*"]}, {"include": ["/ja/*"]}])
def test_what_a_pattern_leaves_out_goes_at_once(
    whole_site: Site, tmp_path: Path, narrower: dict[str, list[str]]
) -> None:
    """A pattern that was added removes what was kept and doesn't ask for it; PDFs can be excluded, too."""
    wide, narrow = (
        of_sitemap(whole_site, linked_pdfs=True, **more)
        for more in ({}, {**narrower, "exclude": [*narrower.get("exclude", []), "*.pdf"]})
    )
    synced = tmp_path / "synced"
    run(wide, synced)
    whole_site.forget()
    report = run(narrow, synced)
    gone = ["/fr/ancien", "/fr/passerelle", "/fr/tag/ponts", "/rapport.pdf"]
    assert sorted(report.removed) == [whole_site.at(path) for path in gone]
    assert [path.name[:7] for path in synced.rglob("*.html")] == ["hodokyo"]
    assert not list(synced.rglob("*.pdf"))
    assert not {*gone, "/fr/nouveau"} & set(whole_site.paths())


def test_a_sitemap_names_translations(site: Site, tmp_path: Path) -> None:
    """The hreflang links of a sitemap count like those of a page."""
    site.pages |= {"/fr": page("Un titre", FR_TEXT), "/ja": page("題", JA_TEXT, "ja")}
    link = '<x:link rel="alternate" hreflang="{}" href="{}"/>'
    both = link.format("fr", site.at("/fr")) + link.format("ja", site.at("/ja"))
    site.pages["/sitemap.xml"] = sitemap(site, "/fr", "/ja", more=both)
    run(of_sitemap(site), tmp_path)
    stated = {source: document.metadata[ALTERNATES] for source, document in documents(tmp_path).items()}
    assert stated == {site.at("/fr"): f'["{site.at("/ja")}"]', site.at("/ja"): f'["{site.at("/fr")}"]'}


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("/r%E9sum%E9", "/r%E9sum%E9"),
        ("/a%2Fb", "/a%2Fb"),
        ("/a%2520b", "/a%2520b"),
        ("/what%3Fx", "/what%3Fx"),
        ("/a%23b", "/a%23b"),
        ("/ニュース", "/%E3%83%8B%E3%83%A5%E3%83%BC%E3%82%B9"),
        ("/%e3%83%8b%7e", "/%E3%83%8B~"),
        ("/a\\b?c\\d", "/a%5Cb?c%5Cd"),
        ("", "/"),
    ],
)
def test_addresses_are_asked_as_they_are_written(
    site: Site, tmp_path: Path, written: str, asked: str
) -> None:
    """What is encoded in an address means what its site says: it isn't decoded on the way."""
    site.pages[asked] = page("Un titre", FR_TEXT)
    assert run(pages(site, written), tmp_path).added == [site.at(asked)]
    (document,) = documents(tmp_path).values()
    assert document.metadata[URL] == site.at(asked)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("/docs/Compte rendu 2024.pdf", "/docs/Compte%20rendu%202024.pdf"),
        ("\n  docs/Compte\n-rendu.pdf ", "/docs/Compte-rendu.pdf"),
        ("/報告書\u30002024.pdf", "/%E5%A0%B1%E5%91%8A%E6%9B%B8%E3%80%802024.pdf"),
    ],
)
def test_links_with_spaces_are_followed(whole_site: Site, tmp_path: Path, written: str, asked: str) -> None:
    """As browsers follow them: many sites don't encode the names of the files they offer."""
    whole_site.pages["/a"] = page("Un titre", FR_TEXT, links=f'<a href="{written}">x</a>')
    whole_site.pages[asked] = whole_site.pages["/rapport.pdf"]
    report = run(pages(whole_site, "/a", linked_pdfs=True), tmp_path)
    assert report.added == [whole_site.at("/a"), whole_site.at(asked)]


@pytest.mark.parametrize(
    "media_type",
    ["application/octet-stream", "application/x-pdf", "application/force-download", "binary/octet-stream", "",
     "text/html; charset=utf-8"],
)  # fmt: skip
def test_a_pdf_is_known_by_how_it_begins(whole_site: Site, tmp_path: Path, media_type: str) -> None:
    """Whatever its server calls it; and it may be as large as any PDF, if that is no type of a page."""
    content = bytes(whole_site.pages["/rapport.pdf"].body)  # type: ignore[arg-type]
    if "html" not in media_type:
        content += b"%" + b" " * QUICK.page_bytes
    whole_site.pages["/rapport.pdf"] = Served(content, media_type=media_type)
    limits = replace(QUICK, pdf_bytes=2 * QUICK.page_bytes)
    assert run(pages(whole_site, "/rapport.pdf"), tmp_path, limits).added == [whole_site.at("/rapport.pdf")]
    ((source, path),) = (synced_files(tmp_path) or {}).items()
    assert path.suffix == ".pdf"
    assert "3 400 000 euros" in load_document(path, source).page_content


@pytest.mark.parametrize("has_validators", [True, False])
def test_a_translation_announced_later_is_noticed(site: Site, tmp_path: Path, has_validators: bool) -> None:
    """Though the page itself is unchanged; and it stays known when the sitemap lists the page no more."""
    site.pages |= {"/fr": page("Un titre", FR_TEXT), "/ja": page("題", JA_TEXT, "ja")}
    for path in ("/fr", "/ja"):
        site.pages[path].etag = has_validators
    links = "".join(
        f'<x:link rel="alternate" hreflang="{path[1:]}" href="{site.at(path)}"/>' for path in ("/fr", "/ja")
    )
    sources = of_sitemap(site)
    site.pages["/sitemap.xml"] = sitemap(site, "/fr", "/ja", modified="2024")
    run(sources, tmp_path)
    site.pages["/sitemap.xml"] = sitemap(site, "/fr", "/ja", modified="2024", more=links)
    assert run(sources, tmp_path).changed == [site.at("/fr"), site.at("/ja")]
    for listed in (["/ja", "/fr"], ["/ja"]):
        site.pages["/sitemap.xml"] = sitemap(site, *listed, modified="2024", more=links)
        assert run(sources, tmp_path).unchanged == 2
    assert documents(tmp_path)[site.at("/fr")].metadata[ALTERNATES] == f'["{site.at("/ja")}"]'


def test_a_changed_page_is_fetched_and_others_are_not(whole_site: Site, tmp_path: Path) -> None:
    """Only what the site changed is transferred again; what is around an article doesn't count."""
    run(listed(whole_site), tmp_path)
    whole_site.pages["/fr/nouveau"] = page("Le nouveau lavoir", "Le lavoir de Valmont a fermé en 2021.")
    whole_site.pages["/ja/hodokyo"].body = bytes(whole_site.pages["/ja/hodokyo"].body).replace(  # type: ignore[arg-type]
        "Mentions légales".encode(), "Mentions légales, 12 h 31".encode()
    )
    report = run(listed(whole_site), tmp_path)
    assert report.changed == [whole_site.at("/fr/ancien")]
    assert report.added == report.removed == []


def test_a_server_without_validators_is_believed_by_its_sitemap(site: Site, tmp_path: Path) -> None:
    """Where a server can't say "unchanged", a page is asked again when its sitemap dates it anew."""
    site.pages["/a"] = page("Un titre", FR_TEXT)
    site.pages["/a"].etag = False
    site.pages["/sitemap.xml"] = sitemap(site, "/a", modified="2024-01-01")
    sources = of_sitemap(site)
    run(sources, tmp_path)
    site.forget()
    assert run(sources, tmp_path).unchanged == 1
    assert site.paths() == ["/sitemap.xml"]
    site.pages["/sitemap.xml"] = sitemap(site, "/a", modified="2024-02-01")
    run(sources, tmp_path)
    assert site.paths() == ["/sitemap.xml", "/sitemap.xml", "/a"]


@pytest.mark.parametrize("has_validators", [True, False])
def test_a_document_that_is_lost_is_fetched_again(site: Site, tmp_path: Path, has_validators: bool) -> None:
    """Deleted by hand, or empty after a power cut: that the site hasn't changed the page doesn't matter."""
    site.pages |= {"/a": page("Un titre", FR_TEXT), "/b": page("Un autre", JA_TEXT, "ja")}
    for one in ("/a", "/b"):
        site.pages[one].etag = has_validators
    site.pages["/sitemap.xml"] = sitemap(site, "/a", "/b", modified="2024-01-01")
    sources = of_sitemap(site)
    run(sources, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.html")}
    deleted, emptied = before
    deleted.unlink()
    emptied.write_bytes(b"")
    report = run(sources, tmp_path)
    assert report.changed == [site.at("/a"), site.at("/b")]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.html")} == before
    assert run(sources, tmp_path).unchanged == 2


def test_last_modified_is_sent_back(site: Site, tmp_path: Path) -> None:
    """A server that only dates its pages is asked for what is newer."""
    site.pages["/a"] = page("Un titre", FR_TEXT)
    site.pages["/a"].etag, site.pages["/a"].last_modified = False, "Mon, 01 Jan 2024 00:00:00 GMT"
    run(pages(site, "/a"), tmp_path)
    site.forget()
    assert run(pages(site, "/a"), tmp_path).unchanged == 1
    assert site.asked[-1][1]["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert site.asked[-1][1]["user-agent"].startswith("partnerbot/")


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_removed_at_the_second_miss(site: Site, tmp_path: Path, status: int) -> None:
    """One bad night removes nothing; a page that comes back starts anew."""
    site.pages["/a"] = good = page("Un titre", FR_TEXT)
    site.pages["/b"] = page("Un autre", JA_TEXT, "ja")
    sources = pages(site, "/a", "/b")
    run(sources, tmp_path)
    gone = Served(b"", status)
    site.pages["/a"] = gone
    report = run(sources, tmp_path)
    assert (report.missing, report.removed) == ([site.at("/a")], [])
    site.pages["/a"] = good
    run(sources, tmp_path)
    site.pages["/a"] = gone
    assert run(sources, tmp_path).removed == []
    assert run(sources, tmp_path).removed == [site.at("/a")]
    assert [path.name[:1] for path in tmp_path.rglob("*.html")] == ["b"]


def test_a_failing_server_loses_nothing(site: Site, tmp_path: Path) -> None:
    """An error is tried once more, then named; what was kept stays, however often it fails."""
    site.pages["/a"] = page("Un titre", FR_TEXT)
    run(pages(site, "/a"), tmp_path)
    site.pages["/a"] = Served(b"", 503, headers={"Retry-After": "0"})
    site.forget()
    for _ in range(3):
        report = run(pages(site, "/a"), tmp_path)
        assert "503" in reasons(report)
    assert len(site.paths()) == 6
    assert len(list(tmp_path.rglob("*.html"))) == 1


NO_YEAR = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"


@pytest.mark.parametrize(
    ("stated", "waited"),
    [
        (None, QUICK.back_off_seconds),
        ("7", 7.0),
        ("86400", 60.0),
        ("²", QUICK.back_off_seconds),
        (NO_YEAR, QUICK.back_off_seconds),
    ],
)
def test_a_failure_is_tried_once_more(site: Site, tmp_path: Path, stated: str | None, waited: float) -> None:
    """After a pause, the server's own if it names one, but no longer than a minute."""
    pauses: list[float] = []

    def mend(pause: float) -> None:
        pauses.append(pause)
        site.pages["/a"] = page("Un titre", FR_TEXT)

    site.pages["/a"] = Served(b"", 503, headers={} if stated is None else {"Retry-After": stated})
    fetcher = Fetcher("x", 0, {site.host}, QUICK, sleep=mend)
    report = sync(pages(site, "/a"), tmp_path, fetcher, READING)
    assert (report.added, report.skipped) == ([site.at("/a")], [])
    assert pauses == [waited]


def test_a_pdf_that_failed_is_asked_again(whole_site: Site, tmp_path: Path) -> None:
    """Though the page that links to it has not changed, and is not read again."""
    written = whole_site.pages["/rapport.pdf"]
    whole_site.pages["/rapport.pdf"] = Served(b"", 503, headers={"Retry-After": "0"})
    assert "503" in reasons(run(listed(whole_site), tmp_path))
    whole_site.pages["/rapport.pdf"] = written
    assert run(listed(whole_site), tmp_path).added == [whole_site.at("/rapport.pdf")]
    assert run(listed(whole_site), tmp_path).added == []


@pytest.mark.parametrize("has_validators", [True, False])
def test_pdfs_wanted_later_are_fetched(whole_site: Site, tmp_path: Path, has_validators: bool) -> None:
    """`linked_pdfs` or a host added to a source that is known also counts for its unchanged pages."""
    with running_site() as other:
        other.pages["/plan.pdf"] = whole_site.pages["/rapport.pdf"]
        links = f'<a href="/rapport.pdf">x</a> <a href="{other.at("/plan.pdf")}">y</a>'
        whole_site.pages["/a"] = page("Un titre", FR_TEXT, links=links)
        whole_site.pages["/a"].etag = has_validators
        whole_site.pages["/sitemap.xml"] = sitemap(whole_site, "/a", modified="2024")

        def added(**more: object) -> list[str]:
            source = {"sitemap": whole_site.at("/sitemap.xml"), **more}
            sources = Sources.model_validate(
                {"source": [source], "delay_seconds": 0, "private_hosts": [whole_site.host, other.host]}
            )
            return run(sources, tmp_path).added

        assert added() == [whole_site.at("/a")]
        assert added(linked_pdfs=True) == [whole_site.at("/rapport.pdf")]
        both = [whole_site.host, other.host]
        assert added(linked_pdfs=True, hosts=both) == [other.at("/plan.pdf")]
        assert added(linked_pdfs=True, hosts=both) == []


def test_pdfs_outlive_a_change_of_their_source(whole_site: Site, tmp_path: Path) -> None:
    """A sitemap under another name keeps the PDFs that its unchanged pages link to."""
    whole_site.pages["/new.xml"] = whole_site.pages["/sitemap.xml"]
    run(listed(whole_site), tmp_path)
    (source, feed) = listed(whole_site).source
    renamed = source.model_copy(update={"sitemap": whole_site.at("/new.xml")})
    report = run(listed(whole_site, source=[renamed, feed]), tmp_path)
    assert (report.added, report.changed, report.removed, report.unchanged) == ([], [], [], 5)


def test_a_feed_may_date_its_pages_wrongly(site: Site, tmp_path: Path) -> None:
    """The page is fetched, with the date that it states itself."""
    site.pages["/a"] = page("Un titre", FR_TEXT)
    site.pages["/feed"] = Served(
        f"<rss version='2.0'><channel><title>x</title><item><title>y</title><link>{site.at('/a')}</link>"
        f"<pubDate>{NO_YEAR}</pubDate></item></channel></rss>".encode(),
        media_type="application/rss+xml",
    )
    assert run(chosen(site, {"feed": site.at("/feed")}), tmp_path).added == [site.at("/a")]


def test_what_nobody_foresaw_at_one_address_is_named(site: Site, tmp_path: Path) -> None:
    """A page that a library breaks down at keeps no other from being fetched."""

    class BreaksDown(DocumentReader):
        def page(self, markup: str, address: str | None = None) -> Extracted:
            if address == site.at("/a"):
                raise RecursionError("too deep")
            return super().page(markup, address)

    site.pages |= {"/a": page("Un titre", FR_TEXT), "/b": page("Un autre", JA_TEXT, "ja")}
    with BreaksDown() as reading:
        report = run(pages(site, "/a", "/b"), tmp_path, reading=reading)
    assert report.added == [site.at("/b")]
    assert reasons(report) == f"{site.at('/a')}: what it sends can't be read (too deep)."


def test_pages_outlive_a_change_of_their_source(site: Site, tmp_path: Path) -> None:
    """What the new listing has is kept, without a transfer; the rest goes only when that has been read."""

    def kept() -> list[str]:
        return [source.removeprefix(site.address) for source in synced_files(tmp_path) or {}]

    site.pages |= {"/fr/a": page("Un titre", FR_TEXT), "/fr/b": page("Un autre", JA_TEXT, "ja")}
    site.pages |= {"/c": page("Un troisième", FR_TEXT), "/old.xml": sitemap(site, "/fr/a", "/fr/b", "/c")}
    site.pages["/new.xml"] = Served(b"", 503)
    run(of_sitemap(site, "/old.xml"), tmp_path)
    assert run(of_sitemap(site, "/new.xml", include=["/fr/*"]), tmp_path).removed == [site.at("/c")]
    assert kept() == ["/fr/a", "/fr/b"]
    site.pages["/new.xml"] = sitemap(site, "/fr/a")
    site.forget()
    report = run(of_sitemap(site, "/new.xml", include=["/fr/*"]), tmp_path)
    assert (report.added, report.removed, report.unchanged) == ([], [site.at("/fr/b")], 1)
    assert kept() == ["/fr/a"]
    assert site.paths() == ["/new.xml", "/fr/a"]
    assert run(pages(site, "/fr/a"), tmp_path).unchanged == 1
    assert (kept(), run(pages(site, "/c"), tmp_path).removed) == (["/fr/a"], [site.at("/fr/a")])


@pytest.mark.parametrize(
    ("status", "asks_on"), [(500, True), (502, True), (504, True), (503, False), (429, False)]
)
def test_broken_pages_keep_no_other_from_being_fetched(
    site: Site, tmp_path: Path, status: int, asks_on: bool
) -> None:
    """After three that break their server down the next is asked, unless the site itself is overloaded."""
    broken = {f"/broken/{number}": Served(b"", status) for number in range(3)}
    site.pages |= {**broken, "/a": page("Un titre", FR_TEXT)}
    report = run(pages(site, *broken, "/a"), tmp_path)
    assert (report.added == [site.at("/a")]) == asks_on
    assert reasons(report).count(f"the server answers {status}.") == (3 if asks_on else 4)


def test_a_host_without_rules_is_given_up(site: Site, tmp_path: Path) -> None:
    """Where robots.txt breaks down, no page is asked, nor are its rules for every page anew."""
    site.pages |= {"/robots.txt": Served(b"", 500), "/a": page("Un titre", FR_TEXT)}
    run(pages(site, *(f"/a?{number}" for number in range(9)), "/a"), tmp_path)
    assert [path for path, _ in site.asked] == ["/robots.txt"] * 6


def test_a_dead_host_is_given_up(tmp_path: Path) -> None:
    """A thousand pages of a host that is down don't wait for each."""
    with running_site() as site:
        dead = site.address
    sources = Sources.model_validate(
        {
            "source": [{"pages": [f"{dead}/{number}" for number in range(50)]}],
            "delay_seconds": 0,
            "private_hosts": [dead.partition("://")[2]],
        }
    )
    report = run(sources, tmp_path)
    assert len(report.skipped) == 50
    assert report.requests == 6


def test_redirects_stay_within_the_allowed_hosts(site: Site, tmp_path: Path) -> None:
    """A redirect to another host is not followed, and the reason says what to add if it is meant."""
    with running_site() as other:
        other.pages["/b"] = page("Un titre", FR_TEXT)
        site.pages["/a"] = Served(status=302, headers={"Location": other.at("/b")})
        site.pages["/loop"] = Served(status=302, headers={"Location": "/loop"})
        report = run(pages(site, "/a", "/loop"), tmp_path)
        assert f'add "{other.host}" to its hosts' in reasons(report)
        assert "redirects" in reasons(report)
        assert other.asked == []
        sources = pages(site, "/a", hosts=[site.host, other.host])
        sources = sources.model_copy(update={"private_hosts": {site.host, other.host}})
        assert run(sources, tmp_path).added == [site.at("/a")]


def test_rules_are_read_where_a_host_keeps_them(site: Site, tmp_path: Path) -> None:
    """A robots.txt on another host holds for the one that redirects to it; not so within the own network."""
    with running_site() as other:
        other.pages["/rules"] = Served(b"User-agent: *\nDisallow: /a\n", media_type="text/plain")
        site.pages["/robots.txt"] = Served(status=301, headers={"Location": other.at("/rules")})
        site.pages["/a"] = site.pages["/b"] = page("Un titre", FR_TEXT)
        sources = pages(site, "/a", "/b")
        report = run(sources.model_copy(update={"private_hosts": {site.host, other.host}}), tmp_path / "one")
        assert report.added == [site.at("/b")]
        assert "robots.txt" in reasons(report)
        other.forget()
        report = run(sources.model_copy(update={"private_hosts": {site.host}}), tmp_path / "two")
        assert (report.added, other.asked) == ([], [])
        assert "is no public address" in reasons(report)


def test_rules_that_redirect_for_ever_are_none(site: Site, tmp_path: Path) -> None:
    """After five redirects there are taken to be none."""
    site.pages["/robots.txt"] = Served(status=301, headers={"Location": "/robots.txt"})
    site.pages["/a"] = page("Un titre", FR_TEXT)
    report = run(pages(site, "/a"), tmp_path)
    assert (report.added, report.requests) == ([site.at("/a")], 7)


def test_private_addresses_are_not_asked(site: Site, tmp_path: Path) -> None:
    """A link, a redirect or a name that leads into the own network gets no connection."""
    site.pages["/a"] = page("Un titre", FR_TEXT, links='<a href="http://localhost:1/geheim.pdf">x</a>')
    sources = pages(site, "/a", linked_pdfs=True, hosts=[site.host, "localhost:1"])
    report = run(sources, tmp_path)
    assert report.added == [site.at("/a")]
    assert "is no public address" in reasons(report)
    closed = sources.model_copy(update={"private_hosts": frozenset()})
    site.forget()
    assert "127.0.0.1, which is no public address" in reasons(run(closed, tmp_path / "other"))
    assert site.asked == []


def test_the_address_that_is_checked_is_the_one_connected_to(site: Site, tmp_path: Path) -> None:
    """A name that turns to the own network after it was looked up (DNS rebinding) reaches nothing."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        # The first answer looks harmless (TEST-NET is not routed); the next would be ourselves.
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["8.8.8.8", "127.0.0.1"]

    port = site.host.partition(":")[2]
    sources = Sources.model_validate(
        {"source": [{"pages": [f"http://rebinding.example:{port}/a"]}], "delay_seconds": 0}
    )
    site.pages["/a"] = page("Un titre", FR_TEXT)
    fetcher = Fetcher("x", 0, sources.private_hosts, QUICK, resolve=rebinding)
    report = sync(sources, tmp_path, fetcher, READING)
    assert "no public address" in reasons(report)
    assert site.asked == []


def _unknown(_host: str, _port: int) -> list[str]:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("status", "known", "silent", "cause"),
    [
        (200, _unknown, False, "unknown_name"),
        (200, lambda _host, _port: ["127.0.0.2"], False, "refused"),
        (200, resolve, True, "silent"),
        (503, resolve, False, "robots"),
    ],
)
def test_the_usual_causes_are_told_apart(
    site: Site, status: int, known: Resolve, silent: bool, cause: str
) -> None:
    """The page for staff says them in its reader's language."""
    site.pages["/robots.txt"] = Served(status=status)
    limits = replace(QUICK, seconds=0.0) if silent else QUICK
    fetcher = Fetcher("x", 0, {site.host}, limits, resolve=known)
    for _ in range(4):  # the last is not asked any more
        with pytest.raises(SiteUnreachable) as failed:
            fetcher.get(site.at("/a"), None, expected="link")
        assert failed.value.cause == cause


PRIVATE = (
    "127.0.0.1 10.1.2.3 192.168.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1 fe80::1%eth0 "
    "fd00::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 64:ff9b:1::7f00:1 ::127.0.0.1 ::ffff:0:127.0.0.1 "
    "fec0::1 5f00::1 2001:db8::1 3fff::1"
)
"""Loopback, private, link-local, shared, multicast, for examples, given to nobody, and IPv6 forms of them."""

PUBLIC = "8.8.8.8 2001:4860:4860::8888 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1"


@pytest.mark.parametrize("address", [*PRIVATE.split(), *PUBLIC.split()])
def test_public_addresses(address: str) -> None:
    """Ordinary addresses of the internet, and IPv6 forms of them; no others."""
    assert is_public(address) == (address in PUBLIC.split())


def test_a_pause_lies_between_two_requests(site: Site, tmp_path: Path) -> None:
    """The owner's delay, or the longer one that robots.txt asks for, is kept for each host."""
    site.pages |= {"/a": page("Un titre", FR_TEXT), "/b": page("Un autre", JA_TEXT, "ja")}
    site.pages["/robots.txt"] = Served(b"User-agent: partnerbot\nCrawl-delay: 30\n", media_type="text/plain")
    pauses: list[float] = []
    fetcher = Fetcher("x", 0.5, {site.host}, QUICK, sleep=pauses.append)
    sync(pages(site, "/a", "/b"), tmp_path, fetcher, READING)
    asked, waited = pauses
    assert round(asked, 1) == 0.5
    assert 10 < waited <= 30  # less what reading the first page took


@pytest.mark.parametrize("is_read_again", [True, False])
def test_a_page_outlives_one_of_its_addresses(site: Site, tmp_path: Path, is_read_again: bool) -> None:
    """Whichever address of a page is listed first, and however the other one goes."""
    head = f'<link rel="canonical" href="{site.at("/p")}">'
    site.pages |= {
        "/a": page("Un titre", FR_TEXT, head=head),
        "/b": page("Un titre", FR_TEXT, head=head),
    }
    run(pages(site, "/b"), tmp_path)
    if is_read_again:
        site.pages["/b"] = page("Un titre", FR_TEXT, head=head, links="<p>Imprimer</p>")
    run(pages(site, "/a", "/b"), tmp_path)
    assert list(documents(tmp_path)) == [site.at("/p")]
    site.pages["/b"] = Served(b"", 404)
    for _ in range(2):
        run(pages(site, "/a", "/b"), tmp_path)
        assert list(documents(tmp_path)) == [site.at("/p")]
    run(pages(site, "/c"), tmp_path)
    assert not documents(tmp_path)


def test_a_page_outlives_a_new_order_of_its_addresses(site: Site, tmp_path: Path) -> None:
    """What has changed at both of them has changed once, and it outlives the one that had it."""
    head = f'<link rel="canonical" href="{site.at("/p")}">'
    site.pages |= {path: page("Un titre", FR_TEXT, head=head) for path in ("/a", "/b")}
    run(pages(site, "/a", "/b"), tmp_path)
    new = page("Un titre", "La passerelle de Valmont a été fermée en 2021.", head=head)
    site.pages |= {"/a": new, "/b": new}
    assert run(pages(site, "/b", "/a"), tmp_path).changed == [site.at("/b"), site.at("/a")]
    (document,) = documents(tmp_path).values()
    assert "2021" in document.page_content
    site.pages["/a"] = Served(b"", 404)
    for _ in range(3):
        run(pages(site, "/b", "/a"), tmp_path)
        assert list(documents(tmp_path)) == [site.at("/p")]


@pytest.mark.parametrize("paths", [["/", "/a", "/b"], ["/a", "/b"], ["/a", "/", "/b"], ["/b", "/a", "/"]])
def test_pages_that_state_one_wrong_address_are_kept(site: Site, tmp_path: Path, paths: list[str]) -> None:
    """A template that calls every page the home page: each is kept under its own address, and it is told."""
    head = f'<link rel="canonical" href="{site.at("/")}">'
    texts = {
        "/": "Bienvenue à Valmont, la ville des deux rives et des lanternes.",
        "/a": FR_TEXT,
        "/b": JA_TEXT,
    }
    site.pages |= {path: page(path, text, head=head) for path, text in texts.items()}

    def kept() -> dict[str, bool]:
        return {
            (path := source.removeprefix(site.address)): texts[path] in document.page_content
            for source, document in documents(tmp_path).items()
        }

    report = run(pages(site, *paths), tmp_path)
    assert [one.source for one in report.remarks] == [site.at("/")]
    assert (report.skipped, kept()) == ([], dict.fromkeys(sorted(paths), True))
    report = run(pages(site, *paths), tmp_path)
    assert (report.added, report.changed, report.removed) == ([], [], [])
    texts["/a"] = "La passerelle de Valmont a été fermée en 2021."
    site.pages["/a"] = page("/a", texts["/a"], head=head)
    assert run(pages(site, *paths), tmp_path).changed == [site.at("/a")]
    assert kept() == dict.fromkeys(sorted(paths), True)


def test_a_print_view_is_the_page(site: Site, tmp_path: Path) -> None:
    """It has the same article, with some words more: the canonical address is believed."""
    head = f'<link rel="canonical" href="{site.at("/a")}">'
    site.pages |= {
        "/a": page("Un titre", FR_TEXT, head=head),
        "/a?print=1": page("Un titre", f"Imprimé depuis le site de Valmont. {FR_TEXT}", head=head),
    }
    report = run(pages(site, "/a", "/a?print=1"), tmp_path)
    assert (list(synced_files(tmp_path) or {}), report.remarks) == ([site.at("/a")], [])


def test_a_large_sitemap_is_read(site: Site, tmp_path: Path) -> None:
    """It may be as large as sitemaps.org allows, which a page may not."""
    site.pages["/a"] = page("Un titre", FR_TEXT)
    padding = " " * QUICK.page_bytes
    site.pages["/sitemap.xml"] = sitemap(site, "/a", more=padding)
    assert run(of_sitemap(site), tmp_path).added == [site.at("/a")]


def test_a_sitemap_that_lists_itself_is_asked_once(site: Site, tmp_path: Path) -> None:
    """A circle of sitemaps ends."""
    site.pages["/a"] = page("Un titre", FR_TEXT)
    site.pages["/sitemap.xml"] = Served(
        f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        f"<sitemap><loc>{site.at('/sitemap.xml')}</loc></sitemap>"
        f"<sitemap><loc>{site.at('/pages.xml')}</loc></sitemap></sitemapindex>".encode(),
        media_type="application/xml",
    )
    site.pages["/pages.xml"] = sitemap(site, "/a")
    report = run(of_sitemap(site), tmp_path)
    assert (report.added, report.skipped) == ([site.at("/a")], [])
    assert report.requests == 4  # with robots.txt


def test_pages_in_old_encodings_are_read(site: Site, tmp_path: Path) -> None:
    """What the server says of a page's encoding comes before what the page says."""
    site.pages["/sjis"] = Served(
        f'<meta charset="utf-8"><title>歩道橋</title><body><p>{JA_TEXT}</p></body>'.encode("cp932"),
        media_type="text/html; charset=Shift_JIS",
    )
    run(pages(site, "/sjis"), tmp_path)
    (document,) = documents(tmp_path).values()
    assert JA_TEXT in document.page_content


def test_what_is_no_document_is_named(site: Site, tmp_path: Path) -> None:
    """A picture, an empty page and a listing that is none are said with the reason."""
    site.pages |= {
        "/picture": Served(b"\x89PNG", media_type="image/png"),
        "/empty": Served(b"<html><body><script>start()</script></body></html>"),
    }
    report = run(pages(site, "/picture", "/empty"), tmp_path)
    assert "image/png" in reasons(report)
    assert "no text" in reasons(report)
    for kind in ("sitemap", "feed"):
        site.pages["/list"] = page("Pas une liste", FR_TEXT)
        sources = chosen(site, {kind: site.at("/list")})
        assert "it is no" in reasons(run(sources, tmp_path))


def test_a_sync_excludes_another(tmp_path: Path) -> None:
    """Two syncs at once would undo each other's work; the second says so and ends."""
    with (
        PageCache.writing(tmp_path),
        pytest.raises(SyncFailed, match="Another sync"),
        PageCache.writing(tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "source"),
        ("[[source]]\n", "either pages, or a sitemap, or a feed"),
        ('[[source]]\npages = ["www.example.org"]\n', "no web address"),
        ('[[source]]\npages = ["https://good.example@evil.example/"]\n', "no web address"),
        ('[[source]]\nsitmap = "https://www.example.org/s.xml"\n', "sitmap"),
        ('[[source]]\nfeed = "https://x.example/f"\nexclude = ["fr/*"]\n', "Begin it with /"),
        ("[[source\n", "can't be read"),
    ],
)
def test_a_wrong_list_of_sources_is_named(tmp_path: Path, text: str, said: str) -> None:
    """What is wrong in sources.toml is said in place of a traceback."""
    (tmp_path / "sources.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        read_sources(tmp_path / "sources.toml")
    with pytest.raises(ConfigurationError, match="There is no"):
        read_sources(tmp_path / "none.toml")


def test_the_command_says_what_it_did_and_leaves_a_report(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 done, 1 with addresses that could not be fetched and why, 2 without a list of sources.

    The report lies beside those of the index, for which none takes it; the doctor names what the last sync
    didn't get.
    """
    listing, index = tmp_path / "sources.toml", tmp_path / "index"
    for name in ("synced", "index", "documents"):
        monkeypatch.setenv(f"PARTNERBOT_{name.upper()}", str(tmp_path / name))

    def run(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["partnerbot", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code, " ".join((said.out + said.err).split())

    def synced(*paths: str) -> tuple[object, str]:
        addresses = ", ".join(f'"{site.at(path)}"' for path in paths)
        listing.write_text(
            f'delay_seconds = 0\nprivate_hosts = ["{site.host}"]\n[[source]]\npages = [{addresses}]\n',
            "utf-8",
        )
        return run("sync", "--sources", str(listing))

    assert run("sync", "--sources", str(listing))[0] == 2
    site.pages["/a"] = page("Un titre", FR_TEXT)
    code, text = synced("/a")
    assert (code, "1 new, 0 changed" in text, "partnerbot index" in text) == (0, True, True)
    code, text = synced("/a", "/none")
    assert (code, "1 unchanged" in text) == (1, True)
    assert f"Not fetched: {site.at('/none')}: the server answers 404." in text
    report = last_report(index, of_sync=True)
    assert report is not None
    assert (report["added"], report["changed"], report["unchanged"]) == ([], [], 1)
    assert report["failed"] == [{"address": site.at("/none"), "reason": "the server answers 404."}]
    assert last_report(index) is None
    assert f"skip address not fetched: {site.at('/none')}: the server answers 404." in run("doctor")[1]
    head = f'<link rel="canonical" href="{site.at("/")}">'
    site.pages |= {
        "/a": page("Un titre", FR_TEXT, head=head),
        "/none": page("Un autre", JA_TEXT, "ja", head=head),
    }
    synced("/a", "/none")
    told = run("doctor")[1]
    assert f"look site: {site.at('/')}: different pages state it" in told
    assert "not fetched" not in told
    listing.write_text("delay_seconds = -1\n", "utf-8")
    run("sync", "--sources", str(listing))
    report = last_report(index, of_sync=True)
    assert report is not None
    assert report["outcome"] == "failed"
    assert "delay_seconds" in report["reason"]
    assert f"FAIL last sync: {report['ended_at']}: {report['reason']}" in run("doctor")[1]


def test_lost_pages_stay_in_the_index_until_they_are_fetched_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path
) -> None:
    """After synced/ was lost, a sync that finds the site down takes no page out."""
    site.pages |= {"/a": page("Un titre", FR_TEXT), "/b": page("Un autre", JA_TEXT, "ja")}
    synced, index = tmp_path / "synced", tmp_path / "index"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/own.md").write_text(FR_TEXT, "utf-8")
    model = toy_model()

    def indexed() -> list[str]:
        build_index(tmp_path / "documents", index, model, synced=synced)
        return list(Index.open(index, model).texts.documents)

    sources = pages(site, "/a", "/b")
    run(sources, synced)
    assert indexed() == [site.at("/a"), site.at("/b"), "own.md"]
    shutil.rmtree(synced)
    up, site.pages = site.pages, {path: Served(b"", 503) for path in site.pages}
    run(sources, synced)
    with pytest.raises(ConfigurationError, match=r"2 of the 2 .* of your sites .* --confirm-removal"):
        indexed()
    assert list(Index.open(index, model).texts.documents) == [site.at("/a"), site.at("/b"), "own.md"]
    site.pages = up
    site.pages["/b"] = Served(b"", 404)
    run(sources, synced)
    assert indexed() == [site.at("/a"), "own.md"]


def test_answers_cite_the_public_address(whole_site: Site, tmp_path: Path, model: EmbeddingModel) -> None:
    """From a site to an answer: the page is indexed, cited by its address, its translation counted once."""
    settings = Settings(
        documents=tmp_path / "documents", index=tmp_path / "index", synced=tmp_path / "synced"
    )
    settings.documents.mkdir()
    run(listed(whole_site), settings.synced)
    build_index(settings.documents, settings.index, model, synced=settings.synced)
    bot = Partnerbot(settings, model, load_reader())
    french = bot.ask("Quand la passerelle des Deux-Rives a-t-elle été inaugurée ?")
    assert french.short_answer == "14 mai 2016"
    assert [citation.url for citation in french.citations] == [whole_site.at("/fr/passerelle")]
    japanese = bot.ask("ドゥ・リーヴ歩道橋はいつ開通しましたか？")
    assert [citation.url for citation in japanese.citations] == [whole_site.at("/ja/hodokyo")]
