"""Which methods suit a group: at most three, the best first, each with what it is best for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from companion.core.errors import PlanError
from companion.core.method import Experience, Method, Purpose
from companion.core.plan import make_plan
from companion.core.units import Seconds

MOST = 3
USUAL_PEOPLE = 6
"""How many a group is thought to be that did not say."""
_ORDER = (Experience.NEW, Experience.SOME, Experience.EXPERIENCED)


@dataclass(frozen=True)
class Wanted:
    """What is known of the group; None for what is not."""

    people: int | None = None
    total: Seconds | None = None
    experience: Experience = Experience.NEW
    purpose: Purpose | None = None


@dataclass(frozen=True)
class Suggestion:
    """A method and the time it takes this group, in seconds."""

    method: Method
    time: Seconds


def suggest(methods: Iterable[Method], wanted: Wanted) -> tuple[Suggestion, ...]:
    """The methods that suit: none that is too hard or for other numbers of people; those for the purpose first.

    Then those that fill the time best, without being stretched or squeezed where that can be.
    """
    suited = [suggestion for method in methods if (suggestion := _suited(method, wanted)) is not None]
    return tuple(_varied(sorted(suited, key=lambda each: _rank(each, wanted)))[:MOST])


def _suited(method: Method, wanted: Wanted) -> Suggestion | None:
    if _ORDER.index(method.experience) > _ORDER.index(wanted.experience):
        return None
    people = USUAL_PEOPLE if wanted.people is None else wanted.people
    if not method.group.least <= people <= method.group.most:
        return None
    usual = _time(method, people, None)
    if usual is not None and (wanted.total is None or usual <= wanted.total):
        return Suggestion(method, usual)
    scaled = _time(method, people, wanted.total)
    return None if scaled is None else Suggestion(method, scaled)


def _time(method: Method, people: int, total: Seconds | None) -> Seconds | None:
    try:
        return make_plan(method, people, total).total
    except PlanError:
        return None


def _rank(suggestion: Suggestion, wanted: Wanted) -> tuple[float, float, str]:
    method = suggestion.method
    purposes = [purpose.value for purpose in method.purposes]
    wish = None if wanted.purpose is None else wanted.purpose.value
    for_purpose = 0 if wish is None else purposes.index(wish) if wish in purposes else len(Purpose)
    unlike = 0.0 if wanted.total is None else abs(method.total - wanted.total)
    return for_purpose, unlike, method.id


def _varied(ranked: Sequence[Suggestion]) -> list[Suggestion]:
    """Of variants of one method (the same first word of the id), the best only."""
    kept: dict[str, Suggestion] = {}
    for suggestion in ranked:
        kept.setdefault(suggestion.method.id.split("-")[0], suggestion)
    return list(kept.values())
