"""The ears' process, seen from the session: started, told without waiting, read with patience, ended."""

import os
import select
import subprocess
from collections.abc import Sequence
from typing import IO

from companion.hearing.message import REPORT_SIZE, Report, unpack_report


class Child:
    """One life of the process. Made and read by one thread; `write` and `kill` by any, one at a time.

    Raises OSError when there is no memory or no process left for it.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            # A session of its own: Ctrl-C in a terminal is for the parent, which ends the ears in order.
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env=environment(),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def configure(self, configuration: bytes) -> None:
        """What it must have before anything else, however long; what is written after this never waits."""
        self.write(configuration)
        os.set_blocking(self._orders.fileno(), False)

    def write(self, data: bytes) -> None:
        """All of it, or the process ends: it is dead, or has read nothing for so long that its pipe is full."""
        try:
            view = memoryview(data)
            while view:
                written = self._orders.write(view)
                if written is None:
                    raise BlockingIOError
                view = view[written:]
        except (BrokenPipeError, BlockingIOError):
            self.kill()

    def next_report(self, patience: float) -> Report | None:
        """The next report; None when the process ended, says nothing for `patience` seconds or writes what is none."""
        data, place = b"", self._reports.fileno()
        while len(data) < REPORT_SIZE:
            ready, _, _ = select.select([place], [], [], patience)
            piece = os.read(place, REPORT_SIZE - len(data)) if ready else b""
            if not piece:
                return None
            data += piece
        try:
            return unpack_report(data)
        except ValueError:
            return None

    def kill(self) -> None:
        self._process.kill()

    def finish(self) -> int:
        """Close the pipes of a process that was killed or ended; the signal that ended it, else minus its status."""
        status = self._process.wait()
        self._orders.close()
        self._reports.close()
        return -status

    @property
    def _orders(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _reports(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout


_WIPES = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"
"""What is given back is overwritten with this byte; a thread's own cache would keep small pieces, such as words.

The GNU C Library's manual, Memory Allocation Tunables. It costs 0.03 s a reading on x86."""


def environment() -> dict[str, str]:
    """What was heard is overwritten wherever a library frees it.

    One thread for a verdict, unless the environment says otherwise: the other cores are the table's.
    """
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ, "GLIBC_TUNABLES": _WIPES}
