"""What libraries freed holds nothing of what was heard: the memory of a process is searched from outside."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from companion.hearing import vosk
from companion.hearing.child import environment
from companion.hearing.mel import RATE, _hann
from tests.hearing.speech import clip, need_model, rows

SEED = 20261128
COMPUTES = f"""
import sys
import numpy as np
from companion.hearing.mel import log_mel
for seed in (1, {SEED}):
    log_mel(np.random.default_rng(seed).uniform(-0.5, 0.5, {5 * RATE}).astype(np.float32), 500)
print("heard", flush=True)
sys.stdin.read()
"""
"""Twice: after the first time the C library keeps pieces as large as these, and gives them to the system no more."""
RECOGNISES = """
import sys
from companion.hearing.vosk import VoskRecogniser
from tests.hearing.speech import clip, rows
engine = VoskRecogniser("vosk-ko")
engine.prepare(["\ucef4\ud4e8\ud130", "\uc54c\ub809\uc0ac"])
for row in [row for row in rows("en-standin.jsonl") if row["expect"] == "computer"][:3]:
    engine.scores(clip(row), [0, 1])
print("heard", flush=True)
sys.stdin.read()
"""


def surroundings(is_wiped: bool) -> dict[str, str]:
    """Those of the ears; or the same, but for what makes the C library overwrite what it is given back."""
    return {name: value for name, value in environment().items() if is_wiped or name != "GLIBC_TUNABLES"}


def is_found(code: str, pieces: Iterable[bytes], environment: Mapping[str, str]) -> bool:
    """Whether the memory of a process that has run this code holds any of these pieces."""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "heard\n"
        try:
            memory = memory_of(child.pid)
        except PermissionError:
            pytest.skip("this system lets nobody look into another process")
        finally:
            child.kill()
    return any(piece in memory for piece in pieces)


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


def spectrum() -> list[bytes]:
    """Pieces of the spectrum that `log_mel` computes on its way, and never names."""
    sound = np.random.default_rng(SEED).uniform(-0.5, 0.5, 5 * RATE).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sound, 200, mode="reflect"), 400)[::160][:500] * _hann()
    return [bytes(row.tobytes()[64:512]) for row in np.abs(np.fft.rfft(windows, axis=1))[::25]]


@cache
def words() -> list[bytes]:
    """What Vosk takes for the likeliest text in each of the same three sounds."""
    engine = vosk.VoskRecogniser("vosk-ko")
    engine.prepare(["\ucef4\ud4e8\ud130"])
    texts = []
    for row in [row for row in rows("en-standin.jsonl") if row["expect"] == "computer"][:3]:
        texts.append(next(vosk._alternatives(engine._unrestricted, vosk._pcm(clip(row))))[0])
        engine._forget()
    assert all(len(text) > 3 for text in texts)
    return [text.encode() for text in texts]


@pytest.mark.parametrize("is_wiped", [True, False], ids=["in the ears", "elsewhere"])
def test_what_was_computed_on_the_way_is_overwritten_when_it_is_freed(is_wiped: bool) -> None:
    assert is_found(COMPUTES, spectrum(), surroundings(is_wiped)) is not is_wiped


@pytest.mark.model
@pytest.mark.parametrize("is_wiped", [True, False], ids=["in the ears", "elsewhere"])
def test_the_words_that_vosk_answers_with_are_overwritten_when_they_are_freed(is_wiped: bool) -> None:
    need_model("vosk-ko")
    assert is_found(RECOGNISES, words(), surroundings(is_wiped)) is not is_wiped
