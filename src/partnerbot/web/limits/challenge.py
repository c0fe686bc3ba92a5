"""Some work that a browser does before a client's first question, where the owner wants it.

A visitor waits a moment once; a program that asks from a thousand addresses works a thousand times.
Challenges are made and checked by the library `altcha`. Nothing is kept in the browser: that a client has
done its work is remembered where its questions are counted, by the hash of its address.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from altcha import Payload, create_challenge, verify_solution

from partnerbot.web.limits.client_store import ClientStore, Counts

PASS_SECONDS = 6 * 3600
"""How long work counts: the longest visit, a working day with its break."""

_SOLVED_WITHIN_SECONDS = 600
"""A slow phone needs half a minute; an open tab asks for a new challenge."""

_ITERATIONS = 10_000
_TRIES = 300
"""150 tries on average: 0.23 s of processor time in OpenSSL, on an AMD EPYC with other work, 2026-11-24;
browsers and phones take more. Making one cost the server 3 ms; checking one is two HMACs."""


class Challenges:
    """Makes challenges, and knows who has solved one."""

    def __init__(self, clients: ClientStore) -> None:
        self._clients = clients

    def has_passed(self, address: str) -> bool:
        """Whether the client at an address has done its work."""
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
