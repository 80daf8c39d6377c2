"""What a bench is given that cannot be measured with: one sentence that names it, before anything is measured."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.bench import calibrate as calibrate_module
from companion.bench import hearing as bench
from companion.bench import samples as samples_module
from companion.bench.manifest import load_clips
from companion.bench.sound import read_sound, speech_end
from companion.cli import main
from companion.hearing.calibration import calibration_file
from companion.hearing.mel import RATE
from tests.hearing.tones import ToneRecogniser, tone


@pytest.fixture(autouse=True)
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Good ones and bad ones of everything, in the folder in which the command line is."""
    monkeypatch.chdir(tmp_path)
    for module in (bench, samples_module, calibrate_module):
        monkeypatch.setattr(module, "open_recogniser", lambda *_, **__: ToneRecogniser())
    write = {
        "good.wav": tone(0, 0.9) / np.float32(32768),
        "zeros.wav": np.zeros(RATE, np.float32),
        "none.wav": np.zeros(0, np.float32),
    }
    for name, sound in write.items():
        soundfile.write(name, sound, RATE, subtype="FLOAT")
    soundfile.write("nan.wav", np.full(RATE, np.nan, np.float32), RATE, subtype="FLOAT")
    soundfile.write("inf.wav", np.full(RATE, np.inf, np.float32), RATE, subtype="FLOAT")
    Path("broken.wav").write_bytes(b"RIFF")
    Path("folder").mkdir()
    Path("folder/broken.wav").write_bytes(b"RIFF")
    Path("phrases.txt").write_text("nul een twee\n\ntwee drie vier\n")
    Path("twice.txt").write_text("nul een twee\n\nNul, een twee!\n")
    Path("long.txt").write_text("ja " * 600)
    Path("marks.txt").write_text("nul een twee\n?!\n")
    Path("empty.txt").write_text("\n \n")
    Path("latin.txt").write_bytes("één\n".encode("latin-1"))
    Path("good.jsonl").write_text('{"file": "good.wav", "expect": "nul een twee"}\n')
    for name in ("broken", "none", "nan", "inf", "x" * 300):
        Path(f"{name[:9]}.jsonl").write_text(
            f'{{"file": "good.wav", "expect": null}}\n\n{{"file": "{name}.wav", "expect": null}}\n'
        )
    Path("half.jsonl").write_text('{"file": "good.wav", "expect": null, "voice": "\\ud800"}\n')
    Path("deep.jsonl").write_text("[" * 100_000)
    thresholds = '"of": "score", "thresholds": {"z": 4.0, "ratio": -1.0, "margin": 1.0}'
    Path("list.json").write_text(f'{{"phrases": [], {thresholds}}}')
    Path("vosk.json").write_text(f'{{"model": "vosk-ko", "language": "nl", "phrases": {{}}, {thresholds}}}')
    Path("not.gz").write_text("Dit is geen gz.")
    Path("other.json").write_text('{"a": 1}\n')
    Path("half.json").write_text('{"Dutch comma')
    Path("voiced.jsonl").write_text('{"file": "good.wav", "expect": null, "voice": "one"}\n')


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a mistake: the last line, without the usage before it. Everything else fails."""
    try:
        status = main(["bench", *arguments])
    except SystemExit as left:
        status = int(str(left.code))
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    return printed.err.strip().rpartition("\n")[2]


HEARING = ("hearing", "--phrases", "phrases.txt", "--speech")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((*HEARING, "broken.jsonl"), "broken.jsonl, line 3: broken.wav cannot be read as sound"),
        ((*HEARING, "none.jsonl"), "none.jsonl, line 3: none.wav holds no sound; take it out."),
        ((*HEARING, "nan.jsonl"), "nan.jsonl, line 3: nan.wav holds samples that are no numbers"),
        ((*HEARING, "inf.jsonl"), "inf.jsonl, line 3: inf.wav holds samples that are no numbers"),
        ((*HEARING, "xxxxxxxxx.jsonl"), "xxxxxxxxx.jsonl, line 3: there is no file xxx"),
        ((*HEARING, "latin.txt"), "latin.txt is no text in UTF-8"),
        ((*HEARING, "folder"), "folder/broken.wav cannot be read as sound"),
        ((*HEARING, "voiced.jsonl", "--part", "test"), 'voiced.jsonl: no clip is in the part "test"; choose'),
        ((*HEARING, "good.jsonl", "--noise", "zeros.wav"), "zeros.wav holds only silence"),
        ((*HEARING, "good.jsonl", "--room", "zeros.wav"), "zeros.wav holds only silence"),
        ((*HEARING, "good.jsonl", "--room", "nan.wav"), "nan.wav holds samples that are no numbers"),
        ((*HEARING, "good.jsonl", "--noise", "nowhere.wav"), "nowhere.wav cannot be read as sound"),
        ((*HEARING, "good.jsonl", "--level", "nan"), "argument --level: 'nan' is no number; give one like 10"),
        ((*HEARING, "good.jsonl", "--snr", "inf"), "argument --snr: 'inf' is no number"),
        ((*HEARING, "good.jsonl", "--offset", "links"), "argument --offset: 'links' is no number"),
        ((*HEARING, "good.jsonl", "--limit", "0"), "argument --limit: '0' is no count; give 1 or more"),
        ((*HEARING, "good.jsonl", "--limit=-1"), "argument --limit: '-1' is no count"),
        ((*HEARING, "good.jsonl", "--limit", "1.5"), "argument --limit: '1.5' is no count"),
        ((*HEARING, "good.jsonl", "--trace", "nowhere/t"), "argument --trace: there is no folder nowhere; make it"),
        ((*HEARING, "good.jsonl", "--trace", "folder"), "argument --trace: folder cannot be written"),
        ((*HEARING, "good.jsonl", "--calibration", "other.json"), "other.json is no calibration; make it again"),
        (("hearing", "--phrases", "nowhere", "--speech", "good.jsonl"), "nowhere cannot be read (No such file"),
        (("hearing", "--phrases", "folder", "--speech", "good.jsonl"), "folder cannot be read (Is a directory)"),
        (("hearing", "--phrases", "latin.txt", "--speech", "good.jsonl"), "latin.txt is no text in UTF-8"),
        (("hearing", "--phrases", "empty.txt", "--speech", "good.jsonl"), "empty.txt holds no phrase"),
        (("hearing", "--phrases", "twice.txt", "--speech", "good.jsonl"), "twice.txt, line 3:"),
        (("hearing", "--phrases", "long.txt", "--speech", "good.jsonl"), "give at most 80 letters."),
        (("hearing", "--phrases", "marks.txt", "--speech", "good.jsonl"), '"?!" holds nothing that can be said'),
        (("cost", "--speech", "broken.jsonl"), "broken.jsonl, line 3: broken.wav cannot be read as sound"),
        (("samples", "--speech", "good.jsonl", "--out", "nowhere/s"), "argument --out: there is no folder nowhere"),
        (("calibrate", "--speech", "good.jsonl", "--out", "nowhere/c"), "argument --out: there is no folder nowhere"),
        (("calibrate", "--samples", "other.json", "--out", "c"), "other.json, line 1: is no sample"),
        (("calibrate", "--samples", "empty.txt", "--out", "c"), "Only 0 utterances stood alone"),
        (("calibrate", "--out", "c"), "Give --speech, or --samples"),
        (("curve", "--commands", "no", "--talk", "no", "--cut", "no", "--svg", "p.svg"), "no cannot be read (No such"),
        (("full", "--speech", ".", "--made", ".", "--out", "half.json"), "half.json holds no results of this bench"),
        (("calibrate", "--speech", "voiced.jsonl", "--room", "no.wav", "--out", "c"), "no.wav cannot be read as sound"),
        (("echo", "--room", "zeros.wav", "--limit", "1"), "zeros.wav holds only silence"),
        ((*HEARING, "good.jsonl", "--level", "1e5"), "argument --level: '1e5' is too far; give -200 to 200 dB"),
        ((*HEARING, "half.jsonl", "--part", "norms"), 'half.jsonl: no clip is in the part "norms"'),
        ((*HEARING, "deep.jsonl"), 'deep.jsonl, line 1: needs "file" and "expect" as JSON.'),
        ((*HEARING, "good.jsonl", "--calibration", "list.json"), "list.json is no calibration"),
        ((*HEARING, "good.jsonl", "--calibration", "vosk.json"), "vosk.json is a calibration of vosk-ko in nl, not of"),
        (("talk", "--out", "made"), "Say what to make: --hours, --turns, --pieces or --say."),
        (("talk", "--out", "made", "--turns", "1", "--seed=-1"), "argument --seed: '-1' is no count; give 0 or more"),
        (("talk", "--out", "made", "--say", "empty.txt"), "empty.txt holds no line"),
        (("talk", "--out", "made", "--hours", "1", "--text", "not.gz"), "not.gz is not gzipped as its name says"),
        (("full", "--speech", ".", "--made", ".", "--out", "o", "--only", "dutch"), 'No row has "dutch" in its name'),
        (("peers", "--speech", "good.jsonl", "--phrases", "empty.txt"), "empty.txt holds no phrase"),
        (("talk", "--out", "made", "--say", "nowhere"), "nowhere cannot be read (No such file"),
        (("talk", "--out", "made", "--turns", "many"), "argument --turns: 'many' is no count; give 0 or more"),
        (("mixtures", "--speech", "nowhere", "--talk", ".", "--out", "made"), "There is no speech in nowhere"),
        (("kokoro", "--voices", "nowhere", "--say", "phrases.txt", "--out", "made"), "nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_with_is_told(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in told(capsys, *arguments)


def test_a_byte_order_mark_and_strange_ends_of_lines_are_no_mistake() -> None:
    row = json.dumps({"file": "good.wav", "expect": None, "said": "a\u2028b"}, ensure_ascii=False)
    Path("odd.jsonl").write_text(f"\ufeff{row}\r\n{row}\n", encoding="utf-8")
    assert [clip.where for clip in load_clips(["odd.jsonl"])] == ["odd.jsonl, line 1", "odd.jsonl, line 2"]


def test_several_channels_are_mixed_as_a_microphones_are() -> None:
    left, right = tone(0, 0.5) / np.float32(32768), np.zeros(RATE // 2, np.float32)
    soundfile.write("stereo.wav", np.stack([right, left], axis=1), RATE, subtype="FLOAT")
    assert np.allclose(read_sound(Path("stereo.wav")), left / 2, atol=1e-4)


@pytest.mark.parametrize("offset", [0.0, 0.02, -0.2])
def test_direct_current_in_a_recording_is_taken_off(offset: float) -> None:
    soundfile.write("dc.wav", tone(0, 0.9) / 32768 + offset, RATE, subtype="FLOAT")
    assert np.allclose(read_sound(Path("dc.wav")), read_sound(Path("good.wav")), atol=1e-4)


def test_stand_ins_are_said_with_the_name_before_them_where_that_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("lamp.txt").write_text("table lamp\nnul een twee\n")
    Path("lamp.jsonl").write_text('{"file": "good.wav", "expect": "table lamp"}\n')
    said = ["bench", "hearing", "--language", "en", "--speech", "lamp.jsonl", "--phrases", "lamp.txt"]
    assert main(said) == 0, "a phrase may begin with what the device is called"
    assert json.loads(capsys.readouterr().out)["recognised"] == 1
    assert main([*said, "--mode", "named"]) == 0
    assert json.loads(capsys.readouterr().out)["recognised"] == 0, "the name was not said"


@pytest.mark.parametrize("hiss_db", [-80.0, -45.0, -30.0])
def test_speech_ends_where_it_ends_and_not_with_the_recordings_own_noise(hiss_db: float) -> None:
    hiss = np.random.default_rng(3).normal(0, 10 ** (hiss_db / 20), 3 * RATE).astype(np.float32)
    hiss[RATE : 2 * RATE] += tone(0, 1.0) / np.float32(32768)
    assert speech_end(hiss) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made["thresholds"].update(z=float("nan")),
        lambda made: made["phrases"].update(pauze=[float("nan"), 1.0]),
        lambda made: made["phrases"].update(pauze=[-4.0, 0.0]),
        lambda made: made.update(weight=float("inf")),
    ],
)
def test_a_calibration_that_would_hear_nothing_is_none(
    spoil: Callable[[dict[str, dict[str, object]]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    made = json.loads(calibration_file("whisper-base", "nl").read_text(encoding="utf-8"))
    spoil(made)
    Path("spoilt.json").write_text(json.dumps(made))
    assert "spoilt.json is no calibration" in told(capsys, *HEARING, "good.jsonl", "--calibration", "spoilt.json")


def test_what_is_good_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *HEARING, "good.jsonl", "--trace", "t"]) == 0
    assert json.loads(capsys.readouterr().out)["expected"] == 1
    assert json.loads(Path("t").read_text())["verdict"] == "accept"
