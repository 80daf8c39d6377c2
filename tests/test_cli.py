"""The command line from outside: exit statuses, sentences, and rehearsals that are the same twice."""

import json
import wave
from pathlib import Path

import pytest

from companion.cli import main
from companion.selfcheck import findings
from companion.settings import load_settings

COMMANDS = ["run", "try", "simulate", "demonstrate", "rehearse", "methods", "phrases", "check", "models", "bench"]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert [command for command in COMMANDS if command not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rehearse", "nix"], 'There is no method "nix". The methods are luisteroefening, '),
        (["rehearse", "luisteroefening", "--people", "1"],
         "luisteroefening: a plan for 1 cannot be made; give 2 to 16 people."),
        (["rehearse", "luisteroefening", "--minutes", "5"],
         "luisteroefening does not fit in 5 minutes with this group; "
         "the shortest time that does is 16 minutes."),
        (["rehearse", "luisteroefening", "--script", "/nowhere"], "/nowhere: cannot be read"),
        (["rehearse", "luisteroefening", "--microphone", "/nowhere"], "/nowhere: cannot be read (No such file"),
        (["rehearse", "luisteroefening", "--trace", "/nowhere/trace"], "/nowhere/trace: cannot be written"),
        (["rehearse", "luisteroefening", "--light", "/nowhere/light"], "/nowhere/light: cannot be written"),
        (["rehearse", "luisteroefening", "--speaker", "/nowhere/wav"], "/nowhere/wav: cannot be written"),
        (["run", "luisteroefening", "--people", "99"],
         "luisteroefening: a plan for 99 cannot be made; give 2 to 16 people."),
        (["methods", "plan", "luisteroefening", "--cases", "9"], "a plan for 9 cases cannot be made; give 1 to 4."),
        (["methods", "check", "/nowhere"], "/nowhere: cannot be read"),
        (["--settings", "/nowhere", "check"], "/nowhere: cannot be read"),
        (["models", "get", "nix"], "nix"),
        (["methods", "print", "basisregel"], 'nothing called "basisregel" to print; did you mean "basisregels"?'),
        (["try", "luisteroefning"], 'did you mean "luisteroefening"?'),
        (["rehearse", "luisteroefening", "--trace", "/dev/full"], "Nothing more can be written (No space left"),
        (["simulate"], "The simulator needs a terminal with keys; without one, type: companion demonstrate"),
    ],
)  # fmt: skip
def test_a_users_mistake_is_one_sentence_and_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("companion: ")
    assert said.count("\n") == 1
    assert message in said


@pytest.mark.parametrize(
    ("first", "second"), [("microphone", "speaker"), ("script", "picture"), ("light", "trace"), ("speaker", "trace")]
)
def test_nothing_is_written_over_what_else_is_named(
    first: str, second: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one"
    file.write_text("00:10 press\n", encoding="utf-8")
    again = tmp_path / "." / ".." / tmp_path.name / "one"
    assert main(["rehearse", "luisteroefening", f"--{first}", str(file), f"--{second}", str(again)]) == 2
    assert f"is named for --{first} and for --{second}; name another for one of them" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "00:10 press\n"


def test_a_rehearsal_that_cannot_begin_leaves_an_older_recording_as_it_is(tmp_path: Path) -> None:
    older, new = tmp_path / "older.wav", tmp_path / "new.wav"
    older.write_bytes(b"what was said last week")
    for file in (older, new):
        assert main(["rehearse", "luisteroefening", "--script", "/nowhere", "--speaker", str(file)]) == 2
    assert older.read_bytes() == b"what was said last week"
    assert not new.exists()


@pytest.mark.parametrize(
    ("people", "message"),
    [("zeven", "'zeven' is no whole number; write it in digits"), ("0", "'0' make no group; give 2 to 16")],
)
def test_a_number_that_is_none_is_told_with_its_option(
    people: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["methods", "suggest", "--people", people])
    assert left.value.code == 2
    assert f"--people: {message}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "arguments", "total"),
    [
        ("minutes = 45", [], "44:50"),
        ("minutes = 5", [], "15:50"),
        ("minutes = 45", ["--minutes", "20"], "19:50"),
        ("", [], "30:00"),
    ],
    ids=["the settings'", "the least that it takes", "asked for", "the method's own"],
)
def test_a_plan_and_a_card_are_as_a_session_would_be(
    settings: str, arguments: list[str], total: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(settings, encoding="utf-8")
    assert main(["--settings", str(file), "methods", "plan", "luisteroefening", *arguments]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"  {total}  samen")


@pytest.mark.parametrize("length", ["0", "-5", "nan", "241", "lang"])
def test_a_length_that_is_none_is_told_what_is(length: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["rehearse", "luisteroefening", f"--minutes={length}"])
    assert left.value.code == 2
    assert f"--minutes: '{length}' is no length; give more than 0 and at most 240" in capsys.readouterr().err


def test_an_unknown_option_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["check", "--peple", "6"])
    assert left.value.code == 2
    assert "unrecognized arguments: --peple 6; companion check --help names them" in capsys.readouterr().err


@pytest.mark.parametrize("bench", ["hearing", "calibrate", "loop"])
def test_every_bench_explains_itself(bench: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", bench, "--help"])
    assert left.value.code == 0
    assert "--" in capsys.readouterr().out


def test_the_demonstration_hears_its_people_and_ignores_their_talk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demonstrate", "--language", "nl"]) == 0
    course = capsys.readouterr().out.splitlines()
    said = [number for number, line in enumerate(course) if "  iemand " in line]
    heard = [number for number in said if "→ gehoord" in course[number + 1]]
    talk = [number for number, line in enumerate(course) if "  gesprek " in line]
    assert len(heard) >= 0.8 * len(said)
    assert talk
    assert not [number for number in talk if "gehoord" in course[number + 1]]
    assert "●" in "".join(course)
    with wave.open("demo.wav") as sound:
        assert 60 < sound.getnframes() / sound.getframerate() < 400


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["methods", "list"], "luisteroefening                30 min  4-8  Luisteroefening"),
        (["methods", "list", "--language", "en"], "Listening exercise"),
        (["methods", "show", "luisteroefening"], "verteller: vertel je verhaal of je vraag"),
        (["methods", "plan", "luisteroefening"], "  25:00    4:00  6. Ieder een tip.  (5 beurten van 0:48)"),
        (["methods", "plan", "sessie-in-vijf-delen", "--minutes", "90", "--cases", "1"], "90:00  samen, 6 mensen"),
        (["methods", "check", "methods/incidentmethode.toml"], "fine; steps: 6, minutes: 50."),
        (["methods", "check", "methods/rules/afspraken.toml"], "fine; sentences: 4."),
        (["phrases"], "volgende fase · naar de volgende fase"),
        (["models", "list"], "whisper-base"),
        (["check"], "methods"),
    ],
)
def test_what_can_be_asked(arguments: list[str], shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert shown in capsys.readouterr().out


def test_check_tells_of_a_folder_in_which_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert [finding.works for finding in findings(load_settings()) if finding.part == "storage"] == [True]
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "a-file"))
    (finding,) = (finding for finding in findings(load_settings()) if finding.part == "storage")
    assert not finding.works
    assert finding.words.startswith(f"{tmp_path / 'a-file' / 'companion'}: nothing can be kept there")


@pytest.mark.parametrize(("mode", "works"), [("natural", True), ("named", True), ("button", False), ("off", False)])
def test_check_tells_where_nobody_could_lead_the_device(mode: str, works: bool, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'[microphone]\nmode = "{mode}"\n[button]\nkeyboard = false\n', encoding="utf-8")
    (finding,) = (finding for finding in findings(load_settings(file)) if finding.part == "buttons")
    assert finding.works is works
    assert works or "nobody can lead this device; set button.pin" in finding.words


def test_what_the_system_refuses_without_a_name_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_parsed: object, _settings: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("companion.cli._check", fails)
    with pytest.raises(OSError, match="Input/output error"):
        main(["check"])


def test_a_plan_tells_when_a_method_is_meant_for_another_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "plan", "clearness-committee", "--people", "3", "--language", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].strip() == "Meant for 5 to 7 people."


def test_check_tells_which_settings_and_which_own_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, file = tmp_path / "own", tmp_path / "mine.toml"
    (own / "rules").mkdir(parents=True)
    (own / "rules" / "ours.toml").write_text('name = { nl = "de regels", en = "our rules" }\nsource = "ons"\n')
    file.write_text(f'language = "en"\nmethods = "{own}"\n[voice]\nenabled = false\n')
    assert main(["--settings", str(file), "check"]) == 0
    settings, methods, *_ = capsys.readouterr().out.splitlines()
    assert settings.endswith(f"language en; from {file}")
    assert methods.startswith("--  methods")
    assert "ours.toml: rule is missing; add it." in methods
    assert main(["methods", "check", str(own / "rules" / "ours.toml")]) == 2


def rehearsed(folder: Path, *arguments: str) -> dict[str, bytes]:
    folder.mkdir()
    files = {name: folder / name for name in ("trace", "light", "speaker")}
    named = [part for name, file in files.items() for part in (f"--{name}", str(file))]
    assert main(["rehearse", "luisteroefening", *arguments, *named]) == 0
    return {name: file.read_bytes() for name, file in files.items()}


def test_a_rehearsal_is_the_same_twice_and_keeps_the_published_times(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("03:00 hold 1\n03:30 hold 1\n09:00 say hoeveel tijd nog\n20:00 lose microphone\n")
    one = rehearsed(tmp_path / "one", "--people", "5", "--script", str(script))
    two = rehearsed(tmp_path / "two", "--people", "5", "--script", str(script))
    assert one == two
    lines = [json.loads(line) for line in one["trace"].splitlines()]
    planned = [line["planned_s"] for line in lines if line["name"] == "StepBegan"]
    spent = [line["spent_s"] for line in lines if line["name"] == "StepEnded"]
    assert planned == [180, 300, 300, 120, 600, 240, 60]
    assert spent == [180, 300, 300, 120, 600, 240, 62]
    assert lines[-1]["name"] == "SessionEnded"
    with wave.open(str(tmp_path / "one" / "speaker")) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(lines[-1]["t"], abs=0.1)
    light = [json.loads(line) for line in one["light"].splitlines()]
    assert {line["figure"] for line in light} >= {"glow", "question", "arc", "still", "overtime", "dark"}
    assert {line["microphone"] for line in light} == {"open", "deaf", "off"}


def test_another_language_and_total(tmp_path: Path) -> None:
    out = rehearsed(tmp_path / "en", "--language", "en", "--minutes", "20")
    lines = [json.loads(line) for line in out["trace"].splitlines()]
    assert sum(line["planned_s"] for line in lines if line["name"] == "StepBegan") <= 1200
    assert any("The storyteller begins." in line.get("sentences", []) for line in lines)


def test_a_rehearsal_that_waits_for_ever_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "luisteroefening", "--no-auto"]) == 0
    assert capsys.readouterr().out == "companion: the session is ready after 0:00, and nobody goes on.\n"
