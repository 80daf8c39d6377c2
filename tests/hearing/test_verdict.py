"""The verdict, as tables and properties."""

import math
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from companion.core.command import Command, Name
from companion.hearing.calibration import Calibration
from companion.hearing.recogniser import Scores
from companion.hearing.verdict import Candidate, Decision, Norm, Reason, Thresholds, Verdict, likeness
from companion.hearing.verdict import judge as judge_with

NEXT, TIME, PAUSE = (Command(name) for name in (Name.NEXT_STEP, Name.TIME_LEFT, Name.PAUSE))
YES, NO, AGREE = (Command(name) for name in (Name.YES, Name.NO, Name.AGREE))
NORM = Norm(-4.0, 1.0)
RULES = Thresholds(z=3.0, ratio=-1.0, margin=0.5, moving=0.5, refusal=-1.5)
NOTHING: frozenset[Command] = frozenset()
ACCEPT, ASK, IGNORE = Decision


judge = partial(judge_with, usual=NORM.spread)


def decision(candidate: Candidate, z: float, free: float = -1.0, expected: frozenset[Command] = NOTHING) -> Decision:
    rival = Candidate(Command(Name.HELP))
    return judge([rival, candidate], [-4.0, -4.0 + z], [NORM, NORM], free, expected, RULES).decision


@pytest.mark.parametrize(
    ("candidate", "expected", "needed"),
    [
        pytest.param(Candidate(TIME), NOTHING, 3.0, id="a usual phrase"),
        pytest.param(Candidate(NEXT), NOTHING, 3.5, id="it moves the session"),
        pytest.param(Candidate(NEXT), frozenset({NEXT}), 2.5, id="it is expected"),
        pytest.param(Candidate(NEXT, named=True), NOTHING, 3.5, id="with the name, it moves the session"),
        pytest.param(Candidate(TIME, named=True), NOTHING, 3.0, id="with the name"),
        pytest.param(Candidate(Command(Name.MICROPHONE_OFF)), NOTHING, 5.5, id="it makes the ears deaf"),
        pytest.param(Candidate(Command(Name.VOICE_OFF)), NOTHING, 3.0, id="a word undoes it"),
        pytest.param(Candidate(PAUSE), NOTHING, 3.0, id="a single word"),
        pytest.param(Candidate(YES), frozenset({YES}), 1.2, id="yes to a question"),
        pytest.param(Candidate(NO), frozenset({NO}), 1.5, id="no to a question"),
        pytest.param(Candidate(AGREE), frozenset({AGREE}), 2.0, id="agreed"),
    ],
)
def test_what_z_must_reach(candidate: Candidate, expected: frozenset[Command], needed: float) -> None:
    below = [decision(candidate, z, -9.0, expected) for z in (needed - 1.01, needed - 0.01, needed + 0.01)]
    # What needs very little, an answer, is not asked back: ordinary talk is often nearly one.
    assert below == [IGNORE, ASK if needed - 0.01 >= RULES.z - RULES.asked else IGNORE, ACCEPT]


@pytest.mark.parametrize(("command", "found"), [(YES, Reason.BETWEEN), (NO, Reason.BETWEEN), (TIME, Reason.CLEAR)])
def test_an_answer_must_be_as_surely_said_as_anything_else(command: Command, found: Reason) -> None:
    """Its spread is wide: liker than the other phrase, and yet less far over ordinary speech."""
    candidates = [Candidate(command), Candidate(Command(Name.HELP))]
    wide, narrow = Norm(-8.0, 2.0), Norm(-4.0, 0.5)
    assert judge(candidates, [0.0, -1.8], [wide, narrow], None, NOTHING, RULES).reason is found


@pytest.mark.parametrize(("decoy", "found"), [(0.9, Reason.CLEAR), (1.1, Reason.OTHER_WORDS)])
def test_what_makes_the_ears_deaf_must_be_liker_than_every_decoy(decoy: float, found: Reason) -> None:
    candidates = [Candidate(None), Candidate(Command(Name.MICROPHONE_OFF))]
    rules = replace(RULES, deaf=0.5)
    assert judge(candidates, [decoy, 1.0], [NORM] * 2, None, NOTHING, rules).reason is found


@pytest.mark.parametrize(
    ("decoy", "found"),
    [
        pytest.param(-9.0, Reason.CLEAR, id="unlike"),
        pytest.param(2.0, Reason.CLEAR, id="a little liker: a phrase is said more often by those who know it"),
        pytest.param(2.2, Reason.OTHER_WORDS, id="much liker"),
    ],
)
@pytest.mark.parametrize("command", [NEXT, TIME, PAUSE, YES])
def test_what_is_much_liker_a_decoy_is_no_command_but_may_be_an_answer(
    command: Command, decoy: float, found: Reason
) -> None:
    candidates = [Candidate(None), Candidate(command), Candidate(None)]
    verdict = judge(candidates, [decoy, 1.0, -9.0], [NORM] * 3, None, NOTHING, RULES)
    reason = Reason.CLEAR if command is YES else found
    assert (verdict.best, verdict.reason) == (1, reason)
    assert verdict.decision is (ACCEPT if reason is Reason.CLEAR else IGNORE)


@pytest.mark.parametrize("free", [-0.1, 0.0])
def test_a_better_unrestricted_explanation_overrules(free: float) -> None:
    assert decision(Candidate(TIME), 3.5, free=-0.5 + RULES.ratio + 1.0) is ACCEPT
    assert decision(Candidate(TIME), 2.8, free=free) is IGNORE


def test_two_commands_that_fit_alike_are_none() -> None:
    pair = [Candidate(NEXT), Candidate(Command(Name.PREVIOUS_STEP))]
    verdict = judge(pair, [0.0, -0.3], [NORM, NORM], 0.0, NOTHING, RULES)
    assert (verdict.decision, verdict.margin) == (IGNORE, pytest.approx(0.3))


@pytest.mark.parametrize(
    ("second", "verdict"), [(Command(Name.PREVIOUS_STEP), IGNORE), (TIME, ACCEPT)], ids=["a step back", "a question"]
)
def test_a_step_must_lie_further_from_a_step_back_than_from_a_question(second: Command, verdict: Decision) -> None:
    pair = [Candidate(NEXT), Candidate(second)]
    assert judge(pair, [0.0, -0.7], [NORM, NORM], 0.0, NOTHING, replace(RULES, apart=0.8)).decision is verdict
    assert judge(pair, [0.0, -0.9], [NORM, NORM], 0.0, NOTHING, replace(RULES, apart=0.8)).decision is ACCEPT


@pytest.mark.parametrize(
    ("best", "verdict"),
    [(Name.NEXT_STEP, IGNORE), (Name.NEXT_SPEAKER, IGNORE), (Name.PREVIOUS_STEP, ACCEPT), (Name.START, ACCEPT)],
)
def test_only_a_step_on_must_lie_further_from_other_moves(best: Name, verdict: Decision) -> None:
    pair = [Candidate(Command(best)), Candidate(Command(Name.END))]
    assert judge(pair, [0.0, -0.7], [NORM, NORM], 0.0, NOTHING, replace(RULES, apart=0.8)).decision is verdict


@pytest.mark.parametrize(
    ("said", "other", "score", "verdict"),
    [
        (Name.NEXT_STEP, Name.PREVIOUS_STEP, -1.5, IGNORE),
        (Name.NEXT_STEP, Name.PREVIOUS_STEP, -1.7, ACCEPT),
        (Name.NEXT_STEP, Name.PAUSE, -1.5, ACCEPT),
        (Name.PREVIOUS_STEP, Name.NEXT_STEP, -1.5, ACCEPT),
    ],
)
def test_a_step_on_must_be_said_much_more_plainly_than_a_step_back(
    said: Name, other: Name, score: float, verdict: Decision
) -> None:
    """Although ordinary speech is so unlike it that by likeness the other is far off."""
    pair = [Candidate(Command(said)), Candidate(Command(other))]
    norms = [Norm(-9.0, 1.0), Norm(-4.0, 1.0)]
    assert judge(pair, [0.0, score], norms, None, NOTHING, replace(RULES, back=1.6)).decision is verdict
    assert judge(pair, [0.0, score], norms, None, NOTHING, RULES).decision is ACCEPT


def test_a_question_between_two_steps_does_not_tell_them_apart() -> None:
    three = [Candidate(Command(name)) for name in (Name.NEXT_STEP, Name.WHAT_NEXT, Name.PREVIOUS_STEP)]
    verdict = judge(three, [0.0, -0.65, -0.7], [NORM] * 3, 0.0, NOTHING, replace(RULES, apart=0.8))
    assert (verdict.decision, verdict.reason, verdict.margin) == (IGNORE, Reason.BETWEEN, pytest.approx(0.65))


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        pytest.param((-0.4, -3.5), 0, id="what was said, though the narrow one has the higher z"),
        pytest.param((-3.5, -0.4), 1, id="the narrow one, where that was said"),
        pytest.param((-9.1, -8.9), 1, id="neither, and the narrow one is nearer"),
    ],
)
def test_a_phrase_is_not_chosen_for_its_narrow_spread(scores: tuple[float, float], best: int) -> None:
    """Norms of "start korte casuskliniek" and "start casuskliniek", which was taken for it eight times of eight."""
    pair = [Candidate(Command(Name.START, id)) for id in ("short", "long")]
    assert judge(pair, scores, [Norm(-9.1, 0.6), Norm(-9.2, 0.36)], None, NOTHING, RULES).best == best


def test_likeness_is_z_where_all_phrases_have_one_spread() -> None:
    assert likeness([-4.0, 0.0], [Norm(-4.0, 0.5), Norm(-5.0, 0.5)], 0.5) == pytest.approx([0.0, 10.0])


def test_an_answer_is_not_taken_for_its_wide_spread() -> None:
    """Norms of "ja" and "harder": the one needs little, and is likelier by its spread alone."""
    pair, norms = (
        [Candidate(YES), Candidate(Command(Name.LOUDER))],
        [Norm(-5.0, 1.4), Norm(-7.0, 0.6)],
    )
    scores = [-5.0 + 1.4 * 1.5, -7.0 + 0.6 * 2.2]
    verdict = judge(pair, scores, norms, None, frozenset({YES}), RULES)
    assert likeness(scores, norms, 1.0)[0] > likeness(scores, norms, 1.0)[1]
    assert (verdict.best, verdict.decision, verdict.reason) == (0, IGNORE, Reason.BETWEEN)


def test_two_phrases_of_one_command_do_not_compete() -> None:
    pair = [Candidate(TIME), Candidate(TIME)]
    assert judge(pair, [0.0, -0.1], [NORM, NORM], 0.0, NOTHING, RULES).decision is ACCEPT


def test_one_minute_and_five_need_no_distance_but_two_methods_do() -> None:
    def decided(name: Name) -> Decision:
        pair = [Candidate(Command(name, number)) for number in (1, 5)]
        return judge(pair, [0.0, -0.3], [NORM, NORM], 0.0, NOTHING, RULES).decision

    assert (decided(Name.MORE_TIME), decided(Name.READ_RULE), decided(Name.START)) == (ACCEPT, ACCEPT, IGNORE)


def test_every_phrase_has_its_own_norm() -> None:
    pair = [Candidate(TIME), Candidate(PAUSE)]
    verdict = judge(pair, [-1.0, -2.0], [Norm(-2.0, 1.0), Norm(-8.0, 1.0)], -1.0, NOTHING, RULES)
    assert (verdict.best, verdict.z) == (1, 6.0)


def test_nothing_that_could_be_is_ignored() -> None:
    assert judge([], [], [], 0.0, NOTHING, RULES).decision is IGNORE
    lost = judge([Candidate(TIME)], [-math.inf], [NORM], 0.0, NOTHING, RULES)
    assert (lost.decision, lost.best) == (IGNORE, None)


_scores = st.floats(-12.0, 0.0)
_RANK = {IGNORE: 0, ASK: 1, ACCEPT: 2}


@given(st.lists(_scores, min_size=2, max_size=6), st.integers(0, 5), _scores, st.floats(0.0, 5.0), st.booleans())
def test_more_evidence_never_makes_a_command_less_accepted(
    scores: list[float], place: int, free: float, more: float, expected: bool
) -> None:
    candidates = [Candidate(Command(Name.PEOPLE, number)) for number in range(len(scores))]
    norms = [NORM] * len(scores)
    place %= len(scores)
    wanted = frozenset({candidates[place].command}) if expected else NOTHING
    before = judge(candidates, scores, norms, free, NOTHING, RULES)
    raised = [score + more * (k == place) for k, score in enumerate(scores)]
    after = judge(candidates, raised, norms, free, wanted, RULES)
    if before.best == place:
        assert after.best == place
        assert _RANK[after.decision] >= _RANK[before.decision]


@given(st.lists(_scores, min_size=1, max_size=6), st.floats(-12.0, 3.0))
def test_accepted_is_only_what_clears_every_bar(scores: list[float], free: float) -> None:
    candidates = [Candidate(Command(Name.PEOPLE, number)) for number in range(len(scores))]
    verdict = judge(candidates, scores, [NORM] * len(scores), free, NOTHING, RULES)
    if verdict.decision is ACCEPT:
        assert verdict.z >= RULES.z
        assert verdict.ratio >= RULES.ratio
        assert verdict.margin >= RULES.margin


@given(st.lists(_scores, min_size=2, max_size=6), _scores, st.randoms())
def test_the_order_of_phrases_does_not_matter(scores: list[float], free: float, random: Random) -> None:
    candidates = [Candidate(Command(Name.PEOPLE, number)) for number in range(len(scores))]
    norms = [Norm(-4.0 - number / 10, 1.0 + number / 10) for number in range(len(scores))]
    order = list(range(len(scores)))
    random.shuffle(order)

    def judged(places: list[int]) -> tuple[Decision, float, float, float, Reason]:
        picked = [[part[place] for place in places] for part in (candidates, scores, norms)]
        verdict = judge(picked[0], picked[1], picked[2], free, NOTHING, RULES)
        return verdict.decision, verdict.z, verdict.margin, verdict.needed, verdict.reason

    zs = sorted((score - norm.mean) / norm.spread for score, norm in zip(scores, norms, strict=True))
    assume(zs[-1] > zs[-2])
    assert judged(order) == judged(list(range(len(scores))))


@given(st.lists(_scores, min_size=3, max_size=6), _scores, st.floats(0.0, 6.0))
def test_noise_that_lowers_all_phrases_alike_raises_no_score(scores: list[float], free: float, drop: float) -> None:
    """With the cohort's level taken off as a session does, louder noise by itself brings nothing over a threshold."""
    candidates = [Candidate(Command(Name.PEOPLE, number)) for number in range(len(scores))]
    cohort = {str(number): -5.0 for number in range(len(scores))}
    calibration = Calibration({}, NORM, RULES, cohort=cohort, weight=0.6)

    def judged(by: float) -> Verdict:
        heard = [score - by for score in scores]
        level = calibration.level(Scores((), free, tuple(heard)))
        taken = [score - level for score in heard]
        return judge(candidates, taken, [NORM] * len(heard), free - by - level, NOTHING, RULES)

    quiet, noisy = judged(0.0), judged(drop)
    # Taking a level off rounds: right at a bar either side of it is right.
    bars = (quiet.needed, max(quiet.needed, RULES.z) - RULES.asked)
    assume(all(abs(quiet.z - bar) > 1e-6 for bar in bars) and abs(quiet.margin - RULES.margin) > 1e-6)
    assert noisy.z <= quiet.z + 1e-9
    assert _RANK[noisy.decision] <= _RANK[quiet.decision]


@pytest.mark.parametrize(
    ("scores", "free", "reason"),
    [
        ([-0.5, -4.0], -0.5, Reason.CLEAR),
        ([-3.5, -4.5], -3.5, Reason.UNLIKE),
        ([-0.5, -0.6], -0.5, Reason.BETWEEN),
        ([-3.0, -4.0], -0.5, Reason.OTHER_WORDS),
        ([-math.inf, -math.inf], 0.0, Reason.NO_PHRASE),
    ],
)
def test_every_verdict_has_its_reason(scores: list[float], free: float, reason: Reason) -> None:
    candidates = [Candidate(Command(Name.PEOPLE, number)) for number in range(2)]
    assert judge(candidates, scores, [NORM, NORM], free, NOTHING, RULES).reason is reason
