"""`companion bench full`: every figure of docs/hearing.md, by one command, as JSON that is written row by row.

Takes an hour or two on one core. A row that is in the file already is not measured again.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from companion.bench.hearing import Options, hearing_bench
from companion.bench.speech import Conditions


@dataclass(frozen=True)
class Material:
    """Where the recordings are. `talk` is what `companion bench talk` wrote."""

    speech: Path
    fillets: str
    talk: Path
    limit: int | None = None

    @property
    def kitchen(self) -> Conditions:
        return Conditions(noise=self.speech / "noise" / "kitchen.ogg", snr=10.0)

    @property
    def room(self) -> Conditions:
        return Conditions(room=self.speech / "rooms" / "rir1.flac")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    options: Options


def rows(material: Material) -> Iterator[Row]:
    """All rows, what matters most first. Commands of the test half only; what was made or cut, all of it."""
    commands = Options((str(material.speech / "nl-commands.jsonl"),), part="test", limit=material.limit)
    conditions = {"clean": Conditions(), "kitchen 10 dB": material.kitchen, "a room": material.room}
    for name, condition in conditions.items():
        yield Row(f"Dutch commands, {name}", replace(commands, conditions=condition))
    short = Options((material.fillets,), part="test", limit=material.limit)
    yield Row("short turns by people", short)
    yield Row("pieces of talk by people", Options((str(material.talk / "pieces.jsonl"),), limit=material.limit))
    yield Row("synthetic answers", Options((str(material.talk / "turns.jsonl"),), limit=material.limit))
    yield Row("synthetic talk", Options((str(material.talk / "talk.jsonl"),), limit=material.limit))
    for name, condition in list(conditions.items())[1:]:
        yield Row(f"short turns by people, {name}", replace(short, conditions=condition))
        talk = Options((str(material.talk / "talk.jsonl"),), limit=material.limit, conditions=condition)
        yield Row(f"synthetic talk, {name}", talk)
    yield from _microphones(material, commands)
    yield Row("naive, Dutch commands, clean", replace(commands, naive=True))
    yield Row("naive, short turns by people", replace(short, naive=True))


def _microphones(material: Material, commands: Options) -> Iterator[Row]:
    """The same commands through poor microphones, and with somebody else who speaks."""
    few = replace(commands, limit=min(60, material.limit or 60))
    talker = material.speech / "en" / "meeting"
    for condition in (
        Conditions(level=-40.0),
        Conditions(level=-6.0),
        Conditions(overdrive=20.0),
        Conditions(offset=0.05),
        *(Conditions(room=material.speech / "rooms" / f"rir{number}.flac") for number in (2, 3, 4)),
        *(Conditions(noise=file, snr=10.0) for file in sorted(talker.glob("*.ogg"))[:1]),
    ):
        yield Row(f"60 Dutch commands, {condition.name}", replace(few, conditions=condition))


def full(material: Material, out: Path) -> dict[str, Any]:
    """Measure what is not in the file yet."""
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {}
    for row in rows(material):
        if row.name not in found:
            found[row.name] = hearing_bench(row.options)
            out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print(row.name, flush=True)
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench full`."""
    parser.add_argument(
        "--speech", type=Path, required=True, metavar="FOLDER", help="with nl-commands.jsonl, noise ..."
    )
    parser.add_argument("--fillets", default="/usr/share/games/fillets-ng/sound/*/nl", metavar="FOLDERS")
    parser.add_argument("--talk", type=Path, required=True, metavar="FOLDER", help="made by companion bench talk")
    parser.add_argument("--limit", type=int, metavar="CLIPS", help="of every row, drawn by a hash")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """Write the results, row by row."""
    full(Material(args.speech, args.fillets, args.talk, args.limit), args.out)
    return 0
