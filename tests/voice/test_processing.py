import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.voice.processing import FADE, MARGIN, PEAK_DB, TARGET_DB, faded, levelled, loudness, processed, trimmed
from companion.voice.sound import RATE, Pcm, joined, silence


def tone(seconds: float, peak: float, rate: int = RATE) -> Pcm:
    t = np.arange(round(seconds * rate)) / rate
    return Pcm((np.sin(2 * np.pi * 440 * t) * peak * 32767).astype(np.int16), rate)


@given(before=st.floats(0, 2), after=st.floats(0, 2), length=st.floats(0.2, 2), peak=st.floats(0.01, 1))
def test_silence_is_trimmed_to_its_margins(before: float, after: float, length: float, peak: float) -> None:
    sound = joined([silence(before), tone(length, peak), silence(after)]).samples
    assert 0 <= len(trimmed(sound)) - round(length * RATE) + RATE // 200 <= 2 * MARGIN + RATE // 200


@given(length=st.floats(0.2, 2), peak=st.floats(0.01, 1))
def test_every_sentence_gets_the_same_loudness(length: float, peak: float) -> None:
    assert loudness(levelled(tone(length, peak).samples)) == pytest.approx(TARGET_DB, abs=0.2)


def test_a_single_crack_limits_the_gain_to_the_peak() -> None:
    samples = tone(1.0, 0.01).samples.copy()
    samples[5000] = 32767
    louder = levelled(samples)
    assert np.abs(louder.astype(int)).max() == louder[5000] == round(10 ** (PEAK_DB / 20) * 32767)


def test_what_is_soft_between_the_words_does_not_count_as_loudness() -> None:
    """A breath, which no silence is: it is left out by its distance to the words."""
    spoken, breath = tone(1.0, 0.3), tone(3.0, 0.003)
    assert loudness(joined([spoken, breath]).samples) == pytest.approx(loudness(spoken.samples), abs=0.1)


def test_pauses_do_not_count_as_loudness() -> None:
    spoken = tone(1.0, 0.3)
    assert loudness(joined([spoken, silence(3.0), spoken]).samples) == pytest.approx(loudness(spoken.samples), abs=0.1)


@given(st.integers(0, 3 * FADE))
def test_ends_begin_and_end_at_zero(length: int) -> None:
    ends = faded(np.full(length, 1000, dtype=np.int16))
    assert len(ends) == length
    assert length < 2 or (ends[0], ends[-1]) == (0, 0)
    assert np.abs(np.diff(ends.astype(int))).max(initial=0) <= 1000 / min(FADE, max(1, length // 2)) + 1


@pytest.mark.parametrize("nothing", [silence(0), silence(1.0)])
def test_nothing_stays_nothing(nothing: Pcm) -> None:
    assert len(processed(nothing).samples) == 0
    assert loudness(nothing.samples) is None


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_any_rate_becomes_the_rate_of_the_house(rate: int) -> None:
    at_house = tone(1.0, 0.5, rate).at_house_rate()
    assert at_house.rate == RATE
    assert at_house.seconds == pytest.approx(1.0, abs=0.001)
    spectrum = np.abs(np.fft.rfft(at_house.samples))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)


def test_joined_sounds_follow_one_another() -> None:
    parts = [tone(0.1, 0.5), silence(0.2), tone(0.3, 0.2, 16000)]
    assert joined(parts).seconds == pytest.approx(0.6, abs=0.001)
    assert len(joined([]).samples) == 0
