"""What the parts of the command line share: adding a command, reading a language and a time, printing lines."""

import argparse
from collections.abc import Callable, Iterable
from typing import TypeAlias

from companion.core.plan import LEAST_PEOPLE, MOST_CASES, MOST_PEOPLE
from companion.language.phrases import LANGUAGES
from companion.method_file import LONGEST_MINUTES
from companion.settings import Settings

_PEOPLE = f"{LEAST_PEOPLE} to {MOST_PEOPLE}"
Run = Callable[[argparse.Namespace, Settings], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(commands: Commands, name: str, run: Run, help: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=LANGUAGES)


def add_group(parser: argparse.ArgumentParser) -> None:
    """How many people, how long and how many cases."""
    parser.add_argument("--people", type=whole, metavar="N", help=f"how many are at the table, {_PEOPLE}")
    parser.add_argument("--minutes", type=minutes, metavar="M", help="total time in minutes, not the method's own")
    parser.add_argument("--cases", type=whole, metavar="C", help=f"how many cases, 1 to {MOST_CASES}")


def whole(text: str) -> int:
    """A whole number; argparse tells which option the mistake is in."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number; write it in digits")
    return int(text)


def people(text: str) -> int:
    """How many are at the table; argparse tells which option the mistake is in."""
    number = whole(text)
    if not LEAST_PEOPLE <= number <= MOST_PEOPLE:
        raise argparse.ArgumentTypeError(f"{text!r} make no group; give {_PEOPLE}")
    return number


def minutes(text: str) -> float:
    """A length in minutes; argparse tells which option the mistake is in."""
    try:
        length = float(text)
    except ValueError:
        length = 0.0
    if not 0 < length <= LONGEST_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no length; give more than 0 and at most {LONGEST_MINUTES:g}")
    return length


def language_of(parsed: argparse.Namespace, settings: Settings) -> str:
    language: str = parsed.language or settings.language
    return language


def printed(lines: Iterable[object]) -> int:
    for line in lines:
        print(line, flush=True)
    return 0
