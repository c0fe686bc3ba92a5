"""Web addresses as an owner states them: a site's origin, and where visitors reach the chat."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class PublicAddress:
    """Where visitors reach the chat: `origin` as browsers write it, `prefix` empty or "/path"."""

    origin: str
    prefix: str

    @property
    def scheme(self) -> str:
        return self.origin.partition("://")[0]

    @property
    def host(self) -> str:
        """Host with its port, if that isn't the scheme's own: what a browser sends as Host."""
        return self.origin.partition("://")[2]

    def __str__(self) -> str:
        return f"{self.origin}{self.prefix}"


def origin_of(address: str) -> str:
    """Return the origin of a page's address, as browsers write it.

    Lower case, international names in their ASCII form, without the scheme's own port.
    Raises: ValueError saying what an address needs.
    """
    parts = _split(address)
    host = parts.hostname or ""
    try:
        name = host if ":" in host else host.encode("idna").decode("ascii")
        port = parts.port
    except ValueError as error:  # UnicodeError is one
        raise ValueError(f"{address!r} is not an address: {error}") from error
    name = f"[{name}]" if ":" in name else name
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{name}{shown}"


def normal_origins(listed: str) -> str:
    """Return a list of origins, separated by commas or spaces, in its one form: separated by spaces.

    Raises: ValueError naming what is no origin.
    """
    origins = []
    for entry in listed.replace(",", " ").split():
        if "*" in entry:
            raise ValueError(f"{entry!r}: name each site; a star would let strangers in")
        parts = _split(entry)
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"{entry!r}: an origin has no path: {origin_of(entry)}")
        origins.append(origin_of(entry))
    return " ".join(dict.fromkeys(origins))


def normal_public_url(url: str) -> str:
    """Return the chat's public address in its one form, without a final slash; empty stays empty.

    Raises: ValueError saying what it needs.
    """
    return str(public_address(url)) if url.strip() else ""


def public_address(url: str) -> PublicAddress:
    """Read the chat's public address. Raises: ValueError saying what it needs."""
    parts = _split(url)
    if parts.query or parts.fragment or any(sign in parts.path for sign in "%;,'\"<> "):
        raise ValueError(f"{url!r}: an address and at most a plain path: https://www.example.org/chat")
    segments = [segment for segment in parts.path.split("/") if segment]
    return PublicAddress(origin_of(url), "".join(f"/{segment}" for segment in segments))


def normal_networks(listed: str) -> str:
    """Return a list of IP addresses and networks, separated by commas or spaces, with commas between them.

    Raises: ValueError naming what is none.
    """
    networks = []
    for entry in listed.replace(",", " ").split():
        try:
            networks.append(str(ipaddress.ip_network(entry, strict=False)))
        except ValueError as error:
            raise ValueError(f"{entry!r}: write an IP address or a network: 10.0.0.0/8") from error
    return ",".join(dict.fromkeys(networks))


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
    except ValueError as error:
        raise ValueError(f"{address!r} is not an address: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{address!r}: write it with its scheme: https://www.example.org")
    if parts.username is not None or any(sign in parts.netloc for sign in " ;,'\"<>*\\"):
        raise ValueError(f"{address!r}: only a host and a port may stand in it")
    return parts
