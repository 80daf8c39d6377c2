"""Nothing that was heard is logged, printed, raised or written: by the source itself, and by what may cross."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import companion.hearing
from companion.core.command import Command
from companion.hearing.listener import Heard, Trace
from companion.hearing.recogniser import Scores, Span
from companion.hearing.verdict import Verdict

MODULES = sorted(Path(companion.hearing.__file__).parent.glob("*.py"))
HEARD_TEXT = ("whisper.py", "vosk.py")
"""The only modules in which words that were heard exist at all."""
KEEPERS = {"open", "write_text", "write_bytes", "dump", "append", "extend", "add", "update", "setdefault", "insert"}
"""Calls by which a function could keep words beyond itself."""
LOGGERS = {"logging", "warnings", "traceback", "syslog", "faulthandler", "cgitb", "pdb"}
TELLERS = {"print", "pprint", "warn", "warning", "debug", "info", "error", "exception", "critical", "print_exc"}
TELLERS |= {"breakpoint", "input", "excepthook"}
STREAMS = {f"sys.{name}" for name in ("stdout", "stderr", "__stdout__", "__stderr__")}
TRANSCRIBERS = ("_transcript", "_alternatives", "FinalResult", "Result", "PartialResult", "decode", "generate")


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).split(".")[-1], node


def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_no_module_of_the_ears_logs_or_prints(module: Path) -> None:
    assert not {name.split(".")[0] for name in imports(module)} & LOGGERS
    assert not {name for name, _ in calls(parsed(module))} & TELLERS
    assert not {ast.unparse(node) for node in ast.walk(parsed(module)) if isinstance(node, ast.Attribute)} & STREAMS


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_words_that_were_heard_exist_in_two_modules_only(module: Path) -> None:
    used = {name for name, _ in calls(parsed(module))} & {"FinalResult", "Result", "PartialResult", "generate"}
    assert not used or module.name in HEARD_TEXT


@pytest.mark.parametrize("name", HEARD_TEXT)
def test_what_may_hold_heard_words_raises_nothing(name: str) -> None:
    """A function that calls a transcriber contains no raise, no file and no attribute to keep words in."""
    module = next(module for module in MODULES if module.name == name)
    functions = [node for node in ast.walk(parsed(module)) if isinstance(node, ast.FunctionDef)]
    touching = [f for f in functions if f.name != "__init__" and any(called in TRANSCRIBERS for called, _ in calls(f))]
    assert touching
    for function in touching:
        for node in ast.walk(function):
            assert not isinstance(node, ast.Raise | ast.Global | ast.Assert), function.name
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else targets
            bases = [target.value if isinstance(target, ast.Subscript) else target for target in targets]
            assert not [base for base in bases if isinstance(base, ast.Attribute)], function.name
        assert not {called for called, _ in calls(function)} & KEEPERS


def test_what_the_ears_hand_out_has_no_place_for_words() -> None:
    allowed = {"float", "int", "float | None", "Command", "Command | None", "Verdict", "tuple[float, ...]"}
    allowed |= {"tuple[companion.hearing.recogniser.Span, ...]", "tuple[Span, ...]"}
    allowed |= {"Decision", "Reason", "bool", "int | None"}
    for kind in (Heard, Trace, Scores, Span, Verdict):
        for name, annotation in kind.__annotations__.items():
            shown = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
            assert str(shown).split(".")[-1] in allowed or str(annotation) in allowed or annotation == Command | None, (
                name
            )


NUMBERS = {"tuple[int, ...]", "None", "Scores", "tuple[int, float] | None", "tuple[float, ...]"}
HEARING = Path(companion.hearing.__file__).parent
OWN_VOICE = HEARING.parent / "bench" / "understood.py"
"""Writes down what the device's own voice says, to find words that it says badly; it has no microphone."""
TEACHING = HEARING.parent / "bench" / "teach.py"
"""Teaches the speller from recordings that a file names; it has no microphone."""
ELSEWHERE = sorted(set(HEARING.parent.rglob("*.py")) - {*MODULES, OWN_VOICE})


@pytest.mark.parametrize("name", HEARD_TEXT)
def test_what_recognisers_give_are_numbers(name: str) -> None:
    """`model` is a name of the catalogue; everything else that is public answers with numbers."""
    kinds = [node for node in parsed(HEARING / name).body if isinstance(node, ast.ClassDef)]
    public = [f for kind in kinds for f in kind.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")]
    assert {f.name for f in public} - {"moments"} == {"model", "prepare", "unknown", "scores", "unheard", "naive"}
    answers = {ast.unparse(f.returns) for f in public if f.returns is not None and f.name not in ("model", "moments")}
    assert answers <= NUMBERS


@pytest.mark.parametrize("module", ELSEWHERE, ids=lambda module: module.relative_to(HEARING.parent).as_posix())
def test_what_could_be_spelt_is_seen_by_the_teacher_only(module: Path) -> None:
    """What the encoder gives, and what a speller makes of it, would tell words."""
    touched = {node.attr for node in ast.walk(parsed(module)) if isinstance(node, ast.Attribute)}
    named = {node.id for node in ast.walk(parsed(module)) if isinstance(node, ast.Name)}
    assert module == TEACHING or not touched & {"moments"}
    assert module == TEACHING or not named & {"Speller", "load_speller"}


def imports(module: Path) -> set[str]:
    tree = parsed(module)
    found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return found | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def private_names(name: str) -> set[str]:
    """Its functions, and what its objects keep: engines among them."""
    tree = parsed(HEARING / name)
    named = {f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
    named |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_own(node)}
    return {name for name in named if name.startswith("_") and not name.startswith("__")}


@pytest.mark.parametrize("module", ELSEWHERE, ids=lambda module: module.relative_to(HEARING.parent).as_posix())
def test_no_other_module_can_reach_a_word_that_was_heard(module: Path) -> None:
    """No engine is imported outside the ears, and nothing private of the two modules that hold words is touched."""
    assert not {name.split(".")[0] for name in imports(module)} & {"vosk", "ctranslate2", "tokenizers"}
    touched = {node.attr for node in ast.walk(parsed(module)) if isinstance(node, ast.Attribute) and not is_own(node)}
    assert not touched & set().union(*map(private_names, HEARD_TEXT))
    assert not {called for called, _ in calls(parsed(module))} & DECODERS
    assert not texts_of(parsed(module)) & set().union(*map(private_names, HEARD_TEXT))


DECODERS = {"FinalResult", "PartialResult", "AcceptWaveform", "generate", "transcribe", "id_to_token"}
"""Calls by which an engine gives words, on whatever object they are made."""


def texts_of(tree: ast.Module) -> set[str]:
    """An attribute can be named by a text, too: in getattr(), vars() or __dict__."""
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def test_what_writes_down_the_own_voice_takes_texts_and_no_sound() -> None:
    functions = [node for node in ast.walk(parsed(OWN_VOICE)) if isinstance(node, ast.FunctionDef)]
    taken = {f.name: [ast.unparse(each.annotation) for each in f.args.args if each.annotation] for f in functions}
    assert taken["understood"] == ["Iterable[Method]", "str", "SentenceCache"] or taken["understood"] == ["str"]
    allowed = {"str", "int", "Method", "Iterable[Method]", "SentenceCache"}
    assert {kind for kinds in taken.values() for kind in kinds} <= allowed


def test_only_the_ears_open_a_microphone() -> None:
    """Elsewhere, what it gives would lie in a process that can be dumped, speaks and writes."""
    for module in set(HEARING.parent.rglob("*.py")) - set(MODULES):
        assert "companion.hearing.microphone" not in imports(module) or module.name == "staging.py", module.name
        called = {name for name, _ in calls(parsed(module))}
        assert not called & {"InputStream", "RawInputStream", "Stream", "RawStream", "rec", "playrec"}, module.name


@pytest.mark.parametrize("module", [OWN_VOICE, TEACHING], ids=lambda module: module.name)
def test_what_writes_down_the_own_voice_or_teaches_hears_no_microphone(module: Path) -> None:
    ears = {f"companion.hearing.{name}" for name in ("ears", "listener", "microphone", "process")}
    assert not imports(module) & {*ears, "sounddevice"}
