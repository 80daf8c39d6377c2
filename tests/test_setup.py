"""script/setup on machines where something fails: one sentence with the remedy; a second try goes on.

The programs it calls are stood in for by small scripts; what it does on a real bare machine is proven by CI.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
REAL = ("bash", "cat", "cut", "dirname", "env", "grep", "mkdir", "mktemp", "rm", "sha256sum", "tail", "uname")
PYTHON = """#!/bin/bash
case "$*" in
  "-c "*) exit 0 ;;
  "-m pip --version") exit 0 ;;
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  "-m pip install --no-deps"*)
    printf '#!/bin/bash\\necho "The model x is here already."\\n' > .venv/bin/companion
    /bin/chmod +x .venv/bin/companion ;;
  "-m pip install --require-hashes"*) {pip} ;;
esac
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def setup(tmp_path: Path) -> Run:
    """Runs a copy of script/setup in a folder of its own, with nothing on the path but what is given."""
    project, programs = tmp_path / "project", tmp_path / "bin"
    (project / "script").mkdir(parents=True)
    programs.mkdir()
    for file in ("script/setup", "requirements.lock", "requirements-test.lock", "pyproject.toml"):
        shutil.copy(PROJECT / file, project / file)
    for name in REAL:
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "cp").symlink_to(str(shutil.which("cp")))

    def run(**bodies: str) -> subprocess.CompletedProcess[str]:
        stand_ins = {"id": "echo 0", "dpkg-query": "echo install ok installed", "apt-get": "exit 0"} | bodies
        pip = stand_ins.pop("pip", "exit 0")
        for name, body in stand_ins.items():
            _program(programs / name.replace("_", "-"), f"#!/bin/bash\n{body}\n")
        _program(programs / "python3", PYTHON.format(pip=pip))
        if (project / ".venv").exists():
            _program(project / ".venv/bin/python", PYTHON.format(pip=pip))
        command = [str(project / "script/setup")]
        return subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False)

    return run


def _program(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    file.write_text(text)
    file.chmod(0o755)


def test_what_is_there_is_left_alone_the_second_time(setup: Run) -> None:
    first, second = setup(), setup(pip="echo must not be called; exit 1")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "Installing Python packages" in first.stderr
    assert second.stderr == ""


@pytest.mark.parametrize(
    ("pip", "sentence"),
    [
        ("echo 'OSError: [Errno 28] No space left on device'; exit 1",
         "the disk is full. Free at least 2 GB and run this again; it goes on where it was."),
        ("echo 'THESE PACKAGES DO NOT MATCH THE HASHES'; exit 1",
         "a download was damaged. Run this again; what was whole is kept."),
        ("echo \"error: command 'gcc' failed: No such file or directory\"; exit 1",
         "a compiler is missing. Type: apt-get install build-essential python3-dev, and run this again."),
        ("echo 'Temporary failure in name resolution'; exit 1",
         "a download broke off. Check the network and run this again; it goes on where it was."),
        ("echo 'something else'; exit 1", "failed: something else"),
    ],
)  # fmt: skip
def test_a_failure_is_one_sentence_with_its_remedy_and_a_second_try_goes_on(
    setup: Run, pip: str, sentence: str
) -> None:
    failed = setup(pip=pip)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("setup: Installing Python packages")
    assert sentence in failed.stderr.splitlines()[-1]
    assert setup().returncode == 0


def test_who_is_not_root_and_has_no_sudo_is_told_what_to_type(setup: Run) -> None:
    failed = setup(id="echo 1000", dpkg_query="exit 1")
    assert failed.returncode == 1
    assert failed.stderr.strip() == (
        "setup: as root, type: apt-get install ca-certificates espeak-ng libatomic1 libportaudio2   and run this again."
    )


def test_who_has_sudo_needs_to_type_nothing(setup: Run) -> None:
    done = setup(id="echo 1000", dpkg_query="exit 1", sudo='echo "$@" >> asked; exit 0')
    assert done.returncode == 0, done.stderr


def test_who_may_not_use_sudo_is_told_what_to_type(setup: Run) -> None:
    failed = setup(id="echo 1000", dpkg_query="exit 1", sudo="exit 1")
    assert failed.returncode == 1
    assert "sudo is not for you here; as root, type: apt-get install ca-certificates" in failed.stderr


def test_a_32_bit_system_is_told(setup: Run) -> None:
    failed = setup(uname="echo armv7l")
    assert failed.returncode == 1
    assert "this needs a 64-bit system (x86-64 or arm64), and this one is armv7l" in failed.stderr


def test_a_half_made_venv_is_made_anew(setup: Run, tmp_path: Path) -> None:
    setup()
    _program(tmp_path / "project/.venv/bin/companion", "#!/bin/bash\nexit 1\n")
    again = setup()
    assert again.returncode == 0
    assert "Installing Python packages" in again.stderr


def test_another_system_is_told_what_this_needs(setup: Run, tmp_path: Path) -> None:
    setup()
    (tmp_path / "bin" / "apt-get").unlink()
    command = [str(tmp_path / "project/script/setup")]
    done = subprocess.run(command, env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "this needs Debian 12 or 13, or Raspberry Pi OS" in done.stderr
