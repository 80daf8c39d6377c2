"""`companion bench full`: every figure of docs/hearing-tables.md, by one command, as JSON that is written row by row.

Takes some hours on one core. A row that is in the file already is not measured again; `--only` takes the rows whose
name holds some words, so that two cores can share the work (into two files).
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from companion.bench.hearing import Options, hearing_bench
from companion.bench.mixtures import KINDS
from companion.bench.moments import TOLD
from companion.bench.options import add_limit, writable_file
from companion.bench.speech import Conditions
from companion.core.errors import SettingsError


@dataclass(frozen=True)
class Material:
    """Where the recordings are.

    `made` is what `companion bench talk`, `talkies`, `mixtures`, `standins` and `kokoro` wrote (Dutch commands in
    `nl`, English ones in `en`, the phrases that these do not hold in `nl-others` and `en-others`, those that let a list
    be read in `nl-lists` and `en-lists`, all in diphones in `nl-diphones` and `en-diphones`, English answers in
    `en-answers`), and calibrations of the lists of stand-in commands: `standins.json` and `words.json` for Dutch ones,
    `en.json` for English ones.
    `limit` is of clips, for a look.
    """

    speech: Path
    fillets: str
    made: Path
    limit: int | None = None

    def conditions(self) -> dict[str, Conditions]:
        return {
            "clean": Conditions(),
            "kitchen 10 dB": Conditions(noise=self.speech / "noise" / "kitchen.ogg", snr=10.0),
            "a room": Conditions(room=self.speech / "rooms" / "rir1.flac"),
        }


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    options: Options


def rows(material: Material) -> Iterator[Row]:
    """All rows, what matters most first. Of what was tuned on only the test half; of what was made of it all."""
    commands = _options(material, material.speech / "nl-commands.jsonl", part="test")
    people = replace(commands, speech=(material.fillets,))
    yield from _everywhere(material, "Dutch commands", commands)
    yield from _everywhere(material, "short turns by people", people)
    for moment in (TOLD, "agreement", "asking", "confirming"):
        yield Row(f"short turns by people, {moment}", replace(people, moment=moment))
    yield from _new_voices(material)
    for name, kind in (
        ("synthetic talk", "talk"),
        ("letters and names by people", "short"),
        ("names in other languages by people, and noises", "foreign"),
        ("pieces of talk by people", "pieces"),
        ("synthetic answers", "turns"),
        *((f"mixture, {kind}", kind) for kind in KINDS),
    ):
        yield Row(name, _options(material, material.made / f"{kind}.jsonl"))
    talk = _options(material, material.made / "talk.jsonl")
    for condition, conditions in material.conditions().items():
        if conditions != Conditions():
            yield Row(f"synthetic talk, {condition}", replace(talk, conditions=conditions))
    english = _options(material, material.made / "en-answers" / "turns.jsonl", language="en")
    yield Row("synthetic answers in English", english)
    yield from _stand_ins(material)
    yield from _microphones(material, commands)
    yield Row("naive, Dutch commands, clean", replace(commands, naive=True))
    yield Row("naive, short turns by people", replace(people, naive=True))


def _options(material: Material, manifest: Path, part: str = "all", language: str = "nl") -> Options:
    return Options((str(manifest),), language=language, part=part, limit=material.limit)


def _new_voices(material: Material) -> Iterator[Row]:
    """Commands in voices that no norm, no threshold and no speller was made with."""
    for name, language in (("Dutch", "nl"), ("English", "en")):
        for title, folder in (
            (f"{name} commands", language),
            (f"the other {name} commands", f"{language}-others"),
            (f"{name} commands to read a list", f"{language}-lists"),
        ):
            options = _options(material, material.made / folder / "commands.jsonl", part="test", language=language)
            yield from _everywhere(material, f"{title}, new voices", options)
        diphones = _options(material, material.made / f"{language}-diphones" / "said.jsonl", language=language)
        yield from _everywhere(material, f"all {name} commands, diphones", diphones)


def _everywhere(material: Material, name: str, options: Options) -> Iterator[Row]:
    for condition, conditions in material.conditions().items():
        yield Row(f"{name}, {condition}", replace(options, conditions=conditions))


def _stand_ins(material: Material) -> Iterator[Row]:
    """Commands by people: what could be had in their place, in Dutch and in English."""
    made = material.made
    for name, kind in (("Dutch stand-ins by people", "standins"), ("Dutch names by people", "words")):
        phrases, calibration = made / f"{kind}.txt", made / f"{kind}.json"
        dutch = _options(material, made / f"{kind}.jsonl", part="untaught" if kind == "standins" else "all")
        yield from _everywhere(material, name, replace(dutch, phrases=phrases, calibration=calibration))
    english = Options(
        (str(material.speech / "en-standin.jsonl"),),
        language="en",
        phrases=material.speech / "en-standin.txt",
        calibration=made / "en.json",
        part="test",
        limit=material.limit or 300,
    )
    yield from _everywhere(material, "English stand-ins by people", english)
    yield Row("naive, English stand-ins by people, clean", replace(english, naive=True))
    talkies = _options(material, made / "talkies.jsonl", part="test", language="en")
    yield from _everywhere(material, "English turns by people", talkies)
    meeting = _options(material, material.speech / "en" / "meeting", language="en")
    yield Row("a meeting in English", meeting)


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
        Conditions(noise=talker / "trn01.ogg", snr=10.0),
        *(Conditions(noise=material.speech / "noise" / f"noise{number}.ogg", snr=10.0) for number in range(1, 6)),
    ):
        yield Row(f"60 Dutch commands, {condition.name}", replace(few, conditions=condition))


def full(material: Material, out: Path, only: str = "") -> dict[str, Any]:
    """Measure what is not in the file yet, of the rows whose name holds `only`."""
    found, wanted = _found(out), [row for row in rows(material) if only in row.name]
    if not wanted:
        raise SettingsError(f'No row has "{only}" in its name; the names stand in docs/hearing-tables.md.')
    for row in wanted:
        if row.name not in found:
            found[row.name] = hearing_bench(row.options)
            _keep(found, out)
            print(row.name, flush=True)
    return found


def _found(out: Path) -> dict[str, Any]:
    """What was measured before. Raises SettingsError where the file is something else."""
    if not out.is_file():
        return {}
    try:
        return dict(json.loads(out.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{out} holds no results of this bench; mend it, or name another file.") from error


def _keep(found: Mapping[str, Any], out: Path) -> None:
    """Never half: what was measured for hours is in the one file or in the other."""
    partial = out.with_name(f"{out.name}.partial")
    partial.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(out)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench full`."""
    parser.add_argument(
        "--speech", type=Path, required=True, metavar="FOLDER", help="with nl-commands.jsonl, noise ..."
    )
    parser.add_argument("--fillets", default="/usr/share/games/fillets-ng/sound/*/nl", metavar="FOLDERS")
    parser.add_argument("--made", type=Path, required=True, metavar="FOLDER", help="by bench talk, mixtures, standins")
    add_limit(parser)
    parser.add_argument("--only", default="", metavar="WORDS", help="of a row's name")
    parser.add_argument("--out", type=writable_file, required=True, metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """Write the results, row by row."""
    full(Material(args.speech, args.fillets, args.made, args.limit), args.out, args.only)
    return 0
