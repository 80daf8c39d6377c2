"""The ears' process with the recogniser of tones; run as a program, with a fault to play as its argument.

`prints`: the recogniser prints what it hears, wherever it can. `writes`: it answers the second phrase if any
file can be written, else the first. `dumps`: if another process of this user could read its memory. `orphan`: if it
would outlive its parent. `swaps`: if its memory is not locked. `hurries`: if it is not nice. `hangs`: it never answers.
`lacks`: it knows neither the second phrase nor a name.
"""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from companion.hearing import process
from companion.hearing.mel import Sound
from companion.hearing.recogniser import Scores
from companion.memory import lock_memory
from tests.hearing.tones import BACKGROUND, CLEAR, ToneRecogniser


class FaultyRecogniser(ToneRecogniser):
    def __init__(self, fault: str, place: str) -> None:
        super().__init__()
        self._fault, self._file = fault, Path(place)

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        if self._fault == "prints":
            print("volgende fase", flush=True)
            print("volgende fase", file=sys.stderr, flush=True)
            os.write(1, b"volgende fase")
            os.write(2, b"volgende fase")
        elif self._fault == "hangs":
            threading.Event().wait()
        elif self._fault in (faults := self._attempts()):
            bad = faults[self._fault]()
            return Scores(tuple(CLEAR if place == bad else BACKGROUND for place in places), CLEAR)
        return super().scores(sound, places)

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        if self._fault != "lacks":
            return ()
        return (0,) if len(phrases) == 1 else (1,)

    def _attempts(self) -> dict[str, Callable[[], bool]]:
        return {
            "writes": self._can_write,
            "dumps": self._is_readable,
            "orphan": _would_outlive,
            "swaps": _may_be_swapped,
            "hurries": _goes_before_the_table,
        }

    def _can_write(self) -> bool:
        try:
            self._file.write_bytes(b"volgende fase")
        except OSError:
            return False
        return True

    def _is_readable(self) -> bool:
        """Whether it may be dumped, may gain rights, or may leave a core: as `prctl` and the limits tell."""
        dumpable = int(process.ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
        no_new_rights = int(process.ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))
        return dumpable != 0 or no_new_rights != 1 or process.resource.getrlimit(process.resource.RLIMIT_CORE) != (0, 0)


def _may_be_swapped() -> bool:
    """Whether nothing is locked, where it can be."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmLck:")[1].split()[0]) == 0 and lock_memory()


def _goes_before_the_table() -> bool:
    return os.nice(0) < 5


def _would_outlive() -> bool:
    """Whether the kernel would let it live on when the session dies: a library that hangs reads no end of input."""
    told = process.ctypes.c_int()
    process.ctypes.CDLL(None).prctl(2, process.ctypes.byref(told), 0, 0, 0)
    return told.value != process.signal.SIGKILL


if __name__ == "__main__":
    process.main(lambda *_: FaultyRecogniser(sys.argv[1], sys.argv[2]))
