"""What was measured, as tables."""

from typing import Any

from companion.bench.tables import tables
from companion.bench.tally import Tally


def result(**more: Any) -> dict[str, Any]:
    return Tally().result() | more


def heard(**phrases: tuple[int, int]) -> dict[str, Any]:
    right, of = (sum(count[k] for count in phrases.values()) for k in (0, 1))
    return result(expected=of, recognised=right, recall=right / of, recall_95=0.5, by_phrase=phrases)


def lines(page: str, start: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith(start)]


def test_what_was_to_be_heard_has_a_row() -> None:
    page = tables({"commands, clean": heard(pauze=(9, 10)) | {"latency_s": {"median": 0.5, "p95": 1.25}}})
    assert lines(page, "| commands, clean") == [
        "| commands, clean | 90.0 % (9 of 10) | 50.0 % | 0 | 0 | 0.50 s | 1.25 s |"
    ]
    assert lines(tables({"none": heard(pauze=(0, 10))}), "| none") == [
        "| none | 0.0 % (0 of 10) | 50.0 % | 0 | 0 | - | - |"
    ]


def test_what_was_to_be_ignored_has_a_row() -> None:
    numbers = {"ignored_clips": 20, "ignore_hours": 0.5, "share_recognised": 0.125, "false_activations": 1}
    bounds = {"false_activations_per_hour_95": 9.49, "false_in_100_ignored_clips_95": 23.7}
    page = tables({"talk": result(**numbers, **bounds, false_by_command={"pause": 1})})
    assert lines(page, "| talk") == ["| talk | 0.50 | 20 | 12.5 % | 1 | 9.5 | 23.7 | pause 1 |"]


def test_phrases_that_were_missed_stand_side_by_side() -> None:
    clean, room = heard(pauze=(9, 10), nee=(10, 10)), heard(pauze=(10, 10), nee=(10, 10))
    page = tables({"commands, clean": clean, "commands, a room": room})
    assert "## commands, phrase by phrase" in page
    assert lines(page, "| pauze") == ["| pauze | 9 of 10 | 10 of 10 |"]
    assert lines(page, "Always heard") == ["Always heard: nee."]


def test_phrases_that_were_hardly_said_do_not() -> None:
    assert "phrase by phrase" not in tables({f"names, {where}": heard(krab=(0, 1)) for where in ("clean", "a room")})
    assert "phrase by phrase" not in tables({"commands, clean": heard(pauze=(9, 10))})


def test_a_note_is_shown() -> None:
    assert lines(tables({"talk": result(note="in two halves")}), "- ") == ["- talk: in two halves."]


def test_the_usual_way_is_shown_from_each_likeness_on() -> None:
    def counted(recall: float | None, confused: int, false: int) -> dict[str, Any]:
        return {"recall": recall, "confused": confused, "false_activations": false}

    said = {"0.8": counted(0.5, 1, 0), "0.4": counted(0.9, 3, 0)}
    talk = {"0.8": counted(None, 0, 0), "0.4": counted(None, 0, 7)}
    page = tables({"naive, commands": result(by_likeness=said), "naive, turns": result(by_likeness=talk)})
    assert lines(page, "| heard, taken") == ["| heard, taken for another, false | 0.8 | 0.4 |"]
    assert lines(page, "| naive") == [
        "| naive, commands | 50.0 %, 1, 0 | 90.0 %, 3, 0 |",
        "| naive, turns | -, 0, 0 | -, 0, 7 |",
    ]
