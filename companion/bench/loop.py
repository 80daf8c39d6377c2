"""How quickly the loop answers, and what a waiting device costs.

Latency: presses and commands are posted from another thread, as devices do, to a running loop; the time from
the event's instant to its first effect is taken by the voice that performs it. Cost: the real ears, in their
own process with the real recogniser, hear the noise of a quiet room while the loop waits in a running step.
"""

import argparse
import json
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from companion.app import now
from companion.bench.options import at_least_one, finite_number
from companion.buttons.gestures import TOUCH
from companion.core.command import Command, Name
from companion.core.effect import Chime
from companion.core.event import CommandGiven, Event, Held, LetGo, Pressed, Touched
from companion.core.plan import nearest_plan
from companion.core.units import Instant, Seconds
from companion.hearing.ears import Ears
from companion.hearing.mel import RATE
from companion.light.artist import Artist
from companion.light.colour import Pixels
from companion.light.file import FileStrip
from companion.light.painter import Painter
from companion.loop import Devices, Inbox, Loop
from companion.opening import SleepingEars, ears_configuration
from companion.places import fresh_session, library
from companion.rehearsal import ClosedEars, DarkLight, NoKeeper
from companion.settings import Settings, load_settings

QUIET_ROOM_DBFS = -60.0
MOST_TOUCHES = 100
"""A touch is shown for 0.4 s, so more of them would take minutes."""
_SPARK = 100
"""The least duty of the weakest colour of a white spark at the usual brightness."""


class StopwatchVoice:
    """Notes when it was first asked to do something after an event."""

    def __init__(self) -> None:
        self.performed = threading.Event()
        self.at = 0.0

    def say(self, speech: int, texts: tuple[str, ...]) -> None:  # noqa: ARG002
        self._note()

    def ring(self, chime: Chime) -> None:  # noqa: ARG002
        self._note()

    def hush(self) -> None:
        self._note()

    def change_volume(self, notches: int) -> None:  # noqa: ARG002
        self._note()

    def _note(self) -> None:
        if not self.performed.is_set():
            self.at = time.monotonic()
            self.performed.set()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=at_least_one, default=2000, help="presses and commands to time (2000)")
    parser.add_argument("--seconds", type=finite_number, default=20.0, help="how long the quiet room lasts (20)")


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    fast = latency(settings, arguments.events) | light_latency(settings, min(arguments.events, MOST_TOUCHES))
    result = fast | planning(settings) | quiet_room(settings, arguments.seconds)
    print(json.dumps(result, indent=2))
    return 0


class StopwatchStrip:
    """Notes when a finger was first shown: the white spark, which nothing else in a pause lights."""

    count = 16

    def __init__(self) -> None:
        self.performed, self.dark = threading.Event(), threading.Event()
        self.at = 0.0

    def watch(self) -> None:
        self.performed.clear()
        self.dark.clear()

    def show(self, pixels: Pixels) -> None:
        if max(map(min, pixels)) < _SPARK:
            self.dark.set()
        elif not self.performed.is_set():
            self.at = time.monotonic()
            self.dark.clear()
            self.performed.set()

    def close(self) -> None:
        pass


def light_latency(settings: Settings, events: int) -> dict[str, float]:
    """Milliseconds from a contact that closes to the first frame that shows the finger: 99th percentile, longest.

    The contact must be steady for TOUCH; then inbox, loop and painter are timed, with a ring that breathes in a pause.
    """
    strip, inbox = StopwatchStrip(), Inbox()
    painter = Painter(Artist(lambda: strip, inbox.post), now)
    loop = _running_loop(settings, Devices(StopwatchVoice(), painter, ClosedEars(), NoKeeper()))
    loop.handle(Held(now()))
    done = threading.Event()
    thread = threading.Thread(target=loop.run, args=(inbox, now, lambda: not done.is_set()))
    thread.start()
    strip.dark.wait()
    times = [_touched(strip, inbox) + TOUCH for _ in range(events)]
    done.set()
    thread.join()
    painter.close()
    p99, longest = np.percentile(np.array(times) * 1000, [99, 100])
    return {"touch_to_light_p99_ms": round(float(p99), 3), "touch_to_light_longest_ms": round(float(longest), 3)}


def _touched(strip: StopwatchStrip, inbox: Inbox) -> float:
    """Seconds from the touch to the light; then the finger comes off and means nothing."""
    touch = Touched(now())
    strip.watch()
    inbox.post(touch)
    strip.performed.wait()
    inbox.post(LetGo(now()))
    strip.dark.wait()
    return strip.at - touch.at


def latency(settings: Settings, events: int) -> dict[str, float]:
    """Milliseconds from an event to its effect: median and 99th percentile."""
    voice, inbox = StopwatchVoice(), Inbox()
    loop = _running_loop(settings, Devices(voice, DarkLight(), ClosedEars(), NoKeeper()))
    done = threading.Event()
    thread = threading.Thread(target=loop.run, args=(inbox, now, lambda: not done.is_set()))
    thread.start()
    times = [_timed(voice, inbox, _event(place)) for place in range(events)]
    done.set()
    thread.join()
    median, p99 = np.percentile(np.array(times) * 1000, [50, 99])
    return {"events": events, "event_to_effect_ms": round(median, 3), "event_to_effect_p99_ms": round(p99, 3)}


def planning(settings: Settings) -> dict[str, float]:
    """Milliseconds to make a plan, over every method, 3 to 12 people and three lengths: median and 99th percentile."""
    times = []
    for method in library(settings).methods:
        for people in range(3, 13):
            for share in (0.75, 1.0, 1.5):
                began = time.perf_counter()
                nearest_plan(method, people, Seconds(method.total * share), None)
                times.append(time.perf_counter() - began)
    median, p99 = np.percentile(np.array(times) * 1000, [50, 99])
    return {"plans": len(times), "plan_ms": round(float(median), 3), "plan_p99_ms": round(float(p99), 3)}


def _event(place: int) -> Event:
    """A question (which speaks) and a press (which silences it), in turn: the session stays where it is."""
    return CommandGiven(now(), Command(Name.WHICH_STEP)) if place % 2 == 0 else Pressed(now())


def _timed(watch: StopwatchVoice, inbox: Inbox, event: Event) -> float:
    watch.performed.clear()
    inbox.post(event)
    watch.performed.wait()
    return watch.at - event.at


def _running_loop(settings: Settings, devices: Devices) -> Loop:
    books = library(settings).only("luisteroefening")
    session = fresh_session(books, settings, now(), people=6)
    loop = Loop(session, settings.language, books.vocabulary(settings.language), devices, _unseen)
    for _ in range(5):
        loop.handle(Pressed(now()))
    return loop


def _unseen(_at: Instant, _what: object) -> None:
    pass


def quiet_room(settings: Settings, seconds: float) -> dict[str, float | str]:
    """CPU (% of one core) and memory of loop, light and ears while nothing is said."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "quiet.wav"
        noise = np.random.default_rng(1).standard_normal(RATE * 10) * 10 ** (QUIET_ROOM_DBFS / 20)
        soundfile.write(file, noise, RATE)
        inbox, books = Inbox(), library(settings).only("luisteroefening")
        configuration = replace(ears_configuration(settings, settings.language, books), sound_file=file)
        ears = Ears(configuration, inbox.post)
        ears.start()
        try:
            return _measured(settings, ears, inbox, seconds) | {"recogniser": configuration.recogniser}
        finally:
            ears.close()


def _measured(settings: Settings, ears: Ears, inbox: Inbox, seconds: float) -> dict[str, float | str]:
    with Path(os.devnull).open("w") as nothing:
        painter = Painter(Artist(lambda: FileStrip(settings.light.count, nothing), inbox.post), now)
        try:
            return _waiting(settings, ears, inbox, painter, seconds)
        finally:
            painter.close()


def _waiting(settings: Settings, ears: Ears, inbox: Inbox, painter: Painter, seconds: float) -> dict[str, float | str]:
    """The loop waits in a running step, the painter drains its arc, the ears hear quiet."""
    loop = _running_loop(settings, Devices(StopwatchVoice(), painter, SleepingEars(ears), NoKeeper()))
    while not ears.health.listening:
        loop.run(inbox, now, _for(0.2))
    process = ears.pid
    assert process is not None, "ears that listen have a process"
    before = (time.process_time(), _cpu(process))
    loop.run(inbox, now, _for(seconds))
    own, other = time.process_time() - before[0], _cpu(process) - before[1]
    return {
        "quiet_s": seconds,
        "loop_and_light_cpu_percent": round(100 * own / seconds, 2),
        "ears_cpu_percent": round(100 * other / seconds, 2),
        "loop_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "ears_rss_mb": round(_resident(process)),
    }


def _for(seconds: float) -> Callable[[], bool]:
    ends = now() + seconds
    return lambda: now() < ends


def _cpu(process: int) -> float:
    """Seconds of CPU (proc(5), stat: utime and stime in clock ticks of 1/100 s)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _resident(process: int) -> float:
    """Megabytes in RAM (proc(5), status: VmRSS in kB)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
