"""The methods and lists of sentences that are there: those of the package and a group's own."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from companion.core.errors import MethodError, UserError
from companion.core.method import Experience, Method, RuleSet
from companion.method_file import read_method, read_rule_set

_ROOT = Path(__file__).parent
FOLDER = _ROOT.parent / "methods" if (_ROOT.parent / "methods").is_dir() else _ROOT / "data" / "methods"
"""The built-in methods: beside the package in a checkout, inside of it when installed."""


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
    return [*sorted(folder.glob("rules/*.toml")), *sorted(folder.glob("prompts/*.toml"))]


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


def load_own(folder: Path, methods: Iterable[Method], rule_sets: Mapping[str, RuleSet]) -> Own:
    """A group's own files; `methods` and `rule_sets` are the built-in ones, which an own file of that name replaces."""
    own: list[Method] = []
    lists, broken = dict[str, RuleSet](), list[MethodError]()
    for file in _list_files(folder):
        with _collected(broken):
            lists[file.stem] = read_rule_set(file)
    for file in sorted(folder.glob("*.toml")):
        others = [method for method in methods if method.id != file.stem] + own
        with _collected(broken):
            own.append(_distinct(file, {**rule_sets, **lists}, others))
    return Own(tuple(own), lists, tuple(broken))


@contextmanager
def _collected(broken: list[MethodError]) -> Iterator[None]:
    """Puts a mistake with the others instead of raising it."""
    try:
        yield
    except MethodError as mistake:
        broken.append(mistake)


def _distinct(file: Path, rule_sets: Mapping[str, RuleSet], others: Iterable[Method]) -> Method:
    method = load_method(file, rule_sets)
    for clash in clashes(method, others):
        raise clash
    return method


def clashes(method: Method, others: Iterable[Method]) -> Iterator[MethodError]:
    """Names that another method has too: nobody could start one of the two."""
    for other in others:
        for language, name in method.name.by_language.items():
            if other.id != method.id and name.strip().lower() == other.name.of(language).strip().lower():
                yield MethodError(f'{method.id}.toml: name = "{name}": is the name of {other.id} too; give it another.')


def mistakes_in(file: Path, rule_sets: Mapping[str, RuleSet], others: Iterable[Method] = ()) -> tuple[UserError, ...]:
    """Everything that is wrong with a method's file; raises MethodError where it cannot be read at all."""
    mistakes: list[UserError] = []
    method = read_method(file, rule_sets, mistakes)
    return (*mistakes, *(clashes(method, others) if method else ()))
