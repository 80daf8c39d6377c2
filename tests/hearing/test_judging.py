"""From scores to a verdict: what was said beside a phrase, how long it lasted, and places."""

from dataclasses import replace

import pytest

from companion.hearing.calibration import Calibration
from companion.hearing.judging import ALLOWED_BESIDE, MOST_BESIDE, Judge
from companion.hearing.recogniser import Scores
from companion.hearing.spoken import spoken_forms
from companion.hearing.verdict import Decision, Norm, Thresholds
from tests.hearing.tones import PHRASES

SPOKEN = spoken_forms(PHRASES, None)
RULES = Thresholds(z=3.0, ratio=-9.0, margin=0.1, moving=0.0, lingering=2.0, beside=0.5)
NORM = Norm(-4.0, 0.5)
CALIBRATION = Calibration({}, NORM, RULES)
JUDGE = Judge(SPOKEN, [NORM] * len(SPOKEN), CALIBRATION)
SHORT_S = 0.3


@pytest.mark.parametrize(
    ("beside", "lost_z"),
    [
        (0.0, 0.0),
        (ALLOWED_BESIDE, 0.0),
        (ALLOWED_BESIDE + 4.0, 2.0),
        (ALLOWED_BESIDE + MOST_BESIDE, 0.5 * MOST_BESIDE),
        (float("inf"), 0.5 * MOST_BESIDE),
    ],
)
def test_what_was_said_beside_a_phrase_costs_something_up_to_a_most(beside: float, lost_z: float) -> None:
    lowered = JUDGE.lowered(Scores((-1.0, -1.0), None, (), (0.0, beside)), [0, 1], SHORT_S)
    assert lowered.phrases == pytest.approx((-1.0, -1.0 - lost_z * NORM.spread))


def test_a_recogniser_that_cannot_tell_loses_nothing_by_it() -> None:
    assert JUDGE.lowered(Scores((-1.0,), None), [0], SHORT_S).phrases == (-1.0,)


def test_a_second_too_long_costs_what_the_rules_say() -> None:
    longest = next(at / 100 for at in range(1000) if SPOKEN[0].lingers_s(at / 100) > 0) - 0.01
    lowered = JUDGE.lowered(Scores((-1.0,), None), [0], longest + 1.0)
    assert lowered.phrases[0] == pytest.approx(-1.0 - 2.0 * NORM.spread, abs=0.02)


def test_places_are_those_that_were_scored() -> None:
    verdict = JUDGE.verdict(Scores((-4.0, -1.0), None), [2, 1], frozenset())
    assert (verdict.decision, verdict.best) == (Decision.ACCEPT, 1)
    assert JUDGE.likeliest(Scores((-4.0, -1.0), None), [2, 1], 1) == [1]


def test_decoys_that_were_looked_at_are_looked_at_again_beside_as_many_phrases() -> None:
    spoken = [*SPOKEN, *spoken_forms((), None, ["volgens mij", "terug"])]
    judge = Judge(spoken, [NORM] * len(spoken), CALIBRATION)
    places = [0, 1, len(SPOKEN), len(SPOKEN) + 1]
    assert judge.likeliest(Scores((-4.0, -1.0, -2.0, float("-inf")), None), places, 1) == [1, 2]


def test_how_many_decoys_there_are_changes_no_verdict_between_commands() -> None:
    narrow, wide = Norm(-4.0, 0.5), Norm(-4.0, 0.9)
    spoken = [*SPOKEN, *spoken_forms((), None, [f"iets {number}" for number in range(9)])]
    verdicts = [
        Judge(those, [narrow] * len(SPOKEN) + [wide] * (len(those) - len(SPOKEN)), CALIBRATION).verdict(
            Scores((-1.0, -2.0), None), [0, 1], frozenset()
        )
        for those in (SPOKEN, spoken)
    ]
    assert verdicts[0] == verdicts[1]


def test_what_no_phrase_is_like_is_ignored() -> None:
    calibration = replace(CALIBRATION, cohort={"a": -4.0, "b": -5.0}, weight=0.6)
    unlike = Scores((float("-inf"),) * 2, None, (float("-inf"),) * 2)
    verdict = Judge(SPOKEN, [NORM] * len(SPOKEN), calibration).verdict(unlike, [0, 1], frozenset())
    assert (verdict.decision, verdict.best) == (Decision.IGNORE, None)


def test_near_its_threshold_a_sound_is_to_be_heard_again() -> None:
    judge = Judge(SPOKEN, [NORM] * len(SPOKEN), replace(CALIBRATION, thresholds=replace(RULES, again=1.0)))
    near, far = (judge.verdict(Scores((score,), None), [1], frozenset()) for score in (-2.2, -1.0))
    assert judge.is_open(near)
    assert not judge.is_open(far)


def test_two_that_are_clear_and_alike_are_to_be_heard_again_where_that_is_done_at_all() -> None:
    alike = Scores((-1.0, -1.02), None)
    for again, is_open in ((1.0, True), (0.0, False), (-1.0, False)):
        judge = Judge(SPOKEN, [NORM] * len(SPOKEN), replace(CALIBRATION, thresholds=replace(RULES, again=again)))
        assert judge.is_open(judge.verdict(alike, [0, 1], frozenset())) is is_open
