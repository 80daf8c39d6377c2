"""`companion listen`: what the ears make of a room, live, to find a good place for the device.

Says the level, and of every utterance which command it was taken for and why it counts or not. Commands only:
no other word crosses from the ears' process, and nothing is stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event as Signal

from companion.core.attention import Attention
from companion.core.command import Command
from companion.core.event import NOISE, DeviceFound, DeviceLost, Event
from companion.hearing.ears import Ears
from companion.hearing.message import Ailment, Kind, Note, Report
from companion.hearing.process import Configuration
from companion.hearing.verdict import ANSWERS
from companion.language.phrases import Phrase, language_file, vocabulary

_BAR, _LOWEST, _HIGHEST = 24, -72.0, 0.0


@dataclass(frozen=True)
class Line:
    """`passing`: the next line takes its place."""

    text: str
    passing: bool = False


class Told:
    """What the ears report, in plain words. One thread."""

    def __init__(self, phrases: Sequence[Phrase], language: str) -> None:
        self._words: Mapping[str, str] = language_file(language)["listening"]
        self._commands = vocabulary(phrases)
        self._names = {phrase.command: phrase.text for phrase in reversed(phrases)}
        self._dropped = 0
        self._ready = self._is_lost = self._is_noisy = False

    def begin(self) -> Line:
        return Line(self._words["loading"])

    def of(self, report: Report) -> list[Line]:
        """The lines for this report."""
        if report.kind in (Kind.JUDGED, Kind.DROPPED):
            return [Line(self._judged(report))]
        if report.kind is not Kind.LISTENING:
            return []
        return [*self._news(report), Line(self._level(report), passing=True)]

    def event(self, event: Event) -> list[Line]:
        """The lines for this event of the ears: a microphone lost or found. Of a loud room the reports tell more."""
        if isinstance(event, DeviceLost | DeviceFound) and event.part == NOISE:
            return []
        if isinstance(event, DeviceLost):
            # While the model loads the ears are deaf, and nothing is wrong.
            return self._lost(self._words["lost"]) if self._ready else []
        if not (isinstance(event, DeviceFound) and self._is_lost):
            return []
        self._is_lost = False
        return [Line(self._words["found"])]

    def ails(self, ailment: Ailment) -> list[Line]:
        """Why they cannot hear: the microphone, the model, or a phrase. Once, until they can."""
        is_microphone = ailment.last is Kind.DEAF
        return self._lost(self._words["lost"] if is_microphone else str(ailment))

    def _lost(self, why: str) -> list[Line]:
        was_lost, self._is_lost = self._is_lost, True
        return [] if was_lost else [Line(why)]

    def _news(self, report: Report) -> list[Line]:
        lines = []
        if not self._ready:
            self._ready = True
            example = self._names[next(c for c in self._commands if c.name not in ANSWERS)]
            lines.append(Line(self._words["ready"].format(phrase=example)))
        if report.dropped > self._dropped:
            lines.append(Line(self._words["missed"].format(count=report.dropped - self._dropped)))
        self._dropped = report.dropped
        if report.note is Note.NEVER_QUIET and not self._is_noisy:
            lines.append(Line(self._words["NEVER_QUIET"]))
        self._is_noisy = report.note is Note.NEVER_QUIET
        return lines

    def lacks(self, unknown: Sequence[str]) -> list[Line]:
        """Which phrases, or the device's name, the model does not know. Once."""
        return [Line(self._words["unknown"].format(phrases=", ".join(f'"{phrase}"' for phrase in unknown)))]

    def _judged(self, report: Report) -> str:
        score = self._words["score"].format(z=report.z, needed=report.needed)
        known = 0 <= report.place < len(self._commands)
        phrase = self._names[self._commands[report.place]] if known else ""
        return self._words[report.note.name].format(phrase=phrase, score=score)

    def _level(self, report: Report) -> str:
        share = (report.loudness - _LOWEST) / (_HIGHEST - _LOWEST)
        full = max(0, min(_BAR, round(share * _BAR)))
        bar = "#" * full + "." * (_BAR - full)
        return self._words["level"].format(room=report.level, now=report.loudness, bar=bar)


def listen(configuration: Configuration, show: Callable[[Line], None], until: Signal, named_only: bool = False) -> None:
    """Show what is heard until the signal is set, or until nobody reads what is shown any more.

    All but yes, no and agreed counts: those need a question. What a session would ask back now, as "harder" in a long
    silence, counts: a place is looked for, not a moment. `named_only`: as a session that wants the name before a
    phrase. Lines are shown by the ears' thread.
    """
    told = Told(configuration.phrases, configuration.language)
    legal = frozenset(command for command in vocabulary(configuration.phrases) if _counts(command))
    show(told.begin())

    def tell(lines: Sequence[Line]) -> None:
        try:
            for line in lines:
                show(line)
        except BrokenPipeError:
            # Nobody reads on: `companion listen | head`.
            until.set()

    ears = Ears(
        replace(configuration, shown=True),
        post=lambda event: tell(told.event(event)),
        watch=lambda report: tell(told.of(report)),
        ails=lambda ailment: tell(told.ails(ailment)),
        lacks=lambda unknown: tell(told.lacks(unknown)),
    )
    ears.attend(Attention(open=True, legal=legal, expected=frozenset(), named_only=named_only))
    ears.start()
    try:
        until.wait()
    finally:
        ears.close()


def _counts(command: Command) -> bool:
    return command.name not in ANSWERS
