"""No copy of a sound outlives the function that made it: every one is looked at when its function returns."""

import queue
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import numpy as np
import pytest

from companion.core.attention import Attention
from companion.hearing import activity, listener, mel, microphone, reading, whisper
from companion.hearing.listener import Listener
from companion.hearing.mel import RATE, log_mel
from companion.language.phrases import vocabulary
from tests.hearing.speech import need_model
from tests.hearing.tones import CALIBRATION, PHRASES, ToneRecogniser, hush, tone

LEAST = 400
"""Values from which an array can hold sound: 25 ms."""
LOOKED_AT = {module.__name__ for module in (activity, listener, mel, reading)}


@contextmanager
def returns(functions: Sequence[str] = ()) -> Iterator[tuple[set[str], list[str]]]:
    """Which functions returned, and what they left: their own arrays that are neither empty, given nor handed on.

    Of the modules of LOOKED_AT, and of functions of these names anywhere.
    """
    seen, left = set[str](), list[str]()

    def look(frame: FrameType, event: str, value: object) -> None:
        name, code = frame.f_code.co_name, frame.f_code
        if event != "return" or not (name in functions or frame.f_globals.get("__name__") in LOOKED_AT):
            return
        seen.add(name)
        given = code.co_varnames[: code.co_argcount]
        for variable, local in frame.f_locals.items():
            is_own = isinstance(local, np.ndarray) and variable not in given and local is not value
            if is_own and local.size >= LEAST and local.any():
                left.append(f"{name}: {variable}")

    sys.setprofile(look)
    try:
        yield seen, left
    finally:
        sys.setprofile(None)


def test_the_listener_leaves_no_copy_of_a_sound() -> None:
    ears = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    ears.attend(Attention(open=True, legal=frozenset(vocabulary(PHRASES)), expected=frozenset(), named_only=False))
    sound = np.concatenate([hush(1), tone(0), hush(1)])
    with returns() as (seen, left):
        for start in range(0, len(sound), 512):
            ears.feed(sound[start : start + 512])
    assert {"feed", "_frame", "_read"} <= seen
    assert left == []


def test_what_is_not_a_whole_frame_yet_is_overwritten_when_the_ears_close() -> None:
    ears = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    ears.feed(tone(0)[:700])
    waiting = ears._rest
    assert waiting.any()
    ears.interrupt()
    assert not waiting.any()


def test_the_spectrum_leaves_no_copy_of_a_sound() -> None:
    sound = tone(0).astype(np.float32) / 32768
    log_mel(sound, 100)  # its filters are made once, and hold no sound
    with returns() as (seen, left):
        features = log_mel(sound, 100)
    assert "log_mel" in seen
    assert left == []
    assert features.any()


@pytest.mark.model
def test_whisper_leaves_no_copy_of_a_sound() -> None:
    need_model("whisper-base")
    recogniser = whisper.WhisperRecogniser("nl")
    recogniser.prepare(["volgende fase", "pauze"])
    sound = tone(0).astype(np.float32) / 32768
    recogniser.scores(sound, [0, 1])
    with returns(("_encoded", "_encoded_evenly", "scores")) as (seen, left):
        recogniser.scores(sound, [0, 1])
    assert {"_encoded", "_encoded_evenly", "scores"} <= seen
    assert left == []


def test_a_block_that_nobody_takes_is_overwritten() -> None:
    source = object.__new__(microphone.Microphone)
    source._pieces, source._has_gap, source._dropped = queue.Queue(maxsize=1), False, 0
    source._hand_over(np.ones(RATE // 100, np.int16))
    late = np.ones(RATE // 100, np.int16)
    source._hand_over(late)
    assert not late.any()
