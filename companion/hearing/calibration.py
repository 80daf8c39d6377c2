"""What ordinary speech scores, by phrase: made by `companion bench calibrate`, never learnt from the room.

One JSON file a model and language, in `calibration/` or beside the model: `phrases` maps a phrase to its mean and
spread, `thresholds` holds the fields of `Thresholds`, `of` says whether scores or likelihood ratios were measured,
`cohort` maps the phrases that every sound is compared with to their means, `weight` says how much they count,
`unmeasured` holds the fields of `Fit`.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from statistics import median
from typing import Any

from companion.core.errors import ModelError
from companion.hearing.models import models_folder
from companion.hearing.recogniser import Scores
from companion.hearing.verdict import Norm, Thresholds
from companion.language.phrases import normal

_LOWEST = -1.5
"""The lowest level that counts: ordinary speech and commands lie over it in 99 of 100 cases, in noise and rooms too.
What lies under it is no speech, and must not pass because all phrases are so unlike it."""


@dataclass(frozen=True)
class Fit:
    """From the score on silence to the norm of a phrase that was never measured."""

    slope: float
    offset: float
    spread: float

    def norm(self, unheard: float) -> Norm:
        return Norm(self.slope * unheard + self.offset, self.spread)


@dataclass(frozen=True)
class Calibration:
    """Norms of phrases and the thresholds that belong to them."""

    norms: Mapping[str, Norm]
    default: Norm
    thresholds: Thresholds
    relative: bool = False
    """Norms are of the likelihood ratio, not of the score: an absolute score of Vosk follows the microphone."""
    cohort: Mapping[str, float] = field(default_factory=dict)
    """Phrases that every sound is compared with, and the mean of each over ordinary speech."""
    weight: float = 0.0
    """How much of the cohort's level is taken off every score."""
    unmeasured: Fit | None = None
    """For phrases without a norm; None where silence tells nothing of them."""

    def level(self, scores: Scores) -> float:
        """What is to be taken off all of these scores: that of the best free text, or what the cohort tells.

        A room or a noise raises or lowers all phrases alike; the phrase that was said stands out all the same,
        and one among many moves the median little ("test normalisation": Auckenthaler, Carey and
        Lloyd-Thomas, Score normalization for text-independent speaker verification systems, 2000).
        """
        if self.relative:
            return scores.free or 0.0
        if not self.cohort:
            return 0.0
        over = [score - mean for score, mean in zip(scores.cohort, self.cohort.values(), strict=True)]
        return self.weight * max(median(over), _LOWEST)

    def measured(self, phrase: str, bare: str | None = None) -> Norm | None:
        """The norm of this phrase; None of one that was never measured.

        A phrase with the device's name is seldom measured: the name is nearly never said. It gets the norm of
        the `bare` phrase, which ordinary speech reaches more easily.
        """
        return self.norms.get(normal(phrase)) or self.norms.get(normal(bare or phrase))

    def norm(self, phrase: str, bare: str | None = None) -> Norm:
        """The norm of this phrase; of one that was never measured, a cautious one.

        Cautious: the highest mean of the measured phrases of as many words (of all, where there is none) and
        their widest spread, so that an unmeasured phrase never passes more easily than those.
        """
        known = self.measured(phrase, bare)
        if known is not None:
            return known
        length = len(normal(bare or phrase).split())
        alike = [norm for text, norm in self.norms.items() if len(text.split()) == length]
        alike = alike or list(self.norms.values()) or [self.default]
        return Norm(max(norm.mean for norm in alike), max(norm.spread for norm in alike))


_WITHOUT_DATA = {
    # Whisper: what 27 Dutch phrases scored over 0.9 h of ordinary Dutch, rounded to the cautious side.
    "whisper": Calibration({}, Norm(-4.0, 0.8), Thresholds(z=4.3, ratio=-3.0, margin=0.3)),
    # Vosk: ratios of loan words with the Korean model; ordinary speech stays under -0.2 a frame. No phrase explains a
    # sound much better than the best free text does: what needs a ratio over 0 would never be heard.
    "vosk": Calibration({}, Norm(-0.5, 0.15), Thresholds(z=2.4, ratio=-0.15, margin=0.1, deaf=0.6), relative=True),
}


def own_calibration(model: str, language: str) -> Path:
    """Where one that was made on this machine belongs: beside the model. It comes before the one that is shipped."""
    return models_folder() / f"{model}.{language}.json"


def calibration_file(model: str, language: str) -> Traversable:
    """Where the calibration of this model and language lies, if it was made."""
    own = own_calibration(model, language)
    return own if own.is_file() else files("companion.hearing") / "calibration" / f"{model}.{language}.json"


def is_calibrated(model: str, language: str) -> bool:
    return calibration_file(model, language).is_file()


def load_calibration(model: str, language: str, file: Path | None = None) -> Calibration:
    """The calibration of this model and language, or from a file; without one, a cautious guess.

    Raises ModelError when the file is not there, or holds a mistake.
    """
    if file is not None and not file.is_file():
        raise ModelError(f"{file}: there is no such calibration; make it (companion bench calibrate), or leave it out.")
    guess = _WITHOUT_DATA["vosk" if model.startswith("vosk") else "whisper"]
    source = file or calibration_file(model, language)
    if not source.is_file():
        return guess
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
        found, of = _read(data, guess), (data.get("model", model), data.get("language", language))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{source.name} is no calibration; make it again: companion bench calibrate.") from error
    if of != (model, language):
        is_of = " in ".join(of)
        raise ModelError(f"{source.name} is a calibration of {is_of}, not of {model} in {language}; name that one.")
    return found


def _read(data: Mapping[str, Any], guess: Calibration) -> Calibration:
    norms = {normal(text): Norm(_finite(mean), _finite(spread)) for text, (mean, spread) in data["phrases"].items()}
    if any(norm.spread <= 0 for norm in norms.values()):
        raise ValueError("a spread must be positive")
    cohort = {str(text): _finite(mean) for text, mean in data.get("cohort", {}).items()}
    weight = _finite(data.get("weight", 0.0))
    unmeasured = Fit(**_all_finite(data["unmeasured"])) if data.get("unmeasured") else None
    thresholds = Thresholds(**_all_finite(data["thresholds"]))
    return Calibration(norms, guess.default, thresholds, data["of"] == "ratio", cohort, weight, unmeasured)


def _all_finite(numbers: Mapping[str, Any]) -> dict[str, float]:
    return {name: _finite(value) for name, value in numbers.items()}


def _finite(value: Any) -> float:
    """JSON as Python reads it has NaN, and with that nothing is ever heard."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number")
    return number
