"""Scenes for properties: every one that the core can make, and some that it cannot."""

from hypothesis import strategies as st

from companion.core.method import Kind
from companion.core.scene import REFILL_LASTS, Figure, Scene
from companion.core.state import ANSWER_LASTS, Microphone
from companion.core.units import Seconds


@st.composite
def _scene(draw: st.DrawFn) -> Scene:
    turns = draw(st.sampled_from([0, 0, 2, 5, 8, 10]))
    ages = {
        "heard": st.none() | st.floats(0, ANSWER_LASTS).map(Seconds),
        "doubted": st.none() | st.floats(0, ANSWER_LASTS).map(Seconds),
        "refill": st.none() | st.floats(0, REFILL_LASTS).map(Seconds),
    }
    shown = {name: draw(age) for name, age in ages.items()}
    refused = None if shown["doubted"] is not None else draw(st.none() | st.floats(0, ANSWER_LASTS).map(Seconds))
    return Scene(
        figure=draw(st.sampled_from(Figure)),
        microphone=draw(st.sampled_from(Microphone)),
        kind=draw(st.sampled_from(Kind)),
        left=draw(st.floats(0, 1)),
        over=draw(st.floats(0, 1)),
        turn=draw(st.integers(1, turns)) if turns else 0,
        turns=turns,
        ending=draw(st.booleans()),
        count=draw(st.integers(0, 10)),
        fault=draw(st.booleans()),
        touch=draw(st.none() | st.integers(1, 9)),
        hold=draw(st.integers(0, 2)),
        refused=refused,
        **shown,
    )


scenes = _scene()
counts = st.integers(1, 60)
rings = st.integers(4, 60)
instants = st.floats(0, 1e5)
