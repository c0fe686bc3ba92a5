"""One sync: what the sources list is fetched where it has changed, and what is gone is let go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from partnerbot.documents.loading import SkippedFile
from partnerbot.documents.reading import Reading
from partnerbot.errors import (
    AddressNotFetched,
    ContentRefused,
    DisallowedByRobots,
    SiteUnreachable,
    first_line,
)
from partnerbot.sites.cache import Page, PageCache, Refusal
from partnerbot.sites.fetching import NOTHING_KNOWN, Fetcher, Response, Version
from partnerbot.sites.listings import Entry, Listing, read_feed, read_sitemap
from partnerbot.sites.pages import (
    FetchedDocument,
    fetched_document,
    is_same_article,
    says_the_same,
)
from partnerbot.sites.sources import Source, Sources
from partnerbot.sites.web_addresses import matches, site_of

OnAddress = Callable[[str, int], None]
"""Called before an address is asked, with it and the number of those still to ask for its source."""

_MISSES = 2
"""Times in a row that a page must be gone before it is removed: one may be a site's bad night."""

_REFUSED_FOR = timedelta(days=7)
"""How long an address whose content was refused is not asked again, unless its sitemap dates it again."""

_MOST_SITEMAPS = 500
_MOST_PAGES = 50_000
"""Of one source; more come from a calendar without end."""


@dataclass
class SyncReport:
    """What a sync did; lists of addresses. `missing`: gone for the first time, kept until the next.

    `remarks`: faults of the site's that cost nothing.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[SkippedFile] = field(default_factory=list)
    remarks: list[SkippedFile] = field(default_factory=list)
    requests: int = 0
    bytes_received: int = 0
    seconds: float = 0.0


def sync(
    sources: Sources,
    folder: Path,
    fetcher: Fetcher,
    reading: Reading,
    on_address: OnAddress = lambda *_: None,
    today: date | None = None,
) -> SyncReport:
    """Fetch what the sources list into a folder; `reading` reads the pages.

    An address that can't be fetched is named in the report, and what was kept of it stays.
    One whose content can't become a document is left alone for a week. `today`: by UTC, if None.

    Raises: SyncUnderWay if another sync is running; SyncFailed if the folder can't be written.
    """
    started = time.perf_counter()
    with PageCache.writing(folder) as cache:
        run = _Run(cache, fetcher, reading, on_address, today or datetime.now(UTC).date())
        run.forget_unwanted(sources.source)
        for source in sources.source:
            run.sync_source(source)
        run.visit_disowned()
        run.forget_unlisted(sources.source)
        if not run.is_partial:
            cache.complete(run.today)
    report = run.report
    report.requests, report.bytes_received = fetcher.traffic.requests, fetcher.traffic.bytes_received
    report.seconds = time.perf_counter() - started
    return report


class _Run:
    """A sync under way."""

    def __init__(
        self, cache: PageCache, fetcher: Fetcher, reading: Reading, on_address: OnAddress, today: date
    ) -> None:
        self._cache = cache
        self._fetcher = fetcher
        self._reading = reading
        self._on_address = on_address
        self.today = today
        self._seen: set[str] = set()
        self._unread: list[Source] = []
        """Of these, a listing could not be read."""
        self._owners: dict[str, tuple[Source, Entry]] = {}
        """Which address a public address was found at in this run."""
        self._distrusted = cache.distrusted()
        self._disowned: list[tuple[Source, Entry]] = []
        """Those to ask again, since the public address that they were kept under isn't theirs."""
        self.is_partial = False
        """Whether something of which nothing is known could not be fetched, and may be tomorrow."""
        self.report = SyncReport()

    def forget_unwanted(self, sources: Sequence[Source]) -> None:
        """Remove pages that no source can list any more: no need to wait whether they are gone."""
        for page in self._cache.pages():
            if not any(_may_list(source, page) for source in sources):
                self._forget(page)

    def forget_unlisted(self, sources: Sequence[Source]) -> None:
        """Remove pages of which the source was taken out or changed, and that no other one has listed.

        Where a listing could not be read they stay: it may be the one that has them now.
        """
        for page in self._cache.pages():
            is_wanted = any(source.name == page.source and _may_list(source, page) for source in sources)
            if is_wanted or page.address in self._seen:
                continue
            if not any(source in self._unread and _may_list(source, page) for source in sources):
                self._forget(page)

    def _forget(self, page: Page) -> None:
        self._cache.forget(page)
        self.report.removed.append(page.address)

    def sync_source(self, source: Source) -> None:
        """Fetch what one source lists, what it listed before, and the PDFs linked to."""
        entries = {entry.address: entry for entry in self._entries(source)}
        for page in self._cache.pages():
            if page.source != source.name or page.address in entries or not _may_list(source, page):
                continue
            entries[page.address] = _last_stated(page)
        queue = list(entries.values())
        for place, entry in enumerate(queue):
            if entry.address in self._seen:
                continue
            self._seen.add(entry.address)
            self._on_address(entry.address, len(queue) - place)
            try:
                self._visit(source, entry)
            except AddressNotFetched as error:
                self._skip(entry.address, error)
                known = self._cache.page(entry.address)
                self.is_partial |= _may_pass(error) and (known is None or not self._has_document(known))
            for address in self._linked(source, entry.address):
                if address not in entries:
                    entries[address] = linked = Entry(address)
                    queue.append(linked)

    def _linked(self, source: Source, address: str) -> list[str]:
        """Return the PDFs that a page links to and its source takes, whether it was fetched again or not."""
        page = self._cache.page(address) if source.linked_pdfs else None
        if page is None:
            return []
        hosts = source.allowed_hosts
        return [one for one in page.pdfs if site_of(one) in hosts and not matches(one, source.exclude)]

    def _entries(self, source: Source) -> list[Entry]:
        if source.pages:
            return [Entry(address) for address in source.pages]
        entries: list[Entry] = []
        waiting, asked = [source.name], set[str]()
        while waiting:
            address = waiting.pop(0)
            if address in asked:
                continue
            if len(asked) == _MOST_SITEMAPS:
                self._skip(address, f"more than {_MOST_SITEMAPS} sitemaps; the others were not read.")
                break
            asked.add(address)
            listing = self._listing(source, address)
            waiting += listing.sitemaps
            entries += listing.entries
        self._check_patterns(source, entries)
        kept = [one for one in entries if matches(one.address, source.include)]
        kept = [one for one in kept if not matches(one.address, source.exclude)]
        if len(kept) > _MOST_PAGES:
            self._skip(source.name, f"it lists more than {_MOST_PAGES:,} pages; the others were not fetched.")
        return kept[:_MOST_PAGES]

    def _check_patterns(self, source: Source, entries: Sequence[Entry]) -> None:
        """Name the patterns of a sitemap that choose nothing; a feed has the newest pages only."""
        if source.sitemap is None or source in self._unread or not entries:
            return
        for pattern in source.include:
            if not any(matches(one.address, (pattern,)) for one in entries):
                self._skip(
                    source.name,
                    f'none of the {len(entries):,} addresses that it lists fits include "{pattern}".',
                )

    def _listing(self, source: Source, address: str) -> Listing:
        """Return what a sitemap or feed lists now, or listed last if it can't be fetched."""
        known = self._cache.listing(address)
        before, version = known if known is not None else (Listing(()), NOTHING_KNOWN)
        self._on_address(address, 0)
        try:
            with _of_one_address():
                response = self._fetcher.get(address, source.allowed_hosts, version, "listing")
                if response.unchanged:
                    return before
                if response.gone:
                    raise AddressNotFetched(f"the server answers {response.status}.")
                read = read_sitemap if source.sitemap is not None else read_feed
                listing = read(response.content, response.version.address)
        except AddressNotFetched as error:
            self._skip(address, error)
            self._unread.append(source)
            self.is_partial |= known is None
            return before
        self._cache.keep_listing(address, listing, response.version)
        return listing

    def _visit(self, source: Source, entry: Entry) -> None:
        """Bring one address up to date. Raises: AddressNotFetched."""
        known = self._cache.page(entry.address)
        if known is not None and known.source != source.name:
            known = replace(known, source=source.name)
            self._cache.keep(known)
        is_right = (
            known is not None
            and self._has_document(known)
            and not self._is_overwritten(known)
            and known.stated == entry.stated
        )
        if known is not None and is_right and self._is_settled(known, entry):
            self._owners.setdefault(known.public, (source, entry))
            self.report.unchanged += 1
            return
        refusal = self._cache.refusal(entry.address)
        if refusal is not None and refusal.until > self.today and refusal.modified == entry.modified:
            raise ContentRefused(f"{refusal.reason} It is not asked again before {refusal.until}.")
        version = known.version if known is not None and is_right else NOTHING_KNOWN
        try:
            with _of_one_address():
                response = self._fetcher.get(entry.address, source.allowed_hosts, version)
                document = self._document(source, entry, response) if response.found else None
        except ContentRefused as error:
            if known is None or known.file is None:  # else it had a document once, and may soon again
                until = self.today + _REFUSED_FOR
                self._cache.refuse(entry.address, Refusal(str(error), entry.modified, until))
            raise
        except DisallowedByRobots as error:
            self._miss(known)
            self._skip(entry.address, error)
            return
        if response.gone:
            self._miss(known)
            if known is None:
                self._skip(entry.address, f"the server answers {response.status}.")
            return
        if known is not None and response.unchanged:
            if known.file is not None:  # else another address that has the page may have to keep its file
                self._owners.setdefault(known.public, (source, entry))
            self._cache.keep(replace(known, misses=0))
            self.report.unchanged += 1
            return
        assert document is not None
        if self._is_another_page(entry, response.version, document):
            self._distrust(document.public, entry)
            document = self._document(source, entry, response)
        self._keep(source, entry, known, response.version, document)

    def _document(self, source: Source, entry: Entry, response: Response) -> FetchedDocument:
        return fetched_document(response, entry, self._reading, source.allowed_hosts, self._distrusted)

    def _is_another_page(self, entry: Entry, version: Version, document: FetchedDocument) -> bool:
        """Tell whether a page differs from the one that was found under the same public address."""
        owner = self._owners.get(document.public)
        known = None if owner is None else self._cache.page(owner[1].address)
        if (
            known is None
            or known.file is None
            or known.address == entry.address
            or document.suffix != ".html"
        ):
            return False
        if version.address == known.version.address:
            return False  # one redirects to the other; what it shows may change from one request to the next
        kept = self._cache.read(known.file)
        return kept is not None and not is_same_article(kept, document.content, self._reading)

    def _distrust(self, public: str, entry: Entry) -> None:
        """From now on, believe no page that states an address as canonical, since different ones do."""
        source, owner = self._owners.pop(public)
        self._cache.distrust(public)
        self._distrusted.add(public)
        self.report.remarks.append(
            SkippedFile(
                public,
                f"different pages state it as their canonical address, such as {owner.address} and "
                f"{entry.address}. Each is kept under its own address.",
            )
        )
        known = self._cache.page(owner.address)
        if known is not None and known.version.address == public:
            self._owners[public] = source, owner
        elif known is not None:
            self._cache.keep(replace(known, version=Version(known.version.address), modified=None))
            self._disowned.append((source, owner))

    def visit_disowned(self) -> None:
        """Ask pages again that were kept under an address of another page."""
        for source, entry in self._disowned:
            try:
                self._visit(source, entry)
            except AddressNotFetched as error:
                self._skip(entry.address, error)

    def _has_document(self, page: Page) -> bool:
        """Tell whether a page's document is there, at this or another of its addresses."""
        file = page.file or self._cache.document_of(page.public)
        return file is not None and self._cache.holds(file)

    def _is_overwritten(self, page: Page) -> bool:
        """Tell whether another address has written the page's document in this run: maybe it is no twin."""
        owner = self._owners.get(page.public)
        return page.file is not None and owner is not None and owner[1].address != page.address

    def _is_settled(self, known: Page, entry: Entry) -> bool:
        """Tell whether the sitemap's word that nothing changed is enough: where the server has no better."""
        return (
            known.file is not None
            and known.misses == 0
            and not known.version.known
            and entry.modified is not None
            and entry.modified == known.modified
        )

    def _miss(self, known: Page | None) -> None:
        if known is None:
            return
        if known.misses + 1 >= _MISSES:
            self._forget(known)
        else:
            self._cache.keep(replace(known, misses=known.misses + 1))
            self.report.missing.append(known.address)

    def _keep(
        self, source: Source, entry: Entry, known: Page | None, version: Version, document: FetchedDocument
    ) -> None:
        _, owner = self._owners.setdefault(document.public, (source, entry))
        is_owner = owner.address == entry.address
        file = self._cache.file_for(document.public, document.suffix) if is_owner else None
        changed = file is not None and self._write(file, document)
        page = Page(
            entry.address,
            source.name,
            document.public,
            file,
            version,
            entry.modified,
            pdfs=document.pdfs,
            stated=entry.stated,
        )
        if known is not None and known.file not in (None, file):
            # It moved: what was kept at its old place is not said any more.
            self._cache.replace(known, page)
        else:
            self._cache.keep(page)
        if file is not None and (known is None or known.file is None):
            self.report.added.append(entry.address)
        elif changed and entry.address not in self.report.added:
            self.report.changed.append(entry.address)
        else:
            self.report.unchanged += 1

    def _write(self, file: str, document: FetchedDocument) -> bool:
        """Write a document, unless it says what the one that is there says. Tells whether it did."""
        before = self._cache.read(file)
        if before is not None and self._is_same(file, before, document):
            return False
        if document.beside is not None:
            self._cache.write(f"{file}.yaml", document.beside)
        self._cache.write(file, document.content)
        return True

    def _is_same(self, file: str, before: bytes, document: FetchedDocument) -> bool:
        if document.beside is not None and self._cache.read(f"{file}.yaml") != document.beside:
            return False
        if document.suffix == ".html":
            return says_the_same(before, document.content, self._reading)
        return before == document.content

    def _skip(self, address: str, reason: object) -> None:
        self.report.skipped.append(SkippedFile(address, str(reason)))


def _may_pass(error: AddressNotFetched) -> bool:
    """Tell whether a page may be fetched another day: not if it is refused, or leads elsewhere."""
    return isinstance(error, SiteUnreachable) or error.status is not None


@contextmanager
def _of_one_address() -> Iterator[None]:
    """Raise what nobody foresaw as AddressNotFetched: a site can send anything, and others come after it."""
    try:
        yield
    except AddressNotFetched:
        raise
    except Exception as error:
        raise AddressNotFetched(f"what it sends can't be read ({first_line(error)}).") from error


def _last_stated(page: Page) -> Entry:
    """Return what a listing that doesn't have a page any more said of it."""
    return Entry(page.address, published=page.stated.published, alternates=page.stated.alternates)


def _may_list(source: Source, page: Page) -> bool:
    """Tell whether a known page is one that a source takes, if it lists it or a page links to it."""
    if site_of(page.address) not in source.allowed_hosts or matches(page.address, source.exclude):
        return False
    linked = page.address.lower().partition("?")[0].endswith(".pdf") and source.linked_pdfs
    if source.pages:
        return page.address in source.pages or linked
    return linked or matches(page.address, source.include)
