"""A rehearsal's script: one action a line, `MM:SS` (or `H:MM:SS`) and what happens then."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from companion.core.errors import ScriptError
from companion.core.event import CommandGiven, Device, DeviceFound, DeviceLost, Event, Held, HeldLong, Pressed
from companion.core.units import Instant
from companion.language.phrases import Phrase, understand

_LINE = re.compile(r"(?:(\d+):)?(\d+):([0-5]\d(?:\.\d+)?)\s+(\S.*)")
_DEVICES = {device.value: device for device in Device}
FORMS = "press, hold 1, hold 3, say PHRASE, speak PHRASE, lose DEVICE, find DEVICE"


@dataclass(frozen=True)
class Spoken(Event):
    """Words of a script that are synthesised and mixed into the microphone: they must really be heard."""

    words: str


def read_script(file: Path, phrases: Sequence[Phrase], name: str) -> tuple[Event, ...]:
    """The script's actions, by time; a phrase may follow the device's `name`.

    Raises ScriptError naming file, line, value and what is allowed.
    """
    named = [replace(phrase, text=f"{name} {phrase.text}") for phrase in phrases]
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise ScriptError(f"{file}: cannot be read ({_reason(problem)}); check the name and its rights.") from None
    numbered = ((number, line.split("#")[0].strip()) for number, line in enumerate(lines, start=1))
    actions = [_action(f"{file.name}:{number}", line, (*phrases, *named)) for number, line in numbered if line]
    return tuple(sorted(actions, key=lambda action: action.at))


def _reason(problem: OSError | UnicodeDecodeError) -> str:
    return str(problem.strerror) if isinstance(problem, OSError) else "it is not UTF-8 text"


def _action(place: str, line: str, phrases: Sequence[Phrase]) -> Event:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ScriptError(f'{place}: "{line}" is no action; write MM:SS and one of {FORMS}.')
    hours, minutes, seconds, what = found.groups()
    at = Instant(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds))
    verb, _, rest = what.partition(" ")
    return _of_verb(place, at, verb, rest.strip(), phrases)


def _of_verb(place: str, at: Instant, verb: str, rest: str, phrases: Sequence[Phrase]) -> Event:
    match verb, rest:
        case "press", "":
            return Pressed(at)
        case "hold", "1":
            return Held(at)
        case "hold", "3":
            return HeldLong(at)
        case "say", words if words:
            return _said(place, at, words, phrases)
        case "speak", words if words:
            return Spoken(at, words)
        case "lose", device if device in _DEVICES:
            return DeviceLost(at, _DEVICES[device])
        case "find", device if device in _DEVICES:
            return DeviceFound(at, _DEVICES[device])
        case "lose" | "find", "":
            raise ScriptError(f'{place}: "{verb}" needs a device; the devices are {", ".join(_DEVICES)}.')
        case "lose" | "find", _:
            raise ScriptError(f'{place}: there is no device "{rest}"; the devices are {", ".join(_DEVICES)}.')
    raise ScriptError(f'{place}: "{verb} {rest}" is no action; write one of {FORMS}.')


def _said(place: str, at: Instant, words: str, phrases: Sequence[Phrase]) -> Event:
    command = understand(words, phrases)
    if command is not None:
        return CommandGiven(at, command)
    near = difflib.get_close_matches(words.lower(), [phrase.text for phrase in phrases], n=1)
    hint = f'did you mean "{near[0]}"?' if near else "`companion phrases` lists them."
    raise ScriptError(f'{place}: "{words}" is no command; {hint}')
