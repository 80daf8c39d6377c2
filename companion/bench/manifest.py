"""Manifests of recorded speech: which clips there are, what is expected of each, and in which part it is."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from companion.bench.sound import empty, is_empty
from companion.core.errors import SoundFileError

PARTS = ("all", "tune", "test", "teach", "norms", "untaught")
"""`teach` and `norms` are shares of `tune`: what was taught to a speller tells nothing of how it takes new speech."""
_SUFFIXES = (".ogg", ".wav", ".flac", ".opus", ".mp3")


@dataclass(frozen=True)
class Clip:
    """A recording. `expect` is the phrase that must be recognised, None: it must be ignored."""

    file: Path
    expect: str | None
    group: str
    """Who speaks, where that is known, else the file: clips of one group are in one part."""
    where: str = ""
    """Manifest and line, for a message."""


def load_clips(sources: Iterable[str], part: str = "all", only_ignored: bool = False) -> tuple[Clip, ...]:
    """The clips of manifests, in order; of a folder or a pattern of folders, all sound files, to be ignored.

    Raises SoundFileError naming file and line of what cannot be used, before anything is measured; also when
    nothing is left of them.
    """
    sources = tuple(sources)
    clips = [clip for source in sources for clip in _clips(source)]
    if not clips:
        raise SoundFileError(f"There is no speech in {', '.join(sources)}; give a manifest or a folder of sound files.")
    wanted = tuple(clip for clip in clips if is_in(clip.group, part) and not (only_ignored and clip.expect))
    if not wanted:
        kind = "to be ignored " if only_ignored else ""
        raise SoundFileError(f'{", ".join(sources)}: no clip {kind}is in the part "{part}"; choose another part.')
    return wanted


def chosen(clips: Sequence[Clip], limit: int | None) -> tuple[Clip, ...]:
    """At most so many of the clips, in their order, drawn by a hash: manifests repeat their phrases evenly."""
    if limit is None or limit >= len(clips):
        return tuple(clips)
    drawn = sorted(range(len(clips)), key=lambda k: hashlib.sha256(clips[k].file.name.encode()).digest())[:limit]
    return tuple(clips[k] for k in sorted(drawn))


def part_of(group: str) -> str:
    """`tune` or `test`, by a hash: half of all groups each, the same ones for ever."""
    return "test" if _first_byte(group) & 1 else "tune"


def is_in(group: str, part: str) -> bool:
    """Whether this group belongs to one of the `PARTS`."""
    if part == "untaught":
        return not is_in(group, "teach")
    if part in ("teach", "norms"):
        return part_of(group) == "tune" and share_of(group) == part
    return part == "all" or part_of(group) == part


def share_of(group: str) -> str:
    """`teach` for three of five groups, `norms` for the others, by another hash."""
    return "teach" if _first_byte(f"second{group}") < 0.6 * 256 else "norms"


def _first_byte(text: str) -> int:
    # JSON may hold half a character.
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()[0]


def group_of(file: Path) -> str:
    """The group of a recording that no manifest names."""
    return f"{file.parent.parent.name}/{file.name}"


def group_in(row: Mapping[str, Any]) -> str:
    """The group that a manifest's row names: who speaks, where that is known, else the file, as it is written there:
    halves are the same only where manifests name recordings alike."""
    return str(row.get("voice") or row.get("group") or row["file"])


def numbered_lines(file: Path) -> list[tuple[int, str]]:
    """The lines of a text that are not empty, with their numbers from 1.

    Raises SoundFileError when the file is not there, or no text.
    """
    try:
        # Only a line feed ends a line: JSON may hold what else Unicode takes for an end.
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise SoundFileError(f"{file.name} is no text in UTF-8 ({error.reason}); write it so.") from error
    except OSError as error:
        raise SoundFileError(f"{file} cannot be read ({error.strerror}); name another file.") from error
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]


def lines_of(file: Path) -> list[str]:
    """The same without their numbers."""
    return [line for _, line in numbered_lines(file)]


def sounds_in(folder: Path) -> Iterator[Path]:
    """What there is to hear in a folder, in order."""
    for file in sorted(folder.rglob("*")):
        # Games ship clips of no length.
        if file.suffix.lower() in _SUFFIXES and not is_empty(file):
            yield file


def _clips(source: str) -> Iterator[Clip]:
    path = Path(source)
    if path.is_file():
        for number, line in numbered_lines(path):
            yield _clip(path, number, line)
        return
    for folder in sorted(glob(source)):  # noqa: PTH207  the pattern may be absolute
        for file in sounds_in(Path(folder)):
            yield Clip(file, None, group_of(file))


def _clip(manifest: Path, number: int, line: str) -> Clip:
    where = f"{manifest.name}, line {number}"
    try:
        row: Mapping[str, Any] = json.loads(line)
        file, expect = manifest.parent / row["file"], row["expect"]
        group = group_in(row)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SoundFileError(f'{where}: needs "file" and "expect" as JSON.') from error
    if not (expect is None or isinstance(expect, str)):
        raise SoundFileError(f'{where}: "expect" is {expect!r}; give the phrase in quotes, or null: to be ignored.')
    if not _is_file(file):
        raise SoundFileError(f"{where}: there is no file {row['file']}; paths are relative to the manifest.")
    if is_empty(file, where):
        raise empty(file, where)
    return Clip(file, expect, group, where)


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds what none may hold
        return False
