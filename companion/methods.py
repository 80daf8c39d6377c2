"""The methods and lists of sentences that are there: those of the package and a group's own."""

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from companion.core.errors import MethodError, UserError
from companion.core.method import Experience, Method, RuleSet
from companion.language.phrases import MOST_LETTERS_OF_A_NAME, ambiguity, normal
from companion.method_file import read_method, read_rule_set
from companion.table import line_of

_ROOT = Path(__file__).parent
FOLDER = _ROOT.parent / "methods" if (_ROOT.parent / "methods").is_dir() else _ROOT / "data" / "methods"
"""The built-in methods: beside the package in a checkout, inside of it when installed."""

LIST_FOLDERS = ("rules", "prompts")
Named = Method | RuleSet


def load_methods(folder: Path = FOLDER, rule_sets: Mapping[str, RuleSet] | None = None) -> tuple[Method, ...]:
    """Every method of a folder, the easiest and shortest first. Raises MethodError at the first mistake.

    `rule_sets` are those of the folder, where they were read already.
    """
    rule_sets = load_rule_sets(folder) if rule_sets is None else rule_sets
    return in_order(read_method(file, rule_sets) for file in folder.glob("*.toml"))


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
            _refuse_clashes(file, found, known.values(), {**rule_sets, **lists, file.stem: found}, called)
            lists[file.stem] = found
    for file in sorted(folder.glob("*.toml")):
        with _collected(broken):
            method = read_method(file, {**rule_sets, **lists})
            _refuse_clashes(file, method, {**known, **own, file.stem: method}.values(), {**rule_sets, **lists}, called)
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
    file: Path, found: Named, methods: Iterable[Method], lists: Mapping[str, RuleSet], called: Mapping[str, str]
) -> None:
    for clash in _clashes(file, found, tuple(methods), lists, called, ()):
        raise clash


def _clashes(
    file: Path,
    found: Named,
    methods: Collection[Method],
    lists: Mapping[str, RuleSet],
    called: Mapping[str, str],
    left_out: Iterable[Named],
) -> Iterator[MethodError]:
    """Why this name cannot be said: with it, words stand for two commands, or for one and the device.

    `left_out` are those beside it that are not among the others, perhaps because this one has taken their name.
    """
    alike = (*(methods if isinstance(found, Method) else lists.values()), *left_out)
    for language, words in found.name.by_language.items():
        twin = _twin(found, language, alike)
        said = ambiguity(language, methods, lists.values())
        for problem in _problems(words, called[language]):
            yield _of_name(file, language, words, problem)
        if twin is not None:
            yield _of_name(file, language, words, _told_twin(file, twin.id, language))
        elif said is not None and _has_letters(words):
            problem = f'"{said}" stands for something else already; give it another name'
            yield _of_name(file, language, words, problem)


def _problems(words: str, called: str) -> Iterator[str]:
    if not _has_letters(words):
        yield "has no letters, so nobody can say it; give it a name in words"
    if len(normal(words)) > MOST_LETTERS_OF_A_NAME:
        yield f"takes too long to say; give at most {MOST_LETTERS_OF_A_NAME} letters"
    if shared := set(normal(words).split()) & set(called.split()):
        yield f'"{min(shared)}" is what the device is called; give one of them another name'


def _has_letters(words: str) -> bool:
    return any(letter.isalpha() for letter in words)


def _of_name(file: Path, language: str, words: str, problem: str) -> MethodError:
    line = line_of(file, "name", language)
    return MethodError(f'{file.name}{f":{line}" if line else ""}: name.{language} = "{words}": {problem}.')


def _twin(found: Named, language: str, alike: Iterable[Named]) -> Named | None:
    """What else has this name."""
    said = normal(found.name.of(language))
    return next((other for other in alike if other.id != found.id and normal(other.name.of(language)) == said), None)


def _told_twin(file: Path, id: str, language: str) -> str:
    """Where the name stands too: in an own file beside this one, or in a built-in one."""
    is_list = file.parent.name in LIST_FOLDERS
    folders = [file.parent.parent / name for name in LIST_FOLDERS] if is_list else [file.parent]
    for own in (folder / f"{id}.toml" for folder in folders):
        if own.is_file():
            place = f"{own.name}:{line_of(own, 'name', language)}"
            return f"is the name in {place} too; give one of them another, or take the copy out of the folder"
    return f"is the name of the built-in {id}.toml too; give it another, or call the file {id}.toml to replace that one"


def mistakes_in(
    file: Path, rule_sets: Mapping[str, RuleSet], others: Iterable[Method], called: Mapping[str, str]
) -> tuple[UserError, ...]:
    """Everything that is wrong with a method's file; raises MethodError where it cannot be read at all."""
    mistakes: list[UserError] = []
    method = read_method(file, rule_sets, mistakes)
    methods = {**{other.id: other for other in others}, method.id: method}
    beside = (other for other in file.parent.glob("*.toml") if other.stem not in methods)
    left_out = _sound(beside, lambda other: read_method(other, rule_sets))
    clashes = _clashes(file, method, methods.values(), rule_sets, called, left_out)
    return (*_not_taken(file), *mistakes, *clashes)


def _sound(files: Iterable[Path], read: Callable[[Path], Named]) -> list[Named]:
    """What is in those of the files that have no mistake."""
    found: list[Named] = []
    for file in sorted(files):
        with _collected([]):
            found.append(read(file))
    return found


def mistakes_in_list(
    file: Path, rule_sets: Mapping[str, RuleSet], methods: Iterable[Method], called: Mapping[str, str]
) -> tuple[UserError, ...]:
    """Everything that is wrong with a rule set or a list of prompts, like `mistakes_in`."""
    mistakes: list[UserError] = []
    found = read_rule_set(file, mistakes)
    lists = {**rule_sets, found.id: found}
    beside = (other for other in _list_files(file.parent.parent) if other.stem not in lists)
    clashes = _clashes(file, found, tuple(methods), lists, called, _sound(beside, read_rule_set))
    return (*_not_taken(file), *mistakes, *clashes)


def _not_taken(file: Path) -> Iterator[MethodError]:
    if file.suffix != ".toml":
        name = f"{file.name.partition('.')[0]}.toml"
        yield MethodError(f'{file.name}: only files whose name ends in .toml are taken; call it "{name}".')
