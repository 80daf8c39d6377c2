"""A loudspeaker that behaves: sound takes time to be heard, what is cut is never heard, its cable can be pulled."""

import threading

import numpy as np

from companion.core.errors import DeviceError
from companion.core.units import Seconds
from companion.voice.sound import RATE, Samples
from companion.voice.speaker import BLOCK


class FakeSpeaker:
    """Writes pass at once, or, when `paced`, one for each `let`: the test is the clock."""

    def __init__(self, paced: bool = False) -> None:
        self.heard = np.zeros(0, dtype=np.int16)
        self.under_way = np.zeros(0, dtype=np.int16)
        self.closed = False
        self.cuts = 0
        self.finishes = 0
        self._room = threading.Semaphore(0) if paced else None
        self._pulled = False
        self._moved = threading.Condition()
        self.writes = 0

    @property
    def latency(self) -> Seconds:
        return Seconds(6 * BLOCK / RATE)

    def write(self, block: Samples) -> None:
        assert not self.closed, "written to after closing"
        assert 0 < len(block) <= BLOCK, "a block is at most 10 ms"
        if self._room is not None:
            self._room.acquire()
        self._refuse_if_pulled()
        waiting = np.concatenate([self.under_way, block])
        due = max(0, len(waiting) - round(self.latency * RATE))
        self.heard, self.under_way = np.concatenate([self.heard, waiting[:due]]), waiting[due:]
        with self._moved:
            self.writes += 1
            self._moved.notify_all()

    def cut(self) -> None:
        self._refuse_if_pulled()
        self.cuts += 1
        self.under_way = self.under_way[:0]

    def finish(self) -> None:
        self._refuse_if_pulled()
        self.finishes += 1
        self.heard, self.under_way = np.concatenate([self.heard, self.under_way]), self.under_way[:0]

    def close(self) -> None:
        self.closed = True

    def let(self, writes: int) -> None:
        """Make room for so many more blocks."""
        assert self._room is not None
        self._room.release(writes)

    def await_writes(self, writes: int) -> None:
        """Wait until so many blocks were taken in all."""
        with self._moved:
            assert self._moved.wait_for(lambda: self.writes >= writes, 30), "the voice stopped writing"

    def pull_out(self) -> None:
        self._pulled = True

    def _refuse_if_pulled(self) -> None:
        if self._pulled:
            raise DeviceError('Loudspeaker "fake" is gone; plug it in.')
