"""How long the device takes to say a method's texts, and how well they are understood: by Whisper, as a stranger would.

Each text is synthesised as in a session and transcribed; the transcript is compared with the text. Nothing comes from
a microphone. A text that is understood badly is rewritten, or a word in it gets a pronunciation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

import ctranslate2
import numpy as np
import soxr
from tokenizers import Tokenizer

from companion.core.answers import tasks_said
from companion.core.method import Method
from companion.core.units import Seconds
from companion.hearing import mel
from companion.hearing.models import find
from companion.language.phrases import normal
from companion.language.sentences import spoken
from companion.voice.cache import SentenceCache
from companion.voice.sound import RATE

LONGEST = {"cue": Seconds(3.0), "instruction": Seconds(12.0)}
"""Seconds that a text of this sort may take (design/product.md, Voice)."""
_WINDOW = 30
_PROMPT = ("<|startoftranscript|>", "<|{}|>", "<|transcribe|>", "<|notimestamps|>")


class OwnVoice:
    """The device's voice, and Whisper that listens to it. It takes texts and no sound: nobody else can be transcribed.

    Raises ModelError when Whisper base is not here.
    """

    def __init__(self, language: str, cache: SentenceCache, threads: int = 1) -> None:
        folder = find("whisper-base")
        self._cache = cache
        self._network = ctranslate2.models.Whisper(str(folder), compute_type="int8", intra_threads=threads)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._prompt = [self._tokenizer.token_to_id(name.format(language)) for name in _PROMPT]

    def understood(self, text: str) -> tuple[Seconds, str]:
        """How long it takes to say the text, and what is understood of it, in lower case; 30 s at a time."""
        samples = self._cache.pcm(text).samples
        sound = soxr.resample(samples.astype(np.float32) / 32768, RATE, mel.RATE)
        words = []
        for start in range(0, len(sound), mel.RATE * _WINDOW):
            features = mel.log_mel(sound[start : start + mel.RATE * _WINDOW], _WINDOW * 100)
            best = self._network.generate(
                ctranslate2.StorageView.from_array(features[None]), [self._prompt], beam_size=1
            )
            words.append(str(self._tokenizer.decode(best[0].sequences_ids[0])))
        return Seconds(len(samples) / RATE), " ".join(words).lower()


@dataclass(frozen=True)
class Understood:
    """One text: where it stands, how long it takes, and how like the transcript is, 0 to 1 (share of characters)."""

    place: str
    sort: str
    words: str
    seconds: Seconds
    transcript: str
    likeness: float

    @property
    def is_too_long(self) -> bool:
        return self.seconds > LONGEST.get(self.sort, self.seconds)


def understood(methods: Iterable[Method], language: str, cache: SentenceCache) -> Iterator[Understood]:
    """Every text of these methods, synthesised and transcribed, the same words once."""
    voice, known = OwnVoice(language, cache), set[str]()
    for method in methods:
        for place, sort, words in _texts(method, language):
            if words not in known:
                known.add(words)
                seconds, transcript = voice.understood(words)
                yield Understood(f"{method.id} {place}", sort, words, seconds, transcript, _likeness(words, transcript))


def _texts(method: Method, language: str) -> Iterator[tuple[str, str, str]]:
    for step in method.steps:
        for sort in ("cue", "instruction", "question", "reminder", "end"):
            text = getattr(step, sort)
            if text is not None:
                yield step.id, sort, text.of(language)
        for sentence in tasks_said(method, step):
            yield step.id, "task", spoken(sentence, language)


def _likeness(words: str, transcript: str) -> float:
    return SequenceMatcher(None, normal(words), normal(transcript), autojunk=False).ratio()
