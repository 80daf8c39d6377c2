"""The norm of every phrase, also of one that was never measured: the name of a group's own method or list.

How likely a phrase's words are before anything is heard tells nearly all of what it scores on ordinary speech: its
score on silence. `companion bench calibrate` fits the one to the other and writes the fit into the calibration.
"""

from collections.abc import Sequence

from companion.hearing.calibration import Calibration
from companion.hearing.recogniser import Recogniser
from companion.hearing.spoken import Spoken
from companion.hearing.verdict import Norm


def norms_of(spoken: Sequence[Spoken], recogniser: Recogniser, calibration: Calibration) -> list[Norm]:
    """One for each phrase: measured, estimated where the calibration can, or else cautious.

    `recogniser` is prepared for the `spoken` phrases. An estimate takes it as long as scoring that phrase.
    """
    missing = [
        place for place, one in enumerate(spoken) if not one.candidate.named and calibration.measured(one.text) is None
    ]
    fit = calibration.unmeasured
    unheard = recogniser.unheard(missing) if missing and fit is not None else ()
    if fit is None or not unheard:
        return [calibration.norm(one.text, one.bare) for one in spoken]
    estimates = {spoken[place].text: fit.norm(score) for place, score in zip(missing, unheard, strict=True)}
    return [calibration.measured(one.text, one.bare) or estimates[one.bare] for one in spoken]
