"""Listening again where one look is not sure: scripted scores, look by look."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from companion.hearing.calibration import Calibration
from companion.hearing.mel import RATE, Sound
from companion.hearing.reading import SPEEDS, Reader
from companion.hearing.recogniser import Scores, Span
from companion.hearing.spoken import spoken_forms
from companion.hearing.utterance import Voices
from companion.hearing.verdict import Decision, Norm, Reason, Thresholds, Verdict
from tests.hearing.tones import PHRASES

SPOKEN = spoken_forms(PHRASES, None)
USUAL = Calibration({}, Norm(-4.0, 0.5), Thresholds(z=4.0, ratio=-9.0, margin=0.5, moving=0.0, again=1.0))
SOUND = np.zeros(RATE, np.float32)
SECOND = Voices(np.zeros(31, np.bool_), speech_s=1.0)


class Scripted:
    """Gives the scores of one look after another; remembers lengths and places."""

    model = "scripted"

    def __init__(self, *looks: tuple[float, ...]) -> None:
        self._looks = list(looks)
        self.asked: list[tuple[int, tuple[int, ...]]] = []

    def prepare(self, phrases: Sequence[str], cohort: Sequence[str] = (), decoys: Sequence[str] = ()) -> None:
        self.cohort = cohort

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        look = self._looks[len(self.asked)]
        self.asked.append((len(sound), tuple(places)))
        return Scores(tuple(look[place] for place in places), 0.0, (-5.0,) * len(self.cohort))

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        return ()

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:
        return ()

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        raise AssertionError("nobody asked for it")


def read(
    *looks: tuple[float, ...], calibration: Calibration = USUAL, voices: Voices = SECOND
) -> tuple[Verdict, Scripted]:
    recogniser = Scripted(*looks)
    return Reader(SPOKEN, recogniser, calibration).read(SOUND, voices, [0, 1, 2], frozenset()), recogniser


@pytest.mark.parametrize("score", [-0.9, -3.0], ids=["clear", "far off"])
def test_what_is_sure_is_looked_at_once(score: float) -> None:
    verdict, recogniser = read((score, -4.0, -4.0))
    assert len(recogniser.asked) == 1
    assert verdict.decision is (Decision.ACCEPT if score > -2.0 else Decision.IGNORE)


def test_what_is_not_sure_is_heard_again_slower_and_faster() -> None:
    _, recogniser = read((-2.2, -4.0, -4.0), (-2.2, -4.0, -4.0), (-2.2, -4.0, -4.0))
    assert [length for length, _ in recogniser.asked] == [RATE, *(pytest.approx(RATE / s, abs=2) for s in SPEEDS)]
    assert {places for _, places in recogniser.asked[1:]} == {(0, 1, 2)}


@pytest.mark.parametrize(
    ("first", "then", "decision"),
    [
        (-2.2, -1.8, Decision.ACCEPT),
        (-1.8, -2.3, Decision.ASK),
        (-1.8, -2.8, Decision.ASK),
        (-1.8, -3.4, Decision.IGNORE),
    ],
)
def test_the_mean_of_all_looks_decides(first: float, then: float, decision: Decision) -> None:
    verdict, _ = read((first, -4.0, -4.0), (then, -4.0, -4.0), (then, -4.0, -4.0))
    assert verdict.decision is decision
    assert verdict.z == pytest.approx(((first + 2 * then) / 3 + 4.0) / 0.5)
    assert verdict.best == 0


def test_what_one_look_finds_surely_not_said_was_not() -> None:
    verdict, _ = read((-2.2, -4.0, -4.0), (-0.5, -4.0, -4.0), (-math.inf, -4.0, -4.0))
    assert verdict.decision is Decision.IGNORE


def test_what_was_between_two_is_told_apart_by_more_looks() -> None:
    verdict, _ = read((-1.9, -1.9, -4.0), (-1.9, -3.0, -4.0), (-1.9, -3.0, -4.0))
    assert (verdict.reason, verdict.best) == (Reason.CLEAR, 0)


def test_only_the_likeliest_are_scored_again_and_the_rest_was_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.hearing.reading.LIKELIEST", 1)
    verdict, recogniser = read((-2.2, -3.0, -3.0), (-2.2, 0.0, 0.0), (-2.2, 0.0, 0.0))
    assert [places for _, places in recogniser.asked] == [(0, 1, 2), (0,), (0,)]
    assert verdict.margin == math.inf


def test_nobody_listens_again_where_the_calibration_does_not_ask_for_it() -> None:
    once = replace(USUAL, thresholds=replace(USUAL.thresholds, again=-1.0))
    _, recogniser = read((-2.0, -4.0, -4.0), calibration=once)
    assert len(recogniser.asked) == 1


def test_the_level_of_the_room_is_that_of_all_looks() -> None:
    cohort = replace(USUAL, cohort={"nul": -5.5, "een": -5.0, "twee": -4.0}, weight=1.0)
    verdict, recogniser = read((-2.2, -4.0, -4.0), (-2.2, -4.0, -4.0), (-2.2, -4.0, -4.0), calibration=cohort)
    assert recogniser.cohort == ("nul", "een", "twee")
    assert verdict.z == pytest.approx(3.6)


class Louder(Scripted):
    """Every look finds the whole cohort 0.6 likelier."""

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        found = super().scores(sound, places)
        return replace(found, cohort=tuple(score + 0.6 * (len(self.asked) - 1) for score in found.cohort))


def test_of_a_level_that_differs_from_look_to_look_the_mean_counts() -> None:
    cohort = replace(USUAL, cohort={"nul": -5.5, "een": -5.0, "twee": -4.0}, weight=1.0)
    looks = [(-2.2, -4.0, -4.0)] * 3
    verdict = Reader(SPOKEN, Louder(*looks), cohort).read(SOUND, SECOND, [0, 1, 2], frozenset())
    assert verdict.z == pytest.approx(3.6 - 0.6 / USUAL.default.spread)


@pytest.mark.parametrize(("speech_s", "loss"), [(1.0, 0.0), (1.345, 0.0), (2.345, 2.0), (2.845, 3.0)])
def test_speech_that_lasts_too_long_for_a_phrase_counts_against_it(speech_s: float, loss: float) -> None:
    """The first phrase, "volgende fase", has 13 letters and takes 0.845 s and half a second for breath and echo."""
    slow = replace(USUAL, thresholds=replace(USUAL.thresholds, lingering=2.0, again=-1.0))
    verdict, _ = read((-1.0, -4.0, -4.0), calibration=slow, voices=replace(SECOND, speech_s=speech_s))
    assert verdict.z == pytest.approx(6.0 - loss)


class Placed(Scripted):
    """Finds the first phrase at its span, and the others in all of the sound."""

    first = Span(0.3, 0.6, 5)

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        spans = tuple(self.first if place == 0 else Span(0.0, 1.0, 10) for place in places)
        return replace(super().scores(sound, places), spans=spans)


@pytest.mark.parametrize(
    ("voiced", "scores", "decision"),
    [
        pytest.param(slice(9, 22), (-1.0, -4.0, -4.0), Decision.ACCEPT, id="a voice that says the phrase"),
        pytest.param(slice(0, 22), (-1.0, -4.0, -4.0), Decision.ACCEPT, id="a hesitation before it"),
        pytest.param(slice(0, 37), (-1.0, -4.0, -4.0), Decision.IGNORE, id="talk before and after it"),
        pytest.param(slice(9, 38), (-1.0, -4.0, -4.0), Decision.ACCEPT, id="noise that passes for a voice after it"),
        pytest.param(slice(9, 45), (-1.0, -4.0, -4.0), Decision.IGNORE, id="talk after it"),
        pytest.param(slice(0, 37), (-4.0, -1.0, -4.0), Decision.ACCEPT, id="talk that the phrase takes up"),
    ],
)
def test_a_phrase_amid_talk_is_ignored(voiced: slice, scores: tuple[float, ...], decision: Decision) -> None:
    frames = np.zeros(50, np.bool_)
    frames[voiced] = True
    verdict = Reader(SPOKEN, Placed(scores), USUAL).read(SOUND, Voices(frames, 1.0), [0, 1, 2], frozenset())
    assert verdict.decision is decision
    assert (verdict.reason is Reason.OTHER_WORDS) == (decision is Decision.IGNORE)


def test_what_is_said_before_a_phrase_counts_less_than_what_is_said_after_it() -> None:
    """People say "eh" before it, and nothing after it."""
    frames = np.zeros(60, np.bool_)
    frames[:44] = True
    recogniser = Placed((-1.0, -4.0, -4.0))
    recogniser.first = Span(1.1, 1.4, 5)
    hesitant = Reader(SPOKEN, recogniser, USUAL).read(SOUND, Voices(frames, 1.0), [0, 1, 2], frozenset())
    assert hesitant.decision is Decision.ACCEPT


def test_what_is_ignored_anyway_keeps_its_reason() -> None:
    talk = Voices(np.ones(50, np.bool_), 1.0)
    verdict = Reader(SPOKEN, Placed((-5.0, -6.0, -6.0)), USUAL).read(SOUND, talk, [0, 1, 2], frozenset())
    assert (verdict.decision, verdict.reason) == (Decision.IGNORE, Reason.UNLIKE)


@pytest.mark.parametrize(
    ("span", "decision"),
    [
        (Span(0.3, 0.6, 6), Decision.ACCEPT),
        (Span(0.3, 0.54, 6), Decision.IGNORE),
        (Span(0.3, 0.34, 2), Decision.ACCEPT),
    ],
    ids=["a quick word", "nobody speaks so fast", "too short to tell"],
)
def test_what_would_have_been_said_in_no_time_is_ignored(span: Span, decision: Decision) -> None:
    recogniser = Placed((-1.0, -4.0, -4.0))
    recogniser.first = span
    verdict = Reader(SPOKEN, recogniser, USUAL).read(SOUND, SECOND, [0, 1, 2], frozenset())
    assert verdict.decision is decision


def test_what_is_much_liker_a_decoy_is_no_command() -> None:
    spoken = (*SPOKEN, *spoken_forms((), None, ["volgens mij"]))
    for decoy, decided in ((-0.4, Decision.IGNORE), (-1.0, Decision.ACCEPT)):
        reader = Reader(spoken, Scripted((-1.0, -4.0, -4.0, decoy)), USUAL)
        verdict = reader.read(SOUND, SECOND, [0, 1, 2, 3], frozenset())
        assert (verdict.best, verdict.decision) == (0, decided), "it is never named"
