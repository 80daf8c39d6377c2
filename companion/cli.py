"""What one can type. Each command reads its words and calls one function; nothing is decided here."""

import argparse
import errno
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Event as Signal

from companion import __version__
from companion.app import Wish, check_wish, run
from companion.arguments import Commands, Run, add_command, add_group, add_language, language_of, printed
from companion.cli_light import add_light
from companion.cli_methods import add_methods
from companion.core.errors import CompanionError, TerminalError, UserError
from companion.core.state import Mode
from companion.core.units import Seconds
from companion.demonstration import demonstrate
from companion.hearing.listen import Line, listen
from companion.hearing.models import CATALOGUE, get
from companion.opening import ears_configuration, has_keyboard
from companion.places import library
from companion.reports import clock, phrases_shown
from companion.selfcheck import findings, missing_sound
from companion.settings import Settings, load_settings
from companion.stage import Staging, rehearse
from companion.wiring import connections, header_shown
from companion.wiring_trial import try_wiring

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
    except OSError as refused:
        print(f"companion: {_told(refused)}", file=sys.stderr)
        return 2


def _told(refused: OSError) -> str:
    """What the system refused, where that says enough to mend it. Raises it again where it does not."""
    if refused.filename is not None:
        return f"{refused.filename}: {refused.strerror}; mend that, or name another place."
    if refused.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Nothing more can be written ({refused.strerror}); free some space, or name another place."
    raise refused


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="companion", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--settings", type=Path, metavar="FILE", help="another settings file than your usual one")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    _add_sessions(commands)
    add_methods(commands)
    add_light(commands)
    _add_rest(commands)
    return parser


def _add_sessions(commands: Commands) -> None:
    for name, runs, help in (
        ("run", _run, "lead a session with the microphone, loudspeaker, light and button of this machine"),
        ("try", _try, "lead a session with what there is: sound, else a terminal, else the demonstration"),
        ("simulate", _simulate, "a whole device in your terminal: ring, button, captions"),
        ("demonstrate", _demonstrate, "watch six people do the listening exercise, in a minute"),
    ):
        parser = add_command(commands, name, runs, help)
        if name != "demonstrate":
            parser.add_argument("method", nargs="?", help="which method; without it you choose with the button")
            add_group(parser)
            add_language(parser)
        else:
            add_language(parser)
            parser.add_argument("--speaker", type=Path, default=Path("demo.wav"), metavar="WAV", help="what was said")
    rehearse = add_command(
        commands, "rehearse", _rehearse, "play a whole session in seconds, from a script or a recording"
    )
    rehearse.add_argument("method")
    add_group(rehearse)
    add_language(rehearse)
    rehearse.add_argument("--microphone", type=Path, metavar="WAV", help="a recording in place of the microphone")
    rehearse.add_argument("--script", type=Path, metavar="FILE", help="lines such as: 03:10 press, 05:00 say pauze")
    rehearse.add_argument("--speaker", type=Path, metavar="WAV", help="write down what the device says")
    rehearse.add_argument("--light", type=Path, metavar="FILE", help="write down what the ring shows")
    rehearse.add_argument("--trace", type=Path, metavar="FILE", help="write down every event and effect")
    rehearse.add_argument("--picture", type=Path, metavar="SVG", help="draw the session: steps, marks, the ring")
    rehearse.add_argument("--no-auto", action="store_true", help="never press the button for people who wait")


def _add_rest(commands: Commands) -> None:
    phrases = add_command(commands, "phrases", _phrases, "everything one can say")
    phrases.add_argument("-o", "--output", type=Path, metavar="PDF", help="print it on a card: one A5 page")
    add_language(phrases)
    check = add_command(commands, "check", _check, "what works on this machine, and how to mend what does not")
    check.add_argument("--wiring", action="store_true", help="show the header, then try each lamp and button")
    listening = add_command(commands, "listen", _listen, "find a good place for the device: what it hears, and why")
    add_language(listening)
    models = commands.add_parser("models", help="list or get the recognisers' models")
    verbs = models.add_subparsers(required=True, metavar="VERB")
    add_command(verbs, "list", _models_list, "every model, and whether it is here")
    get = add_command(verbs, "get", _models_get, "download a model and check it")
    get.add_argument("name")
    bench = commands.add_parser("bench", help="measure: hearing and more, calibrate, loop")
    _add_benches(bench.add_subparsers(required=True, metavar="BENCH"))


def _phrases(parsed: argparse.Namespace, settings: Settings) -> int:
    if parsed.output is not None:
        return _phrases_card(parsed, settings)
    return printed(phrases_shown(library(settings).phrases(language_of(parsed, settings))))


def _phrases_card(parsed: argparse.Namespace, settings: Settings) -> int:
    from companion.cards import print_phrases

    language = language_of(parsed, settings)
    print_phrases(library(settings).phrases(language), language, parsed.output)
    return printed([f"{parsed.output}: one A5 page."])


def _wish(parsed: argparse.Namespace) -> Wish:
    return Wish(parsed.method, parsed.people, parsed.minutes, parsed.language, parsed.cases)


def _run(parsed: argparse.Namespace, settings: Settings) -> int:
    if has_keyboard(settings.button):
        print(
            "companion: space is the button; h holds it (pause), m longer (microphone); Ctrl-C stops.", file=sys.stderr
        )
    return run(_wish(parsed), settings)


def _try(parsed: argparse.Namespace, settings: Settings) -> int:
    """With what there is; says which and why."""
    check_wish(_wish(parsed), library(settings))
    missing = " and no ".join(missing_sound(settings))
    if not missing:
        print("companion: a microphone and a loudspeaker were found: this is a real session.", file=sys.stderr)
        return _run(parsed, settings)
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(f"companion: no {missing} here, but a terminal: this is the simulator.", file=sys.stderr)
        return _simulate(parsed, settings)
    print(
        f"companion: no {missing} and no terminal here: this is the demonstration, of the listening exercise.",
        file=sys.stderr,
    )
    return _demonstrated(settings, language_of(parsed, settings), Path("demo.wav"))


def _simulate(parsed: argparse.Namespace, settings: Settings) -> int:
    from companion.simulator.app import simulate

    check_wish(_wish(parsed), library(settings))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TerminalError("The simulator needs a terminal with keys; without one, type: companion demonstrate")
    return simulate(_wish(parsed), settings)


def _demonstrate(parsed: argparse.Namespace, settings: Settings) -> int:
    return _demonstrated(settings, language_of(parsed, settings), parsed.speaker)


def _demonstrated(settings: Settings, language: str, speaker: Path) -> int:
    demonstrate(settings, language, speaker, sys.stdout.isatty())
    print(f"\n{speaker}: what the device said, to listen to.")
    return 0


def _rehearse(parsed: argparse.Namespace, settings: Settings) -> int:
    files = {name: getattr(parsed, name) for name in ("microphone", "script", "speaker", "light", "trace", "picture")}
    staging = Staging(
        parsed.method, parsed.people, parsed.minutes, parsed.language, parsed.cases, **files, presses=not parsed.no_auto
    )
    outcome = rehearse(staging, settings)
    if not outcome.ended:
        state = outcome.session.state.value
        print(f"companion: the session is {state} after {clock(Seconds(outcome.lasted))}, and nobody goes on.")
    return 0


def _check(parsed: argparse.Namespace, settings: Settings) -> int:
    if parsed.wiring:
        printed(header_shown(connections(settings)))
        return try_wiring(settings, print) if sys.stdin.isatty() else 0
    return printed(findings(settings))


def _listen(parsed: argparse.Namespace, settings: Settings) -> int:
    configuration = ears_configuration(settings, language_of(parsed, settings), library(settings))
    listen(configuration, _show, Signal(), named_only=settings.microphone.mode is Mode.NAMED)
    return 0


def _show(line: Line) -> None:
    """A passing line only where it can be written over."""
    if not sys.stdout.isatty():
        print(line.text, flush=True) if not line.passing else None
        return
    print(f"\r\x1b[K{line.text}", end="" if line.passing else "\n", flush=True)


def _models_list(_parsed: argparse.Namespace, _settings: Settings) -> int:
    here = {True: "here", False: "-"}
    return printed(f"{model.name:14} {here[model.is_here]:5} {model.purpose} ({model.licence})" for model in CATALOGUE)


def _models_get(parsed: argparse.Namespace, _settings: Settings) -> int:
    get(parsed.name, lambda words: print(words, flush=True))
    return 0


def _add_benches(benches: Commands) -> None:
    """The measuring commands are imported when they are asked for: they are heavy."""
    for name, help in (
        ("hearing", "recall, false activations, latency and cost of hearing"),
        ("calibrate", "measure ordinary speech for a model and a language"),
        ("talk", "make Dutch speech that must be ignored"),
        ("talkies", "take hours of English speech that must be ignored out of three games"),
        ("mixtures", "make hesitations, two who speak at once and commands inside of talk"),
        ("kokoro", "write down sentences or commands in Kokoro's synthetic voices"),
        ("teach", "teach the network that reads units of sound"),
        ("standins", "Dutch stand-in commands said by people, from a game"),
        ("peers", "what one would take instead, on the same sound"),
        ("echo", "whether it listens to itself"),
        ("samples", "write down scores, phrase by phrase, to calibrate and draw from"),
        ("curve", "draw what each part of the verdict is worth"),
        ("full", "every figure of docs/hearing-tables.md"),
        ("cost", "what 8-bit integers and one thread are worth to Whisper"),
        ("loop", "time from an event to its effect, idle CPU, memory"),
    ):
        parser = benches.add_parser(name, help=help, add_help=False)
        parser.set_defaults(run=_bench(name), rest=[])


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
