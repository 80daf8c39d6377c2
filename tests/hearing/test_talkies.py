"""Lines of three talking games, out of archives that are laid out like theirs."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.bench.manifest import load_clips
from companion.bench.sound import read_sound
from companion.bench.talkies import write_talkies
from companion.core.errors import SettingsError

SECOND = 11_025


def tone(seconds: float, amplitude: int = 90) -> bytes:
    """8 bits at 11 kHz, silence at 128."""
    places = np.arange(round(seconds * SECOND))
    return bytes((128 + amplitude * np.sin(places * 0.2)).astype(np.uint8))


def sky(folder: Path) -> None:
    """A picture, a line that counts its place in sixteens, one that does not, and one that is too short."""
    files = [(60_001, tone(1.0), False), (50_007, tone(1.0), True), (50_009, tone(0.6, 40), False)]
    disk, index = bytearray(), bytearray(struct.pack("<I", 4))
    for number, data, in_sixteens in [*files, (50_008, tone(0.1), False)]:
        disk += bytes(-len(disk) % 16 if in_sixteens else 3)
        place = len(disk) >> 4 | 0x800000 if in_sixteens else len(disk)
        disk += bytes(22) + data
        size = 22 + len(data) | 0xC00000
        index += struct.pack("<H", number) + place.to_bytes(3, "little") + size.to_bytes(3, "little")
    folder.mkdir(parents=True)
    (folder / "sky.dsk").write_bytes(disk)
    (folder / "sky.dnr").write_bytes(index)


def queen(folder: Path, packing: int) -> None:
    """One line, and one file that is no sound."""
    line = io.BytesIO()
    soundfile.write(line, (np.frombuffer(tone(0.8), np.uint8) / 128.0) - 1.0, SECOND, format="MP3")
    entries = [(b"JOE06871.SB", line.getvalue()), (b"JOE.BBK", b"picture")]
    place, index, data = 15 + 21 * len(entries), b"", b""
    for name, content in entries:
        index += struct.pack(">12sxII", name, place + len(data), len(content))
        data += content
    folder.mkdir(parents=True)
    head = b"QTBLCEM10\0\0\0" + bytes([packing]) + struct.pack(">H", len(entries))
    (folder / "queen.1c").write_bytes(head + index + data)


def drascula(folder: Path) -> None:
    """One line, and one clip in which nothing sounds."""
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "12.ALS").write_bytes(bytes([128] * 64) + tone(0.5))
    (folder / "en" / "13.ALS").write_bytes(bytes([128] * SECOND))


def games(folder: Path, packing: int = 1) -> Path:
    sky(folder / "beneath-a-steel-sky")
    queen(folder / "flight-of-the-amazon-queen", packing)
    drascula(folder / "drascula")
    return folder


def test_every_line_becomes_a_clip_to_ignore(tmp_path: Path) -> None:
    assert write_talkies(games(tmp_path / "games"), tmp_path / "out") == 4
    clips = load_clips([str(tmp_path / "out" / "talkies.jsonl")])
    names = ["sky-50007", "sky-50009", "queen-JOE06871", "drascula-12"]
    assert [(clip.file.stem, clip.expect) for clip in clips] == [(name, None) for name in names]
    assert [clip.group for clip in clips] == [f"{name}.flac" for name in names], "a line is in one part by its own name"
    assert len(read_sound(clips[2].file)) / 16_000 == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize(
    ("name", "samples"), [("sky-50007", tone(1.0)), ("sky-50009", tone(0.6, 40)), ("drascula-12", tone(0.5))]
)
def test_a_line_is_as_it_was_recorded(tmp_path: Path, name: str, samples: bytes) -> None:
    write_talkies(games(tmp_path / "games"), tmp_path / "out")
    sound, rate = soundfile.read(tmp_path / "out" / "talkies" / f"{name}.flac", dtype="int16")
    assert rate == SECOND
    assert ((sound >> 8) + 128).tolist() == list(samples)


def test_a_game_that_is_not_there_is_named_with_its_package(tmp_path: Path) -> None:
    sky(tmp_path / "games" / "beneath-a-steel-sky")
    with pytest.raises(SettingsError, match="apt install flight-of-the-amazon-queen drascula"):
        write_talkies(tmp_path / "games", tmp_path / "out")


def test_another_packing_of_the_queen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"queen\.1c is not packed as MP3"):
        write_talkies(games(tmp_path / "games", packing=2), tmp_path / "out")
