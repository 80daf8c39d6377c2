"""Six people do the listening exercise in virtual time: their commands are synthesised and really heard.

The people are a cast: they see what happens and answer, so the play does not depend on how long a voice takes.
"""

import re
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from companion.core.command import Name
from companion.core.effect import Effect, Refused, Say, SessionEnded, SignGiven, StepBegan, TurnBegan
from companion.core.event import CommandGiven, Event, Held, Pressed, SpeechEnded
from companion.core.scene import scene
from companion.core.state import Session
from companion.core.units import Instant, Seconds, after
from companion.language.phrases import canonical, language_file, understand
from companion.language.sentences import spoken
from companion.light.pixels import pixels
from companion.light.terminal import drawn
from companion.places import library
from companion.rehearsal import Agenda
from companion.reports import clock
from companion.script import Spoken
from companion.settings import Settings
from companion.stage import Staging, Watch, rehearse
from companion.staging import write_check

METHOD, PEOPLE, LEDS = "luisteroefening", 6, 16
WIDTH = 100
BREATH = [0.25 * moment for moment in range(20)]
"""Seconds over which a ring that breathes is looked at for its brightest picture."""
READING_PAUSE = 0.35
"""Seconds between two lines on a terminal, so that one can follow."""
COLOURS = re.compile(r"\x1b\[[\d;]*m")
QUESTION = "ask_agreement"
INSISTS_AFTER = 6.0
"""Seconds after which people who asked to go on, unheard, hold the button."""

Print = Callable[[str], None]


@dataclass(frozen=True)
class Line:
    """Words that somebody says `later` seconds after a step (or the question for agreement) began."""

    moment: str
    later: float
    words: str
    talk: bool = False
    """Meant for the others, not for the device."""


def play(language: str) -> tuple[Line, ...]:
    """The people's lines, from the language's file."""
    lines = language_file(language)["demonstration"]["lines"]
    return tuple(Line(moment, float(later), words, talk) for moment, later, words, talk in lines)


class Rings:
    """Remembers the session, so that the ring can be drawn as it is now."""

    def __init__(self) -> None:
        self.session: Session | None = None

    def show(self, session: Session) -> None:
        self.session = session

    def pass_time(self, until: Instant) -> None:
        pass

    def drawn_at(self, at: Instant) -> Iterator[str]:
        if self.session is not None:
            meaning = scene(self.session, at)
            frames = (pixels(meaning, LEDS, at + moment) for moment in BREATH)
            lit = max(frames, key=lambda frame: sum(map(sum, frame)))
            yield from drawn(lit).splitlines()


class People:
    """Sees everything, speaks the play's lines, and tells the course to `tell`."""

    def __init__(self, agenda: Agenda, language: str, settings: Settings, rings: Rings, tell: Print) -> None:
        self._agenda, self._language, self._rings, self._tell = agenda, language, rings, tell
        self._phrases = library(settings).phrases(language)
        self._words = language_file(language)["demonstration"]
        self._lines = play(language)
        self._talk = {line.words for line in self._lines if line.talk}
        self._asked = False
        self._announced: str | None = None
        self.heard = 0

    def __call__(self, at: Instant, what: Event | Effect) -> None:
        match what:
            case Say(sentences=sentences):
                for sentence in sentences:
                    self._line(at, self._words["device"], spoken(sentence, self._language))
                self._asked = sentences[-1].key == QUESTION
            case SpeechEnded():
                self._speech_ended(at)
            case Spoken(words=words):
                self._line(at, self._words["talk" if words in self._talk else "speaker"], f'"{words}"')
                self._insist(at, words)
            case StepBegan(step=step, planned_s=planned):
                self._announced = f"━━ {clock(planned)} ━━"
                self._begin(step, at)
            case TurnBegan(turn=turn):
                self._line(at, "", self._words["turn"].format(turn=turn))
            case CommandGiven(command=command):
                self.heard += 1
                self._agenda.drop(lambda event: isinstance(event, Held))
                self._line(at, "", f'{self._words["heard"]} "{canonical(command, self._phrases)}"')
            case Pressed() | Held():
                self._line(at, self._words["button"], self._words["pressed"])
            case SignGiven(left_s=left):
                self._ring(at, self._words["sign"].format(left=clock(left)))
            case Refused():
                self._line(at, "", self._words["refused"])
            case SessionEnded(spent_s=spent):
                self._line(at, "", self._words["ended"].format(spent=clock(spent)))

    def _insist(self, at: Instant, words: str) -> None:
        """Who is not heard while the session stands still holds the button."""
        command = understand(words, self._phrases)
        if command is not None and command.name is Name.GO_ON:
            self._agenda.add(Held(after(at, INSISTS_AFTER)))

    def _begin(self, moment: str, at: Instant) -> None:
        for line in self._lines:
            if line.moment == moment:
                self._agenda.add(Spoken(after(at, line.later), line.words))

    def _speech_ended(self, at: Instant) -> None:
        """The question was asked, or a step was announced: its clock starts now."""
        if self._asked:
            self._begin(QUESTION, at)
        if self._announced is not None:
            self._ring(at, self._announced)
            self._announced = None

    def _ring(self, at: Instant, words: str) -> None:
        self._line(at, "", words)
        for row in self._rings.drawn_at(at):
            self._tell(" " * 12 + row)

    def _line(self, at: Instant, who: str, words: str) -> None:
        head = f"{clock(Seconds(at)):>7}  {who:10} "
        self._tell(textwrap.fill(words, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)))


def demonstrate(settings: Settings, language: str, speaker: Path, terminal: bool) -> int:
    """Play it, print the course, and leave what the device said in `speaker`; the number of commands heard."""

    def tell(text: str) -> None:
        print(text if terminal else COLOURS.sub("", text), flush=True)  # noqa: T201 - this module is what the command prints
        if terminal:
            time.sleep(READING_PAUSE)

    write_check(speaker)
    rings = Rings()
    people: list[People] = []

    def cast(agenda: Agenda) -> Watch:
        people.append(People(agenda, language, settings, rings, tell))
        return people[0]

    staging = Staging(METHOD, PEOPLE, language=language, speaks=True)
    outcome = rehearse(staging, settings, rings, cast)
    outcome.voice.write_condensed(speaker)
    return people[0].heard
