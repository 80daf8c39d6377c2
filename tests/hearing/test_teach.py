"""What the speller is taught with, and that it learns: made sounds, and a network that spells what is new to it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.bench import lessons, talk, teach, training
from companion.bench.hearing import bench_phrases
from companion.bench.lessons import Noises, by_people, noise, room, somewhere
from companion.bench.manifest import group_of, is_in, load_clips, part_of
from companion.bench.sound import active_rms
from companion.bench.training import Pair
from companion.core.errors import SettingsError, SoundFileError
from companion.hearing.ctc import Spellings
from companion.hearing.mel import RATE, Sound
from companion.hearing.speller import Speller
from companion.hearing.spelling import SPELLINGS, symbols


def tone(hertz: float, seconds: float = 1.0) -> Sound:
    return (0.2 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


NOISES = Noises((tone(90.0, 3.0),), (tone(300.0, 3.0), tone(500.0, 0.5)))


@pytest.mark.parametrize("seed", range(8))
def test_a_lesson_is_longer_than_its_sound_and_not_silent(seed: int) -> None:
    sound = tone(400.0)
    heard = somewhere(sound, NOISES, np.random.default_rng(seed))
    assert len(sound) + 0.2 * RATE <= len(heard) <= len(sound) + 0.71 * RATE
    assert np.isfinite(heard).all()
    assert active_rms(heard) > 0.05


def test_lessons_differ_in_place_and_are_the_same_for_a_seed() -> None:
    heard = [somewhere(tone(400.0), NOISES, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(heard[0], heard[1])
    assert not np.array_equal(heard[0], heard[2])


@pytest.mark.parametrize("seed", range(8))
def test_noise_of_every_kind_lasts_as_long_as_asked(seed: int) -> None:
    made = noise(RATE, NOISES, np.random.default_rng(seed))
    assert len(made) == RATE
    assert float((made**2).mean()) > 0


@pytest.mark.parametrize("seed", range(4))
def test_a_room_dies_away(seed: int) -> None:
    answer = room(np.random.default_rng(seed))
    tenth = len(answer) // 10
    assert (answer[-tenth:] ** 2).sum() < 0.01 * (answer[:tenth] ** 2).sum()


def test_people_are_heard_once_each_with_their_text(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(400.0), RATE)
    found = list(by_people([(tmp_path / "a.wav", "ja hoor")] * 2, NOISES, np.random.default_rng(1)))
    assert [lesson.text for lesson in found] == ["ja hoor"] * 2
    assert not np.array_equal(found[0].sound, found[1].sound)


def test_what_is_taught_and_what_norms_are_measured_on_are_shares_of_the_tune_half(tmp_path: Path) -> None:
    folder = tmp_path / "talk" / "wav"  # the folder's parent is part of a group's name: pytest's own changes each run
    folder.mkdir(parents=True)
    for number in range(60):
        soundfile.write(folder / f"{number}.wav", tone(400.0, 0.1), RATE)
    files = {part: {clip.file for clip in load_clips([str(folder)], part)} for part in ("tune", "teach", "norms")}
    assert files["teach"] | files["norms"] == files["tune"]
    assert not files["teach"] & files["norms"]
    assert len(files["teach"]) > len(files["norms"]) > 0
    assert all(part_of(group_of(file)) == "tune" and is_in(group_of(file), "teach") for file in files["teach"])


def test_a_machine_without_the_libraries_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jax", None)
    with pytest.raises(SettingsError, match="Teaching needs jax and optax; install them: pip install jax optax"):
        training.libraries()


def pair(text: str, random: np.random.Generator) -> Pair:
    """A symbol sounds as a value of its own in its own column for three frames, with nothing between."""
    said = symbols(text, "nl")
    frames = random.normal(0, 0.1, (5 * len(said), 32))
    for place, symbol in enumerate(said):
        frames[5 * place + 1 : 5 * place + 4, symbol] += 1.0
    return Pair(frames.astype(np.float16), tuple(said))


def test_a_taught_speller_spells() -> None:
    pytest.importorskip("jax", reason="teaching is run by hand: pip install jax optax")
    pytest.importorskip("optax", reason="teaching is run by hand: pip install jax optax")
    random = np.random.default_rng(2)
    texts = [phrase.text for phrase in bench_phrases("nl", None)]
    found = [pair(text, random) for text in texts for _ in range(4)]
    kept = [place for place, text in enumerate(texts) if found[4 * place].is_kept_back]
    learnt = Speller(training.teach(found, len(SPELLINGS["nl"].symbols), epochs=8, seed=1), 0.5, -5.0)
    spellings, places = Spellings([symbols(text, "nl") for text in texts]), range(len(texts))
    assert kept
    for place in kept:
        behind = spellings.behind(learnt.frames(found[4 * place].frames.astype(np.float32)), places)
        assert int(np.argmax(behind)) == place, "a text that was not taught is spelt too"


def test_too_few_lessons_are_refused() -> None:
    some = [pair("tafel", np.random.default_rng(1))]
    with pytest.raises(SettingsError, match="1 lessons are too few to keep any back; ask for more"):
        training.teach(some, 29, epochs=1, seed=1)


def test_lessons_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    some = [pair(text, random) for text in ("tafel", "ja", "volgende fase")]
    teach._write(tmp_path / "some.npz", some)
    back = list(teach._read(tmp_path / "some.npz"))
    assert [again.said for again in back] == [once.said for once in some]
    assert all(np.array_equal(again.frames, once.frames) for again, once in zip(back, some, strict=True))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["some.npz"]


def test_a_manifest_without_texts_is_refused_with_its_line(tmp_path: Path) -> None:
    good = '{"file": "a.flac", "said": "ja hoor"}'
    (tmp_path / "m.jsonl").write_text(f'{good}\n{{"file": "b.flac"}}\n')
    with pytest.raises(SoundFileError, match=r'm.jsonl, line 2: needs "file" and "said" as JSON'):
        teach.with_texts(tmp_path / "m.jsonl")


def test_neither_commands_nor_the_half_that_is_measured_are_taught(tmp_path: Path) -> None:
    voices = [f"voice {number}" for number in range(12)]
    rows = [{"file": f"{voice}.flac", "said": "ja hoor", "voice": voice, "expect": None} for voice in voices]
    rows.append(rows[0] | {"said": "pauze", "expect": "pauze"})
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = teach.with_texts(tmp_path / "m.jsonl")
    assert found == [(tmp_path / f"{voice}.flac", "ja hoor") for voice in voices if part_of(voice) == "tune"]
    assert 0 < len(found) < 12


def test_lessons_of_another_plan_are_others() -> None:
    plan = teach.Plan("nl", Path("game"), (), (), 4, 1000, 1, 1, Path("kept"))
    others = [replace(plan, language="en"), replace(plan, seed=2), replace(plan, rounds=3)]
    assert len({plan.name, *(other.name for other in others)}) == 4
    assert replace(plan, folder=Path("elsewhere")).name == plan.name


@pytest.mark.parametrize("seed", range(8))
def test_without_music_there_are_other_noises(seed: int) -> None:
    assert len(noise(RATE, Noises((), (tone(300.0),)), np.random.default_rng(seed))) == RATE


def test_voices_read_texts_that_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk.Voice, "say", lambda voice, text: tone(300.0))
    made = lessons.by_voices(["kort", "lang " * 30], ["pauze"], 40, NOISES, "nl", np.random.default_rng(3))
    assert all(len(lesson.text) <= 120 and lesson.text != "lang " * 30 for lesson in made)
