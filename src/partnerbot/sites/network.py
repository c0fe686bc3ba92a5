"""Connections to public addresses only, that end in time.

The address that is checked is the one that is connected to: a name is resolved once, its
addresses are judged, and the connection goes to one of them by number. A name that resolves
to something else a moment later (DNS rebinding) gains nothing by it.
"""

import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore

from partnerbot.errors import AddressNotFetched
from partnerbot.sites.web_addresses import site_name

Resolve = Callable[[str, int], list[str]]
"""Returns the IP addresses of a host. Raises: OSError."""

# IPv4 inside IPv6 (RFC 6052): a translator on the way would connect to the address within.
_TRANSLATED = IPv6Network("64:ff9b::/96")
# All that is given out as public so far (IANA), and what of that is for examples in texts.
_PUBLIC = IPv6Network("2000::/3")
_DOCUMENTATION = (IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to hosts whose addresses are all public, or that are in `private_hosts`."""

    def __init__(self, private_hosts: Collection[str], deadline: float, resolve: Resolve) -> None:
        """`deadline`: the time.monotonic() at which whatever goes on is cut off."""
        self._private_hosts = private_hosts
        self._deadline = deadline
        self._resolve = resolve
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises: AddressNotFetched if the host isn't public; httpcore's own errors."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known ({error})") from error
        if site_name(host, port) not in self._private_hosts:
            for address in found:
                if not is_public(address):
                    raise AddressNotFetched(
                        f"{host} is at {address}, which is no public address. If it is meant, add "
                        f'"{site_name(host, port)}" to private_hosts.'
                    )
        failure: Exception | None = None
        for address in found:
            try:
                stream = self._plain.connect_tcp(
                    address, port, _within(timeout, self._deadline), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError(f"the name {host} has no address")


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, however slowly its bytes come."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _within(timeout, self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _within(timeout, self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _within(timeout, self._deadline)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses that the system knows for a host. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Tell whether an IP address, or any that it stands for, is one of the public internet."""
    ip = ip_address(address.partition("%")[0])
    # Python takes all that it doesn't know for public, and not all of IPv6 is given out yet.
    return all(
        part.is_global
        and not part.is_multicast
        and (part.version == 4 or (part in _PUBLIC and not any(part in one for one in _DOCUMENTATION)))
        for part in _all_in(ip)
    )


def _all_in(ip: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    if isinstance(ip, IPv4Address):
        return [ip]
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    if ip in _TRANSLATED:
        return [IPv4Address(int(ip) & 0xFFFFFFFF)]
    return [ip, *([ip.sixtofour] if ip.sixtofour is not None else []), *(ip.teredo or ())]


def _within(timeout: float | None, deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("out of time")
    return left if timeout is None else min(timeout, left)
