"""Which methods suit a group: at most three, the best first, each with what it is best for."""

from collections.abc import Sequence
from dataclasses import dataclass

from companion.core.errors import PlanError
from companion.core.method import Experience, Method, Purpose
from companion.core.plan import make_plan
from companion.core.units import Seconds

MOST = 3
USUAL_PEOPLE = 6
"""How many a group is thought to be that did not say."""
_ORDER = tuple(Experience)


@dataclass(frozen=True)
class Wanted:
    """What is known of the group; None for what is not."""

    people: int | None = None
    total: Seconds | None = None
    experience: Experience = Experience.NEW
    purpose: Purpose | None = None


@dataclass(frozen=True)
class Suggestion:
    """A method, the time it takes this group in seconds, and what it is good for: what was asked, if it is."""

    method: Method
    time: Seconds
    """What it will take: as long as the group has, where the method can fill that."""
    usual: Seconds
    """What it takes where nobody asked for a time; all that the group has, where that is less."""
    purpose: Purpose | None
    shortened: bool
    """It takes less than usual, to fit."""


def suggest(methods: Sequence[Method], wanted: Wanted) -> tuple[Suggestion, ...]:
    """The methods that suit: none that is too hard or for other numbers of people; those for the purpose first.

    Then those that need not be shortened, and fill the time best; where they are alike, as they come.
    """
    suited = [suggestion for method in methods if (suggestion := _suited(method, wanted)) is not None]
    ids = [method.id for method in methods]
    return tuple(_varied(sorted(suited, key=lambda each: _rank(each, wanted)), ids)[:MOST])


def _suited(method: Method, wanted: Wanted) -> Suggestion | None:
    if _ORDER.index(method.experience) > _ORDER.index(wanted.experience):
        return None
    people = USUAL_PEOPLE if wanted.people is None else wanted.people
    if not method.group.least <= people <= method.group.most:
        return None
    usual, purpose = _time(method, people, None), _purpose(method, wanted)
    time = _time(method, people, wanted.total)
    if time is None:
        return None
    if usual is None or (wanted.total is not None and usual > wanted.total):
        return Suggestion(method, time, time, purpose, shortened=True)
    return Suggestion(method, time, usual, purpose, shortened=False)


def _purpose(method: Method, wanted: Wanted) -> Purpose | None:
    if wanted.purpose in method.purposes:
        return wanted.purpose
    return method.purposes[0] if method.purposes else None


def _time(method: Method, people: int, total: Seconds | None) -> Seconds | None:
    try:
        return make_plan(method, people, total).total
    except PlanError:
        return None


def _rank(suggestion: Suggestion, wanted: Wanted) -> tuple[int, bool, float]:
    purposes = suggestion.method.purposes
    for_purpose = purposes.index(wanted.purpose) if wanted.purpose in purposes else len(Purpose)
    unlike = 0.0 if wanted.total is None else abs(suggestion.usual - wanted.total)
    return for_purpose if wanted.purpose else 0, suggestion.shortened, unlike


def _varied(ranked: Sequence[Suggestion], ids: Sequence[str]) -> list[Suggestion]:
    """Of a method and its variants (`troika`, `troika-kort`) the best only."""
    kept: dict[str, Suggestion] = {}
    for suggestion in ranked:
        kept.setdefault(_variant_of(suggestion.method.id, ids), suggestion)
    return list(kept.values())


def _variant_of(id: str, ids: Sequence[str]) -> str:
    return min((other for other in ids if f"{id}-".startswith(f"{other}-")), key=len)
