"""What one can type. Each command reads its words and calls one function; nothing is decided here."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from companion import __version__
from companion.core.errors import CompanionError, UserError
from companion.core.plan import make_plan
from companion.core.units import Seconds
from companion.language.phrases import LANGUAGES
from companion.methods import load_method, load_rule_sets
from companion.places import library
from companion.reports import method_shown, methods_list, phrases_shown, plan_shown
from companion.settings import Settings, load_settings

Run = Callable[[argparse.Namespace, Settings], int]

_DESCRIPTION = """
An intervision session on your table: it speaks the steps, shows the time, hears a few commands,
obeys one button, and keeps nothing of what is said. Try it: companion demonstrate
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 fine, 2 the user's mistake (one sentence, no traceback), 1 ours."""
    logging.basicConfig(level=logging.WARNING, format="companion: %(message)s")
    parsed = _parser().parse_args(arguments)
    try:
        run: Run = parsed.run
        return run(parsed, load_settings(parsed.settings))
    except UserError as mistake:
        print(f"companion: {mistake}", file=sys.stderr)
        return 2
    except CompanionError as fault:
        print(f"companion: {fault}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="companion", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--settings", type=Path, metavar="FILE", help="another settings file than your usual one")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_sessions(commands)
    _add_methods(commands)
    _add_rest(commands)
    return parser


Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, run: Run, help: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _add_sessions(commands: Commands) -> None:
    for name, run, help in (
        ("run", _run, "lead a session with the microphone, loudspeaker, light and button of this machine"),
        ("try", _try, "lead a session with what there is: sound, else a terminal, else the demonstration"),
        ("simulate", _simulate, "a whole device in your terminal: ring, button, captions"),
        ("demonstrate", _demonstrate, "watch six people do the listening exercise, in a minute"),
    ):
        parser = _command(commands, name, run, help)
        if name != "demonstrate":
            parser.add_argument("method", nargs="?", help="which method; without it you choose with the button")
            _add_group(parser)
        else:
            parser.add_argument("--language", choices=LANGUAGES)
            parser.add_argument("--speaker", type=Path, default=Path("demo.wav"), metavar="WAV", help="what was said")
    rehearse = _command(commands, "rehearse", _rehearse, "play a whole session in seconds, from a script or a recording")
    rehearse.add_argument("method")
    _add_group(rehearse)
    rehearse.add_argument("--microphone", type=Path, metavar="WAV", help="a recording in place of the microphone")
    rehearse.add_argument("--script", type=Path, metavar="FILE", help="lines such as: 03:10 press, 05:00 say pauze")
    rehearse.add_argument("--speaker", type=Path, metavar="WAV", help="write down what the device says")
    rehearse.add_argument("--light", type=Path, metavar="FILE", help="write down what the ring shows")
    rehearse.add_argument("--trace", type=Path, metavar="FILE", help="write down every event and effect")
    rehearse.add_argument("--no-auto", action="store_true", help="never press the button for people who wait")


def _add_group(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, metavar="N", help="how many are at the table, 2 to 16")
    parser.add_argument("--minutes", type=float, metavar="M", help="total time in minutes instead of the method's own")
    parser.add_argument("--language", choices=LANGUAGES)


def _add_methods(commands: Commands) -> None:
    methods = commands.add_parser("methods", help="list, show, plan or check methods")
    verbs = methods.add_subparsers(required=True, metavar="VERB")
    listing = _command(verbs, "list", _methods_list, "every method there is")
    show = _command(verbs, "show", _methods_show, "the steps of a method and who does what")
    plan = _command(verbs, "plan", _methods_plan, "the timed steps for your group")
    check = _command(verbs, "check", _methods_check, "find the mistakes in a method's file")
    for parser in (listing, show, plan):
        if parser is not listing:
            parser.add_argument("method")
        if parser is plan:
            parser.add_argument("--people", type=int, metavar="N")
            parser.add_argument("--minutes", type=float, metavar="M")
            parser.add_argument("--cases", type=int, metavar="C")
        parser.add_argument("--language", choices=LANGUAGES)
    check.add_argument("file", type=Path)


def _add_rest(commands: Commands) -> None:
    phrases = _command(commands, "phrases", _phrases, "everything one can say")
    phrases.add_argument("--language", choices=LANGUAGES)
    _command(commands, "check", _check, "what works on this machine, and how to mend what does not")
    models = commands.add_parser("models", help="list or get the recognisers' models")
    verbs = models.add_subparsers(required=True, metavar="VERB")
    _command(verbs, "list", _models_list, "every model, and whether it is here")
    get = _command(verbs, "get", _models_get, "download a model and check it")
    get.add_argument("name")
    bench = commands.add_parser("bench", help="measure: hearing, loop, calibrate")
    _add_benches(bench.add_subparsers(required=True, metavar="BENCH"))


def _language(parsed: argparse.Namespace, settings: Settings) -> str:
    language: str = parsed.language or settings.language
    return language


def _print(lines: "Sequence[str] | object") -> int:
    for line in lines:  # type: ignore[attr-defined]
        print(line)
    return 0


def _methods_list(parsed: argparse.Namespace, settings: Settings) -> int:
    return _print(methods_list(library(settings).methods, _language(parsed, settings)))


def _methods_show(parsed: argparse.Namespace, settings: Settings) -> int:
    return _print(method_shown(library(settings).find(parsed.method), _language(parsed, settings)))


def _methods_plan(parsed: argparse.Namespace, settings: Settings) -> int:
    method = library(settings).find(parsed.method)
    people = method.group.usual if parsed.people is None else parsed.people
    total = None if parsed.minutes is None else Seconds(parsed.minutes * 60)
    return _print(plan_shown(make_plan(method, people, total, parsed.cases), _language(parsed, settings)))


def _methods_check(parsed: argparse.Namespace, settings: Settings) -> int:
    method = load_method(parsed.file, load_rule_sets())
    return _print([f"{parsed.file}: fine, {len(method.steps)} steps, {method.total / 60:g} minutes."])


def _phrases(parsed: argparse.Namespace, settings: Settings) -> int:
    return _print(phrases_shown(library(settings).phrases(_language(parsed, settings))))
