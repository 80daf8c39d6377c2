"""The saved position: what a session needs to go on after a power cut. Places, times, counts; no words."""

import json
import logging
import os
import time
from dataclasses import asdict
from pathlib import Path

from companion.core.effect import Position

_log = logging.getLogger(__name__)


class PositionFile:
    """One small file, written whole or not at all. Called on the loop's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, position: Position) -> None:
        """Temporary file, fsync, rename, fsync of the folder; a disk that is full costs the resume only."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            with part.open("w", encoding="ascii") as file:
                json.dump(asdict(position), file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as problem:
            _log.warning("%s: the position cannot be saved (%s)", self._path, problem.strerror)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def load(self, within: float) -> Position | None:
        """The position that was saved last; None where there is none, it is damaged, or older than `within` seconds."""
        try:
            if time.time() - self._path.stat().st_mtime > within:
                return None
            saved = json.loads(self._path.read_text(encoding="ascii"))
            return Position(**saved | {key: tuple(saved[key]) for key in ("spent_s", "added_s")})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            _log.warning("%s: is damaged and is left out; the session begins anew", self._path)
            return None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
