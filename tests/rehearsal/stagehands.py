"""A behaving stage for rehearsals without sound: sentences last a second each, ears hear what they are told."""

from collections.abc import Callable

from companion.core.attention import Attention
from companion.core.command import Command, Name
from companion.core.effect import Chime, Effect
from companion.core.event import CommandGiven, Event
from companion.core.state import Session
from companion.core.units import Instant
from companion.language.phrases import phrases, vocabulary
from companion.loop import Devices, Loop
from companion.rehearsal import Agenda, NoKeeper, Rehearsal, StagedVoice, StageLight
from tests.core.table import a_session

VOCABULARY = vocabulary(phrases("nl", ()))


class OneSecondVoice:
    def __init__(self) -> None:
        self.log: list[str] = []

    def start(self, at: Instant, texts: tuple[str, ...]) -> Instant:
        self.log.append(f"{at:g} say {len(texts)}")
        return Instant(at + len(texts))

    def ring(self, at: Instant, chime: Chime) -> None:
        self.log.append(f"{at:g} {chime.value}")

    def hush(self, at: Instant) -> None:
        self.log.append(f"{at:g} hush")

    def change_volume(self, notches: int) -> None:
        self.log.append(f"volume {notches:+}")


class ToldEars:
    """Hears a command at an instant if it is open then and the command is legal; knows no other sound."""

    def __init__(self, commands: list[tuple[float, Command]]) -> None:
        self.commands, self.attention = commands, None
        self.changes: list[Attention] = []
        self.listened_to = 0.0

    def attend(self, attention: Attention) -> None:
        self.changes.append(attention)

    def speak(self, at: Instant, words: str) -> None:
        self.commands.append((at + 1.5, Command(Name(words))))

    def somebody_speaks(self) -> bool:
        """A command takes the second and a half before it is understood."""
        return any(0 <= at - self.listened_to <= 1.5 for at, _ in self.commands)

    def falls_silent(self) -> Instant:
        return Instant(max((at for at, _ in self.commands), default=0.0))

    def heard_before(self, until: Instant) -> CommandGiven | None:
        self.listened_to = until
        while self.commands and self.commands[0][0] < until:
            at, command = self.commands.pop(0)
            if self.changes[-1].open and command in self.changes[-1].legal:
                return CommandGiven(Instant(at), command)
        return None


class CountingLight:
    def __init__(self) -> None:
        self.shown: list[Session] = []
        self.passed: list[Instant] = []

    def show(self, session: Session) -> None:
        self.shown.append(session)

    def pass_time(self, until: Instant) -> None:
        self.passed.append(until)


class Stage:
    def __init__(
        self,
        session: Session | None = None,
        heard: list[tuple[float, Command]] | None = None,
        actions: tuple[Event, ...] = (),
        presses: bool = True,
        react: Callable[[Agenda, Instant, Event | Effect], None] = lambda agenda, at, what: None,
        light: StageLight | None = None,
    ) -> None:
        self.events: list[tuple[float, Event | Effect]] = []
        self.agenda, self.voice, self.ears = Agenda(), OneSecondVoice(), ToldEars(heard or [])
        self.light = CountingLight()
        shown = light or self.light
        for action in actions:
            self.agenda.add(action)
        devices = Devices(StagedVoice(self.agenda, self.voice), shown, self.ears, NoKeeper())

        def observe(at: Instant, what: Event | Effect) -> None:
            self.events.append((at, what))
            react(self.agenda, at, what)

        self.loop = Loop(session or a_session(), "nl", VOCABULARY, devices, observe)
        self.rehearsal = Rehearsal(self.loop, self.agenda, self.ears, shown, presses)

    def times_of(self, kind: type) -> list[float]:
        return [round(at, 3) for at, what in self.events if isinstance(what, kind)]
