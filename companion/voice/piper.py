"""Sentences by Piper, which sounds like a person: the recommended voice where its model is installed."""

import hashlib
import json
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from companion.core.errors import ModelError, VoiceError
from companion.voice import piper_render
from companion.voice.pronunciation import digest, respelled
from companion.voice.sound import Pcm

LONGEST_RENDER = 60.0
"""Seconds in which the voice is loaded and any sentence rendered, even on the smallest machine."""
USUAL_PACE = 150
"""Words a minute in the settings at which the voice speaks as it does by itself."""
_ENDING = 5.0
"""Seconds that a process which has no more to say may take to end."""
_TRIES = 2


class PiperSynthesiser:
    """A Piper voice: a file `*.onnx`, with `*.onnx.json` beside it. One sentence is rendered at a time, in a process
    that stays while there is something to render.

    `words_per_minute` is 80 to 450. Raises ModelError when the voice or Piper is missing, or speaks another language.
    """

    def __init__(self, model: Path, language: str, words_per_minute: int = USUAL_PACE) -> None:
        spoken, content = _described(model)
        if spoken != language:
            raise ModelError(f'The voice {model.name} speaks "{spoken}", not "{language}"; name another.')
        if find_spec("piper") is None:
            raise ModelError(f"The voice {model.name} needs Piper: script/setup --piper.")
        self._model, self._language = model, language
        self._length = USUAL_PACE / words_per_minute
        self.identity = f"piper {piper_render.VERSION} {self._length:.3f} {content} {digest(language)}"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def render(self, text: str) -> Pcm:
        with self._lock:
            for _ in range(_TRIES):
                if self._is_closed:
                    break
                # It may have ended just now, after a long while without work.
                if (pcm := self._rendered(respelled(text, self._language))) is not None:
                    return pcm
                self._end()
        raise VoiceError(
            f"The voice {self._model.name} gave no sound: download it anew (--force-redownload) or give it more memory."
        )

    def close(self) -> None:
        self._is_closed = True
        if (process := self._process) is not None:
            process.kill()  # nobody waits for what it renders now
        with self._lock:
            self._end()

    def _rendered(self, text: str) -> Pcm | None:
        process = self._process = self._running()
        if self._is_closed:  # while it was being started, when there was nothing to kill yet
            process.kill()
        timer = threading.Timer(LONGEST_RENDER, process.kill)
        timer.start()
        try:
            return _asked(process, text)
        except OSError:
            return None
        finally:
            timer.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        command = [sys.executable, "-m", "companion.voice.piper_render", str(self._model), str(self._length)]
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,  # a Ctrl-C is for the session, which ends it in its own time
            )
        except OSError as error:  # no memory, process or file left for it
            raise VoiceError(f"Piper could not be started ({error.strerror}); is the machine overloaded?") from error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _asked(process: "subprocess.Popen[bytes]", text: str) -> Pcm | None:
    """What the process gives for a text; None where it ended instead. Raises BrokenPipeError."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(text).encode() + b"\n")
    if (head := _read(process, piper_render.HEAD.size)) is None:
        return None
    rate, count = piper_render.HEAD.unpack(head)
    samples = _read(process, 2 * count)
    return None if samples is None else Pcm(np.frombuffer(samples, "<i2").astype(np.int16), rate)


def _read(process: "subprocess.Popen[bytes]", count: int) -> bytes | None:
    """So many bytes; None where the process ended before."""
    assert process.stdout is not None
    found = bytearray()
    while len(found) < count and (part := process.stdout.read(count - len(found))):
        found += part
    return bytes(found) if len(found) == count else None


def _described(model: Path) -> tuple[str, str]:
    """The voice's language, "en" for "en-us", and a digest of all that it is. Raises ModelError when there is none."""
    described = model.with_name(f"{model.name}.json")
    try:
        with model.open("rb") as file:
            content = hashlib.file_digest(file, "sha256")
        description = described.read_bytes()
        content.update(description)
        language = str(json.loads(description)["espeak"]["voice"]).partition("-")[0].lower()
    except OSError as error:
        raise ModelError(
            f"There is no Piper voice {model} that can be read; a voice is two files, *.onnx and *.onnx.json."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{described} describes no Piper voice; download it anew (--force-redownload).") from error
    return language, content.hexdigest()[:16]
