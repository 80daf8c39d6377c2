"""The painter: a thread that draws the newest session as often as it looks different, and survives its ring."""

import logging
import threading
from collections.abc import Callable

from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceFound, DeviceLost, Event
from companion.core.scene import scene
from companion.core.state import Session
from companion.core.units import Instant
from companion.light.colour import Look, Pixels
from companion.light.pixels import frame_interval, pixels
from companion.light.strip import Strip, Witness, dark

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the first and between the latest tries of a ring that failed; each pause doubles."""
CLOSING_LASTS = 2.0
"""Seconds that closing waits for a ring that may hang."""

_log = logging.getLogger(__name__)


class Painter:
    """`show` is for the loop's thread and returns at once; `post` is called from the painter's own thread.

    `look` is asked before each frame: it may change with the hour. `first_pause` is how many seconds a failed ring
    is left alone at first.
    """

    def __init__(
        self,
        strip: Strip,
        clock: Callable[[], Instant],
        post: Callable[[Event], None],
        look: Callable[[], Look] = Look,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._strip, self._clock, self._post, self._look = strip, clock, post, look
        self._news = threading.Condition()
        self._session: Session | None = None
        self._fresh = False
        self._closed = False
        self._shown: Pixels | None = None
        self._lost = False
        self._first_pause = self._pause = first_pause
        self._thread: threading.Thread | None = None

    def show(self, session: Session) -> None:
        """Draw this session from now on; the first call starts the thread."""
        with self._news:
            self._session, self._fresh = session, True
            self._news.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="painter", daemon=True)
                self._thread.start()

    def paint(self, session: Session, at: Instant) -> None:
        """Draw it once as it is at this instant, in the caller's thread: for a rehearsal on a clock of its own."""
        meaning = scene(session, at)
        if isinstance(self._strip, Witness):
            self._strip.witness(meaning, at)
        wanted = pixels(meaning, self._strip.count, at, self._look())
        if wanted != self._shown or isinstance(self._strip, Witness):
            self._shown = None
            self._strip.show(wanted)
            self._shown = wanted

    def close(self) -> None:
        """Switch the ring off and give it back."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(CLOSING_LASTS)
            if self._thread.is_alive():
                return
        try:
            self._strip.show(dark(self._strip.count))
        except DeviceError as error:
            _log.warning("%s", error)
        self._strip.close()

    def _run(self) -> None:
        interval: float | None = None
        while (session := self._next(interval)) is not None:
            interval = self._painted(session)

    def _next(self, interval: float | None) -> Session | None:
        """The newest session, when it is new or `interval` seconds have passed; None when closed."""
        with self._news:
            # A failed ring is left alone even when there is news for it.
            self._news.wait_for(lambda: self._closed or (self._fresh and not self._lost), interval)
            self._fresh = False
            return None if self._closed else self._session

    def _painted(self, session: Session) -> float | None:
        """Draw, and tell how many seconds the picture holds."""
        now = self._clock()
        try:
            self.paint(session, now)
        except DeviceError as error:
            return self._lose(error)
        if self._lost:
            self._lost, self._pause = False, self._first_pause
            self._post(DeviceFound(now, Device.RING))
        return frame_interval(scene(session, now), self._strip.count)

    def _lose(self, error: DeviceError) -> float:
        if not self._lost:
            self._lost = True
            _log.warning("%s", error)
            self._post(DeviceLost(self._clock(), Device.RING))
        pause, self._pause = self._pause, min(LONGEST_PAUSE, 2 * self._pause)
        return pause
