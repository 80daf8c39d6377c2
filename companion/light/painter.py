"""The painter: a thread that has the newest session drawn as often as it looks different."""

import threading
from collections.abc import Callable

from companion.core.state import Session
from companion.core.units import Instant
from companion.light.artist import Artist

CLOSING_LASTS = 2.0
"""Seconds that closing waits for a ring that may hang."""


class Painter:
    """`show` is for the loop's thread and returns at once; the artist draws on the painter's own thread."""

    def __init__(self, artist: Artist, clock: Callable[[], Instant]) -> None:
        self._artist, self._clock = artist, clock
        self._news = threading.Condition()
        self._session: Session | None = None
        self._fresh = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def show(self, session: Session) -> None:
        """Draw this session from now on; the first call starts the thread."""
        with self._news:
            self._session, self._fresh = session, True
            self._news.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="painter", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Switch the ring off and give it back; one that hangs is left."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(CLOSING_LASTS)
            if self._thread.is_alive():
                return
        self._artist.close()

    def _run(self) -> None:
        interval: float | None = None
        while (session := self._next(interval)) is not None:
            interval = self._artist.draw(session, self._clock())

    def _next(self, interval: float | None) -> Session | None:
        """The newest session, when it is new or `interval` seconds have passed; None when closed."""
        with self._news:
            self._news.wait_for(lambda: self._closed or self._fresh, interval)
            self._fresh = False
            return None if self._closed else self._session
