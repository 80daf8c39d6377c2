"""Norms of phrases that were never measured, from those that were."""

from collections.abc import Sequence

import numpy as np
import pytest

from companion.bench.calibrate import _fit
from companion.core.command import Command, Name
from companion.hearing.calibration import Calibration, Fit
from companion.hearing.mel import Sound
from companion.hearing.norms import norms_of
from companion.hearing.recogniser import Scores
from companion.hearing.spoken import spoken_forms
from companion.hearing.verdict import Norm, Thresholds
from companion.language.phrases import Phrase

TEXTS = tuple(f"zin nummer {number}" for number in range(1, 13))
PHRASES = tuple(Phrase(text, Command(Name.READ_RULE, place), True) for place, text in enumerate(TEXTS))
SPREADS = [0.4 + 0.05 * place for place in range(len(TEXTS))]
MEASURED = {text: Norm(-4.0 - place, 0.4 + 0.05 * place) for place, text in enumerate(TEXTS)}


class Silent:
    """A recogniser for which a phrase scores on silence what it scores on speech, less one."""

    model = "silent"

    def __init__(self, knows: bool = True) -> None:
        self._knows = knows
        self.asked: list[int] = []

    def prepare(self, phrases: Sequence[str], cohort: Sequence[str] = (), decoys: Sequence[str] = ()) -> None: ...

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        return ()

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:
        self.asked = list(places)
        return tuple(-5.0 - place for place in places) if self._knows else ()

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        raise AssertionError("nothing is heard yet")

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        raise AssertionError("nothing is heard yet")


SPOKEN = spoken_forms(PHRASES, None)
USUAL = Fit(1.0, 1.0, 0.7)


def calibration(*without: str, fit: Fit | None = USUAL) -> Calibration:
    norms = {text: norm for text, norm in MEASURED.items() if text not in without}
    return Calibration(norms, Norm(-1.0, 9.0), Thresholds(z=3.0, ratio=-2.0, margin=0.1), unmeasured=fit)


def test_measured_norms_stay_and_silence_is_not_asked_for() -> None:
    recogniser = Silent()
    assert norms_of(SPOKEN, recogniser, calibration()) == list(MEASURED.values())
    assert recogniser.asked == []


def test_a_phrase_that_was_never_measured_gets_what_silence_tells_and_no_other_is_asked_for() -> None:
    recogniser = Silent()
    assert norms_of(SPOKEN, recogniser, calibration(TEXTS[3]))[3] == Norm(MEASURED[TEXTS[3]].mean, 0.7)
    assert recogniser.asked == [3]


def test_with_the_name_before_it_a_phrase_has_the_norm_of_the_bare_one() -> None:
    found = norms_of(spoken_forms(PHRASES, "tafel"), Silent(), calibration(TEXTS[3]))
    assert found[: len(TEXTS)] == found[len(TEXTS) :]


@pytest.mark.parametrize(
    ("recogniser", "fit"),
    [(Silent(knows=False), USUAL), (Silent(), None)],
    ids=["a recogniser of ratios", "a calibration without a fit"],
)
def test_without_grounds_for_an_estimate_the_norm_is_cautious(recogniser: Silent, fit: Fit | None) -> None:
    known = calibration(TEXTS[3], fit=fit)
    found = norms_of(SPOKEN, recogniser, known)
    assert found[3] == known.norm(TEXTS[3])
    assert found[3].mean == max(norm.mean for norm in known.norms.values())


def test_a_calibration_fits_norms_to_silence_and_is_careful_with_spreads() -> None:
    fit = _fit(MEASURED, SPOKEN, Silent())
    assert fit == pytest.approx({"slope": 1.0, "offset": 1.0, "spread": np.percentile(SPREADS, 75)})


@pytest.mark.parametrize(
    ("recogniser", "measured"),
    [(Silent(knows=False), TEXTS), (Silent(), TEXTS[:3])],
    ids=["a recogniser of ratios", "three measured phrases"],
)
def test_too_little_to_fit_is_no_fit(recogniser: Silent, measured: tuple[str, ...]) -> None:
    assert _fit({text: MEASURED[text] for text in measured}, SPOKEN, recogniser) is None
