"""The artist: one frame after the other on a ring that may be lost, at the instants at which it has to be asked."""

import logging
from collections.abc import Callable, Sequence

from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceFound, DeviceLost, Event
from companion.core.scene import Scene, scene
from companion.core.state import Session
from companion.core.units import Instant, Seconds, after, between
from companion.light.colour import Look, Pixels
from companion.light.pixels import MOVING, frame_interval, pixels
from companion.light.strip import Strip, Witness, dark

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each try of a ring that is lost; the last for all that follow."""
WELL_AFTER = 60.0
"""Seconds of shining after which the pauses begin anew: a loose wire comes and goes."""

REFRESH = Seconds(1.0)
"""Seconds after which a frame is sent again: LEDs give no answer, and one that a glitch disturbed stays wrong."""

_log = logging.getLogger(__name__)


class Artist:
    """Draws on one thread. A ring that is not there, or breaks, is told once and opened again after growing pauses.

    `opened` gives the ring, ready to shine; it raises DeviceError when it is not there. `look` is asked before each
    frame: it may change with the hour.
    """

    def __init__(
        self,
        opened: Callable[[], Strip],
        post: Callable[[Event], None],
        look: Callable[[], Look] = Look,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._opened, self._post, self._look, self._pauses = opened, post, look, pauses
        self._strip: Strip | None = None
        self._shown: Pixels | None = None
        self._sent_at: Instant | None = None
        self._touch: int | None = None
        """The touch that was shown last."""
        self._lost = False
        self._failures = 0
        self._well_since = self._rests_until = Instant(0.0)

    def open(self, at: Instant) -> None:
        """Try the ring before there is anything to draw."""
        try:
            self._strip = self._opened()
        except DeviceError as fault:
            self._lose(fault, at)

    def draw(self, session: Session, at: Instant) -> Seconds:
        """Show the session; the seconds after which to be asked again without news.

        Whatever the news, no two frames come faster than the eye needs, but for a finger, which is shown at once; and a
        lost ring is left alone.
        """
        meaning = scene(session, at)
        finger = not self._lost and meaning.touch not in (None, self._touch)
        if not finger and (wait := self._waits(at)) > 0:
            return wait
        try:
            self._show(meaning, at)
        except DeviceError as fault:
            self._lose(fault, at)
            return self._waits(at)
        if self._lost:
            self._lost, self._well_since = False, at
            self._post(DeviceFound(at, Device.RING))
        return frame_interval(meaning, self._ring.count) or REFRESH

    def close(self) -> None:
        """Switch the ring off and give it back."""
        if self._strip is None:
            return
        try:
            self._strip.show(dark(self._strip.count))
        except DeviceError as fault:
            _log.warning("%s", fault)
        self._strip.close()
        self._strip = None

    @property
    def _ring(self) -> Strip:
        """Open it where it is not."""
        if self._strip is None:
            self._strip = self._opened()
        return self._strip

    def _waits(self, at: Instant) -> Seconds:
        if self._lost:
            return between(at, self._rests_until)
        return Seconds(0.0) if self._sent_at is None else between(at, after(self._sent_at, MOVING))

    def _show(self, meaning: Scene, at: Instant) -> None:
        """Send a frame if it looks different from the last, or that is long ago; a witness is told of every one."""
        ring = self._ring
        wanted = pixels(meaning, ring.count, at, self._look())
        if isinstance(ring, Witness):
            ring.witness(meaning, at)
        elif wanted == self._shown and self._sent_at is not None and between(self._sent_at, at) < REFRESH:
            return
        ring.show(wanted)
        self._shown, self._sent_at, self._touch = wanted, at, meaning.touch

    def _lose(self, fault: DeviceError, at: Instant) -> None:
        """Told once; a ring that shone for long before begins with the short pauses again."""
        if not self._lost:
            _log.warning("%s", fault)
            self._post(DeviceLost(at, Device.RING))
            self._failures = 0 if between(self._well_since, at) >= WELL_AFTER else self._failures
        self._lost = True
        self._rests_until = after(at, self._pauses[min(self._failures, len(self._pauses) - 1)])
        self._failures += 1
        self._shown = self._sent_at = None
        if self._strip is not None:
            self._strip.close()
            self._strip = None
