"""Who may have an answer worked out now, who waits for it, and who is told that it is too busy.

Clients take turns: one that asks much waits behind its own questions, not before those of others.
"""

import asyncio
from collections import Counter, OrderedDict, deque

from partnerbot.errors import NotAdmitted

RETRY_AFTER_SECONDS = 5
"""A full room of 32 was answered in less on 2 cores."""


class WaitingRoom:
    """Places to work and seats to wait, for one event loop."""

    def __init__(self, places: int, seats: int) -> None:
        """`places`: answers worked out at once. `seats`: questions that may wait for one."""
        self._places = places
        self._seats = seats
        # Half of the places are always for others; where there is one place, turns must do.
        self._places_of_one = max(1, places // 2)
        self._seats_of_one = max(1, seats // 4)
        self._working: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def working(self) -> int:
        return self._working.total()

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def check(self, client: str) -> None:
        """Raises: NotAdmitted if `enter` would, as things are."""
        if not self._waiting and self._has_place_for(client):
            return
        if len(self._waiting.get(client, ())) >= self._seats_of_one:
            raise NotAdmitted("too_many_at_once", RETRY_AFTER_SECONDS)
        if self.waiting >= self._seats:
            raise NotAdmitted("busy", RETRY_AFTER_SECONDS)

    async def enter(self, client: str) -> None:
        """Take a place, waiting for it if need be; `leave` gives it back.

        Raises: NotAdmitted, without waiting, if no seat is free or the client has its share of them.
        """
        if not self._waiting and self._has_place_for(client):
            self._working[client] += 1
            return
        self.check(client)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        self._call()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(client)
            else:
                self._give_up(client, turn)
            raise

    def leave(self, client: str) -> None:
        """Give a place back, and call who is next."""
        self._working[client] -= 1
        if not self._working[client]:
            del self._working[client]
        self._call()

    def _has_place_for(self, client: str) -> bool:
        return self.working < self._places and self._working[client] < self._places_of_one

    def _call(self) -> None:
        """Give the free places to those who wait, one client after the other."""
        while called := next((client for client in self._waiting if self._has_place_for(client)), None):
            turns = self._waiting.pop(called)
            turn = turns.popleft()
            if turns:
                self._waiting[called] = turns  # at the end: the others come first
            if not turn.cancelled():
                self._working[called] += 1
                turn.set_result(None)

    def _give_up(self, client: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(client, deque())
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(client, None)
