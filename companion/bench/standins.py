"""`companion bench standins`: short lines of a game's Dutch dialogue as stand-in commands, said by people.

Nobody has recorded the real commands. Debian's fillets-ng-data holds the text of what fillets-ng-data-nl speaks: lines
of two to four words that occur once become a list of phrases (`standins.txt`), their recordings what must be recognised
(`standins.jsonl`), and all other recordings what must be ignored (`others.jsonl`). Calibrate on these, and measure with
`--part untaught`: three of ten were taught to the speller.
"""

import argparse
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import soundfile

from companion.bench.speech import group_of, is_in
from companion.core.errors import SoundFileError
from companion.language.phrases import normal

GAME = Path("/usr/share/games/fillets-ng")
_LINE = re.compile(r'dialogId\("([\w-]+)".*?\)\s*dialogStr\("(.*?)"\)', re.DOTALL)
_ENGLISH = re.compile(r'dialogId\("([\w-]+)", *"\w*", *"(.*?)"\)')
_WORDS, _LETTERS = (2, 4), (8, 24)
_LONGEST_S = 2.2


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
    counts = _WORDS[0] <= len(text.split()) <= _WORDS[1] and _LETTERS[0] <= len(text) <= _LETTERS[1]
    return counts and not re.search(r"\d", text) and 0 < soundfile.info(sound).duration <= _LONGEST_S


def _rows(lines: Mapping[Path, str | None]) -> Iterator[str]:
    for sound, text in lines.items():
        # Games ship clips of no length.
        if soundfile.info(sound).frames:
            row = {"file": str(sound), "expect": text, "group": group_of(sound)}
            yield json.dumps(row, ensure_ascii=False) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench standins`."""
    parser.add_argument("--game", type=Path, default=GAME, metavar="FOLDER", help="with script/ and sound/")
    parser.add_argument("--count", type=int, default=60, metavar="PHRASES")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")


def run(args: argparse.Namespace) -> int:
    """Write the list and both manifests."""
    lines = spoken_lines(args.game)
    said = standins(lines, args.count)
    others = dict.fromkeys(sound for sound in lines if sound not in said)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "standins.txt").write_text("".join(f"{text}\n" for text in said.values()), encoding="utf-8")
    (args.out / "standins.jsonl").write_text("".join(_rows(said)), encoding="utf-8")
    (args.out / "others.jsonl").write_text("".join(_rows(others)), encoding="utf-8")
    print(f"{args.out}: {len(said)} phrases, {len(others)} recordings to ignore.")
    return 0
