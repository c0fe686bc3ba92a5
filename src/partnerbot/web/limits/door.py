"""The door: who sends too many requests in a minute is turned away here, before anything is read."""

from __future__ import annotations

import time
from dataclasses import dataclass

from partnerbot.web.limits.client_store import CLIENTS_OF_A_SITE, ClientStore

_WINDOW_SECONDS = 60

_MOST_CLIENTS = 10_000
"""Clients and sites that are remembered, 300 bytes each. Beyond that, who came longest ago is forgotten."""


@dataclass
class _Caller:
    """The requests of one client or one site until its minute ends, in seconds of the monotonic clock."""

    window_ends: float
    requests: int = 0


class Door:
    """Knows who sends more requests than a minute may have."""

    def __init__(self, clients: ClientStore, requests_per_minute: int) -> None:
        """`clients`: names clients without their addresses. `requests_per_minute`: of one client; 0: any.
        A site has what `CLIENTS_OF_A_SITE` clients have."""
        self._clients = clients
        self._most = requests_per_minute
        self._callers: dict[str, _Caller] = {}
        """In the order in which their minutes end."""

    def wait_to_request(self, address: str) -> float:
        """Count a request of that client; return the seconds until it will be served, 0 if it is now."""
        if not self._most:
            return 0
        self.forget()
        names = self._clients.own_names(address)
        site = self._caller(names.site) if names.site != names.client else None
        if site is not None and site.requests >= self._most * CLIENTS_OF_A_SITE:
            return site.window_ends - time.monotonic()
        caller = self._caller(names.client)
        caller.requests += 1
        if caller.requests > self._most:
            return caller.window_ends - time.monotonic()
        if site is not None:
            # What is turned away takes nothing from the neighbours.
            site.requests += 1
        return 0

    def forget(self) -> None:
        """Let go of the clients whose minute is over, and of those who came longest ago if there are many."""
        now = time.monotonic()
        while self._callers:
            first = next(iter(self._callers))
            if len(self._callers) <= _MOST_CLIENTS and self._callers[first].window_ends > now:
                return
            del self._callers[first]

    def _caller(self, name: str) -> _Caller:
        return self._callers.setdefault(name, _Caller(time.monotonic() + _WINDOW_SECONDS))
