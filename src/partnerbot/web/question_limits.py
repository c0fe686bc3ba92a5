"""How many questions one client and all of them may ask, in a minute and in a day.

Counting is done by the library `limits`, in memory or, for several replicas, in Redis.
No address is kept: a client is known by a keyed hash of it, and the key lasts two days.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import math
import secrets
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.errors import ConfigurationError as StorageMisconfigured
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from partnerbot.errors import ConfigurationError, NotAdmitted
from partnerbot.settings import Settings

log = logging.getLogger(__name__)

_KEY_SECONDS = 2 * 24 * 3600
_STORE_SECONDS = 0.5
"""Longer than any answer of a Redis nearby; a visitor must not wait for one that has gone."""

_IPV6_NETWORK_BITS = 64
"""What a provider gives to one household: a client can take any address in it."""


class QuestionLimits:
    """Counts questions and refuses those over a limit."""

    def __init__(self, settings: Settings) -> None:
        """Raises: ConfigurationError if the store of `settings` can't be used."""
        store = _store(settings.limits_store)
        self._shared = None if isinstance(store, MemoryStorage) else store
        self._key = secrets.token_bytes(32)
        counts = (
            (settings.questions_per_minute, settings.questions_per_day, "too_many_questions"),
            (settings.all_questions_per_minute, settings.all_questions_per_day, "too_many_in_all"),
        )
        self._kinds = [_Kind(store, *count) for count in counts]
        self._own_kinds = (
            self._kinds if self._shared is None else [_Kind(MemoryStorage(), *c) for c in counts]
        )

    @property
    def waits(self) -> bool:
        """Whether counting waits for another machine."""
        return self._shared is not None

    def count(self, address: str) -> None:
        """Count one question of the client at `address`.

        Raises: NotAdmitted, with the seconds until there is room again; then it isn't counted
            against those who stayed within their own limit.
        """
        try:
            self._count(self._kinds, self._client(address, self._visitor_key()))
        except StorageError as error:
            log.error("The limits' store can't be reached, this process counts alone: %s", error)
            self._count(self._own_kinds, self._client(address, self._key))

    def _count(self, kinds: list[_Kind], client: str) -> None:
        one_client, all_clients = kinds
        one_client.take(client)
        all_clients.take("all")

    def _client(self, address: str, key: bytes) -> str:
        return hmac.new(key, _subscriber(address).encode(), hashlib.sha256).hexdigest()[:32]

    def _visitor_key(self) -> bytes:
        """Return the key of the hashes: the replicas' common one if they share a store."""
        if self._shared is None:
            return self._key
        redis = self._shared.storage  # type: ignore[attr-defined]
        try:
            redis.set("partnerbot:visitor-key", secrets.token_hex(32), nx=True, ex=_KEY_SECONDS)
            return bytes(redis.get("partnerbot:visitor-key"))
        except self._shared.base_exceptions as error:
            raise StorageError(error) from error


class _Kind:
    """The limits of one client, or those of all together."""

    def __init__(self, store: Storage, per_minute: int, per_day: int, reason: str) -> None:
        self._reason = reason
        self._limits: list[tuple[RateLimitItem, RateLimiter]] = []
        if per_minute:
            # It knows when the next question is free to the second.
            self._limits.append((RateLimitItemPerMinute(per_minute), MovingWindowRateLimiter(store)))
        if per_day:
            # Two numbers for each client, where a window of a day would keep every question's time.
            self._limits.append((RateLimitItemPerDay(per_day), SlidingWindowCounterRateLimiter(store)))

    def take(self, client: str) -> None:
        for limit, limiter in self._limits:
            if not limiter.hit(limit, self._reason, client):
                until = limiter.get_window_stats(limit, self._reason, client).reset_time
                raise NotAdmitted(self._reason, max(1, math.ceil(until - time.time())))


def _subscriber(address: str) -> str:
    """Return what identifies a client: an IPv4 address, or the network of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, _IPV6_NETWORK_BITS), strict=False))


def _store(address: str) -> Storage:
    if address == "memory":
        return MemoryStorage()
    try:
        store = storage_from_string(
            address,
            wrap_exceptions=True,
            socket_timeout=_STORE_SECONDS,
            socket_connect_timeout=_STORE_SECONDS,
        )
    except (StorageMisconfigured, ValueError) as error:
        raise ConfigurationError(
            "PARTNERBOT_LIMITS_STORE can't be used. Write memory, or redis://host:6379 "
            'and install the client: pip install "partnerbot[redis]".'
        ) from error
    assert isinstance(store, Storage)
    return store
