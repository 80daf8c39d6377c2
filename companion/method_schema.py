"""The published JSON schema of method files, for editors that complete and check while one types.

It says what a key may hold; what must fit together is checked by `companion methods check`.
"""

import json
from enum import Enum
from typing import Any

from companion.core.method import (
    Advice,
    Announced,
    Ending,
    Experience,
    Kind,
    Mode,
    Place,
    Purpose,
    Repeat,
    Speaks,
    Timing,
    Turns,
)
from companion.language.phrases import LANGUAGES
from companion.method_file import LONGEST_MINUTES

Schema = dict[str, Any]


def _text(about: str) -> Schema:
    words = {language: {"type": "string", "minLength": 1} for language in LANGUAGES}
    fixed = {"type": "object", "properties": words, "required": list(LANGUAGES), "additionalProperties": False}
    return {"description": about, **fixed}


def _one_of(choices: type[Enum], about: str) -> Schema:
    return {"description": about, "enum": [choice.value for choice in choices]}


def _number(least: float, most: float, about: str) -> Schema:
    return {"description": about, "type": "number", "minimum": least, "maximum": most}


def _whole(least: int, most: int, about: str) -> Schema:
    return {**_number(least, most, about), "type": "integer"}


def _flag(about: str) -> Schema:
    return {"description": about, "type": "boolean"}


_SPOKEN: Schema = {
    "cue": _text("Said first: at most 6 words."),
    "instruction": _text("Said after the cue: 1 to 3 sentences, at most 12 seconds."),
    "case_giver_task": _text(
        'Said after "For the case giver:" when the group asks for its tasks; leave it out where nobody is it yet.'
    ),
    "others_task": _text("The same for the others."),
    "question": _text("Asked before the step: yes does it, no leaves it out."),
    "reminder": _text("The rule of this step, said on request."),
    "end": _text("Said when a firm step's time is up, in place of the usual sentence."),
}
_TIMES: Schema = {
    "minutes": _number(0.1, LONGEST_MINUTES, "How long; a round shares it."),
    "seconds": _number(5, LONGEST_MINUTES * 60, "How long, in seconds."),
    "seconds_each": _number(5, LONGEST_MINUTES * 60, "How long each turn of a round is."),
    "at_least": _number(0, LONGEST_MINUTES * 60, "The shortest a plan may make it, in the same unit; usually half."),
    "at_most": _number(0, LONGEST_MINUTES * 60, "The longest; usually three times."),
    "fixed": _flag("Never stretched or shortened."),
    "protected": _flag("Never shortened."),
    "optional": _flag("Left out where time is short."),
    "before_end": _number(1, LONGEST_MINUTES, "Minutes before the agreed end at which the step begins."),
    "sign": _number(0, LONGEST_MINUTES * 60, "Seconds before the end at which the light shows that it is near."),
    "grace": _number(0, 60, "Seconds that a firm ending waits before it goes on."),
}
_PEOPLE: Schema = {
    "turns": _one_of(Turns, "A round: who has a turn."),
    "at_most_each": _whole(0, 5, "How many questions each may ask; 0 for no limit."),
    "speaks": _one_of(Speaks, "Who may speak; the rest are silent."),
    "place": _one_of(Place, "Where the case giver is."),
    "mode": _one_of(Mode, "How people are together."),
    "advice": _one_of(Advice, "Whether advice may be given."),
    "announced": _one_of(Announced, "What is said at the beginning."),
    "silence": _flag("The device says nothing by itself."),
}
_STEP: Schema = {
    "id": {"description": "A short word of its own.", "type": "string", "minLength": 1},
    "kind": _one_of(Kind, "What people do; gives the light its hue."),
    "ending": _one_of(Ending, "What happens when time is up."),
    "repeat": _one_of(Repeat, "The step belongs to the block that is repeated for each case or person."),
    "choice": {"description": "Adjacent steps with this word are alternatives.", "type": "string", "minLength": 1},
    "timing": _one_of(Timing, "Whose the minutes of this step are."),
    **_SPOKEN,
    **_TIMES,
    **_PEOPLE,
}
_GROUP: Schema = {
    "least": _whole(2, 16, "The fewest people."),
    "usual": _whole(2, 16, "For how many the minutes are published."),
    "most": _whole(2, 16, "The most people."),
    "circle": _whole(2, 16, "People in each of several circles at the same time."),
}
_METHOD: Schema = {
    "name": _text('Said after "start".'),
    "summary": _text("What happens, in a sentence or two."),
    "source": {
        "description": "Where order and times come from; one note, or one in each language.",
        "anyOf": [{"type": "string", "minLength": 1}, _text("A note in each language.")],
    },
    "timing": _one_of(Timing, "Whose the minutes are."),
    "minutes": _number(1, LONGEST_MINUTES, "All steps together, with the usual group."),
    "cases": _whole(1, 4, "How many cases."),
    "people": {
        "type": "object",
        "properties": _GROUP,
        "required": ["least", "usual", "most"],
        "additionalProperties": False,
    },
    "case_giver": _text("What the case giver is called."),
    "others": _text("What the others are called."),
    "case_giver_first": _flag("Whether the case giver is chosen before the first step."),
    "rules": {"description": "The rule set that is read at the opening.", "type": "string"},
    "materials": _text("What to have at hand, said at the opening."),
    "prepare": _text("What people do before they meet; stands on the card."),
    "experience": _one_of(Experience, "What it asks of the group."),
    "purposes": {"description": "What it is good for, best first.", "type": "array", "items": _one_of(Purpose, "")},
    "step": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": _STEP,
            "required": ["id", "kind", "cue", "instruction", "others_task"],
            "oneOf": [{"required": [key]} for key in ("minutes", "seconds", "seconds_each")],
            "additionalProperties": False,
        },
    },
}
_NEEDED = ("name", "summary", "source", "timing", "minutes", "people", "case_giver", "others", "rules", "step")


def schema() -> str:
    """The schema as JSON, as it lies beside the methods."""
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A method of intervision",
        "type": "object",
        "properties": _METHOD,
        "required": list(_NEEDED),
        "additionalProperties": False,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
