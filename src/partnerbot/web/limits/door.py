"""The door: who asks on after being refused, and who sends too many requests, is known here.

The first refusals come from the reception, with a sentence in the chat. A program that doesn't listen to
them is turned away at the door from then on.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from partnerbot.web.limits.client_store import CLIENTS_OF_A_SITE, ClientStore

PATIENCE = 10
"""Refusals that the reception tells a client of; nobody who reads them needs as many."""

_WINDOW_SECONDS = 60
_FORGOTTEN_AFTER_SECONDS = 24 * 3600
"""After the window of a client's last request. No wait is longer: the longest limit is by the day."""

_MOST_CLIENTS = 10_000
"""Clients and sites that are remembered, 300 bytes each. Beyond that, who came longest ago is forgotten."""


@dataclass
class _Caller:
    """What is known of one client or one site, in seconds of the monotonic clock."""

    window_ends: float
    requests: int = 0
    refusals: int = 0
    may_ask_from: float = 0.0


class Door:
    """Knows who asks on after being refused, and who sends more requests than a minute may have."""

    def __init__(self, clients: ClientStore, requests_per_minute: int) -> None:
        """`clients`: names clients without their addresses. `requests_per_minute`: of one client; 0: any.
        A site has what `CLIENTS_OF_A_SITE` clients have."""
        self._clients = clients
        self._most = requests_per_minute
        self._callers: OrderedDict[str, _Caller] = OrderedDict()

    def refused(self, address: str, retry_after_seconds: int) -> None:
        """Note that the client at `address` was told to ask again after so many seconds, and not before."""
        caller = self._caller(self._clients.own_names(address).client)
        caller.refusals += 1
        caller.may_ask_from = time.monotonic() + retry_after_seconds

    def wait_to_ask(self, address: str) -> float:
        """Return the seconds until a question of that client will be heard; 0 if it is now."""
        caller = self._caller(self._clients.own_names(address).client)
        wait = caller.may_ask_from - time.monotonic()
        if wait <= 0:
            caller.refusals = 0
        return wait if wait > 0 and caller.refusals >= PATIENCE else 0

    def wait_to_request(self, address: str) -> float:
        """Count a request of that client; return the seconds until it will be served, 0 if it is now."""
        if not self._most:
            return 0
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
        """Let go of the clients that have not come for long."""
        ended_before = time.monotonic() - _FORGOTTEN_AFTER_SECONDS
        # Those whose windows ended first stand first.
        while self._callers and next(iter(self._callers.values())).window_ends <= ended_before:
            self._callers.popitem(last=False)

    def _caller(self, name: str) -> _Caller:
        now = time.monotonic()
        caller = self._callers.get(name)
        if caller is None:
            caller = self._callers[name] = _Caller(now + _WINDOW_SECONDS)
        elif caller.window_ends <= now:
            caller.window_ends, caller.requests = now + _WINDOW_SECONDS, 0
            self._callers.move_to_end(name)
        if len(self._callers) > _MOST_CLIENTS:
            self._callers.popitem(last=False)
        return caller
