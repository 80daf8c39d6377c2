"""Contacts as they were recorded: one press stays one press, and is seen soon enough."""

import json
from pathlib import Path
from typing import Any

import pytest

from companion.buttons.gestures import DEBOUNCE, TOUCH, Outcome
from companion.core.event import Held, LetGo, Pressed, Touched
from tests.buttons.test_gestures import all_played

FILE = json.loads((Path(__file__).parent / "bounces.json").read_text(encoding="utf-8"))
SEEN_WITHIN = 0.05
"""Seconds in which a press must be seen in light."""
WORST_OF_THE_REST = 0.01
"""From the touch to the light on a machine that is not overloaded (`companion bench loop`)."""
RECORDINGS = {recording["button"]: recording for recording in FILE["recordings"]}


def edges(recording: dict[str, Any], at: float) -> list[float]:
    """Its edges from this instant on; an odd number of them, so that the level stays as it became."""
    instants = [at + edge / 1e6 for edge in recording["edges_us"]]
    assert len(instants) % 2 == 1
    return instants


def once(down: list[float], up: list[float]) -> list[Outcome]:
    return all_played(*down, *up)


@pytest.mark.parametrize("button", RECORDINGS)
@pytest.mark.parametrize(("length", "gesture"), [(0.25, Pressed), (1.5, Held)])
def test_a_recorded_bounce_is_one_gesture(button: str, length: float, gesture: type[Pressed]) -> None:
    recording = RECORDINGS[button]
    bouncing = edges(recording, 1.0)
    down, up = (bouncing, [1.0 + length]) if recording["down"] else ([1.0], edges(recording, 1.0 + length))
    touched, meant = once(down, up)
    assert isinstance(touched, Touched)
    assert isinstance(meant, gesture)
    assert meant.at == up[-1]


@pytest.mark.parametrize("button", [name for name, recording in RECORDINGS.items() if recording["down"]])
def test_a_bouncing_contact_is_seen_in_time(button: str) -> None:
    touched = once(edges(RECORDINGS[button], 1.0), [2.0])[0]
    assert isinstance(touched, Touched)
    assert touched.at - 1.0 + WORST_OF_THE_REST <= SEEN_WITHIN + (0.01 if "pedal" in button else 0.0)


def test_a_contact_that_opens_for_longer_than_any_glitch_is_two_presses() -> None:
    """No debouncing can tell it from two presses: such a button is not fit."""
    outcomes = once(edges(FILE["hopeless"], 1.0), [2.0])
    assert sum(isinstance(outcome, Pressed) for outcome in outcomes) == 2


@pytest.mark.parametrize("length", [0.0001, 0.001, TOUCH - 0.001])
def test_a_glitch_is_nothing(length: float) -> None:
    assert all_played(1.0, 1.0 + length) == []


def test_a_glitch_while_the_button_is_down_does_not_end_the_press() -> None:
    outcomes = all_played(1.0, 1.2, 1.2 + DEBOUNCE - 0.001, 1.4)
    assert [type(outcome) for outcome in outcomes] == [Touched, Pressed]


def test_what_is_only_brushed_is_seen_and_means_nothing() -> None:
    assert [type(outcome) for outcome in all_played(1.0, 1.0 + TOUCH + 0.001)] == [Touched, LetGo]
