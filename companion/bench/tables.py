"""Puts what `companion bench full` measured into tables.

`python -m companion.bench.tables docs/hearing.json docs/hearing-tables.md`
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Result: TypeAlias = Mapping[str, Any]
"""What one row measured, in the keys of `Tally.result`."""

_HEAD = """# Every row that was measured

Made of [hearing.json](hearing.json) by `python -m companion.bench.tables docs/hearing.json docs/hearing-tables.md`
and held against it by a test. [What was measured](hearing-measured.md) tells what the rows are, and what they mean.
Bounds are one-sided, 95 %. "False" beside a command is what was acted upon beyond the first answer to a clip."""
_COMMANDS = ("commands", "heard", "at least", "taken for another", "false", "wait, median", "of 95 %")
_TALK = (
    "to ignore",
    "hours",
    "clips",
    "given to a recogniser",
    "false",
    "at most an hour",
    "in 100 clips, at most",
    "by",
)
_OFTEN = 5
"""Clips of a phrase from which it is shown by itself."""


def tables(results: Mapping[str, Result]) -> str:
    """The page as Markdown: what was to be heard, what was to be ignored, and phrase by phrase."""
    commands = [_command_row(name, result) for name, result in results.items() if result["expected"]]
    talk = [_talk_row(name, result) for name, result in results.items() if result["ignored_clips"]]
    parts = [_HEAD, "## To be heard", _table(_COMMANDS, commands), "## To be ignored", _table(_TALK, talk)]
    for title, rows in _groups(results):
        parts += [f"## {title}, phrase by phrase", _by_phrase(rows)]
    usual = {name: result["by_likeness"] for name, result in results.items() if result.get("by_likeness")}
    parts += ["## The usual way, from each likeness on", _by_likeness(usual)] if usual else []
    notes = [f"- {name}: {result['note']}." for name, result in results.items() if result.get("note")]
    return "\n\n".join(parts + (["## Notes", "\n".join(notes)] if notes else [])) + "\n"


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    return "\n".join([_row(*head), "|---" * len(head) + "|", *rows])


def _command_row(name: str, result: Result) -> str:
    heard, of, wait = result["recognised"], result["expected"], result["latency_s"]
    return _row(
        name,
        f"{_percent(result['recall'])} ({heard} of {of})",
        _percent(result["recall_95"]),
        result["confused"],
        result["false_activations"],
        *((f"{wait['median']:.2f} s", f"{wait['p95']:.2f} s") if wait else ("-", "-")),
    )


def _talk_row(name: str, result: Result) -> str:
    by = ", ".join(f"{command} {count}" for command, count in result["false_by_command"].items())
    return _row(
        name,
        f"{result['ignore_hours']:.2f}",
        result["ignored_clips"],
        _percent(result["share_recognised"]),
        result["false_activations"],
        f"{result['false_activations_per_hour_95']:.1f}",
        f"{result['false_in_100_ignored_clips_95']:.1f}",
        by or "-",
    )


def _groups(results: Mapping[str, Result]) -> Iterator[tuple[str, Mapping[str, Result]]]:
    """Rows that differ in their conditions only, which the last part of their name tells."""
    found: dict[str, dict[str, Result]] = {}
    for name, result in results.items():
        title, _, condition = name.rpartition(", ")
        if title and result["by_phrase"]:
            found.setdefault(title, {})[condition] = result
    return ((title, rows) for title, rows in found.items() if len(rows) > 1 and _tells(list(rows.values())))


def _tells(rows: Sequence[Result]) -> bool:
    """All have the same list, and every phrase was said often enough for its own figure to mean something."""
    counts = [{phrase: of for phrase, (_, of) in row["by_phrase"].items()} for row in rows]
    return all(count == counts[0] for count in counts) and min(counts[0].values()) >= _OFTEN


def _by_phrase(rows: Mapping[str, Result]) -> str:
    first, *_ = rows.values()
    counts = {phrase: [row["by_phrase"][phrase] for row in rows.values()] for phrase in first["by_phrase"]}
    always = [phrase for phrase, found in counts.items() if all(heard == of for heard, of in found)]
    missed = (
        _row(phrase, *(f"{heard} of {of}" for heard, of in found))
        for phrase, found in counts.items()
        if phrase not in always
    )
    return _table(("phrase", *rows), list(missed)) + (f"\n\nAlways heard: {', '.join(always)}." if always else "")


def _by_likeness(rows: Mapping[str, Mapping[str, Result]]) -> str:
    """What a program does that takes a transcript for a command which is so much like it."""
    levels = list(next(iter(rows.values())))
    told = (
        _row(
            name,
            *(f"{_percent(each['recall'])}, {each['confused']}, {each['false_activations']}" for each in row.values()),
        )
        for name, row in rows.items()
    )
    return _table(("heard, taken for another, false", *levels), list(told))


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python -m companion.bench.tables RESULTS.json TABLES.md")
    Path(sys.argv[2]).write_text(tables(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
