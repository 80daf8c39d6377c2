"""`companion bench talkies`: hours of people who speak English, taken out of three talking games, to be ignored.

Debian's `beneath-a-steel-sky`, `flight-of-the-amazon-queen` and `drascula` are adventures in which actors speak every
line, in one clip a line: turns that stand alone. Recordings of the nineties, 8 bits at 11 kHz. `talkies.jsonl` names
the clips, which are written as FLAC. Where the archives hold what, the sources of ScummVM tell.
"""

import argparse
import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from companion.core.errors import SettingsError

_RATE = 11_025
_SHORTEST = 0.25
"""Seconds: what is shorter is no line but a click or an empty clip."""
_SKY_SPEECH = range(50_000, 56_000)
"""The numbers of the files of Beneath a Steel Sky that hold a line each."""
_SKY_HEADER, _SKY_ENTRY = 22, 8
_QUEEN_PACKING, _QUEEN_ENTRIES = 12, 15
_QUEEN_ENTRY = struct.Struct(">12sxII")
"""Name, place and size of a file."""
_QUEEN_MP3 = 1
_DRASCULA_HEADER = 64

Line = tuple[str, NDArray[np.int16]]
"""A name, and samples at 11 kHz."""


def sky_lines(folder: Path) -> Iterator[Line]:
    """The lines of Beneath a Steel Sky: `sky.dnr` says where in `sky.dsk`."""
    index, disk = (folder / "sky.dnr").read_bytes(), (folder / "sky.dsk").read_bytes()
    for place in range(4, len(index) - _SKY_ENTRY + 1, _SKY_ENTRY):
        number, where, size = _sky_entry(index[place : place + _SKY_ENTRY])
        if number in _SKY_SPEECH:
            yield f"sky-{number}", _widened(disk[where + _SKY_HEADER : where + size])


def _sky_entry(entry: bytes) -> tuple[int, int, int]:
    """Number, place and size of a file: 16, 24 and 22 bits; the highest bit of the place says that it counts in 16s."""
    number, place, size = (int.from_bytes(part, "little") for part in (entry[:2], entry[2:5], entry[5:]))
    return number, (place & 0x7FFFFF) << (4 if place & 0x800000 else 0), size & 0x3FFFFF


def queen_lines(folder: Path) -> Iterator[Line]:
    """The lines and noises of Flight of the Amazon Queen, MP3. Raises SettingsError where they are packed otherwise."""
    archive = (folder / "queen.1c").read_bytes()
    packing, count = struct.unpack_from(">BH", archive, _QUEEN_PACKING)
    if packing != _QUEEN_MP3:
        raise SettingsError(f"{folder / 'queen.1c'} is not packed as MP3; take the package of Debian.")
    entries = archive[_QUEEN_ENTRIES : _QUEEN_ENTRIES + count * _QUEEN_ENTRY.size]
    for name, where, size in _QUEEN_ENTRY.iter_unpack(entries):
        if name.rstrip(b"\0").endswith(b".SB"):
            samples, _ = soundfile.read(io.BytesIO(archive[where : where + size]), dtype="int16")
            yield f"queen-{name.split(b'.')[0].decode()}", samples


def drascula_lines(folder: Path) -> Iterator[Line]:
    """The lines of Drascula, a file each."""
    for file in sorted((folder / "en").glob("*.ALS")):
        yield f"drascula-{file.stem}", _widened(file.read_bytes()[_DRASCULA_HEADER:])


GAMES = {
    "beneath-a-steel-sky": sky_lines,
    "flight-of-the-amazon-queen": queen_lines,
    "drascula": drascula_lines,
}
"""As the packages are called, and their folders."""


def write_talkies(games: Path, out: Path) -> int:
    """Write the clips and `talkies.jsonl`; says how many there are. Raises SettingsError without a game."""
    missing = [name for name in GAMES if not (games / name).is_dir()]
    if missing:
        raise SettingsError(f"{games} has no {', '.join(missing)}: apt install {' '.join(missing)}.")
    (out / "talkies").mkdir(parents=True, exist_ok=True)
    names = [
        _written(out / "talkies", name, samples)
        for game, lines in GAMES.items()
        for name, samples in lines(games / game)
        if len(samples) >= _SHORTEST * _RATE and samples.any()
    ]
    rows = [json.dumps({"file": f"talkies/{name}", "expect": None, "group": name}) for name in names]
    (out / "talkies.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows)


def _widened(data: bytes) -> NDArray[np.int16]:
    return (np.frombuffer(data, np.uint8).astype(np.int16) - 128) << 8


def _written(folder: Path, name: str, samples: NDArray[np.int16]) -> str:
    soundfile.write(folder / f"{name}.flac", samples, _RATE)
    return f"{name}.flac"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench talkies`."""
    parser.add_argument("--games", type=Path, default=Path("/usr/share/scummvm"), metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")


def run(args: argparse.Namespace) -> int:
    """Write the clips and say how many."""
    print(f"{write_talkies(args.games, args.out)} clips in {args.out / 'talkies.jsonl'}")
    return 0
