"""Whisper base as a verifier: how well does each given phrase, and its end, explain this sound?

The score of a phrase is the mean log-probability of its tokens *and of the end that must follow* ("volgende fase"
followed by more speech is not the command), and, where a speller was taught for the language, a share of what its units
of sound are behind the best spelling of the whole sound. What it rests on: docs/verdict.md and
docs/hearing-tried.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import ctranslate2
import numpy as np
from tokenizers import Tokenizer

from companion.core.errors import ModelError, PhraseError
from companion.hearing.ctc import Spellings, level_of
from companion.hearing.decoder import QUICK, Array, Decoder
from companion.hearing.mel import RATE, Sound, log_mel
from companion.hearing.models import find
from companion.hearing.recogniser import LIKELIEST, LIKELIEST_DECOYS, SURE, Scores, Span
from companion.hearing.speller import load_speller
from companion.hearing.spelling import symbols
from companion.hearing.tensors import read_tensors
from companion.hearing.tree import tree_of
from companion.language.phrases import normal

LEAD = 0.3
"""Seconds of silence put in front: lifted the right choice among phrases from 95 to 98 %."""
WINDOW = 5.0
"""Seconds that the encoder sees: the longest utterance and the silence around it. Whisper's own 30 s cost six times
as much and score no better."""
LEVEL_OFF = 0.6
"""How much of the cohort's level is taken off."""
_USUAL_LEVEL = -7.25
"""What the cohort's spellings are behind the best, a unit, in ordinary speech as short as a command (Dutch, clean, in
noise and in a room): the zero of the level. Norms take up what differs; it only places the floor above."""
_FAR = -4.4
"""How far the likeliest phrase's spelling may be behind the best, a unit, before no phrase is decoded at all. Of the
commands of the tune half that were accepted, 2 of 1,667 Dutch ones and none of 621 English ones were so far."""
_SILENCE = np.zeros(RATE, np.float32)
_PEAK = 0.5
_ENDS = (".", "!", "?", ",")
_FREE_TOKENS = 16
_FRAMES = 50
"""That the encoder gives, a second."""
_BEHIND = 0.3
"""Seconds of silence behind a sound, at least."""
_COMMON = 20_000
"""Tokens that phrases are compared with, of 51,865: the commonest, as byte pairs are numbered in the order of
their finding. A token's log-probability rises by 0.14 in the median and 0.34 at most in 95 of 100."""


class WhisperRecogniser:
    """See `Recogniser`. A phrase that was surely not said scores -inf, unless `thorough`.

    Where a speller was taught for the language, and it `spells`, that chooses what is worth decoding; elsewhere the
    first tokens do. Other `arithmetic` (a compute type of CTranslate2) and more `threads` are there to be compared.
    """

    def __init__(
        self,
        language: str,
        model: str = "whisper-base",
        thorough: bool = False,
        spells: bool = True,
        arithmetic: str = "int8",
        threads: int = 1,
    ) -> None:
        folder = find(model)
        try:
            self._network = ctranslate2.models.Whisper(str(folder), compute_type=arithmetic, intra_threads=threads)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise their own plain classes
            raise ModelError(f'The model "{model}" is broken: companion models get {model}.') from error
        self._decoder = Decoder(read_tensors(folder / "model.bin", "decoder/"))
        self._is_thorough = thorough
        self._speller = load_speller(model, language) if spells else None
        self._language = language
        self._spellings: Spellings | None = None
        self._looks = () if thorough or self._speller is not None else QUICK
        self._model = model
        self._prompt = [self._special(name) for name in ("startoftranscript", language, "transcribe", "notimestamps")]
        self._ends = [self._special("endoftext"), *(self._tokens(end)[0] for end in _ENDS)]
        self._phrases: list[list[int]] = []
        self._cohort: list[list[int]] = []
        self._texts: list[str] = []
        self._first_decoy = 0
        self._shared: tuple[int, ...] = ()

    @property
    def model(self) -> str:
        return self._model

    def prepare(self, phrases: Sequence[str], cohort: Sequence[str] = (), decoys: Sequence[str] = ()) -> None:
        every = (*phrases, *decoys)
        self._texts, self._first_decoy = [normal(text) for text in every], len(phrases)
        self._phrases, self._cohort = (
            [self._tokens(f" {text[:1].upper()}{text[1:]}") for text in texts] for texts in (every, cohort)
        )
        said = {token for tokens in (*self._phrases, *self._cohort) for token in tokens}
        self._decoder.among([*range(_COMMON), *said, *self._ends])
        # With them, the name would no longer begin half of all.
        self._shared = tree_of(self._prompt, self._phrases[: len(phrases)]).shared + (0,) * len(decoys)
        if self._speller is not None:
            self._spellings = Spellings([symbols(text, self._language) for text in (*cohort, *every)])

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:  # noqa: ARG002  it spells what it does not know
        return ()

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:
        tree = tree_of(self._prompt, [self._phrases[place] for place in places])
        encoded = np.array(self._encoded(_SILENCE))[0]
        return tuple(self._decoder.scores(tree, encoded, self._ends, always=len(places)))

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        encoded = self._encoded_evenly(sound)
        frames = np.array(encoded)[0]
        heard = None if self._speller is None else self._speller.frames(frames[_frames_of(sound)])
        try:
            return self._scored(encoded, frames, heard, places)
        finally:
            frames[:] = 0
            if heard is not None:
                heard[:] = 0

    def _scored(
        self, encoded: "ctranslate2.StorageView", frames: Array, heard: Array | None, places: Sequence[int]
    ) -> Scores:
        count, spelt = len(self._cohort), self._spelt(heard, places)
        likely = self._likely(spelt[count:], places)
        if self._is_far(places, spelt[count:]):
            return Scores((-np.inf,) * len(places), None, (-np.inf,) * count)
        tree = tree_of(self._prompt, [*self._cohort, *(self._phrases[places[at]] for at in likely)])
        # Whether a beginning is the name is seen in all phrases, not in the few that are decoded.
        tree = replace(tree, shared=(0,) * count + tuple(self._shared[places[at]] for at in likely))
        always = len(tree.paths) if self._is_thorough else count
        found = np.array(self._decoder.scores(tree, frames, self._ends, self._looks, always))
        phrases = np.full(len(places), -np.inf)
        phrases[likely] = found[count:]
        if self._speller is not None:
            phrases[likely] += self._speller.counts * np.maximum(spelt[count:][likely], self._speller.least)
        free = self._compared(encoded, float(phrases.max()), float(found[count:].max(initial=-np.inf)))
        beside, spans = self._amid(heard, places, likely)
        return Scores(tuple(phrases.tolist()), free, tuple(found[:count].tolist()), beside, spans)

    def _compared(self, encoded: "ctranslate2.StorageView", phrase: float, decoded: float) -> float | None:
        """The score of the best free text, given the best phrase's and that of the best one as the decoder has it.

        What is surely no phrase needs no comparison. Nothing explains the sound of a sure one much better: the best
        phrase is a text too, so its own score stands for the best text's.
        """
        if -np.inf < phrase < SURE:
            return self._free(encoded)
        return decoded if decoded > -np.inf else None

    def _likely(self, spelt: Array, places: Sequence[int]) -> list[int]:
        """Where the phrases and the decoys are that are worth decoding, the likeliest by spelling first."""
        order: list[int] = np.argsort(-spelt, kind="stable").tolist()
        if self._is_thorough or self._speller is None:
            return order
        phrases = [at for at in order if places[at] < self._first_decoy][:LIKELIEST]
        decoys = [at for at in order if places[at] >= self._first_decoy][:LIKELIEST_DECOYS]
        return [at for at in order if at in {*phrases, *decoys}]

    def _is_far(self, places: Sequence[int], spelt: Array) -> bool:
        """More phrases than are decoded may be it, and none is spelt near."""
        phrases = [float(far) for place, far in zip(places, spelt, strict=True) if place < self._first_decoy]
        return not self._is_thorough and self._speller is not None and len(phrases) > LIKELIEST and max(phrases) < _FAR

    def _spelt(self, heard: Array | None, places: Sequence[int]) -> Array:
        """How far each phrase's spelling is behind the best, a unit; of the cohort, then of these places.

        Noise and rooms make all spellings worse alike, the cohort's too: a part of that is taken off, as it is off the
        decoder's scores. All 0 where nothing was spelt.
        """
        count = len(self._cohort)
        if heard is None or self._spellings is None:
            return np.zeros(count + len(places), np.float32)
        behind = self._spellings.behind(heard, [*range(count), *(count + place for place in places)])
        if count:
            behind -= np.float32(LEVEL_OFF * (level_of(behind[:count]) - _USUAL_LEVEL))
        return behind

    def _amid(
        self, heard: Array | None, places: Sequence[int], likely: Sequence[int]
    ) -> tuple[tuple[float, ...], tuple[Span, ...]]:
        """How much likelier each phrase gets among other words, and where it would lie; empty where nothing was spelt.

        0, and the whole sound, for those that were not decoded and cannot be it.
        """
        if heard is None or self._spellings is None:
            return (), ()
        own = [len(self._cohort) + place for place in places]
        decoded = [own[at] for at in likely]
        more, ends = np.zeros(len(places), np.float32), np.tile([0, len(heard)], (len(places), 1))
        more[likely] = self._spellings.beside(heard, decoded)
        ends[likely] = self._spellings.spans(heard, decoded)
        rows = zip(ends / _FRAMES, self._spellings.lengths[own], strict=True)
        return tuple(more.tolist()), tuple(Span(float(begin), float(end), int(units)) for (begin, end), units in rows)

    def moments(self, sound: Sound) -> Array:
        """What the encoder gives for a sound of up to 29 s, shape (frames of 20 ms, width), for a speller to learn."""
        encoded = self._encoded_evenly(sound, max(WINDOW, len(sound) / RATE + LEAD + _BEHIND))
        return np.asarray(np.array(encoded)[0][_frames_of(sound)], np.float32)

    def _encoded_evenly(self, sound: Sound, seconds: float = WINDOW) -> "ctranslate2.StorageView":
        even = _even(sound)
        try:
            return self._encoded(even, seconds)
        finally:
            even[:] = 0

    def _encoded(self, sound: Sound, seconds: float = WINDOW) -> "ctranslate2.StorageView":
        features = log_mel(sound, 2 * round(seconds * _FRAMES))
        try:
            return self._network.encode(ctranslate2.StorageView.from_array(features[None]), to_cpu=True)
        finally:
            features[:] = 0

    def _free(self, encoded: "ctranslate2.StorageView") -> float:
        """The mean log-probability of the likeliest text, found greedily; the text is dropped here."""
        best = self._network.generate(
            encoded,
            [self._prompt],
            beam_size=1,
            max_length=len(self._prompt) + _FREE_TOKENS,
            return_scores=True,
        )
        return float(best[0].scores[0])

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        said = normal(self._transcript(sound))
        likeness = [SequenceMatcher(None, said, self._texts[place]).ratio() for place in places]
        best = int(np.argmax(likeness))
        return places[best], likeness[best]

    def _transcript(self, sound: Sound) -> str:
        features = log_mel(sound, 3000)
        best = self._network.generate(
            ctranslate2.StorageView.from_array(features[None]), [self._prompt], beam_size=1, max_length=100
        )
        return str(self._tokenizer.decode(best[0].sequences_ids[0]))

    def _special(self, name: str) -> int:
        token = self._tokenizer.token_to_id(f"<|{name}|>")
        if token is None:
            raise PhraseError(f'Whisper has no language "{name}"; choose another language or recogniser.')
        return int(token)

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)


def _frames_of(sound: Sound) -> slice:
    """Where the encoder's frames of a sound are behind the silence in front of it."""
    start = round(LEAD * _FRAMES)
    return slice(start, start + len(sound) * _FRAMES // RATE)


def _even(sound: Sound) -> Array:
    """The sound at one peak level, behind a stretch of silence."""
    peak = float(np.abs(sound).max(initial=0.0))
    lead = round(LEAD * RATE)
    even = np.zeros(lead + len(sound), np.float32)
    np.multiply(sound, np.float32(_PEAK / peak if peak else 1.0), out=even[lead:])
    return even
