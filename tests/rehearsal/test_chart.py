"""The picture of a session: a band a step, a row an LED, a mark for what people did."""

from xml.etree import ElementTree

import pytest

from companion.chart import LEDS, Chart
from companion.core.command import Command, Name
from companion.core.event import CommandGiven, Device, DeviceLost, Held
from companion.core.units import Instant
from companion.language.phrases import phrases
from companion.rehearsal import DarkLight
from tests.core.table import STEPS, a_method, a_session
from tests.rehearsal.stagehands import Stage

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture() -> ElementTree.Element:
    method = a_method(STEPS)
    chart = Chart(phrases("nl", ()), DarkLight())
    actions = (
        Held(Instant(30.0)),
        Held(Instant(50.0)),
        CommandGiven(Instant(70.0), Command(Name.TIME_LEFT)),
        DeviceLost(Instant(80.0), Device.RING),
    )
    stage = Stage(a_session(method), actions=actions, react=lambda _agenda, at, what: chart(at, what), light=chart)
    assert stage.rehearsal.run()
    return ElementTree.fromstring(chart.svg(method, "nl"))


def words(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_every_step_is_a_band_with_its_cue_and_time(picture: ElementTree.Element) -> None:
    assert {step.id for step in STEPS if step.id not in ("soft", "open")} <= set(words(picture))
    bands = [box for box in picture.iter(f"{SVG}rect") if box.get("stroke") == "#fff"]
    assert len(bands) == len(STEPS)
    ends = [float(box.get("x", 0)) + float(box.get("width", 0)) for box in bands]
    assert ends == sorted(ends)


def test_what_people_did_is_marked_with_its_instant(picture: ElementTree.Element) -> None:
    marks = [title.text or "" for title in picture.iter(f"{SVG}title")]
    assert [mark for mark in marks if "hold" in mark] == ["0:30 hold", "0:50 hold"]
    assert "1:10 command hoeveel tijd nog" in marks
    assert "1:20 lost ring" in marks
    assert "hoeveel tijd nog" in words(picture)


def test_every_led_has_a_row(picture: ElementTree.Element) -> None:
    strip = [box for box in picture.iter(f"{SVG}rect") if box.get("fill") == "#111"]
    assert float(strip[0].get("height", 0)) == LEDS * 6
    lit = {box.get("y") for box in picture.iter(f"{SVG}rect") if box.get("height") == "6"}
    assert len(lit) == LEDS
