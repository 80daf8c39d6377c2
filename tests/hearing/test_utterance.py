"""Cutting out what stands alone, on frames that are told to be speech or not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.hearing.activity import FRAME, FRAME_S, Frame
from companion.hearing.utterance import (
    LONGEST,
    NEVER_QUIET_AFTER,
    QUIET_AFTER,
    QUIET_BEFORE,
    SHORTEST,
    Utterances,
    Voices,
)

SPEECH, QUIET = Frame(-25.0, True, True), Frame(-70.0, False, False)
ECHO, FAINT = Frame(-50.0, False, True), Frame(-50.0, True, True)
NOISE = Frame(-27.0, False, True)
KEPT_AFTER = 7
"""Frames: the soft edge of a word, 0.22 s."""
_ENOUGH = round(QUIET_AFTER / FRAME_S) + 1


def cut(frames: list[Frame], longest: float = LONGEST) -> list[tuple[int, float]]:
    """Number of the last frame of speech, and seconds of speech, of every utterance."""
    utterances, found = Utterances(longest), []
    for number, frame in enumerate(frames):
        utterance = utterances.feed(np.full(FRAME, number % 30_000 + 1, np.int16), frame)
        if utterance is not None:
            kept = set((utterance.sound[::FRAME] - 1).tolist())
            assert utterance.ended in kept
            assert max(kept) - utterance.ended <= KEPT_AFTER, "what follows is no part of it"
            assert utterance.ended - round(utterance.voices.speech_s / FRAME_S) + 1 in kept
            found.append((utterance.ended, utterance.voices.speech_s))
            utterances.wipe()
            assert not utterance.sound.any()
            assert not utterance.voices.frames.any()
    return found


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        pytest.param([QUIET] * 20 + [SPEECH] * 30 + [QUIET] * 20, [(49, 30 * FRAME_S)], id="alone"),
        pytest.param([SPEECH] * 30 + [QUIET] * 20, [], id="no quiet before"),
        pytest.param([QUIET] * 20 + [SPEECH] * 30 + [QUIET] * 5, [], id="not over yet"),
        pytest.param(
            [QUIET] * 20 + [SPEECH] * 9 + [QUIET] * 10 + [SPEECH] * 9 + [QUIET] * 20, [(47, 28 * FRAME_S)], id="a pause"
        ),
        pytest.param([QUIET] * 20 + [SPEECH] * 30 + [ECHO] * 40, [(49, 30 * FRAME_S)], id="echo ends it"),
        pytest.param(
            [QUIET] * 20 + [SPEECH] * 30 + [ECHO] * 40 + [QUIET] * 20, [(49, 30 * FRAME_S)], id="echo is no utterance"
        ),
        pytest.param(
            [QUIET] * 20 + [SPEECH] * 30 + [ECHO] * 16 + [QUIET] * 2 + [ECHO] * 16 + [QUIET] * 20,
            [(49, 30 * FRAME_S)],
            id="echo that holds its breath",
        ),
        pytest.param(
            [QUIET] * 20 + [SPEECH] * 30 + [ECHO] * 20 + [FAINT] * 20 + [QUIET] * 20,
            [(49, 30 * FRAME_S), (89, 20 * FRAME_S)],
            id="somebody far away answers amid the echo",
        ),
        pytest.param(
            [QUIET] * 20 + [SPEECH] * 30 + [QUIET] * 20 + [ECHO] * 20 + [QUIET] * 20,
            [(49, 30 * FRAME_S), (89, 20 * FRAME_S)],
            id="as faint as an echo after quiet",
        ),
        pytest.param([QUIET] * 20 + [SPEECH] * 4 + [QUIET] * 20, [], id="click"),
        pytest.param([QUIET] * 20 + [SPEECH] * 200 + [QUIET] * 5 + [SPEECH] * 20 + [QUIET] * 20, [], id="talk"),
        pytest.param(
            [QUIET] * 20 + [SPEECH] * 200 + [QUIET] * 20 + [SPEECH] * 20 + [QUIET] * 20,
            [(259, 20 * FRAME_S)],
            id="after talk",
        ),
    ],
)
def test_what_stands_alone(frames: list[Frame], expected: list[tuple[int, float]]) -> None:
    assert cut(frames) == expected


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 160)), max_size=12))
@settings(deadline=None)
def test_every_utterance_has_quiet_around_it_and_a_phrase_length(runs: list[tuple[bool, int]]) -> None:
    frames = [SPEECH if speech else QUIET for speech, length in runs for _ in range(length)]
    for ended, speech_s in cut(frames):
        first = ended - round(speech_s / FRAME_S) + 1
        assert SHORTEST <= speech_s <= LONGEST + FRAME_S
        assert frames[first] is SPEECH
        assert frames[ended] is SPEECH
        assert all(frame is QUIET for frame in frames[first - round(QUIET_BEFORE / FRAME_S) : first])
        assert all(frame is QUIET for frame in frames[ended + 1 : ended + _ENOUGH])


def test_what_never_ends_is_known_after_half_a_minute_and_quiet_begins_anew() -> None:
    utterances = Utterances()
    half_a_minute = round(NEVER_QUIET_AFTER / FRAME_S)
    frames = [SPEECH] * (2 * half_a_minute + 5) + [QUIET] * 20 + [SPEECH] * (half_a_minute - 5)
    for number, frame in enumerate(frames):
        utterances.feed(np.ones(FRAME, np.int16), frame)
        # Until the quiet that comes at its end has lasted long enough.
        is_noisy = half_a_minute <= number + 1 < 2 * half_a_minute + 5 + round(QUIET_BEFORE / FRAME_S)
        assert utterances.never_quiet is is_noisy
        if number == half_a_minute + 9:
            # The device said something itself.
            utterances.reset()


@pytest.mark.parametrize(
    ("frames", "speech", "voiced"),
    [
        pytest.param([SPEECH] * 20, 20, 20, id="a voice"),
        pytest.param([NOISE] * 30 + [SPEECH] * 20 + [NOISE] * 10, 60, 20, id="noise before and after it"),
        pytest.param([SPEECH] * 5 + [NOISE] * 10 + [SPEECH] * 5, 20, 20, id="noise inside of it"),
        pytest.param([NOISE] * 20, 20, 20, id="nothing that is taken for a voice"),
    ],
)
def test_noise_around_a_voice_does_not_make_it_longer(frames: list[Frame], speech: int, voiced: int) -> None:
    utterances, found = Utterances(), list[tuple[int, int]]()
    for frame in [QUIET] * 20 + frames + [QUIET] * 20 + frames + [QUIET] * 20:
        utterance = utterances.feed(np.ones(FRAME, np.int16), frame)
        if utterance is not None:
            voices = utterance.voices
            found.append((round(voices.speech_s / FRAME_S), round(voices.voiced_s / FRAME_S)))
            utterances.wipe()
    assert found == [(speech, voiced)] * 2


@pytest.mark.parametrize(
    ("begin", "end", "beside"),
    [
        pytest.param(0, 30, (0, 0), id="all of it"),
        pytest.param(12, 30, (1, 0), id="a voice before"),
        pytest.param(10, 18, (0, 0), id="the voice of the frame that the end lies in"),
        pytest.param(12, 15, (1, 3), id="on both sides"),
        pytest.param(0, 2, (0, 7), id="all is after it"),
    ],
)
def test_voice_beside_a_phrase_is_counted(begin: int, end: int, beside: tuple[int, int]) -> None:
    """A voice in frames 10 to 13 and, after two of noise, 16 to 18."""
    frames = np.zeros(30, np.bool_)
    frames[10:14] = frames[16:19] = True
    found = Voices(frames, speech_s=9 * FRAME_S).beside_s(begin * FRAME_S, end * FRAME_S)
    assert tuple(round(seconds / FRAME_S) for seconds in found) == beside


@pytest.mark.parametrize(("spoken_s", "is_read"), [(0.2, False), (0.5, True), (1.5, True), (1.8, False)])
def test_what_is_short_is_read_before_its_quiet_is_over(spoken_s: float, is_read: bool) -> None:
    utterances, early = Utterances(), list[int]()
    frames = [QUIET] * 20 + [SPEECH] * round(spoken_s / FRAME_S) + [QUIET] * 10
    for number, frame in enumerate(frames):
        utterances.feed(np.ones(FRAME, np.int16), frame)
        if (likely := utterances.likely) is not None:
            early.append(number)
            assert round(likely.voices.speech_s / FRAME_S) == round(spoken_s / FRAME_S)
    assert early == ([len(frames) - 5] if is_read else [])
