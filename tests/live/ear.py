"""A listener of its own for tests: what a recording of the device's loudspeaker says, by Whisper."""

import ctranslate2
import numpy as np
import soxr
from numpy.typing import NDArray
from tokenizers import Tokenizer

from companion.hearing.mel import log_mel
from companion.hearing.models import find

RATE, WINDOW = 16_000, 30
PROMPT = ("<|startoftranscript|>", "<|{}|>", "<|transcribe|>", "<|notimestamps|>")


def transcript(samples: NDArray[np.int16], rate: int, language: str = "nl") -> str:
    """The words of the recording, lower case; 30 s at a time."""
    folder = find("whisper-base")
    network = ctranslate2.models.Whisper(str(folder), compute_type="int8", intra_threads=2)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    sound = soxr.resample(samples.astype(np.float32) / 32768, rate, RATE)
    words = []
    for start in range(0, len(sound), RATE * WINDOW):
        features = log_mel(sound[start : start + RATE * WINDOW], WINDOW * 100)
        prompt = [tokenizer.token_to_id(name.format(language)) for name in PROMPT]
        best = network.generate(ctranslate2.StorageView.from_array(features[None]), [prompt], beam_size=1)
        words.append(str(tokenizer.decode(best[0].sequences_ids[0])))
    return " ".join(words).lower()
