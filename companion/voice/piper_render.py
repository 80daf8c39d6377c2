"""Sentences to sound by Piper, in a process of its own: `python -m companion.voice.piper_render MODEL LENGTH`.

Each line on standard input is a sentence in JSON. For each, standard output gets its rate and its number of samples,
four bytes each, and its samples, all little-endian. Loading a voice takes longer than saying a sentence, so the process
stays, and ends when it has had nothing to say for `IDLE` seconds: until then it keeps some 220 MB.
"""

import json
import os
import select
import struct
import sys
from typing import BinaryIO, Protocol

from companion.voice.sound import PAUSE, Pcm, joined, silence

VERSION = 1
"""Of how sentences are made: what an older one made is made again."""
IDLE = 60.0
HEAD = struct.Struct("<II")
_NICE = 5
"""Piper computes on every core; the ears must not wait for it."""


class Voice(Protocol):
    """What can say a text."""

    def say(self, text: str) -> Pcm: ...


class PiperVoice:
    """The model at a length: 1 is as the voice speaks by itself, 2 takes twice as long.

    Raises ImportError without Piper, and what each library raises for a model that is broken or for want of memory.
    """

    def __init__(self, model: str, length: float) -> None:
        import piper

        self._voice = piper.PiperVoice.load(model)
        self._config = piper.SynthesisConfig(length_scale=length * self._voice.config.length_scale)

    def say(self, text: str) -> Pcm:
        """Empty where there is nothing to pronounce. Piper leaves no pause between the sentences of a text."""
        rate = int(self._voice.config.sample_rate)
        said = [Pcm(chunk.audio_int16_array, rate) for chunk in self._voice.synthesize(text, self._config)]
        return joined([part for one in said for part in (silence(PAUSE), one)][1:])


def serve(voice: Voice, source: BinaryIO, target: BinaryIO, idle: float = IDLE) -> None:
    """Say every line, until there are no more or none comes for `idle` seconds."""
    while select.select([source], [], [], idle)[0] and (line := source.readline()):
        pcm = voice.say(json.loads(line))
        target.write(HEAD.pack(pcm.rate, len(pcm.samples)) + pcm.samples.astype("<i2").tobytes())
        target.flush()


def main(model: str, length: float) -> None:
    os.nice(_NICE)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not be taken for a sound
    serve(PiperVoice(model, length), sys.stdin.buffer, out)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
