"""What libraries freed holds nothing of what was heard: the memory of a process is searched from outside."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from companion.hearing.mel import RATE, _hann

SEED = 20261128
_HEARS = f"""
import sys
import numpy as np
from companion.hearing.mel import log_mel
from companion.memory import wipe_what_is_freed
if sys.argv[1] == "wiped":
    wipe_what_is_freed()
for seed in (1, {SEED}):
    log_mel(np.random.default_rng(seed).uniform(-0.5, 0.5, {5 * RATE}).astype(np.float32), 500)
print("heard", flush=True)
sys.stdin.read()
"""
"""Twice: after the first time the C library keeps pieces as large as these, and gives them to the system no more."""


def spectrum() -> list[bytes]:
    """Pieces of the spectrum that `log_mel` computes on its way, and never names."""
    sound = np.random.default_rng(SEED).uniform(-0.5, 0.5, 5 * RATE).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound, 200, mode="reflect"), 400)[::160][:500] * _hann()
    return [bytes(row.tobytes()[64:512]) for row in np.abs(np.fft.rfft(windows, axis=1))[::100]]


def memory_of(process: int) -> bytes:
    found = []
    lines = Path(f"/proc/{process}/maps").read_text(encoding="ascii").splitlines()
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in lines:
            place, rights, *_ = line.split()
            begin, end = (int(each, 16) for each in place.split("-"))
            if rights.startswith("rw"):
                memory.seek(begin)
                found.append(memory.read(end - begin))
    return b"".join(found)


@pytest.mark.parametrize(("how", "is_left"), [("wiped", False), ("as it is", True)])
def test_what_was_computed_on_the_way_is_overwritten_when_it_is_freed(how: str, is_left: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HEARS, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "heard\n"
        try:
            memory = memory_of(child.pid)
        except PermissionError:
            pytest.skip("this system lets nobody look into another process")
        finally:
            child.kill()
    assert any(piece in memory for piece in spectrum()) is is_left
