"""Draws the state diagram in docs/ from the transition table: `python -m companion.bench.diagram docs/states.md`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from companion.core.command import Name
from companion.core.state import State
from companion.core.transitions import ANYWHERE, TRANSITIONS, Trigger

_HEAD = """# The states of a session

Drawn from the tables in `companion/core/transitions.py` by `python -m companion.bench.diagram docs/states.md`;
a test holds it against them. An arrow names what may lead from one state to the next: commands in words,
presses and deadlines in *italics*. What stays in its state is listed below.
"""


IN_A_STEP = (State.ANNOUNCING, State.RUNNING, State.TURN, State.OVERTIME)
"""Drawn as one state in the first diagram; the second shows what happens inside of it."""


def diagram() -> str:
    """The page as Markdown with two Mermaid diagrams."""
    outside = {state: "in_a_step" if state in IN_A_STEP else state.value for state in State}
    inside = {state: state.value for state in IN_A_STEP}
    drawings = f"## The session\n\n{_drawn(outside)}\n\n## Inside a step\n\n{_drawn(inside)}"
    anywhere = ", ".join(_word(trigger) for trigger in ANYWHERE)
    table = "| state | takes, and stays |\n|---|---|\n" + "\n".join(_stays())
    return f"{_HEAD}\n{drawings}\n\n## What changes no state\n\n{table}\n\nAnywhere but in `ended`: {anywhere}.\n"


def _drawn(names: Mapping[State, str]) -> str:
    arrows: dict[tuple[str, str], list[str]] = {}
    for state, moves in TRANSITIONS.items():
        for trigger, move in moves.items():
            for target in move.targets:
                if state in names and target in names and names[state] != names[target]:
                    arrows.setdefault((names[state], names[target]), []).append(_word(trigger))
    lines = [f"    {one} --> {other}: {', '.join(dict.fromkeys(words))}" for (one, other), words in arrows.items()]
    ends = ["    [*] --> ready", "    ended --> [*]"] if State.READY in names else []
    return "```mermaid\nstateDiagram-v2\n" + "\n".join([*ends, *lines]) + "\n```"


def _stays() -> Iterator[str]:
    for state, moves in TRANSITIONS.items():
        words = [_word(trigger) for trigger, move in moves.items() if not move.targets]
        yield f"| `{state.value}` | {', '.join(words) or '-'} |"


def _word(trigger: Trigger | Name) -> str:
    word = trigger.value.replace("_", " ")
    return word if isinstance(trigger, Name) else f"*{word}*"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(diagram(), encoding="utf-8")
