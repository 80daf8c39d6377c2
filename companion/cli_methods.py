"""`companion methods`: list, show, plan, suggest, print, listen to and check methods."""

import argparse
import difflib
import sys
from pathlib import Path

from companion.arguments import Commands, add_command, add_group, add_language, language_of, minutes, people, printed
from companion.core.answers import suggested
from companion.core.errors import MethodError
from companion.core.method import Experience, Purpose
from companion.core.plan import Plan, make_plan, nearest_plan
from companion.core.suggest import Wanted, suggest
from companion.core.units import Instant, Seconds
from companion.language.sentences import all_spoken
from companion.method_file import read_method, read_rule_set
from companion.method_schema import schema
from companion.methods import LIST_FOLDERS, mistakes_in, mistakes_in_list
from companion.places import Library, called, fresh_session, library, library_with, sentence_cache
from companion.reports import method_shown, methods_list, plan_shown, understood_shown
from companion.reports import printed as words
from companion.settings import Settings


def add_methods(commands: Commands) -> None:
    methods = commands.add_parser("methods", help="list, show, plan, suggest, print or check methods")
    verbs = methods.add_subparsers(required=True, metavar="VERB")
    add_language(add_command(verbs, "list", _list, "every method there is"))
    show = add_command(verbs, "show", _show, "the steps of a method and who does what")
    plan = add_command(verbs, "plan", _plan, "the timed steps for your group")
    for parser in (show, plan):
        parser.add_argument("method")
        add_language(parser)
    add_group(plan)
    card = add_command(verbs, "print", _card, "a card for the table, or a page of rules or questions that can be read")
    card.add_argument("method", help="or the id of rules or questions, such as basisregels")
    add_group(card)
    add_language(card)
    card.add_argument("-o", "--output", type=Path, metavar="PDF", help="where to; without it METHOD.pdf")
    _add_suggest(add_command(verbs, "suggest", _suggest, "which methods suit your group: three at most"))
    listen = add_command(verbs, "listen", _listen, "say a method's texts and listen how well they are understood")
    listen.add_argument("method", nargs="?", help="which method; without it all, which takes long")
    listen.add_argument("--worst", type=int, default=10, metavar="N", help="how many of the worst to print")
    add_language(listen)
    add_command(verbs, "schema", _schema, "the JSON schema of method files, for editors")
    check = add_command(verbs, "check", _check, "find every mistake in a file of a method, rules or prompts")
    check.add_argument("file", type=Path)


def _add_suggest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=people, metavar="N", help="how many you are")
    parser.add_argument("--minutes", type=minutes, metavar="M", help="how long you have")
    parser.add_argument("--experience", choices=[each.value for each in Experience], help="how used you are to this")
    parser.add_argument("--purpose", choices=[each.value for each in Purpose], help="what you come together for")
    add_language(parser)


def _list(parsed: argparse.Namespace, settings: Settings) -> int:
    return printed(methods_list(library(settings).methods, language_of(parsed, settings)))


def _show(parsed: argparse.Namespace, settings: Settings) -> int:
    return printed(method_shown(library(settings).find(parsed.method), language_of(parsed, settings)))


def _plan(parsed: argparse.Namespace, settings: Settings) -> int:
    return printed(plan_shown(_planned(parsed, settings, library(settings)), language_of(parsed, settings)))


def _planned(parsed: argparse.Namespace, settings: Settings, books: Library) -> Plan:
    """As a session would begin: what is not asked for is as the settings say, if the method can be done so."""
    session = fresh_session(
        books.only(parsed.method), settings, Instant(0.0), parsed.people, parsed.minutes, parsed.cases
    )
    is_asked = (parsed.people, parsed.minutes, parsed.cases) != (None, None, None)
    plan_for = make_plan if is_asked else nearest_plan
    return plan_for(session.method, session.people or session.method.group.usual, session.total, session.cases)


def _card(parsed: argparse.Namespace, settings: Settings) -> int:
    from companion.cards import print_list, print_method

    books, language = library(settings), language_of(parsed, settings)
    rules = books.rule_sets.get(parsed.method)
    if rules is not None:
        file = parsed.output or Path(f"{rules.id}.pdf")
        print_list(rules, language, file)
        return printed([words(language)["page"].format(file=file)])
    try:
        plan = _planned(parsed, settings, books)
    except MethodError:
        if near := difflib.get_close_matches(parsed.method.lower(), books.rule_sets, n=1, cutoff=0.8):
            raise MethodError(
                f'There is nothing called "{parsed.method}" to print; did you mean "{near[0]}"?'
            ) from None
        raise
    file = parsed.output or Path(f"{plan.method.id}.pdf")
    print_method(plan, books.rule_sets[plan.method.rules], language, file)
    return printed([words(language)["pages"].format(file=file)])


def _suggest(parsed: argparse.Namespace, settings: Settings) -> int:
    usual = Experience.EXPERIENCED if settings.experienced else Experience.NEW
    experience = Experience(parsed.experience) if parsed.experience else usual
    purpose = Purpose(parsed.purpose) if parsed.purpose else None
    found = suggest(library(settings).methods, Wanted(parsed.people, _seconds(parsed), experience, purpose))
    return printed(all_spoken(suggested(found), language_of(parsed, settings)))


def _check(parsed: argparse.Namespace, settings: Settings) -> int:
    """Every mistake in the file, each in a line of its own; rule sets that lie beside it count too."""
    file, names = parsed.file.resolve(), called(settings)
    is_list = file.parent.name in LIST_FOLDERS
    books = library_with(file.parent.parent if is_list else file.parent, names)
    looked = mistakes_in_list if is_list else mistakes_in
    mistakes = looked(file, books.rule_sets, books.methods, names)
    for mistake in mistakes:
        print(f"companion: {mistake}", file=sys.stderr)
    if mistakes:
        return 2
    if is_list:
        return printed([f"{parsed.file}: fine; sentences: {len(read_rule_set(file).rules)}."])
    method = read_method(file, books.rule_sets)
    return printed([f"{parsed.file}: fine; steps: {len(method.steps)}, minutes: {method.total / 60:g}."])


def _listen(parsed: argparse.Namespace, settings: Settings) -> int:
    from companion.bench.understood import understood

    language = language_of(parsed, settings)
    cache = sentence_cache(settings, language)
    try:
        texts = list(understood(library(settings).only(parsed.method).methods, language, cache))
    finally:
        cache.close()
    return printed(understood_shown(texts, parsed.worst))


def _schema(_parsed: argparse.Namespace, _settings: Settings) -> int:
    return printed([schema().rstrip()])


def _seconds(parsed: argparse.Namespace) -> Seconds | None:
    return None if parsed.minutes is None else Seconds(parsed.minutes * 60)
