import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from companion.core.effect import Chime
from companion.core.errors import SoundFileError
from companion.voice.chimes import chimes_folder, load_chimes
from companion.voice.sound import RATE


@pytest.mark.parametrize("chime", Chime)
def test_a_chime_startles_nobody(chime: Chime) -> None:
    samples = np.abs(load_chimes()[chime].samples.astype(int))
    peak = samples.max()
    assert 0.1 * 32767 < peak <= 0.3 * 32767
    assert samples[: RATE // 50].max() < 0.5 * peak, "within 20 ms it is below half of its peak"
    assert np.diff(samples[: RATE // 500]).max() < 0.02 * peak, "it begins without a click"
    assert samples[-RATE // 100 :].max() < 0.02 * peak, "it ends in silence"
    assert 0.5 < len(samples) / RATE < 2.5


def test_chimes_can_be_told_apart() -> None:
    sounds = load_chimes()
    assert len({sound.samples.tobytes() for sound in sounds.values()}) == len(Chime)


def test_the_committed_chimes_are_what_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, chimes_folder() / "make_chimes.py", tmp_path], check=True)
    made, committed = load_chimes(tmp_path), load_chimes()
    for chime in Chime:
        assert len(made[chime].samples) == len(committed[chime].samples)
        difference = made[chime].samples.astype(int) - committed[chime].samples
        assert np.abs(difference).max() <= 1, "run audio/make_chimes.py (a sine may differ in its last bit)"


def test_a_missing_or_strange_chime_is_named(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match=r"turn\.wav cannot be read .*; run audio/make_chimes\.py\."):
        load_chimes(tmp_path)
    (tmp_path / "turn.wav").write_bytes(b"no sound")
    with pytest.raises(SoundFileError, match=r"turn\.wav cannot be read"):
        load_chimes(tmp_path)
