"""The listener: samples in, commands out. The same object in a live session, a rehearsal and the bench.

It has no clock but the samples: the same samples and the same attention give the same commands. Words exist
inside of the recogniser only, for one utterance.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.command import Command
from companion.hearing.activity import FRAME, FRAME_S, SILENCE_DB, Activity
from companion.hearing.calibration import Calibration
from companion.hearing.judging import asked_back
from companion.hearing.mel import RATE
from companion.hearing.reading import Reader
from companion.hearing.recogniser import Recogniser
from companion.hearing.spoken import Spoken, spoken_forms
from companion.hearing.utterance import LONGEST, NEVER_QUIET_AFTER, QUIET_AFTER, Drop, Utterance, Utterances
from companion.hearing.verdict import Candidate, Decision, Verdict
from companion.language.phrases import Phrase

TAIL = 0.3
"""Seconds ignored after the ears open: the room's echo of what the device has just said."""
CONFIRM_WITHIN = 8.0
"""Seconds within which a second saying of a phrase that was asked back counts."""
LONGEST_BLOCK = RATE // 2
"""Samples of a block at most: a longer one could hold two commands."""
_Asked: TypeAlias = tuple[int, list[int], frozenset[Command]]
"""The last frame of an utterance, the places that were legal and the commands that were expected."""
CLOSED = Attention(open=False, legal=frozenset(), expected=frozenset(), named_only=False)


@dataclass(frozen=True)
class Heard:
    """A command."""

    command: Command
    began_s: float
    """When its speech began, in seconds since the first sample ever fed."""


@dataclass(frozen=True)
class Trace:
    """Numbers of one utterance that reached the recogniser; `command` is the best, if any."""

    ended_s: float
    speech_s: float
    voiced_s: float
    """As in `Voices`: what the verdict took for its length."""
    command: Command | None
    verdict: Verdict
    counts: bool
    """It was accepted, or asked back and said again."""


class Listener:
    """One thread. `name` is what may stand before a phrase: "tafel, volgende fase"."""

    def __init__(
        self,
        phrases: Sequence[Phrase],
        recogniser: Recogniser,
        calibration: Calibration,
        name: str | None = None,
        trace: Callable[[Trace], None] | None = None,
        drop: Callable[[Drop], None] | None = None,
        cut: Utterances | None = None,
        decoys: Sequence[str] = (),
    ) -> None:
        self.spoken = spoken_forms(phrases, name, decoys)
        self._reader = Reader(self.spoken, recogniser, calibration)
        self._trace = trace
        self._tell_drop = drop
        self._activity = Activity()
        self._utterances = cut or Utterances(_longest(self.spoken))
        self._attention = CLOSED
        self._rest = np.zeros(0, np.int16)
        self._frames = 0
        self._deaf_until = 0
        self._asked: tuple[Command, float] | None = None
        self.doubts = 0
        """How often a phrase was asked back so far: it counts when it is said again soon."""
        self.speech_s = 0.0
        """Seconds in which somebody spoke while the ears were open."""
        self.recognised_s = 0.0
        """Seconds of speech that the recogniser was ever given, what was thrown away included: each counts once."""
        self._given = 0
        self._speech: deque[bool] = deque(maxlen=round((LONGEST + QUIET_AFTER) / FRAME_S) + 1)
        """Of the last frames, whether somebody spoke."""
        self._early: tuple[_Asked, Verdict] | None = None
        self._loudness = SILENCE_DB

    @property
    def fed_s(self) -> float:
        """Seconds of sound fed so far."""
        return self._frames * FRAME_S + len(self._rest) / RATE

    @property
    def level(self) -> float:
        """The room's noise, in dB of full scale."""
        return self._activity.floor

    @property
    def loudness(self) -> float:
        """What is heard just now, in dB of full scale, over 160 ms."""
        return self._loudness

    @property
    def is_hearing(self) -> bool:
        """Something that may be a command is being said."""
        return self._utterances.under_way

    @property
    def never_quiet(self) -> bool:
        """It has been too noisy for any command for half a minute or more."""
        return self._utterances.never_quiet or self._activity.drowned_s >= NEVER_QUIET_AFTER

    def attend(self, attention: Attention) -> None:
        """Listen for these commands from now on. Closing drops what is being said."""
        if self._attention.open and not attention.open:
            self.interrupt()
        if attention.open and not self._attention.open:
            self._deaf_until = self._frames + round(TAIL / FRAME_S)
            self._utterances.reset(quiet_s=TAIL)
        self._attention = attention

    def forget(self) -> None:
        """What was asked back is not waited for any more: somebody else speaks next, as in a bench."""
        self._asked = None

    def interrupt(self) -> None:
        """What is being said counts as never said: the ears close, or sound was lost and its end would stand alone."""
        self._utterances.reset()
        self._rest[:] = 0
        self._asked = self._early = None

    def feed(self, block: NDArray[np.int16]) -> Heard | None:
        """The next sound, 16 kHz mono, at most half a second; a command if one ended in it.

        Raises ValueError for a longer block.
        """
        if len(block) > LONGEST_BLOCK:
            raise ValueError(f"a block has at most {LONGEST_BLOCK} samples, this has {len(block)}")
        sound = np.concatenate([self._rest, block])
        heard = None
        for start in range(0, len(sound) - FRAME + 1, FRAME):
            heard = self._frame(sound[start : start + FRAME]) or heard
        self._rest[:] = 0
        self._rest = sound[len(sound) // FRAME * FRAME :].copy()
        sound[:] = 0
        return heard

    def _frame(self, samples: NDArray[np.int16]) -> Heard | None:
        self._frames += 1
        if not self._attention.open:
            self._utterances.skip()
            return None
        frame = self._activity.feed(samples)
        self.speech_s += FRAME_S * frame.speech
        self._speech.append(frame.speech)
        self._loudness = frame.level
        if self._frames <= self._deaf_until:
            self._utterances.skip()
            return None
        utterance = self._utterances.feed(samples, frame)
        if self._utterances.dropped is not None and self._tell_drop is not None:
            self._tell_drop(self._utterances.dropped)
        if utterance is None:
            self._begin(self._utterances.likely)
            return None
        try:
            return self._judge(utterance)
        finally:
            self._utterances.wipe()

    def _judge(self, utterance: Utterance) -> Heard | None:
        places = self._places(utterance)
        if not places:
            if self._tell_drop is not None:
                self._tell_drop(Drop.TOO_LONG if utterance.voices.speech_s > 1.0 else Drop.TOO_SHORT)
            return None
        candidates = [self.spoken[place].candidate for place in places]
        verdict = asked_back(self._read(utterance, places), candidates, self._attention.unlikely)
        return self._conclude(utterance, candidates, verdict)

    def _begin(self, likely: Utterance | None) -> None:
        """Read before the quiet is long enough, so that the verdict comes with its end; thrown away otherwise."""
        if likely is not None and (places := self._places(likely)):
            verdict = self._read(likely, places)
            self._early = ((likely.ended, places, self._attention.expected), verdict)

    def _read(self, utterance: Utterance, places: list[int]) -> Verdict:
        expected = self._attention.expected
        early, self._early = self._early, None
        if early is not None and early[0] == (utterance.ended, places, expected):
            return early[1]
        self._note_given(utterance)
        sound = utterance.sound.astype(np.float32)
        sound /= 32768.0
        sound -= sound.mean()
        try:
            return self._reader.read(sound, utterance.voices, places, expected)
        finally:
            sound[:] = 0

    def _note_given(self, utterance: Utterance) -> None:
        end = utterance.ended + 1
        first = max(self._given, end - round(utterance.voices.speech_s / FRAME_S))
        before = self._frames - len(self._speech)
        self.recognised_s += sum(list(self._speech)[first - before : end - before]) * FRAME_S
        self._given = end

    def _places(self, utterance: Utterance) -> list[int]:
        """Phrases that are legal now and that can be said in this time, and the decoys; none where no phrase can."""
        voices = utterance.voices
        fitting = [
            (place, spoken.candidate)
            for place, spoken in enumerate(self.spoken)
            if spoken.least_s <= voices.speech_s and voices.voiced_s <= spoken.most_s
        ]
        legal = [
            place
            for place, candidate in fitting
            if candidate.command in self._attention.legal and (candidate.named or not self._attention.named_only)
        ]
        decoys = [place for place, candidate in fitting if candidate.is_decoy]
        return legal + decoys if legal else []

    def _conclude(self, utterance: Utterance, candidates: Sequence[Candidate], verdict: Verdict) -> Heard | None:
        ended_s = (utterance.ended + 1) * FRAME_S
        command = None if verdict.best is None else candidates[verdict.best].command
        counts = command is not None and self._counts(command, verdict.decision)
        if self._trace is not None:
            voices = utterance.voices
            self._trace(Trace(ended_s, voices.speech_s, voices.voiced_s, command, verdict, counts))
        if command is None or not counts:
            return None
        return Heard(command, ended_s - utterance.voices.speech_s)

    def _counts(self, command: Command, decision: Decision) -> bool:
        """Accepted, or asked back and now said again."""
        now = self._frames * FRAME_S
        if decision is Decision.IGNORE:
            # Somebody laughed, or said something: what was asked back still waits to be said again.
            return False
        before, self._asked = self._asked, None
        again = before is not None and before[0] == command and now - before[1] <= CONFIRM_WITHIN
        if decision is Decision.ACCEPT or again:
            return True
        self._asked = (command, now)
        self.doubts += 1
        return False


def _longest(spoken: Sequence[Spoken]) -> float:
    return min(LONGEST, max((one.most_s for one in spoken), default=LONGEST))
