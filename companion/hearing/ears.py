"""The session's side of the ears: starts their process, tells it what to listen for, restarts it."""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from companion.core.attention import Attention
from companion.core.errors import PhraseError
from companion.core.event import NOISE, CommandDoubted, CommandGiven, Device, DeviceFound, DeviceLost, Event
from companion.core.units import Instant
from companion.hearing.child import Child
from companion.hearing.listener import CLOSED
from companion.hearing.message import MOST_COMMANDS, Ailment, Kind, Note, Order, Report, pack_order
from companion.hearing.process import Configuration
from companion.language.phrases import vocabulary

LOADING_LASTS = 60.0
"""Seconds that loading a model may take: 2 s on a laptop, some 20 s from an SD card."""
SILENT_AFTER = 20.0
"""Seconds without a report after which the process hangs; it sends two a second of sound, and none while it computes a
verdict, which may take 9 s on a Pi 4."""
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each restart; the last for all that follow."""
_WELL_AFTER = 60.0
"""Seconds of listening after which the pauses begin anew."""

_LAST = (Kind.DEAF, Kind.REFUSED, Kind.BROKEN)
_COMMAND = (sys.executable, "-P", "-m", "companion.hearing.process")
"""-P: a file of a library's name in the working folder would run in the ears."""


@dataclass(frozen=True)
class Health:
    """What the ears last said of themselves."""

    listening: bool = False
    level: float = 0.0
    """Noise of the room in dB of full scale."""
    dropped: int = 0
    restarts: int = 0


class Ears:
    """The ears of a session. What is given to be called is called on this object's own thread; methods from any other.

    Posts CommandGiven, CommandDoubted, DeviceLost(MICROPHONE) and DeviceFound(MICROPHONE). Raises PhraseError when
    there are more commands than a message can hold. `ails` is told why they do not hear, once until they do; `lacks`
    which phrases (or the device's name) the recogniser cannot know, before anything is heard.
    """

    def __init__(
        self,
        configuration: Configuration,
        post: Callable[[Event], None],
        command: Sequence[str] = _COMMAND,
        pauses: Sequence[float] = PAUSES,
        watch: Callable[[Report], None] | None = None,
        ails: Callable[[Ailment], None] = lambda _: None,
        lacks: Callable[[tuple[str, ...]], None] = lambda _: None,
    ) -> None:
        self._commands = vocabulary(configuration.phrases)
        if len(self._commands) > MOST_COMMANDS:
            raise PhraseError(f"There are {len(self._commands)} commands; the ears take {MOST_COMMANDS} at most.")
        self._places = {command: place for place, command in enumerate(self._commands)}
        self._configuration = configuration
        self._post = post
        self._command = command
        self._pauses = pauses
        self._watch = watch
        self._ails, self._lacks = ails, lacks
        self._unknown: list[str] = []
        self._changed = threading.Condition()
        self._attention = CLOSED
        self._version = 0
        self._awake = self._open = True
        self._woken = self._refused = False
        self._dismissed = False
        self._child: Child | None = None
        self._thread: threading.Thread | None = None
        self._faults = set[str]()
        """Why no command can be heard now: parts of the microphone that are lost, "" for the whole of it."""
        self._ailment = ""
        self.health = Health()

    @property
    def pid(self) -> int | None:
        """The process that listens now, for measuring what it costs; None between two."""
        child = self._child
        return None if child is None else child.pid

    def start(self) -> None:
        """Begin; returns at once, while the model loads."""
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        self._thread.start()

    def attend(self, attention: Attention) -> None:
        """Listen for these commands from now on; never waits."""
        with self._changed:
            if attention == self._attention:
                return
            if attention.open != self._attention.open:
                self._version += 1
            self._attention = attention
            self._tell()

    def sleep(self) -> None:
        """The group closed the microphone: the process ends, and its memory with it."""
        with self._changed:
            self._awake = False
            self._dismissed = True
            self._end()

    def wake(self) -> None:
        """Start the process again after `sleep`, or at once where it waits for a lost microphone."""
        with self._changed:
            self._awake = self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the process and this object's thread."""
        with self._changed:
            self._open = False
            self._dismissed = True
            self._end()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        failures = 0
        while self._wait_until_awake():
            well = self._live()
            if self._dismissed:
                self.health = Health(restarts=self.health.restarts)
                continue
            failures = 0 if well else failures
            self._lose()
            if self._refused:
                return
            with self._changed:
                self._woken = False
                pause = self._pauses[min(failures, len(self._pauses) - 1)]
                self._changed.wait_for(lambda: self._woken or not self._open, pause)
                failures = 0 if self._woken else failures + 1

    def _wait_until_awake(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._awake or not self._open)
            return self._open

    def _live(self) -> bool:
        """One life of the process; whether it listened for long."""
        self._deafen()
        try:
            child = self._spawn()
        except OSError:
            # No memory or no processes left for now: as any other failure, tried again later.
            self._dismissed = not (self._open and self._awake)
            return False
        began = time.monotonic()
        try:
            patience = LOADING_LASTS
            while (report := child.next_report(patience)) is not None and report.kind not in _LAST:
                patience = SILENT_AFTER
                self._take(report)
            self._tell_unknown()
            last = None if report is None else report.kind
            self._refused = last is Kind.REFUSED
        finally:
            with self._changed:
                self._end()
                self._child = None
            ended_by = child.finish()
        self._tell_why(Ailment(last, ended_by))
        return time.monotonic() - began >= _WELL_AFTER

    def _tell_why(self, ailment: Ailment) -> None:
        # By its text: after DEAF the process ends by itself or is killed, whichever comes first.
        if (why := str(ailment)) and why != self._ailment:
            self._ailment = why
            self._ails(ailment)

    def _spawn(self) -> Child:
        child = Child(self._command)
        with self._changed:
            self._child = child
            self._dismissed = not (self._open and self._awake)
            if self._dismissed:
                self._end()
            child.configure(self._configuration.dumped())
            self._tell()
        return child

    def _tell(self) -> None:
        """A process that cannot be told ends, and its next life is told anew."""
        if self._child is None:
            return
        now = self._attention
        legal, expected, unlikely = (
            frozenset(self._places[command] for command in commands if command in self._places)
            for commands in (now.legal, now.expected, now.unlikely)
        )
        self._child.write(pack_order(Order(self._version, now.open, now.named_only, legal, expected, unlikely)))

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
        self._changed.notify_all()

    def _take(self, report: Report) -> None:
        if report.kind is Kind.UNKNOWN:
            self._unknown.append(self._given(report.place))
            return
        self._tell_unknown()
        if self._watch is not None:
            self._watch(report)
        if report.kind is Kind.LISTENING:
            self._note_life(report)
        elif report.kind in (Kind.COMMAND, Kind.DOUBTED):
            self._post_heard(report)

    def _note_life(self, report: Report) -> None:
        self._ailment = ""
        # What was said in sound that is lost cannot be heard: a machine that cannot keep up is deaf for as long.
        was_lost = report.dropped > self.health.dropped
        self.health = Health(True, report.level, report.dropped, self.health.restarts)
        self._set_fault("", False)
        self._set_fault(NOISE, was_lost or report.note is Note.NEVER_QUIET)

    def _post_heard(self, report: Report) -> None:
        with self._changed:
            version, attention = self._version, self._attention
        # Stale: the device has spoken, or the group closed the microphone, since this was said.
        if report.version != version or not attention.open:
            return
        if report.kind is Kind.DOUBTED:
            self._post(CommandDoubted(Instant(time.monotonic())))
        elif 0 <= report.place < len(self._commands) and self._commands[report.place] in attention.legal:
            command = self._commands[report.place]
            self._post(CommandGiven(Instant(time.monotonic()), command, began=Instant(report.began)))

    def _given(self, place: int) -> str:
        """The phrase at this place, or the device's name."""
        phrases = self._configuration.phrases
        return phrases[place].text if 0 <= place < len(phrases) else str(self._configuration.name)

    def _tell_unknown(self) -> None:
        """Once: after a restart they are the same ones."""
        if self._unknown:
            self._lacks(tuple(self._unknown))
            self._unknown, self._lacks = [], lambda _: None

    def _lose(self) -> None:
        self.health = Health(restarts=self.health.restarts + 1)
        self._deafen()

    def _deafen(self) -> None:
        """Until a model is loaded and sound comes in, the ears are deaf, and the light must say so."""
        self._set_fault(NOISE, False)
        self._set_fault("", True)

    def _set_fault(self, part: str, lost: bool) -> None:
        """Told when it changes."""
        if lost != (part in self._faults):
            self._faults ^= {part}
            change = DeviceLost if lost else DeviceFound
            self._post(change(Instant(time.monotonic()), Device.MICROPHONE, part))
