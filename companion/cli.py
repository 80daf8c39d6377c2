"""What one can type. Each command reads its words and calls one function; nothing is decided here."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from threading import Event as Signal
from typing import TypeAlias

from companion import __version__
from companion.app import Wish, check_wish, run
from companion.core.errors import CompanionError, UserError
from companion.core.plan import make_plan
from companion.core.units import Seconds
from companion.demonstration import demonstrate
from companion.hearing.ears import Configuration
from companion.hearing.listen import Line, listen
from companion.hearing.models import find, get, listing
from companion.language.phrases import LANGUAGES, language_file
from companion.method_file import LONGEST_MINUTES
from companion.methods import load_method, load_rule_sets, mistakes_in
from companion.opening import chosen_recogniser
from companion.places import library
from companion.reports import clock, method_shown, methods_list, phrases_shown, plan_shown
from companion.selfcheck import findings, missing_sound
from companion.settings import Settings, load_settings
from companion.stage import Staging, rehearse

Run = Callable[[argparse.Namespace, Settings], int]
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_DESCRIPTION = """
An intervision session on your table: it speaks the steps, shows the time, hears a few commands,
obeys one button, and keeps nothing of what is said. Try it: companion demonstrate
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 fine, 2 the user's mistake (one sentence, no traceback), 1 ours."""
    logging.basicConfig(level=logging.WARNING, format="companion: %(message)s")
    parser = _parser()
    parsed, rest = parser.parse_known_args(arguments)
    if rest and "rest" not in parsed:
        parser.error(f"unrecognized arguments: {' '.join(rest)}; companion {parsed.command} --help names them")
    parsed.rest = rest
    try:
        run: Run = parsed.run
        return run(parsed, load_settings(parsed.settings))
    except UserError as mistake:
        print(f"companion: {mistake}", file=sys.stderr)
        return 2
    except CompanionError as fault:
        print(f"companion: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("companion: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="companion", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--settings", type=Path, metavar="FILE", help="another settings file than your usual one")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    _add_sessions(commands)
    _add_methods(commands)
    _add_rest(commands)
    return parser


def _command(commands: _Commands, name: str, run: Run, help: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _add_sessions(commands: _Commands) -> None:
    for name, runs, help in (
        ("run", _run, "lead a session with the microphone, loudspeaker, light and button of this machine"),
        ("try", _try, "lead a session with what there is: sound, else a terminal, else the demonstration"),
        ("simulate", _simulate, "a whole device in your terminal: ring, button, captions"),
        ("demonstrate", _demonstrate, "watch six people do the listening exercise, in a minute"),
    ):
        parser = _command(commands, name, runs, help)
        if name != "demonstrate":
            parser.add_argument("method", nargs="?", help="which method; without it you choose with the button")
            _add_group(parser)
        else:
            parser.add_argument("--language", choices=LANGUAGES)
            parser.add_argument("--speaker", type=Path, default=Path("demo.wav"), metavar="WAV", help="what was said")
    rehearse = _command(
        commands, "rehearse", _rehearse, "play a whole session in seconds, from a script or a recording"
    )
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
    parser.add_argument("--minutes", type=_minutes, metavar="M", help="total time in minutes, not the method's own")
    parser.add_argument("--language", choices=LANGUAGES)


def _add_methods(commands: _Commands) -> None:
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
            parser.add_argument("--minutes", type=_minutes, metavar="M")
            parser.add_argument("--cases", type=int, metavar="C")
        parser.add_argument("--language", choices=LANGUAGES)
    check.add_argument("file", type=Path)


def _add_rest(commands: _Commands) -> None:
    phrases = _command(commands, "phrases", _phrases, "everything one can say")
    phrases.add_argument("--language", choices=LANGUAGES)
    _command(commands, "check", _check, "what works on this machine, and how to mend what does not")
    listening = _command(commands, "listen", _listen, "find a good place for the device: what it hears, live, and why")
    listening.add_argument("--language", choices=LANGUAGES)
    models = commands.add_parser("models", help="list or get the recognisers' models")
    verbs = models.add_subparsers(required=True, metavar="VERB")
    _command(verbs, "list", _models_list, "every model, and whether it is here")
    get = _command(verbs, "get", _models_get, "download a model and check it")
    get.add_argument("name")
    bench = commands.add_parser("bench", help="measure: hearing, calibrate, talk, loop")
    _add_benches(bench.add_subparsers(required=True, metavar="BENCH"))


def _minutes(text: str) -> float:
    """A finite number of minutes: argparse tells the rest."""
    minutes = float(text)
    if not 0 < minutes <= LONGEST_MINUTES:
        raise ValueError(text)
    return minutes


def _language(parsed: argparse.Namespace, settings: Settings) -> str:
    language: str = parsed.language or settings.language
    return language


def _print(lines: Iterable[object]) -> int:
    for line in lines:
        print(line, flush=True)
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


def _methods_check(parsed: argparse.Namespace, _settings: Settings) -> int:
    """Every mistake in the file, each in a line of its own; a folder's rule sets beside it count too."""
    rule_sets = {**load_rule_sets(), **load_rule_sets(parsed.file.parent)}
    mistakes = mistakes_in(parsed.file, rule_sets)
    if mistakes:
        for mistake in mistakes:
            print(f"companion: {mistake}", file=sys.stderr)
        return 2
    method = load_method(parsed.file, rule_sets)
    return _print([f"{parsed.file}: fine, {len(method.steps)} steps, {method.total / 60:g} minutes."])


def _phrases(parsed: argparse.Namespace, settings: Settings) -> int:
    return _print(phrases_shown(library(settings).phrases(_language(parsed, settings))))


def _wish(parsed: argparse.Namespace) -> Wish:
    return Wish(parsed.method, parsed.people, parsed.minutes, parsed.language)


def _run(parsed: argparse.Namespace, settings: Settings) -> int:
    if settings.button.keyboard and sys.stdin.isatty():
        print(
            "companion: space is the button; h holds it (pause), m longer (microphone); Ctrl-C stops.", file=sys.stderr
        )
    return run(_wish(parsed), settings)


def _try(parsed: argparse.Namespace, settings: Settings) -> int:
    """With what there is; says which and why."""
    missing = " and no ".join(missing_sound(settings))
    if not missing:
        print("companion: a microphone and a loudspeaker were found: this is a real session.", file=sys.stderr)
        return _run(parsed, settings)
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(f"companion: no {missing} here, but a terminal: this is the simulator.", file=sys.stderr)
        return _simulate(parsed, settings)
    print(f"companion: no {missing} and no terminal here: this is the demonstration.", file=sys.stderr)
    return _demonstrated(settings, _language(parsed, settings), Path("demo.wav"))


def _simulate(parsed: argparse.Namespace, settings: Settings) -> int:
    from companion.simulator.app import simulate

    check_wish(_wish(parsed), library(settings))
    return simulate(_wish(parsed), settings)


def _demonstrate(parsed: argparse.Namespace, settings: Settings) -> int:
    return _demonstrated(settings, _language(parsed, settings), parsed.speaker)


def _demonstrated(settings: Settings, language: str, speaker: Path) -> int:
    demonstrate(settings, language, speaker, sys.stdout.isatty())
    print(f"\n{speaker}: what the device said, to listen to.")
    return 0


def _rehearse(parsed: argparse.Namespace, settings: Settings) -> int:
    files = {name: getattr(parsed, name) for name in ("microphone", "script", "speaker", "light", "trace")}
    staging = Staging(
        parsed.method, parsed.people, parsed.minutes, parsed.language, **files, presses=not parsed.no_auto
    )
    outcome = rehearse(staging, settings)
    if not outcome.ended:
        state = outcome.session.state.value
        print(f"companion: the session is {state} after {clock(Seconds(outcome.lasted))}, and nobody goes on.")
    return 0


def _check(_parsed: argparse.Namespace, settings: Settings) -> int:
    return _print(findings(settings))


def _listen(parsed: argparse.Namespace, settings: Settings) -> int:
    language = _language(parsed, settings)
    kind = chosen_recogniser(settings.microphone.recogniser, language)
    find("whisper-base" if kind == "whisper" else f"vosk-{language}")
    name, device = language_file(language)["device_name"], settings.microphone.device
    phrases = library(settings).phrases(language)
    listen(Configuration(phrases, language, kind, name=name, microphone=device), _show, Signal())
    return 0


def _show(line: Line) -> None:
    """A passing line only where it can be written over."""
    if not sys.stdout.isatty():
        print(line.text, flush=True) if not line.passing else None
        return
    print(f"\r\x1b[K{line.text}", end="" if line.passing else "\n", flush=True)


def _models_list(_parsed: argparse.Namespace, _settings: Settings) -> int:
    here = {True: "here", False: "-"}
    return _print(f"{model.name:14} {here[model.here]:5} {model.purpose} ({model.licence})" for model in listing())


def _models_get(parsed: argparse.Namespace, _settings: Settings) -> int:
    get(parsed.name, lambda words: print(words, flush=True))
    return 0


def _add_benches(benches: _Commands) -> None:
    """The measuring commands are imported when they are asked for: they are heavy."""
    for name, module, help in (
        ("hearing", "hearing", "recall, false activations, latency and cost of hearing"),
        ("calibrate", "calibrate", "measure ordinary speech for a model and a language"),
        ("talk", "talk", "make Dutch speech that must be ignored"),
        ("loop", "loop", "time from an event to its effect, idle CPU, memory"),
    ):
        parser = benches.add_parser(name, help=help, add_help=False)
        parser.set_defaults(run=_bench(module), rest=[])


def _bench(module: str) -> Run:
    def run_bench(parsed: argparse.Namespace, _settings: Settings) -> int:
        bench = import_module(f"companion.bench.{module}")
        parser = argparse.ArgumentParser(prog=f"companion bench {module}", description=bench.__doc__)
        bench.add_arguments(parser)
        status: int = bench.run(parser.parse_args(parsed.rest))
        return status

    return run_bench


if __name__ == "__main__":
    sys.exit(main())
