"""Norms and thresholds: from a file, and without one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from companion.bench import calibrate
from companion.bench.hearing import bench_phrases
from companion.core.command import Command, Name
from companion.core.errors import ModelError
from companion.hearing.calibration import (
    Calibration,
    calibration_file,
    is_calibrated,
    load_calibration,
    own_calibration,
)
from companion.hearing.recogniser import Scores
from companion.hearing.speller import is_taught
from companion.hearing.verdict import Candidate, Decision, Norm, Thresholds, judge
from companion.language.phrases import LANGUAGES, normal

NORMS = {
    "pauze": Norm(-3.0, 1.0),
    "harder": Norm(-4.0, 1.2),
    "volgende fase": Norm(-5.0, 0.7),
    "ga verder": Norm(-4.5, 0.6),
}
KNOWN = Calibration(NORMS, Norm(-1.0, 9.0), Thresholds(3.0, -1.0, 0.5))


@pytest.mark.parametrize(
    ("phrase", "norm"),
    [
        pytest.param("Pauze", Norm(-3.0, 1.0), id="measured"),
        pytest.param("Volgende, fase!", Norm(-5.0, 0.7), id="measured, written otherwise"),
        pytest.param("stil", Norm(-3.0, 1.2), id="as the easiest of one word"),
        pytest.param("wees stil", Norm(-4.5, 0.7), id="as the easiest of two words"),
        pytest.param("wat is onze taak", Norm(-3.0, 1.2), id="as the easiest of all"),
    ],
)
def test_a_phrase_without_a_norm_gets_a_cautious_one(phrase: str, norm: Norm) -> None:
    assert KNOWN.norm(phrase) == norm


def test_a_phrase_with_the_name_gets_the_norm_of_the_bare_one() -> None:
    assert KNOWN.norm("tafel, ga verder", "ga verder") == NORMS["ga verder"]
    assert KNOWN.norm("tafel, wees stil", "wees stil") == Norm(-4.5, 0.7)


def test_what_is_unlike_all_phrases_raises_none_of_them_without_bounds() -> None:
    """A cough lies under all the cohort: taking its level off as it is would lift every phrase."""
    known = Calibration({}, Norm(-4.0, 0.5), KNOWN.thresholds, cohort={"a": -5.0, "b": -5.0}, weight=0.6)
    speech, cough, worse = (known.level(Scores((), None, (-5.0 - by,) * 2)) for by in (1.0, 3.0, 30.0))
    assert speech == pytest.approx(-0.6)
    assert cough == worse == pytest.approx(-0.9)


def test_without_any_norm_the_default_counts() -> None:
    assert Calibration({}, Norm(-4.0, 0.8), KNOWN.thresholds).norm("pauze") == Norm(-4.0, 0.8)


def test_a_file_is_read(tmp_path: Path) -> None:
    thresholds = {"z": 3.1, "ratio": -1.5, "margin": 0.2, "moving": 0.9}
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"of": "ratio", "thresholds": thresholds, "phrases": {"Pauze": [-3, 1]}}))
    loaded = load_calibration("whisper-base", "nl", file)
    assert (loaded.thresholds, loaded.norms, loaded.relative) == (
        Thresholds(3.1, -1.5, 0.2, moving=0.9),
        {"pauze": Norm(-3.0, 1.0)},
        True,
    )


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        '{"of": "score", "thresholds": {"z": 3, "ratio": -1, "margin": 0}, "phrases": {"pauze": [-3, 0]}}',
        '{"of": "score", "thresholds": {"z": 3, "ratio": -1, "margin": 0}, "phrases": {"pauze": -3}}',
        '{"of": "score", "thresholds": {"zet": 3}, "phrases": {}}',
    ],
)
def test_a_mistake_in_a_file_is_told(content: str, tmp_path: Path) -> None:
    file = tmp_path / "whisper-base.nl.json"
    file.write_text(content)
    with pytest.raises(ModelError, match=r"whisper-base\.nl\.json is no calibration; make it again"):
        load_calibration("whisper-base", "nl", file)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    """A guess in its place would be measured as if it were the calibration."""
    with pytest.raises(ModelError, match=r"mine\.json: there is no such calibration; make it"):
        load_calibration("whisper-base", "nl", tmp_path / "mine.json")


@pytest.mark.parametrize("model", ["whisper-base", "vosk-ko"])
def test_a_model_without_a_file_gets_a_guess(model: str) -> None:
    guess = load_calibration(model, "xx")
    assert guess.norms == {}
    assert guess.relative == model.startswith("vosk")


def test_the_calibrations_that_come_along_are_whole() -> None:
    for language in LANGUAGES:
        calibration = load_calibration("whisper-base", language)
        assert {normal(phrase.text) for phrase in bench_phrases(language, None)} <= calibration.norms.keys()
        assert all(-15 < norm.mean < 0 and 0.1 < norm.spread < 4 for norm in calibration.norms.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_that_come_along_are_those_that_calibrating_writes(language: str) -> None:
    shipped = load_calibration("whisper-base", language)
    rules, _ = calibrate._rules(shipped, is_taught("whisper-base", language))
    assert replace(shipped.thresholds, z=0.0) == rules


def test_one_that_was_made_here_lies_beside_the_model_and_comes_before_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = json.loads(calibration_file("whisper-base", "nl").read_text(encoding="utf-8"))
    monkeypatch.setenv("COMPANION_MODELS", str(tmp_path))
    assert is_calibrated("whisper-base", "nl")
    assert not is_calibrated("vosk-nl", "nl")
    own = own_calibration("vosk-nl", "nl")
    assert own.parent == tmp_path
    own.write_text(json.dumps(shipped | {"model": "vosk-nl", "of": "ratio"}), encoding="utf-8")
    assert is_calibrated("vosk-nl", "nl")
    assert load_calibration("vosk-nl", "nl").relative


@pytest.mark.parametrize("command", list(Name))
def test_with_vosk_every_command_can_be_heard_whatever_a_mistake_costs(command: Name) -> None:
    """A ratio of 0, as good as the best free text, is the most that can be expected."""
    guess = load_calibration("vosk-nl", "nl")
    candidates = [Candidate(Command(command)), Candidate(None)]
    norms = [guess.default] * 2
    verdict = judge(candidates, [0.0, -1.0], norms, 0.0, frozenset(), guess.thresholds, guess.default.spread)
    assert verdict.decision is Decision.ACCEPT
