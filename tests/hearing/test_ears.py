"""The ears in a process of their own: what crosses, what does not, and what happens when it dies."""

import json
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from companion.core.attention import Attention
from companion.core.command import Command
from companion.core.event import NOISE, CommandDoubted, CommandGiven, Device, DeviceFound, DeviceLost, Event
from companion.hearing.ears import Ears
from companion.hearing.listener import CLOSED
from companion.hearing.message import Ailment, Kind, Report
from companion.hearing.process import Configuration, load_configuration
from companion.language.phrases import Phrase, vocabulary
from tests.hearing.tones import NEXT, PAUSE, PHRASES, TIME, hush, tone

OPEN = Attention(open=True, legal=frozenset(vocabulary(PHRASES)), expected=frozenset(), named_only=False)
PATIENCE = 60.0
"""Seconds after which a test gives up on a process that never answers."""


class Inbox:
    """What the ears post, in order."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue()
        self.post = self._events.put

    def next(self) -> Event:
        return self._events.get(timeout=PATIENCE)

    def command(self) -> Command:
        """The next command, past what is said of the microphone."""
        while not isinstance(event := self.next(), CommandGiven):
            pass
        return event.command

    def rest(self) -> list[Event]:
        """What nobody has taken yet."""
        return [self._events.get() for _ in range(self._events.qsize())]

    def commands(self) -> list[Command]:
        """The commands that nobody has taken yet."""
        return [event.command for event in self.rest() if isinstance(event, CommandGiven)]


@contextmanager
def ears(
    child: list[str],
    sound_file: Path | None = None,
    attention: Attention = OPEN,
    ails: Callable[[Ailment], None] = lambda ailment: None,
    watch: Callable[[Report], None] | None = None,
    lacks: Callable[[tuple[str, ...]], None] = lambda phrases: None,
) -> Iterator[tuple[Ears, Inbox]]:
    inbox = Inbox()
    configuration = Configuration(PHRASES, "nl", name="tafel", sound_file=sound_file)
    command = [sys.executable, "-m", *child]
    living = Ears(configuration, inbox.post, command, pauses=[0.01], watch=watch, ails=ails, lacks=lacks)
    living.attend(attention)
    living.start()
    try:
        yield living, inbox
    finally:
        living.close()


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    file = tmp_path / "spoken.wav"
    soundfile.write(file, np.concatenate([hush(1.2), tone(0, 0.7), hush(0.7), tone(2, 0.7), hush(0.5)]), 16_000)
    return file


def real(fault: str, place: Path) -> list[str]:
    return ["tests.hearing.child", fault, str(place)]


def scripted(*reports: tuple[str, int, int]) -> list[str]:
    return ["tests.hearing.scripted_child", json.dumps(reports)]


def test_commands_cross(spoken: Path) -> None:
    with ears(real("none", spoken), spoken) as (living, inbox):
        assert [inbox.command(), inbox.command()] == [NEXT, TIME]
        assert living.health.listening
        assert living.health.level < -60


def test_what_a_library_prints_goes_nowhere(spoken: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ears(real("prints", spoken), spoken) as (_, inbox):
        assert [inbox.command(), inbox.command()] == [NEXT, TIME]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("attempt", ["writes", "dumps", "orphan", "swaps", "hurries"])
def test_the_process_can_keep_nothing_and_not_outlive_the_session(attempt: str, spoken: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with ears(real(attempt, kept), spoken) as (_, inbox):
        assert inbox.command() == NEXT
    assert not (kept.exists() and kept.read_bytes())


def test_a_process_that_ends_is_lost_and_found_again() -> None:
    with ears(scripted(("LISTENING", 0, -1), ("-", 0, 0))) as (_, inbox):
        kinds = [inbox.next(), inbox.next(), inbox.next()]
    assert [type(event) for event in kinds] == [DeviceLost, DeviceFound, DeviceLost]
    assert all(isinstance(e, DeviceLost | DeviceFound) and e.device is Device.MICROPHONE for e in kinds)


def test_a_room_that_is_never_quiet_is_told_once_until_it_is_quiet_or_the_process_ends() -> None:
    noisy, well = ("NOISY", 0, -1), ("LISTENING", 0, -1)
    with ears(scripted(well, noisy, noisy, well, noisy, ("-", 0, 0))) as (_, inbox):
        events = [inbox.next() for _ in range(7)]
    told = [(type(event), event.part) for event in events if isinstance(event, DeviceLost | DeviceFound)]
    loud, quiet = (DeviceLost, NOISE), (DeviceFound, NOISE)
    assert told == [(DeviceLost, ""), (DeviceFound, ""), loud, quiet, loud, quiet, (DeviceLost, "")]


@pytest.mark.parametrize("fault", [("garbage", 0, 0), ("DEAF", 0, -1)])
def test_garbage_or_a_deaf_microphone_ends_the_process(fault: tuple[str, int, int]) -> None:
    with ears(scripted(("LISTENING", 0, -1), fault)) as (_, inbox):
        assert [type(inbox.next()) for _ in range(4)] == [DeviceLost, DeviceFound, DeviceLost, DeviceFound]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (("dies", 0, 0), ["The ears' process died (Terminated) and is started again."]),
        (("DEAF", 0, -1), ["The microphone gives no sound or cannot be opened; companion check tells more."]),
        (("-", 0, 0), []),
    ],
)
def test_why_the_ears_do_not_hear_is_told(fault: tuple[str, int, int], words: list[str]) -> None:
    told: list[str] = []
    with ears(scripted(("LISTENING", 0, -1), fault), ails=lambda ailment: told.append(str(ailment))) as (_, inbox):
        assert [type(inbox.next()) for _ in range(4)] == [DeviceLost, DeviceFound, DeviceLost, DeviceFound]
        assert [
            text.removesuffix(" Until the ears hear again, only the button is obeyed.") for text in told[:1]
        ] == words


def test_why_the_ears_do_not_hear_is_told_once_until_they_do() -> None:
    told: list[Ailment] = []
    lives = threading.Semaphore(0)
    child = scripted(("DOUBTED", 0, -1), ("DEAF", 0, -1))
    with ears(child, watch=lambda report: lives.release(), ails=told.append):
        assert all(lives.acquire(timeout=PATIENCE) for _ in range(3))
    assert [ailment.last for ailment in told] == [Kind.DEAF]


def test_a_machine_that_cannot_keep_up_shows_itself_deaf_for_as_long() -> None:
    posted: list[Event] = []
    living = Ears(Configuration(PHRASES, "nl", "whisper"), posted.append)
    for dropped in (0, 0, 3, 5, 5):
        living._take(Report(Kind.LISTENING, dropped=dropped))
    parts = [(type(event), event.part) for event in posted if isinstance(event, DeviceLost | DeviceFound)]
    assert parts == [(DeviceLost, NOISE), (DeviceFound, NOISE)]


def test_a_model_that_cannot_be_used_is_told_and_tried_again() -> None:
    told: list[Ailment] = []
    with ears(scripted(("LISTENING", 0, -1), ("BROKEN", 0, -1)), ails=told.append) as (_, inbox):
        assert [type(inbox.next()) for _ in range(4)] == [DeviceLost, DeviceFound, DeviceLost, DeviceFound]
        assert str(told[0]).startswith("The recogniser's model cannot be used; companion check tells how to mend it.")


def test_phrases_that_the_recogniser_cannot_use_are_told_and_not_tried_again() -> None:
    told = threading.Event()
    with ears(scripted(("LISTENING", 0, -1), ("REFUSED", 0, -1)), ails=lambda ailment: told.set()) as (living, inbox):
        assert [type(inbox.next()) for _ in range(3)] == [DeviceLost, DeviceFound, DeviceLost]
        assert told.wait(PATIENCE)
        assert living._thread is not None
        living._thread.join(PATIENCE)
        assert not living._thread.is_alive()


def test_a_phrase_that_the_recogniser_cannot_know_is_named_and_the_others_are_heard(spoken: Path) -> None:
    named: list[tuple[str, ...]] = []
    with ears(real("lacks", spoken), spoken, lacks=named.append) as (_, inbox):
        assert inbox.command() == NEXT
        assert named == [(PHRASES[1].text, "tafel")]


@pytest.mark.parametrize("then", ["LISTENING", "DEAF", "-"])
def test_what_the_recogniser_cannot_know_is_told_once_whatever_happens(then: str) -> None:
    named: list[tuple[str, ...]] = []
    unknown = [("UNKNOWN", 0, place) for place in (0, 2, -1)]
    with ears(scripted(*unknown, (then, 0, -1), ("-", 0, 0)), lacks=named.append) as (living, _):
        while living.health.restarts < 3:
            threading.Event().wait(0.01)
    assert named == [(PHRASES[0].text, PHRASES[2].text, "tafel")]


def test_a_recogniser_that_hangs_is_restarted(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.hearing.ears.SILENT_AFTER", 1.5)
    with ears(real("hangs", spoken), spoken) as (_, inbox):
        kinds = [type(inbox.next()) for _ in range(4)]
        assert kinds == [DeviceLost, DeviceFound, DeviceLost, DeviceFound]


def test_a_sound_file_that_is_missing_is_a_lost_microphone(tmp_path: Path) -> None:
    with ears(real("none", tmp_path), tmp_path / "missing.wav") as (living, inbox):
        assert isinstance(inbox.next(), DeviceLost)
        while living.health.restarts < 1:
            assert not living.health.listening
        assert inbox.rest() == []


@pytest.mark.parametrize(
    ("late", "attention", "why"),
    [
        pytest.param(("COMMAND", 1, 0), OPEN, "the ears were closed since", id="stale"),
        pytest.param(
            ("COMMAND", 0, 0), Attention(True, frozenset({PAUSE, TIME}), frozenset(), False), "", id="illegal"
        ),
        pytest.param(("COMMAND", 0, 99), OPEN, "no such command", id="unknown"),
        pytest.param(("COMMAND", 0, -1), OPEN, "no command", id="none"),
    ],
)
def test_what_does_not_count_any_more_is_dropped(late: tuple[str, int, int], attention: Attention, why: str) -> None:
    with ears(scripted(late, ("COMMAND", 0, 2)), attention=attention) as (_, inbox):
        assert inbox.command() == TIME, why


def test_what_was_nearly_heard_is_told_where_the_ears_are_still_open() -> None:
    with ears(scripted(("DOUBTED", 1, -1), ("DOUBTED", 0, -1), ("COMMAND", 0, 2))) as (_, inbox):
        kinds = [type(inbox.next()) for _ in range(3)]
    assert kinds == [DeviceLost, CommandDoubted, CommandGiven]


def test_what_the_moment_makes_unlikely_is_only_nearly_heard(spoken: Path) -> None:
    doubtful = replace(OPEN, unlikely=frozenset({NEXT}))
    with ears(real("none", spoken), spoken, attention=doubtful) as (_, inbox):
        while isinstance(event := inbox.next(), DeviceLost | DeviceFound):
            pass
        assert isinstance(event, CommandDoubted)


def test_each_opening_makes_what_was_said_before_stale() -> None:
    with ears(scripted(("COMMAND", 1, 0), ("COMMAND", 0, 1)), attention=CLOSED) as (living, inbox):
        for _ in range(2):
            living.attend(OPEN)
            assert inbox.command() == PAUSE
            living.attend(CLOSED)
        assert inbox.commands() == []


def test_asleep_there_is_no_process_and_awake_there_is_another(tmp_path: Path) -> None:
    spoken = tmp_path / "spoken.wav"
    soundfile.write(spoken, np.concatenate([hush(1.2), tone(0, 0.7), hush(0.7)]), 16_000)
    with ears(real("none", spoken), spoken) as (living, inbox):
        assert inbox.command() == NEXT
        living.sleep()
        living.wake()
        assert inbox.command() == NEXT
        assert inbox.commands() == []


def test_the_configuration_crosses_whole(tmp_path: Path) -> None:
    whole = Configuration(
        PHRASES, "nl", "vosk", "vosk-nl", name="tafel", microphone="USB", sound_file=tmp_path / "a.wav"
    )
    assert load_configuration(whole.dumped()) == whole
    assert whole.dumped().count(b"\n") == 1
    assert load_configuration(Configuration(PHRASES, "en").dumped()) == Configuration(PHRASES, "en")


def test_a_process_that_cannot_even_start_is_a_lost_microphone() -> None:
    inbox = Inbox()
    living = Ears(Configuration(PHRASES, "nl"), inbox.post, ["/nowhere/python"], pauses=[0.01])
    living.start()
    assert isinstance(inbox.next(), DeviceLost)
    while living.health.restarts < 2:
        assert living.pid is None
    living.close()


class Pauses(Sequence[float]):
    """Pauses that take no time, or so many seconds, and remember which of them were waited for."""

    def __init__(self, size: int) -> None:
        self.size, self.waited = size, list[int]()
        self.seconds = [0.0] * size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: Any) -> Any:
        self.waited.append(place)
        return self.seconds[place]


@pytest.mark.parametrize(("well_after", "waited"), [(60.0, [0, 1, 2, 2, 2, 2]), (0.0, [0] * 6)])
def test_restarts_grow_further_apart_until_it_listens_for_long(
    monkeypatch: pytest.MonkeyPatch, well_after: float, waited: list[int]
) -> None:
    monkeypatch.setattr("companion.hearing.ears._WELL_AFTER", well_after)
    pauses = Pauses(3)
    living = Ears(Configuration(PHRASES, "nl"), Inbox().post, [sys.executable, "-c", ""], pauses=pauses)
    living.start()
    while living.health.restarts < len(waited):
        time.sleep(0)
    living.close()
    assert pauses.waited[: len(waited)] == waited


def test_who_wakes_the_ears_does_not_wait_as_long_as_after_many_failures() -> None:
    pauses = Pauses(3)
    living = Ears(Configuration(PHRASES, "nl"), Inbox().post, [sys.executable, "-c", ""], pauses=pauses)
    pauses.seconds = [0.0, 0.0, 60.0]
    living.start()
    while len(pauses.waited) < 3:
        time.sleep(0.01)
    living.wake()
    while len(pauses.waited) < 5:
        time.sleep(0.01)
    living.close()
    assert pauses.waited[:5] == [0, 1, 2, 0, 1]


def test_more_commands_than_a_message_holds_are_refused() -> None:
    many = tuple(Phrase(f"regel {k}", Command(NEXT.name, k), True) for k in range(257))
    with pytest.raises(ValueError, match="There are 257 commands; the ears take 256 at most"):
        Ears(Configuration(many, "nl"), Inbox().post)
