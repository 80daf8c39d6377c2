"""The listener from samples to commands, on a language of tones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.command import Command
from companion.hearing.activity import FRAME, FRAME_S
from companion.hearing.listener import CLOSED, LONGEST_BLOCK, TAIL, Heard, Listener, Trace
from companion.hearing.mel import RATE, Sound
from companion.hearing.recogniser import Scores
from companion.hearing.utterance import Utterance, Voices
from companion.hearing.verdict import Decision
from companion.language.phrases import vocabulary
from tests.hearing.tones import BACKGROUND, CALIBRATION, CLEAR, NEXT, PAUSE, PHRASES, TIME, ToneRecogniser, hush, tone

OPEN = Attention(open=True, legal=frozenset(vocabulary(PHRASES)), expected=frozenset(), named_only=False)


def listen(
    *sounds: NDArray[np.int16], attention: Attention = OPEN, block: int = 512, name: str | None = None
) -> tuple[list[Heard], ToneRecogniser, list[Trace]]:
    recogniser, traces = ToneRecogniser(), list[Trace]()
    listener = Listener(PHRASES, recogniser, CALIBRATION, name, traces.append)
    listener.attend(attention)
    return feed(listener, *sounds, block=block), recogniser, traces


def feed(listener: Listener, *sounds: NDArray[np.int16], block: int = 512) -> list[Heard]:
    sound = np.concatenate(sounds)
    found = [listener.feed(sound[start : start + block]) for start in range(0, len(sound), block)]
    return [heard for heard in found if heard is not None]


def commands(found: Sequence[Heard]) -> list[Command]:
    return [heard.command for heard in found]


def test_each_phrase_gives_its_command() -> None:
    found, _, _ = listen(hush(2), tone(0), hush(1), tone(2), hush(1))
    assert commands(found) == [NEXT, TIME]


class Deluded(ToneRecogniser):
    """Takes every tone for the first phrase, and even more for whatever stands behind the phrases."""

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        self.sounds.append(len(sound))
        liker = {0: CLEAR - 1.0, len(PHRASES): CLEAR}
        return Scores(tuple(liker.get(place, BACKGROUND) for place in places), CLEAR)


@pytest.mark.parametrize(
    ("decoys", "legal", "found", "looks"),
    [
        pytest.param([], OPEN.legal, [NEXT], 1, id="a command without decoys"),
        pytest.param(["volgens mij wel"], OPEN.legal, [], 1, id="a decoy is none"),
        pytest.param(["volgens mij wel"], frozenset(), [], 0, id="decoys alone are not listened for"),
    ],
)
def test_what_is_liker_a_decoy_is_heard_as_nothing(
    decoys: list[str], legal: frozenset[Command], found: list[Command], looks: int
) -> None:
    listener = Listener(PHRASES, recogniser := Deluded(), CALIBRATION, decoys=decoys)
    listener.attend(replace(OPEN, legal=legal))
    assert commands(feed(listener, hush(2), tone(0), hush(1))) == found
    assert len(recogniser.sounds) == looks


def test_instants_count_from_the_first_sample() -> None:
    found, _, _ = listen(hush(2), tone(0, 0.9), hush(1))
    assert found[0].began_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("sounds", "why"),
    [
        pytest.param((hush(2), tone(0, 6.0), hush(1)), "longer than any phrase takes", id="long"),
        pytest.param((hush(2), tone(0, 0.1), hush(1)), "a click", id="click"),
        pytest.param(
            (hush(2), tone(1, 2.0), hush(0.12), tone(2, 2.0), hush(0.12), tone(0), hush(1)),
            "at the end of talk",
            id="end",
        ),
        pytest.param((tone(1, 8.0), hush(0.2), tone(0, 5.0), hush(1)), "no quiet before it", id="before"),
        pytest.param((hush(4),), "nothing was said", id="quiet"),
    ],
)
def test_what_cannot_be_a_command_never_reaches_the_recogniser(sounds: tuple[NDArray[np.int16], ...], why: str) -> None:
    found, recogniser, _ = listen(*sounds)
    assert (found, recogniser.sounds) == ([], []), why


def test_what_was_begun_early_is_thrown_away_when_speech_goes_on() -> None:
    found, recogniser, traces = listen(hush(2), tone(0), hush(0.32), tone(0, 5.0), hush(1))
    assert (found, traces) == ([], [])
    assert len(recogniser.sounds) == 1


def test_the_verdict_uses_what_was_begun_early() -> None:
    listener = Listener(PHRASES, recogniser := ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    assert feed(listener, hush(2), tone(0), hush(0.32)) == []
    assert len(recogniser.sounds) == 1
    assert commands(feed(listener, hush(0.4))) == [NEXT]
    assert len(recogniser.sounds) == 1
    assert listener.recognised_s == pytest.approx(0.9, abs=0.1)


def test_what_is_read_twice_counts_once_as_given_to_the_recogniser_and_pauses_in_it_do_not() -> None:
    listener = Listener(PHRASES, recogniser := ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0, 0.6), hush(0.32), tone(0, 0.6), hush(1))
    assert len(recogniser.sounds) == 2
    assert listener.recognised_s == pytest.approx(1.28, abs=0.12)
    assert listener.recognised_s <= listener.speech_s


def test_what_is_legal_at_the_end_of_the_quiet_counts() -> None:
    listener = Listener(PHRASES, recogniser := ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0), hush(0.32))
    listener.attend(Attention(open=True, legal=frozenset({TIME}), expected=frozenset(), named_only=False))
    assert feed(listener, hush(1)) == []
    assert len(recogniser.sounds) == 2


def test_what_is_expected_at_the_end_of_the_quiet_counts() -> None:
    listener = Listener(PHRASES, recogniser := ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0), hush(0.32))
    listener.attend(replace(OPEN, expected=frozenset({NEXT})))
    assert commands(feed(listener, hush(1))) == [NEXT]
    assert len(recogniser.sounds) == 2


def test_the_quiet_in_which_the_ears_were_kept_shut_counts_as_quiet_before_a_command() -> None:
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    feed(listener, hush(2))
    listener.attend(OPEN)
    assert commands(feed(listener, hush(TAIL + 0.2), tone(0), hush(1))) == [NEXT]


def test_noise_around_a_word_does_not_make_it_too_long_for_its_phrase() -> None:
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    longest = listener.spoken[1].most_s
    voices = np.zeros(round((longest + 0.6) / FRAME_S), np.bool_)
    voices[10:30] = True
    sound = np.zeros(len(voices) * FRAME, np.int16)
    assert 1 in listener._places(Utterance(sound, Voices(voices, longest + 0.3), 99))
    assert 1 not in listener._places(Utterance(sound, Voices(np.ones_like(voices), longest + 0.3), 99))


def test_a_phrase_is_only_tried_when_its_length_fits() -> None:
    recognised, recogniser, traces = listen(hush(2), tone(0, 0.3), hush(1))
    assert recognised == []
    assert [trace.command for trace in traces] == [PAUSE]
    assert traces[0].verdict.decision is Decision.IGNORE
    assert len(recogniser.sounds) == 1


@pytest.mark.parametrize(
    "attention",
    [
        CLOSED,
        Attention(open=True, legal=frozenset({PAUSE}), expected=frozenset(), named_only=False),
        Attention(open=True, legal=OPEN.legal, expected=frozenset(), named_only=True),
    ],
    ids=["closed", "illegal", "named only"],
)
def test_attention_decides_what_counts(attention: Attention) -> None:
    assert listen(hush(2), tone(0), hush(1), attention=attention)[0] == []


DOUBTED = replace(OPEN, unlikely=frozenset({NEXT}))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param([0], [], id="once"),
        pytest.param([0, 0], [NEXT], id="said again"),
        pytest.param([len(PHRASES)], [NEXT], id="with the name"),
        pytest.param([2], [TIME], id="another"),
    ],
)
def test_what_the_moment_makes_unlikely_must_be_said_again(said: list[int], found: list[Command]) -> None:
    sounds = [part for place in said for part in (tone(place), hush(0.8))]
    assert commands(listen(hush(1), *sounds, attention=DOUBTED, name="tafel")[0]) == found


@given(
    st.sets(st.sampled_from([NEXT, PAUSE, TIME])), st.lists(st.integers(0, 3), min_size=1, max_size=3), st.booleans()
)
@settings(max_examples=15, deadline=None)
def test_an_illegal_command_is_never_heard(legal: set[Command], said: list[int], named: bool) -> None:
    attention = Attention(open=True, legal=frozenset(legal), expected=frozenset({NEXT}), named_only=named)
    sounds = [part for place in said for part in (tone(place), hush(0.8))]
    found, _, _ = listen(hush(1), *sounds, attention=attention, name="tafel")
    assert set(commands(found)) <= legal
    assert not found or not named or max(said) >= len(PHRASES)


@pytest.mark.parametrize("level_db", [-60, -40, -25, -12])
def test_steady_noise_of_any_loudness_reaches_no_recogniser(level_db: int) -> None:
    found, recogniser, _ = listen(hush(2), hush(20, 10 ** (level_db / 20)))
    assert (found, recogniser.sounds) == ([], [])


def test_the_order_of_phrases_changes_nothing() -> None:
    sound = np.concatenate([hush(2), tone(0), hush(1), tone(2), hush(1)])

    class Reversed(ToneRecogniser):
        def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
            last = len(PHRASES) - 1
            return super().scores(sound, [last - place for place in places])

    listener = Listener(PHRASES[::-1], Reversed(), CALIBRATION)
    listener.attend(OPEN)
    assert commands(feed(listener, sound)) == commands(listen(sound)[0]) == [NEXT, TIME]


def test_closing_drops_what_is_being_said() -> None:
    recogniser = ToneRecogniser()
    listener = Listener(PHRASES, recogniser, CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0)[: RATE // 2])
    listener.attend(CLOSED)
    feed(listener, tone(0)[RATE // 2 :], hush(0.1))
    listener.attend(OPEN)
    assert feed(listener, hush(2)) == []
    assert recogniser.sounds == []
    assert commands(feed(listener, tone(2), hush(1))) == [TIME]


def test_the_echo_of_the_device_is_no_command() -> None:
    listener = Listener(PHRASES, recogniser := ToneRecogniser(), CALIBRATION)
    feed(listener, hush(2), tone(0, 0.6))
    listener.attend(OPEN)
    assert feed(listener, tone(0, 0.28), hush(1.5)) == []
    assert recogniser.sounds == []


def test_speech_that_begins_in_the_tail_of_the_device_is_no_command() -> None:
    listener = Listener(PHRASES, recogniser := ToneRecogniser(), CALIBRATION)
    feed(listener, hush(2))
    listener.attend(OPEN)
    assert feed(listener, tone(0), hush(1)) == []
    assert recogniser.sounds == [], "it did not stand alone"
    assert commands(feed(listener, tone(0), hush(1))) == [NEXT]


def test_what_was_mumbled_before_the_device_spoke_is_not_said_again_after() -> None:
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0, level=0.03), hush(1))
    assert listener.doubts == 1
    listener.attend(CLOSED)
    listener.attend(OPEN)
    assert feed(listener, hush(1), tone(0, level=0.03), hush(1)) == []
    assert listener.doubts == 2


def test_a_mumbled_phrase_counts_when_it_is_said_again_soon() -> None:
    mumbled = tone(0, level=0.03)
    assert commands(listen(hush(2), mumbled, hush(1))[0]) == []
    assert commands(listen(hush(2), mumbled, hush(1), mumbled, hush(1))[0]) == [NEXT]
    assert commands(listen(hush(2), mumbled, hush(9), mumbled, hush(1))[0]) == []
    assert commands(listen(hush(2), mumbled, hush(1), tone(2, level=0.03), hush(1))[0]) == []
    laughter = tone(9)
    assert commands(listen(hush(2), mumbled, hush(1), laughter, hush(1), mumbled, hush(1))[0]) == [NEXT]


def test_what_one_speaker_mumbled_is_not_said_again_by_the_next_of_a_bench() -> None:
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0, level=0.03), hush(1))
    listener.forget()
    assert feed(listener, tone(0, level=0.03), hush(1)) == []
    assert commands(feed(listener, tone(0, level=0.03), hush(1))) == [NEXT]


@given(st.lists(st.integers(1, LONGEST_BLOCK), min_size=1, max_size=5))
@settings(max_examples=10, deadline=None)
def test_the_blocks_that_sound_comes_in_change_nothing(lengths: list[int]) -> None:
    sound = np.concatenate([hush(1.5), tone(0), hush(1), tone(2, 0.7), hush(1)])
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    found, place = [], 0
    while place < len(sound):
        length = lengths[place % len(lengths)]
        found.append(listener.feed(sound[place : place + length]))
        place += length
    assert [heard for heard in found if heard is not None] == listen(sound)[0]


def test_a_block_that_could_hold_two_commands_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 8000 samples, this has 8001"):
        Listener(PHRASES, ToneRecogniser(), CALIBRATION).feed(hush(1)[: LONGEST_BLOCK + 1])


def test_nothing_of_an_utterance_stays_in_memory() -> None:
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    listener.attend(OPEN)
    feed(listener, hush(2), tone(0), hush(0.1))
    buffer = listener._utterances._buffer
    assert np.abs(buffer).max() > 1000
    feed(listener, hush(0.6))
    assert np.abs(buffer).max() < 100


class Keeping(ToneRecogniser):
    """Keeps what it was given, which no recogniser may."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Sound] = []

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        self.kept.append(sound)
        return super().scores(sound, places)


def test_what_a_recogniser_was_given_is_empty_when_it_was_read() -> None:
    """The sound as it was, and the copies that are a little slower and faster."""
    recogniser = Keeping()
    again = replace(CALIBRATION, thresholds=replace(CALIBRATION.thresholds, again=100.0))
    listener = Listener(PHRASES, recogniser, again)
    listener.attend(OPEN)
    feed(listener, hush(1), tone(0), hush(1))
    assert len(recogniser.kept) >= 3
    assert not any(sound.any() for sound in recogniser.kept)
