"""What is to come after overruns, early ends, steps left out and alternatives chosen."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.command import Name
from companion.core.effect import Ring, SavePosition, Say, Sentence, StepBegan
from companion.core.method import Ending, Method, Place, Repeat, Turns
from companion.core.replan import shift
from companion.core.session import resume, waits_for_people
from companion.core.state import Session, State
from companion.core.units import Instant, Seconds
from tests.core.table import RICH_STEPS, Driver, a_method, a_session, a_step, gone_on_from, text


def planned(session: Session) -> dict[str, float]:
    return {slot.step.id: clock.planned for slot, clock in zip(session.the_plan.slots, session.clocks, strict=True)}


def at_first_step(method: Method, **more: object) -> Driver:
    return Driver(a_session(method, experienced=True, **more)).to_first_step()


THREE = a_method([a_step("one", 600), a_step("two", 600), a_step("three", 300, protected=True)])


@pytest.mark.parametrize(
    ("spent", "total", "two", "three", "told"),
    [
        (600, None, 600, 300, []),
        (659, None, 600, 300, []),
        (780, None, 480, 240, []),
        (1200, None, 300, 150, ["ends_later"]),  # 1200 + 300 + 150 is more than the 1500 agreed
        (300, None, 600, 300, ["ends_earlier"]),  # no step gets longer than published
        (300, 1500, 810, 390, []),  # the group gave the time itself: it is filled
    ],
)
def test_the_rest_follows_what_a_step_took(
    spent: float, total: float | None, two: float, three: float, told: list[str]
) -> None:
    steps = [a_step("one", 600), a_step("two", 600), a_step("three", 300)]
    driver = at_first_step(a_method(steps), total=None if total is None else Seconds(total))
    driver.wait(spent)
    before = len(driver.said())
    driver.command(Name.NEXT_STEP)
    times = planned(driver.session)
    assert [key for key in driver.said()[before:] if key.startswith("ends_")] == told
    if told == ["ends_later"]:
        assert (times["two"], times["three"]) == (300, 150)
    else:
        assert (times["two"], times["three"]) == (two, three)


def test_a_protected_step_is_never_cut_and_the_new_end_is_told_once() -> None:
    driver = at_first_step(THREE)
    driver.wait(1300)
    driver.command(Name.NEXT_STEP)
    assert planned(driver.session) == {"one": 600, "two": 300, "three": 300}
    assert shift(driver.session, driver.now) == pytest.approx(400)
    assert driver.said().count("ends_later") == 1
    driver.hear_out()
    driver.wait(300)
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("ends_later") == 1


def test_time_that_was_made_up_is_not_told_again() -> None:
    driver = at_first_step(a_method([a_step("one", 600), a_step("two", 600), a_step("three", 600)]))
    driver.wait(1300)
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("ends_later") == 1
    driver.hear_out()
    driver.wait(120)
    driver.command(Name.NEXT_STEP)
    assert abs(shift(driver.session, driver.now)) < 60
    assert [key for key in driver.said() if key.startswith("ends_")] == ["ends_later", "ends_on_time"]
    assert not driver.session.notices


def test_minutes_that_were_added_move_the_end_and_cut_nothing() -> None:
    driver = at_first_step(THREE)
    driver.command(Name.MORE_TIME, 5)
    driver.wait(900)
    driver.command(Name.NEXT_STEP)
    assert planned(driver.session) == {"one": 600, "two": 600, "three": 300}
    assert "ends_later" not in driver.said()


def end_told(driver: Driver) -> list[Sentence]:
    said = [sentence for effect in driver.effects if isinstance(effect, Say) for sentence in effect.sentences]
    return [sentence for sentence in said if sentence.key.startswith("ends_")]


def test_the_end_is_told_from_the_one_agreed_upon_with_the_minutes_that_were_added() -> None:
    driver = at_first_step(a_method([a_step("one", 600, protected=True), a_step("two", 600, protected=True)]))
    driver.command(Name.MORE_TIME, 5)
    driver.wait(1020)
    driver.command(Name.NEXT_STEP)
    assert end_told(driver) == [Sentence("ends_later", (("time", pytest.approx(420)),))]


def test_minutes_that_were_added_and_not_needed_are_not_won() -> None:
    driver = at_first_step(a_method([a_step("one", 600, protected=True), a_step("two", 600, protected=True)]))
    driver.wait(590)
    driver.command(Name.MORE_TIME, 5)
    driver.wait(10)
    driver.command(Name.NEXT_STEP)
    assert [sentence.key for sentence in end_told(driver)] == ["ends_on_time"]


def test_later_cases_keep_the_time_of_the_first() -> None:
    steps = [a_step("case", 600, repeat=Repeat.CASE), a_step("end", 300)]
    driver = at_first_step(a_method(steps, cases=2, total=Seconds(1500)))
    driver.wait(800)
    driver.command(Name.NEXT_STEP)
    assert [clock.planned for clock in driver.session.clocks] == [600, 600, 150]


def test_a_step_that_counts_back_from_the_end_is_cut_last() -> None:
    steps = (a_step("one", 600), a_step("two", 600), a_step("end", 300, before_end=Seconds(300)))
    driver = at_first_step(a_method(steps))
    driver.wait(800)
    driver.command(Name.NEXT_STEP)
    assert planned(driver.session) == {"one": 600, "two": 390, "end": 300}


def test_turns_stay_equal_when_their_round_gets_shorter() -> None:
    steps = [a_step("one", 600), a_step("round", 600, Ending.HARD, Turns.OTHERS)]
    driver = at_first_step(a_method(steps))
    driver.wait(720)
    driver.command(Name.NEXT_STEP)
    assert [clock.planned for clock in driver.session.clocks] == [600, 120, 120, 120, 120]


def rich() -> Driver:
    driver = at_first_step(a_method(RICH_STEPS))
    while driver.session.state is not State.ASKING:
        driver.command(Name.NEXT_STEP)
        driver.hear_out()
    return driver


def to_question(driver: Driver, step: str) -> Driver:
    for _ in range(60):
        if driver.session.state is State.ASKING and driver.session.slot.step.id == step:
            return driver
        driver.command(Name.YES if driver.session.state is State.ASKING else Name.NEXT_STEP)
        driver.hear_out()
    raise AssertionError(f"{step} was not asked")


@pytest.mark.parametrize("answer", [lambda d: d.command(Name.YES), lambda d: d.press()])
def test_a_step_that_is_wanted_begins(answer: object) -> None:
    driver = rich()
    assert waits_for_people(driver.session)
    effects = answer(driver)  # type: ignore[operator]
    assert [effect.step for effect in effects if isinstance(effect, StepBegan)] == ["sharpen"]
    assert driver.session.state is State.ANNOUNCING


@pytest.mark.parametrize("answer", [lambda d: d.command(Name.NO), lambda d: d.hold()])
def test_a_step_that_is_not_wanted_is_left_out_and_its_time_kept(answer: object) -> None:
    driver = rich()
    answer(driver)  # type: ignore[operator]
    assert driver.session.slot.step.id == "present"
    assert driver.session.clocks[1].spent == 0
    assert "ends_earlier" in driver.said()


def test_the_question_can_be_repeated_and_gone_back_from() -> None:
    driver = rich()
    before = len(driver.said())
    driver.command(Name.REPEAT)
    assert driver.said()[before:] == ["verbatim", "yes_or_no"]
    driver.command(Name.PREVIOUS_STEP)
    assert driver.session.slot.step.id == "think"
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    assert driver.session.state is State.ASKING


def test_an_unfinished_end_comes_back_to_the_question() -> None:
    driver = rich()
    driver.command(Name.END)
    driver.command(Name.NO)
    assert driver.session.state is State.ASKING
    driver.command(Name.END)
    driver.command(Name.YES)
    assert driver.session.state is State.CLOSING


def test_closing_the_microphone_at_a_question_is_saved() -> None:
    driver = rich()
    assert any(isinstance(effect, SavePosition) for effect in driver.command(Name.MICROPHONE_OFF))


@pytest.mark.parametrize(
    ("answers", "done"), [([Name.YES], "gossip"), ([Name.NO, Name.YES], "write"), ([Name.NO, Name.NO], "talk")]
)
def test_one_of_the_alternatives_is_done(answers: list[Name], done: str) -> None:
    driver = to_question(rich(), "gossip")
    for answer in answers:
        driver.command(answer)
    assert driver.session.slot.step.id == done
    assert driver.session.state is not State.ASKING
    driver.hear_out()
    driver.command(Name.WHAT_NEXT)
    driver.hear_out()
    driver.command(Name.WHICH_STEP)
    number = [s for e in driver.effects if isinstance(e, Say) for s in e.sentences if s.key == "which_step"][-1]
    assert dict(number.values) == {"number": 19, "steps": 20}
    driver.command(Name.NEXT_STEP)
    assert driver.session.slot.step.id == "evaluate"


def test_going_back_before_a_choice_chooses_anew() -> None:
    driver = to_question(rich(), "gossip")
    driver.command(Name.NO)
    driver.command(Name.PREVIOUS_STEP)
    assert driver.session.skipped == ()
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    assert driver.session.slot.step.id == "gossip"


def test_a_silent_step_begins_with_a_sound_only() -> None:
    driver = to_question(rich(), "gossip")
    driver.command(Name.NO)
    effects = driver.command(Name.YES)
    assert [effect for effect in effects if isinstance(effect, Ring | Say)] == [
        effect for effect in effects if isinstance(effect, Ring)
    ]
    assert driver.session.state is State.RUNNING


def test_an_optional_step_is_asked_for_when_it_is_late() -> None:
    driver = at_first_step(a_method([a_step("one", 600), a_step("pause", 600, optional=True), a_step("end", 60)]))
    driver.wait(1200)
    driver.command(Name.NEXT_STEP)
    assert driver.session.state is State.ASKING
    assert driver.said()[-3:] == ["ends_later", "ask_optional", "yes_or_no"], "that it is late is told once"
    driver.hear_out()
    driver.command(Name.REPEAT)
    assert driver.said()[-3:] == ["running_late", "ask_optional", "yes_or_no"]
    driver.command(Name.NO)
    assert driver.session.slot.step.id == "end"


def test_everyone_is_invited_in_turn_and_turned_round() -> None:
    driver = rich()
    for _ in range(40):
        if driver.session.slot.step.id == "break":
            break
        driver.command(Name.YES if driver.session.state is State.ASKING else Name.NEXT_STEP)
        driver.hear_out()
    said = driver.said()
    assert (said.count("first_person"), said.count("next_person")) == (1, 4)
    assert said.count("to_back_turned") == said.count("from_back_turned") == 5
    assert said.count("at_most_one_contribution") == 5


def test_a_position_at_a_question_asks_it_again() -> None:
    driver = rich()
    position = driver.saved()
    session, effects = resume(a_session(a_method(RICH_STEPS)), position, Instant(9.0))
    assert session.state is State.ASKING
    assert [s.key for e in effects if isinstance(e, Say) for s in e.sentences] == [
        "resumed",
        "ends_earlier",
        "verbatim",
        "yes_or_no",
    ]


def test_a_step_that_had_not_begun_before_the_power_cut_is_announced_as_a_whole() -> None:
    driver = at_first_step(THREE)
    driver.wait(600)
    driver.command(Name.NEXT_STEP)
    position = driver.saved()
    _, effects = resume(a_session(THREE), position, Instant(9.0))
    cue_and_instruction = ["verbatim", "verbatim"]
    assert [s.key for e in effects if isinstance(e, Say) for s in e.sentences] == ["resumed", *cue_and_instruction]


def test_what_was_told_of_the_end_is_known_after_a_power_cut_and_what_was_not_is_not() -> None:
    driver = at_first_step(THREE)
    driver.wait(1300)
    driver.command(Name.NEXT_STEP)
    untold = driver.saved()
    driver.wait(11)
    told = driver.saved()
    assert (untold.told_shift_s, told.told_shift_s) == (0.0, driver.session.told_shift)
    assert driver.session.told_shift > 60
    for position, times in ((untold, 1), (told, 0)):
        _, effects = resume(a_session(THREE, experienced=True), position, Instant(9.0))
        said = [s.key for e in effects if isinstance(e, Say) for s in e.sentences]
        assert said.count("ends_later") == times


@pytest.mark.parametrize("voice", [True, False])
def test_that_it_was_away_is_said_at_once_or_never(voice: bool) -> None:
    position = at_first_step(THREE).saved()
    again = gone_on_from(position, a_session(THREE, voice_on=voice))
    again.press()
    again.command(Name.VOICE_ON)
    again.command(Name.NEXT_STEP)
    assert again.said().count("resumed") == voice


def test_a_position_keeps_the_times_as_they_had_become() -> None:
    driver = at_first_step(THREE)
    driver.wait(1300)
    driver.command(Name.NEXT_STEP)
    position = driver.saved()
    session, _ = resume(a_session(THREE), position, Instant(9.0))
    assert planned(session) == planned(driver.session)
    with pytest.raises(ValueError, match="fits no method"):
        resume(a_session(THREE), replace(position, planned_s=(1.0,)), Instant(9.0))


def test_the_end_of_a_firm_step_may_have_words_of_its_own() -> None:
    driver = at_first_step(a_method([a_step("one", 60, Ending.FIRM, grace=Seconds(10), end=text("come back"))]))
    driver.wait(65)
    assert "round_off" not in driver.said()
    assert driver.said()[-1] == "verbatim"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.booleans()), min_size=1, max_size=30))
def test_the_books_agree_whatever_people_do(steps: list[tuple[int, bool]]) -> None:
    """The told end is the real one: what was agreed, plus the shift, is what it takes when all goes on as planned."""
    driver = at_first_step(a_method(RICH_STEPS))
    for seconds, yes in steps:
        driver.wait(seconds)
        if driver.session.state is State.ENDED:
            return
        driver.command(Name.YES if yes else Name.NO) if driver.session.state is State.ASKING else driver.command(
            Name.NEXT_STEP
        )
        driver.hear_out()
    if not driver.session.has_position:
        return
    session, now = driver.session, driver.now
    agreed = session.the_plan.total + session.the_plan.spare + sum(clock.added for clock in session.clocks)
    spent = sum(clock.spent_at(now) for clock in session.clocks)
    for slot, clock in zip(session.the_plan.slots, session.clocks, strict=True):
        shortest = slot.step.times.shortest / (1 if slot.step.times.each or not slot.turns else slot.turns)
        assert clock.planned >= min(slot.planned, shortest) - 1e-6
        assert clock.planned <= slot.planned + 1e-6
    assert agreed + shift(session, now) >= spent - 1e-6


def test_copies_of_a_block_keep_the_time_the_first_got() -> None:
    steps = [
        a_step("open", 600),
        a_step("a", 600, repeat=Repeat.CASE),
        a_step("b", 600, repeat=Repeat.CASE),
        a_step("end", 300),
    ]
    driver = at_first_step(a_method(steps, cases=2, total=Seconds(3300)))
    driver.wait(1500)
    while driver.session.slot.step.id != "end":
        driver.command(Name.NEXT_STEP)
        driver.hear_out()
    first, second = [clock.planned for clock in driver.session.clocks[1:3]], driver.session.clocks[3:5]
    assert first == [clock.planned for clock in second] != [600, 600]
    assert "ends_later" not in driver.said()


def test_an_overrun_that_is_gone_back_over_is_counted_once() -> None:
    driver = at_first_step(a_method([a_step("one", 600), a_step("two", 600), a_step("three", 600)]))
    driver.wait(900)
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    assert planned(driver.session) == {"one": 600, "two": 450, "three": 450}
    assert "ends_later" not in driver.said()


def test_the_grace_of_a_firm_step_is_not_late() -> None:
    steps = [a_step(f"s{n}", 600, Ending.FIRM, grace=Seconds(30)) for n in range(4)]
    driver = at_first_step(a_method(steps))
    driver.wait(4 * 630)
    assert driver.session.state in (State.CLOSING, State.ENDED)
    assert [clock.planned for clock in driver.session.clocks] == [600] * 4
    assert not [key for key in driver.said() if key.startswith("ends_")]


def test_going_back_calls_the_case_giver_into_the_circle_and_on_sends_out_again() -> None:
    steps = [a_step("in", 60), a_step("away", 60, place=Place.OUT_OF_ROOM), a_step("again", 60)]
    driver = at_first_step(a_method(steps))
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    seats = [key for key in driver.said() if key.startswith(("to_", "from_"))]
    assert seats == ["to_out_of_room", "from_out_of_room", "to_out_of_room"]


def test_whoever_is_away_is_called_back_before_a_question() -> None:
    steps = [
        a_step("away", 60, place=Place.OUT_OF_ROOM),
        a_step("extra", 60, question=text("extra?")),
        a_step("end", 60),
    ]
    driver = at_first_step(a_method(steps))
    driver.command(Name.NEXT_STEP)
    assert driver.said()[-3:] == ["from_out_of_room", "verbatim", "yes_or_no"]


def test_a_case_whose_first_step_is_left_out_is_opened_all_the_same() -> None:
    steps = [a_step("extra", 60, repeat=Repeat.CASE, question=text("extra?")), a_step("case", 60, repeat=Repeat.CASE)]
    driver = at_first_step(a_method(steps, cases=2, total=Seconds(240)))
    for _ in range(2):
        driver.command(Name.NO)
        driver.hear_out()
        driver.command(Name.NEXT_STEP)
        driver.hear_out()
    assert driver.said().count("new_case") == 2


def test_a_power_cut_among_second_chances_offers_no_turn_twice() -> None:
    method = a_method([a_step("round", 60, Ending.HARD, Turns.EVERYONE), a_step("end", 60)])
    driver = at_first_step(method)
    driver.command(Name.PASS)
    for _ in range(4):
        driver.command(Name.NEXT_SPEAKER)
        driver.hear_out()
    assert driver.session.slot.turn == 1
    position = driver.saved()
    again = Driver(a_session(method))
    again.session, _ = resume(again.session, position, Instant(9.0))
    again.hear_out()
    again.command(Name.NEXT_SPEAKER)
    assert again.session.slot.step.id == "end"


def test_after_a_power_cut_the_way_back_is_the_way_that_was_gone() -> None:
    driver = to_question(rich(), "gossip")
    driver.command(Name.YES)
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    position = driver.saved()
    again = Driver(a_session(a_method(RICH_STEPS)))
    again.session, _ = resume(again.session, position, Instant(9.0))
    again.hear_out()
    again.command(Name.PREVIOUS_STEP)
    assert again.session.slot.step.id == "gossip"


def test_without_a_voice_nothing_is_asked_and_the_first_alternative_done() -> None:
    driver = Driver(a_session(a_method(RICH_STEPS), voice_on=False))
    while driver.session.state is not State.ENDED:
        driver.press()
    begun = [effect.step for effect in driver.effects if isinstance(effect, StepBegan)]
    assert "sharpen" in begun
    assert "gossip" in begun
    assert not {"write", "talk"} & set(begun)


def test_a_counted_group_is_told_its_own_times_and_what_does_not_fit() -> None:
    driver = Driver(a_session(people=None, total=Seconds(120.0)))
    driver.press()
    for _ in range(6):
        driver.press()
    driver.wait(8)
    said = driver.said()
    assert said[:2] == ["welcome", "ask_people"]
    assert said[2:5] == ["people_counted", "in_all", "too_short"]


def granted(driver: Driver) -> dict[str, float]:
    session = driver.session
    return {slot.step.id: clock.granted for slot, clock in zip(session.the_plan.slots, session.clocks, strict=True)}


def test_minutes_that_a_step_to_come_was_given_are_not_taken_off_the_others() -> None:
    driver = at_first_step(a_method([a_step("one", 600), a_step("two", 600), a_step("three", 300)]))
    driver.wait(600)
    driver.command(Name.NEXT_STEP)
    driver.command(Name.MORE_TIME, 5)
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    driver.wait(120)
    driver.command(Name.NEXT_STEP)
    assert granted(driver) == {"one": 600, "two": 525 + 300, "three": 255}


def test_what_is_left_of_a_step_that_had_begun_is_kept_for_it() -> None:
    driver = at_first_step(a_method([a_step("one", 600), a_step("two", 600), a_step("three", 300)]))
    driver.wait(300)
    driver.command(Name.NEXT_STEP)
    driver.wait(100)
    driver.command(Name.PREVIOUS_STEP)
    driver.wait(500)
    driver.command(Name.NEXT_STEP)
    assert granted(driver) == {"one": 600, "two": 600, "three": 150}


def test_a_turn_grows_to_its_share_of_the_longest_step() -> None:
    steps = [a_step("talk", 600), a_step("round", 300, turns=Turns.OTHERS), a_step("end", 60, protected=True)]
    driver = at_first_step(a_method(steps), total=Seconds(2000.0))
    driver.wait(1)
    driver.command(Name.NEXT_STEP)
    assert granted(driver)["round"] == 225


def shifts(driver: Driver) -> list[tuple[str, float]]:
    said = [sentence for effect in driver.effects if isinstance(effect, Say) for sentence in effect.sentences]
    return [(each.key, float(dict(each.values)["time"])) for each in said if each.key.startswith("ends_")]  # type: ignore[arg-type]


def test_how_far_the_end_has_moved_is_told_as_it_is_when_it_can_be() -> None:
    driver = at_first_step(a_method([a_step(name, 600) for name in ("one", "two", "three")]), voice_on=False)
    for seconds in (1300, 1300):
        driver.wait(seconds)
        driver.command(Name.NEXT_STEP)
    driver.command(Name.VOICE_ON)
    driver.command(Name.PREVIOUS_STEP)
    assert shifts(driver) == [("ends_later", driver.session.told_shift)]


def test_a_step_begun_by_mistake_and_taken_back_has_moved_nothing() -> None:
    """The everyday mistake, which the README says costs nothing."""
    for seconds, told in ((2.0, []), (60.0, ["ends_earlier", "ends_on_time"])):
        driver = at_first_step(THREE)
        driver.command(Name.NEXT_STEP)
        driver.now = Instant(driver.now + seconds)
        driver.command(Name.PREVIOUS_STEP)
        assert [key for key, _ in shifts(driver)] == (told or ["ends_earlier"])
        assert driver.session.told_shift == 0.0


def test_minutes_more_while_the_end_is_told_are_counted() -> None:
    driver = at_first_step(THREE)
    driver.wait(60)
    driver.command(Name.NEXT_STEP)
    driver.now = Instant(driver.now + 1.0)
    driver.command(Name.MORE_TIME, 9)
    driver.hold()
    driver.hold()
    assert shifts(driver) == [("ends_earlier", 540.0)]


def test_going_back_from_after_the_cases_opens_no_case_again() -> None:
    steps = [a_step("case", 60, repeat=Repeat.CASE), a_step("after", 60), a_step("end", 60)]
    driver = at_first_step(a_method(steps, cases=2))
    for _ in range(2):
        driver.wait(10)
        driver.command(Name.NEXT_STEP)
    driver.wait(10)
    driver.command(Name.PREVIOUS_STEP)
    assert driver.said().count("new_case") == 2


def test_a_case_that_was_never_begun_is_announced_on_coming_back_into_it() -> None:
    steps = [a_step("a", 60, repeat=Repeat.CASE), a_step("b", 60, repeat=Repeat.CASE)]
    driver = at_first_step(a_method(steps, cases=2))
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    for name in (Name.NEXT_STEP, Name.NEXT_STEP, Name.PREVIOUS_STEP):
        driver.command(name)
        driver.now = Instant(driver.now + 0.5)
    assert driver.said()[-3:] == ["new_case", "verbatim", "time_left"]
