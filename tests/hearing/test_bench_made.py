"""What the bench makes: hesitations, two at once, commands inside of talk, lines in voices, stand-ins by people."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.bench import mixtures, standins, talk
from companion.bench.manifest import load_clips
from companion.bench.sound import read_sound
from companion.core.errors import SoundFileError
from companion.hearing.mel import RATE
from tests.hearing.test_bench import manifest


def made(tmp_path: Path, kind: str) -> list[dict[str, str | None]]:
    """The rows of one kind, made of two commands and a long turn of somebody else."""
    speech = manifest(tmp_path, (0, "nul een twee", 1.0), (1, "een twee drie", 1.0), (2, None, 3.0))
    parser = mixtures.argparse.ArgumentParser()
    mixtures.add_arguments(parser)
    assert mixtures.run(parser.parse_args(["--speech", speech, "--talk", speech, "--out", str(tmp_path / "made")])) == 0
    lines = (tmp_path / "made" / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def seconds(tmp_path: Path, row: dict[str, str | None]) -> float:
    return len(read_sound(tmp_path / "made" / str(row["file"]))) / RATE


def test_a_hesitation_comes_before_the_command(tmp_path: Path) -> None:
    rows = made(tmp_path, "hesitant")
    assert [row["expect"] for row in rows] == ["nul een twee", "een twee drie"]
    assert all(1.1 < seconds(tmp_path, row) < 3.0 for row in rows)


def test_two_at_once_last_as_long_as_the_command_and_differ_from_it(tmp_path: Path) -> None:
    rows = made(tmp_path, "together")
    assert [row["expect"] for row in rows] == ["nul een twee", "een twee drie"]
    assert all(seconds(tmp_path, row) == pytest.approx(1.0, abs=0.1) for row in rows)
    spectrum = np.abs(np.fft.rfft(read_sound(tmp_path / "made" / str(rows[0]["file"]))))
    assert (spectrum > spectrum.max() / 8).sum() > 2, "more than one tone"


def test_commands_inside_of_talk_must_be_ignored(tmp_path: Path) -> None:
    rows = made(tmp_path, "inside")
    assert [row["expect"] for row in rows] == [None, None]
    assert all(1.9 < seconds(tmp_path, row) < 4.4 for row in rows)


def test_lines_are_said_by_every_voice(tmp_path: Path) -> None:
    group = talk.voices(np.random.default_rng(1), 2)
    talk.write(talk.said(["harder", "iets harder"], group), tmp_path, "said")
    clips = load_clips([str(tmp_path / "said.jsonl")])
    assert [clip.expect for clip in clips] == ["harder", "iets harder"] * 2
    assert all(soundfile.info(clip.file).duration > 0.3 for clip in clips)


def test_a_voice_that_needs_mbrola_says_so_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    espeak = shutil.which("espeak-ng")
    assert espeak is not None
    (tmp_path / "espeak-ng").symlink_to(espeak)
    monkeypatch.setenv("PATH", str(tmp_path))
    first, *_, last = talk.diphone_voices("nl")
    *_, english = talk.diphone_voices("en")
    for voice, package in ((first, "mbrola-nl2"), (last, "mbrola-nl3"), (english, "mbrola-en1")):
        with pytest.raises(SoundFileError, match=package):
            voice.say("pauze")


def game(folder: Path) -> Path:
    """Two levels of a game: lines that fit, that come twice, that are long, that nobody spoke."""
    texts = {
        "een": "Kom maar eens hier!",
        "twee": "Kom  maar hier",
        "drie": "Nee.",
        "vier": "Wat is dit voor raar schip?",
    }
    for level, names in {"haven": ("een", "twee", "drie", "vier"), "wrak": ("twee",)}.items():
        (folder / "script" / level).mkdir(parents=True)
        (folder / "sound" / level / "nl").mkdir(parents=True)
        script = "".join(f'dialogId("{name}", "font", "In English")\ndialogStr("{texts[name]}")\n\n' for name in names)
        script += 'dialogId("stil", "font", "Silent")\ndialogStr("Dat zegt niemand hier")\n'
        (folder / "script" / level / "dialogs_nl.lua").write_text(script)
        for name in names:
            soundfile.write(folder / "sound" / level / "nl" / f"{name}.ogg", np.zeros(RATE), RATE)
    return folder


def test_stand_ins_are_short_lines_that_occur_once(tmp_path: Path) -> None:
    lines = standins.spoken_lines(game(tmp_path))
    assert sorted(lines.values()) == sorted(
        ["kom maar eens hier", "kom maar hier", "kom maar hier", "nee", "wat is dit voor raar schip"]
    )
    assert list(standins.standins(lines, 5).values()) == ["kom maar eens hier"]


def test_all_else_that_is_spoken_is_to_be_ignored(tmp_path: Path) -> None:
    stamps, letters = tmp_path / "stamps", tmp_path / "letters"
    for name in ("stamps/yak_desc_nl", "stamps/yak_desc_fr", "letters/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / f"{name}.ogg", np.zeros(RATE), RATE)
    (stamps / "yak.txt").write_text("nl.utf8=Een yak.")
    parser = standins.argparse.ArgumentParser()
    standins.add_arguments(parser)
    folders = {"--game": game(tmp_path), "--stamps": stamps, "--letters": letters, "--out": tmp_path / "out"}
    given = [str(word) for pair in folders.items() for word in pair]
    assert standins.run(parser.parse_args(given)) == 0
    assert (tmp_path / "out" / "standins.txt").read_text() == "kom maar eens hier\n"
    assert [clip.expect for clip in load_clips([str(tmp_path / "out" / "standins.jsonl")])] == ["kom maar eens hier"]
    assert [clip.expect for clip in load_clips([str(tmp_path / "out" / "others.jsonl")])] == [None] * 4
    assert [clip.expect for clip in load_clips([str(tmp_path / "out" / "words.jsonl")])] == ["een yak"]
    assert [clip.file.name for clip in load_clips([str(tmp_path / "out" / "short.jsonl")])] == [
        "yak_desc_nl.ogg",
        "a.ogg",
    ]
    assert [clip.file.name for clip in load_clips([str(tmp_path / "out" / "foreign.jsonl")])] == ["yak_desc_fr.ogg"]


def test_a_stamp_is_said_as_it_is_written_each_name_once(tmp_path: Path) -> None:
    for stamp, text in {"yak": "A yak.\nnl.utf8=Een Yak.\n", "nandoe": "nl.utf8=Een nandoe (vogel).\n"}.items():
        (tmp_path / f"{stamp}.txt").write_text(text)
        (tmp_path / f"{stamp}_desc_nl.ogg").touch()
    (tmp_path / "yak_nl.ogg").touch()
    (tmp_path / "untold_nl.ogg").touch()
    assert list(standins.spoken_names(tmp_path).values()) == ["een nandoe", "een yak"]


def test_a_game_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="holds no spoken Dutch; install fillets-ng-data and fillets-ng-data-nl"):
        standins.spoken_lines(tmp_path)
