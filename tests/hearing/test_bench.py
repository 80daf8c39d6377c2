"""The bench and the calibration: what they count, on a language of tones."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.bench import calibrate as calibrate_module
from companion.bench import hearing as bench
from companion.bench.calibrate import ALONE, LEAST_SCORES, Plan, calibrate, highest_z, norms_of, supplemented
from companion.bench.hearing import Options, bare, hearing_bench
from companion.bench.manifest import Clip, load_clips, part_of
from companion.bench.moments import attention_at, moment_of
from companion.bench.samples import Sample, cohort_of, load, save
from companion.bench.sound import active_rms, read_sound
from companion.bench.speech import GAP, Conditions, stream
from companion.bench.tally import Tally, lower_bound, upper_bound
from companion.cli import main
from companion.core.command import Command, Name
from companion.core.errors import CompanionError, PhraseError, SoundFileError
from companion.hearing.calibration import Calibration, is_calibrated, load_calibration
from companion.hearing.listener import Heard
from companion.hearing.mel import RATE
from companion.hearing.spoken import spoken_forms
from companion.hearing.verdict import Norm, Thresholds
from tests.hearing.tones import BACKGROUND, PHRASES, ToneRecogniser, hush, tone

PLAIN = Calibration({}, Norm(-4.0, 0.5), Thresholds(z=9.0, ratio=-3.0, margin=0.0))
LINES = "nul een twee\neen twee drie\ntwee drie vier\n"


@pytest.fixture(autouse=True)
def tones(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bench, calibrate_module):
        monkeypatch.setattr(module, "open_recogniser", lambda *_, **__: ToneRecogniser())


def manifest(folder: Path, *clips: tuple[int, str | None, float]) -> str:
    """Clips of (phrase that is said, phrase that is expected, seconds)."""
    rows = []
    for number, (said, expect, seconds) in enumerate(clips):
        soundfile.write(folder / f"{number}.wav", np.concatenate([hush(0.1), tone(said, seconds), hush(0.2)]), RATE)
        rows.append(json.dumps({"file": f"{number}.wav", "expect": expect, "voice": f"v{number}"}))
    (folder / "manifest.jsonl").write_text("\n".join(rows))
    (folder / "phrases.txt").write_text(LINES)
    return str(folder / "manifest.jsonl")


def measured(folder: Path, *clips: tuple[int, str | None, float], naive: bool = False) -> dict[str, object]:
    return hearing_bench(Options((manifest(folder, *clips),), phrases=folder / "phrases.txt", naive=naive))


def test_each_outcome_is_counted(tmp_path: Path) -> None:
    said = (
        (0, "nul een twee", 0.9),
        (1, "nul een twee", 0.9),
        (2, "twee drie vier", 0.2),
        (2, None, 0.9),
        (1, None, 6.0),
    )
    result = measured(tmp_path, *said)
    counted = {key: result[key] for key in ("expected", "recognised", "confused", "false_activations", "recall")}
    assert counted == {"expected": 3, "recognised": 1, "confused": 1, "false_activations": 1, "recall": 0.3333}
    assert result["by_phrase"] == {"nul een twee": [1, 2], "twee drie vier": [0, 1]}
    assert result["false_by_command"] == {"help 3": 1}
    assert result["ignore_hours"] == pytest.approx(7.5 / 3600, abs=1e-4)
    assert result["false_steps_per_hour"] == 0.0


def test_only_the_first_answer_answers_and_the_others_are_false() -> None:
    tally, clip = Tally(), Clip(Path("a.wav"), "nul een twee", "v")
    said, other = Command(Name.HELP, 1), Command(Name.NEXT_STEP)
    tally.count(clip, said, 1.0, [(Heard(each, 1.0), 1.6) for each in (said, other, said)])
    found = tally.result()
    assert (found["recognised"], found["confused"], found["false_activations"]) == (1, 0, 2)
    assert found["false_by_command"] == {"next_step": 1, "help 1": 1}


def test_what_came_before_keeps_a_slow_core_from_answering() -> None:
    tally = Tally()
    assert [tally.computed(at, 0.5) for at in (1.0, 1.1, 5.0)] == [1.5, 2.0, 5.5]


def test_of_a_hundred_waits_the_median_and_the_fifth_longest_are_told() -> None:
    tally, said = Tally(), Command(Name.HELP, 1)
    for wait in range(101):
        tally.count(Clip(Path("a.wav"), "nul", "v"), said, 0.0, [(Heard(said, 1.0), float(wait))])
    assert tally.result()["latency_s"] == {"median": 50.0, "p95": 95.0}


def test_no_more_clips_than_there_are_can_set_something_off() -> None:
    tally = Tally()
    tally.count(Clip(Path("a.wav"), None, "v"), None, 0.0, [])
    assert tally.result()["false_in_100_ignored_clips_95"] == 100.0


def test_a_near_miss_is_not_said_again_by_the_next_speaker(tmp_path: Path) -> None:
    source = manifest(tmp_path, (0, "nul een twee", 0.9), (0, "nul een twee", 0.9))
    made = {"of": "score", "thresholds": {"z": 4.0, "ratio": -1.0, "margin": 1.0}}
    norms = {line: [-4.0, 0.5] for line in LINES.splitlines()}
    (tmp_path / "made.json").write_text(json.dumps(made | {"phrases": norms}))
    mumbled = Options((source,), phrases=tmp_path / "phrases.txt", conditions=Conditions(level=-40.0))
    asked = replace(mumbled, calibration=tmp_path / "made.json", trace=tmp_path / "trace")
    assert hearing_bench(asked)["recognised"] == 0
    assert [json.loads(line)["verdict"] for line in (tmp_path / "trace").read_text().splitlines()] == ["ask", "ask"]


def test_the_naive_use_takes_every_result_at_its_word(tmp_path: Path) -> None:
    result = measured(tmp_path, (0, "nul een twee", 0.9), (1, None, 6.0), naive=True)
    assert (result["recognised"], result["false_activations"]) == (1, 1)
    assert result["recogniser"] == "whisper (naive)"


def test_the_naive_use_is_counted_from_other_likenesses_on_too(tmp_path: Path) -> None:
    source = manifest(tmp_path, (0, "nul een twee", 0.9), (1, None, 0.9))
    mumbled = Conditions(level=-40.0)
    result = hearing_bench(Options((source,), phrases=tmp_path / "phrases.txt", conditions=mumbled, naive=True))
    assert (result["recognised"], result["false_activations"]) == (0, 0)
    counted = {level: (each["recall"], each["false_activations"]) for level, each in result["by_likeness"].items()}
    none, all_of_them = (0.0, 0), (1.0, 1)
    assert counted == {"0.8": none, "0.7": none} | dict.fromkeys(("0.6", "0.5", "0.4", "0.3", "0.0"), all_of_them)


def test_latency_counts_from_the_end_of_the_recorded_speech(tmp_path: Path) -> None:
    latency = measured(tmp_path, (0, "nul een twee", 0.9))["latency_s"]
    assert isinstance(latency, dict)
    assert 0.4 < latency["median"] < 1.5


def test_one_json_object_is_printed_and_the_trace_holds_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    speech = manifest(tmp_path, (0, "nul een twee", 0.9), (2, None, 0.9))
    options = ["--speech", speech, "--phrases", str(tmp_path / "phrases.txt"), "--compare", "naive"]
    assert bench.run(parser.parse_args([*options, "--trace", str(tmp_path / "trace")])) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["recognised"] == result["naive"]["recognised"] == 1
    lines = [json.loads(line) for line in (tmp_path / "trace").read_text().splitlines()]
    assert [line["verdict"] for line in lines] == ["accept", "accept"]
    assert [line["counts"] for line in lines] == [True, True]
    numbers = [value for line in lines for key, value in line.items() if key not in ("verdict", "counts", "command")]
    assert {type(value) for value in numbers} == {float}


@pytest.mark.parametrize(("count", "bound"), [(0, 2.996), (1, 4.744), (2, 6.296), (10, 16.962)])
def test_upper_bound(count: int, bound: float) -> None:
    """Table of exact Poisson limits, one-sided 95 %."""
    assert upper_bound(count) == pytest.approx(bound, abs=2e-3)


def test_half_of_all_groups_are_in_each_part_the_same_ones_for_ever() -> None:
    parts = [part_of(f"voice {number}") for number in range(200)]
    assert parts[:8] == ["test", "test", "tune", "tune", "test", "test", "tune", "test"]
    assert 80 <= parts.count("test") <= 120


def test_a_part_is_a_part(tmp_path: Path) -> None:
    source = [manifest(tmp_path, *((0, "nul een twee", 0.3) for _ in range(12)))]
    tune, test = (load_clips(source, part) for part in ("tune", "test"))
    assert len(tune) + len(test) == 12
    assert tune
    assert test
    assert not {clip.group for clip in tune} & {clip.group for clip in test}


def test_a_folder_is_speech_to_ignore(tmp_path: Path) -> None:
    manifest(tmp_path, (0, "nul een twee", 0.3))
    soundfile.write(tmp_path / "empty.wav", np.zeros(0, np.int16), RATE)
    assert [(clip.file.name, clip.expect) for clip in load_clips([str(tmp_path)])] == [("0.wav", None)]


@pytest.mark.parametrize("line", ["{", "[]", '{"file": "a.wav"}'])
def test_a_mistake_in_a_manifest_names_the_line(tmp_path: Path, line: str) -> None:
    manifest(tmp_path, (0, None, 0.3))
    (tmp_path / "m.jsonl").write_text(f'{{"file": "0.wav", "expect": null}}\n\n{line}\n')
    with pytest.raises(SoundFileError, match=r'm\.jsonl, line 3: needs "file" and "expect" as JSON'):
        load_clips([str(tmp_path / "m.jsonl")])


def test_other_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="There is no speech in nowhere; give a manifest or a folder"):
        load_clips(["nowhere"])
    with pytest.raises(PhraseError, match=r'manifest\.jsonl, line 1: "negen" is no phrase; mend it'):
        measured(tmp_path, (0, "negen", 0.5))
    with pytest.raises(SoundFileError, match=r"phrases\.txt cannot be read as sound"):
        read_sound(tmp_path / "phrases.txt")


@pytest.mark.parametrize("level", [-26.0, -40.0])
def test_noise_lies_where_it_was_asked_for_and_goes_with_the_speech(level: float, tmp_path: Path) -> None:
    clip = load_clips([manifest(tmp_path, (0, "nul een twee", 2.0))])
    soundfile.write(tmp_path / "noise.wav", hush(3.0, 0.1), RATE)
    quiet, noisy = (
        next(stream(clip, conditions)).sound
        for conditions in (Conditions(level=level), Conditions(tmp_path / "noise.wav", 10.0, level=level))
    )
    gap = round(GAP * RATE)
    speech = float((quiet[gap + 3200 : gap + 30_000] ** 2).mean())
    noise = float((noisy[:gap] ** 2).mean())
    assert 10 * np.log10(speech / noise) == pytest.approx(10.0, abs=0.5)


def test_noise_goes_on_from_clip_to_clip_and_no_room_is_without_hiss(tmp_path: Path) -> None:
    clips = load_clips([manifest(tmp_path, *[(0, "nul een twee", 1.0)] * 2)])
    soundfile.write(tmp_path / "noise.wav", np.linspace(0.001, 0.5, 60 * RATE), RATE)
    first, second = (one.sound[: round(GAP * RATE)] for one in stream(clips, Conditions(tmp_path / "noise.wav")))
    assert abs(second.mean()) != pytest.approx(abs(first.mean()), rel=0.02)
    assert all(np.ptp(one.sound[: RATE // 2]) > 0 for one in stream(clips, Conditions()))


def test_a_room_is_as_loud_as_none(tmp_path: Path) -> None:
    clip = load_clips([manifest(tmp_path, (0, "nul een twee", 2.0))])
    response = np.zeros(800)
    response[700] = 0.06
    soundfile.write(tmp_path / "room.wav", response, RATE)
    dry, wet = (next(stream(clip, conditions)) for conditions in (Conditions(), Conditions(room=tmp_path / "room.wav")))
    assert active_rms(wet.sound) == pytest.approx(active_rms(dry.sound), rel=0.05)


def test_a_room_rings_on(tmp_path: Path) -> None:
    clip = load_clips([manifest(tmp_path, (0, "nul een twee", 0.5))])
    response = np.zeros(8000)
    response[0], response[6000] = 0.9, 0.4
    soundfile.write(tmp_path / "room.wav", response, RATE)
    dry, wet = (next(stream(clip, conditions)) for conditions in (Conditions(), Conditions(room=tmp_path / "room.wav")))
    assert len(wet.sound) == len(dry.sound) + 7999
    assert wet.speech_ended_s == dry.speech_ended_s
    assert np.abs(wet.sound[-2500:-2000]).max() < 0.01 < np.abs(wet.sound[len(dry.sound) - 3000 :]).max()


@pytest.mark.parametrize("name", [None, Name.NEXT_STEP])
def test_talk_is_met_in_the_middle_of_a_step(name: Name | None) -> None:
    spoken = bench.bench_phrases("nl", None)
    attention = attention_at(moment_of(None if name is None else Command(name)), spoken, named_only=False)
    legal = {each.name for each in attention.legal}
    assert not legal & {Name.YES, Name.NO, Name.AGREE, Name.START, Name.PEOPLE}
    assert {Name.NEXT_STEP, Name.PAUSE, Name.LOUDER} <= legal
    assert attention.expected == frozenset()
    assert {each.name for each in attention.unlikely} == {Name.LOUDER, Name.SOFTER, Name.VOICE_OFF}


@pytest.mark.parametrize(
    ("name", "other"), [(Name.LOUDER, Name.VOICE_ON), (Name.VOICE_OFF, Name.VOICE_ON), (Name.VOICE_ON, Name.VOICE_OFF)]
)
def test_remarks_on_the_voice_are_met_when_people_make_them(name: Name, other: Name) -> None:
    attention = attention_at(moment_of(Command(name)), bench.bench_phrases("nl", None), named_only=False)
    legal = {each.name for each in attention.legal}
    assert {name, Name.NEXT_STEP} <= legal
    assert other not in legal
    assert attention.unlikely == frozenset()


@pytest.mark.parametrize(
    ("name", "moment", "expected", "also"),
    [
        (Name.YES, "asking", {Name.YES, Name.NO}, {Name.LOUDER, Name.READ_RULE, Name.END}),
        (Name.NO, "asking", {Name.YES, Name.NO}, {Name.HELP}),
        (Name.AGREE, "agreement", {Name.AGREE, Name.YES, Name.NO}, {Name.READ_RULES}),
        (Name.START, "ready", {Name.START}, {Name.PEOPLE}),
    ],
)
def test_answers_are_met_among_all_that_is_legal_then(
    name: Name, moment: str, expected: set[Name], also: set[Name]
) -> None:
    assert moment_of(Command(name)) == moment
    attention = attention_at(moment, bench.bench_phrases("nl", None), named_only=True)
    legal = {each.name for each in attention.legal}
    assert {each.name for each in attention.expected} == expected
    assert legal >= expected | also
    assert Name.NEXT_STEP not in legal
    assert attention.named_only


def test_talk_may_be_met_at_any_moment(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    args = parser.parse_args(["--speech", "a.jsonl", "--moment", "confirming", "--json"])
    assert args.moment == "confirming"
    asked = Options((manifest(tmp_path, (1, None, 0.9)),), phrases=tmp_path / "phrases.txt")
    heard = {moment: hearing_bench(replace(asked, moment=moment)) for moment in ("step", "confirming")}
    assert {moment: result["false_activations"] for moment, result in heard.items()} == {"step": 1, "confirming": 1}
    assert heard["confirming"]["moment"] == "confirming"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"file": "gone.wav", "expect": null}', "line 2: there is no file gone.wav; paths are relative"),
        ('{"file": "0.wav", "expect": 5}', 'line 2: "expect" is 5; give the phrase in quotes, or null'),
        ("[1]", 'line 2: needs "file" and "expect" as JSON'),
        ('{"file": "0.wav", "expect": "negen tien"}', 'line 2: "negen tien" is no phrase; mend it'),
    ],
)
def test_a_bad_manifest_is_refused_with_its_line_before_anything_is_measured(
    line: str, message: str, tmp_path: Path
) -> None:
    source = Path(manifest(tmp_path, (0, "nul een twee", 0.5)))
    source.write_text(source.read_text().strip() + "\n" + line + "\n")
    with pytest.raises(CompanionError, match=message):
        hearing_bench(Options((str(source),), phrases=tmp_path / "phrases.txt"))


def test_a_manifest_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(SoundFileError, match=r"m.jsonl is no text in UTF-8"):
        load_clips([str(tmp_path / "m.jsonl")])


@pytest.mark.parametrize(("count", "of", "bound"), [(287, 290, 0.9739), (0, 10, 0.0), (10, 10, 0.787), (5, 10, 0.2693)])
def test_lower_bound_of_a_share(count: int, of: int, bound: float) -> None:
    assert lower_bound(count, of) == pytest.approx(bound, abs=2e-3)
    assert lower_bound(0, 0) is None


def test_the_name_is_no_part_of_the_phrase() -> None:
    assert bare("Tafel, volgende fase", "tafel") == "volgende fase"
    assert bare("volgende fase", "tafel") == "volgende fase"


def samples(*scores: Sequence[float], free: float | None = -1.0) -> list[Sample]:
    return [Sample(tuple(range(len(row))), tuple(row), free) for row in scores]


def test_norms_are_mean_and_spread_of_what_was_scored() -> None:
    rows = [(-4.0 - k % 2, -np.inf, -3.5) for k in range(LEAST_SCORES)]
    norms = norms_of(samples(*rows), spoken_forms(PHRASES, None), PLAIN)
    assert norms == {"volgende fase": Norm(-4.5, 0.5), "hoeveel tijd nog": Norm(-3.5, 0.2)}
    assert (
        norms_of(samples(*rows), spoken_forms(PHRASES, None), replace(PLAIN, relative=True))["hoeveel tijd nog"].mean
        == -2.5
    )
    assert norms_of(samples(*rows[1:]), spoken_forms(PHRASES, None), PLAIN) == {}


def test_ratios_of_phrases_that_talk_is_seldom_taken_for_share_one_norm() -> None:
    """With a grammar, most of what is no phrase has no score at all."""
    rows = [(-np.inf, -0.3, -np.inf), (-0.5, -np.inf, -np.inf)] * (LEAST_SCORES // 2)
    ratios = replace(PLAIN, relative=True)
    norms = norms_of(samples(*rows, free=0.0), spoken_forms(PHRASES, None), ratios)
    assert set(norms) == {phrase.text for phrase in PHRASES}
    assert [norm.mean for norm in norms.values()] == pytest.approx([-0.4] * len(PHRASES))
    assert norms_of(samples(*rows[1:], free=0.0), spoken_forms(PHRASES, None), ratios) == {}
    assert norms_of(samples(*rows, free=0.0), spoken_forms(PHRASES, None), PLAIN) == {}


def test_what_would_tell_sessions_nothing_is_not_written_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file beside the model makes every session take Vosk."""
    made = {"model": "vosk-nl", "language": "nl", "phrases": {}, "utterances": 36, "speech_hours": 0.1,
            "thresholds": {"z": 2.4}}  # fmt: skip
    monkeypatch.setattr("companion.bench.calibrate.calibrate", lambda _plan: made)
    monkeypatch.setenv("COMPANION_MODELS", str(tmp_path))
    command = ["bench", "calibrate", "--recogniser", "vosk", "--speech", str(tmp_path)]
    assert main(command) == 2
    assert "by 36 utterances, so sessions would gain nothing by it, and nothing is written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main([*command, "--out", str(tmp_path / "a.json")]) == 0


def test_a_phrase_pays_for_its_own_long_tail() -> None:
    rows = [(-4.0 - k % 2, -4.0 - k % 2) for k in range(100)] + [(-2.5, -4.5)]
    outlier, usual = norms_of(samples(*rows, free=0.0), spoken_forms(PHRASES[:2], None), PLAIN).values()
    assert (-2.5 - outlier.mean) / outlier.spread == pytest.approx(ALONE.tail)
    assert usual.spread == pytest.approx(0.5, abs=0.01)


def test_what_was_said_itself_is_no_ordinary_speech() -> None:
    rows = [(-4.0 - k % 2, -4.0 - k % 2) for k in range(100)] + [(-1.5, -4.5)]
    spoken = spoken_forms(PHRASES[:2], None)
    said, usual = norms_of(samples(*rows, free=0.0), spoken, PLAIN).values()
    assert said == Norm(-4.5, 0.5)
    assert usual.mean == pytest.approx(-4.5)
    for counted in (
        norms_of(samples(*rows, free=0.0), spoken, replace(PLAIN, relative=True)),
        norms_of(samples(*rows, free=None), spoken, PLAIN),
    ):
        assert counted["volgende fase"].mean > -4.49, "a ratio, and a score beside none, say nothing of what was said"


def test_samples_are_kept_whole(tmp_path: Path) -> None:
    kept = [
        Sample((0, 2), (-1.5, -np.inf), -1.0, (-4.0,), 0.9, None, "rir1", 7.5, 4),
        Sample((1,), (-2.25,), 0.0, (), 1.1, "pauze"),
        Sample((1, 3), (-2.25, -3.5), None, (), beside=(0.25, np.inf)),
    ]
    save(kept, tmp_path / "samples", "tones nl")
    assert load([tmp_path / "samples"], "tones nl") == kept
    with pytest.raises(SoundFileError, match="samples, line 1: is of another model, language or list of phrases"):
        load([tmp_path / "samples"], "tones en")


def test_the_highest_z_of_ordinary_speech_is_over_what_its_phrase_needs() -> None:
    calibration = Calibration({}, Norm(-4.0, 0.5), Thresholds(z=9.0, ratio=-3.0, margin=0.0, moving=0.5))
    spoken = spoken_forms(PHRASES, None)
    assert highest_z(samples((-4.0, -4.0, -2.0), free=0.5), spoken, calibration) == pytest.approx(4.0)
    assert highest_z(samples((-2.0, -4.0, -4.0), free=0.5), spoken, calibration) == pytest.approx(3.5), (
        "it moves the session"
    )
    assert highest_z(samples((-4.0, -4.0, -4.0)), spoken, calibration) == pytest.approx(-0.5)
    said = samples((-4.0, -4.0, -2.0))
    assert highest_z(said, spoken, calibration) == pytest.approx(-0.5), "the third was perhaps said"


def test_calibration_uses_ordinary_speech_of_the_tune_part_only(tmp_path: Path) -> None:
    clips = [(5, None, 0.6)] * 120 + [(0, "nul een twee", 0.9)]
    content = calibrate(Plan((manifest(tmp_path, *clips),), phrases=tmp_path / "phrases.txt"))
    tuned = sum(part_of(f"v{number}") == "tune" for number in range(120))
    assert content["utterances"] == tuned
    assert content["phrases"]["nul een twee"] == [BACKGROUND, 0.2]


def test_a_supplement_measures_new_phrases_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured with a calibration stays true when a phrase is added."""
    present = {"of": "score", "thresholds": {"z": 3.1, "ratio": -2.0, "margin": 0.2}, "weight": 0.6, "kept": "as it is"}
    present |= {"cohort": {"volgende fase": -5.0}, "phrases": {"nul een twee": [-4.0, 0.7]}}
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps(present))
    monkeypatch.setattr(calibrate_module, "calibration_file", lambda *_: file)
    monkeypatch.setattr(calibrate_module, "load_calibration", lambda *_: load_calibration("whisper-base", "nl", file))
    (tmp_path / "phrases.txt").write_text(LINES)
    cohort = tuple(-4.0 if text == "volgende fase" else -99.0 for text in cohort_of("nl"))
    said = [replace(sample, cohort=cohort) for sample in samples(*[(-4.0, -3.0, -2.0)] * LEAST_SCORES, free=2.0)]
    made = supplemented(said, "nl", ToneRecogniser(), tmp_path / "phrases.txt")
    norms = {"nul een twee": [-4.0, 0.7], "een twee drie": [-3.6, 0.2], "twee drie vier": [-2.6, 0.2]}
    assert made == present | {"phrases": norms}


def test_without_a_calibration_there_is_nothing_to_supplement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate_module, "calibration_file", lambda *_: tmp_path / "none.json")
    with pytest.raises(SoundFileError, match="has no calibration for nl yet; leave out --supplement"):
        supplemented([], "nl", ToneRecogniser())


def test_a_calibration_is_written_where_every_session_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPANION_MODELS", str(tmp_path))
    speech = manifest(tmp_path, *[(150, None, 0.9)] * 80)
    assert main(["bench", "calibrate", "--speech", speech]) == 0
    assert "Every session hears with it from now on" in capsys.readouterr().out
    assert is_calibrated("tones", "nl")
    assert load_calibration("tones", "nl").norms
    assert main(["bench", "calibrate", "--speech", speech, "--phrases", str(tmp_path / "phrases.txt")]) == 2
    assert "name the file to write with --out" in capsys.readouterr().err


def test_too_little_speech_is_told(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="utterances stood alone; give at least an hour of speech"):
        calibrate(Plan((manifest(tmp_path, *[(5, None, 0.9)] * 6),), phrases=tmp_path / "phrases.txt"))
