"""The methods and lists of sentences that are there: those of the package and a group's own."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from companion.core.errors import MethodError, UserError
from companion.core.method import Experience, Method, RuleSet, Text
from companion.language.phrases import MOST_LETTERS_OF_A_NAME, ambiguity, normal
from companion.method_file import read_method, read_rule_set

_ROOT = Path(__file__).parent
FOLDER = _ROOT.parent / "methods" if (_ROOT.parent / "methods").is_dir() else _ROOT / "data" / "methods"
"""The built-in methods: beside the package in a checkout, inside of it when installed."""

LIST_FOLDERS = ("rules", "prompts")


def load_methods(folder: Path = FOLDER, rule_sets: Mapping[str, RuleSet] | None = None) -> tuple[Method, ...]:
    """Every method of a folder, the easiest and shortest first. Raises MethodError at the first mistake.

    `rule_sets` are those of the folder, where they were read already.
    """
    rule_sets = load_rule_sets(folder) if rule_sets is None else rule_sets
    return in_order(load_method(file, rule_sets) for file in folder.glob("*.toml"))


def in_order(methods: Iterable[Method]) -> tuple[Method, ...]:
    """As one meets them when turning through: what a new group can do first, then by length."""
    ease = list(Experience)
    return tuple(sorted(methods, key=lambda method: (ease.index(method.experience), method.total, method.id)))


def find_method(name: str, methods: tuple[Method, ...]) -> Method:
    """The method with this id or (in any language, in any case) this name."""
    wanted = name.strip().lower()
    for method in methods:
        if wanted in (method.id.lower(), *(spoken.lower() for spoken in method.name.by_language.values())):
            return method
    ids = [method.id for method in methods]
    near = difflib.get_close_matches(wanted, ids, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "."
    raise MethodError(f'There is no method "{name}"{hint} The methods are {", ".join(ids)}.')


def load_rule_sets(folder: Path = FOLDER) -> Mapping[str, RuleSet]:
    """The rule sets (rules/) and lists of prompts (prompts/) of a methods folder, by id."""
    return MappingProxyType({file.stem: read_rule_set(file) for file in _list_files(folder)})


def _list_files(folder: Path) -> list[Path]:
    return [file for name in LIST_FOLDERS for file in sorted(folder.glob(f"{name}/*.toml"))]


def load_method(file: Path, rule_sets: Mapping[str, RuleSet]) -> Method:
    """One method. Raises MethodError with one sentence that names file, line, key, value and what is allowed."""
    method = read_method(file, rule_sets)
    assert method is not None, "without a list of mistakes the first is raised"
    return method


@dataclass(frozen=True)
class Own:
    """What a group has of its own, and what is wrong with the files that cannot be used: the others work."""

    methods: tuple[Method, ...]
    rule_sets: Mapping[str, RuleSet]
    broken: tuple[MethodError, ...]


def load_own(
    folder: Path, methods: Iterable[Method], rule_sets: Mapping[str, RuleSet], called: Mapping[str, str]
) -> Own:
    """A group's own files; `methods` and `rule_sets` are the built-in ones, which an own file of that name replaces.

    `called` is what the device is called, by language.
    """
    known = {method.id: method for method in methods}
    own, lists, broken = dict[str, Method](), dict[str, RuleSet](), list[MethodError]()
    for file in _list_files(folder):
        with _collected(broken):
            found = read_rule_set(file)
            if file.stem in lists:
                raise MethodError(f"{file.parent.name}/{file.name}: there is another {file.name}; rename one of them.")
            _refuse_clashes(file, found.name, known.values(), {**rule_sets, **lists, file.stem: found}, called)
            lists[file.stem] = found
    for file in sorted(folder.glob("*.toml")):
        with _collected(broken):
            method = load_method(file, {**rule_sets, **lists})
            _refuse_clashes(
                file, method.name, {**known, **own, file.stem: method}.values(), {**rule_sets, **lists}, called
            )
            own[file.stem] = method
    return Own(tuple(own.values()), lists, tuple(broken))


@contextmanager
def _collected(broken: list[MethodError]) -> Iterator[None]:
    """Puts a mistake with the others instead of raising it."""
    try:
        yield
    except MethodError as mistake:
        broken.append(mistake)


def _refuse_clashes(
    file: Path, name: Text, methods: Iterable[Method], lists: Mapping[str, RuleSet], called: Mapping[str, str]
) -> None:
    for clash in _clashes(file, name, methods, lists, called):
        raise clash


def _clashes(
    file: Path, name: Text, methods: Iterable[Method], lists: Mapping[str, RuleSet], called: Mapping[str, str]
) -> Iterator[MethodError]:
    """Why this name cannot be said: with it, words stand for two commands, or for one and the device."""
    for language, words in name.by_language.items():
        where = f'{file.name}: name.{language} = "{words}"'
        if len(normal(words)) > MOST_LETTERS_OF_A_NAME:
            yield MethodError(f"{where}: takes too long to say; give at most {MOST_LETTERS_OF_A_NAME} letters.")
        if (said := ambiguity(language, methods, lists.values())) is not None:
            yield MethodError(f'{where}: "{said}" stands for something else already; give it another name.')
        if shared := set(normal(words).split()) & set(called[language].split()):
            yield MethodError(f'{where}: "{min(shared)}" is what the device is called; give one of them another name.')


def mistakes_in(
    file: Path, rule_sets: Mapping[str, RuleSet], others: Iterable[Method], called: Mapping[str, str]
) -> tuple[UserError, ...]:
    """Everything that is wrong with a method's file; raises MethodError where it cannot be read at all."""
    mistakes: list[UserError] = []
    method = read_method(file, rule_sets, mistakes)
    if method is None:
        return tuple(mistakes)
    methods = [*(other for other in others if other.id != method.id), method]
    return (*mistakes, *_clashes(file, method.name, methods, rule_sets, called))


def mistakes_in_list(
    file: Path, rule_sets: Mapping[str, RuleSet], methods: Iterable[Method], called: Mapping[str, str]
) -> tuple[UserError, ...]:
    """What is wrong with a rule set or a list of prompts: the first mistake, or why its name cannot be said."""
    try:
        found = read_rule_set(file)
    except MethodError as mistake:
        return (mistake,)
    return tuple(_clashes(file, found.name, methods, {**rule_sets, found.id: found}, called))
