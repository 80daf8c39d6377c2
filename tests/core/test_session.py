"""A session driven as a group would, one behaviour at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from companion.core.answers import answer as answer_to
from companion.core.attention import attention
from companion.core.beginning import LATE_TO_BE_COUNTED
from companion.core.command import REMARKS, Command, Name
from companion.core.deadlines import COUNTING_PAUSE, REMARKS_LAST
from companion.core.effect import (
    ChangeVolume,
    Chime,
    ForgetPosition,
    Hush,
    MethodChosen,
    MicrophoneSwitched,
    Refused,
    Ring,
    SavePosition,
    Say,
    Sentence,
    SessionBegan,
    SessionEnded,
    SignGiven,
    StepBegan,
    StepEnded,
    TimeUp,
    TurnBegan,
)
from companion.core.errors import PlanError
from companion.core.event import (
    NOISE,
    CommandDoubted,
    CommandGiven,
    DeadlineReached,
    Device,
    DeviceFound,
    DeviceLost,
    HeldLong,
    SpeechEnded,
)
from companion.core.handlers import AFTER_SPEECH, answer
from companion.core.method import Ending, Group, Kind, Place, Repeat, RuleSet, Turns
from companion.core.plan import shortest_total
from companion.core.scene import Figure, scene
from companion.core.session import next_deadline, resume, step, waits_for_people
from companion.core.state import Microphone, Mode, Session, State
from companion.core.transitions import ANYWHERE, TRANSITIONS, Trigger
from companion.core.units import Instant, Seconds
from tests.core.table import QUESTIONS, RICH_STEPS, RULES, Driver, a_method, a_session, a_step, gone_on_from, text


def began(driver: Driver) -> list[str]:
    return [effect.step for effect in driver.effects if isinstance(effect, StepBegan)]


def of_kind(driver: Driver, kind: type) -> list[Any]:
    return [effect for effect in driver.effects if isinstance(effect, kind)]


def test_a_session_from_ready_to_its_end_with_one_button() -> None:
    driver = Driver(a_session())
    assert driver.state is State.READY
    assert waits_for_people(driver.session)
    driver.press()
    assert driver.state is State.RULES
    assert not waits_for_people(driver.session)
    driver.hear_out()
    assert driver.state is State.AGREEMENT
    assert waits_for_people(driver.session)
    driver.press()
    assert driver.state is State.ANNOUNCING
    driver.hear_out()
    assert driver.state is State.RUNNING
    driver.wait(60)
    assert driver.session.slot.step.id == "firm"
    while driver.state is not State.ENDED:
        driver.press()
        driver.hear_out()
    assert began(driver) == ["hard", "firm", "quiet", "round", "open", "soft"]
    assert driver.effects[-1] == SessionEnded(Seconds(60.0))
    assert ForgetPosition() in driver.effects
    assert next_deadline(driver.session) is None


def test_asked_for_nothing_it_says_nothing() -> None:
    driver = Driver(a_session())
    driver.wait(3600)
    assert driver.effects == []


def test_several_methods_are_turned_through_and_started_by_holding() -> None:
    driver = Driver(a_session(a_method(id="a"), a_method(id="b")))
    assert driver.press()[0] == MethodChosen("b")
    driver.hear_out()
    assert driver.press()[0] == MethodChosen("a")
    driver.hold()
    assert driver.session.method.id == "a"
    assert driver.state is State.RULES


def test_a_method_is_started_by_its_name() -> None:
    driver = Driver(a_session(a_method(id="a"), a_method(id="b")))
    driver.command(Name.START, "b")
    assert driver.session.method.id == "b"
    assert Driver(a_session()).command(Name.START, "zzz")[0] == Refused(driver_command(Name.START, "zzz"))


def driver_command(name: Name, argument: int | str | None = None) -> object:
    from companion.core.command import Command

    return Command(name, argument)


def test_people_count_themselves_with_the_button() -> None:
    driver = Driver(a_session(people=None))
    driver.press()
    assert driver.state is State.COUNTING
    driver.hear_out()
    assert waits_for_people(driver.session)
    for _ in range(6):
        driver.press()
    assert driver.session.counted == 6
    assert not waits_for_people(driver.session)
    driver.wait(7.9)
    assert driver.state is State.COUNTING
    driver.give(DeadlineReached(Instant(8.0)))
    assert driver.session.the_plan.people == 6
    assert driver.state is State.RULES


def count_closed(driver: Driver, people: int) -> None:
    """So many press, and then nobody; what is said then is not heard out."""
    for _ in range(people):
        driver.press()
    driver.now = Instant(driver.now + COUNTING_PAUSE)
    driver.give(DeadlineReached(driver.now))


@pytest.mark.parametrize("voice_on", [True, False])
def test_who_presses_just_after_the_count_has_closed_is_counted(voice_on: bool) -> None:
    driver = Driver(a_session(people=None, voice_on=voice_on))
    driver.press()
    count_closed(driver, 3)
    assert driver.session.the_plan.people == 3
    driver.now = Instant(driver.now + LATE_TO_BE_COUNTED - 0.1)
    driver.press()
    assert (driver.state, driver.session.counted) == (State.COUNTING, 4), "no rule was skipped, nothing agreed to"
    count_closed(driver, 1)
    assert driver.session.the_plan.people == 5
    driver.press()
    assert driver.state is (State.AGREEMENT if voice_on else State.RUNNING), (
        "late once more: it is a press as any other"
    )


def test_who_says_how_many_there_are_ends_the_count() -> None:
    driver = Driver(a_session(people=None, voice_on=False))
    driver.press()
    count_closed(driver, 3)
    driver.command(Name.PEOPLE, 6)
    driver.press()
    assert (driver.state, driver.session.the_plan.people) == (State.RUNNING, 6)


@pytest.mark.parametrize(
    "close", [lambda driver: driver.hold(), lambda driver: driver.command(Name.PEOPLE, 5)], ids=["held", "said"]
)
def test_who_closes_the_count_of_the_late_waits_for_nobody_more(close: Callable[[Driver], object]) -> None:
    driver = Driver(a_session(people=None, voice_on=False))
    driver.press()
    count_closed(driver, 4)
    driver.press()
    close(driver)
    driver.press()
    assert (driver.state, driver.session.the_plan.people) == (State.RUNNING, 5)


def test_a_press_some_time_after_the_count_goes_on() -> None:
    driver = Driver(a_session(people=None))
    driver.press()
    count_closed(driver, 5)
    assert next_deadline(driver.session) == driver.now + LATE_TO_BE_COUNTED
    driver.now = Instant(driver.now + LATE_TO_BE_COUNTED)
    driver.give(DeadlineReached(driver.now))
    driver.press()
    assert (driver.state, driver.session.the_plan.people) == (State.AGREEMENT, 5)


def test_without_a_button_nothing_closes_the_microphone_for_good() -> None:
    driver = Driver(a_session(has_button=False)).to_step("firm")
    driver.command(Name.MICROPHONE_OFF)
    assert not driver.session.microphone_off
    assert Command(Name.MICROPHONE_OFF) not in attention(driver.session, [Command(Name.MICROPHONE_OFF)]).legal


def test_a_group_that_did_not_count_itself_is_taken_for_the_usual_one() -> None:
    driver = Driver(a_session(people=None))
    driver.press()
    driver.hear_out()
    driver.press()
    driver.hold()
    assert driver.session.the_plan.people == driver.session.method.group.usual
    assert driver.said()[2:4] == ["people_assumed", "in_all"]


def test_more_people_than_can_be_are_taken_for_the_most_and_that_is_told() -> None:
    driver = Driver(a_session(people=None))
    driver.press()
    for _ in range(20):
        driver.press()
    driver.hold()
    assert driver.session.the_plan.people == 16
    assert "people_assumed" in driver.said()


def test_where_there_is_one_method_there_is_nothing_to_choose_again() -> None:
    driver = Driver(a_session(people=None))
    driver.hold()
    driver.hold()
    assert driver.state is State.RULES


@pytest.mark.parametrize("from_agreement", [False, True])
def test_the_button_takes_back_a_method_that_it_started(from_agreement: bool) -> None:
    driver = Driver(a_session(a_method(id="one"), a_method(id="two"), people=5 if from_agreement else None))
    driver.hold()
    driver.hear_out()
    if from_agreement:
        driver.hold()
        driver.hear_out()
    assert driver.state is State.COUNTING
    driver.hold()
    assert (driver.state, driver.said()[-1]) == (State.READY, "choose_again")
    assert driver.session.plan is None
    driver.press()
    assert driver.session.method.id == "two", "what it says gives way to a press"


def test_a_wrong_number_of_people_can_be_mended_before_the_start() -> None:
    driver = Driver(a_session(a_method(group=Group(4, 5, 8))))
    driver.press()
    driver.hear_out()
    driver.command(Name.PEOPLE, 9)
    assert driver.state is State.AGREEMENT
    assert driver.session.the_plan.people == 9
    assert driver.said()[-4:] == ["in_all", "large_group", "choose_case_giver", "ask_agreement"]
    driver.hear_out()
    driver.hold()
    assert driver.state is State.COUNTING
    for _ in range(6):
        driver.press()
    driver.wait(8.0)
    assert driver.session.the_plan.people == 6
    assert driver.state is State.AGREEMENT


@pytest.mark.parametrize(("give", "people"), [("hold", 5), ("command", 7)])
def test_the_count_can_be_closed_or_said(give: str, people: int) -> None:
    driver = Driver(a_session(people=None))
    driver.press()
    if give == "hold":
        for _ in range(people):
            driver.press()
        driver.hold()
    else:
        driver.command(Name.PEOPLE, people)
    assert driver.session.the_plan.people == people


def test_people_may_be_said_before_the_start() -> None:
    driver = Driver(a_session(people=None))
    driver.command(Name.PEOPLE, 8)
    driver.press()
    assert driver.session.the_plan.people == 8
    assert driver.state is State.RULES


@pytest.mark.parametrize(("people", "told"), [(3, ["small_group"]), (4, []), (8, []), (9, ["large_group"])])
def test_an_unusual_group_is_told_and_goes_on(people: int, told: list[str]) -> None:
    driver = Driver(a_session(people=people))
    driver.press()
    assert [key for key in driver.said() if key.endswith("_group")] == told
    driver.hear_out()
    assert driver.state is State.AGREEMENT


@pytest.mark.parametrize(("people", "told"), [(5, []), (8, ["circles"]), (11, ["unequal_circles"])])
def test_a_large_group_is_parted_into_circles(people: int, told: list[str]) -> None:
    steps = [a_step("turn", 300, repeat=Repeat.PERSON)]
    driver = Driver(a_session(a_method(steps, group=Group(3, 3, 12, circle=3)), people=people))
    driver.press()
    driver.press()
    assert [key for key in driver.said() if key.endswith("circles")] == told, "though the rules were cut off"
    driver.hear_out()
    driver.command(Name.PEOPLE, 8)
    assert driver.said()[-3:] == ["circles", "first_person", "ask_agreement"]


def test_materials_are_named_though_the_rules_are_cut_off() -> None:
    driver = Driver(a_session(a_method(materials=text("pens"))))
    driver.press()
    driver.press()
    said = of_kind(driver, Say)[-1].sentences
    assert text("pens") in [dict(sentence.values).get("text") for sentence in said]


def test_without_agreement_it_waits() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.command(Name.NO)
    assert driver.state is State.AGREEMENT
    assert "no_agreement" in driver.said()
    driver.hear_out()
    driver.command(Name.AGREE)
    assert driver.state is State.ANNOUNCING
    assert isinstance(of_kind(driver, SessionBegan)[0], SessionBegan)


def test_the_clock_starts_when_the_announcement_ends() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    driver.now = Instant(9.0)
    assert driver.session.clock.spent_at(driver.now) == 0
    driver.hear_out()
    driver.now = Instant(10.0)
    assert driver.session.clock.spent_at(driver.now) == 1


def test_a_press_first_silences_and_then_moves() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    assert driver.press() == (Hush(),)
    assert driver.state is State.RUNNING
    driver.press()
    assert driver.session.slot.step.id == "firm"


def test_experienced_groups_hear_the_cue_only() -> None:
    lengths = []
    for experienced in (False, True):
        driver = Driver(a_session(experienced=experienced)).to_first_step()
        lengths.append(len(of_kind(driver, Say)[-1].sentences))  # type: ignore[attr-defined]
    assert lengths == [2, 1]


def test_a_new_group_is_told_once_how_a_step_ends() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.command(Name.PEOPLE, 6)
    driver.hear_out()
    driver.press()
    driver.hear_out()
    assert driver.said().count("how_to_go_on") == 1
    assert "how_to_go_on" not in Driver(a_session(experienced=True)).to_first_step().said()


def test_who_is_first_is_agreed_upon_before_the_start_and_not_in_their_own_time() -> None:
    driver = Driver(a_session(a_method([a_step("turn", 300, repeat=Repeat.PERSON)]))).to_first_step()
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    said = driver.said()
    assert "choose_case_giver" not in said
    assert said.index("first_person") < said.index("ask_agreement") < said.index("next_person")
    assert said.count("first_person") == 1


def test_cases_whose_order_the_group_has_made_are_only_numbered() -> None:
    steps = [a_step("divide", 60), a_step("time", 60, repeat=Repeat.CASE)]
    driver = Driver(a_session(a_method(steps, cases=2, case_giver_first=False))).to_step("time")
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    assert [key for key in driver.said() if "case" in key] == ["case_number", "case_number"]


def test_before_there_is_a_case_giver_the_task_is_everybodys() -> None:
    driver = Driver(a_session(a_method([a_step("choose", 60, case_giver_task=None)]))).to_first_step()
    driver.command(Name.TASKS)
    assert driver.said()[-2:] == ["task_of_all", "advice_not_yet"]


def test_a_break_says_how_long_it_lasts_and_again_on_request() -> None:
    driver = Driver(a_session(a_method([a_step("break", 1200, kind=Kind.BREAK)]))).to_first_step()
    assert driver.said()[-1] == "break_lasts"
    driver.command(Name.REPEAT)
    assert driver.said()[-3:] == ["verbatim", "verbatim", "break_lasts"]
    assert of_kind(driver, Say)[-1].sentences[-1] == Sentence("break_lasts", (("time", Seconds(1200.0)),))  # type: ignore[attr-defined]


def test_going_back_is_said_before_where_the_case_giver_sits() -> None:
    driver = Driver(a_session()).to_step("firm")
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    assert driver.said()[-5:] == ["back", "ends_earlier", "to_outside", "verbatim", "time_left"]


def test_a_hard_ending_goes_on_by_itself() -> None:
    driver = Driver(a_session()).to_first_step()
    seen = driver.wait(60)
    assert SignGiven(Seconds(10.0)) in seen
    assert seen.index(TimeUp("hard")) < seen.index(Ring(Chime.END)) < seen.index(StepEnded("hard", Seconds(60.0)))
    assert driver.session.slot.step.id == "firm"


@pytest.mark.parametrize(("id", "words"), [("firm", True), ("quiet", False)])
def test_a_firm_ending_gives_a_grace_and_goes_on(id: str, words: bool) -> None:
    driver = Driver(a_session()).to_step(id)
    driver.wait(120)
    assert driver.state is State.OVERTIME
    assert not waits_for_people(driver.session)
    assert ("round_off" in driver.said()) is words
    driver.wait(14.9)
    assert driver.session.slot.step.id == id
    driver.wait(0.1)
    assert driver.session.slot.step.id != id


def test_a_grace_begins_when_the_words_that_announce_it_end() -> None:
    driver = Driver(a_session()).to_step("firm").to_overtime()
    assert driver.session.speech is not None
    assert driver.session.grace_ends is None
    driver.now = Instant(driver.now + 6.0)
    driver.hear_out()
    driver.wait(14.9)
    assert driver.session.slot.step.id == "firm"
    driver.wait(0.2)
    assert driver.session.slot.step.id != "firm"


def test_time_that_is_given_in_a_grace_gives_a_whole_grace_after_it() -> None:
    driver = Driver(a_session()).to_step("firm")
    driver.wait(125)
    driver.hold()
    driver.command(Name.MORE_TIME, 1)
    driver.hold()
    driver.wait(60)
    assert driver.state is State.OVERTIME
    driver.wait(14.9)
    assert driver.session.slot.step.id == "firm"
    driver.wait(0.2)
    assert driver.session.slot.step.id != "firm"


@pytest.mark.parametrize("stop", [Name.PAUSE, Name.TIME_OUT, Name.END])
def test_a_grace_goes_on_after_standing_still(stop: Name) -> None:
    driver = Driver(a_session()).to_step("firm")
    driver.wait(125)
    driver.command(stop)
    driver.hear_out()
    driver.wait(10)
    driver.command(Name.NO if stop is Name.END else Name.GO_ON)
    driver.wait(9.9)
    assert driver.session.slot.step.id == "firm"
    driver.wait(0.2)
    assert driver.session.slot.step.id == "quiet"


def test_a_soft_ending_waits_and_counts_overtime() -> None:
    driver = Driver(a_session()).to_step("soft")
    driver.wait(600)
    assert driver.state is State.OVERTIME
    assert waits_for_people(driver.session)
    assert driver.session.clock.left_at(driver.now) == pytest.approx(-540)
    driver.command(Name.TIME_LEFT)
    assert driver.said()[-1] == "time_over"


def test_an_open_step_has_no_end() -> None:
    driver = Driver(a_session()).to_step("open")
    driver.wait(7200)
    assert driver.session.slot.step.id == "open"
    assert driver.state is State.RUNNING
    assert waits_for_people(driver.session)
    driver.command(Name.TIME_LEFT)
    assert driver.said()[-1] == "no_clock"


def test_the_case_giver_is_sent_out_and_called_back() -> None:
    driver = Driver(a_session()).to_step("quiet")
    assert driver.said().count("to_outside") == 1
    assert driver.said().count("from_outside") == 1


def test_a_round_hands_over_by_time_button_and_command() -> None:
    driver = Driver(a_session()).to_step("round")
    assert (driver.state, driver.session.slot.turn, driver.session.slot.turns) == (State.TURN, 1, 4)
    driver.wait(30)
    assert driver.session.slot.turn == 2
    driver.press()
    assert driver.session.slot.turn == 3
    driver.command(Name.NEXT_SPEAKER)
    assert driver.session.slot.turn == 4
    driver.command(Name.NEXT_SPEAKER)
    assert driver.session.slot.step.id == "open"
    assert [effect.turn for effect in of_kind(driver, TurnBegan)] == [1, 2, 3, 4]  # type: ignore[attr-defined]
    assert of_kind(driver, StepEnded)[-1] == StepEnded("round", Seconds(30.0))


def test_a_passed_turn_is_offered_once_more() -> None:
    driver = Driver(a_session()).to_step("round")
    turns = []
    for name in (Name.NEXT_SPEAKER, Name.PASS, Name.NEXT_SPEAKER, Name.PASS, Name.PASS, Name.NEXT_SPEAKER):
        turns.append(driver.session.slot.turn)
        driver.command(name)
        driver.hear_out()
    assert turns == [1, 2, 3, 4, 2, 4]
    assert driver.session.slot.step.id == "open"
    assert driver.said().count("second_chance") == 1


def test_going_back_into_second_chances_gives_them_again_and_nobody_else_another_turn() -> None:
    driver = Driver(a_session()).to_step("round")
    for name in (Name.PASS, Name.NEXT_SPEAKER, Name.PASS, Name.NEXT_SPEAKER, Name.NEXT_SPEAKER, Name.NEXT_SPEAKER):
        driver.command(name)
        driver.hear_out()
    assert driver.session.slot.step.id == "open"
    turns = []
    back, on = Name.PREVIOUS_STEP, Name.NEXT_SPEAKER
    for name in (back, back, on, on):
        driver.command(name)
        driver.hear_out()
        turns.append((driver.session.slot.step.id, driver.session.slot.turn))
    assert turns == [("round", 3), ("round", 1), ("round", 3), ("open", 0)]


def test_going_back_before_the_second_chances_gives_a_passed_turn_as_one() -> None:
    driver = Driver(a_session()).to_step("round")
    turns = []
    back, on = Name.PREVIOUS_STEP, Name.NEXT_SPEAKER
    for name in (Name.PASS, on, on, on, back, back, back, back, on, on, on, on):
        driver.command(name)
        driver.hear_out()
        turns.append((driver.session.slot.step.id, driver.session.slot.turn))
    went = [turn for _, turn in turns]
    assert went[:8] == [2, 3, 4, 1, 4, 3, 2, 1], "passed by 1, who had a second chance"
    assert went[8:] == [2, 3, 4, 0]


def test_next_phase_leaves_the_rest_of_a_round() -> None:
    driver = Driver(a_session()).to_step("round")
    driver.command(Name.NEXT_STEP)
    assert driver.session.slot.step.id == "open"
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    assert (driver.session.slot.step.id, driver.session.slot.turn) == ("round", 1)


def test_previous_restores_the_time_that_was_left() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(20)
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    driver.wait(7)
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert driver.session.slot.step.id == "hard"
    assert driver.session.clock.left_at(driver.now) == pytest.approx(40)
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    assert driver.session.clock.left_at(driver.now) == pytest.approx(113)


def test_previous_in_a_round_goes_back_a_turn_and_undoes_a_pass() -> None:
    driver = Driver(a_session()).to_step("round")
    driver.command(Name.PASS)
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert driver.session.slot.turn == 1
    assert driver.session.passed == ()


def test_going_back_to_a_step_whose_time_was_up_waits_there() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(60)
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert driver.state is State.OVERTIME
    driver.wait(300)
    assert driver.session.slot.step.id == "hard"


def test_at_the_first_step_there_is_no_way_back() -> None:
    driver = Driver(a_session()).to_first_step()
    before = driver.session
    assert isinstance(driver.command(Name.PREVIOUS_STEP)[0], Refused)
    assert driver.said()[-1] == "first_step"
    assert driver.session.clocks == before.clocks


def test_the_closing_can_be_undone() -> None:
    driver = Driver(a_session()).to_step("soft")
    driver.wait(10)
    driver.command(Name.NEXT_STEP)
    assert driver.state is State.CLOSING
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert driver.session.slot.step.id == "soft"
    assert driver.session.clock.left_at(driver.now) == pytest.approx(50)


@pytest.mark.parametrize("stop", ["hold", Name.PAUSE, Name.TIME_OUT])
@pytest.mark.parametrize("go_on", ["hold", "press", Name.GO_ON])
def test_pause_stops_the_clock(stop: str | Name, go_on: str | Name) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(10)
    driver.hold() if stop == "hold" else driver.command(stop)  # type: ignore[arg-type]
    assert driver.state is (State.TIME_OUT if stop is Name.TIME_OUT else State.PAUSED)
    driver.wait(500)
    assert driver.session.clock.left_at(driver.now) == pytest.approx(50)
    {"hold": driver.hold, "press": driver.press}[go_on]() if isinstance(go_on, str) else driver.command(go_on)
    assert driver.state is State.RUNNING
    driver.wait(5)
    assert driver.session.clock.left_at(driver.now) == pytest.approx(45)


def test_a_paused_announcement_is_said_again() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    assert Hush() in driver.hold()
    said = len(of_kind(driver, Say))
    driver.hold()
    assert driver.state is State.ANNOUNCING
    assert len(of_kind(driver, Say)) == said + 1


def test_what_an_announcement_that_was_broken_off_tells_is_told_again() -> None:
    """A case giver who was not heard being sent out would stay, and nobody would choose one for the case."""
    steps = [a_step("one", 60), a_step("two", 60, repeat=Repeat.CASE, place=Place.OUT_OF_ROOM), a_step("end", 60)]
    driver = Driver(a_session(a_method(steps, cases=2, total=Seconds(300.0)))).to_first_step()
    driver.command(Name.NEXT_STEP)
    told = ["new_case", "to_out_of_room", "verbatim", "verbatim"]
    assert driver.said()[-4:] == told
    driver.hold()
    driver.hold()
    assert driver.said()[-4:] == told
    assert driver.said().count("new_case") == 2
    driver.hear_out()
    driver.hold()
    driver.hold()
    assert driver.said()[-4:] == told, "and no third time"
    assert driver.said().count("new_case") == 2


def test_who_was_not_heard_being_called_back_is_called_back_again() -> None:
    steps = [a_step("away", 60, place=Place.OUT_OF_ROOM), a_step("back", 60), a_step("end", 60)]
    driver = Driver(a_session(a_method(steps))).to_first_step()
    driver.command(Name.NEXT_STEP)
    driver.now = Instant(driver.now + 1.0)
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("from_out_of_room") == 2
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    assert driver.said().count("from_out_of_room") == 2, "once it was heard, it is known"


@pytest.mark.parametrize(("later_s", "times"), [(1.0, 2), (13.0, 1)])
def test_a_fault_whose_telling_was_broken_off_is_told_again(later_s: float, times: int) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    driver.command(Name.NEXT_STEP)
    driver.now = Instant(driver.now + later_s)
    driver.hold()
    driver.hold()
    assert driver.said().count("lost_microphone") == times
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("lost_microphone") == times


def test_a_fault_that_mended_itself_while_it_was_told_is_not_told_again() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    driver.command(Name.NEXT_STEP)
    driver.give(DeviceFound(driver.now, Device.MICROPHONE))
    driver.hold()
    driver.hold()
    assert driver.said().count("lost_microphone") == 1


def test_counted_again_the_group_is_told_only_what_that_changes() -> None:
    steps = [a_step("turn", 300, repeat=Repeat.PERSON)]
    driver = Driver(a_session(a_method(steps, group=Group(3, 3, 12, circle=3)), people=None))
    driver.hold()
    for people, told in ((5, "rules_head"), (8, "people_counted")):
        for _ in range(people):
            driver.press()
        driver.hold()
        assert told in driver.said()
        driver.hear_out()
        driver.hold()
    assert driver.said().count("rules_head") == 1
    assert driver.said()[-5:] == ["in_all", "circles", "first_person", "ask_agreement", "ask_people"]


def test_counted_again_a_fault_is_told_before_the_agreement() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    driver.command(Name.PEOPLE, 6)
    assert driver.said()[-5:] == ["lost_microphone", "people_counted", "in_all", "choose_case_giver", "ask_agreement"]


def test_another_method_chosen_while_people_are_counted_again_reads_its_own_rules() -> None:
    other = replace(a_method(), id="other")
    driver = Driver(a_session(a_method(), other, people=None))
    driver.command(Name.START, "method")
    driver.command(Name.PEOPLE, 5)
    driver.hear_out()
    driver.hold()
    driver.command(Name.START, "other")
    driver.command(Name.PEOPLE, 5)
    assert driver.said().count("rules_head") == 2


def test_a_case_whose_announcement_is_silenced_is_not_announced_in_its_midst() -> None:
    """ "The next one is now ..." in the middle of somebody's turn: a group that obeys skips a person."""
    steps = [a_step("a", 60, repeat=Repeat.PERSON), a_step("b", 60, repeat=Repeat.PERSON)]
    driver = Driver(a_session(a_method(steps, total=Seconds(600.0)))).to_first_step()
    for _ in range(2):
        driver.command(Name.NEXT_STEP)
    driver.now = Instant(driver.now + 2.5)
    driver.press()
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("next_person") == 1


def test_what_a_pause_cuts_off_at_the_end_of_a_firm_step_is_said_again() -> None:
    driver = Driver(a_session()).to_step("firm").to_overtime()
    driver.hold()
    driver.hold()
    assert driver.said()[-2:] == ["round_off", "round_off"]
    driver.hear_out()
    assert driver.session.grace_ends == driver.now + 15


@pytest.mark.parametrize("device", [Device.SPEAKER, Device.MICROPHONE])
def test_a_device_that_comes_and_goes_while_that_is_told_is_told_once_at_a_time(device: Device) -> None:
    driver = Driver(a_session()).to_first_step()
    for _ in range(3):
        driver.give(DeviceLost(driver.now, device, "noise"))
        driver.give(DeviceLost(driver.now, device))
        driver.give(DeviceFound(driver.now, device))
        driver.give(DeviceLost(driver.now, device))
        driver.give(DeviceFound(driver.now, Device.SPEAKER))
        before = len(driver.said())
        driver.command(Name.NEXT_STEP)
        assert driver.said()[before:].count(f"lost_{device.value}") <= 1


@pytest.mark.parametrize("back", [False, True])
def test_a_firm_step_whose_time_was_over_is_rounded_off_again(back: bool) -> None:
    """After a power cut in its grace, or when a group comes back to it: nobody knows that it waits for them."""
    driver = Driver(
        a_session(a_method([a_step("firm", 60, Ending.FIRM, grace=Seconds(30)), a_step("end", 60)]))
    ).to_first_step()
    driver.wait(61)
    assert driver.state is State.OVERTIME
    if back:
        driver.command(Name.NEXT_STEP)
        driver.hear_out()
        driver.command(Name.PREVIOUS_STEP)
    else:
        driver.wait(11)
        driver = gone_on_from(driver.saved(), a_session(*driver.session.methods))
    driver.hear_out()
    assert (driver.state, driver.said()[-1]) == (State.OVERTIME, "round_off")
    driver.hear_out()
    driver.wait(61)
    assert driver.session.slot.step.id == "end"


def test_every_command_is_taken_somewhere_and_has_an_answer_of_its_own() -> None:
    """One that was forgotten would be refused everywhere, or answered with the first rule."""
    taken = {trigger for state in TRANSITIONS.values() for trigger in state} | set(ANYWHERE)
    assert set(Name) <= taken
    for state in (State.READY, State.RUNNING):
        for trigger, move in TRANSITIONS[state].items():
            if isinstance(trigger, Name) and move.handler is answer:
                driver = Driver(a_session()).to_first_step()
                driver.command(trigger, {Name.READ: "rules", Name.READ_RULE: 1}.get(trigger))
                assert driver.session.speech is not None


@pytest.mark.parametrize("mode", Mode)
def test_a_group_that_wants_the_name_is_heard_with_it_only(mode: Mode) -> None:
    driver = Driver(a_session(mode=mode)).to_first_step()
    assert attention(driver.session, []).named_only is (mode is Mode.NAMED)


@pytest.mark.parametrize("answer", [(Name.YES, None), (Name.AGREE, None), (Name.PEOPLE, 6)])
def test_a_fault_that_was_just_being_told_is_told_after_an_early_answer(answer: tuple[Name, int | None]) -> None:
    driver = Driver(a_session())
    driver.press()
    driver.give(DeviceLost(driver.now, Device.RING))
    driver.press()
    assert driver.said()[-4:] == ["lost_ring", "choose_case_giver", "how_to_go_on", "ask_agreement"]
    driver.now = Instant(driver.now + 1.0)
    driver.command(*answer)
    driver.hear_out()
    driver.command(Name.YES)
    driver.hear_out()
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("lost_ring") == 2


def test_an_answer_in_the_grace_does_not_begin_it_anew() -> None:
    driver = Driver(a_session()).to_step("firm")
    while driver.session.grace_ends is None:
        driver.now = max(driver.now, driver.session.clock.left_is(0.0))
        driver.give(DeadlineReached(driver.now))
        driver.hear_out()
    ends = driver.session.grace_ends
    driver.now = Instant(driver.now + 5.0)
    driver.command(Name.TIME_LEFT)
    driver.hear_out()
    assert driver.session.grace_ends == ends


def test_who_nearly_ended_it_during_the_rules_hears_again_how_many_they_are() -> None:
    driver = Driver(a_session(people=None))
    driver.hold()
    driver.command(Name.PEOPLE, 5)
    driver.command(Name.END)
    driver.command(Name.NO)
    assert driver.said().count("people_counted") == 2


def test_a_command_without_an_answer_is_a_slip_of_ours() -> None:
    session = Driver(a_session()).to_first_step().session
    with pytest.raises(ValueError, match=r"^start has no answer$"):
        answer_to(session, Instant(0.0), Command(Name.START))


def test_a_step_whose_time_is_over_is_never_dark() -> None:
    """Come back to, or without an end of its own: an arc of no time would look like a device that is off."""
    driver = Driver(a_session()).to_step("soft")
    driver.wait(70)
    driver.press()
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    assert driver.state is State.ANNOUNCING
    assert scene(driver.session, driver.now).figure is Figure.OVERTIME
    driver = Driver(a_session()).to_step("open")
    driver.wait(3600)
    assert (scene(driver.session, driver.now).figure, scene(driver.session, driver.now).left > 0) == (Figure.ARC, True)


def test_a_loose_plug_is_told_once() -> None:
    driver = Driver(a_session()).to_first_step()
    for _ in range(5):
        driver.give(DeviceLost(driver.now, Device.SPEAKER))
        driver.give(DeviceFound(driver.now, Device.SPEAKER))
    driver.command(Name.NEXT_STEP)
    assert driver.said().count("lost_speaker") == 1


def test_a_long_pause_keeps_its_position_young() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.hold()
    kept = len(of_kind(driver, SavePosition))
    driver.wait(3600)
    assert len(of_kind(driver, SavePosition)) == kept + 12
    assert driver.state is State.PAUSED


def test_a_position_counts_how_often_it_was_gone_on_from_until_it_goes_well() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(11)
    for times in (1, 2):
        driver = gone_on_from(driver.saved(), a_session())
        assert driver.saved().resumed == times
    driver.wait(11)
    assert driver.saved().resumed == 0


def test_long_rules_are_heard_out() -> None:
    rules = {"rules": RuleSet("rules", text("rules"), (text("rule"),) * 60)}
    driver = Driver(a_session(rule_sets=rules))
    driver.press()
    driver.now = Instant(driver.now + 412.0)
    driver.give(DeadlineReached(driver.now))
    assert driver.state is State.RULES


def test_minutes_more_in_a_step_without_a_clock_are_not_promised() -> None:
    driver = Driver(a_session(a_method([a_step("free", 60, Ending.OPEN), a_step("end", 60)]))).to_first_step()
    before = driver.session.clocks
    driver.command(Name.MORE_TIME, 5)
    assert (driver.said()[-1], driver.session.clocks) == ("no_clock", before)


@pytest.mark.parametrize("paused", [False, True])
def test_who_was_sent_away_in_an_announcement_is_called_back_though_it_was_broken_off(paused: bool) -> None:
    steps = [a_step("one", 60), a_step("away", 60, place=Place.OUT_OF_ROOM), a_step("end", 60)]
    driver = Driver(a_session(a_method(steps))).to_first_step()
    driver.command(Name.NEXT_STEP)
    if paused:
        driver.hold()
    driver.command(Name.NEXT_STEP)
    assert "from_out_of_room" in driver.said()


@pytest.mark.parametrize("paused", [False, True])
def test_a_power_cut_in_an_announcement_loses_nothing_of_it(paused: bool) -> None:
    steps = [a_step("one", 60), a_step("two", 60, repeat=Repeat.CASE, place=Place.OUT_OF_ROOM), a_step("end", 60)]
    method = a_method(steps, cases=2, total=Seconds(300.0))
    driver = Driver(a_session(method)).to_first_step()
    driver.wait(5)
    driver.command(Name.NEXT_STEP)
    if paused:
        driver.hold()
    position = driver.saved()
    again = gone_on_from(position, a_session(method))
    if paused:
        again.hold()
    assert {"new_case", "to_out_of_room"} <= set(again.said())
    position = replace(position, spent_s=(5.0, 5.0, 0.0, 0.0), standing=False)
    third = gone_on_from(position, a_session(method))
    assert not {"new_case", "to_out_of_room"} & set(third.said()), "it had begun"


def test_a_fault_is_told_on_going_on_in_a_step_that_had_begun() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(15)
    driver.hold()
    position = driver.saved()
    again = Driver(resume(a_session(), position, Instant(0.0))[0])
    again.give(DeviceLost(again.now, Device.MICROPHONE))
    again.hold()
    assert again.said() == ["lost_microphone", "verbatim", "time_left"]


def test_go_on_goes_on_from_a_pause_that_somebody_asked_to_end() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.hold()
    driver.command(Name.END)
    driver.command(Name.GO_ON)
    assert driver.state is State.RUNNING


def test_how_often_each_may_speak_is_said_as_what_the_step_is() -> None:
    steps = [a_step("thank", 60, at_most_each=1), a_step("ask", 60, at_most_each=2, kind=Kind.ASK)]
    driver = Driver(a_session(a_method(steps)))
    driver.to_step("ask")
    assert [key for key in driver.said() if key.startswith("at_most")] == [
        "at_most_one_contribution",
        "at_most_questions",
    ]


def test_of_a_step_that_had_begun_only_its_name_and_time_are_told_again() -> None:
    driver = Driver(a_session()).to_step("firm")
    driver.wait(30)
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    driver.command(Name.PREVIOUS_STEP)
    driver.hold()
    driver.hold()
    assert driver.said()[-3:] == ["to_outside", "verbatim", "time_left"]


def test_more_time_in_and_after_the_time() -> None:
    driver = Driver(a_session()).to_step("soft")
    driver.command(Name.MORE_TIME, 1)
    driver.wait(100)
    assert driver.state is State.RUNNING
    driver.wait(50)
    assert driver.state is State.OVERTIME
    driver.command(Name.MORE_TIME, 5)
    assert driver.state is State.RUNNING
    assert driver.session.clock.left_at(driver.now) == pytest.approx(300), "counted from now"
    driver.wait(300)
    assert driver.state is State.OVERTIME


def test_minutes_more_excuse_no_overtime_and_survive_a_power_cut() -> None:
    steps = [a_step(id, 600) for id in ("one", "two", "three")]
    driver = Driver(a_session(a_method(steps))).to_first_step()
    driver.wait(900)
    driver.command(Name.MORE_TIME, 1)
    driver.wait(10)
    again = Driver(resume(a_session(a_method(steps)), driver.saved(), driver.now)[0])
    again.now = driver.now
    for each in (driver, again):
        each.hear_out()
        assert each.session.clock.left_at(each.now) == pytest.approx(50)
        each.command(Name.NEXT_STEP)
        assert each.session.slot.planned == 600
        assert each.session.clock.planned < 500, "five minutes are still to be caught up with"


def test_more_time_while_announcing_or_paused_is_kept() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    driver.command(Name.MORE_TIME, 1)
    assert driver.state is State.ANNOUNCING
    assert driver.session.clock.granted == 120
    driver.hear_out()
    driver.hold()
    driver.command(Name.MORE_TIME, 1)
    assert driver.state is State.PAUSED
    assert driver.session.clock.granted == 180


@pytest.mark.parametrize(
    ("name", "argument", "keys"),
    [
        (Name.REPEAT, None, ["verbatim", "verbatim"]),
        (Name.TASKS, None, ["task", "task", "advice_not_yet"]),
        (Name.TIME_LEFT, None, ["time_left"]),
        (Name.WHICH_STEP, None, ["which_step", "verbatim"]),
        (Name.WHAT_NEXT, None, ["what_next"]),
        (Name.READ_RULES, None, ["rules_head", "verbatim", "verbatim", "verbatim"]),
        (Name.READ_RULE, 3, ["rule_number", "verbatim"]),
        (Name.HELP, None, ["help_running"]),
        (Name.READ_RULE, 4, ["no_such_rule"]),
        (Name.PASS, None, ["no_round"]),
        (Name.START, "method", ["not_now"]),
        (Name.GO_ON, None, ["not_now"]),
    ],
)
def test_questions_are_answered_while_the_clock_runs(name: Name, argument: int | None, keys: list[str]) -> None:
    driver = Driver(a_session()).to_first_step()
    before, clock = driver.said(), driver.session.clock
    driver.command(name, argument)
    assert driver.said()[len(before) :] == keys
    assert driver.state is State.RUNNING
    assert driver.session.clock == clock


def test_before_a_choice_it_names_no_way_that_nobody_has_chosen() -> None:
    driver = Driver(a_session(a_method([a_step("one", 60), *RICH_STEPS[6:9]]))).to_first_step()
    driver.command(Name.WHAT_NEXT)
    assert driver.said()[-1] == "what_next_choice"


def test_in_the_last_step_nothing_comes_next() -> None:
    driver = Driver(a_session()).to_step("soft")
    driver.command(Name.WHAT_NEXT)
    assert driver.said()[-1] == "last_step"


def test_a_question_never_cuts_an_announcement() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    assert driver.command(Name.WHICH_STEP) == ()
    assert driver.command(Name.START, "method") == (Refused(driver_command(Name.START, "method")),)
    assert driver.state is State.ANNOUNCING


@pytest.mark.parametrize("answer", [Name.NO, Name.GO_ON, "press", "silence"])
def test_ending_asks_and_no_goes_on(answer: str | Name) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(10)
    driver.command(Name.END)
    driver.hear_out()
    assert driver.state is State.CONFIRMING
    if isinstance(answer, Name):
        driver.command(answer)
    elif answer == "press":
        driver.press()
    else:
        driver.wait(20)
    assert driver.state is State.RUNNING
    assert driver.session.clock.left_at(driver.now) == pytest.approx(50)


@pytest.mark.parametrize("answer", [Name.YES, "hold"])
def test_ending_asks_and_yes_ends(answer: str | Name) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.command(Name.END)
    driver.hear_out()
    driver.command(answer) if isinstance(answer, Name) else driver.hold()
    assert driver.state is State.CLOSING
    driver.hear_out()
    driver.wait(14.9)
    assert driver.state is State.CLOSING
    driver.wait(0.2)
    assert driver.state is State.ENDED
    assert "goodbye" in driver.said()


@pytest.mark.parametrize("voice", [True, False])
def test_one_press_too_many_in_the_last_step_can_be_taken_back(voice: bool) -> None:
    driver = Driver(a_session(voice_on=voice)).to_step("soft")
    driver.wait(20)
    driver.press()
    driver.hear_out()
    driver.wait(10)
    if voice:
        driver.command(Name.HELP)
        driver.hear_out()
        driver.wait(10)
        assert driver.said()[-1] == "help_closing"
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert (driver.state, driver.session.slot.step.id) == (State.RUNNING, "soft")
    assert driver.session.clock.left_at(driver.now) == pytest.approx(40)


def test_from_the_last_words_on_nothing_is_kept_and_going_back_keeps_it_again() -> None:
    """A plug that is pulled during the goodbye must not bring the session back."""
    driver = Driver(a_session()).to_step("soft")
    kept = len(of_kind(driver, SavePosition))
    driver.press()
    assert len(of_kind(driver, ForgetPosition)) == 1
    driver.hear_out()
    assert len(of_kind(driver, SavePosition)) == kept
    driver.hold()
    assert driver.state is State.ANNOUNCING
    assert len(of_kind(driver, SavePosition)) == kept + 1


def test_last_words_are_heard_out_however_long_they_are() -> None:
    driver = Driver(a_session()).to_step("soft")
    driver.press()
    driver.now = Instant(driver.now + 20.0)
    driver.give(DeadlineReached(driver.now))
    assert driver.state is State.CLOSING


@pytest.mark.parametrize("voice", [True, False])
def test_what_ends_before_the_first_step_has_nothing_to_go_back_to(voice: bool) -> None:
    driver = Driver(a_session(voice_on=voice))
    driver.press()
    driver.hear_out()
    driver.command(Name.END)
    driver.hear_out()
    driver.hold()
    driver.hold()
    driver.hear_out()
    assert driver.state is State.ENDED
    assert len(of_kind(driver, ForgetPosition)) == 1


def test_going_back_from_the_end_into_a_second_chance_gives_nobody_another_turn() -> None:
    driver = Driver(a_session(a_method([a_step("round", 240, turns=Turns.EVERYONE)]))).to_first_step()
    on = Name.NEXT_SPEAKER
    for name in (Name.PASS, on, on, on, on, on):
        driver.command(name)
        driver.hear_out()
    assert driver.state is State.CLOSING
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert driver.session.slot.turn == 1
    driver.command(on)
    assert driver.state is State.CLOSING


def test_each_round_has_second_chances_of_its_own() -> None:
    steps = [a_step(id, 240, turns=Turns.EVERYONE) for id in ("one", "two")]
    driver = Driver(a_session(a_method(steps), people=4)).to_first_step()
    went = []
    for name in (Name.PASS, *[Name.NEXT_SPEAKER] * 3, Name.NEXT_STEP, Name.PASS, *[Name.NEXT_SPEAKER] * 4):
        driver.command(name)
        driver.hear_out()
        went.append((driver.session.slot.step.id, driver.session.slot.turn))
    assert went[3:] == [*[("one", 1)], *[("two", turn) for turn in (1, 2, 3, 4, 1, 1)]]
    assert driver.state is State.CLOSING
    assert driver.said().count("second_chance") == 2


def test_a_press_after_the_last_words_ends_at_once() -> None:
    driver = Driver(a_session()).to_step("soft")
    for _ in range(2):
        driver.press()
        assert driver.state is State.CLOSING
    driver.press()
    assert driver.state is State.ENDED


@pytest.mark.parametrize("answer", [Name.YES, Name.NO])
def test_ending_at_the_agreement(answer: Name) -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.command(Name.END)
    driver.hear_out()
    driver.command(answer)
    assert driver.state is (State.AGREEMENT if answer is Name.NO else State.CLOSING)
    assert of_kind(driver, StepEnded) == []


def test_an_ended_session_can_be_gone_back_to_where_it_was() -> None:
    driver = Driver(a_session()).to_step("quiet")
    driver.wait(20)
    driver.command(Name.END)
    driver.hear_out()
    driver.command(Name.YES)
    driver.command(Name.PREVIOUS_STEP)
    driver.hear_out()
    assert driver.session.slot.step.id == "quiet"
    assert driver.session.clock.left_at(driver.now) == pytest.approx(100)


def test_in_the_question_whether_to_end_nothing_untrue_is_said() -> None:
    driver = Driver(a_session()).to_step("round")
    driver.command(Name.END)
    for name, argument in ((Name.PREVIOUS_STEP, None), (Name.PASS, None), (Name.READ_RULE, 2)):
        driver.hear_out()
        driver.command(name, argument)
        assert driver.said()[-1] == "not_now"


def test_a_wrong_method_can_be_left_while_people_are_counted() -> None:
    driver = Driver(a_session(a_method(id="a"), a_method(id="b"), people=None))
    driver.command(Name.START, "a")
    driver.command(Name.START, "b")
    assert driver.session.method.id == "b"
    assert driver.state is State.COUNTING
    driver.command(Name.END)
    assert driver.state is State.READY
    assert not driver.session.clocks


def test_the_case_giver_is_chosen_where_the_method_says() -> None:
    for first in (True, False):
        driver = Driver(a_session(a_method(case_giver_first=first)))
        driver.press()
        driver.hear_out()
        assert ("choose_case_giver" in driver.said()) is first
        assert ("ask_agreement" in driver.said()) is first
        assert ("ask_agreement_only" in driver.said()) is not first


def test_each_case_is_opened_by_its_number() -> None:
    steps = [a_step("one", 60, repeat=Repeat.CASE), a_step("two", 60, repeat=Repeat.CASE), a_step("three", 60)]
    driver = Driver(a_session(a_method(steps, cases=2, total=Seconds(300.0)))).to_first_step()
    for _ in range(4):
        driver.command(Name.NEXT_STEP)
        driver.hear_out()
    assert driver.said().count("new_case") == 2


def test_where_the_steps_choose_the_case_giver_a_case_is_opened_by_its_number_alone() -> None:
    method = a_method([a_step("choose", 60), a_step("tell", 60)], cases=2, case_giver_first=False)
    driver = Driver(a_session(method)).to_step("tell")
    assert driver.said().count("case_number") == 1
    assert "new_case" not in driver.said()


def test_help_never_cuts_off_what_the_session_waits_for() -> None:
    driver = Driver(a_session())
    driver.press()
    assert driver.command(Name.HELP) == ()
    assert driver.state is State.RULES


def test_whoever_does_not_end_while_the_rules_are_read_hears_them() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.command(Name.END)
    driver.hear_out()
    before = len(driver.said())
    driver.command(Name.NO)
    assert driver.state is State.RULES
    assert "rules_head" in driver.said()[before:]
    driver.hear_out()
    assert driver.state is State.AGREEMENT


def test_a_session_of_one_step_is_spoken_of_as_one() -> None:
    driver = Driver(a_session(a_method([a_step("only", 60)]))).to_first_step()
    driver.command(Name.WHICH_STEP)
    assert "introduction_one" in driver.said()
    assert driver.said()[-2] == "only_step"
    driver = Driver(a_session(a_method([a_step("only", 60)]), people=None))
    driver.press()
    driver.command(Name.PEOPLE, 4)
    assert "in_all_one" in driver.said()


def test_a_rule_that_there_is_not_is_told_from_one() -> None:
    driver = Driver(a_session(rule_sets={"rules": RuleSet("rules", text("the rule"), (text("one"),))})).to_first_step()
    driver.command(Name.READ_RULE, 2)
    assert driver.said()[-1] == "only_rule"


def test_whoever_is_out_of_the_room_is_called_back_before_going_elsewhere() -> None:
    steps = [a_step("out", 60, place=Place.OUT_OF_ROOM), a_step("away", 60, place=Place.BACK_TURNED), a_step("end", 60)]
    driver = Driver(a_session(a_method(steps))).to_step("end")
    went = [key for key in driver.said() if key.startswith(("to_", "from_"))]
    assert went == ["to_out_of_room", "from_out_of_room", "to_back_turned", "from_back_turned"]


def test_a_paused_session_that_is_not_ended_stays_paused() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.hold()
    driver.command(Name.END)
    driver.hear_out()
    driver.command(Name.NO)
    assert driver.state is State.PAUSED
    assert driver.said()[-1] == "ask_end_standing"
    driver.hold()
    assert driver.state is State.RUNNING


def test_who_ends_while_the_case_giver_is_away_calls_him_back() -> None:
    driver = Driver(a_session()).to_step("firm")
    driver.command(Name.END)
    driver.hear_out()
    driver.command(Name.YES)
    assert driver.said()[-2:] == ["from_outside", "goodbye"]


def test_without_a_voice_the_whole_session_runs_in_silence() -> None:
    driver = Driver(a_session(voice_on=False))
    driver.press()
    assert driver.state is State.AGREEMENT
    driver.press()
    assert driver.state is State.RUNNING
    for _ in range(9):
        driver.press()
    assert driver.state is State.CLOSING
    driver.wait(15)
    assert driver.state is State.ENDED
    assert driver.said() == []


def test_without_a_voice_the_light_asks_which_alternative() -> None:
    steps = [a_step("one", 60), a_step("maybe", 60, question=text("maybe?")), *RICH_STEPS[6:9], a_step("end", 60)]
    driver = Driver(a_session(a_method(steps), voice_on=False)).to_first_step()
    driver.command(Name.NEXT_STEP)
    assert (driver.state, driver.session.slot.step.id) == (State.RUNNING, "maybe"), "a single one is just done"
    driver.press()
    assert (driver.state, driver.session.slot.step.id) == (State.ASKING, "gossip")
    driver.hold()
    assert (driver.state, driver.session.slot.step.id) == (State.ASKING, "write")
    driver.press()
    assert began(driver) == ["one", "maybe", "write"]
    driver.press()
    assert driver.session.slot.step.id == "end"


def test_voice_off_cuts_the_announcement_and_on_again() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    assert driver.command(Name.VOICE_OFF) == (Hush(),)
    assert driver.state is State.RUNNING
    driver.command(Name.WHICH_STEP)
    assert driver.session.speech is None
    driver.command(Name.VOICE_ON)
    assert driver.said()[-1] == "voice_on"


def test_a_voice_that_is_on_or_off_already_is_not_listened_for() -> None:
    driver = Driver(a_session()).to_first_step()
    on, off = Command(Name.VOICE_ON), Command(Name.VOICE_OFF)
    assert attention(driver.session, [on, off]).legal == {off}
    driver.command(Name.VOICE_OFF)
    assert attention(driver.session, [on, off]).legal == {on}
    driver.command(Name.VOICE_ON)
    driver.command(Name.VOICE_ON)
    assert driver.said()[-1] == "voice_on", "who types it gets no refusal"


REMARKS_ON_IT = frozenset(map(Command, REMARKS))


def unlikely(session: Session) -> frozenset[Command]:
    return attention(session, [*REMARKS_ON_IT, Command(Name.PAUSE)]).unlikely


def test_who_remarks_on_its_voice_has_just_heard_it() -> None:
    driver = Driver(a_session())
    assert unlikely(driver.session) == REMARKS_ON_IT
    driver.to_first_step().command(Name.WHICH_STEP)
    driver.hear_out()
    driver.wait(REMARKS_LAST - 1)
    assert unlikely(driver.session) == frozenset()
    driver.wait(1)
    assert unlikely(driver.session) == REMARKS_ON_IT


def test_who_silences_it_has_heard_it() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(REMARKS_LAST)
    driver.command(Name.WHICH_STEP)
    driver.press()
    assert driver.session.speech is None
    assert unlikely(driver.session) == frozenset()


@pytest.mark.parametrize("name", [Name.LOUDER, Name.SOFTER])
def test_a_chime_is_heard_too(name: Name) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(REMARKS_LAST)
    driver.command(name)
    assert unlikely(driver.session) == frozenset()
    driver.command(Name.VOICE_OFF)
    driver.wait(REMARKS_LAST)
    driver.command(name)
    assert unlikely(driver.session) == REMARKS_ON_IT - {Command(Name.VOICE_OFF)}, "without a voice it does not ring"


def test_what_is_said_into_a_microphone_that_a_press_has_opened_is_meant() -> None:
    driver = Driver(a_session(mode=Mode.BUTTON)).to_first_step()
    driver.wait(REMARKS_LAST)
    driver.give(HeldLong(driver.now))
    assert unlikely(driver.session) == frozenset()


@pytest.mark.parametrize(("name", "notches"), [(Name.LOUDER, 1), (Name.SOFTER, -1)])
def test_volume(name: Name, notches: int) -> None:
    assert Driver(a_session()).command(name)[0] == ChangeVolume(notches)


def test_only_the_button_opens_the_microphone_again() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.command(Name.MICROPHONE_OFF)
    assert driver.session.microphone is Microphone.OFF
    assert driver.said()[-1] == "microphone_off"
    driver.give(HeldLong(driver.now))
    assert driver.session.microphone is Microphone.OPEN
    assert driver.said()[-1] == "microphone_on"
    driver.give(HeldLong(driver.now))
    assert driver.session.microphone is Microphone.OFF


def test_a_silence_is_not_broken_to_tell_of_the_microphone() -> None:
    driver = Driver(a_session(a_method([a_step("quiet", 300, silence=True)]))).to_first_step()
    before = driver.said()
    driver.give(HeldLong(driver.now))
    assert driver.session.microphone is Microphone.OFF
    assert driver.said() == before


def test_in_button_mode_the_button_opens_it_for_one_command() -> None:
    driver = Driver(a_session(mode=Mode.BUTTON)).to_first_step()
    assert driver.session.microphone is Microphone.OFF
    driver.give(HeldLong(driver.now))
    assert driver.session.microphone is Microphone.OPEN
    driver.command(Name.WHICH_STEP)
    assert driver.session.microphone is Microphone.OFF
    driver.give(HeldLong(driver.now))
    driver.wait(8)
    assert driver.session.microphone is Microphone.OFF
    driver.give(HeldLong(driver.now))
    driver.give(HeldLong(driver.now))
    assert driver.session.microphone is Microphone.OFF


def test_in_button_mode_the_button_opens_what_a_command_has_closed() -> None:
    driver = Driver(a_session(mode=Mode.BUTTON))
    driver.give(HeldLong(driver.now))
    driver.command(Name.MICROPHONE_OFF)
    assert driver.session.microphone is Microphone.OFF
    assert driver.give(HeldLong(driver.now)) == (MicrophoneSwitched(off=False),)
    assert driver.session.microphone is Microphone.OPEN


def test_with_the_microphone_forbidden_nothing_opens_it() -> None:
    driver = Driver(a_session(mode=Mode.OFF))
    assert driver.give(HeldLong(driver.now)) == (Refused(None),)
    assert driver.session.microphone is Microphone.OFF


def test_a_lost_microphone_is_deaf_and_told_at_the_next_transition() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    assert driver.session.microphone is Microphone.DEAF
    assert "lost_microphone" not in driver.said()
    driver.press()
    assert driver.said().count("lost_microphone") == 1
    driver.give(DeviceFound(driver.now, Device.MICROPHONE))
    assert driver.session.microphone is Microphone.OPEN


def test_a_room_that_is_never_quiet_is_shown_and_not_told_but_a_loss_in_it_is() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.give(DeviceLost(driver.now, Device.MICROPHONE, NOISE))
    assert driver.session.microphone is Microphone.DEAF
    driver.press()
    driver.hear_out()
    assert "lost_microphone" not in driver.said()
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    driver.press()
    assert driver.said().count("lost_microphone") == 1
    driver.give(DeviceFound(driver.now, Device.MICROPHONE))
    assert driver.session.microphone is Microphone.DEAF
    driver.give(DeviceFound(driver.now, Device.MICROPHONE, NOISE))
    assert driver.session.microphone is Microphone.OPEN


def test_a_fault_that_mended_itself_is_not_told_but_a_lost_voice_is() -> None:
    driver = Driver(a_session()).to_first_step()
    for device in (Device.MICROPHONE, Device.SPEAKER):
        driver.give(DeviceLost(driver.now, device))
        driver.give(DeviceFound(driver.now, device))
    driver.press()
    assert "lost_speaker" in driver.said()
    assert "lost_microphone" not in driver.said()


def test_a_lost_loudspeaker_never_stops_the_session() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.hear_out()
    driver.press()
    driver.give(DeviceLost(driver.now, Device.SPEAKER))
    assert driver.state is State.RUNNING
    driver.press()
    assert driver.state is State.RUNNING
    assert driver.session.slot.step.id == "firm"


def test_a_speech_whose_end_is_never_told_ends_all_the_same() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.now = Instant(240.0)
    driver.give(DeadlineReached(driver.now))
    assert driver.state is State.AGREEMENT


def test_stale_events_do_nothing() -> None:
    driver = Driver(a_session()).to_first_step()
    before = driver.session
    for event in (SpeechEnded(driver.now, 99), DeadlineReached(driver.now)):
        assert step(before, event) == (before, ())


def test_nothing_moves_a_session_that_has_ended() -> None:
    driver = Driver(a_session(voice_on=False)).to_step("soft")
    driver.press()
    driver.press()
    ended = driver.session
    assert driver.press() == (Refused(None),)
    assert driver.give(HeldLong(driver.now)) == (Refused(None),)
    driver.command(Name.HELP)
    assert driver.session == ended


def test_the_position_is_saved_and_resumed_after_a_power_cut() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.command(Name.NEXT_STEP)
    driver.hear_out()
    driver.command(Name.MORE_TIME, 1)
    driver.wait(35)
    position = driver.saved()
    assert position.spent_s[1] == pytest.approx(30)
    session, effects = resume(a_session(people=None), position, Instant(1000.0))
    again = Driver(session)
    again.now = Instant(1000.0)
    again.effects += effects
    assert "resumed" in again.said()
    again.hear_out()
    assert again.session.slot.step.id == "firm"
    assert again.session.clock.left_at(again.now) == pytest.approx(150)
    again.command(Name.PREVIOUS_STEP)
    assert again.session.slot.step.id == "hard"


def test_a_paused_session_comes_back_paused() -> None:
    driver = Driver(a_session()).to_step("round")
    driver.command(Name.PASS)
    driver.hold()
    position = driver.saved()
    session, effects = resume(a_session(), position, Instant(10.0))
    assert session.state is State.PAUSED
    assert [type(effect) for effect in effects] == [SavePosition], "also where it ends the device each time"
    again = Driver(session)
    again.now = Instant(20.0)
    again.hold()
    again.hear_out()
    assert (again.session.slot.turn, again.session.passed) == (2, driver.session.passed)


def test_a_paused_session_comes_back_paused_though_somebody_asked_to_end_it() -> None:
    driver = Driver(a_session()).to_step("firm")
    driver.wait(30)
    driver.command(Name.PAUSE)
    driver.command(Name.END)
    position = driver.saved()
    session, _ = resume(a_session(), position, Instant(10.0))
    assert session.state is State.PAUSED
    again = Driver(session)
    again.command(Name.GO_ON)
    assert again.said() == ["verbatim", "time_left"], "the case giver sits outside already"


def test_minutes_that_were_asked_for_are_no_news_after_a_power_cut() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.command(Name.MORE_TIME, 5)
    position = driver.saved()
    again = Driver(resume(a_session(), position, Instant(0.0))[0])
    again.hear_out()
    again.wait(359)
    again.command(Name.NEXT_STEP)
    assert not [key for key in again.said() if key.startswith("ends_")]


@pytest.mark.parametrize(
    "changed", [{"method": "other"}, {"slot": 99}, {"slot": -1}, {"spent_s": (1.0,)}, {"added_s": ()}]
)
def test_a_position_that_fits_no_method_is_refused(changed: dict[str, object]) -> None:
    driver = Driver(a_session()).to_first_step()
    position = replace(driver.saved(), **changed)
    with pytest.raises(PlanError, match="fits no method that is here; the session begins anew"):
        resume(a_session(), position, Instant(0.0))


def test_a_position_of_too_many_cases_is_refused() -> None:
    driver = Driver(a_session()).to_first_step()
    position = replace(driver.saved(), cases=9)
    with pytest.raises(PlanError, match="a plan for 9 cases cannot be made"):
        resume(a_session(), position, Instant(0.0))


def test_a_notice_waits_until_there_is_a_voice_to_tell_it() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.give(DeviceLost(driver.now, Device.SPEAKER))
    driver.press()
    driver.give(DeviceFound(driver.now, Device.SPEAKER))
    driver.press()
    assert "lost_speaker" in driver.said()


def test_a_microphone_lost_before_the_start_is_told_before_the_question() -> None:
    driver = Driver(a_session())
    driver.give(DeviceLost(driver.now, Device.MICROPHONE))
    driver.press()
    assert driver.said()[0] == "lost_microphone"


def test_a_power_cut_never_opens_what_the_group_closed() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.command(Name.MICROPHONE_OFF)
    position = driver.saved()
    session, _ = resume(a_session(), position, Instant(10.0))
    assert session.microphone is Microphone.OFF


def test_closing_the_microphone_before_the_first_step_saves_no_position() -> None:
    driver = Driver(a_session())
    driver.press()
    driver.command(Name.END)
    driver.hear_out()
    driver.give(HeldLong(driver.now))
    assert of_kind(driver, SavePosition) == []
    assert of_kind(driver, MicrophoneSwitched) == [MicrophoneSwitched(off=True)]
    assert driver.session.microphone is Microphone.OFF


def test_a_group_that_wants_no_voice_misses_no_loudspeaker() -> None:
    for voice_on in (True, False):
        driver = Driver(a_session(voice_on=voice_on))
        driver.give(DeviceLost(driver.now, Device.SPEAKER))
        assert scene(driver.session, driver.now).fault is voice_on


def test_a_total_that_the_group_cannot_keep_gives_way_to_the_shortest_in_whole_minutes() -> None:
    driver = Driver(a_session(total=Seconds(60.0)))
    driver.press()
    least = shortest_total(driver.session.method, 5)
    assert least <= driver.session.the_plan.total < least + 60
    big = a_method([a_step("round", 60, Ending.HARD, Turns.OTHERS, each=True)])
    driver = Driver(a_session(big, people=16))
    driver.press()
    assert driver.session.the_plan.total == 15 * 60


def test_what_the_time_leaves_out_and_over_is_told_at_the_opening() -> None:
    steps = [a_step("one", 60), a_step("extra", 60, optional=True)]
    driver = Driver(a_session(a_method(steps), total=Seconds(30.0)))
    driver.press()
    assert "left_out" in driver.said()
    driver = Driver(a_session(a_method(steps), total=Seconds(3600.0)))
    driver.press()
    assert "spare_time" in driver.said()


def test_a_group_that_is_new_is_asked_the_preconditions_and_an_old_hand_is_not() -> None:
    driver = Driver(a_session(rule_sets=RULES | QUESTIONS))
    driver.press()
    assert "preconditions_head" in driver.said()
    driver = Driver(a_session(rule_sets=RULES | QUESTIONS, experienced=True))
    driver.press()
    assert "preconditions_head" not in driver.said()


def test_lists_are_read_and_a_rule_at_random_is_one_of_the_rules() -> None:
    driver = Driver(a_session())
    driver.command(Name.READ, "rules")
    assert driver.said() == ["list_head", "verbatim", "verbatim", "verbatim"]
    driver.to_first_step()
    read = set()
    for _ in range(40):
        driver.wait(1.3)
        said = [
            sentence
            for effect in driver.command(Name.ANY_RULE)
            if isinstance(effect, Say)
            for sentence in effect.sentences
        ]
        assert [sentence.key for sentence in said] == ["rule_number", "verbatim"]
        read.add(dict(said[0].values)["number"])
        driver.hear_out()
    assert read == {1, 2, 3}


def test_what_was_nearly_heard_changes_the_light_and_nothing_else() -> None:
    before = a_session()
    after, effects = step(before, CommandDoubted(Instant(5.0)))
    assert effects == ()
    assert after == replace(before, doubted_at=Instant(5.0))
    assert scene(after, Instant(5.2)).doubted == pytest.approx(0.2)
    assert scene(after, Instant(9.0)).doubted is None
    again, _ = step(after, CommandDoubted(Instant(5.1)))
    assert again.doubted_at == 5.0, "one sweep at a time"
    refused = replace(after, refused_at=Instant(5.0))
    assert scene(refused, Instant(5.2)).refused is None, "no dip under the sweep: both at once would flash"
    assert scene(replace(refused, doubted_at=None), Instant(5.2)).refused == pytest.approx(0.2)


def spoken_before(driver: Driver, name: Name, seconds: float) -> None:
    """A command that somebody began to say so long before the present state began, and that is understood now."""
    driver.give(CommandGiven(driver.now, Command(name), began=Instant(driver.session.since - seconds)))


def test_a_command_that_the_button_overtook_moves_no_second_step() -> None:
    driver = Driver(a_session(voice_on=False)).to_step("firm")
    spoken_before(driver, Name.NEXT_STEP, 0.4)
    assert driver.session.slot.step.id == "firm"
    spoken_before(driver, Name.NEXT_STEP, -0.4)
    assert driver.session.slot.step.id != "firm"


def test_what_began_before_a_firm_step_was_over_does_not_end_the_next_one() -> None:
    driver = Driver(a_session(voice_on=False)).to_step("firm")
    began = Instant(driver.now + 134.5)
    driver.wait(135.0)
    following = driver.session.slot.step.id
    assert following != "firm"
    driver.give(CommandGiven(Instant(driver.now + 0.8), Command(Name.NEXT_STEP), began=began))
    assert driver.session.slot.step.id == following


def test_a_command_that_moves_nothing_is_never_too_late() -> None:
    driver = Driver(a_session()).to_step("soft")
    spoken_before(driver, Name.TIME_LEFT, 0.4)
    assert driver.said()[-1].startswith("time")


def test_what_was_said_just_before_overtime_means_the_same_in_it() -> None:
    driver = Driver(a_session()).to_step("soft")
    driver.wait(600)
    assert driver.state is State.OVERTIME
    spoken_before(driver, Name.NEXT_STEP, 0.4)
    assert driver.state is not State.OVERTIME


def test_the_table_and_what_follows_a_speech_say_the_same() -> None:
    assert {state for state, moves in TRANSITIONS.items() if Trigger.SPEECH_ENDED in moves} == AFTER_SPEECH.keys()
