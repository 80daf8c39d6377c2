"""The screen of the simulator: ring, captions, plan, and keys as buttons."""

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Click
from textual.suggester import SuggestFromList
from textual.widgets import Footer, Input, Static

from companion.app import Wish
from companion.core.event import Device
from companion.core.state import State
from companion.core.units import Seconds
from companion.light.terminal import on_screen, places
from companion.reports import clock
from companion.settings import Settings
from companion.simulator.world import World

SMALL, LARGE = (24, 11), (36, 19)
"""LEDS and rows of the ring; the large one from LARGE_FROM rows of terminal on."""
LARGE_FROM = 34
FRAMES_A_SECOND = 20
SPEEDS = (1, 2, 5, 10, 30, 60)


class Simulator(App[None]):
    """Runs the real loop; time passes `speed` times as fast as on the wall."""

    TITLE = "companion"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #table { height: 1fr; }
    #ring { width: auto; height: auto; padding: 1 3; background: #101010; color: #e0e0e0; }
    #plan { padding: 1 1; width: 1fr; }
    #captions { height: 6; padding: 0 2; border-top: solid $secondary; }
    Input { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "gesture('press')", "press"),
        Binding("f2", "gesture('hold')", "pause"),
        Binding("f3", "gesture('hold long')", "mic"),
        Binding("f5", "faster", "speed"),
        Binding("f6", "switch('microphone')", "deaf"),
        Binding("f7", "switch('speaker')", "mute"),
        Binding("f8", "cut_power", "power"),
        Binding("f9", "again", "anew"),
        Binding("f10", "quit", "quit"),
        Binding("ctrl+c", "quit", show=False),
    ]

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.speed = SPEEDS[0]
        self._ring = Static(id="ring")
        self._plan, self._captions = Static(id="plan"), Static(id="captions")

    def compose(self) -> ComposeResult:
        with Horizontal(id="table"):
            yield self._ring
            yield self._plan
        yield self._captions
        phrases = [phrase.text for phrase in self.world.phrases]
        yield Input(
            placeholder="say: ...   (space on an empty line presses the button)", suggester=SuggestFromList(phrases)
        )
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.set_interval(1 / FRAMES_A_SECOND, self.tick)
        self.draw()

    def tick(self) -> None:
        self.world.pass_time(self.speed / FRAMES_A_SECOND)
        self.draw()

    def on_input_changed(self, changed: Input.Changed) -> None:
        if changed.value == " ":
            changed.input.value = ""
            self.action_gesture("press")

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        if not self.world.hears:
            self.notify("the microphone is off or lost; only the button is obeyed")
        elif submitted.value.strip() and not self.world.say(submitted.value):
            self.notify("no command; only commands do something here, talk does not")
        submitted.input.value = ""
        self.draw()

    def on_click(self, click: Click) -> None:
        if click.widget is self._ring:
            self.action_gesture("press")

    def action_gesture(self, name: str) -> None:
        self.world.gesture(name)
        self.draw()

    def action_faster(self) -> None:
        self.speed = SPEEDS[(SPEEDS.index(self.speed) + 1) % len(SPEEDS)]
        self.draw()

    def action_switch(self, device: str) -> None:
        self.world.switch(Device(device))
        self.draw()

    def action_cut_power(self) -> None:
        self.world.cut_power()
        self.draw()

    def action_again(self) -> None:
        self.world.again()
        self.draw()

    def draw(self) -> None:
        leds, rows = LARGE if self.size.height >= LARGE_FROM else SMALL
        self._ring.update(ring_text(self.world, leds, rows, self._inside()))
        self._plan.update(plan_text(self.world))
        self._captions.update("\n".join(self.world.captions.at(self.world.now)))

    def _inside(self) -> list[str]:
        """What stands inside of the ring: time left, state, microphone, speed."""
        session = self.world.session
        left = ""
        if session.clocks and session.state not in (State.COUNTING, State.ENDED):
            seconds = session.clock.left_at(self.world.now)
            left = clock(seconds) if seconds >= 0 else f"+{clock(Seconds(-seconds))}"
        state = session.state.value.replace("_", "-")
        return [left, state, f"mic {session.microphone.value}", f"{self.speed}x"]


def ring_text(world: World, leds: int = SMALL[0], rows: int = SMALL[1], inside: Sequence[str] = ()) -> Text:
    """The ring, in the colours of the LEDs, with lines of words in its middle."""
    dots = dict(zip(places(leds, rows), world.ring(leds), strict=True))
    columns, first = 2 * rows - 1, (rows - len(inside)) // 2
    text = Text()
    for y in range(rows):
        words = inside[y - first] if first <= y < first + len(inside) else ""
        begins = (columns - len(words)) // 2
        for x in range(columns):
            if begins <= x < begins + len(words):
                text.append(words[x - begins])
            else:
                text.append(*_cell(dots.get((x, y))))
        text.append("\n")
    return text


def _cell(pixel: tuple[int, int, int] | None) -> tuple[str, Style]:
    if pixel is None:
        return " ", Style()
    if not any(pixel):
        return "·", Style(dim=True)
    red, green, blue = on_screen(pixel)
    return "●", Style(color=f"rgb({red},{green},{blue})")


def plan_text(world: World) -> Text:
    """The steps with their times; the present one marked."""
    session, text = world.session, Text()
    text.append(session.method.name.of(world.language) + "\n\n", Style(bold=True))
    if session.plan is None:
        text.append(session.method.summary.of(world.language))
        return text
    here = session.slot.number if session.clocks else 0
    pairs = zip(session.plan.slots, session.clocks, strict=True)
    for number, run in groupby(pairs, key=lambda pair: pair[0].number):
        slots = list(run)
        slot, marked = slots[0][0], number == here
        turn = f"  {session.slot.turn}/{session.slot.turns}" if marked and session.slot.turns else ""
        length = clock(Seconds(sum(each.granted for _, each in slots)))
        shown = f"{length:>6}" if slot.counted or marked else "     /"
        text.append(f"{'▶' if marked else ' '} {shown}  {slot.step.cue.of(world.language)}{turn}\n", Style(bold=marked))
    return text


def simulate(wish: Wish, settings: Settings) -> int:
    """Open the simulator in this terminal; status 0."""
    Simulator(World(wish, settings)).run()
    return 0
