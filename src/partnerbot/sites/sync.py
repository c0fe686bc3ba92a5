"""One sync: what the sources list is fetched where it has changed, and what is gone is let go."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from partnerbot.documents.loading import SkippedFile
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import (
    AddressNotFetched,
    ContentRefused,
    DisallowedByRobots,
    first_line,
)
from partnerbot.sites.cache import Page, PageCache, Refusal
from partnerbot.sites.fetching import GONE, NOTHING_KNOWN, Fetcher, Version
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

    def told(self) -> dict[str, object]:
        named = {"failed": self.skipped, "remarks": self.remarks}
        return {
            "outcome": "fetched",
            **{name: value for name, value in vars(self).items() if name not in ("skipped", "seconds")},
            **{
                key: [{"address": one.source, "reason": one.reason} for one in of]
                for key, of in named.items()
            },
        }


def sync(
    sources: Sources,
    folder: Path,
    fetcher: Fetcher,
    reading: DocumentReader,
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
        for source in sources.source:
            run.sync_source(source)
        run.forget_unlisted(sources.source)
        run.settle_addresses()
    report = run.report
    report.requests, report.bytes_received = fetcher.requests, fetcher.bytes_received
    report.seconds = time.perf_counter() - started
    return report


@dataclass
class _Run:
    _cache: PageCache
    _fetcher: Fetcher
    _reading: DocumentReader
    _on_address: OnAddress
    today: date
    _seen: set[str] = field(default_factory=set)
    _unread: list[Source] = field(default_factory=list)
    """Of these, a listing could not be read."""
    report: SyncReport = field(default_factory=SyncReport)

    def forget_unlisted(self, sources: Sequence[Source]) -> None:
        """Remove pages of which the source was taken out or changed, and that no other one has listed.

        Where a listing that may have them could not be read, they stay.
        """
        for page in self._cache.pages.all():
            takers = [source for source in sources if _may_list(source, page)]
            is_wanted = any(source.name == page.source or source in self._unread for source in takers)
            if not is_wanted and page.address not in self._seen:
                self._forget(page)

    def _forget(self, page: Page) -> None:
        self._cache.forget(page)
        self.report.removed.append(page.address)

    def sync_source(self, source: Source) -> None:
        """Fetch what one source lists, what it listed before, and the PDFs linked to."""
        entries = {entry.address: entry for entry in self._entries(source)}
        for page in self._cache.pages.all():
            if page.source != source.name or page.address in entries or not _may_list(source, page):
                continue
            # What was said of it last.
            entries[page.address] = Entry(page.address, stated=page.stated)
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
            for address in self._linked(source, entry.address):
                if address not in entries:
                    entries[address] = linked = Entry(address)
                    queue.append(linked)

    def _linked(self, source: Source, address: str) -> list[str]:
        """Return the PDFs that a page links to and its source takes, whether it was fetched again or not."""
        page = self._cache.pages.get(address) if source.linked_pdfs else None
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
                reason = f'none of the {len(entries):,} addresses that it lists fits include "{pattern}".'
                self._skip(source.name, reason)

    def _listing(self, source: Source, address: str) -> Listing:
        """Return what a sitemap or feed lists now, or listed last if it can't be fetched."""
        before = self._cache.listings.get(address) or Listing(())
        self._on_address(address, 0)
        try:
            with _of_one_address():
                response = self._fetcher.get(address, source.allowed_hosts, before.version, "listing")
                if response.status == 304:
                    return before
                if response.status in GONE:
                    raise AddressNotFetched(f"the server answers {response.status}.")
                read = read_sitemap if source.sitemap is not None else read_feed
                listed = read(response.content, response.version.address)
                listing = replace(listed, version=response.version)
        except AddressNotFetched as error:
            self._skip(address, error)
            self._unread.append(source)
            return before
        self._cache.listings.keep(address, listing)
        return listing

    def _visit(self, source: Source, entry: Entry) -> None:
        """Bring one address up to date. Raises: AddressNotFetched."""
        known = self._cache.pages.get(entry.address)
        if known is not None and known.source != source.name:
            known = replace(known, source=source.name)
            self._cache.keep(known)
        is_right = known is not None and self._cache.holds(known.file) and known.stated == entry.stated
        if known is not None and is_right and self._is_settled(known, entry):
            self.report.unchanged += 1
            return
        refusal = self._cache.refusals.get(entry.address)
        if refusal is not None and refusal.until > self.today and refusal.modified == entry.modified:
            raise ContentRefused(f"{refusal.reason} It is not asked again before {refusal.until}.")
        version = known.version if known is not None and is_right else NOTHING_KNOWN
        try:
            with _of_one_address():
                response = self._fetcher.get(entry.address, source.allowed_hosts, version)
                document = None
                if response.status == 200:
                    document = fetched_document(response, entry, self._reading, source.allowed_hosts)
        except ContentRefused as error:
            if known is None:  # else it had a document once, and may soon again
                until = self.today + _REFUSED_FOR
                self._cache.refusals.keep(entry.address, Refusal(str(error), entry.modified, until))
            raise
        except DisallowedByRobots as error:
            self._miss(known)
            self._skip(entry.address, error)
            return
        if document is not None:
            self._keep(source, entry, known, response.version, document)
        elif response.status in GONE:
            self._miss(known)
            if known is None:
                self._skip(entry.address, f"the server answers {response.status}.")
        elif known is not None:
            self._cache.keep(replace(known, misses=0))
            self.report.unchanged += 1

    def settle_addresses(self) -> None:
        """Find out where visitors find each page: at the address that it states, if that is believed.

        Addresses that state the same one have the same article, as a page and its print view, and are one
        document; where an article is another one, what both state is wrong.
        """
        pages = sorted(self._cache.pages.all(), key=attrgetter("claimed"))
        for claimed, group in groupby(pages, attrgetter("claimed")):
            # The page that is there itself comes first.
            first, *others = sorted(group, key=lambda page: page.version.address != claimed)
            different = [page for page in others if not self._is_twin(first, page)]
            found_at = {page.address: page.version.address for page in (first, *different)}
            if not different:
                found_at[first.address] = claimed
            for page in (first, *others):
                if page.public != (public := found_at.get(page.address)):
                    self._cache.keep(replace(page, public=public))
            if different:
                reason = (
                    f"different pages state it as their canonical address, such as {first.address} and "
                    f"{different[0].address}. Each is kept under its own address."
                )
                self.report.remarks.append(SkippedFile(claimed, reason))

    def _is_twin(self, page: Page, other: Page) -> bool:
        if page.version.address == other.version.address:
            return True  # one redirects to the other; what it shows may change from one request to the next
        kept, more = self._cache.read(page.file), self._cache.read(other.file)
        return kept is None or more is None or is_same_article(kept, more, self._reading)

    def _is_settled(self, known: Page, entry: Entry) -> bool:
        """Tell whether the sitemap's word that nothing changed is enough: where the server has no better."""
        return (
            known.misses == 0
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
        """Keep what was fetched; the document is written unless it says what the one that is there says."""
        file = self._cache.file_for(entry.address, document.suffix)
        before = self._cache.read(file)
        is_same = before == document.content or (
            before is not None
            and document.suffix == ".html"
            and says_the_same(before, document.content, self._reading)
        )
        if document.beside is not None and self._cache.read(f"{file}.yaml") != document.beside:
            is_same = False
            self._cache.write(f"{file}.yaml", document.beside)
        if not is_same:
            self._cache.write(file, document.content)
        # Until all are known, a page is found where it is.
        public = version.address if known is None else known.public
        self._cache.keep(
            Page(
                *(entry.address, source.name, document.public, public, file, version, entry.modified),
                pdfs=document.pdfs,
                stated=entry.stated,
            )
        )
        if known is None:
            self.report.added.append(entry.address)
        elif is_same:
            self.report.unchanged += 1
        else:
            self.report.changed.append(entry.address)

    def _skip(self, address: str, reason: object) -> None:
        self.report.skipped.append(SkippedFile(address, str(reason)))


@contextmanager
def _of_one_address() -> Iterator[None]:
    """Raise what nobody foresaw as AddressNotFetched: a site can send anything, and others come after it."""
    try:
        yield
    except AddressNotFetched:
        raise
    except Exception as error:
        raise AddressNotFetched(f"what it sends can't be read ({first_line(error)}).") from error


def _may_list(source: Source, page: Page) -> bool:
    """Tell whether a known page is one that a source takes, if it lists it or a page links to it."""
    if site_of(page.address) not in source.allowed_hosts or matches(page.address, source.exclude):
        return False
    linked = page.address.lower().partition("?")[0].endswith(".pdf") and source.linked_pdfs
    if source.pages:
        return page.address in source.pages or linked
    return linked or matches(page.address, source.include)
