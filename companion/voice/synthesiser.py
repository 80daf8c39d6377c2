"""Sentences to sound: what a synthesiser promises, and the embedded default, pyttsx3 on espeak-ng."""

import io
import subprocess
import sys
import wave
from typing import Protocol

import numpy as np

from companion.core.errors import VoiceError
from companion.voice import render
from companion.voice.pronunciation import digest, respelled
from companion.voice.sound import Pcm

TRIES = 2


class Synthesiser(Protocol):
    """A voice. `render` may be called from several threads at once."""

    @property
    def identity(self) -> str:
        """All that makes this voice sound as it does: part of the key under which its sentences are kept."""

    def render(self, text: str) -> Pcm:
        """One sentence as sound, at any rate. Raises VoiceError with a remedy when that cannot be."""

    def close(self) -> None:
        """End what runs for it. What is being rendered is given up, and nothing is rendered any more."""


class Pyttsx3Synthesiser:
    """The system's voice: each sentence in a process of its own, checked, tried twice.

    `voice` is a language, name or identifier that `espeak-ng --voices` lists ("nl", "en-gb"), possibly with a
    variant ("nl+f2"); `words_per_minute` is 80 to 450, as espeak-ng takes it.
    """

    def __init__(self, voice: str, words_per_minute: int = 150) -> None:
        if not 80 <= words_per_minute <= 450:
            raise VoiceError(f"The voice cannot speak {words_per_minute} words a minute; choose 80 to 450.")
        self._voice = voice
        self._words_per_minute = words_per_minute
        self._language = voice.rpartition("/")[2].partition("+")[0].partition("-")[0].lower()

    @property
    def identity(self) -> str:
        return f"pyttsx3 {render.VERSION} {self._voice} {self._words_per_minute} {digest(self._language)}"

    def render(self, text: str) -> Pcm:
        for _ in range(TRIES):
            pcm, fault = self._attempt(text)
            if pcm is not None:
                return pcm
        raise VoiceError(f'The voice "{self._voice}" {fault}')

    def close(self) -> None:
        """Nothing runs but what renders a sentence, which ends by itself."""

    def _attempt(self, text: str) -> tuple[Pcm | None, str]:
        """The sound, or why there is none."""
        command = [sys.executable, "-m", "companion.voice.render", self._voice, str(self._words_per_minute)]
        spoken = respelled(text, self._language).encode()
        try:
            done = subprocess.run(
                command, input=spoken, capture_output=True, timeout=2 * render.LONGEST_RENDER, check=False
            )
        except subprocess.TimeoutExpired:
            return None, "did not finish a sentence; is the machine overloaded?"
        except OSError as error:  # no memory, process or file left for it
            return None, f"could not be started ({error.strerror}); is the machine overloaded?"
        if done.returncode == render.UNKNOWN_VOICE:
            raise VoiceError(f'There is no voice "{self._voice}"; choose one that `espeak-ng --voices` lists.')
        if done.returncode == render.OTHER_PACE:
            return None, f"did not keep to {self._words_per_minute} words a minute; try another pace."
        if done.returncode != 0:
            last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
            return None, f"gave no sound ({last}); install espeak-ng and pyttsx3."
        return self._checked(done.stdout, text)

    def _checked(self, file: bytes, text: str) -> tuple[Pcm | None, str]:
        try:
            with wave.open(io.BytesIO(file)) as source:
                promised = source.getnframes()
                pcm = Pcm(np.frombuffer(source.readframes(promised), dtype=np.int16), source.getframerate())
        except (wave.Error, EOFError, ValueError):
            return None, "gave a broken sound file; install pyttsx3 anew."
        if len(pcm.samples) < promised or pcm.seconds < shortest(text, self._words_per_minute):
            return None, "left off in the middle of a sentence; try another voice."
        return pcm, ""


def shortest(text: str, words_per_minute: int) -> float:
    """Seconds that the sentence takes at the very least.

    Words of six letters at this pace would take letters / 6 / pace; of 356 sentences of the device, Dutch and
    English, none took less than 1.08 times that, so 0.85 tells a sentence that was broken off.
    """
    letters = sum(character.isalnum() for character in text)
    return 0.85 * letters / 6 / words_per_minute * 60
