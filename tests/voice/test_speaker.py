"""One contract for the real loudspeaker, on a null sink of PulseAudio, and for the fake."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from companion.core.errors import DeviceError
from companion.voice.sound import RATE, Pcm, Samples
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


class FakeStream:
    """A PortAudio stream that has room for more than its latency tells, and the clock by which it plays.

    It `holds` more samples than it tells to have room for, or plays `late`, seconds after sound came into the empty
    buffer: PulseAudio does both. `rates` are what its card can do.
    """

    ROOM = 8 * BLOCK
    latency = 5 * BLOCK / RATE
    samplerate: float = RATE

    def __init__(self) -> None:
        self.rates: tuple[float, ...] = (RATE,)
        self.holds, self.late = self.ROOM, 0.0
        self.stopped = True
        self.waiting = self.heard = np.zeros(0, dtype=np.int16)
        self._now = self._plays_from = 0.0

    def opened(self, samplerate: float, channels: int, **options: object) -> "FakeStream":
        if samplerate not in self.rates:
            raise RuntimeError("Invalid sample rate", -9997)
        self.samplerate = samplerate
        return self

    @property
    def write_available(self) -> int:
        return min(self.ROOM, self.holds - len(self.waiting))

    def start(self) -> None:
        self.stopped = False

    def write(self, data: bytes) -> None:
        if not len(self.waiting):
            self._plays_from = self._now + self.late
        self.waiting = np.concatenate([self.waiting, np.frombuffer(data, dtype=np.int16)])
        assert len(self.waiting) <= self.holds, "a write without room would hang"

    def abort(self) -> None:
        self.stopped, self.waiting = True, self.waiting[:0]

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        began, self._now = max(self._now, self._plays_from), self._now + seconds
        played = max(0, round(self._now * self.samplerate) - round(began * self.samplerate))
        self.heard, self.waiting = np.concatenate([self.heard, self.waiting[:played]]), self.waiting[played:]


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> FakeStream:
    """What a PortAudioSpeaker opens, and the clock that it reads."""
    fake = FakeStream()
    portaudio = ModuleType("sounddevice")
    vars(portaudio).update(PortAudioError=RuntimeError, RawOutputStream=fake.opened)
    monkeypatch.setitem(sys.modules, "sounddevice", portaudio)
    monkeypatch.setattr("companion.voice.speaker.time", fake)
    return fake


@pytest.mark.parametrize(("holds", "late"), [(8, 0), (12, 0), (8, 4)], ids=["plain", "holds more", "plays late"])
@pytest.mark.parametrize("left", [0, 1, 4, 8])
def test_a_thread_that_stood_still_before_the_end_loses_no_sound(
    stream: FakeStream, left: int, holds: int, late: int
) -> None:
    """The rest of a sentence, and maybe all the quiet behind it, fits into a buffer that ran empty; in blocks."""
    stream.holds, stream.late = holds * BLOCK, late * BLOCK / RATE
    speaker, sound = PortAudioSpeaker(), np.arange(1, 40 * BLOCK + 1, dtype=np.int16)
    stall = len(sound) - left * BLOCK
    write(speaker, sound[:stall])
    stream.sleep(0.3)
    write(speaker, sound[stall:])
    speaker.finish()
    assert np.array_equal(stream.heard[stream.heard > 0], sound)
    assert stream.stopped


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_a_card_that_cannot_do_our_rate_plays_all_at_its_own(stream: FakeStream, rate: int) -> None:
    stream.rates = (rate,)
    speaker, sound = PortAudioSpeaker(), sweep(1.0)
    for _ in range(2):
        write(speaker, sound)
        speaker.finish()
    wanted, heard = Pcm(sound, RATE), Pcm(stream.heard, rate)
    parts = np.array_split(heard.at_house_rate().samples, 2)
    assert [len(without_silence(part)) for part in parts] == pytest.approx([len(sound)] * 2, abs=BLOCK)
    assert min(share_heard(wanted.samples, part) for part in parts) >= 0.95


def test_what_was_cut_off_is_not_the_beginning_of_what_follows(stream: FakeStream) -> None:
    """A resampler keeps some of it back."""
    stream.rates = (48_000,)
    speaker, before, after = (
        PortAudioSpeaker(),
        np.full(40 * BLOCK, -9000, np.int16),
        np.full(20 * BLOCK, 9000, np.int16),
    )
    write(speaker, before)
    speaker.cut()
    began = len(stream.heard)
    write(speaker, after)
    speaker.finish()
    assert stream.heard[began:].min() > -3000, "what rings before a step is no more than an eighth of it"


def test_a_card_that_can_do_no_rate_is_told(stream: FakeStream, monkeypatch: pytest.MonkeyPatch) -> None:
    stream.rates = ()
    monkeypatch.setattr("companion.voice.speaker._look_anew", lambda portaudio: None)
    with pytest.raises(DeviceError, match=r"cannot be used \(Invalid sample rate\)"):
        PortAudioSpeaker()


@pytest.mark.sound
@pytest.mark.parametrize("heard", ["real"], indirect=True)
def test_the_end_is_heard_after_the_buffer_ran_empty(heard: Heard) -> None:
    before, after = np.full(40 * BLOCK, 3000, dtype=np.int16), np.full(5 * BLOCK, -9000, dtype=np.int16)

    def play(speaker: Speaker) -> None:
        write(speaker, before)
        time.sleep(0.3)  # a real buffer runs empty in real time
        write(speaker, after)
        speaker.finish()
        write(speaker, np.zeros(RATE // 2, dtype=np.int16))

    assert np.count_nonzero(heard(play) < -4500) == pytest.approx(len(after), abs=BLOCK)


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


class Chatting:
    """PortAudio's library while another thread writes to standard error."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def Pa_Initialize(self) -> int:  # noqa: N802 - PortAudio's own name
        os.write(2, b"a warning\n")
        return int(self._library.Pa_Initialize())


@pytest.mark.sound
def test_looking_for_loudspeakers_anew_takes_standard_error_from_nobody_and_says_nothing_there(
    pulse_table: PulseTable, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import sounddevice

    monkeypatch.setattr(sounddevice, "_lib", Chatting(sounddevice._lib))
    with pytest.raises(DeviceError):
        PortAudioSpeaker("gramophone")
    assert capfd.readouterr().err == "a warning\n"


@pytest.mark.sound
def test_portaudio_that_does_not_start_is_a_lost_loudspeaker(
    pulse_table: PulseTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sounddevice

    with monkeypatch.context() as broken:
        broken.setattr(Chatting, "Pa_Initialize", lambda self: sounddevice._lib.paInternalError)
        broken.setattr(sounddevice, "_lib", Chatting(sounddevice._lib))
        for _ in range(2):
            with pytest.raises(DeviceError, match="PortAudio does not start"):
                PortAudioSpeaker("gramophone")
    PortAudioSpeaker(LOUDSPEAKER).close()
