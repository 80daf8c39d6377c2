"""The simulator: a whole session by keys, typed commands and pulled plugs, on the real loop."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from companion.app import Wish
from companion.core.event import Device
from companion.core.state import Microphone, State
from companion.core.units import Instant
from companion.settings import load_settings
from companion.simulator.app import Simulator, plan_text, ring_text
from companion.simulator.world import LETTERS_A_SECOND, Captions, World
from tests.simulator.screens import FOLDER, SCREENS, drawn

WISH = Wish("luisteroefening", people=6, language="nl")


def a_world(wish: Wish = WISH) -> World:
    return World(wish, load_settings())


def to_first_step(world: World) -> World:
    for _ in range(4):
        world.gesture("press")
        world.pass_time(0.5)
    while world.session.state is not State.RUNNING:
        world.pass_time(1.0)
    return world


def test_a_whole_session_passes_as_fast_as_asked() -> None:
    world = to_first_step(a_world())
    for _ in range(10_000):
        world.pass_time(1.0)
        if world.session.state is State.OVERTIME:
            world.gesture("press")
        if world.session.state is State.ENDED:
            break
    assert world.session.state is State.ENDED
    assert 1800 <= world.now < 2100
    assert world.memory.position is None


def test_typed_commands_act_and_talk_does_not() -> None:
    world = to_first_step(a_world())
    assert not world.say("dan gaan we naar de volgende fase kijken")
    assert world.session.slot.step.id == "vertellen"
    assert world.say("volgende fase")
    assert world.session.slot.step.id == "vragen"


def test_the_captions_of_a_long_speech_scroll_by_and_its_end_stays() -> None:
    captions, texts = Captions(), ("ten letters",) * 2 + ("c", "d", "e")
    captions.start(Instant(5.0), texts)
    assert captions.at(Instant(5.0)) == texts
    assert captions.at(Instant(5.0 + 12 / LETTERS_A_SECOND)) == texts[1:]
    assert captions.at(Instant(60.0)) == ("c", "d", "e")
    captions.hush(Instant(61.0))
    assert captions.at(Instant(62.0)) == ()


def test_pulled_plugs_show() -> None:
    world = to_first_step(a_world())
    world.switch(Device.MICROPHONE)
    assert world.session.microphone is Microphone.DEAF
    world.switch(Device.MICROPHONE)
    assert world.session.microphone is Microphone.OPEN
    world.gesture("hold long")
    assert world.session.microphone is Microphone.OFF


def test_after_a_power_cut_it_goes_on_where_it_was() -> None:
    world = to_first_step(a_world())
    world.pass_time(100.0)
    world.cut_power()
    assert world.session.state is State.ANNOUNCING
    world.pass_time(20.0)
    left = world.session.clock.left_at(world.now)
    assert 60 <= left <= 100
    world.again()
    assert world.session.state is State.READY
    world.memory.forget()
    world.cut_power()
    assert world.session.state is State.READY


def test_the_plan_and_the_ring_are_drawn_in_every_state() -> None:
    world = a_world(Wish(language="nl"))
    assert "Luisteroefening" in plan_text(world).plain
    assert ring_text(world).plain.count("●") > 0
    world = to_first_step(a_world())
    assert "▶   3:00  De verteller begint." in plan_text(world).plain


async def _press_through(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, Simulator)
    for key in ("f1", "space", "f1", "f1", "f1"):
        await pilot.press(key)
    assert app.world.session.state is State.RUNNING
    await pilot.press(*"pauze", "enter")
    assert app.world.session.state is State.PAUSED
    await pilot.press("f2")
    assert app.world.session.state is State.RUNNING
    await pilot.press("f3")
    assert app.world.session.microphone is Microphone.OFF
    await pilot.press("f6", "f7")
    assert Device.SPEAKER in app.world.session.lost
    await pilot.press("f5")
    assert app.speed == 2
    await pilot.press(*"zomaar", "enter")
    assert app.world.session.state is State.RUNNING
    await pilot.click("#ring")
    assert app.world.session.slot.step.id == "vragen"
    await pilot.press("f8")
    assert app.world.session.slot.step.id == "vragen"
    await pilot.press("f9")
    assert app.world.session.state is State.READY


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_keys_are_the_buttons(size: tuple[int, int]) -> None:
    run_in_app(_press_through, size)


def run_in_app(play: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int]) -> None:
    async def act() -> None:
        async with Simulator(a_world()).run_test(size=size) as pilot:
            await play(pilot)

    asyncio.run(act())


def test_words_stand_in_the_middle_of_the_ring_and_hide_no_led() -> None:
    world = to_first_step(a_world())
    bare, told = ring_text(world), ring_text(world, inside=["4:39", "running"])
    assert told.plain.count("●") == bare.plain.count("●")
    line = next(line for line in told.plain.splitlines() if "running" in line)
    left, right = line.split("running")
    assert abs(len(left) - len(right.ljust(len(line) - len(left) - 7))) <= 1


async def _small_and_large(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, Simulator)
    ring = app.query_one("#ring")
    large = app.size.height >= 34
    assert ring.size.height >= (19 if large else 11)
    assert ring.region.bottom <= app.query_one("#captions").region.y
    assert app.query_one("#plan").region.x >= ring.region.right


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_nothing_hides_anything(size: tuple[int, int]) -> None:
    run_in_app(_small_and_large, size)


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_as_it_was_looked_at(name: str) -> None:
    looked_at = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn(name) == looked_at, "look at it: python -m tests.simulator.screens"
