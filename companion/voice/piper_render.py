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

import numpy as np

from companion.voice.sound import Pcm, silence

VERSION = 1
"""Of how sentences are made: what an older one made is made again."""
IDLE = 60.0
HEAD = struct.Struct("<II")
_PAUSE = 0.25
"""Seconds between the sentences of one text, as between two texts: Piper leaves none."""
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
        """At the rate of the model; empty where there is nothing to pronounce."""
        rate = int(self._voice.config.sample_rate)
        chunks = [chunk.audio_int16_array for chunk in self._voice.synthesize(text, self._config)]
        pause = np.zeros(round(_PAUSE * rate), np.int16)
        parts = [part for chunk in chunks for part in (pause, chunk)][1:]
        return Pcm(np.concatenate(parts), rate) if parts else silence(0.0)


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
