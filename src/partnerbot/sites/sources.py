"""What `sources.toml` lists: the pages, sitemaps and feeds to fetch, and how."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from partnerbot.errors import ConfigurationError
from partnerbot.owner_files import read_owner_file
from partnerbot.sites.web_addresses import normal_address, site_of


def _address(text: str) -> str:
    address = normal_address(text)
    if address is None:
        raise ValueError(f"{text!r} is no web address. Write the whole of it: https://www.example.org/page")
    return address


def _site(text: str) -> str:
    address = normal_address(f"https://{text}/")
    if address is None or "/" in text:
        raise ValueError(f"{text!r} is no host. Write www.example.org, with its port if it has one")
    return site_of(address)


def _pattern(text: str) -> str:
    if not text.startswith(("/", "*")):
        raise ValueError(f"{text!r} can't fit any path. Begin it with / or *: /fr/* or */archive/*")
    return text


Address = Annotated[str, AfterValidator(_address)]
Site = Annotated[str, AfterValidator(_site)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class Source(BaseModel, frozen=True, extra="forbid"):
    """One table [[source]]: pages by address, or a sitemap, or a feed.

    `include` and `exclude` are patterns of path and query for what a sitemap or feed lists.
    `hosts` are those that its pages, redirects and PDFs may be on; by default the hosts of
    the addresses stated.
    """

    pages: tuple[Address, ...] = ()
    sitemap: Address | None = None
    feed: Address | None = None
    include: tuple[Pattern, ...] = ("*",)
    exclude: tuple[Pattern, ...] = ()
    hosts: tuple[Site, ...] = ()
    linked_pdfs: bool = False

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if [bool(self.pages), self.sitemap is not None, self.feed is not None].count(True) != 1:
            raise ValueError("a source has either pages, or a sitemap, or a feed")
        return self

    @property
    def name(self) -> str:
        """What reports call the source, and what pages in the cache are known to come from."""
        return self.sitemap or self.feed or "pages"

    @property
    def allowed_hosts(self) -> frozenset[str]:
        stated = [*self.pages, *(one for one in (self.sitemap, self.feed) if one is not None)]
        return frozenset(self.hosts or map(site_of, stated))


class Sources(BaseModel, frozen=True, extra="forbid"):
    """The whole file.

    `delay_seconds`: the pause between two requests to a host. `private_hosts`: hosts that may
    have an address inside the institution's network; all others must be public.
    """

    source: tuple[Source, ...] = Field(min_length=1)
    # A small web server shouldn't notice; a thousand pages take a quarter of an hour.
    delay_seconds: float = Field(1.0, ge=0, le=60)
    private_hosts: frozenset[Site] = frozenset()


def read_sources(path: Path) -> Sources:
    """Read and validate `sources.toml`. Raises: ConfigurationError naming what is wrong."""
    found = read_owner_file(path, Sources, '"Your own site" in docs/documents.md')
    if found is None:
        raise ConfigurationError(
            f"There is no {path}. Write one that lists your site's pages, as docs/documents.md shows under "
            '"Your own site", or set PARTNERBOT_SOURCES or --sources to where it is.'
        )
    return found
