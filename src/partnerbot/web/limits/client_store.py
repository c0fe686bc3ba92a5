"""Who a client is, where it is counted, what it may have, and whether it has done some work for it.

The library `limits` counts: in memory or, for several replicas, in Redis.

No address is kept: a client is known by a keyed hash of it. In memory the key and all that was counted with
it last for a day, in Redis for two at most.
"""

import hashlib
import hmac
import ipaddress
import logging
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from altcha import Payload, create_challenge, verify_solution
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.errors import ConfigurationError as StorageMisconfigured
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from partnerbot.errors import ConfigurationError, NotAdmitted, to_install

log = logging.getLogger(__name__)

_DAY_SECONDS = 24 * 3600
_STORE_SECONDS = 0.5
"""Longer than any answer of a Redis nearby; a visitor must not wait for one that has gone."""

_IPV6_LINE_BITS = 48
"""What a provider gives to one line at most: whoever has it can take any address in it."""

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Counts:
    """A storage of counts, with the secret key of those who write into it."""

    storage: Storage
    key: bytes

    def client(self, address: str) -> str:
        """Return the name by which the client at an address is counted."""
        return hmac.new(self.key, line(address).encode(), hashlib.sha256).hexdigest()[:32]


class ClientStore:
    """Counts that all replicas share where there is a Redis, and this process's own while it is away."""

    def __init__(self, address: str) -> None:
        """`address`: "memory", or that of a Redis. Raises: ConfigurationError if it can't be used."""
        self._own = (0, Counts(MemoryStorage(), b""))
        self._shared = None if address == "memory" else _storage(address)

    @property
    def own(self) -> Counts:
        """This process's own: those to count by in memory, and while the shared ones are away.

        Others each day (UTC): nothing of a client outlasts it.
        """
        today = int(time.time() // _DAY_SECONDS)
        if self._own[0] != today:
            self._own = (today, Counts(MemoryStorage(), secrets.token_bytes(32)))
        return self._own[1]

    @property
    def waits(self) -> bool:
        """Whether counting waits for another machine."""
        return self._shared is not None

    def counting(self, act: Callable[[Counts], Result]) -> Result:
        """Return what `act` makes of the counts: the shared ones, or its own if those can't be reached."""
        try:
            return act(self._counts())
        except StorageError as error:
            log.error("The limits' store can't be reached, this process counts alone: %s", error)
            return act(self.own)

    def _counts(self) -> Counts:
        if self._shared is None:
            return self.own
        redis = self._shared.storage  # type: ignore[attr-defined]
        try:
            redis.set("partnerbot:visitor-key", secrets.token_hex(32), nx=True, ex=2 * _DAY_SECONDS)
            return Counts(self._shared, bytes(redis.get("partnerbot:visitor-key")))
        except self._shared.base_exceptions as error:
            raise StorageError(error) from error


def line(address: str) -> str:
    """Return what identifies a client: an IPv4 address, or all that one line may have of IPv6."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, _IPV6_LINE_BITS), strict=False))


def _storage(address: str) -> Storage:
    try:
        store = storage_from_string(
            address,
            wrap_exceptions=True,
            socket_timeout=_STORE_SECONDS,
            socket_connect_timeout=_STORE_SECONDS,
        )
    except (StorageMisconfigured, ValueError) as error:
        raise ConfigurationError(
            "PARTNERBOT_LIMITS_STORE can't be used. Write memory, or redis://host:6379 with its extra. "
            + to_install("redis")
        ) from error
    assert isinstance(store, Storage)
    return store


class Allowance:
    def __init__(
        self,
        reason: str,
        per_minute: int = 0,
        per_day: int = 0,
        by_minute: type[RateLimiter] = MovingWindowRateLimiter,
        minutes: int = 1,
    ) -> None:
        """`reason`: why those are refused who have had it. 0: as much as they like. `by_minute`: by default
        one that keeps the time of each, and so knows to the second when there is more. `minutes`: how many
        `per_minute` is for."""
        self._reason = reason
        self._limits: list[tuple[RateLimitItem, type[RateLimiter]]] = []
        if per_minute:
            self._limits.append((RateLimitItemPerMinute(per_minute, minutes), by_minute))
        if per_day:
            # Two numbers for each client, where a window of a day would keep every time.
            self._limits.append((RateLimitItemPerDay(per_day), SlidingWindowCounterRateLimiter))

    def check(self, counts: Counts, address: str, amount: int = 1) -> None:
        """Raises: NotAdmitted if `take` would, as things are, with the seconds until there is more."""
        self._look(counts, address, amount, is_counted=False)

    def take(self, counts: Counts, address: str, amount: int = 1) -> None:
        """Count what the client at `address` takes. Raises: NotAdmitted, as `check`."""
        self._look(counts, address, amount, is_counted=True)

    def _look(self, counts: Counts, address: str, amount: int, *, is_counted: bool) -> None:
        client = counts.client(address)
        for limit, strategy in self._limits:
            limiter = strategy(counts.storage)
            has_room = limiter.hit if is_counted else limiter.test
            if not has_room(limit, self._reason, client, cost=amount):
                until = limiter.get_window_stats(limit, self._reason, client).reset_time
                raise NotAdmitted(self._reason, max(1, math.ceil(until - time.time())))


PASS_SECONDS = 6 * 3600
"""How long work counts: the longest visit, a working day with its break."""

_SOLVED_WITHIN_SECONDS = 600
"""A slow phone needs half a minute; an open tab asks for a new challenge."""

_ITERATIONS = 10_000
_TRIES = 300
"""150 tries on average: 0.23 s of processor time in OpenSSL, on an AMD EPYC with other work, 2026-11-24;
browsers and phones take more. Making one cost the server 3 ms; checking one is two HMACs."""


class Challenges:
    """Makes challenges, by the library `altcha`, and knows who has solved one.

    A visitor waits a moment once; a program that asks from a thousand addresses works a thousand times.
    Nothing is kept in the browser: a client that has done its work is remembered where it is counted.
    """

    def __init__(self, clients: ClientStore) -> None:
        self._clients = clients

    def has_passed(self, address: str) -> bool:
        return self._clients.counting(lambda counts: counts.storage.get(_passed(counts, address)) > 0)

    def make(self, address: str) -> dict[str, Any]:
        """Return a challenge that only the client at this address can use."""

        def challenge(counts: Counts) -> dict[str, Any]:
            return create_challenge(
                algorithm="PBKDF2/SHA-256",
                cost=_ITERATIONS,
                # Known beforehand, so that there is a last try, and checking costs no work.
                counter=secrets.randbelow(_TRIES),
                expires_at=int(time.time()) + _SOLVED_WITHIN_SECONDS,
                data={"client": counts.client(address)},
                hmac_secret=b"challenge" + counts.key,
                hmac_key_secret=b"solution" + counts.key,
            ).to_dict()

        return self._clients.counting(challenge)

    def accept(self, address: str, payload: str) -> bool:
        """Remember the client if this is the solution of a challenge of its own; else False."""

        def is_solved(counts: Counts) -> bool:
            secret, key_secret = b"challenge" + counts.key, b"solution" + counts.key
            if not verify_solution(payload, secret, hmac_key_secret=key_secret).verified:
                return False
            data = Payload.from_base64(payload).challenge.parameters.data
            if data != {"client": counts.client(address)}:
                return False
            counts.storage.incr(_passed(counts, address), PASS_SECONDS)
            return True

        return self._clients.counting(is_solved)


def _passed(counts: Counts, address: str) -> str:
    return f"challenge-passed:{counts.client(address)}"
