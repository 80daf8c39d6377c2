"""Options that several benches share, and what their values must be: argparse tells which option a mistake is in."""

import argparse
import math
import os
from pathlib import Path

from companion.bench.manifest import PARTS
from companion.hearing.engines import RECOGNISERS
from companion.language.phrases import LANGUAGES

_MOST_DB = 200


def finite_number(text: str) -> float:
    """A number that can be measured with."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is no number; give one like 10 or -26.5")
    return value


def decibels(text: str) -> float:
    """As far as sound reaches: -200 to 200."""
    value = finite_number(text)
    if abs(value) > _MOST_DB:
        raise argparse.ArgumentTypeError(f"{text!r} is too far; give -{_MOST_DB} to {_MOST_DB} dB")
    return value


def at_least_zero(text: str) -> int:
    return _whole(text, 0)


def at_least_one(text: str) -> int:
    return _whole(text, 1)


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; give {least} or more")
    return value


def writable_file(text: str) -> Path:
    """A file that can be written: what takes an hour must not be lost for a wrong name."""
    file = Path(text)
    if not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {file.parent}; make it, or name another file")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{file} cannot be written; name another file")
    return file


def add_language(parser: argparse.ArgumentParser, help: str | None = None) -> None:
    parser.add_argument("--language", choices=LANGUAGES, default="nl", help=help)


def add_recogniser(parser: argparse.ArgumentParser) -> None:
    """Which recogniser hears which language."""
    add_language(parser)
    parser.add_argument("--recogniser", choices=RECOGNISERS, default="whisper")
    parser.add_argument("--model", help="another model of the catalogue")


def add_conditions(parser: argparse.ArgumentParser, may_be_repeated: bool = False) -> None:
    """A noise and a room; of each that may be repeated, a list."""
    if may_be_repeated:
        for name in ("--noise", "--room"):
            parser.add_argument(name, type=Path, action="append", default=[], metavar="FILE", help="may be repeated")
    else:
        parser.add_argument("--noise", type=Path, metavar="FILE")
        parser.add_argument("--room", type=Path, metavar="FILE", help="an impulse response")
    parser.add_argument("--snr", type=decibels, default=10.0, metavar="DB", help="of the speech over the noise")


def add_part(parser: argparse.ArgumentParser, usual: str = "all") -> None:
    """Which of the clips."""
    parser.add_argument("--part", choices=PARTS, default=usual, help="half of the voices or files, by a hash")
    add_limit(parser)


def add_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=at_least_one, metavar="CLIPS", help="only so many clips, drawn by a hash")
