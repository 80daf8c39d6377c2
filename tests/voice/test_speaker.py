"""One contract for the real loudspeaker, on a null sink of PulseAudio, and for the fake."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from companion.core.errors import DeviceError
from companion.voice.sound import RATE, Samples
from companion.voice.speaker import BLOCK, PortAudioSpeaker, Speaker
from tests.pulse import LOUDSPEAKER, PulseTable, recorded, share_heard, without_gaps
from tests.voice.fake_speaker import FakeSpeaker

Heard = Callable[[Callable[[Speaker], None]], Samples]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.sound)])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Heard:
    """Gives a loudspeaker to what should play, and back what was heard of it, silence at both ends apart."""

    def on_fake(play: Callable[[Speaker], None]) -> Samples:
        speaker = FakeSpeaker()
        play(speaker)
        return without_silence(speaker.heard)

    def on_real(play: Callable[[Speaker], None]) -> Samples:
        table: PulseTable = request.getfixturevalue("pulse_table")
        speaker = PortAudioSpeaker(LOUDSPEAKER)
        try:
            with table.recording(tmp_path / "heard") as path:
                play(speaker)
        finally:
            speaker.close()
        return without_silence(recorded(path))

    return on_fake if request.param == "fake" else on_real


def without_silence(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 300)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def sweep(seconds: float) -> Samples:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * (200 * t + 300 * t * t)) * 9000, dtype=np.int16)


def write(speaker: Speaker, samples: Samples) -> None:
    for start in range(0, len(samples), BLOCK):
        speaker.write(samples[start : start + BLOCK])


def test_all_that_is_written_is_heard(heard: Heard) -> None:
    sound = sweep(1.0)

    def play(speaker: Speaker) -> None:
        write(speaker, sound)
        speaker.finish()
        write(speaker, np.zeros(RATE // 2, dtype=np.int16))  # the recorder is a little behind

    result = heard(play)
    assert len(without_gaps(result)) == pytest.approx(len(sound), abs=RATE // 20)
    assert share_heard(sound, result) >= 0.9


def test_what_is_cut_is_never_heard_and_what_follows_is(heard: Heard) -> None:
    before, after = np.full(20 * BLOCK, 3000, dtype=np.int16), np.full(10 * BLOCK, -9000, dtype=np.int16)

    def play(speaker: Speaker) -> None:
        write(speaker, before)
        speaker.cut()
        write(speaker, after)
        speaker.finish()
        write(speaker, np.zeros(RATE // 2, dtype=np.int16))

    result = heard(play)
    assert np.count_nonzero(result > 1500) < len(before) - BLOCK, "the last samples were under way when it was cut"
    assert np.count_nonzero(result < -4500) == pytest.approx(len(after), abs=BLOCK)


def test_cutting_and_finishing_nothing_is_no_error(heard: Heard) -> None:
    def play(speaker: Speaker) -> None:
        for _ in range(3):
            speaker.cut()
            speaker.finish()

    assert len(heard(play)) == 0


@pytest.mark.sound
def test_a_suspended_sink_is_a_lost_loudspeaker_not_a_hang(pulse_table: PulseTable) -> None:
    speaker = PortAudioSpeaker(LOUDSPEAKER)
    pulse_table.control("suspend-sink", "loudspeaker", "1")
    try:
        with pytest.raises(DeviceError) as loss:
            write(speaker, sweep(5.0))
    finally:
        pulse_table.control("suspend-sink", "loudspeaker", "0")
        speaker.close()
    assert str(loss.value) == f'Loudspeaker "{LOUDSPEAKER}" takes no more sound; check its cable.'


@pytest.mark.sound
def test_a_killed_server_is_a_lost_loudspeaker_and_a_new_one_is_found(pulse_table: PulseTable) -> None:
    speaker = PortAudioSpeaker(LOUDSPEAKER)
    pulse_table.kill()
    try:
        with pytest.raises(DeviceError, match=f'Loudspeaker "{LOUDSPEAKER}" cannot be used'):
            write(speaker, sweep(5.0))
        speaker.close()
        with pytest.raises(DeviceError, match=f'Loudspeaker "{LOUDSPEAKER}" cannot be used'):
            PortAudioSpeaker(LOUDSPEAKER)
    finally:
        pulse_table.start()
    speaker = PortAudioSpeaker(LOUDSPEAKER)
    write(speaker, sweep(0.2))
    speaker.close()


@pytest.mark.sound
def test_an_unknown_loudspeaker_is_named(pulse_table: PulseTable) -> None:
    with pytest.raises(DeviceError, match='Loudspeaker "gramophone" cannot be used'):
        PortAudioSpeaker("gramophone")
