"""The voice: a thread that plays chimes and sentences in order, is cut off at once, and survives its loudspeaker."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from companion.core.effect import Chime
from companion.core.errors import DeviceError, VoiceError
from companion.core.event import Device, DeviceFound, DeviceLost, Event, SpeechEnded
from companion.core.units import Instant
from companion.voice.sound import Pcm, Samples, pause_after, silence
from companion.voice.speaker import BLOCK, Speaker

NOTCHES = 9
USUAL_NOTCH = 6
NOTCH_DB = 3.0
"""Decibels between two notches: the smallest step that everybody hears as one."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the first and between the latest attempts to reopen a loudspeaker; each pause doubles."""
CLOSING_LASTS = 2.0
"""Seconds that closing waits for a loudspeaker that may hang."""

_log = logging.getLogger(__name__)


class Sentences(Protocol):
    """Where the sound of a sentence comes from: a SentenceCache."""

    def pcm(self, text: str) -> Pcm: ...

    def close(self) -> None:
        """Whoever waits for a sentence gets a VoiceError, at once where rendering it can be broken off."""


@dataclass(frozen=True)
class _Job:
    """A chime, or a speech: its number, its sentences, and how often the voice had been hushed before it."""

    chime: Chime | None = None
    speech: int | None = None
    texts: tuple[str, ...] = ()
    hushes: int = 0


class Voice:
    """Says and rings. Every method may be called from the loop's thread and returns at once.

    `post` is called from the voice's own thread, with a lock held: it must neither block nor call the voice.
    `first_pause` is how many seconds a lost loudspeaker is left alone at first.
    """

    def __init__(
        self,
        sentences: Sentences,
        speaker_factory: Callable[[], Speaker],
        chimes: Mapping[Chime, Pcm],
        post: Callable[[Event], None],
        clock: Callable[[], Instant],
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._sentences, self._open, self._chimes = sentences, speaker_factory, chimes
        self._post, self._clock = post, clock
        self._news = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._hushes = 0
        self._closed = False
        self._notch = USUAL_NOTCH
        self._speaker: Speaker | None = None
        self._lost = False
        self._first_pause = self._pause = first_pause
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, speech: int, texts: tuple[str, ...]) -> None:
        """Say the sentences after what is being played; SpeechEnded follows, unless it is hushed."""
        self._add(_Job(speech=speech, texts=texts, hushes=self._hushes))

    def ring(self, chime: Chime) -> None:
        """Ring after what is being played; in place of the same one that still waits: a knob gives one a notch."""
        with self._news:
            self._jobs = deque(job for job in self._jobs if job.chime is not chime)
        self._add(_Job(chime=chime))

    def hush(self) -> None:
        """Cut off every speech, said or waiting; a chime rings on. No SpeechEnded of theirs is posted afterwards."""
        with self._news:
            self._hushes += 1
            self._news.notify()

    def change_volume(self, notches: int) -> None:
        """Louder (+) or softer (-), within NOTCHES; heard at once."""
        self._notch = min(NOTCHES, max(1, self._notch + notches))

    def close(self) -> None:
        """Fall silent, close the sentences and give the loudspeaker back."""
        with self._news:
            self._closed = True
            self._news.notify()
        # A thread that still waited for one when Python ends would end it by a signal.
        self._sentences.close()
        self._thread.join(CLOSING_LASTS)

    def _add(self, job: _Job) -> None:
        with self._news:
            self._jobs.append(job)
            self._news.notify()

    def _run(self) -> None:
        self._reopen()
        while not self._closed:
            if (job := self._next()) is not None:
                self._perform(job)
            elif self._speaker is None and not self._closed:
                self._reopen()
        self._let_go()

    def _next(self) -> _Job | None:
        """The next job; None when closed, or when a lost loudspeaker is to be tried again."""
        with self._news:
            self._news.wait_for(lambda: self._jobs or self._closed, self._pause if self._lost else None)
            return self._jobs.popleft() if self._jobs and not self._closed else None

    def _reopen(self) -> None:
        try:
            self._speaker = self._open()
        except DeviceError as error:
            self._pause = min(LONGEST_PAUSE, 2 * self._pause) if self._lost else self._pause
            self._tell_lost(error)
            return
        if self._lost:
            self._lost, self._pause = False, self._first_pause
            self._post(DeviceFound(self._clock(), Device.SPEAKER))

    def _perform(self, job: _Job) -> None:
        try:
            if self._speaker is not None and not self._is_cut(job):
                self._play(job, self._speaker)
        except DeviceError as error:
            self._tell_lost(error)
        with self._news:  # a hush from now on is too late, one before was heeded
            if job.speech is not None and not self._is_cut(job):
                self._post(SpeechEnded(self._clock(), job.speech))
        if self._lost:
            self._let_go()

    def _play(self, job: _Job, speaker: Speaker) -> None:
        for block in self._blocks(job):
            speaker.write(self._louder_or_softer(block))
            if self._is_cut(job):
                break
        if self._is_cut(job):
            speaker.cut()
        else:
            speaker.finish()

    def _blocks(self, job: _Job) -> Iterator[Samples]:
        for samples in self._parts(job):
            for start in range(0, len(samples), BLOCK):
                yield samples[start : start + BLOCK]

    def _parts(self, job: _Job) -> Iterator[Samples]:
        if job.chime is not None:
            yield self._chimes[job.chime].samples
        for place, text in enumerate(job.texts):
            if place:
                yield silence(pause_after(job.texts[place - 1])).samples
            try:
                yield self._sentences.pcm(text).samples
            except VoiceError as error:
                if not self._closed:
                    _log.warning("A sentence was left out: %s", error)

    def _louder_or_softer(self, block: Samples) -> Samples:
        return np.round(block * 10 ** ((self._notch - NOTCHES) * NOTCH_DB / 20)).astype(np.int16)

    def _is_cut(self, job: _Job) -> bool:
        return self._closed or (job.speech is not None and job.hushes != self._hushes)

    def _tell_lost(self, error: DeviceError) -> None:
        if not self._lost:
            self._lost = True
            _log.warning("%s", error)
            self._post(DeviceLost(self._clock(), Device.SPEAKER))

    def _let_go(self) -> None:
        """Last of all, as a device that hangs keeps this thread in here."""
        speaker, self._speaker = self._speaker, None
        if speaker is not None:
            speaker.close()
