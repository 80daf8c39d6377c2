"""The methods and lists of sentences that are there: those of the package and a group's own."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from companion.core.errors import MethodError, UserError
from companion.core.method import Experience, Method, RuleSet
from companion.method_file import read_method, read_rule_set

_ROOT = Path(__file__).parent
FOLDER = _ROOT.parent / "methods" if (_ROOT.parent / "methods").is_dir() else _ROOT / "data" / "methods"
"""The built-in methods: beside the package in a checkout, inside of it when installed."""


def load_methods(folder: Path = FOLDER) -> tuple[Method, ...]:
    """Every method of a folder, the easiest and shortest first. Raises MethodError at the first mistake."""
    rule_sets = load_rule_sets(folder)
    return in_order(load_method(file, rule_sets) for file in folder.glob("*.toml"))


def in_order(methods: Iterable[Method]) -> tuple[Method, ...]:
    """As one meets them when turning through: what a new group can do first, then by length."""
    ease = list(Experience)
    return tuple(sorted(methods, key=lambda method: (ease.index(method.experience), method.total, method.id)))


def find_method(name: str, methods: tuple[Method, ...]) -> Method:
    """The method with this id or (in any language, in any case) this name."""
    wanted = name.strip().lower()
    for method in methods:
        if wanted in (method.id, *(spoken.lower() for spoken in method.name.by_language.values())):
            return method
    ids = [method.id for method in methods]
    near = difflib.get_close_matches(wanted, ids, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "."
    raise MethodError(f'There is no method "{name}"{hint} The methods are {", ".join(ids)}.')


def load_rule_sets(folder: Path = FOLDER) -> Mapping[str, RuleSet]:
    """The rule sets (rules/) and lists of prompts (prompts/) of a methods folder, by id."""
    files = [*sorted(folder.glob("rules/*.toml")), *sorted(folder.glob("prompts/*.toml"))]
    return MappingProxyType({file.stem: read_rule_set(file) for file in files})


def load_method(file: Path, rule_sets: Mapping[str, RuleSet]) -> Method:
    """One method. Raises MethodError with one sentence that names file, line, key, value and what is allowed."""
    method = read_method(file, rule_sets)
    assert method is not None, "without a list of mistakes the first is raised"
    return method


def load_own(folder: Path, rule_sets: Mapping[str, RuleSet]) -> tuple[tuple[Method, ...], tuple[MethodError, ...]]:
    """A group's own methods, and what is wrong with those that cannot be used: the others work."""
    methods, broken = [], []
    for file in sorted(folder.glob("*.toml")):
        try:
            methods.append(load_method(file, rule_sets))
        except MethodError as mistake:
            broken.append(mistake)
    return tuple(methods), tuple(broken)


def mistakes_in(file: Path, rule_sets: Mapping[str, RuleSet]) -> tuple[UserError, ...]:
    """Everything that is wrong with a method's file; raises MethodError where it cannot be read at all."""
    mistakes: list[UserError] = []
    read_method(file, rule_sets, mistakes)
    return tuple(mistakes)
