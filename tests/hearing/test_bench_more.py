"""What is made, compared, played back and drawn around the bench: on tones and short texts."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from companion.bench import full, peers, talk
from companion.bench.curve import NAMES, Bench, curves, recall_at, svg
from companion.bench.echo import activations, sentences, tail_s
from companion.bench.full import Material, rows
from companion.bench.hearing import Options, bench_phrases
from companion.bench.manifest import load_clips
from companion.bench.moments import STEP, attention_at
from companion.bench.samples import Sample, cohort_of, collect, origin, save
from companion.bench.sound import convolved
from companion.bench.speech import Conditions, stream
from companion.cli import main
from companion.core.errors import SoundFileError
from companion.hearing.calibration import Calibration, load_calibration
from companion.hearing.listener import Listener
from companion.hearing.mel import RATE
from companion.hearing.recogniser import Scores
from companion.hearing.verdict import Norm, Thresholds
from companion.language.phrases import LANGUAGES
from tests.hearing.test_bench import manifest
from tests.hearing.tones import CALIBRATION, PHRASES, ToneRecogniser, tone


def test_manual_pages_give_sentences_without_their_markup(tmp_path: Path) -> None:
    page = tmp_path / "a.1.gz"
    page.write_bytes(
        gzip.compress(b".TH LS 1\nToon de \\fBinhoud\\fP van een map. Sorteer op naam als dat kan.\n-x kort.\n")
    )
    assert talk.sentences([page]) == ["Toon de inhoud van een map.", "Sorteer op naam als dat kan."]
    with pytest.raises(SoundFileError, match="no sentence in the texts; name files of Dutch text with --text"):
        talk.sentences([])


def test_the_same_seed_makes_the_same_talk(tmp_path: Path) -> None:
    made = [list(talk.turns(2, seed)) for seed in (1, 1, 2)]
    assert all(np.array_equal(one, other) for one, other in zip(made[0], made[1], strict=True))
    assert not np.array_equal(made[0][0], made[2][0])
    hours = talk.write([(s, None) for s in talk.talk(["Dit is een zin."], ["pauze"], 1 / 3600, 1)], tmp_path, "talk")
    (clip,) = load_clips([str(tmp_path / "talk.jsonl")])
    assert clip.expect is None
    assert soundfile.info(clip.file).frames / RATE == pytest.approx(hours * 3600)


def test_pieces_stand_alone(tmp_path: Path) -> None:
    speech = manifest(tmp_path, (0, None, 3.0), (0, "nul een twee", 3.0))
    found = list(talk.pieces([speech], 5, 1))
    assert all(0.4 * RATE <= len(piece) <= 2.0 * RATE for piece in found)
    assert all(piece[0] == piece[-1] == 0 for piece in found)


class Parrot:
    """Hears a phrase whenever it is loud."""

    phrases = ("nul een twee",)

    def feed(self, block: NDArray[np.int16]) -> str | None:
        return self.phrases[0] if np.abs(block.astype(int)).max() > 1500 else None


def test_a_peer_is_counted_once_a_clip_and_only_on_what_it_knows(tmp_path: Path) -> None:
    speech = manifest(tmp_path, (0, "nul een twee", 0.9), (1, "een twee drie", 0.9), (2, None, 0.9))
    found = peers.measured(Parrot(), [speech], Conditions(), "all", None)
    assert (found["expected"], found["recall"], found["false_activations"]) == (1, 1.0, 1)


def test_a_peer_that_is_not_installed_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ImportError("No module named 'sphinx'")

    monkeypatch.setattr(peers, "peers", lambda _: {"sphinx": missing, "parrot": Parrot})
    parser = peers.argparse.ArgumentParser()
    peers.add_arguments(parser)
    speech = manifest(tmp_path, (0, "nul een twee", 0.9))
    assert peers.run(parser.parse_args(["--speech", speech, "--phrases", str(tmp_path / "phrases.txt")])) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sphinx"] == "left out: No module named 'sphinx'"
    assert found["parrot"]["recall"] == 1.0


def test_everything_that_it_may_say_is_a_sentence() -> None:
    said = sentences("nl")
    assert len(said) > 80
    assert not [text for text in said if "{" in text]


def test_the_tail_of_an_echo_is_measured() -> None:
    response = np.zeros(RATE, np.float32)
    response[0], response[RATE // 2] = 1.0, 0.5
    voice = tone(0, 0.8).astype(np.float32) / 32768.0
    wet = convolved(voice, response)
    assert tail_s(wet, len(voice)) == pytest.approx(0.5, abs=0.25)
    assert tail_s(np.concatenate([voice, np.zeros(RATE, np.float32)]), len(voice)) < 0.3


def test_what_it_says_is_only_heard_where_the_ears_are_open() -> None:
    voice = tone(0, 0.8).astype(np.float32) / 32768.0

    def heard(closed: int) -> int:
        return activations(
            Listener(PHRASES, ToneRecogniser(), CALIBRATION),
            voice,
            closed,
            attention_at(STEP, PHRASES, named_only=False),
        )

    assert (heard(len(voice)), heard(0)) == (0, 1)


def sample(score: float, expect: str | None = None, at_s: float = 3600.0, clip: int = 0) -> Sample:
    return Sample((0, 1), (score, -6.0), -1.0, (), 1.0, expect, "clean", at_s, clip)


def test_a_curve_counts_talk_by_the_hour_and_commands_by_the_clip(tmp_path: Path) -> None:
    (tmp_path / "phrases.txt").write_text("nul een twee\neen twee drie\n")
    plain = Calibration({}, Norm(-4.0, 1.0), Thresholds(z=3.0, ratio=-3.0, margin=0.0))
    bench = Bench("nl", plain, tmp_path / "phrases.txt")
    unheard = replace(sample(0.0, "nul een twee", clip=2), places=(), phrases=())
    commands = [sample(-1.0, "nul een twee", clip=0), sample(-3.0, "nul een twee", clip=1), unheard]
    talked = [sample(-2.0), sample(-5.0)]
    found = curves(bench, commands, talked, [*talked, sample(-1.5)])
    assert tuple(found) == NAMES
    assert recall_at(found["naive score"], 0.5) == pytest.approx(1 / 3)
    assert recall_at(found["+ stands alone"], 1.0) == pytest.approx(2 / 3)
    assert recall_at(found["+ context"], 0.5) == pytest.approx(1 / 3)
    ElementTree.fromstring(svg(found, "Title"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_curve_is_drawn_of_samples_that_are_written_now(language: str, tmp_path: Path) -> None:
    """Whatever phrases the language got since it was calibrated."""
    cohort = (-5.0,) * len(cohort_of(language))
    said = replace(sample(-1.0, bench_phrases(language, None)[0].text), cohort=cohort)
    of = origin("whisper-base", language, bench_phrases(language, None))
    save([said, replace(said, places=(), phrases=(), cohort=(), clip=1)], tmp_path / "said", of)
    save([replace(sample(-3.0), cohort=cohort)], tmp_path / "talk", of)
    talk, picture = str(tmp_path / "talk"), tmp_path / "curve.svg"
    drawn = ["bench", "curve", "--language", language, "--talk", talk, "--cut", talk, "--svg", str(picture)]
    assert main([*drawn, "--commands", str(tmp_path / "said")]) == 0
    assert set(json.loads(picture.with_suffix(".json").read_text())) == set(NAMES)
    save([said], tmp_path / "other", origin("vosk-nl", language, bench_phrases(language, None)))
    assert main([*drawn, "--commands", str(tmp_path / "other")]) == 2


def test_a_command_in_which_no_utterance_is_found_gives_a_sample_without_scores(tmp_path: Path) -> None:
    clips = load_clips([manifest(tmp_path, (0, "volgende fase", 0.9), (0, "volgende fase", 0.1))])
    found = [*collect(clips, Conditions(), PHRASES, ToneRecogniser(), "nl")]
    assert [(one.clip, len(one.phrases)) for one in found] == [(0, len(PHRASES)), (1, 0)]


def test_poor_microphones_are_made_as_told(tmp_path: Path) -> None:
    clips = load_clips([manifest(tmp_path, (0, "nul een twee", 1.0))])

    def made(conditions: Conditions) -> NDArray[np.float32]:
        return next(stream(clips, conditions)).sound[-RATE:]

    usual = made(Conditions())
    assert np.abs(made(Conditions(level=-46.0))).max() == pytest.approx(np.abs(usual).max() / 10, rel=0.1)
    assert (np.abs(made(Conditions(overdrive=40.0))) == 1.0).mean() > 0.3
    assert made(Conditions(offset=0.05)).mean() == pytest.approx(0.05, abs=0.005)
    assert Conditions(level=-40.0, overdrive=6.0).name == "-40 dB of full scale + overdriven by 6 dB"


def test_the_full_bench_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[Options] = []
    monkeypatch.setattr(full, "hearing_bench", lambda options: measured.append(options) or {"recall": 1.0})
    material = Material(tmp_path, "fillets", tmp_path / "talk")
    names = [row.name for row in rows(material)]
    assert len(set(names)) == len(names) > 20
    (tmp_path / "out.json").write_text(json.dumps({names[0]: {"recall": 0.9}}))
    found = full.full(material, tmp_path / "out.json")
    assert list(found) == names
    assert len(measured) == len(names) - 1
    assert json.loads((tmp_path / "out.json").read_text()) == found


def test_the_calibration_that_comes_along_has_a_cohort() -> None:
    calibration = load_calibration("whisper-base", "nl")
    assert len(calibration.cohort) >= 8
    heard = tuple(mean - 1.0 for mean in calibration.cohort.values())
    assert calibration.level(Scores((), 0.0, heard)) == pytest.approx(-calibration.weight)


def test_two_cores_may_share_the_full_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full, "hearing_bench", lambda options: {"recall": 1.0})
    found = full.full(Material(tmp_path, "fillets", tmp_path / "made"), tmp_path / "talk.json", "talk")
    assert list(found) == [
        "synthetic talk",
        "pieces of talk by people",
        "synthetic talk, kitchen 10 dB",
        "synthetic talk, a room",
    ]
