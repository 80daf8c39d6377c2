"""One sentence to sound by pyttsx3, in a process of its own: `python -m companion.voice.render VOICE RATE`.

The sentence comes in on standard input, the whole WAV file goes out on standard output. pyttsx3 2.99 on
espeak-ng writes only the last of two files, returns before a long file exists, says nothing about a voice that it
does not know, and loses the pace that it is told together with a voice once in a hundred times (a race in espeak-ng
1.51); so one process renders one sentence, sets the pace once more, waits for the end, and checks voice and pace.
"""

import os
import sys
import threading
from typing import Any

VERSION = 2
"""Of how sentences are made: what an older one made is made again."""
UNKNOWN_VOICE = 3
"""Exit status: espeak-ng has no such voice."""
UNFINISHED = 4
"""Exit status: the engine did not come to an end in time."""
OTHER_PACE = 5
"""Exit status: the sentence was spoken faster or slower than it should be."""
LONGEST_RENDER = 20.0
"""Seconds in which any sentence is rendered, even on the smallest machine."""


def main(voice: str, words_per_minute: int) -> int:
    """The exit status; the WAV file is on standard output if it is 0."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # pyttsx3 prints while it works
    file = os.memfd_create("sentence")  # a file in memory: a sandbox may leave no place to write
    engine, finished = _engine(voice, words_per_minute)
    engine.save_to_file(sys.stdin.read(), f"/proc/self/fd/{file}")
    engine.runAndWait()
    if not finished.wait(LONGEST_RENDER):
        return UNFINISHED
    if not _speaks_with(engine, voice):
        return UNKNOWN_VOICE
    if _pace() != words_per_minute:
        return OTHER_PACE
    with os.fdopen(file, "rb") as source, os.fdopen(out, "wb") as target:
        target.write(source.read())
    return 0


def _engine(voice: str, words_per_minute: int) -> tuple[Any, threading.Event]:
    import pyttsx3

    engine, finished = pyttsx3.init("espeak"), threading.Event()
    engine.setProperty("voice", voice)
    engine.setProperty("rate", words_per_minute)
    engine.connect("started-utterance", lambda **_: _set_pace(words_per_minute))
    engine.connect("finished-utterance", lambda **_: finished.set())
    return engine, finished


def _set_pace(words_per_minute: int) -> None:
    """Once more, when what was set before has been done; a property of pyttsx3 would wait for the sentence's end."""
    from pyttsx3.drivers import _espeak

    _espeak.Synchronize()
    _espeak.SetParameter(_espeak.RATE, words_per_minute, 0)


def _pace() -> int:
    """Words a minute as espeak-ng has them now; pyttsx3 asks for what a new voice would have."""
    from pyttsx3.drivers import _espeak

    current = 1
    return int(_espeak.dll.espeak_GetParameter(_espeak.RATE, current))


def _speaks_with(engine: Any, voice: str) -> bool:
    """Whether the voice in use answers to this identifier, name or language ("nl", "en", "en-gb", "gmw/nl+f2")."""
    base, current = (name.lower().partition("+")[0] for name in (voice, engine.getProperty("voice")))
    known = next(known for known in engine.getProperty("voices") if known.id == current)
    names = (known.id, known.name.lower(), *(language.lower() for language in known.languages))
    return any(name == base or name.startswith(f"{base}-") for name in names)


if __name__ == "__main__":
    status = main(sys.argv[1], int(sys.argv[2]))
    sys.stdout.flush()
    os._exit(status)  # espeak-ng may hang or abort while Python takes it down
