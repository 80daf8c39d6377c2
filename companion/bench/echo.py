"""`companion bench echo`: never listening to itself: its own sentences and chimes, through a room, into the microphone.

The ears are closed while it speaks and for a tail after it (`hearing.listener.TAIL`). Counted, at several moments of a
session: what the room's answer to a sentence activates after they open, with a loudspeaker that ends late; what chimes
activate, during which they stay open; and, as if closing had failed, what whole sentences would activate. And how long
a room's answer is taken for speech, which the tail must cover.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from companion.bench.hearing import bench_phrases, tell_unknown
from companion.bench.moments import STEP, attention_at
from companion.bench.options import add_recogniser, at_least_one, finite_number
from companion.bench.sound import blocks, convolved, normed, read_audible, silence
from companion.core.attention import Attention
from companion.core.command import Name
from companion.core.effect import Sentence
from companion.core.method import Text
from companion.hearing.activity import FRAME, FRAME_S, Activity
from companion.hearing.calibration import load_calibration
from companion.hearing.engines import open_recogniser
from companion.hearing.listener import CLOSED, TAIL, Listener
from companion.hearing.mel import RATE, Sound
from companion.hearing.recogniser import Recogniser
from companion.language.phrases import LANGUAGES, decoys, language_file, usual_name
from companion.language.sentences import slots, spoken
from companion.methods import load_methods
from companion.voice.chimes import load_chimes
from companion.voice.sound import Pcm
from companion.voice.synthesiser import Pyttsx3Synthesiser

_LOUD = 0.1
"""Root mean square of the voice at the microphone: -20 dB of full scale, louder than any speaker at the table."""
_NUMBERS = {"time": 300.0, "people": 6, "steps": 8, "number": 2, "count": 5, "least": 4, "most": 8}
_QUIET_S = 2.0
_MOMENTS = (STEP, "agreement", "confirming")
"""In the last two "ja" and "nee" are legal, and easily taken for what was said."""


def sentences(language: str) -> list[str]:
    """Everything it may say: the language's sentences, with values for their slots, and the methods' texts."""
    patterns = language_file(language)["sentences"]
    found = [spoken(Sentence(key, tuple(_values(str(pattern)))), language) for key, pattern in patterns.items()]
    found += [text.of(language) for text in _texts(load_methods()) if language in text.by_language]
    return sorted({text for text in found if text.strip()})


def _values(pattern: str) -> Iterator[tuple[str, Any]]:
    names = {name.value for name in Name}
    for slot in set(slots(pattern)) - names:
        if slot == "about":
            yield "time", _NUMBERS["time"]
        elif slot == "coming":
            yield "cue", Text(dict.fromkeys(LANGUAGES, "?"))
        else:
            yield slot, _NUMBERS.get(slot, "inbrenger")


def _texts(part: Any) -> Iterator[Text]:
    """Every text in a tree of dataclasses and tuples."""
    if isinstance(part, Text):
        yield part
    elif is_dataclass(part):
        for each in fields(part):
            yield from _texts(getattr(part, each.name))
    elif isinstance(part, tuple | list | frozenset):
        for each in part:
            yield from _texts(each)


def voiced(text: str, voice: Pyttsx3Synthesiser) -> Sound:
    """The sentence at 16 kHz, as loud as at the microphone."""
    return _loud(voice.render(text))


def _loud(pcm: Pcm) -> Sound:
    sound = np.asarray(soxr.resample(pcm.samples.astype(np.float32) / 32768.0, pcm.rate, RATE), np.float32)
    return sound * np.float32(_LOUD / max(1e-6, float(np.sqrt((sound**2).mean()))))


def tail_s(wet: Sound, ended: int) -> float:
    """Seconds after the sentence's end in which its echo is still taken for speech."""
    activity, last = Activity(), 0
    sound = np.concatenate([silence(2.0), wet, np.zeros(round(_QUIET_S * RATE), np.float32)])
    sound = sound + silence(len(sound) / RATE)[: len(sound)]
    for number, block in enumerate(blocks(sound, FRAME)):
        if len(block) == FRAME and activity.feed(block).speech:
            last = number + 1
    return max(0.0, last * FRAME_S - 2.0 - ended / RATE)


def activations(listener: Listener, wet: Sound, closed: int, opened: Attention) -> int:
    """What is heard when the ears are closed for the first `closed` samples and then open."""
    sound = np.concatenate([silence(1.0), wet, np.zeros(round(_QUIET_S * RATE), np.float32)])
    sound = sound + silence(len(sound) / RATE)[: len(sound)]
    listener.attend(CLOSED)
    edge = RATE + closed if closed else 0
    found = [listener.feed(block) for block in blocks(sound[:edge], FRAME)]
    listener.attend(opened)
    found += [listener.feed(block) for block in blocks(sound[edge:], FRAME)]
    return sum(one is not None for one in found)


class _Table:
    """A table at which the device is heard: one listener a sound, at each moment."""

    def __init__(self, language: str, recogniser: Recogniser) -> None:
        self._language, self._recogniser = language, recogniser
        self._calibration = load_calibration(recogniser.model, language)
        self._phrases = bench_phrases(language, None)
        self._name = usual_name(language)
        tell_unknown(recogniser, [*(phrase.text for phrase in self._phrases), self._name])

    def activations(self, wet: Sound, closed: int) -> int:
        """At all `_MOMENTS` together, with the ears closed for so many samples."""
        found = 0
        for moment in _MOMENTS:
            listener = Listener(
                self._phrases, self._recogniser, self._calibration, self._name, decoys=decoys(self._language)
            )
            found += activations(listener, wet, closed, attention_at(moment, self._phrases, named_only=False))
        return found


def response_of(room: Path) -> Sound:
    """What a room answers to a click, from the loudest on, neither louder nor softer. Raises SoundFileError."""
    response = read_audible(room)
    return normed(response[int(np.argmax(np.abs(response))) :])


def echo(
    language: str, rooms: Sequence[Path], late_s: Sequence[float], limit: int, kind: str, model: str | None = None
) -> dict[str, Any]:
    """Counts over all sentences and chimes, rooms and moments."""
    responses = [response_of(room) for room in rooms]
    table, voice = _Table(language, open_recogniser(kind, language, model)), Pyttsx3Synthesiser(language)
    texts = sorted(sentences(language), key=lambda text: sha256(text.encode()).digest())[:limit]
    sounds = [voiced(text, voice) for text in texts]
    chimes = [_loud(chime) for chime in load_chimes().values()]
    tails, after, during, rung = list[float](), dict.fromkeys(map(str, late_s), 0), 0, 0
    for response in responses:
        rung += sum(table.activations(convolved(chime, response), 0) for chime in chimes)
        for sound in sounds:
            wet = convolved(sound, response)
            tails.append(tail_s(wet, len(sound)))
            for late in late_s:
                after[str(late)] += table.activations(wet, max(1, len(sound) - round(late * RATE)))
            during += table.activations(wet, 0)
    return {
        "sentences": len(texts),
        "chimes": len(chimes),
        "rooms": [room.name for room in rooms],
        "moments": _MOMENTS,
        "tail_s": {"closed for": TAIL, "median": float(np.median(tails)), "most": max(tails)},
        "activations_after_it_ended_by_lateness_s": after,
        "activations_by_chimes": rung,
        "activations_if_never_closed": during,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench echo`."""
    add_recogniser(parser)
    parser.add_argument("--room", type=Path, action="append", required=True, metavar="FILE", help="impulse response")
    parser.add_argument("--late", type=finite_number, action="append", metavar="S", help="how late the sound ends")
    parser.add_argument("--limit", type=at_least_one, default=100, metavar="SENTENCES")


def run(args: argparse.Namespace) -> int:
    """Print the counts as one JSON object."""
    found = echo(args.language, args.room, args.late or (0.0, 0.2), args.limit, args.recogniser, args.model)
    print(json.dumps(found, indent=2))
    return 0
