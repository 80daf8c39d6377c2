"""`companion bench standins`: Dutch by people in Debian's packages whose text is known, as stand-in commands.

Nobody has recorded the real commands. fillets-ng-data holds the text of what fillets-ng-data-nl speaks: lines of two to
five words that occur once become a list of phrases (`standins.txt`), their recordings what must be recognised
(`standins.jsonl`), and all other recordings what must be ignored (`others.jsonl`). Calibrate on these, and measure with
`--part untaught`: three of ten were taught to the speller. tuxpaint-stamps-default has the names of some seventy
animals and numbers, said plainly by people whom nothing was ever taught or tuned on: `words.txt` and `words.jsonl`.
With the letters and syllables of klettres-data they are short turns to ignore, too (`short.jsonl`); so are the names in
other languages and the noises of animals and tools among the stamps (`foreign.jsonl`).
"""

import argparse
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import soundfile

from companion.bench.manifest import group_of, is_in, sounds_in
from companion.bench.options import at_least_one
from companion.bench.sound import is_empty
from companion.core.errors import SoundFileError
from companion.language.phrases import normal

GAME = Path("/usr/share/games/fillets-ng")
STAMPS = Path("/usr/share/tuxpaint/stamps")
LETTERS = Path("/usr/share/klettres/nl")
_LINE = re.compile(r'dialogId\("([\w-]+)".*?\)\s*dialogStr\("(.*?)"\)', re.DOTALL)
_ENGLISH = re.compile(r'dialogId\("([\w-]+)", *"\w*", *"(.*?)"\)')
_NAME = re.compile(r"^nl\.utf8=([^(\n]*)", re.MULTILINE)
_COUNTS, _LENGTHS = (2, 5), (8, 28)
"""Words and letters of a line that may stand for a command."""
_LONGEST_S = 2.6


def spoken_lines(game: Path) -> dict[Path, str]:
    """Recording to text. Raises SoundFileError when there is none."""
    found = {
        sound: normal(text)
        for script in sorted(game.glob("script/*/dialogs_nl.lua"))
        for name, text in _LINE.findall(script.read_text(encoding="utf-8", errors="replace"))
        if (sound := game / "sound" / script.parent.name / "nl" / f"{name}.ogg").is_file()
    }
    if not found:
        raise SoundFileError(f"{game} holds no spoken Dutch; install fillets-ng-data and fillets-ng-data-nl.")
    return found


def spoken_names(stamps: Path) -> dict[Path, str]:
    """Recording to the name of what a stamp shows, without what stands in brackets; each name once."""
    found: dict[str, Path] = {}
    for sound in sorted(stamps.rglob("*_nl.ogg")):
        written = sound.with_name(f"{sound.stem.removesuffix('_nl').removesuffix('_desc')}.txt")
        name = _NAME.search(written.read_text(encoding="utf-8")) if written.is_file() else None
        if name is not None:
            found.setdefault(normal(name[1]), sound)
    return {sound: name for name, sound in found.items()}


def written_lines(game: Path, language: str) -> list[str]:
    """The dialogue to teach with, each line once; of Dutch, those lines whose recordings may be taught.

    Raises SoundFileError when there is none.
    """
    written = _ENGLISH if language == "en" else _LINE
    found = {
        text.replace("\\", "")
        for script in sorted(game.glob(f"script/*/dialogs_{language}.lua"))
        for name, text in written.findall(script.read_text(encoding="utf-8", errors="replace"))
        if re.search("[A-Za-z]", text) and (language != "nl" or is_in(f"{script.parent.name}/{name}.ogg", "teach"))
    }
    if not found:
        raise SoundFileError(f"{game} holds no dialogue in this language; install fillets-ng-data.")
    return sorted(found)


def standins(lines: Mapping[Path, str], count: int) -> dict[Path, str]:
    """At most so many lines that may stand for commands, drawn by a hash of their words."""
    often = Counter(lines.values())
    fitting = {sound: text for sound, text in lines.items() if often[text] == 1 and _fits(sound, text)}
    drawn = sorted(fitting, key=lambda sound: hashlib.sha256(fitting[sound].encode()).digest())[:count]
    return {sound: fitting[sound] for sound in sorted(drawn)}


def _fits(sound: Path, text: str) -> bool:
    counts = _COUNTS[0] <= len(text.split()) <= _COUNTS[1] and _LENGTHS[0] <= len(text) <= _LENGTHS[1]
    return counts and not re.search(r"\d", text) and 0 < soundfile.info(sound).duration <= _LONGEST_S


def _rows(lines: Mapping[Path, str | None]) -> Iterator[str]:
    for sound, text in lines.items():
        # Games ship clips of no length.
        if not is_empty(sound):
            row = {"file": str(sound), "expect": text, "group": group_of(sound)}
            yield json.dumps(row, ensure_ascii=False) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench standins`."""
    parser.add_argument("--game", type=Path, default=GAME, metavar="FOLDER", help="with script/ and sound/")
    parser.add_argument("--stamps", type=Path, default=STAMPS, metavar="FOLDER", help="with recordings and their texts")
    parser.add_argument("--letters", type=Path, default=LETTERS, metavar="FOLDER", help="with recordings")
    parser.add_argument("--count", type=at_least_one, default=250, metavar="PHRASES")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")


def run(args: argparse.Namespace) -> int:
    """Write the lists and the manifests."""
    lines, names = spoken_lines(args.game), spoken_names(args.stamps)
    said = standins(lines, args.count)
    others = dict.fromkeys(sound for sound in lines if sound not in said)
    args.out.mkdir(parents=True, exist_ok=True)
    for kind, recordings in (("standins", said), ("words", names)):
        (args.out / f"{kind}.txt").write_text("".join(f"{text}\n" for text in recordings.values()), encoding="utf-8")
        _write(args.out / f"{kind}.jsonl", recordings)
    _write(args.out / "others.jsonl", others)
    foreign = dict.fromkeys(sound for sound in sounds_in(args.stamps) if not sound.stem.endswith("_nl"))
    _write(args.out / "short.jsonl", dict.fromkeys([*names, *sounds_in(args.letters)]))
    _write(args.out / "foreign.jsonl", foreign)
    print(f"{args.out}: {len(said)} lines and {len(names)} names as phrases, {len(others)} recordings to ignore.")
    return 0


def _write(manifest: Path, recordings: Mapping[Path, str | None]) -> None:
    manifest.write_text("".join(_rows(recordings)), encoding="utf-8")
